"""Data loss prevention: requests and answers that hold what a profile looks for (contract: 11).

request   after a cache miss, before the provider is asked
answer    whole, before it goes on: a stream is collected first

What is found is told in the header ``cf-aig-dlp`` and in the log's row, whether it is flagged or
blocked. ASSUMPTIONS: the older form of the setting checks both ways, its policy is called
``default``; providers' errors aren't looked through.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import orjson

from gateway.local.logbook import Served
from gateway.local.profiles import Profile, profile_of
from gateway.local.refusals import Refusal

Json = Any
Check = Literal["REQUEST", "RESPONSE"]
CODES: dict[Check, int] = {"REQUEST": 2029, "RESPONSE": 2030}
HEADER = b"cf-aig-dlp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What is done about data of some profiles, on the way there, on the way back, or both."""

    id: str
    action: str
    checks: frozenset[str]
    profiles: tuple[Profile, ...]


class DLP:
    """The policies of one gateway that are in force."""

    def __init__(self, policies: Sequence[Policy]) -> None:
        self._policies = tuple(policies)

    def checks(self, check: Check) -> bool:
        """Whether any policy looks through requests, or through answers."""
        return any(check in policy.checks for policy in self._policies)

    def check(self, check: Check, texts: Iterable[str], served: Served) -> None:
        """Look through the texts of a body; what is found is noted for the caller and the log.

        Raises:
            Refusal: a policy blocks it (2029, 2030).
        """
        findings, blocks = self._found(check, list(texts))
        if not findings:
            return
        served.dlp_profiles = [*(served.dlp_profiles or ()), *findings]
        served.dlp_action = "BLOCK" if blocks else "FLAG"
        told = {"findings": served.dlp_profiles, "action": served.dlp_action}
        header = (HEADER, orjson.dumps(told))
        served.added = [pair for pair in served.added if pair[0] != HEADER] + [header]
        if blocks:
            raise Refusal(CODES[check], headers=(header,))

    def _found(self, check: Check, texts: Sequence[str]) -> tuple[list[Json], bool]:
        """Return the findings, one for each profile, and whether a policy blocks one of them."""
        policies = [policy for policy in self._policies if check in policy.checks]
        profiles = {profile.id: profile for policy in policies for profile in policy.profiles}
        findings: list[Json] = []
        blocks = False
        for profile in profiles.values():
            entries = [
                entry.id for entry in profile.entries if any(entry.is_in(text) for text in texts)
            ]
            if not entries:
                continue
            meant = [policy for policy in policies if profile in policy.profiles]
            blocks = blocks or any(policy.action == "BLOCK" for policy in meant)
            findings.append(
                {
                    "profile": {"context": {}, "entry_ids": entries, "profile_id": profile.id},
                    "policy_ids": [policy.id for policy in meant],
                    "check": check,
                }
            )
        return findings, blocks


def dlp_of(settings: Json) -> DLP | None:
    """Return what the setting ``dlp`` asks for; ``None`` where it asks for nothing."""
    if not settings or not settings["enabled"]:
        return None
    rows = settings.get("policies")
    if rows is None:
        rows = [{**settings, "id": "default", "check": ["REQUEST", "RESPONSE"]}]
    policies = []
    for row in rows:
        profiles = tuple(found for name in row["profiles"] if (found := profile_of(name)))
        if row["enabled"] and row["check"] and profiles:
            checks = frozenset(row["check"])
            policies.append(
                Policy(id=row["id"], action=row["action"], checks=checks, profiles=profiles)
            )
    return DLP(policies) if policies else None
