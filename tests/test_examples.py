"""The examples run as their first lines say, and print what they promise."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize(
    ("name", "promises"),
    [
        (
            "guards",
            [
                "guardrails 424  2016  Prompt blocked",
                "guardrails 424  2017  Response blocked",
                "dlp        400  2029  Request content blocked",
                "budget     200  -     answered",
                "budget     429  2045  Spend limit exceeded: rule 'day' (cost limit 0.000001 per",
                "policy     403  -     Access denied by policy",
                "policy     200  -     answered",
            ],
        ),
        ("openai_cache", ["MISS", "HIT"]),
        (
            "universal_fallback",
            [
                "step 1 answered",
                "openai     attempt 1  status 503  after a wait of 0.0 s",
                "openai     attempt 2  status 503  after a wait of 0.2 s",
                "anthropic  attempt 1  status 200",
            ],
        ),
    ],
)
def test_example_prints_what_it_promises(name, promises):
    """A reader who copies the command sees the same lines in the same order."""
    done = subprocess.run(
        [sys.executable, "-m", f"examples.{name}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
    )

    lines = [line.strip() for line in done.stdout.splitlines()]
    assert done.returncode == 0, done.stderr
    assert [line[: len(start)] for line, start in zip(lines, promises, strict=True)] == promises
