"""The app in a real Chromium: how to start it, how to ask, how to know that it has settled."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from playwright.sync_api import Locator, Page, expect

from gateway.local.server import LocalServer
from gateway.settings import VARIABLES

ROOT = Path(__file__).parent.parent.parent
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
LAUNCH = {
    "executable_path": CHROMIUM or "/usr/bin/chromium",
    "args": [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ],
}
"""Debian's Chromium, quiet: no downloads, no calls home."""

START_S = 60.0

expect.set_options(timeout=20_000)  # a busy machine is slow; what must be fast is measured


@dataclass(frozen=True, slots=True)
class App:
    """A running app and the local gateway that it asks, where that isn't the app's own."""

    url: str
    gateway: LocalServer | None

    def journal(self) -> list[dict]:
        """Every attempt so far, as the gateway saw it."""
        answer = httpx.get(f"{self.gateway.url}/_local/journal").raise_for_status()
        return answer.json()["attempts"]

    def forget_journal(self) -> None:
        """Empty the journal."""
        httpx.delete(f"{self.gateway.url}/_local/journal").raise_for_status()

    def heal(self) -> None:
        """Take back all faults."""
        httpx.delete(f"{self.gateway.url}/_local/faults").raise_for_status()

    def fault(self, **rule: object) -> None:
        """Make a provider fail, as ``/_local/faults`` takes it."""
        httpx.post(f"{self.gateway.url}/_local/faults", json=rule).raise_for_status()


@contextmanager
def running_app(directory: Path, gateway: LocalServer | None = None) -> Iterator[App]:
    """Run the app as a fresh install: a copy without .env and data, nobody's keys, a free port.

    At the end its log must hold no traceback.

    Args:
        gateway: The local gateway to ask; ``None`` lets the app start its own.
    """
    home = directory / "app"
    for part in ("gateway", "pages", ".streamlit"):
        shutil.copytree(ROOT / part, home / part)
    shutil.copy(ROOT / "app.py", home)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    environment = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    if gateway is not None:
        environment["LOCAL_GATEWAY_URL"] = gateway.url
        environment["LOCAL_GATEWAY_TOKEN"] = gateway.token
    log = directory / "app.log"
    with log.open("wb") as said:
        process = subprocess.Popen(
            [*command, "--server.fileWatcherType", "none"],
            cwd=home,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_for(url, process)
            yield App(url, gateway)
        finally:
            process.terminate()
            process.wait(10)
    assert "Traceback" not in log.read_text("utf-8"), log.read_text("utf-8")


def _wait_for(url: str, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + START_S
    while process.poll() is None and time.monotonic() < deadline:
        try:
            httpx.get(f"{url}/_stcore/health").raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"the app didn't start within {START_S:g} s")


def settled(page: Page) -> None:
    """Wait until the page is drawn and nothing runs; an exception on it is a failure."""
    app = page.get_by_test_id("stApp")
    expect(app).to_have_attribute("data-test-connection-state", "CONNECTED")
    expect(app).to_have_attribute("data-test-script-state", "notRunning")
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)


def choose(page: Page, label: str, option: str) -> None:
    """Open a select box and choose. A scroll of the page shuts it, so it is opened until it is."""
    box = page.get_by_role("combobox", name=label)
    wanted = page.get_by_role("option", name=option)

    def opened() -> bool:
        box.press("ArrowDown")
        return wanted.count() > 0

    until(opened, 20.0)
    wanted.click()


def ask(page: Page, question: str) -> None:
    """Type a question and send it."""
    page.get_by_test_id("stChatInputTextArea").fill(question)
    page.keyboard.press("Enter")


def cards(page: Page) -> Locator:
    """The answers, in order; turns from the top."""
    return page.locator("[data-testid=stVerticalBlock][class*='st-key-chat-turn']")


def finished(page: Page, count: int) -> None:
    """Wait until so many answers have ended."""
    expect(page.get_by_role("button", name="Details")).to_have_count(count)


def columns(page: Page, count: int) -> None:
    """Add columns to the first two until there are so many."""
    chips = page.locator("[class*='st-key-chat-column-'] [data-testid=stPopoverButton]")
    expect(chips).to_have_count(2)
    for there in range(2, count):
        page.get_by_role("button", name="Add column").click()
        expect(chips).to_have_count(there + 1)


def shown(page: Page, text: str, count: int = 1) -> None:
    """Wait until a text stands on the page so many times, looking at every frame that is drawn."""
    page.wait_for_function(
        "([text, count]) => document.body.innerText.split(text).length > count", arg=[text, count]
    )


def until(question: Callable[[], bool], patience_s: float) -> None:
    """Wait until something is true; fail where it takes too long."""
    deadline = time.monotonic() + patience_s
    while not question():
        assert time.monotonic() < deadline, f"not true within {patience_s:g} s"
        time.sleep(0.02)


def best_of_five(measure: Callable[[], float], *, enough: float) -> float:
    """Measure up to five times, until it is good enough, and return the smallest."""
    best = measure()
    for _ in range(4):
        if best > enough:
            best = min(best, measure())
    return best
