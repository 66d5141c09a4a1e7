"""Plans of a few calls, run for real in a local gateway of their own."""

import asyncio

import pytest

from gateway.experiments import bundle, rows
from gateway.experiments.once import once
from gateway.experiments.plan import Call, Plan, Recipe, Variant
from gateway.experiments.runner import Runner
from gateway.experiments.site import LocalSite

ASKED = Variant(id="a", label="A", provider="openai", model="gpt-5.4-mini")


def plan_of(calls, *, variants=(ASKED,), recipe=None, **terms):
    """Return a plan of calls that need no more than a prompt."""
    terms = {"title": "", "question": "", "primary": "hit_ratio", "pace": "instant", **terms}
    return Plan(
        recipe=recipe or Recipe(preset="X"), variants=tuple(variants), calls=tuple(calls), **terms
    )


def calls_of(prompts, *, variant="a", **terms):
    """Return one call for each prompt, in order."""
    return [
        Call(seq=seq, variant=variant, prompt=prompt, prompt_id=prompt, **terms)
        for seq, prompt in enumerate(prompts)
    ]


async def until(condition):
    """Wait for something that tells nobody when it happens."""
    while not condition():  # noqa: ASYNC110
        await asyncio.sleep(0.01)


class Ran:
    """What became of a plan."""

    def __init__(self, runner, batches, progress):
        self.runner, self.progress = runner, progress
        self.rows = [row for batch in batches for row in batch.requests]
        self.attempts = rows.attempts([row for batch in batches for row in batch.attempts])
        self.chunks = [row for batch in batches for row in batch.chunks]
        self.table = rows.table(self.rows).sort_values("seq", ignore_index=True)


EXPORTED = Recipe(preset="E01", knobs={"prompts": 2, "passes": 2})


@pytest.fixture(scope="session")
def outcome():
    """One small run, for all tests of what runs are exported as."""
    return asyncio.run(once(EXPORTED))


@pytest.fixture(scope="session")
def exported(outcome):
    """That run as a bundle; its title needs care."""
    return bundle.Bundle(
        recipe=EXPORTED,
        run={"title": "Cold & warm <cache>", "state": outcome.progress.state, "planned_n": 4},
        requests=outcome.requests,
        attempts=outcome.attempts,
        chunks=rows.chunk_table([{"run_id": "r", "request_id": "q", "i": 0, "t_s": 0.5}]),
        summary=outcome.summary,
        findings=outcome.findings,
    )


@pytest.fixture
def run():
    """Run a plan in a gateway of its own; ``during`` is called with the runner as it begins."""

    async def ran(plan, *, during=None, keep=None, site=None, **terms):
        batches = []
        place = site or await LocalSite.open(plan)
        runner = Runner(plan, place, run_id="r1", keep=keep or batches.append, **terms)
        try:
            if during is not None:
                during(runner)
            progress = await runner.run()
        finally:
            await place.aclose()
        return Ran(runner, batches, progress)

    return ran
