"""The playground in a browser: parallel streams, Stop, reload, clicks while answers arrive."""

import re
import time

from playwright.sync_api import expect

from tests.browser.driver import LONG, ask, cards, columns, finished, settled

GATEWAY = "What is an AI gateway, and why would we put one in front of our models?"
FOUR = ["openai", "anthropic", "google-ai-studio", "workers-ai"]


def until(question, patience_s=5.0):
    """Wait for something to become true, and return how long it took."""
    begun = time.monotonic()
    while not question():
        assert time.monotonic() - begun < patience_s
        time.sleep(0.02)
    return time.monotonic() - begun


def streaming(page, count):
    """Wait until so many answers have words and none has ended."""
    cursors = page.get_by_text("▍")
    expect(cursors).to_have_count(count, timeout=10_000)


def test_four_columns_stream_in_parallel(app, page):
    """Four answers take as long as the slowest, give or take a tenth."""
    page.goto(app.url)
    columns(page, 4)

    begun = time.monotonic()
    ask(page, LONG)
    finished(page, 4)
    wall_s = time.monotonic() - begun

    attempts = app.journal()
    slowest_s = max(attempt["ended_s"] - attempt["started_s"] for attempt in attempts)
    assert sorted(attempt["provider"] for attempt in attempts) == sorted(FOUR)
    assert wall_s <= slowest_s * 1.1 + 0.3  # 0.3 s: typing, and drawing the last answer


def test_first_answer_comes_within_three_seconds_of_opening(app, page):
    """From opening the page to the first words of an answer."""
    begun = time.monotonic()
    page.goto(app.url)
    ask(page, GATEWAY)
    expect(page.get_by_text("▍").first).to_be_visible(timeout=10_000)

    assert time.monotonic() - begun < 3


def test_stop_keeps_what_arrived(app, page):
    """Stop gives control back within 0.5 s; the words stay, marked as stopped; the others go on."""
    page.goto(app.url)
    ask(page, LONG)
    streaming(page, 2)
    first = cards(page).first

    begun = time.monotonic()
    first.get_by_role("button", name="Stop").click()
    expect(first.get_by_text("stopped")).to_be_visible()
    control_s = time.monotonic() - begun

    assert control_s < 0.5
    until(lambda: [a["provider"] for a in app.journal() if a["state"] == "open"] == ["anthropic"])
    expect(first.locator("p").nth(1)).not_to_be_empty()
    finished(page, 2)
    expect(cards(page).last.get_by_text("stopped")).to_have_count(0)


def test_stop_all_closes_every_stream(app, page):
    """One button ends all columns; no upstream connection is left open."""
    page.goto(app.url)
    columns(page, 4)
    ask(page, LONG)
    streaming(page, 4)

    begun = time.monotonic()
    page.get_by_role("button", name="Stop all").click()
    expect(page.get_by_text("stopped")).to_have_count(4)

    assert time.monotonic() - begun < 0.5
    until(lambda: not app.open_attempts(), 1.0)
    expect(page.get_by_role("button", name="Clear")).to_be_visible()


def test_reload_closes_the_upstream_connections(app, page):
    """Who reloads the page mid-stream has left: within a second nothing is open upstream."""
    page.goto(app.url)
    ask(page, LONG)
    streaming(page, 2)
    assert len(app.open_attempts()) == 2

    page.reload()

    until(lambda: not app.open_attempts(), 1.0)
    assert {attempt["state"] for attempt in app.journal()} == {"aborted"}


def test_click_elsewhere_loses_no_text(app, page):
    """Another widget is used while answers arrive: they go on, and are whole at the end."""
    page.goto(app.url)
    ask(page, LONG)
    streaming(page, 2)

    page.get_by_test_id("stMain").or_(page.locator("main")).get_by_text("Cache").click()
    page.get_by_role("button", name="Add column").click()
    expect(page.get_by_text("Google AI Studio").first).to_be_visible()
    finished(page, 2)

    attempts = app.journal()
    assert [attempt["state"] for attempt in attempts] == ["done", "done"]
    expect(page.get_by_text("stopped")).to_have_count(0)
    expect(page.get_by_text("This column joined later.")).to_be_visible()


def test_page_change_and_back_loses_no_text(app, page):
    """An answer goes on while the visitor looks at another page."""
    page.goto(app.url)
    ask(page, LONG)
    streaming(page, 2)

    page.get_by_role("link", name="Connection").click()
    expect(page.get_by_text("What .env says")).to_be_visible()
    page.get_by_role("link", name="Playground").click()
    finished(page, 2)

    assert [attempt["state"] for attempt in app.journal()] == ["done", "done"]


def test_second_identical_question_is_a_hit(app, page):
    """With the cache on, the second answer is a hit and shows money and time saved."""
    page.goto(app.url)
    page.locator("[class*=st-key-chat-cache]").get_by_text("Cache").click()
    expect(page.get_by_text("Answers come whole")).to_be_visible()

    question = f"What is the capital of Peru? {time.monotonic_ns()}"
    ask(page, question)
    finished(page, 2)
    ask(page, question)
    finished(page, 4)

    expect(page.get_by_text(re.compile(r"Saved \$0\.\d{6} and [\d.,]+.(ms|s)"))).to_have_count(2)
    assert len(app.journal()) == 2


def test_failing_column_is_alone(app, page):
    """One provider fails: its column says what happened and what to do; Retry reruns only it."""
    app.fault(provider="anthropic", kind="status", status=503, times=1)
    page.goto(app.url)

    ask(page, GATEWAY)
    finished(page, 2)

    bad = cards(page).nth(1)
    expect(bad.get_by_text("HTTP 503")).to_be_visible()
    expect(bad.get_by_text("What to do:")).to_be_visible()
    expect(cards(page).first.get_by_text("What to do:")).to_have_count(0)
    bad.get_by_role("button", name="Retry").click()
    expect(bad.get_by_text("HTTP 503")).to_have_count(0)
    finished(page, 2)
    assert [attempt["provider"] for attempt in app.journal()].count("openai") == 1


def test_broken_stream_keeps_what_arrived(app, page):
    """A stream that breaks off midway shows its words and says that it broke off."""
    app.fault(provider="openai", kind="cut", times=1)
    page.goto(app.url)

    ask(page, LONG)
    finished(page, 2)

    expect(cards(page).first.get_by_text("broken off")).to_be_visible()


def test_details_show_the_request_and_the_answer(app, page):
    """Headers and bodies are one click away, also while another column is still answering."""
    app.fault(provider="anthropic", kind="slow", ms=4_000, times=1)
    page.goto(app.url)
    ask(page, GATEWAY)
    finished(page, 1)

    page.get_by_role("button", name="Details").click()
    drawer = page.get_by_role("dialog")
    expect(drawer.get_by_text("POST http")).to_be_visible()
    drawer.get_by_role("tab", name="Response").click()
    expect(drawer.get_by_text("cf-aig-log-id")).to_be_visible()

    until(lambda: not app.open_attempts(), 15.0)
    settled(page)
    expect(drawer.get_by_text("cf-aig-log-id")).to_be_visible()


def test_settings_survive_a_page_change(app, page):
    """What the visitor has set is there again after a look at another page."""
    page.goto(app.url)
    columns(page, 3)
    page.locator("[class*=st-key-chat-cache]").get_by_text("Cache").click()
    expect(page.get_by_text("Answers come whole")).to_be_visible()

    page.get_by_role("link", name="Connection").click()
    expect(page.get_by_text("What .env says")).to_be_visible()
    page.get_by_role("link", name="Playground").click()

    expect(page.get_by_text("Answers come whole")).to_be_visible()
    expect(page.get_by_text("Google AI Studio")).to_be_visible()
