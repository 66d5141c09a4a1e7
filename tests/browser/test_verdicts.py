"""Votes with hidden names and thumbs, in a browser."""

import httpx
from playwright.sync_api import expect

from tests.browser.driver import ask, cards, settled, until


def test_names_are_hidden_until_the_vote(page, app):
    """Neither while the answers stream nor after: the vote reveals them."""
    page.goto(app.url)
    settled(page)
    page.get_by_role("button", name="Verdicts").click()
    page.get_by_text("Hide names until the vote").click()
    settled(page)
    page.keyboard.press("Escape")

    ask(page, "Why is the sky blue?")
    expect(cards(page).first).to_contain_text("Answer A")
    page.get_by_role("button", name="Tie").wait_for()
    hidden = " ".join(cards(page).all_inner_texts())
    page.get_by_role("button", name="Answer B").click()
    expect(page.get_by_text("best, names hidden.")).to_be_visible()
    settled(page)

    assert "OpenAI" not in hidden
    assert "TTFT" not in hidden
    shown = " ".join(cards(page).all_inner_texts())
    assert "OpenAI" in shown
    assert "Anthropic" in shown
    assert shown.count("TTFT") == 2


def test_thumb_reaches_the_gateway_s_log(page, app):
    """Where its evaluations count it; the same thumb again takes it back."""
    page.goto(app.url)
    settled(page)
    ask(page, "What is the capital of France?")
    page.get_by_role("button", name="Tie").wait_for()
    settled(page)
    thumb = cards(page).first.get_by_test_id("stFeedback").get_by_role("radio").first

    thumb.click()
    until(lambda: 1 in _feedback(app), 10)
    settled(page)
    thumb.click()
    until(lambda: 1 not in _feedback(app), 10)


def _feedback(app):
    """The feedback of the newest two log rows."""
    server = app.gateway
    answer = httpx.get(
        f"{server.url}/client/v4/accounts/local/ai-gateway/gateways/demo/logs?per_page=2",
        headers={"authorization": f"Bearer {server.token}"},
    )
    return [row["feedback"] for row in answer.raise_for_status().json()["result"]]
