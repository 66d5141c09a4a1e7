"""The same probes asked of a real gateway: what is seen there beside what the local one shows.

A real gateway may differ, so nothing fails here: differences are listed.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
from websockets.exceptions import InvalidStatus, WebSocketException

from tests.conformance.probe import Probe
from tests.conformance.target import Target, Unobservable

Json = Any
RATE = ("rate_limiting_limit", "rate_limiting_interval")
CALLS_PER_S = 5.0
"""About what one probe after the other comes to."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What one probe saw on a real gateway.

    Attributes:
        answer: What was seen; with ``reason`` it means nothing.
        reason: Why nothing could be seen; empty where something was.
    """

    probe: Probe
    answer: Json = None
    reason: str = ""

    @property
    def same(self) -> bool:
        """Whether the local gateway shows the same."""
        return not self.reason and self.answer == self.probe.expected


def caution(target: Target) -> str:
    """Return what in a gateway's settings may get in the way of probes; empty where nothing does.

    A few probes ask several times, so that a narrow rate limit would be seen in place of rules.
    """
    try:
        limit, interval_s = (target.settings.get(name) for name in RATE)
    except (Unobservable, httpx.HTTPError):
        return ""
    if not limit or not interval_s or limit / interval_s > CALLS_PER_S:
        return ""
    return (
        f"Its rate limit, {limit} requests in {interval_s} s, may refuse some of them (429, 2003)."
    )


def look(target: Target, probes: Iterable[Probe]) -> Iterator[Seen]:
    """Ask probe after probe; yield what each saw."""
    for probe in probes:
        try:
            yield Seen(probe, probe.see(target))
        except Unobservable as error:
            yield Seen(probe, reason=str(error))
        except InvalidStatus as error:
            yield Seen(probe, answer=f"handshake refused: {error.response.status_code}")
        except (httpx.HTTPError, WebSocketException, OSError) as error:
            yield Seen(probe, reason=f"no answer: {type(error).__name__}")
        except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
            # The answer hasn't the shape that the probe looks into: that is a difference too.
            yield Seen(probe, answer=f"another shape: {type(error).__name__}")


def report(seen: Sequence[Seen]) -> str:
    """Return the differences as a table, what couldn't be seen, and a sentence with the counts."""
    same = [each for each in seen if each.same]
    unseen = [each for each in seen if each.reason]
    different = [each for each in seen if not each.same and not each.reason]
    lines = []
    if different:
        lines += ["| rule | probe | expected (local) | seen (live) |", "|---|---|---|---|"]
        lines += [
            f"| {', '.join(each.probe.rules)} | {each.probe.name} "
            f"| {json.dumps(each.probe.expected)} | {json.dumps(each.answer)} |"
            for each in different
        ]
        lines.append("")
    lines += [f"Not seen: {each.probe.name}: {each.reason}" for each in unseen]
    lines.append(
        f"{len(seen)} probes: {len(same)} the same, {len(different)} different, "
        f"{len(unseen)} not seen."
    )
    return "\n".join(lines)
