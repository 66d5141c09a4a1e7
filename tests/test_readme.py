"""README: its programs run, and what it points to is there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.local.server import LocalServer

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
PROGRAMS = re.findall(r"^```python\n(.*?)^```", PAGES[0].read_text("utf-8"), re.M | re.S)
ADDRESS = "http://127.0.0.1:8787"


@pytest.fixture(scope="module")
def gateway():
    """The gateway that the README tells its readers to start."""
    with LocalServer.start(instant=True) as server:
        yield server


@pytest.mark.parametrize(("program", "said"), list(zip(PROGRAMS, ["MISS", "gateway"], strict=True)))
def test_program_runs_as_it_stands(gateway, program, said):
    """A reader who copies it gets an answer; only the address differs here."""
    done = subprocess.run(
        [sys.executable, "-c", program.replace(ADDRESS, gateway.url)],
        capture_output=True,
        text=True,
        timeout=30,
    )

    assert ADDRESS in program
    assert done.returncode == 0, done.stderr
    assert said in done.stdout


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    """Every file that a page links to is in the repository."""
    links = re.findall(r"\]\((?!https?://|#)([^)]+)\)", page.read_text("utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_make_target_that_is_named_exists():
    """The commands of the pages are the Makefile's."""
    text = "".join(page.read_text("utf-8") for page in PAGES)
    named = re.findall(r"(?:^|`)make (\w+)", text, re.M)
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text("utf-8"), re.M)

    assert {"run", "test", "check", "bench"} <= set(named) <= set(targets)
