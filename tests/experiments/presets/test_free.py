"""F01: a design of one's own, drawn from one seed, and what becomes of it on the local gateway."""

import json

import numpy as np
import pytest

from gateway.errors import BadRequest
from gateway.experiments.plan import Recipe
from gateway.experiments.presets import PRESETS

pytestmark = pytest.mark.anyio
F01 = PRESETS["F01"]
TTLS = {"name": "cache_ttl", "values": [60, 3600]}


def drawn(*, seed=1, cap_calls=None, **knobs):
    return F01.plan(Recipe(preset="F01", seed=seed, knobs=knobs, cap_calls=cap_calls))


def of(plan, variant):
    return [call for call in plan.calls if call.variant == plan.variants[variant].id]


@pytest.mark.parametrize("arrivals", ["poisson", "paced", "gamma"])
def test_variants_are_given_the_same_draws(arrivals):
    """Moments, prompts and failures: a difference is the policy's and not the dice's."""
    plan = drawn(axes=[TTLS], arrivals=arrivals, popularity="zipf", success=0.5, requests=30)
    one, other = (
        [(call.at_s, call.prompt, call.fault, call.key_id) for call in of(plan, number)]
        for number in (0, 1)
    )

    assert one == other
    assert one[0][0] == 0
    assert (
        plan.digest
        == drawn(axes=[TTLS], arrivals=arrivals, popularity="zipf", success=0.5, requests=30).digest
    )
    assert plan.digest != drawn(seed=2, axes=[TTLS], arrivals=arrivals, requests=30).digest


def test_gamma_gaps_have_their_shape():
    """A shape of 1/4 has a coefficient of variation of 2."""
    plan = drawn(arrivals="gamma", shape=0.25, rate=10, requests=5000)
    gaps = np.diff([call.at_s for call in plan.calls])

    assert gaps.std() / gaps.mean() == pytest.approx(2, abs=0.2)


def test_prompts_that_are_given_are_asked_in_turn():
    """The same text is the same key, wherever it stands in the file."""
    plan = drawn(prompts=["a", "b", "a"], requests=5)

    assert [call.prompt for call in plan.calls] == ["a", "b", "a", "a", "b"]
    assert [call.key_id for call in plan.calls] == ["p0000", "p0001", "p0000", "p0000", "p0001"]


def test_recorded_requests_come_as_they_came():
    """With their spacing, twice as fast; a repetition follows after a gap like the others."""
    plan = drawn(
        arrivals="recorded", prompts=["a", "b"], moments_s=[0, 6], speed=2.0, repetitions=2
    )

    assert [(call.at_s, call.prompt, call.rep) for call in plan.calls] == [
        (0, "a", 0),
        (3, "b", 0),
        (6, "a", 1),
        (9, "b", 1),
    ]


def test_mixed_variants_are_asked_side_by_side():
    """Each request goes to all of them before the next one, in an order of its own."""
    plan = drawn(axes=[TTLS], order="mixed", requests=8)
    pairs = [
        (one.variant, other.variant)
        for one, other in zip(plan.calls[::2], plan.calls[1::2], strict=True)
    ]

    assert not plan.sequential_variants
    assert all(one != other for one, other in pairs)
    assert len(set(pairs)) == 2
    assert [call.prompt for call in plan.calls[::2]] == [call.prompt for call in plan.calls[1::2]]


@pytest.mark.parametrize(
    ("knobs", "words"),
    [
        ({"arrivals": "poisson", "rate": 0}, "rate must be a number from 0.001 to 5000, not 0"),
        ({"arrivals": "gamma", "shape": 0}, "shape must be a number from"),
        ({"requests": 0}, "requests must be a whole number from 1"),
        ({"gateway_ttl_s": 5}, "gateway_ttl_s must be 0 .off. or from 60 to 2592000 s, not 5"),
        ({"axes": [{"name": "cache_ttl", "values": [5]}]}, "Cache TTL must be 0 or from 60"),
        ({"axes": [TTLS], "cap_calls": 1}, "more variants than requests: 2 variants"),
        ({"requests": 100_000, "repetitions": 3}, "300,000 requests, and a run has 200,000"),
        ({"arrivals": "recorded"}, "Nothing is there to replay"),
        ({"arrivals": "recorded", "prompts": ["a"]}, "one moment for each prompt"),
        ({"moments_s": [2, 1]}, "seconds that don't fall"),
        ({"prompts": [""]}, "Prompt 1 must be text"),
        ({"order": "mixed", "concurrency": 2}, "set concurrency to 1"),
        ({"ax": 1}, "F01 has no knob 'ax'"),
    ],
)
def test_impossible_design_is_refused(knobs, words):
    """Before anything is sent, in a sentence that names what is wrong."""
    with pytest.raises(BadRequest, match=words):
        drawn(**knobs)


def test_plan_is_a_file():
    """What was drawn from a recipe is drawn again from its text."""
    recipe = Recipe(
        preset="F01",
        title="Two lives",
        notes="Which one?",
        knobs={"axes": [TTLS], "headers": {"max_attempts": 2}, "prompts": ["a"]},
        cap_calls=50,
    )
    text = json.dumps(recipe.to_json())

    again = F01.plan(Recipe.from_text(text))

    assert (again.title, again.question) == ("Two lives", "Which one?")
    assert again.digest == F01.plan(recipe).digest


async def test_hits_are_those_of_the_replay(done):
    """Two lives under the same arrivals: each as predicted from what was drawn."""
    ran = await done(
        "F01",
        {
            "axes": [TTLS],
            **{"arrivals": "paced", "rate": 0.025, "requests": 6, "keys": 1},
            **{"answers": "timed", "time_scale": 60.0},
        },
    )

    assert ran.refused == []
    assert [one.measured for one in ran.findings] == ["0.5", "0.8333"]


async def test_retries_are_those_of_the_draw(done):
    """One try and three, against the same failures: exact."""
    ran = await done(
        "F01",
        {
            "axes": [{"name": "max_attempts", "values": ["", 3]}],
            "headers": {"skip_cache": True, "retry_delay": 0},
            **{"success": 0.6, "answers": "timed", "requests": 20},
        },
    )

    assert ran.refused == []
    assert len(ran.findings) == 4


@pytest.mark.parametrize(
    "axis",
    [
        {"name": "route", "values": ["native", "compat", "universal", "rest"]},
        {"name": "transport", "values": ["http", "websocket"]},
    ],
)
async def test_every_endpoint_and_transport_answers(done, axis):
    """Each in a gateway of its own."""
    ran = await done(
        "F01",
        {
            "axes": [axis],
            **{"requests": 2, "keys": 1, "answers": "timed"},
        },
    )

    assert set(ran.ran.table["status"]) == {200}
    assert ran.ran.table["variant_id"].nunique() == len(axis["values"])
    assert ran.refused == []
