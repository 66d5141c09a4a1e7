"""Pictures of every page for docs/pictures: ``make screenshots``."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from gateway.local.server import LocalServer
from gateway.showcase import SHOWCASES
from tests.browser.driver import LAUNCH, ROOT, App, ask, columns, finished, running_app, settled

PICTURES = ROOT / "docs/pictures"
LAPTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
JOKE = next(showcase.prompt for showcase in SHOWCASES if showcase.id == "joke")


def opened(browser: Browser, url: str, scheme: str, size: dict[str, int]) -> Page:
    """A page in one theme and size, drawn."""
    page = browser.new_page(viewport=size, color_scheme=scheme)
    page.goto(url)
    settled(page)
    page.wait_for_timeout(800)  # code blocks and tables are drawn late, and nothing tells when
    return page


def taken(page: Page, name: str) -> None:
    """Save what the page shows, without a blinking cursor, and close it."""
    page.evaluate("document.activeElement.blur()")
    page.wait_for_timeout(300)
    page.screenshot(path=PICTURES / f"{name}.png", animations="disabled")
    page.close()
    sys.stdout.write(f"docs/pictures/{name}.png\n")


def chat(app: App, browser: Browser, scheme: str) -> None:
    """Four answered columns, the empty page on a phone, and a cache hit."""
    page = opened(browser, app.url, scheme, LAPTOP)
    columns(page, 4)
    ask(page, JOKE)
    finished(page, 4)
    settled(page)
    taken(page, f"chat-{scheme}")

    page = opened(browser, app.url, scheme, PHONE)
    taken(page, f"phone-{scheme}")


def cache(app: App, browser: Browser, scheme: str) -> None:
    """The same question twice with the cache on: what a hit saved."""
    page = opened(browser, app.url, scheme, LAPTOP)
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
        LocalServer.start() as gateway,
        running_app(gateway, Path(directory)) as app,
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
