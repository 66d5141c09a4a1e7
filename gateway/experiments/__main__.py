"""``python -m gateway.experiments``: every preset at full size, and the table of what it found."""

import argparse
import asyncio
import os
import platform
import sys
import time
from pathlib import Path

from gateway.experiments.once import Outcome, once
from gateway.experiments.plan import Recipe
from gateway.experiments.presets import PRESETS

BEGIN, END = "<!-- made by make experiments -->", "<!-- end -->"
HEADING = "| experiment | requests | time | accepted | farthest prediction |\n|---|---|---|---|---|"


def main() -> int:
    """Run presets and write their table; 1 where a finding doesn't hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("presets", nargs="*", help="E01 ... E16, P01; all of them by default")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", type=Path, help="a Markdown file with a place for the table")
    given = parser.parse_args()
    if unknown := [name for name in given.presets if name not in PRESETS]:
        parser.error(f"there is no preset {unknown[0]!r}; there are {', '.join(PRESETS)}")
    lines, missed = [HEADING], []
    for name in given.presets or PRESETS:
        began = time.perf_counter()
        outcome = asyncio.run(once(Recipe(preset=name, seed=given.seed, cap_usd=None)))
        lines.append(_line(name, outcome, time.perf_counter() - began))
        sys.stdout.write(lines[-1] + "\n")
        sys.stdout.flush()
        for finding in outcome.findings:
            if finding.ok is False:
                missed.append(
                    f"- {name}: {finding.sentence}: expected {finding.expected}, "
                    f"measured {finding.measured}"
                )
                sys.stdout.write(missed[-1] + "\n")
    if given.write is not None:
        told = ["", "Not met:", "", *missed] if missed else ["", "All findings hold."]
        table = "\n".join([*lines, *told, "", _machine()])
        page = given.write.read_text("utf-8")
        given.write.write_text(placed(page, table), "utf-8")
    return int(bool(missed))


def placed(page: str, table: str) -> str:
    """Return a Markdown page with the table between its two marks.

    Raises:
        ValueError: the page has no such place.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise ValueError(f"the page has no place for the table, between {BEGIN} and {END}")
    return f"{before}{begin}\n{table}\n{end}{after}"


def _machine() -> str:
    load = f", load {os.getloadavg()[2]:.1f}" if hasattr(os, "getloadavg") else ""
    return f"{os.cpu_count()} cores, Python {platform.python_version()}{load}."


def _line(name: str, outcome: Outcome, seconds: float) -> str:
    held = sum(finding.ok is True for finding in outcome.findings)
    told = outcome.summary[outcome.summary["z"].notna()]
    z = "" if told.empty else f"z = {max(told['z'].tolist(), key=abs):+.1f}"
    return (
        f"| {name} {PRESETS[name].title} | {len(outcome.requests):,} | {seconds:.0f} s "
        f"| {held} of {len(outcome.findings)} | {z or 'none made'} |"
    )


if __name__ == "__main__":
    sys.exit(main())
