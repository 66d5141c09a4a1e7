"""An experiment in a browser: started, watched, read, found again by its address, accessible."""

import pytest
from playwright.sync_api import expect

from tests.browser.driver import settled
from tests.browser.test_pages import ours

PATIENCE_MS = 60_000


def started(app, page, prompts="4"):
    """Choose a small E01 and start it."""
    page.goto(f"{app.url}/experiments")
    settled(page)
    for label, value in (("Distinct prompts", prompts), ("Passes", "2")):
        page.get_by_role("spinbutton", name=label).fill(value)
        page.keyboard.press("Tab")
    expect(page.get_by_text(f"{2 * int(prompts)}", exact=True).first).to_be_visible()
    page.get_by_role("button", name="Run", exact=True).click()


def test_run_is_watched_and_read_and_found_again(app, page):
    """Progress without a click, then the answer; a reload of the address shows it again."""
    started(app, page)
    expect(page.get_by_text("of 8 requests")).to_be_visible()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()

    verdict = page.get_by_text("checks hold")
    expect(verdict).to_be_visible(timeout=PATIENCE_MS)
    settled(page)
    assert "?run=" in page.url
    expect(page.locator("[data-testid=stVegaLiteChart] svg").first).to_be_visible()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save as SVG").click()
    assert saved.value.suggested_filename == "E01-Cold-and-warm-cache.svg"
    assert saved.value.path().read_text("utf-8").startswith("<svg")

    page.reload()
    expect(verdict).to_be_visible(timeout=PATIENCE_MS)


def test_running_run_survives_a_reload_and_is_ended(app, page):
    """The page finds it where it is; what it has is kept when it is ended."""
    started(app, page, prompts="300")
    expect(page.get_by_role("button", name="Pause")).to_be_enabled(timeout=PATIENCE_MS)

    page.reload()
    page.get_by_role("button", name="Pause").click(timeout=PATIENCE_MS)
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    page.get_by_role("button", name="End it").click()

    expect(page.get_by_text("It was ended by hand.")).to_be_visible(timeout=PATIENCE_MS)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_result_is_accessible(app, page, scheme):
    """axe finds nothing of ours in either reading, and nothing scrolls sideways on a phone."""
    page.emulate_media(color_scheme=scheme)
    started(app, page, prompts="2")
    expect(page.get_by_text("checks hold")).to_be_visible(timeout=PATIENCE_MS)
    settled(page)
    assert ours(page) == []

    page.get_by_role("radio", name="In full").click()
    expect(page.get_by_text("To reproduce")).to_be_visible()
    # What has the focus, or the mouse on it, is drawn in Streamlit's own way.
    page.evaluate("document.activeElement.blur()")
    page.mouse.move(0, 0)
    settled(page)
    assert ours(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
