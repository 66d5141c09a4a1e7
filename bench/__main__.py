"""``python -m bench``: run all scenarios once, print a table, keep it in bench/results.json."""

import argparse
import json
import os
import platform
import sys
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from bench import accuracy, footprint, opening, redraw, scenarios, streams
from bench.figures import Figure, table, verdicts
from bench.nginx import INSTALL
from bench.rig import Invalid, Rig, watched

SCENARIOS = {
    scenario.__name__: scenario
    for scenario in (
        scenarios.ceiling,
        scenarios.hits,
        scenarios.passed,
        scenarios.stored,
        scenarios.logging,
        streams.single,
        streams.crowd,
        accuracy.ttft,
        footprint.memory,
        footprint.sockets,
        footprint.start,
        scenarios.simulated,
        footprint.imports,
        redraw.redraw,
        opening.opening,
    )
}
RESULTS = Path(__file__).parent / "results.json"
BUSY = 0.05
"""Share of the machine that others may use before we say that the figures suffered."""


def main() -> None:
    """Measure everything, or say why the run is invalid and keep nothing."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("only", nargs="*", choices=[[], *SCENARIOS], help="not all, but these")
    only = parser.parse_args().only
    started = time.monotonic()
    figures: list[Figure] = []
    try:
        with watched() as account, Rig() as rig:
            for name in only or SCENARIOS:
                say(f"measuring: {(SCENARIOS[name].__doc__ or '').strip()}", to=sys.stderr)
                figures.extend(SCENARIOS[name](rig))
    except Invalid as error:
        sys.exit(f"Invalid run, nothing kept. {error}")
    took_s = time.monotonic() - started
    for line in table(figures):
        say(line)
    say("\nGoals")
    for line in verdicts(figures):
        say(line)
    say(f"\n{os.cpu_count()} cores, Python {platform.python_version()}, {took_s:.0f} s.")
    say(str(rig.cores or "Processes weren't tied to cores: they share them as they come."))
    say("Logging was on wherever nothing else is said; nginx writes no access log.")
    if rig.nginx is None:
        say(INSTALL)
    say(f"Other processes used {account.others:.1%} of the machine.")
    if account.others > BUSY:
        say("That is too much for a close comparison: run it again on a quiet machine.")
    if not only:
        keep(figures, took_s=took_s, others=account.others)


def keep(figures: list[Figure], *, took_s: float, others: float) -> None:
    """Write the run down for whoever compares two of them."""
    RESULTS.write_text(
        json.dumps(
            {
                "at": datetime.now(UTC).isoformat(timespec="seconds"),
                "python": platform.python_version(),
                "machine": platform.machine(),
                "cores": os.cpu_count(),
                "took_s": took_s,
                "others_share": others,
                "figures": [{**asdict(each), "met": each.met} for each in figures],
            },
            indent=2,
        )
        + "\n",
        "utf-8",
    )


def say(line: str, *, to: TextIO | None = None) -> None:
    """Write a line at once."""
    out = to or sys.stdout
    out.write(line + "\n")
    out.flush()


if __name__ == "__main__":
    main()
