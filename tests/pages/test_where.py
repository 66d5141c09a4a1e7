"""Who sends an experiment: the choice is there where workers are set up, and says what it does."""

import pytest

from gateway.experiments.plan import Recipe
from gateway.experiments.presets import PRESETS
from gateway.experiments.spread.cluster import Survey
from pages.parts import experiment_where
from tests.pages.visit import opened

PAGE = "pages/measure/experiments.py"
NOBODY = "tcp://127.0.0.1:9"


def controls(page):
    return {control.label: control for control in page.segmented_control}


def test_without_workers_there_is_no_choice():
    """Most people have none."""
    assert "Sent by" not in controls(opened(PAGE))


def test_workers_that_do_not_answer_are_no_way_to_run(fresh, monkeypatch):
    """Nothing falls back by itself: who wants this process chooses it."""
    monkeypatch.setenv("DASK_SCHEDULER", NOBODY)
    page = opened(PAGE)

    page.session_state["experiments.sender"] = experiment_where.WORKERS
    page.run()
    disabled = page.button(key="experiments.run").disabled
    page.session_state["experiments.sender"] = experiment_where.HERE
    page.run()

    assert disabled
    assert not page.button(key="experiments.run").disabled


@pytest.mark.parametrize(
    ("preset", "workers", "sentence"),
    [
        ("E15", 2, "2 workers send 50 requests each"),
        ("E15", 3, "3 workers send 32 to 34 requests each"),
        ("E01", 3, "One worker sends all of it"),
    ],
)
def test_choice_says_what_workers_would_do(preset, workers, sentence):
    """How many requests each, by the same dealing as the run's."""
    survey = Survey(address=NOBODY, workers=tuple(f"tcp://10.0.0.{i}:1" for i in range(workers)))

    assert sentence in experiment_where.told(PRESETS[preset].plan(Recipe(preset=preset)), survey)
