"""ratelimit: the documented example, ten requests at 12:09 and ten at 12:11 with 10 per 10 min."""

import pytest

from gateway.local.ratelimit import RateLimit
from gateway.policy import GatewayPolicy

NOON = 1_764_072_000.0 - 1_764_072_000.0 % 600


def policy(technique, limit=10, interval=600):
    return GatewayPolicy(
        id="g",
        rate_limiting_limit=limit,
        rate_limiting_interval=interval,
        rate_limiting_technique=technique,
    )


@pytest.mark.rule("rate.fixed", "rate.sliding")
@pytest.mark.parametrize(("technique", "second_ten"), [("fixed", 10), ("sliding", 0)])
def test_windows_differ_as_documented(technique, second_ten):
    """Aligned windows let both tens pass, a sliding one refuses the second."""
    limit, rule = RateLimit(), policy(technique)

    first = sum(limit.admits(rule, NOON + 540 + n) for n in range(10))
    second = sum(limit.admits(rule, NOON + 660 + n) for n in range(10))

    assert (first, second) == (10, second_ten)


@pytest.mark.rule("rate.refused_not_counted")
@pytest.mark.parametrize("technique", ["fixed", "sliding"])
def test_the_eleventh_is_refused_until_its_time_has_come(technique):
    """A refused request uses up nothing: the next interval is whole."""
    limit, rule = RateLimit(), policy(technique)

    passed = sum(limit.admits(rule, NOON + n) for n in range(40))
    later = sum(limit.admits(rule, NOON + 1200 + n) for n in range(40))

    assert (passed, later) == (10, 10)


@pytest.mark.rule("rate.sliding")
def test_sliding_frees_places_one_by_one():
    """A place is free again exactly one interval after it was taken."""
    limit, rule = RateLimit(), policy("sliding", limit=2, interval=10)

    admitted = [limit.admits(rule, at) for at in (0.0, 5.0, 9.9, 10.0, 10.1, 15.0)]

    assert admitted == [True, True, False, True, False, True]


@pytest.mark.rule("rate.off")
@pytest.mark.parametrize(("limit", "interval"), [(0, 60), (None, 60), (5, 0), (5, None)])
def test_zero_or_nothing_switches_it_off(limit, interval):
    """A gateway without a limit lets everything pass."""
    rate = RateLimit()

    assert all(rate.admits(policy("fixed", limit, interval), NOON) for _ in range(100))
