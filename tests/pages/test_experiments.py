"""The experiments page: chosen, corrected, seen before anything is sent, run, read, found again."""

import pytest

from gateway.experiments.plan import Recipe
from pages.parts import experiment_form, state
from tests.pages.visit import opened

PAGE = "pages/measure/experiments.py"
PATIENCE_S = 60
SMALL = Recipe(preset="E01", knobs={"prompts": 2, "passes": 2})


@pytest.fixture
def page():
    """The page as a visitor first sees it."""
    return opened(PAGE)


@pytest.fixture(scope="module")
def finished(at_home):
    """One small run, for all tests that look at its result."""
    lab = state.workbench().lab
    run_id = lab.start(SMALL)
    lab.wait(run_id, PATIENCE_S)
    return run_id


def words(page):
    """Everything that the page says."""
    elements = (*page.markdown, *page.caption, *page.error, *page.warning, *page.info)
    elements = (*elements, *page.success, *page.code, *page.subheader, *page.header)
    tables = [str(table.value.to_dict()) for table in (*page.table, *page.dataframe)]
    metrics = [f"{metric.label} {metric.value}" for metric in page.metric]
    return "\n".join([*(str(element.value) for element in elements), *tables, *metrics])


def press(page, label):
    next(button for button in page.button if button.label == label).click()
    page.run()
    assert not page.exception


def test_first_visit_shows_what_would_happen(page):
    """The question, the predicted figures, calls and cost: and nothing has been sent."""
    said = words(page)

    assert "What does the first repeat buy?" in said
    assert "Requests 100" in said
    assert "Nothing is paid" in said
    assert "C6" in said
    assert state.workbench().lab.queue() == ()


def test_knob_changes_the_plan(page):
    """Two prompts, three times each."""
    page.number_input(key="experiments.E01.prompts").set_value(2).run()
    page.number_input(key="experiments.E01.passes").set_value(3).run()

    assert "Requests 6" in words(page)


@pytest.mark.parametrize(
    ("family", "preset", "knob", "text", "sentence"),
    [
        ("cache", "E04", "ttls_s", "60, soon", "must be numbers with commas"),
        ("cache", "E04", "ttls_s", "5", "must be a number from 60"),
        ("cache", "E04", "ttls_s", "", "must be a list that isn't empty"),
    ],
)
def test_refused_knob_is_named_at_its_place(page, family, preset, knob, text, sentence):
    """Nothing can be run until it is corrected."""
    page.session_state["experiments.family"] = family
    page.session_state[f"experiments.preset.{family}"] = preset
    page.run()
    page.text_input(key=f"experiments.{preset}.{knob}").set_value(text).run()

    assert sentence in words(page)
    assert "Run" not in [button.label for button in page.button]


def test_cap_below_one_request_is_refused(page):
    """The sentence names the price; the button waits."""
    page.number_input(key="experiments.cap").set_value(1e-9).run()

    assert "below the price of one request" in words(page)
    assert page.button(key="experiments.run").disabled


def test_plan_file_fills_the_form(page):
    """TOML as it is shared; what it doesn't say is the preset's."""
    text = 'preset = "E03"\nseed = 7\n[knobs]\nloads = [2]\nrequests = 30'
    page.text_area(key="experiments.text").set_value(text)
    press(page, "Open the plan")

    assert "Does the cache follow" in words(page)
    assert page.text_input(key="experiments.E03.loads").value == "2"
    assert page.number_input(key="experiments.seed").value == 7
    assert "Requests 30" in words(page)


def test_plan_file_may_name_any_model(page):
    """One that isn't in our list is taken as it is; its price is unknown, and said to be."""
    text = '{"preset": "E01", "provider": "openai", "model": "ours-1"}'
    page.text_area(key="experiments.text").set_value(text)
    press(page, "Open the plan")

    assert page.selectbox(key="experiments.model.openai").value == "ours-1"
    assert "List price, at most \N{EN DASH}" in words(page)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("preset = ", "can't be read"),
        ('preset = "E99"', "No experiment is called"),
        ('{"preset": "E01", "knobs": {"passes": 0}}', "passes must be"),
        ('{"preset": "E01", "extra": 1}', "no member 'extra'"),
    ],
)
def test_bad_plan_file_is_explained(page, text, sentence):
    """The form stays as it was."""
    page.text_area(key="experiments.text").set_value(text)
    press(page, "Open the plan")

    assert sentence in words(page)
    assert "What does the first repeat buy?" in words(page)


def test_run_is_started_watched_and_found_again(page):
    """From the button over the progress to the result; its address leads there too."""
    page.number_input(key="experiments.E01.prompts").set_value(2)
    page.number_input(key="experiments.E01.passes").set_value(2).run()
    press(page, "Run")
    run_id = state.workbench().lab.runs()[0].id

    assert "The run goes on when you leave this page" in words(page)
    state.workbench().lab.wait(run_id, PATIENCE_S)
    page.run()

    assert "Answered from the cache 50.0 %" in words(page)
    assert "Answered from the cache 50.0 %" in words(opened(PAGE, run=run_id))


def test_short_reading_is_an_answer(finished):
    """Three numbers, a sentence, how sure, what was saved."""
    page = opened(PAGE, run=finished)

    said = words(page)
    assert len(page.metric) == 3
    assert "checks hold" in said
    assert "The cache saved" in said
    assert "The prediction is exact" in said


def test_full_reading_has_the_figures(finished):
    """Checks, z, honesty, requests with their cache state, and code."""
    page = opened(PAGE, run=finished)
    page.session_state["experiments.level"] = "full"
    page.run()

    said = words(page)
    assert not page.exception
    assert "Hits by pass" in said
    assert "matches" in said
    assert "Little's law is off by" in said
    assert "'HIT'" in said
    assert "lab.start(recipe, 'local')" in said


def test_requests_are_filtered_and_sorted(finished):
    """By cache state; the database does it."""
    page = opened(PAGE, run=finished)
    page.session_state["experiments.level"] = "full"
    page.run()
    page.multiselect(key="experiments.where.cache_status").set_value(["HIT"]).run()

    assert "2 requests fit" in words(page)
    assert page.dataframe[-1].value["cache_status"].tolist() == ["HIT", "HIT"]


def test_runs_are_compared(finished):
    """What differed in the set-up, and each figure with its interval."""
    lab = state.workbench().lab
    other = lab.start(Recipe(preset="E01", seed=9, knobs={"prompts": 2, "passes": 2}))
    lab.wait(other, PATIENCE_S)
    page = opened(PAGE, run=finished)

    page.multiselect(key=f"experiments.compare.{finished}").set_value([other]).run()

    said = words(page)
    assert not page.exception
    assert "seed: **1** here, **9** there" in said
    assert "not shown to differ" in said
    assert "+0 points" in said


def test_run_again_fills_the_form(finished):
    """The same knobs; nothing is sent before the button."""
    page = opened(PAGE, run=finished)
    press(page, "Run again")

    assert "Requests 4" in words(page)


def test_unknown_run_is_said_and_the_form_is_there(page):
    """A link to a deleted run isn't an error page."""
    page.query_params["run"] = "20200101-000000-abcdef"
    page.run()

    assert "There is no run" in words(page)
    assert "What does the first repeat buy?" in words(page)


def test_deleted_run_leaves_the_list():
    """With one more click than opening it."""
    lab = state.workbench().lab
    run_id = lab.start(SMALL)
    lab.wait(run_id, PATIENCE_S)
    page = opened(PAGE)

    page.button(key=f"experiments.delete.{run_id}").click().run()

    assert run_id not in [run.id for run in lab.runs()]


def test_every_preset_can_be_chosen_and_tried_dry(page):
    """None of them needs more than its own knobs."""
    for family, presets in _families().items():
        page.session_state["experiments.family"] = family
        for preset in presets:
            page.session_state[f"experiments.preset.{family}"] = preset
            page.run()
            assert not page.exception
            assert "Before anything is sent" in words(page)


def _families():
    found = {}
    for preset in experiment_form.PRESETS.values():
        found.setdefault(preset.family, []).append(preset.id)
    return found


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("Attempts", "wait_before_ms"),
        ("Chunks", "This run has none."),
        ("Summary", "error_rate"),
        ("Run", "emulator_version"),
    ],
)
def test_each_table_can_be_seen(finished, table, expected):
    """With the columns of its definition."""
    page = opened(PAGE, run=finished)
    page.session_state["experiments.level"] = "full"
    page.session_state["experiments.table"] = table
    page.run()

    assert not page.exception
    assert expected in words(page)
