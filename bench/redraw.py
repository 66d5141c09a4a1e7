"""How soon the header builder shows what a click or a typed value changes, in Chromium."""

import statistics
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from bench.figures import Figure, Goal
from bench.rig import Rig
from tests.browser.driver import CHROMIUM, LAUNCH, running_app, settled

ROUNDS = 25
GOAL_MS = 300.0

WATCH = """([event, text]) => {
  window.redrawn = new Promise((done) => {
    let begun = null;
    document.addEventListener(event, () => { begun ??= performance.now(); },
      { capture: true, once: true });
    const main = document.querySelector("[data-testid=stMain]");
    const seen = new MutationObserver(() => {
      if (begun !== null && main.textContent.includes(text)) {
        seen.disconnect();
        done(performance.now() - begun);
      }
    });
    seen.observe(main, { childList: true, subtree: true, characterData: true });
  });
}"""
"""Start the clock at an event, stop it when a text stands on the page."""


def redraw(rig: Rig) -> Iterator[Figure]:
    """How long the header form takes to show a change: 95th percentile over groups and values."""
    if CHROMIUM is None:
        return
    with (
        tempfile.TemporaryDirectory() as directory,
        running_app(Path(directory)) as app,
        sync_playwright() as play,
    ):
        browser = play.chromium.launch(**LAUNCH)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(f"{app.url}/headers")
        settled(page)
        for kind, change in (("another group", _group), ("a typed value", _value)):
            took = [change(page, number) for number in range(ROUNDS + 2)][2:]
            yield Figure(
                section="Header form",
                name=f"{kind} shown, p95 of {ROUNDS}",
                value=statistics.quantiles(took, n=20)[-1],
                unit="ms",
                goal=Goal(bound=GOAL_MS),
            )
        browser.close()


def _group(page: Page, number: int) -> float:
    title, shown = (("Retry and timeout", "Max attempts"), ("Cache", "Skip cache"))[number % 2]
    group = page.get_by_role("radiogroup", name="Settings").get_by_text(title)
    return _timed(page, "pointerdown", shown, group.click)


def _value(page: Page, number: int) -> float:
    if number == 0:
        page.get_by_role("radiogroup", name="Settings").get_by_text("Cache").click()
        settled(page)
    box = page.get_by_role("textbox", name="Cache TTL of this request")
    box.fill(f"{number + 10} min")
    return _timed(page, "keydown", f"cached for {number + 10} min", lambda: box.press("Enter"))


def _timed(page: Page, event: str, text: str, act: Callable[[], object]) -> float:
    """Return the milliseconds from an event to the sight of a text."""
    page.evaluate(WATCH, [event, text])
    act()
    took_ms: float = page.evaluate("window.redrawn")
    settled(page)
    return took_ms
