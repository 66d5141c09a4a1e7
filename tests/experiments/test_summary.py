"""The summary has an interval for each figure, slices apart, and a verdict beside a prediction."""

import pytest

from gateway.experiments import rows
from gateway.experiments.presets import Prediction
from gateway.experiments.summary import COLUMNS, METRICS, summarise


def table(*, hits=6, misses=4, variant="a", slower=0):
    """Requests of one variant: hits of 2 ms, misses of about 100 ms."""
    return [
        {
            "run_id": "r",
            "variant_id": variant,
            "phase": "measure",
            "rep": 0,
            "seq": number,
            "prompt_id": f"p{number}",
            "status": 200,
            "ok": True,
            "error_class": "none",
            "cache_status": "HIT" if number < hits else "MISS",
            "e2e_ms": 2.0 if number < hits else 100.0 + number + slower,
            "attempts": 0 if number < hits else 1,
            "t_send_s": float(number),
            "cost_usd": 0.0 if number < hits else 0.01,
        }
        for number in range(hits + misses)
    ]


def summary_of(found, *args, **terms):
    return summarise(rows.table(found), *args, **terms)


def figure(summary, metric, part="all", variant="a"):
    chosen = summary[
        (summary["metric"] == metric)
        & (summary["slice"] == part)
        & (summary["variant_id"] == variant)
    ]
    return chosen.iloc[0]


def test_columns_are_those_of_the_definition():
    """An empty run has an empty summary of the same shape."""
    empty = summary_of([])

    assert list(empty.columns) == list(COLUMNS)
    assert {name: str(empty[name].dtype) for name in COLUMNS} == COLUMNS


def test_hits_and_misses_are_slices():
    """A latency over both is there too, and is called all."""
    found = summary_of(table())

    assert figure(found, "e2e_p50_ms", "HIT")["estimate"] == 2
    assert figure(found, "e2e_p50_ms", "MISS")["estimate"] == pytest.approx(107.5)
    assert figure(found, "hit_ratio")["estimate"] == pytest.approx(0.6)


def test_small_sample_has_no_upper_end():
    """Ten requests have no p99 interval."""
    found = figure(summary_of(table()), "e2e_p99_ms")

    assert found["n"] == 10
    assert found.isna()["ci_high"]


def test_prediction_stands_beside_its_figure():
    """With its z and its verdict."""
    near = Prediction(variant="a", metric="hit_ratio", value=0.55, se=0.05, formula="C1")
    far = Prediction(variant="a", metric="success", value=0.5, se=0.01, formula="R1")

    found = summary_of(table(), [near, far], primary="hit_ratio")

    assert figure(found, "hit_ratio")["z"] == pytest.approx(1.0)
    assert figure(found, "hit_ratio")["verdict"] == "match"
    assert figure(found, "success")["verdict"] == "mismatch"
    assert figure(found, "upstream_calls")["verdict"] == "n/a"
    assert found.loc[found["primary"], "metric"].tolist() == ["hit_ratio"]


def test_variants_are_compared_on_the_primary_metric():
    """One family, corrected; the others aren't tested."""
    both = table() + table(variant="b", slower=500) + table(variant="c", hits=0, misses=10)

    found = summary_of(both, primary="hit_ratio", baseline="a")

    assert figure(found, "hit_ratio", variant="b")["diff"] == 0
    assert figure(found, "hit_ratio", variant="c")["diff"] == pytest.approx(-0.6)
    assert figure(found, "hit_ratio", variant="c")["p_adj"] < 0.05
    assert figure(found, "success", variant="c").isna()["diff"]


def test_warmup_is_left_out():
    """It is reported as what it is, not among the measured."""
    found = table()
    found[0]["phase"] = "warmup"

    assert figure(summary_of(found), "success")["n"] == 9


def test_batch_means_for_long_runs_of_a_stated_ttl():
    """Hits depend on each other; blocks of three TTLs don't."""
    long = table(hits=300, misses=100)
    for number, row in enumerate(long):
        row["t_send_s"], row["h_cache_ttl_s"] = float(number * 10), 60

    assert figure(summary_of(long), "hit_ratio")["ci_method"] == "batch_means"


def test_every_metric_has_a_unit():
    """What is shown says what it is counted in."""
    assert all(metric.unit for metric in METRICS.values())


def test_errors_have_a_row_for_each_class():
    """A share of its own beside the share of all failures."""
    broken = {"ok": False, "error_class": "timeout_client", "status": 0, "cache_status": "UNKNOWN"}
    found = summary_of([*table(hits=0, misses=9), {**table()[0], **broken}])

    assert figure(found, "error_rate")["estimate"] == pytest.approx(0.1)
    assert figure(found, "error_rate", "timeout_client")["estimate"] == pytest.approx(0.1)
