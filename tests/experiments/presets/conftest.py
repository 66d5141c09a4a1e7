"""Running a preset small, as its acceptance wants it."""

import pytest

from gateway.experiments.plan import Recipe
from gateway.experiments.presets import PRESETS
from gateway.experiments.summary import summarise


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


@pytest.fixture
def done(run):
    """Run a preset in a gateway of its own."""

    async def ran(preset, knobs, **terms):
        plan = plan_of(preset, knobs, **terms)
        return Done(preset, plan, await run(plan))

    return ran
