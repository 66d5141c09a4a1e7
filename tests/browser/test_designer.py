"""A design of one's own in a browser: swept, tried dry, run, read, found again, on a phone."""

from playwright.sync_api import expect

from gateway.experiments.plan import Recipe
from gateway.sharing import pack
from tests.browser.driver import settled
from tests.browser.test_pages import ours

PATIENCE_MS = 120_000


def typed(page, role, name, value):
    page.get_by_role(role, name=name).fill(value)
    page.keyboard.press("Tab")
    settled(page)


KNOBS = {"answers": "timed", "requests": 4, "keys": 2}
TTLS = {"name": "cache_ttl", "values": [60, 3600]}
SMALL = Recipe(preset="F01", knobs={**KNOBS, "axes": [TTLS]})
LONG = Recipe(preset="F01", knobs={**KNOBS, "requests": 200, "keys": 200, "answer_s": 1.0})


def opened(app, page, recipe):
    """Open a plan by its link, as somebody does who was sent it."""
    page.goto(f"{app.url}/experiments?plan={pack(recipe.to_json())}")
    expect(page.get_by_text("Before anything is sent")).to_be_visible(timeout=PATIENCE_MS)
    settled(page)


def test_sweep_is_designed_tried_dry_run_and_found_again(app, page):
    """Two lives of an answer: refused, corrected, predicted, run; its address shows it again."""
    opened(app, page, SMALL)
    typed(page, "textbox", "Cache TTL", "5 s, 1 h")
    expect(page.get_by_text("Cache TTL must be 0 or from 60 to 2592000 s")).to_be_visible()
    expect(page.get_by_role("button", name="Run", exact=True)).to_have_count(0)

    typed(page, "textbox", "Cache TTL", "1 min, 1 h")
    typed(page, "textbox", "Name", "Two lives")
    expect(page.get_by_text("Before anything is sent")).to_be_visible()
    predicted = page.get_by_test_id("stTable")
    expect(predicted).to_contain_text("50.0 %")
    expect(predicted).to_contain_text("C6, drawn")

    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_text("All 2 checks hold")).to_be_visible(timeout=PATIENCE_MS)
    assert "?run=" in page.url
    page.get_by_role("radio", name="In full").click()
    checks = page.get_by_test_id("stTable").first
    expect(checks).to_contain_text("Hit ratio of Cache TTL 1 min")
    expect(checks).to_contain_text("holds")

    page.reload()
    expect(page.get_by_role("heading", name="F01 Two lives")).to_be_visible(timeout=PATIENCE_MS)


def test_designer_is_accessible_and_fits_a_phone(app, page):
    """axe finds nothing of ours, also with a refused value, and nothing scrolls sideways."""
    opened(app, page, SMALL)
    typed(page, "textbox", "Cache TTL", "5 s")
    page.evaluate("document.activeElement.blur()")
    page.mouse.move(0, 0)
    settled(page)

    assert ours(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_waiting_run_is_taken_back(app, page):
    """One runs, one waits its turn; the second is taken back from the list."""
    opened(app, page, LONG)
    for _ in range(2):
        page.get_by_role("button", name="Run", exact=True).click()
        expect(page.get_by_text("of 200 requests")).to_be_visible(timeout=PATIENCE_MS)
        settled(page)
        page.get_by_role("button", name="All experiments").click()
        expect(page.get_by_text("Before anything is sent")).to_be_visible(timeout=PATIENCE_MS)
        settled(page)

    expect(page.get_by_text("next in line")).to_be_visible()
    page.get_by_role("button", name="Take it back").last.click()
    expect(page.get_by_text("next in line")).to_have_count(0)
    expect(page.get_by_text("cancelled").first).to_be_visible()
    settled(page)
    page.get_by_role("button", name="End it").first.click(timeout=PATIENCE_MS)
    expect(page.get_by_role("button", name="End it")).to_have_count(0, timeout=PATIENCE_MS)
