"""Pictures of every page for docs/pictures: ``make screenshots``."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from gateway.showcase import SHOWCASES
from tests.browser.driver import LAUNCH, ROOT, App, ask, columns, finished, running_app, settled

PICTURES = ROOT / "docs/pictures"
LAPTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 1000}
POSTER = {"width": 1440, "height": 1250}
PATIENCE_MS = 120_000
CALL = """curl https://gateway.ai.cloudflare.com/v1/acme/shop/openai/chat/completions \\
  -H 'cf-aig-max-attempts: 4' -H 'cf-aig-retry-delay: 500' -H 'cf-aig-backoff: exponential' \\
  -H 'cf-aig-cache-tll: 3600' \\
  -d '{"model": "gpt-5-mini", "messages": [{"role": "user", "content": "Tell me a joke."}]}'"""
JOKE = next(showcase.prompt for showcase in SHOWCASES if showcase.id == "joke")


def opened(browser: Browser, url: str, scheme: str, size: dict[str, int]) -> Page:
    """A page in one theme and size, drawn."""
    page = browser.new_page(viewport=size, color_scheme=scheme)
    page.goto(url)
    settled(page)
    return page


def taken(page: Page, name: str) -> None:
    """Save what the page shows, without a cursor or a hovered button, and close it."""
    page.evaluate("document.activeElement.blur()")
    page.mouse.move(page.viewport_size["width"] - 1, page.viewport_size["height"] - 1)
    page.wait_for_timeout(300)
    page.screenshot(path=PICTURES / f"{name}.png", animations="disabled")
    page.close()
    sys.stdout.write(f"docs/pictures/{name}.png\n")


def chat(app: App, browser: Browser, scheme: str) -> None:
    """Four answered columns, the empty page on a phone, and a cache hit."""
    page = opened(browser, app.url, scheme, POSTER)
    columns(page, 4)
    ask(page, JOKE)
    finished(page, 4)
    settled(page)
    taken(page, f"chat-{scheme}")

    page = opened(browser, app.url, scheme, PHONE)
    taken(page, f"phone-{scheme}")


def cache(app: App, browser: Browser, scheme: str) -> None:
    """The same question twice with the cache on: what a hit saved."""
    page = opened(browser, app.url, scheme, DESK)
    columns(page, 3)
    page.locator("[class*=st-key-chat-cache]").get_by_text("Cache").click()
    for asked in (3, 6):
        ask(page, JOKE)
        finished(page, asked)
    settled(page)
    taken(page, f"cache-{scheme}")


def connection(app: App, browser: Browser, scheme: str) -> None:
    """The connection page."""
    taken(opened(browser, f"{app.url}/connection", scheme, LAPTOP), f"connection-{scheme}")


def headers(app: App, browser: Browser, scheme: str) -> None:
    """A pasted call with a trap in it, and what would become of it."""
    page = opened(browser, f"{app.url}/headers", scheme, POSTER)
    page.get_by_role("button", name="Paste").click()
    page.get_by_role("textbox", name="A call, as you have it").fill(CALL)
    page.get_by_role("button", name="Fill the form").click()
    expect(page.get_by_text("The gateway knows no header")).to_be_visible()
    page.get_by_role("tab", name="Retry plan").click()
    expect(page.get_by_test_id("stVegaLiteChart").first).to_be_visible()
    settled(page)
    page.get_by_role("heading", level=1).scroll_into_view_if_needed()
    taken(page, f"headers-{scheme}")


def experiments(app: App, browser: Browser, scheme: str) -> None:
    """The answer to the first experiment, for those who want it short."""
    page = opened(browser, f"{app.url}/experiments", scheme, POSTER)
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_text("checks hold")).to_be_visible(timeout=PATIENCE_MS)
    settled(page)
    taken(page, f"experiments-{scheme}")


def planner(app: App, browser: Browser, scheme: str) -> None:
    """A workload at a million to a billion requests a day."""
    taken(opened(browser, f"{app.url}/planner", scheme, DESK), f"planner-{scheme}")


def realtime(app: App, browser: Browser, scheme: str) -> None:
    """An open session, with its events."""
    page = opened(browser, f"{app.url}/realtime", scheme, DESK)
    page.get_by_role("button", name="Connect", exact=True).click()
    expect(page.get_by_placeholder("Say something")).to_be_enabled()
    ask(page, JOKE)
    expect(page.get_by_text("First piece")).to_be_visible()
    settled(page)
    taken(page, f"realtime-{scheme}")


def main() -> None:
    """Take all pictures, in light and dark."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as directory,
        running_app(Path(directory)) as app,
        sync_playwright() as play,
    ):
        browser = play.chromium.launch(**LAUNCH)
        for scheme in ("light", "dark"):
            for shot in (chat, cache, headers, experiments, planner, realtime, connection):
                shot(app, browser, scheme)
        browser.close()


if __name__ == "__main__":
    main()
