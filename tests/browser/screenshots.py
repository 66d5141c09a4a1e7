"""Pictures of every page for docs/pictures: ``make screenshots``."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from gateway.showcase import SHOWCASES
from tests.browser.driver import LAUNCH, ROOT, App, ask, columns, finished, running_app, settled

PICTURES = ROOT / "docs/pictures"
LAPTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 1000}
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
    page = opened(browser, app.url, scheme, DESK)
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
            chat(app, browser, scheme)
            cache(app, browser, scheme)
            connection(app, browser, scheme)
        browser.close()


if __name__ == "__main__":
    main()
