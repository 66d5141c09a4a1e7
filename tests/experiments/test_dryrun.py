"""Before a run: calls, times, cost and cap, the least number of requests, warnings, refusals."""

from dataclasses import replace

import pytest

from gateway.experiments.dryrun import QUICK_S, cost_usd, dry_run, duration_s
from gateway.experiments.plan import Call, Recipe
from gateway.experiments.presets import PRESETS
from gateway.headers import Options
from gateway.pricing import price
from tests.experiments.conftest import ASKED, calls_of, plan_of


def drawn(preset, *, cap_usd=1.0, **knobs):
    """Return the plan of a preset."""
    return PRESETS[preset].plan(Recipe(preset=preset, knobs=knobs, cap_usd=cap_usd))


def test_first_pass_costs_time_and_repeats_do_not():
    """Three prompts of a natural second each; two more passes come from the cache."""
    assert duration_s(drawn("E01", prompts=3, passes=3), "emulator") == pytest.approx(
        3 + 6 * QUICK_S
    )


def test_open_loops_take_as_long_as_their_last_moment():
    """Variants side by side, or one after another; the gateway's clock is faster than ours."""
    plan = drawn("E02", spacings_s=[7], cycles=1)

    found = dry_run(plan, "emulator")

    assert found.emulated_s == pytest.approx(122, abs=2)
    assert found.real_s == pytest.approx(found.emulated_s / 120)
    assert dry_run(plan, "cloudflare").real_s == pytest.approx(122, abs=2)
    in_turn = dry_run(replace(plan, sequential_variants=True), "emulator")
    assert in_turn.emulated_s == pytest.approx(122 + 56, abs=2)


def test_planted_faults_say_how_long_a_call_takes():
    """A failure of 300 ms and a success of 800 ms; four under way at once."""
    variant = replace(ASKED, concurrency=4)
    plan = plan_of(
        calls_of("abcd", fault="status=500;wait=300, slow=800"), variants=[variant], time_scale=1.0
    )

    assert duration_s(plan, "emulator") == pytest.approx(1.1 + QUICK_S)


def test_skipping_the_cache_costs_its_time_each_time():
    """What skips the cache is answered afresh."""
    variant = replace(ASKED, options=Options(skip_cache=True))
    plan = plan_of(calls_of("aaa", key_id="a"), variants=[variant], pace="natural")

    assert duration_s(plan, "emulator") == pytest.approx(3)


def test_cost_is_the_most_that_it_can_be():
    """Every answer as long as it may be, and nothing from the cache."""
    plan = plan_of([Call(seq=0, variant="a", prompt="x" * 400, prompt_id="x")])
    listed = price("openai", "gpt-5.4-mini")

    most, source = cost_usd(plan)

    assert most == pytest.approx((108 * listed.input + 64 * listed.output) / 1e6)
    assert source.startswith("genai-prices")


def test_unknown_price_is_unknown():
    """Not 0: the sentence says which model it is."""
    plan = plan_of(calls_of("a"), variants=[replace(ASKED, model="nobody-s-model")])

    most, source = cost_usd(plan)

    assert most is None
    assert "nobody-s-model" in source


@pytest.mark.parametrize(
    ("preset", "knobs", "least"),
    [("E01", {}, 1), ("E03", {"loads": [1.0]}, 385)],
)
def test_least_number_fits_the_question(preset, knobs, least):
    """An exact prediction needs one request; a share as many as make it narrow."""
    assert dry_run(drawn(preset, **knobs), "emulator").least_n == least


def test_too_few_requests_are_warned_of():
    """The number that would do is in the sentence."""
    found = dry_run(drawn("E03", loads=[1.0], requests=40), "emulator")

    assert any("385 would answer" in warning for warning in found.warnings)


def test_cap_stops_or_refuses():
    """Below the whole it stops the run; below a single request nothing can be sent."""
    most, _ = cost_usd(drawn("E01"))

    stops = dry_run(drawn("E01", cap_usd=most / 2), "emulator")
    never = dry_run(drawn("E01", cap_usd=most / 1000), "emulator")

    assert any("stops there" in warning for warning in stops.warnings)
    assert not stops.refusals
    assert "below the price of one request" in never.refusals[0]


def test_hosted_gateway_is_warned_about():
    """Its clock is ours, its settings aren't made by the plan, and money is spent."""
    found = dry_run(drawn("E02", cap_usd=None), "cloudflare")

    said = " ".join(found.warnings)
    assert "no cap is set" in said
    assert "pass in real time" in said
    assert "cache_ttl = 60" in said
    assert found.paid
