"""What a preset is: a question, knobs, a way to draw a plan, predictions, and what it accepts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd

from gateway.errors import BadRequest
from gateway.experiments.plan import Plan, Recipe

Json = Any
Plot = Literal[
    "slope",
    "timeline",
    "law",
    "ttl",
    "bars",
    "paired",
    "heat",
    "rescue",
    "steps",
    "windows",
    "forest",
    "gaps",
    "knee",
    "amortised",
    "herd",
    "storm",
    "plain",
]
Kind = Literal["whole", "number", "share", "numbers", "words", "text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Knob:
    """One setting of a preset.

    Attributes:
        kind: ``share`` is from 0 to 1; ``numbers`` and ``words`` are lists.
        low: Least number accepted, for each of a list; ``None`` is any.
        choices: What may be chosen; empty is anything.
    """

    name: str
    label: str
    default: Json
    kind: Kind = "number"
    low: float | None = None
    high: float | None = None
    unit: str = ""
    choices: tuple[str, ...] = ()
    help: str = ""

    def read(self, value: Json) -> Json:
        """Return a value as the preset takes it.

        Raises:
            BadRequest: it isn't accepted; the sentence says what would be.
        """
        if self.kind in ("numbers", "words"):
            if not isinstance(value, list | tuple) or not value:
                raise BadRequest(f"{self.name} must be a list that isn't empty, not {value!r}")
            return tuple(self._one(each) for each in value)
        return self._one(value)

    def _one(self, value: Json) -> Json:
        if self.kind in ("words", "text"):
            if not isinstance(value, str) or (self.choices and value not in self.choices):
                accepted = f"one of {', '.join(self.choices)}" if self.choices else "text"
                raise BadRequest(f"{self.name} must be {accepted}, not {value!r}")
            return value
        number = isinstance(value, int | float) and not isinstance(value, bool)
        whole = self.kind == "whole"
        low = 0.0 if self.kind == "share" and self.low is None else self.low
        high = 1.0 if self.kind == "share" and self.high is None else self.high
        if (
            not number
            or (whole and value != int(value))
            or (low is not None and value < low)
            or (high is not None and value > high)
        ):
            kind = "a whole number" if whole else "a number"
            bounds = " ".join(
                part
                for part in (
                    f"from {low:g}" if low is not None else "",
                    f"to {high:g}" if high is not None else "",
                )
                if part
            )
            raise BadRequest(f"{self.name} must be {kind} {bounds}".rstrip() + f", not {value!r}")
        return int(value) if whole else float(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """One figure that a formula says beforehand.

    Attributes:
        slice: "all", "HIT", "MISS", "attempts=2", "step=1", "pass=1" ...
        se: Standard error that a run of this size has; 0 for a figure that must be exact.
        formula: Its name in the formula blocks: "C1", "R5" ...
    """

    variant: str
    metric: str
    value: float
    se: float
    formula: str
    slice: str = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that a preset accepts or doesn't, with the figures that decide.

    Attributes:
        ok: ``None`` where the run can't tell, for example because it ended early.
    """

    sentence: str
    ok: bool | None
    expected: str = ""
    measured: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """One experiment of the catalogue.

    Attributes:
        primary: The metric that the question is about, chosen beforehand.
        slices: Columns by which the summary is split besides the variant.
        accept: What must hold of a finished run: plan, requests, attempts.
        local_only: Whether only a local gateway of the run's own can be asked, whatever the plan.
        structured: Knobs that are lists or objects: how each is read, and what it is by default.
        unpredicted: Why nothing is predicted of some variants, by their ids.
    """

    id: str
    title: str
    question: str
    family: Literal["cache", "reliability", "limits", "comparison", "custom", "free"]
    primary: str
    plot: Plot
    knobs: tuple[Knob, ...]
    draw: Callable[[Recipe, Mapping[str, Json]], Plan]
    predict: Callable[[Plan], Sequence[Prediction]]
    accept: Callable[[Plan, pd.DataFrame, pd.DataFrame], Sequence[Finding]]
    version: int = 1
    slices: tuple[str, ...] = ()
    local_only: bool = False
    structured: Mapping[str, tuple[Callable[[Json], Json], Json]] = field(default_factory=dict)
    unpredicted: Callable[[Plan], Mapping[str, str]] = lambda _: {}

    def plan(self, recipe: Recipe) -> Plan:
        """Draw the plan of a recipe.

        Raises:
            BadRequest: a knob is unknown or has a value that can't be; or nothing would be sent.
        """
        return self.draw(recipe, self.settled(recipe))

    def needs_local(self, plan: Plan) -> bool:
        """Whether only a local gateway can be asked: no other makes providers fail on purpose."""
        return self.local_only or any("status=" in (call.fault or "") for call in plan.calls)

    def settled(self, recipe: Recipe) -> dict[str, Json]:
        """Return every knob's value: the recipe's, else the preset's own."""
        known = {knob.name: knob for knob in self.knobs}
        named = (*known, *self.structured)
        if strange := sorted(set(recipe.knobs) - set(named)):
            raise BadRequest(
                f"{self.id} has no knob {strange[0]!r}; it has {', '.join(named) or 'none'}."
            )
        values = {
            name: knob.read(recipe.knobs.get(name, knob.default)) for name, knob in known.items()
        }
        return values | {
            name: read(recipe.knobs.get(name, default))
            for name, (read, default) in self.structured.items()
        }


def exact(sentence: str, measured: object, expected: object) -> Finding:
    """Return a finding that must be met to the letter."""
    return Finding(
        sentence=sentence,
        ok=bool(measured == expected),
        expected=str(expected),
        measured=str(measured),
    )


def within(sentence: str, measured: float, expected: float, tolerance: float) -> Finding:
    """Return a finding that must be met within a tolerance."""
    return Finding(
        sentence=sentence,
        ok=bool(abs(measured - expected) <= tolerance),
        expected=f"{expected:.4g} ± {tolerance:.2g}",
        measured=f"{measured:.4g}",
    )


def asked_of_provider(sentence: str, attempts: pd.Series, expected: int) -> Finding:
    """Return a finding about calls to the provider: unknown where a gateway doesn't tell them."""
    if attempts.isna().any():
        return Finding(sentence=f"{sentence}: not all are known", ok=None, expected=str(expected))
    return exact(sentence, int(attempts.sum()), expected)
