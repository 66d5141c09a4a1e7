"""Two runs compared: differences with intervals, and what differed beforehand."""

import pytest

from gateway.experiments.compare import differences, setup
from gateway.experiments.plan import Recipe
from gateway.experiments.rows import table
from gateway.experiments.summary import summarise


def ran(hits, misses, variant="cached"):
    """Return the summary of a run with so many hits and misses."""
    return summarise(
        table(
            [
                {"seq": i, "variant_id": variant, "phase": "measure", "ok": True, "rep": 1}
                | {"cache_status": status, "status": 200, "t_send_s": float(i), "e2e_ms": 10.0 + i}
                for i, status in enumerate(["HIT"] * hits + ["MISS"] * misses)
            ]
        )
    )


def hit_ratio(found):
    return found[(found["metric"] == "hit_ratio") & (found["slice"] == "all")].iloc[0]


def test_clear_difference_lies_outside_zero():
    """Newcombe's own example: 56 of 70 and 48 of 80 differ by 0.052 to 0.334."""
    row = hit_ratio(differences(ran(56, 14), ran(48, 32)))

    assert row["diff"] == pytest.approx(0.2)
    assert (row["low"], row["high"]) == pytest.approx((0.0524, 0.3339), abs=1e-4)
    assert row["clear"]


def test_small_difference_is_not_clear():
    """One hit more in ten may be chance."""
    row = hit_ratio(differences(ran(6, 4), ran(5, 5)))

    assert row["low"] < 0 < row["high"]
    assert not row["clear"]


def test_too_short_a_run_has_no_interval():
    """Its figures are shown, and nothing is said to differ."""
    found = differences(ran(1, 1), ran(1, 1))
    p99 = found[(found["metric"] == "e2e_p99_ms") & (found["slice"] == "all")].iloc[0]

    assert p99[["low", "high"]].isna().all()
    assert not p99["clear"]


def test_only_what_both_have_is_compared():
    """Another variant has nothing to stand beside."""
    assert differences(ran(1, 1), ran(1, 1, variant="other")).empty


def test_setup_names_knobs_and_circumstances():
    """Defaults count as values; digests are cut."""
    one = Recipe(preset="E01", seed=2, knobs={"passes": 3})
    other = Recipe(preset="E01")

    found = setup(one, other, {"plan_sha256": "a" * 64}, {"plan_sha256": "b" * 64})

    assert [tuple(row) for row in found] == [
        ("seed", "2", "1"),
        ("Passes", "3", "5"),
        ("Requests as planned", "a" * 12, "b" * 12),
    ]


def test_repetition_differs_in_nothing():
    """A default that is spelled out is the same recipe."""
    assert setup(Recipe(preset="E01", knobs={"passes": 5}), Recipe(preset="E01")) == ()


def test_other_experiments_differ_in_their_name():
    """Their knobs aren't comparable."""
    found = setup(Recipe(preset="E01"), Recipe(preset="E04"))

    assert [row.what for row in found] == ["preset"]
