"""One recipe, run once on a local gateway of its own: for tests, scripts and the command line."""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from gateway.errors import LocalGatewayError
from gateway.experiments import rows
from gateway.experiments.plan import Plan, Recipe
from gateway.experiments.presets import PRESETS, Finding
from gateway.experiments.progress import Batch, Progress
from gateway.experiments.runner import Runner
from gateway.experiments.site import LocalSite
from gateway.experiments.summary import summarise


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a recipe came to."""

    plan: Plan
    progress: Progress
    requests: pd.DataFrame
    attempts: pd.DataFrame
    findings: tuple[Finding, ...]
    summary: pd.DataFrame


async def once(recipe: Recipe, *, watch: Callable[[Runner], None] = lambda _: None) -> Outcome:
    """Run a recipe to its end.

    Args:
        watch: Given the runner before it begins, for those who want to see its progress.

    Raises:
        BadRequest: the recipe's preset or knobs can't be used.
        LocalGatewayError: the gateway can't be started.
    """
    preset = PRESETS[recipe.preset]
    plan = preset.plan(recipe)
    batches: list[Batch] = []
    site = await LocalSite.open(plan)
    try:
        runner = Runner(plan, site, run_id="once", keep=batches.append)
        watch(runner)
        progress = await runner.run()
    finally:
        await site.aclose()
    requests = rows.table([row for batch in batches for row in batch.requests])
    attempts = rows.attempts([row for batch in batches for row in batch.attempts])
    return Outcome(
        plan=plan,
        progress=progress,
        requests=requests,
        attempts=attempts,
        findings=tuple(preset.accept(plan, requests, attempts)),
        summary=summarise(requests, preset.predict(plan), primary=preset.primary, preset=preset.id),
    )


async def accepted(recipe: Recipe) -> tuple[Finding, ...]:
    """Return what a run of the recipe finds.

    Raises:
        LocalGatewayError: the run didn't come to its end.
    """
    outcome = await once(recipe)
    if outcome.progress.state != "done":
        raise LocalGatewayError(f"The run ended early: {outcome.progress.stopped_by}.")
    return outcome.findings
