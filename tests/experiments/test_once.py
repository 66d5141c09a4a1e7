"""A recipe runs once, and the command line runs presets by name."""

import subprocess
import sys
from pathlib import Path

import pytest

from gateway.errors import LocalGatewayError
from gateway.experiments.__main__ import BEGIN, END, placed
from gateway.experiments.once import accepted
from gateway.experiments.plan import Recipe

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parent.parent.parent


async def test_run_that_ended_early_says_so():
    """What wasn't measured to its end can't be accepted."""
    recipe = Recipe(preset="E01", knobs={"prompts": 30, "passes": 2}, cap_usd=1e-9)

    with pytest.raises(LocalGatewayError, match="ended early: cap"):
        await accepted(recipe)


def test_unknown_preset_is_refused():
    """With the names of those that there are."""
    done = subprocess.run(
        [sys.executable, "-m", "gateway.experiments", "E99"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert "there is no preset 'E99'; there are E01" in done.stderr


def test_table_has_its_place_in_the_readme():
    """Between two marks, which stay; a page without them is left as it is."""
    page = (ROOT / "README.md").read_text("utf-8")

    written = placed(page, "| a table |")

    assert f"{BEGIN}\n| a table |\n{END}" in written
    assert placed(written, page.partition(BEGIN)[2].partition(END)[0].strip("\n")) == page
    with pytest.raises(ValueError, match="no place for the table"):
        placed("# A page", "")
