"""A local gateway with one mistake planted in it: ``planted.py MISTAKE -m gateway.local ...``."""

import runpy
import sys
from dataclasses import replace

from gateway.local import cache, ratelimit, reading, retry


def refresh():
    """Each hit starts an entry's life anew."""
    honest = cache.Cache.get

    def get(self, scope, key, now):
        entry = honest(self, scope, key, now)
        if entry is not None:
            life = entry.expires_at - entry.stored_at
            self.put(replace(entry, stored_at=now, expires_at=now + life))
        return entry

    cache.Cache.get = get


def one_more():
    """n attempts are n retries after the first try."""
    honest = reading.Settled.__init__

    def more(self, *args, **values):
        honest(self, *args, **values)
        if self.attempts > 1:
            object.__setattr__(self, "attempts", self.attempts + 1)

    reading.Settled.__init__ = more


def linear():
    """Exponential backoff waits as linear backoff does."""
    honest = retry.wait_s

    def wait_s(number, *, base_s, backoff):
        return honest(
            number, base_s=base_s, backoff="linear" if backoff == "exponential" else backoff
        )

    retry.wait_s = wait_s


def timed():
    """The last try is timed like the others."""
    retry.timeout_s = lambda attempt, attempts, timeout: timeout


def two_counters():
    """A sliding window weighs the one before by its overlap."""

    def slides(self, limit, interval, now):
        window = int(now // interval)
        if window != self._window:
            before = self._count if window == self._window + 1 else 0
            self._window, self._count, self._before = window, 0, before
        weight = getattr(self, "_before", 0) * (1 - now % interval / interval) + self._count
        if weight >= limit:
            return False
        self._count += 1
        return True

    ratelimit.RateLimit._slides = slides


def cached_stream():
    """Streamed answers are stored and given again like others."""
    honest = cache.is_cacheable
    cache.is_cacheable = lambda *args, **values: honest(*args, **{**values, "streamed": False})


if __name__ == "__main__":
    globals()[sys.argv[1]]()
    sys.argv = sys.argv[3:]  # the module's name comes first, as it does for -m
    runpy.run_module("gateway.local", run_name="__main__", alter_sys=True)
