"""retry: attempts and waits as plain numbers."""

import pytest

from gateway.local.retry import falls_back, is_retried, timeout_s, wait_s

WAITS = [
    ("constant", [0.5, 0.5, 0.5, 0.5]),
    ("linear", [0.5, 1.0, 1.5, 2.0]),
    ("exponential", [0.5, 1.0, 2.0, 4.0]),
]


@pytest.mark.rule("retry.backoff", "retry.formula")
@pytest.mark.parametrize(("backoff", "waits"), WAITS)
def test_backoff_grows_as_its_name_says(backoff, waits):
    """The third wait tells linear from exponential; the first two don't."""
    assert [wait_s(k, base_s=0.5, backoff=backoff) for k in (1, 2, 3, 4)] == waits


@pytest.mark.rule("retry.delay")
def test_no_wait_is_longer_than_a_minute():
    """The documented limit of a delay holds for the grown wait too."""
    assert wait_s(4, base_s=60, backoff="exponential") == 60.0


@pytest.mark.rule("retry.trigger")
@pytest.mark.parametrize(
    ("status", "retried", "next_step"),
    [
        (200, False, False),
        (400, False, True),
        (401, False, True),
        (404, False, True),
        (408, True, True),
        (429, True, True),
        (500, True, True),
        (503, True, True),
    ],
)
def test_status_decides_about_retry_and_fallback(status, retried, next_step):
    """A caller's mistake isn't worth a second try, but another provider may take it."""
    assert (is_retried(status), falls_back(status)) == (retried, next_step)


@pytest.mark.rule("retry.last_try_unlimited")
@pytest.mark.parametrize(
    ("attempt", "attempts", "patience"), [(1, 1, 2.0), (1, 3, 2.0), (2, 3, 2.0), (3, 3, None)]
)
def test_last_retry_is_waited_for(attempt, attempts, patience):
    """On the final retry the gateway waits as long as it takes; a single try has its timeout."""
    assert timeout_s(attempt, attempts, 2.0) == patience
