"""What is measured, which goal it has, and how both are shown."""

import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

NAMES = 58
"""Characters of a figure's name in the table."""


@dataclass(frozen=True, kw_only=True)
class Goal:
    """What a figure should reach.

    Attributes:
        at_least: Larger is better; otherwise the figure should be at most the bound.
    """

    bound: float
    at_least: bool = False

    def is_met(self, value: float) -> bool:
        """Whether a value reaches it."""
        return value >= self.bound if self.at_least else value <= self.bound

    def __str__(self) -> str:
        return f"at {'least' if self.at_least else 'most'} {self.bound:g}"


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One measured value, with the values of the rounds that it is the median of."""

    section: str
    name: str
    value: float
    unit: str
    rounds: tuple[float, ...] = ()
    goal: Goal | None = None

    @property
    def met(self) -> bool | None:
        """Whether its goal is reached; ``None`` where it has none."""
        return None if self.goal is None else self.goal.is_met(self.value)


def figure(
    section: str, name: str, unit: str, rounds: Sequence[float], goal: Goal | None = None
) -> Figure:
    """Return the median of some rounds."""
    return Figure(
        section=section,
        name=name,
        value=statistics.median(rounds),
        unit=unit,
        rounds=tuple(rounds),
        goal=goal,
    )


def table(figures: Iterable[Figure]) -> Iterator[str]:
    """Yield the figures as lines, section by section."""
    section = None
    for each in figures:
        if each.section != section:
            section = each.section
            yield f"\n{section}"
        spread = (
            f"   rounds {min(each.rounds):,.3f} to {max(each.rounds):,.3f}" if each.rounds else ""
        )
        yield f"  {each.name:<{NAMES}}{each.value:>11,.3f} {each.unit:<6}{spread}"


def verdicts(figures: Iterable[Figure]) -> Iterator[str]:
    """Yield each goal, what was measured, and whether it is met."""
    for each in figures:
        if each.goal is not None:
            yield (
                f"  {each.name:<{NAMES}}{each.goal!s:>15} {each.unit:<6}"
                f"{each.value:>10,.3f}   {'met' if each.met else 'MISSED'}"
            )
