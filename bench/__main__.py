"""``python -m bench``: run all scenarios once, print a table, keep it in bench/results.json."""

import json
import os
import platform
import sys
import time
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from bench.rig import Invalid, Rig, watched
from bench.scenarios import SCENARIOS, Figure

RESULTS = Path(__file__).parent / "results.json"
BUSY = 0.05
"""Share of the machine that others may use before we say that the figures suffered."""


def main() -> None:
    """Measure everything, or say why the run is invalid and keep nothing."""
    started = time.monotonic()
    figures: list[Figure] = []
    try:
        with watched() as account, Rig() as rig:
            for scenario in SCENARIOS:
                say(f"measuring: {(scenario.__doc__ or '').splitlines()[0]}", to=sys.stderr)
                figures.extend(scenario(rig))
    except Invalid as error:
        sys.exit(f"Invalid run, nothing kept. {error}")
    took_s = time.monotonic() - started
    for line in table(figures):
        say(line)
    say(f"\n{os.cpu_count()} cores, Python {platform.python_version()}, {took_s:.0f} s.")
    say("Load generator, stub and gateway are three processes that share these cores.")
    say(f"Other processes used {account.others:.1%} of the machine.")
    if account.others > BUSY:
        say("That is too much for a close comparison: run it again on a quiet machine.")
    keep(figures, took_s=took_s, others=account.others)


def table(figures: Iterable[Figure]) -> Iterable[str]:
    """Yield the figures as lines, section by section."""
    section = None
    for each in figures:
        if each.section != section:
            section = each.section
            yield f"\n{section}"
        spread = (
            f"   rounds {min(each.rounds):,.3f} to {max(each.rounds):,.3f}" if each.rounds else ""
        )
        yield f"  {each.name:<52}{each.value:>11,.3f} {each.unit:<5}{spread}"


def keep(figures: Iterable[Figure], *, took_s: float, others: float) -> None:
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
                "figures": [asdict(each) for each in figures],
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
