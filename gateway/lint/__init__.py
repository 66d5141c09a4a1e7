"""Traps of a call before it is sent: small rules over a draft, each with what mends it.

check(draft)  ->  Findings: errors first, then warnings, then hints; each with fixes
fix.apply(draft)  ->  another draft, in which the finding is gone

cache        lifetimes and keys that don't do what they say
credentials  what bypasses a stored key, and what leaks one
retries      who waits for whom, and how many calls come of one
logs         metadata, feedback and costs that are lost or counted wrongly
shapes       routes, models and URLs that don't go together
spelling     headers as typed: names nobody knows, values nobody can read
"""

from gateway.draft import Draft
from gateway.lint import cache, credentials, logs, retries, shapes, spelling
from gateway.lint.finding import Finding, Fix, Rule, Severity, found_by

__all__ = ["RULES", "Finding", "Fix", "Rule", "Severity", "check"]

RULES: tuple[Rule, ...] = (
    *credentials.RULES,
    *cache.RULES,
    *retries.RULES,
    *logs.RULES,
    *shapes.RULES,
    *spelling.RULES,
)
"""Every rule. The reference page shows them."""

_ORDER: tuple[Severity, ...] = ("error", "warning", "hint")


def check(draft: Draft) -> tuple[Finding, ...]:
    """Return what all rules find, the worst first."""
    found = [finding for rule in RULES for finding in found_by(rule, draft)]
    return tuple(sorted(found, key=lambda finding: _ORDER.index(finding.severity)))
