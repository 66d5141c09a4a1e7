"""The ledger: what buckets of spending hold in their current window, and in the one before.

    start_s            start_s + length_s
    |  spent ...       |                      the window before has its own sum, ``before``

Kept in the store, so that a restart forgives nobody. Amounts are US dollars.
"""

from dataclasses import dataclass

from gateway.local.store import Store

KEPT = 20_000
"""Buckets from which on those whose windows are over are dropped."""


@dataclass(frozen=True, slots=True)
class Total:
    """What one bucket holds. Times are emulated seconds since the epoch.

    Attributes:
        before: What the window directly before held.
        until_s: From then on neither sum means anything.
    """

    start_s: float
    spent: float
    before: float
    until_s: float


class Ledger:
    """All buckets of one gateway process, by gateway and name."""

    def __init__(self, store: Store, now: float) -> None:
        self._store = store
        self._totals = {
            (gateway, bucket): Total(*sums) for gateway, bucket, *sums in store.totals(now)
        }

    def read(self, gateway: str, bucket: str, *, start_s: float, length_s: float) -> Total:
        """Return what a bucket holds in the window that begins at ``start_s``."""
        total = self._totals.get((gateway, bucket))
        until_s = start_s + 2 * length_s
        if total is None:
            return Total(start_s, 0.0, 0.0, until_s)
        if start_s <= total.start_s:
            # A clock that went back, or a window that became longer, forgives nothing.
            return Total(start_s, total.spent, total.before, until_s)
        before = total.spent if start_s == total.start_s + length_s else 0.0
        return Total(start_s, 0.0, before, until_s)

    def add(
        self, gateway: str, bucket: str, usd: float, *, start_s: float, length_s: float
    ) -> None:
        """Add what an answer cost to a bucket."""
        total = self.read(gateway, bucket, start_s=start_s, length_s=length_s)
        total = Total(start_s, total.spent + usd, total.before, total.until_s)
        if len(self._totals) >= KEPT:
            self._totals = {
                key: each for key, each in self._totals.items() if each.until_s > start_s
            }
        self._totals[gateway, bucket] = total
        self._store.put_total(
            gateway, bucket, (total.start_s, total.spent, total.before, total.until_s)
        )

    def forget_gateway(self, gateway: str) -> None:
        """Forget the buckets of a gateway; the store forgets them with the gateway."""
        self._totals = {key: total for key, total in self._totals.items() if key[0] != gateway}
