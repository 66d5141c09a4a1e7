"""Attempts and waits as plain numbers (contract: behaviour, 7)."""

LONGEST_WAIT_S = 60.0
RETRIED = frozenset({408, 429})


def wait_s(retry: int, *, base_s: float, backoff: str) -> float:
    """Return the wait before the ``retry``-th retry, from 1, in emulated seconds.

    ASSUMPTION (the formula is not documented): constant d, linear d*k, exponential d*2^(k-1);
    each at most 60 s; no jitter.
    """
    factor = {"linear": retry, "exponential": 1 << (retry - 1)}.get(backoff, 1)
    return min(base_s * factor, LONGEST_WAIT_S)


def is_retried(status: int) -> bool:
    """Whether an answer with this status is tried again (ASSUMPTION: 408, 429 and 5xx)."""
    return status in RETRIED or status >= 500


def falls_back(status: int) -> bool:
    """Whether the next step is asked after this answer: after any error."""
    return status >= 400


def timeout_s(attempt: int, attempts: int, timeout: float | None) -> float | None:
    """Return the patience of one attempt; the last retry is waited for however long it takes."""
    return None if attempts > 1 and attempt == attempts else timeout
