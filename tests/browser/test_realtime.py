"""The realtime page in a browser: what arrives by itself is shown without a click."""

import pytest
from playwright.sync_api import expect

from tests.browser.driver import ask, choose, settled
from tests.browser.test_pages import ours


@pytest.fixture
def talk(page, app):
    """The page with an open session."""
    page.goto(f"{app.url}/realtime")
    settled(page)
    page.get_by_role("button", name="Connect", exact=True).click()
    expect(page.get_by_placeholder("Say something")).to_be_enabled()
    yield page
    # A tab that closes while its page is repainted leaves a traceback of the server's in the log.
    if page.get_by_role("button", name="Disconnect").is_visible():
        page.get_by_role("button", name="Disconnect").click()
        expect(page.get_by_text("You left.")).to_be_visible()
    settled(page)


def test_answer_appears_by_itself(talk):
    """The session runs beside the page, which looks at it several times a second."""
    ask(talk, "What is the capital of France?")

    expect(talk.get_by_text("The capital of France is Paris.")).to_be_visible()
    expect(talk.get_by_text("First piece")).to_be_visible()
    expect(talk.get_by_test_id("stDataFrame")).to_be_visible()
    settled(talk)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_open_session_is_accessible(talk, scheme, width):
    """axe finds nothing that is ours in a conversation and its list of events."""
    talk.emulate_media(color_scheme=scheme)
    talk.set_viewport_size({"width": width, "height": 844})
    ask(talk, "What is the capital of France?")
    expect(talk.get_by_text("First piece")).to_be_visible()
    settled(talk)

    assert ours(talk) == []


def test_end_is_seen_without_a_click(talk):
    """The provider closes on what it can't read: the settings are free again."""
    talk.get_by_role("button", name="Disconnect").click()
    expect(talk.get_by_text("You left.")).to_be_visible()
    settled(talk)
    choose(talk, "API", "Google Live")
    talk.get_by_role("button", name="Connect", exact=True).click()
    expect(talk.get_by_placeholder("Say something")).to_be_enabled()
    talk.get_by_text("Send an event of your own").click()
    talk.get_by_label("Event as JSON").fill('{"nonsense": 1}')

    talk.get_by_role("button", name="Send", exact=True).click()

    expect(talk.get_by_text("with code 1007")).to_be_visible()
    expect(talk.get_by_role("button", name="Connect", exact=True)).to_be_enabled()
    settled(talk)
