"""Rows of runs: written, judged, and read back, whatever they hold."""

import pytest

from gateway.experiments.dryrun import dry_run
from gateway.experiments.honesty import honesty
from gateway.experiments.plan import Recipe
from gateway.experiments.presets import PRESETS
from gateway.experiments.rows import table
from gateway.workbench import ran

RECIPE = Recipe(preset="E01", knobs={"prompts": 1, "passes": 2}, notes="why")
PLAN = PRESETS["E01"].plan(RECIPE)


def row(**terms):
    """Return a run's row as the records give it back."""
    first = ran.first_row("r1", PLAN, "emulator", None, dry_run(PLAN, "emulator"))
    rest = ("summary_json", "sent_n", "done_n", "actual_cost_usd", "stopped_by")
    return {**dict.fromkeys(rest), **first, **terms}


def judged(statuses, *, whole=True):
    requests = table(
        [
            {"seq": i, "rep": i + 1, "variant_id": "cached", "phase": "measure", "ok": True}
            | {"cache_status": status, "attempts": int(status == "MISS"), "status": 200}
            | {"e2e_ms": 10.0, "t_send_s": float(i), "cost_usd": 0.0}
            for i, status in enumerate(statuses)
        ]
    )
    told = honesty(requests, scale=1.0, open_loop=False)
    return ran.judged(
        "r1", PLAN, requests, requests.head(0), told=told, warnings=("early",), whole=whole
    )


def test_recipe_comes_back():
    """Whoever has the row can draw the plan again."""
    run = ran.read(row(), live=True)

    assert (run.recipe, run.state, run.title) == (RECIPE, "waiting", "Cold and warm cache")
    assert run.figures["plan_sha256"] == PRESETS["E01"].plan(run.recipe).digest


def test_verdicts_come_back():
    """Summary with its types, findings, warnings of before and after."""
    results = ran.results(row(**judged(["MISS", "HIT"])))

    assert results.findings[0].ok is True
    assert results.summary["estimate"].dtype == "float64"
    assert results.warnings == ("early",)
    assert results.honesty["refused"] == []


def test_outline_comes_back():
    """What a chart needs of a plan, without drawing hundreds of thousands of requests again."""
    outline = ran.results(row(**judged(["MISS", "HIT"]))).outline

    assert outline.variants == PLAN.variants
    assert outline.recipe == RECIPE
    assert (outline.question, outline.gateways) == (PLAN.question, PLAN.gateways)


@pytest.mark.parametrize("kept", ["{}", '{"outline": {"variants": [{"steps": []}]}}'])
def test_outline_of_another_version_is_none(kept):
    """Then the plan is drawn again."""
    assert ran.results(row(summary_json=kept)).outline is None


@pytest.mark.parametrize(("whole", "verdict"), [(True, False), (False, None)])
def test_run_that_ended_early_cannot_fail(whole, verdict):
    """What wasn't sent can't be held against the gateway."""
    results = ran.results(row(**judged(["MISS", "MISS"], whole=whole)))

    assert results.findings[0].ok is verdict


@pytest.mark.parametrize("config", ["{", '{"preset": "E01", "more": 1}', None])
def test_unreadable_recipe_is_none(config):
    """A run of another version is still in the list."""
    assert ran.read(row(config_json=config), live=False).recipe is None


@pytest.mark.parametrize(("live", "state"), [(True, "running"), (False, "lost")])
def test_running_means_that_somebody_runs_it(live, state):
    """The records alone can't tell."""
    assert ran.read(row(state="running"), live=live).state == state
