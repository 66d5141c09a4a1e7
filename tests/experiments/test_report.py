"""The report is one file: an answer first, then every figure, and nothing from elsewhere."""

import re

import pytest

from gateway.experiments.presets import Finding
from gateway.experiments.report import Picture, to_html
from gateway.experiments.story import story

PICTURE = Picture("Chart", "Hits & misses", "<svg>light</svg>", "<svg>dark</svg>")


@pytest.fixture
def page(exported, outcome):
    """The report of the run."""
    told = story(outcome.plan, "cache", exported.summary, exported.findings, state="done")
    return to_html(exported, told, outcome.plan, [PICTURE], ["Look <twice>"]).decode()


def test_report_tells_the_run(page):
    """Question, sentence, numbers, checks, figures with their predictions, the plan."""
    for words in (
        "What does the first repeat buy?",
        "checks hold",
        "Answered from the cache",
        "50.0 %",
        "Hits by pass",
        "C6",
        "matches",
        "&quot;preset&quot;: &quot;E01&quot;",
    ):
        assert words in page


def test_text_is_text(page):
    """Names and warnings come from people and gateways."""
    assert "Cold &amp; warm &lt;cache&gt;" in page
    assert "Look &lt;twice&gt;" in page


def test_nothing_is_fetched(page):
    """No script, no address; the browser is told to load nothing but the pictures inside."""
    assert "<script" not in page
    assert "http://" not in page
    assert "https://" not in page
    assert "default-src 'none'" in page
    assert all(one.startswith("data:image/svg") for one in re.findall(r"src='([^']*)'", page))


def test_charts_are_there_for_light_and_dark(page):
    """With what they show in words."""
    assert page.count("data:image/svg+xml;base64,") == 2
    assert "<source media='(prefers-color-scheme:dark)'" in page
    assert 'alt="Hits &amp; misses"' in page


def test_run_that_was_not_judged_has_a_report(exported):
    """Its circumstances and its plan."""
    bare = type(exported)(
        recipe=exported.recipe,
        run={"state": "failed"},
        requests=exported.requests.head(0),
        attempts=exported.attempts.head(0),
        chunks=exported.chunks.head(0),
        summary=exported.summary.head(0),
        findings=(Finding(sentence="Later", ok=None),),
    )

    page = to_html(bare).decode()

    assert "It wasn't judged." in page
    assert "can't tell" in page
