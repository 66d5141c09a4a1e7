"""One recipe, run once: on a local gateway of its own, or on one that is named.

For tests, scripts and the command line.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from gateway.chat import Target
from gateway.errors import BadRequest, LocalGatewayError
from gateway.experiments import rows
from gateway.experiments.marks import marked
from gateway.experiments.plan import Plan, Recipe
from gateway.experiments.presets import PRESETS, Finding
from gateway.experiments.progress import Batch, Progress
from gateway.experiments.runner import Runner
from gateway.experiments.site import HostedSite, LocalSite, Site
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


async def once(
    recipe: Recipe,
    target: Target | None = None,
    *,
    watch: Callable[[Runner], None] = lambda _: None,
) -> Outcome:
    """Run a recipe to its end.

    Args:
        target: A gateway that is asked as it is; ``None`` is a local one of the run's own.
        watch: Given the runner before it begins, for those who want to see its progress.

    Raises:
        BadRequest: the recipe's preset or knobs can't be used, or not on a gateway as it is.
        LocalGatewayError: the gateway can't be started.
    """
    preset = PRESETS[recipe.preset]
    plan = preset.plan(recipe)
    batches: list[Batch] = []
    if target is not None and preset.needs_local(plan):
        raise BadRequest(f"{preset.id} needs a local gateway of its own: name none.")
    site: Site = await LocalSite.open(plan) if target is None else HostedSite(target)
    try:
        runner = Runner(plan, site, run_id="once", keep=batches.append)
        watch(runner)
        progress = await runner.run()
    finally:
        await site.aclose()
    sent = rows.table([row for batch in batches for row in batch.requests])
    requests = marked(sent, plan, hidden=site.kind != "emulator")
    attempts = rows.attempts([row for batch in batches for row in batch.attempts])
    return Outcome(
        plan=plan,
        progress=progress,
        requests=requests,
        attempts=attempts,
        findings=tuple(preset.accept(plan, requests, attempts)),
        summary=summarise(requests, preset.predict(plan), primary=preset.primary, preset=preset.id),
    )


def named(recipe: Recipe, environment: Mapping[str, str]) -> Target | None:
    """Return the gateway that an environment names; ``None`` where it names none.

    Args:
        environment: ``GATEWAY_URL``, and ``GATEWAY_TOKEN`` and ``PROVIDER_KEY`` where needed.
    """
    url, key = environment.get("GATEWAY_URL"), environment.get("PROVIDER_KEY")
    if not url:
        return None
    return Target(
        name="named",
        base_url=url.rstrip("/"),
        token=environment.get("GATEWAY_TOKEN") or None,
        keys={recipe.provider: key} if key else {},
    )


async def accepted(recipe: Recipe, target: Target | None = None) -> tuple[Finding, ...]:
    """Return what a run of the recipe finds.

    Raises:
        LocalGatewayError: the run didn't come to its end.
    """
    outcome = await once(recipe, target)
    if outcome.progress.state != "done":
        raise LocalGatewayError(f"The run ended early: {outcome.progress.stopped_by}.")
    return outcome.findings
