"""Draws are the same for the same seed, apart from each other, and of the law they name."""

import numpy as np
import pytest

from gateway.errors import BadRequest
from gateway.experiments import draw


def test_streams_do_not_move_each_other():
    """More arrivals leave the keys as they were."""
    before = draw.stream(3, "keys").random(5)
    draw.stream(3, "arrivals").random(1000)

    assert (draw.stream(3, "keys").random(5) == before).all()
    assert (draw.stream(4, "keys").random(5) != before).any()


@pytest.mark.parametrize(("kind", "spread"), [("poisson", 1), ("paced", 0), ("gamma", 2)])
def test_gaps_have_their_spread(kind, spread):
    """The coefficient of variation tells the law; gamma of shape 1/4 has 2."""
    times = draw.arrivals(draw.stream(1, "arrivals"), 5, count=20_000, kind=kind, burstiness=0.25)
    gaps = np.diff(times, prepend=0)

    assert gaps.mean() == pytest.approx(0.2, rel=0.05)
    assert gaps.std() / gaps.mean() == pytest.approx(spread, abs=0.08)


def test_arrivals_up_to_a_moment():
    """All of them, none after it, and not stretched to reach it."""
    times = draw.arrivals(draw.stream(1, "arrivals"), 2, until_s=1000)

    assert times[-1] < 1000
    assert len(times) == pytest.approx(2000, abs=200)


@pytest.mark.parametrize("values", [{"rate": 0}, {"rate": 1, "burstiness": 0, "kind": "gamma"}])
def test_impossible_arrivals_are_refused(values):
    """A rate of nothing never begins."""
    with pytest.raises(BadRequest, match="above 0"):
        draw.arrivals(draw.stream(1, "arrivals"), count=1, **values)


def test_popular_keys_come_often():
    """Zipf's first key has its share."""
    keys = draw.popular(draw.stream(1, "keys"), 20_000, 200, 1.0)

    assert (keys == 0).mean() == pytest.approx(1 / (1 / np.arange(1, 201)).sum(), rel=0.05)
    assert keys.max() < 200


def test_script_spells_each_attempt():
    """A failure, then a success, each as long as it says."""
    assert draw.script([False, True], good_ms=800, failed_ms=300) == (
        "status=500;wait=300, slow=800"
    )
    assert draw.script([True], good_ms=0, failed_ms=0) == "ok"


def test_failures_are_as_rare_as_they_say():
    """One row a request, one column an attempt."""
    drawn = draw.failures(draw.stream(1, "faults"), 5000, 5, 0.7)

    assert drawn.shape == (5000, 5)
    assert drawn.mean() == pytest.approx(0.7, abs=0.02)


def test_arms_meet_in_both_orders():
    """A drift over time hits both alike."""
    order = draw.abba(2, 2, ("skip", "cache"))

    assert order[:4] == [(0, 0, "skip"), (0, 0, "cache"), (0, 1, "cache"), (0, 1, "skip")]
    assert order[4][2] == "cache"
