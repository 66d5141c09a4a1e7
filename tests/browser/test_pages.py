"""Every page in a browser: a cold deep link, both themes, a phone, and accessibility."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.driver import ask, finished, running_app, settled

PAGES = {
    "": "Playground",
    "headers": "Headers",
    "realtime": "Realtime",
    "connection": "Connection",
    "experiments": "Experiments",
    "planner": "Planner",
    "reference": "Reference",
}
STREAMLITS_OWN = {
    "color-contrast": ".token",  # the code highlighter, whose colours no theme sets
    "svg-img-alt": "[data-testid=stMetric]",  # sparklines
    "list": "[data-testid=stSidebarNav]",  # the menu's sections are divs in a list
    "listitem": "[data-testid=stSidebarNav]",
}
"""Findings in markup that isn't ours, by rule and selector; everything else fails."""


@pytest.mark.parametrize(("path", "title"), PAGES.items())
def test_deep_link_into_a_cold_server(tmp_path, page, path, title):
    """A link to any page works in a server that nobody has opened yet: with frame and menu."""
    with running_app(tmp_path) as cold:
        page.goto(f"{cold.url}/{path}")

        expect(page.get_by_role("heading", level=1)).to_have_text(title)
        expect(page.get_by_role("navigation").get_by_role("link")).to_have_count(len(PAGES))
        settled(page)
        expect(page.get_by_role("dialog")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("path", PAGES)
def test_page_is_accessible(app, page, scheme, width, path):
    """axe finds nothing that is ours, in light and dark, on a laptop and on a phone."""
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(f"{app.url}/{path}")
    settled(page)

    if not path:
        ask(page, "What is an AI gateway, and why would we put one in front of our models?")
        finished(page, 2)
        settled(page)

    assert ours(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_hits_and_errors_are_accessible(app, page, scheme):
    """So are the states that a first answer doesn't show: a hit, an error, a refused option."""
    app.fault(provider="anthropic", kind="status", status=503)
    page.emulate_media(color_scheme=scheme)
    page.goto(app.url)
    page.locator("[class*=st-key-chat][class*=-options-cache] summary").click()
    page.get_by_role("textbox", name="Cache TTL").fill("30")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Left out until then")).to_be_visible()
    page.locator("[class*=st-key-chat-cache]").get_by_text("Cache").click()
    expect(page.get_by_text("Answers come whole")).to_be_visible()

    for answers in (2, 4):
        ask(page, "What is the capital of Peru?")
        finished(page, answers)
    settled(page)

    assert ours(page) == []


def ours(page):
    """What axe finds, without Streamlit's own markup."""
    found = Axe().run(page).response["violations"]
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
        if not page.locator(node["target"][0]).evaluate(
            "(element, selector) => selector !== null && element.closest(selector) !== null",
            STREAMLITS_OWN.get(rule["id"]),
        )
    ]


@pytest.mark.parametrize("path", PAGES)
def test_phone_shows_no_sideways_scroll(app, page, path):
    """At 390 px everything fits the screen's width."""
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{app.url}/{path}")
    settled(page)

    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
