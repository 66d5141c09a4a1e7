"""Rules on the page: which one explains a run, and what a gateway's probes have answered."""

import pytest

from gateway.experiments.plan import Recipe
from pages.parts import state
from tests.pages.visit import opened

PAGE = "pages/measure/experiments.py"
PATIENCE_S = 180


@pytest.fixture(scope="module")
def probed(at_home):
    """The probes, and after them an ordinary run."""
    lab = state.workbench().lab
    probes = lab.start(Recipe(preset="P01"))
    later = lab.start(Recipe(preset="E01", knobs={"prompts": 2, "passes": 2}))
    lab.wait(probes, PATIENCE_S)
    lab.wait(later, PATIENCE_S)
    return later


def tables(page):
    return "\n".join(str(table.value.to_dict()) for table in page.table)


def test_rule_in_force_is_named(probed):
    """In a sentence, with each candidate and how far it agrees."""
    page = opened(PAGE, run=probed)
    page.session_state["experiments.level"] = "full"
    page.run()

    assert not page.exception
    said = "\n".join(line.value for line in page.markdown)
    assert "**fixed life from the write" in said
    assert "explain every one of" in said
    assert "this run can't tell them apart" in said
    assert "no cache" in tables(page)
    assert "Does max-attempts n mean n tries" in tables(page)


def test_certificate_is_on_the_list(probed):
    """Question, answer, when, and what was seen; with the way to its run."""
    page = opened(PAGE)

    assert "n tries in all" in tables(page)
    assert "3 attempts" in tables(page)
    button = page.button(key="experiments.certificate.local")
    button.click().run()
    assert not page.exception
    assert page.header[0].value.startswith("P01")
