"""The planner page: rates and TTLs, one point in detail, stability, and evidence from a run."""

import pytest

from gateway.experiments.plan import Recipe
from pages.parts import state
from pages.parts.planner_form import spread
from tests.pages.visit import opened

PAGE = "pages/measure/planner.py"
PATIENCE_S = 60


@pytest.fixture
def page():
    """The page as a visitor first sees it."""
    return opened(PAGE)


def words(page):
    """Everything that the page says."""
    elements = (*page.markdown, *page.caption, *page.error, *page.info, *page.header)
    tables = [str(table.value.to_dict()) for table in page.table]
    metrics = [f"{metric.label} {metric.value}" for metric in page.metric]
    return "\n".join([*(str(element.value) for element in elements), *tables, *metrics])


def test_first_visit_has_an_answer(page):
    """Ten million a day at an hour: the figure of the formula, less what fills cost."""
    said = words(page)

    assert "Nothing is sent" in said or "nothing is sent" in said
    assert "10 million a day, TTL 1 h" in said
    ratio = next(float(m.value[:-2]) for m in page.metric if m.label == "Hit ratio")
    assert ratio == pytest.approx(64.1, abs=0.5)


def test_longer_life_saves_more(page):
    """A day instead of an hour."""
    page.selectbox(key="planner.ttl").set_value(86_400).run()

    ratio = next(float(m.value[:-2]) for m in page.metric if m.label == "Hit ratio")
    assert ratio == pytest.approx(82.8, abs=0.5)


@pytest.mark.parametrize(
    ("capacity", "verdict"),
    [(None, "stability unknown"), (10_000.0, "cannot collapse"), (45.0, "can collapse")],
)
def test_stability_is_a_badge(page, capacity, verdict):
    """Unknown until it is said what the provider takes."""
    page.number_input(key="planner.capacity").set_value(capacity).run()

    assert verdict in words(page)


def test_impossible_latencies_are_refused(page):
    """A p99 below the median has nothing to draw."""
    page.number_input(key="planner.tail").set_value(100.0).run()

    assert "can't lie below its median" in words(page)
    assert not page.metric


def test_recorded_run_gives_its_evidence():
    """Beyond the sample a band is shown, and said to be one."""
    lab = state.workbench().lab
    run_id = lab.start(Recipe(preset="E05", knobs={"requests": 100, "intents": 20}))
    lab.wait(run_id, PATIENCE_S)
    page = opened(PAGE)

    page.selectbox(key="planner.sample").set_value(run_id).run()

    said = words(page)
    assert not page.exception
    assert "several laws fit it" in said
    assert "100 requests" in said


def test_latencies_have_the_median_and_the_tail():
    """What lies between is log-normal."""
    found = spread(900.0, 4000.0)

    assert found[len(found) // 2] == 900.0
    assert found[-1] == pytest.approx(4000.0)
