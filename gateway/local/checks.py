"""Checks: what a gateway's settings put in a call's way, besides what every call meets.

request, after a cache miss   spend limits (429)
answer is whole               its cost is charged

A gateway without such settings has none of these, and its calls pay nothing for them. Where a check
refuses, the call ends: no further step is tried (contract: behaviour, 7).
"""

from dataclasses import dataclass

from gateway.local.logbook import Served, paid
from gateway.local.spend_limits import SpendLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """The checks of one gateway; made anew when its settings change."""

    spend_limits: SpendLimits | None

    @property
    def any(self) -> bool:
        """Whether there is anything to check."""
        return self.spend_limits is not None

    def request(self, served: Served) -> None:
        """Check a request that the cache couldn't answer.

        Raises:
            Refusal: it mustn't reach the provider.
        """
        if self.spend_limits is not None:
            self.spend_limits.check(served.step)

    def charge(self, served: Served) -> None:
        """Count what an answer cost."""
        usd = paid(served)
        if usd and self.spend_limits is not None:
            self.spend_limits.charge(served.step, usd)
