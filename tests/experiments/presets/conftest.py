"""Running a preset small, as its acceptance wants it."""

import asyncio
import contextlib
import time

import pytest

from gateway.experiments.plan import Recipe
from gateway.experiments.presets import PRESETS
from gateway.experiments.summary import summarise

TICK_S = 0.01
LATE_S = 0.03
"""How late a sleeper may wake before we say that the machine was too busy to be measured on."""


class Punctual:
    """Knows how late this process was, at worst, while others used the machine."""

    async def __aenter__(self):
        self.worst_s = 0.0
        self._ticking = asyncio.create_task(self._tick())
        return self

    async def __aexit__(self, *_):
        self._ticking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._ticking

    async def _tick(self):
        while True:
            due = time.perf_counter() + TICK_S
            await asyncio.sleep(TICK_S)
            self.worst_s = max(self.worst_s, time.perf_counter() - due)


def plan_of(preset, knobs, **terms):
    """Return the plan of a preset with knobs."""
    return PRESETS[preset].plan(Recipe(preset=preset, knobs=knobs, **terms))


class Done:
    """A preset that ran: its plan, what became of it, findings and summary."""

    def __init__(self, preset, plan, ran):
        self.plan, self.ran = plan, ran
        self.findings = PRESETS[preset].accept(plan, ran.table, ran.attempts)
        self.summary = summarise(
            ran.table, PRESETS[preset].predict(plan), primary=PRESETS[preset].primary
        )

    @property
    def refused(self):
        """Findings that don't hold."""
        return [finding for finding in self.findings if not finding.ok]

    @property
    def verdicts(self):
        """Verdicts of the primary metric."""
        return set(self.summary.loc[self.summary["primary"], "verdict"])

    @property
    def accepted(self):
        """Whether every finding holds and no prediction is refuted."""
        return not self.refused and "mismatch" not in set(self.summary["verdict"])


@pytest.fixture
def done(run):
    """Run a preset in a gateway of its own.

    A run that isn't accepted while this process was late proves nothing of the gateway: it isn't
    judged but repeated, with ``again``'s knobs. On a punctual machine the first run counts.
    """

    async def ran(preset, knobs, *, again=({}, {}), **terms):
        for changed in ({}, *again):
            plan = plan_of(preset, {**knobs, **changed}, **terms)
            async with Punctual() as clock:
                result = Done(preset, plan, await run(plan))
            if result.accepted or clock.worst_s < LATE_S:
                break
        return result

    return ran
