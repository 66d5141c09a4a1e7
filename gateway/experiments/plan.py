"""A plan: every request of an experiment, drawn before the first one is sent.

    Recipe    which preset, with which knobs and seed: the small file that people share
    Outline   what a recipe comes to, without its calls: gateways and variants
    Plan      an outline, and the calls in order
    Variant   who is asked, and how
    Call      one request: when, what, by which variant, with which fault

The same recipe gives the same plan on any machine: whoever has the recipe can run it again.
"""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Literal, Self

from gateway.chat import Chat, Route, Step, Transport, say
from gateway.errors import BadRequest
from gateway.experiments import objectives
from gateway.headers import Options

Json = Any
Phase = Literal["warmup", "measure", "cooldown", "probe"]
MAIN = "main"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What a plan is drawn from.

    Attributes:
        knobs: The preset's settings that differ from its own; see ``Preset.knobs``.
        cap_usd: What the run may cost; it stops there. ``None`` sets no cap.
        cap_calls: After how many requests it stops; ``None`` sets no cap.
        title: What its runs are called; empty is the preset's own.
        objectives: How fast an answer must be to count as good; see ``objectives``.
    """

    preset: str
    version: int = 1
    seed: int = 1
    provider: str = "openai"
    model: str = "gpt-5.4-mini"
    knobs: Mapping[str, Json] = field(default_factory=dict)
    cap_usd: float | None = 1.0
    cap_calls: int | None = None
    title: str = ""
    notes: str = ""
    objectives: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, wrong, rule in (
            ("preset", not self.preset, "must name a preset"),
            ("version", not _whole(self.version, 1), "must be a whole number from 1"),
            ("seed", not _whole(self.seed, 0), "must be a whole number from 0"),
            ("knobs", not isinstance(self.knobs, Mapping), "must be an object"),
            ("objectives", not isinstance(self.objectives, Mapping), "must be an object"),
            (
                "cap_usd",
                self.cap_usd is not None
                and (not isinstance(self.cap_usd, int | float) or not self.cap_usd > 0),
                "must be above 0, or absent for no cap",
            ),
            (
                "cap_calls",
                self.cap_calls is not None and not _whole(self.cap_calls, 1),
                "must be at least 1 request, or absent for no cap",
            ),
        ):
            if wrong:
                raise BadRequest(f"{name} {rule}, not {getattr(self, name)!r}")
        objectives.check(self.objectives)

    def to_json(self) -> dict[str, Json]:
        """Spell the recipe as its file holds it."""
        stated = {name: value for name, value in asdict(self).items() if value is not None}
        return {
            name: value
            for name, value in stated.items()
            if value or name not in ("title", "objectives")
        }

    @classmethod
    def from_json(cls, document: Json) -> Self:
        """Read a recipe; a cap that isn't there is no cap.

        Raises:
            BadRequest: a member is missing, unknown or of another kind.
        """
        if not isinstance(document, dict):
            raise BadRequest("A recipe is an object with the member 'preset'.")
        known = {row.name: row.type for row in fields(cls)}
        if unknown := sorted(set(document) - set(known)):
            raise BadRequest(f"A recipe has no member {unknown[0]!r}; it has {', '.join(known)}.")
        if not isinstance(document.get("preset"), str):
            raise BadRequest("A recipe needs the member 'preset', for example \"E01\".")
        for name in ("provider", "model", "title", "notes"):
            if not isinstance(document.get(name, ""), str):
                raise BadRequest(f"{name} must be text, not {document[name]!r}")
        return cls(**{"cap_usd": None, **document})

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read a recipe's file, JSON or TOML.

        Raises:
            BadRequest: it is neither, or no recipe; the sentence names the place.
        """
        try:
            document = json.loads(text) if text.lstrip()[:1] == "{" else tomllib.loads(text)
        except (ValueError, RecursionError) as error:
            raise BadRequest(f"The plan can't be read: {error}") from error
        return cls.from_json(document)


def _whole(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """Who is asked, and how. Calls of one variant differ only in what they ask.

    Attributes:
        factors: What this variant stands for: {"ttl_s": 60}; the columns of its tables.
        gateway: Which of the plan's gateways it asks: variants on one share its cache.
        max_tokens: Bound of every answer; ``None`` leaves it to the provider.
        concurrency: Requests of a closed loop under way at once; calls with ``at_s`` ignore it.
        fresh_connection: Whether each call opens a connection of its own.
    """

    id: str
    label: str
    provider: str
    model: str
    factors: Mapping[str, Json] = field(default_factory=dict)
    options: Options = Options()
    route: Route = "native"
    transport: Transport = "http"
    stream: bool = False
    steps: tuple[Step, ...] = ()
    gateway: str = MAIN
    max_tokens: int | None = 64
    concurrency: int = 1
    fresh_connection: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One planned request.

    Attributes:
        at_s: Intended start, in emulated seconds since the run's start; ``None`` in a closed loop.
        key_id: What we believe to be its key in the gateway's cache; calls with one key can hit.
        key: Value of ``cf-aig-cache-key``, where this call has one of its own.
        user: Number of the provider key that it is sent with; 0 is the usual one.
        fault: What shall go wrong, one word for each attempt (``x-local-fault``); local only.
    """

    seq: int
    variant: str
    prompt: str
    prompt_id: str
    at_s: float | None = None
    key_id: str = ""
    intent_id: str = ""
    wording_id: str = ""
    key: str | None = None
    user: int = 0
    fault: str | None = None
    rep: int = 0
    block: int = 0
    phase: Phase = "measure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happens to the providers while a plan runs; on the local gateway only.

    Attributes:
        rule: A fault rule as ``/_local/faults`` takes it; ``None`` ends all rules.
    """

    at_s: float
    rule: Mapping[str, Json] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A plan without its requests: all that a reader of its results needs, however many there were.

    Attributes:
        gateways: Name -> settings (of the management API) of each gateway that is made for the
            run on the local gateway; a hosted one is used as it is.
        time_scale: Emulated seconds per real one, on the local gateway; a hosted one has 1.
        pace: How the simulated providers wait: "natural", "instant" (only where a fault says so).
    """

    recipe: Recipe
    title: str
    question: str
    primary: str
    variants: tuple[Variant, ...]
    gateways: Mapping[str, Mapping[str, Json]] = field(default_factory=lambda: {MAIN: {}})
    time_scale: float = 1.0
    pace: Literal["natural", "instant"] = "natural"

    def variant(self, id: str) -> Variant:
        """Return a variant by its id."""
        return next(variant for variant in self.variants if variant.id == id)

    def to_json(self) -> dict[str, Json]:
        """Spell the outline without its recipe, which is kept beside it."""
        return {row.name: getattr(self, row.name) for row in fields(Outline)} | {
            "recipe": None,
            "variants": [asdict(variant) for variant in self.variants],
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Json], recipe: Recipe) -> "Outline":
        """Read an outline.

        Raises:
            BadRequest: it was written by another version.
        """
        try:
            variants = tuple(_variant(one) for one in document["variants"])
            return Outline(**{**document, "recipe": recipe, "variants": variants})
        except (TypeError, KeyError, ValueError) as error:
            raise BadRequest("This outline is of another version of this app.") from error


def _variant(document: Mapping[str, Json]) -> Variant:
    steps = tuple(
        Step(**{**step, "options": Options(**step["options"])}) for step in document["steps"]
    )
    return Variant(**{**document, "options": Options(**document["options"]), "steps": steps})


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan(Outline):
    """What a recipe comes to.

    Attributes:
        events: What happens besides, on each variant's own clock.
        align_s: Each variant begins at a multiple of this on the gateway's clock; ``None`` at once.
        sequential_variants: Whether one variant ends before the next one begins.
    """

    calls: tuple[Call, ...]
    events: tuple[Event, ...] = ()
    align_s: float | None = None
    sequential_variants: bool = True

    def __post_init__(self) -> None:
        known = {variant.id for variant in self.variants}
        if len(known) != len(self.variants):
            raise BadRequest("Two variants of a plan have the same id.")
        if not self.calls:
            raise BadRequest("This plan has no request: raise its numbers.")
        used = {call.variant for call in self.calls}
        if strange := sorted(used - known):
            raise BadRequest(f"A request belongs to {strange[0]!r}, which isn't a variant.")
        if idle := sorted(known - used):
            raise BadRequest(
                f"The plan has more variants than requests: nothing is sent for {idle[0]!r}."
            )
        if self.time_scale <= 0:
            raise BadRequest("The time scale must be above 0.")

    @property
    def digest(self) -> str:
        """SHA-256 of the calls: two runs with one digest sent the same at the same times."""
        rows = [(c.seq, c.variant, c.at_s, c.prompt, c.key, c.user, c.fault) for c in self.calls]
        return hashlib.sha256(json.dumps(rows).encode()).hexdigest()

    @property
    def groups(self) -> dict[str, tuple[Call, ...]]:
        """Calls that begin together: of each variant by its id, or all of them under ""."""
        found: dict[str, list[Call]] = {}
        for call in self.calls:
            found.setdefault(call.variant if self.sequential_variants else "", []).append(call)
        return {name: tuple(calls) for name, calls in found.items()}

    @property
    def load(self) -> int | None:
        """Requests at once that show what a generator of this plan can do, at least 8.

        ``None`` where one request follows the other: that is no load.
        """
        most = max(variant.concurrency for variant in self.variants)
        timed = any(call.at_s is not None for call in self.calls)
        return max(most, 8) if timed or most > 1 else None

    @property
    def duration_s(self) -> float | None:
        """Emulated seconds until the last intended start; ``None`` for a closed loop."""
        starts = [call.at_s for call in self.calls]
        if any(at is None for at in starts):
            return None
        spans: dict[str, float] = {}
        for call in self.calls:
            name = call.variant if self.sequential_variants else ""
            spans[name] = max(spans.get(name, 0.0), call.at_s or 0.0)
        return sum(spans.values())


def question(variant: Variant, call: Call) -> tuple[Chat, Options]:
    """Return what a call asks, and the headers that travel with it."""
    chat = Chat(
        provider=variant.provider,
        model=variant.model,
        messages=say(call.prompt),
        route=variant.route,
        transport=variant.transport,
        stream=variant.stream,
        max_tokens=variant.max_tokens,
        steps=variant.steps,
    )
    return chat, replace(variant.options, cache_key=call.key) if call.key else variant.options
