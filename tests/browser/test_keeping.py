"""Files and links in a browser: what one tab exports, another one opens."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.driver import ask, cards, finished, settled


@pytest.fixture
def talk(page, app):
    """A conversation with one turn, its menu open."""
    page.goto(app.url)
    settled(page)
    ask(page, "What is the capital of France?")
    finished(page, 2)
    settled(page)
    page.get_by_role("button", name="Session").click()
    return page


def downloaded(page, label):
    """The file that a button downloads."""
    with page.expect_download() as found:
        page.get_by_role("button", name=label).click()
    return Path(found.value.path())


def test_exported_file_opens_in_another_tab(talk, app, context):
    """Questions, answers and figures; the Markdown reads alike."""
    exported = downloaded(talk, "JSON")
    written = downloaded(talk, "Markdown").read_text("utf-8")
    said = cards(talk).all_inner_texts()
    other = context.new_page()
    other.goto(app.url)
    settled(other)
    other.get_by_role("button", name="Session").click()

    other.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(
        {
            "name": "session.json",
            "mimeType": "application/json",
            "buffer": exported.read_bytes(),
        }
    )
    finished(other, 2)
    settled(other)

    assert cards(other).all_inner_texts() == said
    assert json.loads(exported.read_text("utf-8"))["turns"][0]["prompt"]
    assert "> What is the capital of France?" in written
    assert "Paris" in written


def test_bad_file_loses_nothing(talk):
    """The sentence names the place; the answers stay."""
    before = cards(talk).all_inner_texts()

    talk.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(
        {"name": "notes.json", "mimeType": "application/json", "buffer": b'{"a":\n'}
    )

    expect(talk.get_by_role("alert")).to_contain_text("The file isn't JSON: line 2, column 1")
    assert cards(talk).all_inner_texts() == before


def test_link_opens_the_set_up_in_another_tab(talk, context):
    """Three columns here, three columns there, and no question."""
    talk.keyboard.press("Escape")
    talk.get_by_role("button", name="Add column").click()
    settled(talk)
    talk.get_by_role("button", name="Session").click()
    link = talk.get_by_test_id("stCode").filter(has_text="setup=").inner_text().strip()
    other = context.new_page()

    other.goto(link)
    settled(other)

    expect(
        other.locator("[class*='st-key-chat-column-'] [data-testid=stPopoverButton]")
    ).to_have_count(3)
    expect(cards(other)).to_have_count(0)
    assert "setup=" not in other.url
