"""The gateway's rate limit: N requests per interval, in fixed or sliding windows.

fixed    windows aligned to the clock: ten at 12:09 and ten at 12:11 all pass 10 per 10 minutes
sliding  at most N in the last interval: the second ten are refused

Rejected requests use up nothing (ASSUMPTION: not documented).
"""

from collections import deque

from gateway.policy import GatewayPolicy


class RateLimit:
    """What one gateway has let through lately. Times are emulated seconds."""

    def __init__(self) -> None:
        self._window = -1
        self._count = 0
        self._passed: deque[float] = deque()

    def admits(self, policy: GatewayPolicy, now: float) -> bool:
        """Count one request and say whether it may pass."""
        limit, interval = policy.rate_limiting_limit, policy.rate_limiting_interval
        if not limit or not interval:
            return True
        if policy.rate_limiting_technique == "sliding":
            return self._slides(limit, interval, now)
        window = int(now // interval)
        if window != self._window:
            self._window, self._count = window, 0
        if self._count >= limit:
            return False
        self._count += 1
        return True

    def _slides(self, limit: int, interval: int, now: float) -> bool:
        while self._passed and self._passed[0] <= now - interval:
            self._passed.popleft()
        if len(self._passed) >= limit:
            return False
        self._passed.append(now)
        return True
