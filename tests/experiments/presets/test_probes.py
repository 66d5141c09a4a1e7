"""The probes know the local gateway, and find out each mistake that is planted in one."""

import os
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from gateway.experiments.dryrun import dry_run
from gateway.experiments.plan import Recipe
from gateway.experiments.presets import PRESETS
from gateway.experiments.presets.probes import PROBES, UNKNOWN, answers
from gateway.experiments.site import LocalSite

pytestmark = pytest.mark.anyio

PLANTED = Path(__file__).parent.parent / "planted.py"
MISTAKES = [
    ("refresh", "refresh", "it does"),
    ("one_more", "tries", "n retries after the first try"),
    ("linear", "backoff-exponential", "d, 2d, 3d, 4d"),
    ("timed", "last-try", "timed as well"),
    ("two_counters", "sliding", "two counters"),
    ("cached_stream", "streams", "they are stored"),
]


def plan_of(*probes):
    """Return the plan of some probes only: each has a gateway to itself."""
    plan = PRESETS["P01"].plan(Recipe(preset="P01"))
    kept = [v for v in plan.variants if v.gateway in probes]
    ids = {variant.id for variant in kept}
    return replace(
        plan,
        variants=tuple(kept),
        calls=tuple(call for call in plan.calls if call.variant in ids),
        gateways={name: plan.gateways[name] for name in probes},
    )


@pytest.fixture
def planted(tmp_path):
    """A stand-in for the interpreter, whose gateway has a mistake."""

    def make(mistake):
        script = tmp_path / mistake
        root = PLANTED.parent.parent.parent
        script.write_text(
            f'#!/bin/sh\nPYTHONPATH="{root}" exec "{sys.executable}" "{PLANTED}" {mistake} "$@"\n'
        )
        os.chmod(script, 0o755)
        return str(script)

    return make


async def test_local_gateway_gives_the_expected_answers(done):
    """Its certificate holds what the contract's assumptions say."""
    p01 = await done("P01", {}, again=({"time_scale": 30}, {"time_scale": 15}))

    assert p01.refused == []
    assert len(p01.findings) == len(PROBES)


@pytest.mark.parametrize(("mistake", "probe", "answer"), MISTAKES)
async def test_planted_mistake_is_found_out(mistake, probe, answer, run, planted):
    """The matching probe says so in words."""
    plan = plan_of(probe)
    site = await LocalSite.open(plan, python=planted(mistake))

    ran = await run(plan, site=site)

    assert answers(ran.table, ran.attempts)[probe] == answer


@pytest.mark.parametrize(("mistake", "probe", "answer"), MISTAKES)
def test_mistake_is_not_what_is_expected(mistake, probe, answer):
    """The test of the honest gateway would fail on it."""
    (asked,) = (one for one in PROBES if one.id == probe)

    assert asked.expected != answer


async def test_probe_without_answers_is_unknown(run):
    """A run that ended early says nothing of what it didn't ask."""
    ran = await run(plan_of("tries"))

    found = answers(ran.table, ran.attempts)

    assert found["tries"] == "n tries in all"
    assert found["herd"] == UNKNOWN


async def test_some_probes_need_headers_alone(done):
    """They ask a gateway as it is: without settings, without failures, so a hosted one as well."""
    recipe = Recipe(preset="P01", knobs={"reach": "by headers"})
    plan = PRESETS["P01"].plan(recipe)

    assert not any(plan.gateways.values())
    assert not any(call.fault for call in plan.calls)
    assert dry_run(plan, "cloudflare").refusals == ()
    assert dry_run(PRESETS["P01"].plan(Recipe(preset="P01")), "cloudflare").refusals

    p01 = await done("P01", recipe.knobs, again=({"time_scale": 30},))
    assert p01.refused == []
    assert {finding.sentence for finding in p01.findings} == {
        probe.question for probe in PROBES if probe.by_headers
    }


def test_probe_answered_from_an_earlier_run_is_unknown():
    """A first answer out of the cache says that something older is in it."""
    asked = {"variant_id": "refresh", "request_id": ["a", "b", "c"], "seq": [0, 1, 2]}
    attempts = pd.DataFrame({"request_id": []})
    fresh = pd.DataFrame({**asked, "status": 200, "cache_status": ["MISS", "HIT", "MISS"]})
    stale = fresh.assign(cache_status=["HIT", "MISS", "HIT"])

    assert answers(fresh, attempts)["refresh"] == "it doesn't"
    assert answers(stale, attempts)["refresh"] == UNKNOWN
