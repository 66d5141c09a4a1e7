"""How soon a long recorded run is shown, and how soon its requests are filtered, in Chromium."""

import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import BrowserContext, Page, sync_playwright

from bench.figures import Figure, Goal
from bench.rig import Rig
from gateway.experiments.dryrun import dry_run
from gateway.experiments.honesty import honesty
from gateway.experiments.plan import Plan, Recipe
from gateway.experiments.presets import PRESETS
from gateway.experiments.rows import table
from gateway.records import Records
from gateway.workbench import ran
from tests.browser.driver import CHROMIUM, LAUNCH, running_app, settled

REQUESTS = 200_000
LOADS = (0.3, 1, 3, 10)
RUN = "20260101-000000-long"
ROUNDS = 9
OPEN_MS, FILTER_MS = 1000.0, 500.0
BATCH = 5000

SEEN = """(text) => new Promise((done) => {
  const look = () => document.body.innerText.includes(text) && (text !== 'checks hold'
    || document.querySelector('[data-testid=stVegaLiteChart] canvas, '
      + '[data-testid=stVegaLiteChart] svg'))
    ? done(performance.now()) : requestAnimationFrame(look);
  look();
})"""
"""The milliseconds since the address was asked for until a text stands on the page; for the verdict
of a run, until its chart is drawn, too."""
CHANGED = """(text) => {
  window.changed = new Promise((done) => {
    let begun = null;
    document.addEventListener('keydown', () => { begun = performance.now(); },
      { capture: true });
    const look = () => begun !== null && document.body.innerText.includes(text)
      ? done(performance.now() - begun) : requestAnimationFrame(look);
    look();
  });
}"""
"""Start the clock at each key anew, stop it when a text stands on the page."""


def opening(rig: Rig) -> Iterator[Figure]:
    """How long a recorded run of 200,000 requests takes to be opened, and to be filtered."""
    if CHROMIUM is None:
        return
    with tempfile.TemporaryDirectory() as directory:
        hits = record(Path(directory) / "app/.data/records.db")
        with running_app(Path(directory)) as app, sync_playwright() as play:
            browser = play.chromium.launch(**LAUNCH)
            address = f"{app.url}/experiments?run={RUN}"
            visitor = browser.new_context(viewport={"width": 1280, "height": 800})
            page = visitor.new_page()
            page.goto(f"{app.url}/experiments")
            settled(page)
            first, *later = (_opened(visitor, address) for _ in range(ROUNDS + 1))
            yield _figure("opened for the first time", [first], OPEN_MS)
            yield _figure(f"opened again, median of {ROUNDS}", later, OPEN_MS)
            page.goto(address)
            settled(page)
            page.get_by_text("In full").click()
            page.evaluate(SEEN, "requests fit")
            settled(page)
            took = [_filtered(page, number, hits) for number in range(ROUNDS)]
            yield _figure(f"filtered by cache state, median of {ROUNDS}", took, FILTER_MS)
            yield _figure("filtered by cache state, slowest", [max(took)], FILTER_MS)
            browser.close()


def _figure(name: str, took: list[float], bound: float) -> Figure:
    return Figure(
        section="A run of 200,000 requests",
        name=name,
        value=statistics.median(took),
        unit="ms",
        rounds=tuple(took) if len(took) > 1 else (),
        goal=Goal(bound=bound),
    )


def _opened(visitor: BrowserContext, address: str) -> float:
    """Return the milliseconds from a link to the run's answer and its chart, in a new tab."""
    page = visitor.new_page()
    page.goto(address)
    took_ms: float = page.evaluate(SEEN, "checks hold")
    page.close()
    return took_ms


def _filtered(page: Page, number: int, hits: int) -> float:
    """Choose hits, or every request again; return the milliseconds until their number stands."""
    wanted = hits if number % 2 == 0 else REQUESTS
    page.evaluate(CHANGED, f"{wanted:,} requests fit")
    box = page.get_by_role("combobox", name="Cache")
    box.focus()
    if number % 2 == 0:
        box.press_sequentially("HIT")
    box.press("Enter" if number % 2 == 0 else "Backspace")
    took_ms: float = page.evaluate("window.changed")
    page.keyboard.press("Escape")
    settled(page)
    return took_ms


def record(file: Path) -> int:
    """Keep a run of E03 as if it had ended well; return how many of its requests are hits."""
    recipe = Recipe(
        preset="E03", knobs={"loads": list(LOADS), "requests": REQUESTS // len(LOADS)}, cap_usd=None
    )
    plan = PRESETS["E03"].plan(recipe)
    rows = played(plan)
    records = Records.open(f"sqlite:///{file}")
    runs = records.runs
    runs.begin(ran.first_row(RUN, plan, "emulator", None, dry_run(plan, "emulator")))
    for at in range(0, len(rows), BATCH):
        runs.add(rows[at : at + BATCH])
    requests = table(rows)
    told = honesty(
        requests,
        scale=plan.time_scale,
        mean_in_flight=None,
        elapsed_s=600.0,
        ceiling_rps=5000.0,
        open_loop=True,
    )
    figures = ran.judged(RUN, plan, requests, table([]), told=told, warnings=(), whole=True)
    ended = {"state": "done", "done_n": len(rows), "sent_n": len(rows), "actual_cost_usd": 0.0}
    runs.change(RUN, figures | ended)
    records.close()
    return int((requests["cache_status"] == "HIT").sum())


def played(plan: Plan) -> list[dict[str, Any]]:
    """Return rows as a gateway would answer whose entries live for exactly their TTL."""
    rng = np.random.default_rng(1)
    noise = rng.lognormal(0, 0.4, len(plan.calls)).tolist()
    until: dict[str, float] = {}
    found = []
    for call, factor in zip(plan.calls, noise, strict=True):
        at = float(call.at_s or 0.0)
        ttl = plan.gateways[plan.variant(call.variant).gateway]["cache_ttl"]
        hit = at < until.get(call.variant, -1.0)
        if not hit:
            until[call.variant] = at + ttl
        e2e = (4.0 if hit else 600.0) * factor
        found.append(
            {"run_id": RUN, "variant_id": call.variant, "experiment_id": "E03"}
            | {"phase": "measure", "seq": call.seq, "request_id": f"{RUN}-{call.seq}"}
            | {"log_id": f"01J{call.seq:023}", "provider": "openai", "model": "gpt-5.4-mini"}
            | {"t_plan_s": at, "t_send_s": at + 0.0001, "t_end_s": at + e2e / 1000}
            | {"time_scale": plan.time_scale, "transport": "http1", "endpoint_kind": "provider"}
            | {"prompt_id": call.prompt_id, "key_id": call.key_id, "status": 200, "ok": True}
            | {"cache_status": "HIT" if hit else "MISS", "error_class": "none"}
            | {"h_cache_ttl_s": None, "attempts": int(not hit), "attempts_source": "emulator"}
            | {"e2e_ms": e2e, "lat_scheduled_ms": e2e + 0.1, "ttfb_ms": e2e / 2}
            | {"dispatch_delay_ms": 0.1, "in_tokens": 12, "out_tokens": 64, "stream": False}
            | {"cost_usd": 0.0 if hit else 0.0003, "cost_list_usd": 0.0003}
            | {"cost_saved_usd": 0.0003 if hit else 0.0, "tokens_source": "usage"}
            | {"client_tries": 1, "answer_sha": f"{call.seq % 97:016x}", "step": 0}
        )
    return found
