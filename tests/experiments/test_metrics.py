"""Figures of section 2 of the definitions, each on a table small enough to count by hand."""

import pytest

from gateway.experiments import rows
from gateway.experiments.metrics import METRICS, by_class
from gateway.experiments.presets import PRESETS


def request(at, *, took=1.0, **terms):
    """One request of the table: a second's answer from the provider, unless said otherwise."""
    plain = {
        "ok": True,
        "error_class": "none",
        "status": 200,
        "cache_status": "MISS",
        "attempts": 1,
        "t_send_s": at,
        "t_end_s": at + took,
        "e2e_ms": took * 1000,
        "in_tokens": 10,
        "out_tokens": 20,
        "bytes_in": 100,
        "cost_list_usd": 0.01,
    }
    return plain | terms


HIT = {"cache_status": "HIT", "attempts": 0}
FAILED = {"ok": False, "error_class": "provider_5xx", "status": 500}
MIXED = [
    request(0.0),
    request(1.0, **HIT, took=0.1, bytes_in=300, in_tokens=0, out_tokens=90, cost_list_usd=0.03),
    request(2.0, attempts=3, took=3.0),
    request(5.0, **FAILED, attempts=5),
    request(9.0, step=1, attempts=2),
]
FIGURES = [
    ("throughput_s", 4 / 10),
    ("out_tok_s", (20 + 90 + 20 + 20) / 10),
    ("all_tok_s", (30 + 90 + 30 + 30) / 10),
    ("error_rate", 1 / 5),
    ("availability", 4 / 5),
    ("hit_share", 1 / 5),
    ("hit_ratio", 1 / 4),
    ("byte_hit_ratio", 300 / 600),
    ("token_hit_ratio", 90 / 180),
    ("cost_hit_ratio", 0.03 / 0.06),
    ("origin_offload", 1 - 11 / 5),
    ("wasted_attempts", 1 - 3 / 11),
    ("rescue_rate", 2 / 3),
    ("added_latency_ms", (2000 + 0) / 2),
    ("amplification", 11 / 4),
]


@pytest.mark.parametrize(("metric", "value"), FIGURES)
def test_figure_is_what_one_counts_by_hand(metric, value):
    """Five requests: a miss, a hit, a rescued one, a failed one, one that a fallback answered."""
    estimate = METRICS[metric].of(rows.table(MIXED))

    assert estimate.value == pytest.approx(value)


def test_goodput_needs_objectives():
    """Without any it isn't known; with some, a failure is never good."""
    judged = [one | {"slo_ok": one["e2e_ms"] <= 1000} for one in MIXED]

    assert METRICS["goodput_s"].of(rows.table(MIXED)) is None
    assert METRICS["goodput_share"].of(rows.table(MIXED)) is None
    assert METRICS["goodput_s"].of(rows.table(judged)).value == pytest.approx(3 / 10)
    assert METRICS["goodput_share"].of(rows.table(judged)).value == pytest.approx(3 / 5)


def test_rate_limits_are_told_both_ways():
    """What was turned away failed, but the gateway was there."""
    refused = request(1.0, ok=False, error_class="rate_limited_gateway", status=429, attempts=0)
    table = rows.table([request(0.0), refused])

    assert METRICS["error_rate"].of(table).value == 0.5
    assert METRICS["availability"].of(table).value == 1


def test_unknown_attempts_give_no_offload():
    """A hosted gateway tells nothing: nothing is made up."""
    table = rows.table([request(0.0, attempts=None), request(1.0)])

    assert METRICS["origin_offload"].of(table) is None


def test_errors_are_told_by_class():
    """Each with its share of all requests."""
    table = rows.table([*MIXED, request(10.0, ok=False, error_class="timeout_gateway")])

    found = by_class(table)

    assert {name: one.value for name, one in found.items()} == pytest.approx(
        {"provider_5xx": 1 / 6, "timeout_gateway": 1 / 6}
    )


@pytest.mark.parametrize("metric", METRICS)
def test_group_with_nothing_to_measure_has_no_figure(metric):
    """No number is better than a zero that nobody measured."""
    assert METRICS[metric].of(rows.table([])) is None


@pytest.mark.parametrize("preset", PRESETS)
def test_primary_metric_of_each_preset_is_measured(preset):
    """Chosen beforehand, and then to be found in the summary."""
    assert PRESETS[preset].primary in METRICS
