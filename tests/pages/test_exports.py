"""Files of a run on its page: offered where they can be made, with their charts inside."""

import pytest

from gateway.experiments.plan import Recipe
from pages.parts import charts, experiment_exports, state
from pages.parts.charts import pictures
from tests.pages.visit import opened

PAGE = "pages/measure/experiments.py"
PATIENCE_S = 120
SMALL = Recipe(preset="E01", knobs={"prompts": 2, "passes": 2})


@pytest.fixture(scope="module")
def finished(at_home):
    """One small run, for all tests."""
    lab = state.workbench().lab
    run_id = lab.start(SMALL)
    lab.wait(run_id, PATIENCE_S)
    return run_id


def test_page_offers_every_kind_of_file(finished):
    """None is made before it is asked for: the page only says what there is."""
    page = opened(PAGE, run=finished)

    labels = [button.proto.label for button in page.get("download_button")]
    assert {"Report", "Bundle", "Excel", "CSV", "Parquet", "pytest", "promptfoo"} <= set(labels)


def test_promptfoo_is_not_offered_where_it_cannot_ask(at_home):
    """A run whose failures were planted; the button says why."""
    lab = state.workbench().lab
    run_id = lab.start(Recipe(preset="E15", knobs={"requests": 4}))
    lab.wait(run_id, PATIENCE_S)

    page = opened(PAGE, run=run_id)

    buttons = {button.proto.label: button.proto for button in page.get("download_button")}
    assert buttons["promptfoo"].disabled
    assert "can't bring about" in buttons["promptfoo"].help
    assert not buttons["pytest"].disabled


def test_report_holds_the_charts_of_the_page(finished):
    """Each for light and for dark screens."""
    lab = state.workbench().lab
    run, results = lab.find(finished), lab.results(finished)

    page = experiment_exports.report(lab, run, results.outline, results).decode()

    assert page.count("<figure>") >= 2
    assert page.count("data:image/svg+xml;base64,") == 2 * page.count("<figure>")
    assert "Latency by cache state" in page


def test_picture_has_the_colours_of_its_scheme(finished):
    """Those of the app's own theme, on no ground of its own."""
    lab = state.workbench().lab
    results = lab.results(finished)
    drawing = charts.drawn(
        charts.PLAIN,
        charts.Material(
            plan=results.outline,
            preset=experiment_exports.PRESETS["E01"],
            requests=lab.requests(finished),
            summary=results.summary,
            chunks=lab.chunks(finished),
        ),
    )

    light, dark = (pictures.svg(drawing, scheme) for scheme in ("light", "dark"))

    assert light.startswith("<svg")
    assert "#566273" in light
    assert "#a3afbf" in dark
    assert 'fill="white"' not in light + dark


def test_imported_run_says_where_it_ran(finished):
    """And is marked in the list."""
    lab = state.workbench().lab
    taken = lab.take(experiment_exports.to_bundle(lab.bundle(finished), lab.plan(SMALL)))

    said = [info.value for info in opened(PAGE, run=taken).info]
    listed = [line.value for line in opened(PAGE).markdown]

    assert any("This run came as a file. It ran elsewhere (Python 3." in one for one in said)
    assert any("imported" in one for one in listed)
