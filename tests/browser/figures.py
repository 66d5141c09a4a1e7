"""Figures of the playground, measured in a browser: ``python -m tests.browser.figures``.

wall      how much longer four columns take than the slowest of them
ttft      the strip's time to the first token against the upstream's own clock
paint     from the upstream's first words to their appearance on the screen
cpu       processor time of the app for each piece that arrives, drawing included

Nothing is asserted here: what other programs do at the same time is part of each figure.
"""

import os
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from gateway.local.server import LocalServer
from tests.browser.driver import (
    LAUNCH,
    App,
    ask,
    cards,
    columns,
    finished,
    running_app,
    settled,
    shown,
)

QUESTION = "What is an AI gateway, and why would we put one in front of our models?"
TURNS = 5
WATCH = """() => {
  window.painted = [];
  new MutationObserver(() => {
    const cards = "[data-testid=stVerticalBlock][class*='st-key-chat-turn']";
    document.querySelectorAll(cards).forEach((card, at) => {
      if (!window.painted[at] && card.innerText.includes('▍')) window.painted[at] = Date.now();
    });
  }).observe(document.body, {subtree: true, childList: true, characterData: true});
}"""


def cpu_s(process: int) -> float:
    """Processor time of a process so far, in seconds."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def streamlit() -> int:
    """The process of the app that this program started."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            command = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if parent == os.getpid() and b"streamlit" in command:
            return int(entry.name)
    raise LookupError("the app isn't running")


def turn(app: App, page: Page) -> dict[str, float]:
    """Ask once in four columns; return what was measured."""
    app.forget_journal()
    page.evaluate(WATCH)
    process = streamlit()
    begun = time.monotonic()
    ask(page, QUESTION)
    shown(page, "▍")
    before = cpu_s(process)
    shown(page, "Clear")
    wall_s = time.monotonic() - begun
    used_s = cpu_s(process) - before
    settled(page)
    attempts = {attempt["provider"]: attempt for attempt in app.journal()}
    ordered = [attempts[slug] for slug in ("openai", "anthropic", "google-ai-studio", "workers-ai")]
    painted = page.evaluate("window.painted")
    errors_ms = [
        abs(ttft_ms(card.inner_text()) - (row["first_s"] - row["started_s"]) * 1000)
        for card, row in zip(cards(page).all(), ordered, strict=True)
    ]
    return {
        "wall": wall_s / max(row["ended_s"] - row["started_s"] for row in ordered) - 1,
        "ttft": statistics.median(errors_ms),
        "paint": max(at - row["first_s"] * 1000 for at, row in zip(painted, ordered, strict=True)),
        "cpu": used_s * 1000 / sum(row["chunks"] for row in ordered),
    }


def ttft_ms(text: str) -> float:
    """The strip's time to the first token."""
    value, unit = re.search(r"TTFT\s([\d.,]+)\s(ms|s)", text).groups()
    return float(value.replace(",", "")) * (1 if unit == "ms" else 1000)


def main() -> None:
    """Measure, and write the medians."""
    with (
        tempfile.TemporaryDirectory() as directory,
        LocalServer.start() as gateway,
        running_app(Path(directory), gateway) as app,
        sync_playwright() as play,
    ):
        browser = play.chromium.launch(**LAUNCH)
        page = browser.new_page(viewport={"width": 1440, "height": 1000})
        page.goto(app.url)
        columns(page, 4)
        found = []
        for _ in range(TURNS):
            found.append(turn(app, page))
            finished(page, 4)
            page.get_by_role("button", name="Clear").click()
            expect(cards(page)).to_have_count(0)
        browser.close()
    medians = {name: statistics.median(one[name] for one in found) for name in found[0]}
    load = os.getloadavg()[0]
    sys.stdout.write(
        f"medians of {TURNS} turns of four columns, load {load:.1f}\n"
        f"wall time above the slowest answer: {medians['wall']:.1%}\n"
        f"TTFT in the strip, away from the upstream's clock: {medians['ttft']:.1f} ms\n"
        f"first words on the screen after they left upstream: {medians['paint']:.0f} ms\n"
        f"processor time for each piece: {medians['cpu']:.2f} ms\n"
    )


if __name__ == "__main__":
    main()
