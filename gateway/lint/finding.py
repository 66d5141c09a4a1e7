"""What a rule says: where, how bad, why, where that is written, and what would mend it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from gateway.draft import Draft
from gateway.sources import Link, links

Severity = Literal["error", "warning", "hint"]
"""error: it won't work or leaks. warning: it does something else than it says. hint: mind this."""


@dataclass(frozen=True, slots=True)
class Fix:
    """One click.

    Attributes:
        label: What it does, as a button says it.
        apply: The mended draft from the draft.
    """

    label: str
    apply: Callable[[Draft], Draft] = field(compare=False)


@dataclass(frozen=True, slots=True)
class Trouble:
    """What a rule found.

    Attributes:
        place: Where to look: a field of ``Options`` or of ``Draft``, or the name of a raw header.
        sentence: What is wrong, and why. Holds no value of a header that may be a secret.
        fixes: At least one, the safest first.
    """

    place: str
    sentence: str
    fixes: tuple[Fix, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule.

    Attributes:
        source: Where its fact is written, as in the data tables.
    """

    id: str
    severity: Severity
    source: str
    check: Callable[[Draft], Iterator[Trouble]]

    @property
    def summary(self) -> str:
        """What it is about, in one sentence: the one that its check begins with."""
        return (self.check.__doc__ or self.id).strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One trouble with the rule that found it."""

    rule: str
    severity: Severity
    place: str
    sentence: str
    fixes: tuple[Fix, ...]
    sources: tuple[Link, ...]


def drop_raw(name: str) -> Fix:
    """Return the fix that takes a raw header away."""
    return Fix(f"Drop {name}", lambda draft: draft.without(name))


def drop(label: str, *fields: str) -> Fix:
    """Return the fix that takes options away, wherever above the gateway they are stated."""
    return Fix(label, lambda draft: draft.silent(*fields))


def found_by(rule: Rule, draft: Draft) -> Iterator[Finding]:
    """Yield what one rule finds."""
    for trouble in rule.check(draft):
        yield Finding(
            rule=rule.id,
            severity=rule.severity,
            place=trouble.place,
            sentence=trouble.sentence,
            fixes=trouble.fixes,
            sources=links(rule.source),
        )
