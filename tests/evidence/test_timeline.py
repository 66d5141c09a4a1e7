"""timeline: what the journal tells, and what can only be inferred."""

from dataclasses import replace

from gateway.chat import Step
from gateway.evidence import timeline_of
from tests.evidence.exchanges import CHAT, answered, failed

CHAIN = replace(
    CHAT,
    route="universal",
    steps=(Step(provider="openai", model="a"), Step(provider="anthropic", model="b")),
)


def attempt(
    started_s, ended_s, status=200, *, provider="openai", step=0, number=1, wait_s=0.0, **more
):
    return {
        "provider": provider,
        "step": step,
        "attempt": number,
        "wait_before_s": wait_s,
        "started_s": started_s,
        "ended_s": ended_s,
        "status": status,
        "state": "done",
        "cause": None,
        "fault": None,
        **more,
    }


def spans(timeline):
    return [(bar.kind, round(bar.start_ms), round(bar.end_ms), bar.won) for bar in timeline.bars]


def test_journal_gives_tries_and_waits():
    """Two tries with a wait between, as the local gateway saw them."""
    journal = [
        attempt(1000.0, 1000.2, 503, fault="status=503"),
        attempt(1001.2, 1002.0, number=2, wait_s=1.0),
    ]

    timeline = timeline_of(answered(), journal)

    assert spans(timeline) == [
        ("attempt", 0, 200, False),
        ("wait", 200, 1200, False),
        ("attempt", 1200, 2000, True),
    ]
    assert timeline.bars[0].note == "HTTP 503 · status=503"
    assert (timeline.attempts, round(timeline.end_ms)) == (2, 2000)
    assert timeline.sentence == "2 tries; the last one answered."


def test_fallback_steps_are_named():
    """The second step answers after the first one failed without any status."""
    journal = [
        attempt(0.0, 5.0, None, state="failed", cause="no first part within 5 s"),
        attempt(5.0, 6.0, provider="anthropic", step=1),
    ]

    timeline = timeline_of(answered(step=1, chat=CHAIN), journal)

    assert [bar.label for bar in timeline.bars] == ["OpenAI, try 1", "Anthropic, try 1"]
    assert timeline.bars[0].note == "failed · no first part within 5 s"
    assert timeline.sentence == "2 tries at 2 fallback steps; the last one answered."


def test_nobody_wins_where_all_fail():
    """An error that came back is no success."""
    journal = [attempt(0, 1, 503), attempt(1, 2, 503, number=2)]

    timeline = timeline_of(answered(status=503), journal)

    assert not any(bar.won for bar in timeline.bars)
    assert timeline.sentence == "2 tries; none gave an answer that counts."


def test_try_that_still_runs_has_no_end_yet():
    """Its bar ends where the last known thing happened."""
    timeline = timeline_of(answered(stopped=True), [attempt(0, None, None, state="open")])

    assert spans(timeline) == [("attempt", 0, 0, False)]


def test_hit_had_no_try():
    """The cache answers before any provider is asked."""
    timeline = timeline_of(answered(cache="HIT"), [])

    assert timeline.bars == ()
    assert "No provider was asked" in timeline.sentence


def test_without_an_answer_nothing_is_known():
    """Nor is anything made up."""
    assert timeline_of(failed(), []).bars == ()


def test_other_gateways_tell_only_the_step():
    """What follows from it is inferred, and times that nobody knows stay unknown."""
    timeline = timeline_of(answered(step=1, chat=CHAIN, end_s=2), [])

    first, second = timeline.bars
    assert (first.source, first.start_ms, first.won) == ("inferred", None, False)
    assert (second.source, second.label, second.won) == ("header", "Anthropic", True)
    assert (second.start_ms, second.end_ms) == (None, 2000)


def test_single_call_elsewhere_is_one_inferred_bar():
    """What is seen from here, and not more."""
    (bar,) = timeline_of(answered(end_s=2), []).bars

    assert (bar.source, bar.start_ms, bar.end_ms, bar.status) == ("inferred", 0, 2000, 200)
