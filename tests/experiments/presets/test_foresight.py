"""foresight: what drawn calls leave to say beforehand, and why nothing is said of the rest."""

import pytest

from gateway.experiments.plan import Recipe
from gateway.experiments.presets import PRESETS

F01 = PRESETS["F01"]
SKIPS = {"headers": {"skip_cache": True}}


def foreseen(**knobs):
    """Return the figures of a design with one variant, and why there are none of its cache."""
    plan = F01.plan(Recipe(preset="F01", knobs=knobs))
    told = {one.metric: (one.value, one.se) for one in F01.predict(plan)}
    return told, next(iter(F01.unpredicted(plan).values()), None)


def replay(*moments, **knobs):
    return foreseen(
        arrivals="recorded",
        prompts=["a"] * len(moments),
        moments_s=list(moments),
        answers="timed",
        **knobs,
    )


def test_closed_loop_misses_each_prompt_once():
    """Twelve requests for three prompts: exact."""
    told, why = foreseen(requests=12, keys=3)

    assert told == {"hit_ratio": (0.75, 0.0)}
    assert why is None


def test_replay_follows_the_life_of_an_answer():
    """Written at 0, it lives to 60; the request at 61 writes again: MHHMH."""
    told, _ = replay(0, 30, 59, 61, 100, gateway_ttl_s=60)

    assert told == {"hit_ratio": (0.6, 0.0)}


def test_requests_within_a_fill_miss_as_well():
    """An answer of ten seconds: the one after five misses, and its write starts the life anew."""
    told, _ = replay(0, 5, 12, 71, 74, 76, gateway_ttl_s=60, answer_s=10.0)

    assert told == {"hit_ratio": (0.5, 0.0)}


def test_header_wins_over_the_gateway():
    """The gateway's 60 s are the header's hour."""
    told, _ = replay(0, 100, headers={"cache_ttl": 3600}, gateway_ttl_s=60)

    assert told == {"hit_ratio": (0.5, 0.0)}


def test_custom_key_switches_the_cache_on():
    """For the five minutes of the contract, and for all prompts alike."""
    told, _ = replay(0, 299, 301, headers={"cache_key": "one"}, gateway_ttl_s=0)

    assert told["hit_ratio"][0] == pytest.approx(1 / 3)


def test_request_near_a_boundary_makes_it_unsure():
    """One of eight lies within the clocks' doubt."""
    told, _ = replay(0, 10, 20, 30, 40, 50, 60.01, 80, gateway_ttl_s=60)

    value, se = told["hit_ratio"]
    assert (value, se > 0) == (0.75, True)


@pytest.mark.parametrize(
    ("knobs", "words"),
    [
        (SKIPS, "Nothing is stored"),
        ({"gateway_ttl_s": 0}, "Nothing is stored"),
        ({"headers": {"cache_ttl": 60}, "gateway_ttl_s": 0}, "Nothing is stored"),
        ({"stream": "yes"}, "Streamed answers aren't stored"),
        ({"success": 0.5}, "Failed answers aren't stored"),
        ({"concurrency": 4}, "set concurrency to 1"),
        ({"requests": 2000}, "some may expire"),
        ({"arrivals": "poisson"}, "let answers be timed"),
        (
            {"arrivals": "paced", "rate": 100, "keys": 1, "requests": 8, "answers": "timed"},
            "Too many requests fall together",
        ),
    ],
)
def test_what_cannot_be_said_has_a_reason(knobs, words):
    """A dash in the predicted table, with this beside it."""
    told, why = foreseen(**knobs)

    assert told == {}
    assert words in why


def test_retries_follow_the_drawn_failures():
    """More tries win more, and are as many as the draw needs."""
    once, _ = foreseen(**SKIPS, success=0.5, requests=2000)
    thrice, _ = foreseen(
        headers={"skip_cache": True, "max_attempts": 3}, success=0.5, requests=2000
    )

    assert once["success"][0] == pytest.approx(0.5, abs=0.05)
    assert once["amplification"] == (1.0, 0.0)
    assert thrice["success"][0] == pytest.approx(0.875, abs=0.04)
    assert thrice["amplification"][0] == pytest.approx(1.75, abs=0.08)


def test_timeouts_are_left_to_the_measurement():
    """Which attempt they cut off depends on times that nobody has drawn."""
    told, _ = foreseen(headers={"skip_cache": True, "request_timeout": 100}, success=0.5)

    assert told == {}
