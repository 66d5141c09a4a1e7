"""The app in a real Chromium: how to start it, how to ask, how to know that it has settled."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from playwright.sync_api import Locator, Page, expect

from gateway.local.server import LocalServer

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

START_S = 20.0
LONG = "Write a polite e-mail about a delayed export, then explain every sentence of it at length."
"""A question whose simulated answers take a few seconds."""


@dataclass(frozen=True, slots=True)
class App:
    """A running app and the local gateway that it asks."""

    url: str
    gateway: LocalServer

    def journal(self) -> list[dict]:
        """Every attempt so far, as the gateway saw it."""
        answer = httpx.get(f"{self.gateway.url}/_local/journal").raise_for_status()
        return answer.json()["attempts"]

    def open_attempts(self) -> list[dict]:
        """The attempts whose upstream connection is still open."""
        return [attempt for attempt in self.journal() if attempt["state"] == "open"]

    def forget(self) -> None:
        """Empty the journal and take back all faults."""
        for part in ("journal", "faults"):
            httpx.delete(f"{self.gateway.url}/_local/{part}").raise_for_status()

    def fault(self, **rule: object) -> None:
        """Make a provider fail, as ``/_local/faults`` takes it."""
        httpx.post(f"{self.gateway.url}/_local/faults", json=rule).raise_for_status()


@contextmanager
def running_app(gateway: LocalServer, directory: Path) -> Iterator[App]:
    """Run the app on a free port; at the end its log must hold no traceback."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    environment = {
        **os.environ,
        "LOCAL_GATEWAY_URL": gateway.url,
        "LOCAL_GATEWAY_TOKEN": gateway.token,
        "RECORDS_URL": f"sqlite:///{directory / f'records-{port}.db'}",
    }
    log = directory / f"app-{port}.log"
    with log.open("wb") as said:
        process = subprocess.Popen(
            [*command, "--server.fileWatcherType", "none"],
            cwd=ROOT,
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
    expect(app).to_have_attribute("data-test-script-state", "notRunning", timeout=20_000)
    expect(page.get_by_test_id("stException")).to_have_count(0)


def ask(page: Page, question: str) -> None:
    """Type a question and send it."""
    page.get_by_test_id("stChatInputTextArea").fill(question)
    page.keyboard.press("Enter")


def cards(page: Page) -> Locator:
    """The answers, in order; turns from the top."""
    return page.locator("[data-testid=stVerticalBlock][class*='st-key-chat-turn']")


def finished(page: Page, count: int) -> None:
    """Wait until so many answers have ended."""
    expect(page.get_by_role("button", name="Details")).to_have_count(count, timeout=30_000)


def columns(page: Page, count: int) -> None:
    """Add columns until there are so many."""
    chips = page.locator("[class*='st-key-chat-column-'] [data-testid=stPopoverButton]")
    while chips.count() < count:
        before = chips.count()
        page.get_by_role("button", name="Add column").click()
        expect(chips).to_have_count(before + 1)
