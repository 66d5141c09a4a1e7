"""What a leader knows of a worker: how far it is, and what it leaves behind."""

from gateway.experiments.plan import Recipe
from gateway.experiments.presets import PRESETS
from gateway.experiments.progress import Progress
from gateway.experiments.spread.member import Member
from gateway.experiments.spread.orders import Report

PLAN = PRESETS["E15"].plan(Recipe(preset="E15"))


def member():
    return Member(address="tcp://10.0.0.5:1", shard=PLAN, groups=tuple(PLAN.groups))


def report(rows=(), begun=(), **terms):
    terms = {"number": 1, "entered": 0, "ended": False, "mean_in_flight": None, **terms}
    return Report(rows=list(rows), chunks=[], begun=list(begun), progress=Progress(), **terms)


def test_groups_are_waited_for_and_passed():
    """At the second group's gate it is ready for that one and through with the first."""
    first, second = PLAN.groups
    one = member()

    one.take(report(entered=2), 1.0)

    assert (one.past(first), one.waits_for(second), one.past(second)) == (True, True, False)
    one.take(report(entered=2, ended=True), 2.0)
    assert one.past(second)


def test_lost_worker_holds_nobody_up():
    """Nothing more comes from it."""
    one = member()
    one.lost_at = 1.0

    assert all(one.past(group) and one.waits_for(group) for group in PLAN.groups)


def test_calls_without_a_row_are_unanswered():
    """Whether they were sent is told by the worker, or by their moment."""
    done, begun, due, later = PLAN.calls[:4]
    one = member()
    place = {"variant_id": done.variant, "seq": done.seq}

    one.take(report([place], [(done.variant, done.seq), (begun.variant, begun.seq)]), 9.0)
    one.lost_at = 10.0

    assert tuple(one.unanswered()) == PLAN.calls[1:]
    assert one.may_have_sent(begun, None)
    assert one.may_have_sent(due, 9.9)
    assert not one.may_have_sent(later, 10.1)
    assert not one.may_have_sent(later, None)


def test_loss_is_a_sentence_with_its_figures():
    """Who, when, and how many of its requests."""
    one = member()
    one.heard_at, one.lost_at, one.aborted, one.unsent = 11.5, 12.0, 3, 20

    said = one.loss(10.0)

    assert "tcp://10.0.0.5:1 was lost 2.0 s after the start" in said
    assert "0.5 s before" in said
    assert "Of its 100 requests 3 may have been sent and have no answer, 20 weren't sent" in said
