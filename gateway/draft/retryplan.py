"""The retry plan: every try that a call may make, with its wait and its patience.

    step 0   try 1 ▆▆▆ failed   wait   try 2 ▆▆▆ failed
    step 1                                               try 1 ▆▆▆▆▆ ok

The numbers are those of the local gateway's own retry stage, so that a drawn plan and a journal
are the same picture. All times are seconds from the moment the call reaches the gateway.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from gateway.draft.draft import Draft
from gateway.draft.effective import settled
from gateway.local import retry

Outcome = Literal["ok", "failed", "timed out"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One try of the plan.

    Attributes:
        step: Index of the step, from 0.
        attempt: Number within the step, from 1.
        wait_s: What the gateway waits before it, after the try before has ended.
        patience_s: How long the gateway waits for the first part of the answer; ``None`` means for
            ever, as on the last of several tries.
    """

    step: int
    provider: str
    model: str
    attempt: int
    wait_s: float
    patience_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """What is assumed of the providers.

    Attributes:
        answer_s: How long a good answer takes to begin.
        failure_s: How long an error takes to come.
        slowest_s: How long a hanging try takes that nothing cuts off.
        failure_rate: Chance of each try to fail, from 0 to 1, independent of the others.
    """

    answer_s: float = 1.0
    failure_s: float = 0.2
    slowest_s: float = 60.0
    failure_rate: float = 0.05

    def __post_init__(self) -> None:
        if min(self.answer_s, self.failure_s, self.slowest_s) < 0:
            raise ValueError("times must be 0 seconds or more")
        if not 0 <= self.failure_rate <= 1:
            raise ValueError("failure_rate must be from 0 to 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar of the timeline: a try, or the wait before one."""

    kind: Literal["try", "wait"]
    step: int
    provider: str
    attempt: int
    start_s: float
    end_s: float
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPlan:
    """What a draft's retry policy comes to.

    Attributes:
        best_s: Until the first part of the answer, where the first try that can succeed does;
            ``None`` where every try is cut off before an answer takes that long.
        worst_s: Until the last try is given up, where each lasts as long as it may.
        endless: Nothing cuts off the last try: ``worst_s`` holds only as far as ``slowest_s`` does.
        success: Chance that one of the tries answers: 1 - p^n, for n tries that are patient enough
            for an answer and each of which fails with p, independent of the others.
        expected_tries: How many upstream calls one request makes on average.
        worst: The timeline of ``worst_s``.
        usual: The timeline where the first half of the tries, rounded down, fails with an error.
    """

    tries: tuple[Try, ...]
    best_s: float | None
    worst_s: float
    endless: bool
    success: float
    expected_tries: float
    worst: tuple[Bar, ...]
    usual: tuple[Bar, ...]


def tries(draft: Draft) -> tuple[Try, ...]:
    """Return every try that a call may make, in order: all attempts of a step, then the next."""
    found = []
    for index, step in enumerate(draft.all_steps):
        held = settled(draft, index)
        for attempt in range(1, held.attempts + 1):
            wait_s = 0.0
            if attempt > 1:
                wait_s = retry.wait_s(attempt - 1, base_s=held.delay_s, backoff=held.backoff)
            found.append(
                Try(
                    step=index,
                    provider=step.provider,
                    model=step.model,
                    attempt=attempt,
                    wait_s=wait_s,
                    patience_s=retry.timeout_s(attempt, held.attempts, held.timeout_s),
                )
            )
    return tuple(found)


def timeline(planned: Iterable[Try], lasted_s: Sequence[tuple[float, Outcome]]) -> tuple[Bar, ...]:
    """Return the bars of tries that went as said, up to the first that succeeded.

    Args:
        lasted_s: For each try in order, how long it took and how it ended.
    """
    bars: list[Bar] = []
    now = 0.0
    for one, (seconds, outcome) in zip(planned, lasted_s, strict=False):
        if one.wait_s:
            bars.append(_bar("wait", one, now, now + one.wait_s))
            now += one.wait_s
        bars.append(_bar("try", one, now, now + seconds, outcome))
        now += seconds
        if outcome == "ok":
            break
    return tuple(bars)


def retry_plan(draft: Draft, pace: Pace = Pace()) -> RetryPlan:
    """Return the plan of a draft under what is assumed of the providers."""
    planned = tries(draft)
    able = [_can_answer(one, pace) for one in planned]
    worst = timeline(planned, [_longest(one, pace) for one in planned])
    first = next((index for index, can in enumerate(able) if can), None)
    best = None
    if first is not None:
        cut: list[tuple[float, Outcome]] = [(one.patience_s or 0.0, "timed out") for one in planned]
        cut[first] = (pace.answer_s, "ok")
        best = timeline(planned, cut)[-1].end_s
    rate = pace.failure_rate
    chances = [rate if can else 1.0 for can in able]
    expected, reached = 0.0, 1.0
    for chance in chances:
        expected += reached
        reached *= chance
    return RetryPlan(
        tries=planned,
        best_s=best,
        worst_s=worst[-1].end_s,
        endless=planned[-1].patience_s is None,
        success=1 - reached,
        expected_tries=expected,
        worst=worst,
        usual=timeline(planned, _usual(planned, able, pace)),
    )


def _can_answer(one: Try, pace: Pace) -> bool:
    return one.patience_s is None or one.patience_s >= pace.answer_s


def _longest(one: Try, pace: Pace) -> tuple[float, Outcome]:
    if one.patience_s is None:
        return max(pace.slowest_s, pace.failure_s), "failed"
    return one.patience_s, "timed out"


def _usual(planned: Sequence[Try], able: Sequence[bool], pace: Pace) -> list[tuple[float, Outcome]]:
    """Return how tries go of which the first half fails; one that is too short times out."""
    failing = len(planned) // 2
    found: list[tuple[float, Outcome]] = []
    for index, one in enumerate(planned):
        if not able[index] and one.patience_s is not None and index >= failing:
            found.append((one.patience_s, "timed out"))
        elif index >= failing:
            found.append((pace.answer_s, "ok"))
        elif one.patience_s is not None and one.patience_s < pace.failure_s:
            found.append((one.patience_s, "timed out"))
        else:
            found.append((pace.failure_s, "failed"))
    return found


def _bar(
    kind: Literal["try", "wait"],
    one: Try,
    start_s: float,
    end_s: float,
    outcome: Outcome | None = None,
) -> Bar:
    return Bar(
        kind=kind,
        step=one.step,
        provider=one.provider,
        attempt=one.attempt,
        start_s=start_s,
        end_s=end_s,
        outcome=outcome,
    )
