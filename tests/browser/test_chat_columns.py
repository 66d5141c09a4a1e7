"""Columns in a browser: pairs, keyboard, small screens, several tabs, a gateway that dies."""

import pytest
from playwright.sync_api import expect

from gateway.local.server import LocalServer
from tests.browser.driver import ask, cards, columns, finished, running_app, settled, until

QUESTION = "Tell me a joke about caching."
LONG = "What is an AI gateway, and why would we put one in front of our models?"


def states(app):
    """How the attempts stand, without those of others."""
    return [attempt["state"] for attempt in app.journal()]


def test_pair_is_one_click_away(app, page):
    """Gateway beside none: the column's own settings are chosen where one looks for them."""
    page.goto(app.url)
    page.get_by_role("button", name="Compare").click()
    page.get_by_text("Direct or gateway").click()
    expect(page.get_by_text("Gateway: Direct")).to_be_visible()

    page.locator("[class*=st-key-chat-column-] [data-testid=stPopoverButton]").nth(1).click()
    expect(page.get_by_role("radio", name="Direct")).to_be_checked()
    page.keyboard.press("Escape")
    for answers in (2, 4):
        ask(page, QUESTION)
        finished(page, answers)

    expect(page.get_by_text("median of 2 pairs")).to_be_visible()
    assert sum(attempt["log_id"] == "" for attempt in app.journal()) == 2


def test_fallback_beside_a_single_model(app, page):
    """With the first provider down, one column answers by its fallback, the other fails."""
    app.fault(provider="openai", kind="status", status=503)
    page.goto(app.url)
    page.get_by_role("button", name="Compare").click()
    page.get_by_text("Fallback or single").click()
    expect(page.get_by_text("Fallback models:")).to_be_visible()

    ask(page, QUESTION)
    finished(page, 2)

    expect(cards(page).first.get_by_text("→ Anthropic")).to_be_visible()
    expect(cards(page).nth(1).get_by_text("error HTTP 503")).to_be_visible()
    page.get_by_role("button", name="Details").first.click()
    page.get_by_role("dialog").get_by_role("tab", name="Attempts").click()
    expect(page.get_by_text("2 tries at 2 fallback steps; the last one answered.")).to_be_visible()


def test_keyboard_stops_and_turns_over(app, page):
    """From within the input: Alt+N shows one column after the other, Alt+S stops all."""
    app.fault(kind="stall", after=3)
    page.goto(app.url)
    ask(page, LONG)
    expect(page.get_by_text("▍")).to_have_count(2)

    page.keyboard.press("Alt+n")
    expect(cards(page)).to_have_count(1)
    page.keyboard.press("Alt+s")
    expect(page.get_by_text("stopped")).to_have_count(1)
    until(lambda: states(app) == ["aborted"] * 2, 2.0)

    page.keyboard.press("Alt+n")
    expect(cards(page).get_by_text("Anthropic", exact=True)).to_be_visible()
    page.keyboard.press("Alt+n")
    expect(cards(page)).to_have_count(2)


def test_beginning_and_end_are_announced(app, page):
    """A live region says that answers begin and end, and none of their words."""
    page.goto(app.url)
    region = page.locator("#spoken")

    app.fault(kind="stall", ms=1_500, after=3)
    ask(page, QUESTION)
    expect(region).to_have_text("2 answers begin.")
    expect(region).to_have_text("All 2 answers have ended.")

    assert region.get_attribute("aria-live") == "polite"


@pytest.mark.parametrize("width", [390, 320], ids=["phone", "zoom of 400 %"])
def test_nothing_is_wider_than_a_small_screen(app, page, width):
    """390 px is a phone; 320 px is what a laptop has left at 400 %."""
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(app.url)
    ask(page, QUESTION)
    finished(page, 2)
    settled(page)

    wider = page.evaluate(
        """() => [...document.querySelectorAll('[data-testid=stMain] *')]
        .filter(e => e.checkVisibility() && e.getBoundingClientRect().right > innerWidth + 1)
        .map(e => e.className || e.tagName)"""
    )

    assert wider == []
    for name in ("Details", "Regenerate", "Edit", "Settings", "Compare", "Clear"):
        expect(page.get_by_role("button", name=name).first).to_be_visible()


def test_tabs_do_not_know_each_other(app, page):
    """Two tabs ask at once; one is closed, the other goes on to its end."""
    app.fault(kind="stall", ms=2_500, after=3)
    page.goto(app.url)
    other = page.context.new_page()
    other.goto(app.url)
    for tab in (page, other):
        ask(tab, LONG)
        expect(tab.get_by_text("▍")).to_have_count(2)

    other.close()

    until(lambda: states(app).count("aborted") == 2, 2.0)
    finished(page, 2)
    assert sorted(states(app)) == ["aborted", "aborted", "done", "done"]


def test_gateway_that_dies_leaves_the_words(tmp_path, page):
    """The gateway is killed mid-stream: what had arrived stays, and is marked as broken off."""
    with LocalServer.start(seed=1) as gateway, running_app(tmp_path, gateway) as app:
        app.fault(kind="stall", after=3)
        page.goto(app.url)
        columns(page, 2)
        ask(page, LONG)
        expect(page.get_by_text("▍")).to_have_count(2)
        words = cards(page).first.inner_text().split("▍")[0].split()[-3:]

        gateway.kill()

        finished(page, 2)
        expect(page.get_by_text("broken off")).to_have_count(2)
        assert all(word in cards(page).first.inner_text() for word in words)


def test_low_window_is_not_covered_by_the_input(app, page):
    """At 400 % a laptop has some 256 px of height: the input scrolls away, the answer is seen."""
    page.set_viewport_size({"width": 320, "height": 256})
    page.goto(app.url)
    ask(page, QUESTION)
    finished(page, 2)
    settled(page)

    card = cards(page).first
    card.scroll_into_view_if_needed()

    at_bottom = "!!document.elementFromPoint(160, 250)?.closest('[class*=st-key-chat-turn]')"
    until(lambda: page.evaluate(at_bottom), 5.0)
