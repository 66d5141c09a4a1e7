"""The draft itself: everything that decides what a call will do, without its secrets."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from gateway.chat import Route, Step, Transport
from gateway.headers import BY_NAME, TABLE, Header, Options
from gateway.policy import GatewayPolicy
from gateway.providers import KEY_HEADERS, provider_of

Pair = tuple[str, str]

TOKEN = "cf-aig-authorization"
AUTO_MODEL = "cloudflare/auto"
DYNAMIC = "dynamic/"
"""What a model of the unified API begins with that names a dynamic route."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """Which credentials there are. Never the credentials themselves.

    Attributes:
        token: The gateway's token travels along: as ``cf-aig-authorization``, on REST as
            ``Authorization``.
        own: Providers whose key our client sends.
        stored: Provider -> aliases of its keys stored in the gateway; ``None`` where we can't know.
        credits: Whether Unified Billing has credits; ``None`` where we can't know.
    """

    token: bool = False
    own: frozenset[str] = frozenset()
    stored: Mapping[str, frozenset[str]] | None = field(default=None, hash=False)
    credits: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One call before it is sent, at three levels: ``policy``, ``options``, ``steps``.

    Attributes:
        model: As its provider calls it; on the unified API also ``dynamic/{route}`` and
            ``cloudflare/auto``.
        stream: Whether the answer shall arrive piece by piece.
        prompt: Text of the question; only looked at for what isn't fit for a cache key.
        options: What the request's headers say, as far as it is valid.
        steps: Fallback list of the universal route; empty means one step, the draft's own.
        raw: Every other header as typed or pasted: unknown, misspelt, deprecated, refused, keys.
        url: Where it goes, as typed or pasted; ``None`` for the one that we write ourselves.
        policy: What the gateway is configured to do.
        client_timeout_s: After how long the caller's own client gives up; ``None`` means never.
        client_retries: How often the caller's SDK asks again by itself.
        rated: Whether the answer is to be rated in the gateway's log.
    """

    provider: str
    model: str
    route: Route = "native"
    transport: Transport = "http"
    stream: bool = False
    prompt: str = field(default="", repr=False)
    options: Options = Options()
    steps: tuple[Step, ...] = ()
    raw: tuple[Pair, ...] = field(default=(), repr=False)
    url: str | None = field(default=None, repr=False)
    policy: GatewayPolicy = GatewayPolicy(id="default")
    keys: Keys = Keys()
    client_timeout_s: float | None = None
    client_retries: int = 0
    rated: bool = False

    @property
    def all_steps(self) -> tuple[Step, ...]:
        """What is tried in order, never empty. Only the universal route has options per step."""
        alone = Step(provider=self.provider, model=self.model)
        return self.steps or (alone,) if self.route == "universal" else (alone,)

    def header(self, name: str) -> str | None:
        """Return the value of a raw header by name, in any case."""
        wanted = name.lower()
        return next((value for key, value in self.raw if key.lower() == wanted), None)

    def stating(self, *, step: int | None = None, **values: Any) -> Self:
        """Return this draft with other request headers; ``None`` takes one away.

        Args:
            step: Index of the universal step that shall say it instead of the request.

        Raises:
            HeaderError: a value is outside what its header accepts.
        """
        if step is None:
            return replace(self, options=replace(self.options, **values))
        here = self.steps[step]
        here = replace(here, options=replace(here.options, **values))
        return replace(self, steps=(*self.steps[:step], here, *self.steps[step + 1 :]))

    def silent(self, *fields: str) -> Self:
        """Return this draft without these options, wherever above the gateway they are stated."""
        names = {row.name.lower() for row in TABLE if _field(row) in fields}
        nothing = dict.fromkeys(fields)
        return replace(
            self.without(*names),
            options=replace(self.options, **nothing),
            steps=tuple(
                replace(step, options=replace(step.options, **nothing)) for step in self.steps
            ),
        )

    def without(self, *names: str) -> Self:
        """Return this draft without raw headers of these names, in any case."""
        gone = {name.lower() for name in names}
        return replace(self, raw=tuple(pair for pair in self.raw if pair[0].lower() not in gone))

    def headers_at(self, index: int) -> dict[str, str]:
        """Return what a gateway gets for one step, names in lower case; keys only as their place.

        On the universal route a step has its own headers, of which the raw ones are no part.
        """
        step = self.all_steps[index]
        headers = {name.lower(): value for name, value in self.raw}
        if self.route == "universal":
            headers = {name: value for name, value in headers.items() if name not in KEY_HEADERS}
        row = provider_of(step.provider)
        if row is not None and step.provider in self.keys.own and self.route != "rest":
            name, value = row.auth(PLACE) if self.route != "compat" else ("authorization", PLACE)
            headers.setdefault(name.lower(), value)
        if self.route == "rest":
            headers = {name: value for name, value in headers.items() if name not in KEY_HEADERS}
        return headers


def _field(row: Header) -> str | None:
    """Return the option that a header states, by its old name too."""
    return row.field or (BY_NAME[row.replaced_by].field if row.replaced_by else None)


PLACE = "present"
"""Stands where a key is: what a gateway does depends on its being there, not on its letters."""
