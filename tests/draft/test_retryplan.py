"""retryplan: tries and waits, totals and chances."""

import pytest

from gateway.chat import Step
from gateway.draft import Draft, Pace, retry_plan, timeline, tries
from gateway.headers import Options
from gateway.policy import GatewayPolicy

WAITS = [
    ("constant", [0, 1, 1, 1, 1]),
    ("linear", [0, 1, 2, 3, 4]),
    ("exponential", [0, 1, 2, 4, 8]),
]
CHANCES = [(1, 0.5, 0.5, 1), (3, 0.5, 0.875, 1.75), (2, 0.0, 1.0, 1), (2, 1.0, 0.0, 2)]


def draft(**options):
    """A draft that says this about its retries."""
    return Draft(provider="openai", model="m", options=Options(**options))


@pytest.mark.parametrize(("backoff", "waits"), WAITS)
def test_waits_grow_as_the_backoff_says(backoff, waits):
    """Constant d, linear d*k, exponential d*2^(k-1) (contract: behaviour, 7)."""
    found = tries(draft(max_attempts=5, retry_delay=1000, backoff=backoff))

    assert [one.wait_s for one in found] == waits


def test_no_wait_is_longer_than_a_minute():
    """The cap of the contract."""
    found = tries(draft(max_attempts=5, retry_delay=30_000, backoff="exponential"))

    assert [one.wait_s for one in found] == [0, 30, 60, 60, 60]


def test_gateway_settings_are_the_plan_of_a_silent_request():
    """A gateway that retries does so for everybody."""
    policy = GatewayPolicy(id="g", retry_max_attempts=2, retry_delay=500)

    found = tries(Draft(provider="openai", model="m", policy=policy))

    assert [one.wait_s for one in found] == [0, 0.5]


def test_last_of_several_tries_is_waited_for():
    """A timeout on it has no effect; a single try keeps its own."""
    several = tries(draft(max_attempts=2, request_timeout=3000))
    single = tries(draft(request_timeout=3000))

    assert [one.patience_s for one in several] == [3, None]
    assert [one.patience_s for one in single] == [3]


def test_steps_follow_each_other_without_a_wait():
    """All tries of one step, then the next."""
    found = tries(
        Draft(
            provider="openai",
            model="m",
            route="universal",
            options=Options(max_attempts=2, retry_delay=100),
            steps=(
                Step(provider="openai", model="m"),
                Step(provider="groq", model="n", options=Options(max_attempts=1)),
            ),
        )
    )

    assert [(one.step, one.provider, one.attempt, one.wait_s) for one in found] == [
        (0, "openai", 1, 0),
        (0, "openai", 2, 0.1),
        (1, "groq", 1, 0),
    ]


@pytest.mark.parametrize(("attempts", "rate", "success", "expected"), CHANCES)
def test_chance_of_success(attempts, rate, success, expected):
    """1 - p^n, and 1 + p + p^2 ... tries on average."""
    plan = retry_plan(draft(max_attempts=attempts), Pace(failure_rate=rate))

    assert plan.success == pytest.approx(success)
    assert plan.expected_tries == pytest.approx(expected)


def test_best_and_worst_case():
    """Two tries of 3 s each are cut off; the last one takes as long as it takes."""
    plan = retry_plan(
        draft(max_attempts=3, retry_delay=1000, request_timeout=3000),
        Pace(answer_s=1, slowest_s=20),
    )

    assert plan.best_s == 1
    assert plan.worst_s == 3 + 1 + 3 + 1 + 20
    assert plan.endless


def test_timeout_below_the_answer_leaves_only_the_last_try():
    """A patience that no answer meets makes every try but the last a loss of time."""
    plan = retry_plan(
        draft(max_attempts=3, request_timeout=500), Pace(answer_s=2, failure_rate=0.1)
    )

    assert plan.best_s == 0.5 + 0.5 + 2
    assert plan.success == pytest.approx(0.9)
    assert plan.expected_tries == 3


def test_no_try_that_can_answer_has_no_best_case():
    """One try, cut off before an answer can be there."""
    plan = retry_plan(draft(request_timeout=500), Pace(answer_s=2))

    assert plan.best_s is None
    assert plan.success == 0
    assert not plan.endless


def test_usual_timeline_fails_and_recovers():
    """The picture that explains a retry policy: error, wait, answer."""
    plan = retry_plan(draft(max_attempts=2, retry_delay=1000), Pace(answer_s=2, failure_s=0.5))

    assert [(bar.kind, bar.start_s, bar.end_s, bar.outcome) for bar in plan.usual] == [
        ("try", 0, 0.5, "failed"),
        ("wait", 0.5, 1.5, None),
        ("try", 1.5, 3.5, "ok"),
    ]


def test_timeline_ends_with_the_first_success():
    """Tries after an answer don't happen."""
    found = timeline(tries(draft(max_attempts=5)), [(1.0, "ok"), (1.0, "ok")])

    assert len(found) == 1


@pytest.mark.parametrize("values", [{"answer_s": -1}, {"failure_rate": 1.5}])
def test_impossible_assumption_is_refused(values):
    """A chance of 150 % would draw nonsense."""
    with pytest.raises(ValueError, match="must be"):
        Pace(**values)
