"""Files of a run in a browser: saved, opened without a network, taken in again."""

import json

import pytest
from playwright.sync_api import expect

from tests.browser.driver import settled
from tests.browser.test_experiments import PATIENCE_MS, started


@pytest.fixture
def result(app, page):
    """A finished run, with its files unfolded."""
    started(app, page, prompts="2")
    expect(page.get_by_text("checks hold")).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_text("Take it along").click()
    settled(page)
    return page


def saved(page, label, folder):
    """Press a button and return the file that comes of it."""
    with page.expect_download(timeout=PATIENCE_MS) as waiting:
        page.get_by_role("button", name=label, exact=True).click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def test_every_file_is_made_when_it_is_asked_for(result, tmp_path):
    """Seven kinds, none of them empty; the page stays as it is meanwhile."""
    kinds = ("Report", "Bundle", "Excel", "CSV", "Parquet", "pytest", "promptfoo")

    files = [saved(result, kind, tmp_path) for kind in kinds]

    assert all(path.stat().st_size > 200 for path in files)
    assert len({path.name for path in files}) == len(kinds)
    assert json.loads(files[1].read_bytes())["recipe"]["preset"] == "E01"
    expect(result.get_by_text("checks hold")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_report_opens_without_a_network(result, browser, tmp_path, scheme):
    """Its charts are there in the colours of the screen, and nothing scrolls sideways."""
    path = saved(result, "Report", tmp_path)
    with browser.new_context(
        offline=True, color_scheme=scheme, viewport={"width": 390, "height": 844}
    ) as offline:
        page = offline.new_page()
        page.goto(f"file://{path}")

        expect(page.get_by_text("checks hold")).to_be_visible()
        shown = page.locator("figure img").evaluate_all(
            "all => all.map(one => [one.naturalWidth > 300, one.currentSrc.slice(0, 18)])"
        )
        assert len(shown) >= 2
        assert all(one == [True, "data:image/svg+xml"] for one in shown)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_bundle_is_taken_in_and_run_again(app, result, tmp_path):
    """Listed as what it is, judged again, and its plan is in the form."""
    path = saved(result, "Bundle", tmp_path)
    result.get_by_role("button", name="All experiments").click()
    result.get_by_text("Open a run from a file").click()
    result.locator("input[type=file]").last.set_input_files(path)
    result.get_by_role("button", name="Open the run").click()

    expect(result.get_by_text("This run came as a file.")).to_be_visible(timeout=PATIENCE_MS)
    expect(result.get_by_text("checks hold")).to_be_visible()
    assert "run=imported-" in result.url
    result.get_by_role("button", name="Run again").click()
    expect(result.get_by_role("spinbutton", name="Distinct prompts")).to_have_value("2")
    expect(result.get_by_text("imported").first).to_be_visible()


def test_other_file_is_refused_where_it_was_given(app, page, tmp_path):
    """With the reason; the list stays."""
    path = tmp_path / "other.json"
    path.write_text("{}")
    page.goto(f"{app.url}/experiments")
    settled(page)
    page.get_by_text("Open a run from a file").click()
    page.locator("input[type=file]").last.set_input_files(path)
    page.get_by_role("button", name="Open the run").click()

    expect(page.get_by_text("The file isn't a run exported here.")).to_be_visible()
