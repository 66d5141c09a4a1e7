"""page: every rule with its evidence and its tests, and never out of date."""

import re

import pytest

from tests.conformance.catalogue import DOCUMENTS, RULES, Rule
from tests.conformance.evidence import Shown, evidence, marks
from tests.conformance.page import PAGE, current, page

ALL = [rule for document in DOCUMENTS for rule in document.rules]
EVIDENCE = evidence()
BAD = [
    {"evidence": ()},
    {"evidence": ("HEARSAY",)},
    {"evidence": ("DOC",), "ours": "We do it otherwise."},
    {"evidence": ("DOC",), "ours": "as documented"},
]
MISSED = [
    '@pytest.mark.rule("a.b")\ndef helper(): ...',
    'pytestmark = pytest.mark.rule("a.b")',
    'class Some:\n    @pytest.mark.rule("a.b")\n    def test_one(self): ...',
]


def test_page_is_up_to_date():
    """Whoever changes a rule or a marked test runs ``make conformance``."""
    written, wanted = PAGE.read_text("utf-8"), current()

    assert written == wanted, "docs/conformance.md is out of date: run make conformance"


def test_marked_tests_name_rules():
    """A misspelled rule would be a test that shows nothing."""
    assert not EVIDENCE.keys() - RULES.keys()


def test_rules_that_we_claim_to_keep_have_tests():
    """Nothing is claimed without a test that shows it."""
    assert not [rule.id for rule in ALL if rule.kept and rule.id not in EVIDENCE]


def test_ids_are_unique_and_say_their_subject():
    """A mark names one rule."""
    assert len(RULES) == len(ALL)
    assert all(re.fullmatch(r"[a-z_]+\.[a-z0-9_]+", rule.id) for rule in ALL)


@pytest.mark.parametrize("row", BAD)
def test_bad_row_is_refused(row):
    """Evidence has a tag, and a deviation begins with its kind."""
    with pytest.raises(ValueError, match="must"):
        Rule(id="a.b", rule="It is so.", **row)


@pytest.mark.parametrize(
    ("evidence", "ours", "stance"),
    [
        (("DOC",), "", "as documented"),
        (("OBS", "API"), "", "as documented"),
        (("OBS",), "", "as observed"),
        (("ASSUMPTION",), "", "as assumed"),
        (("DOC",), "Not built: no one asked.", "not built"),
    ],
)
def test_stance_follows_from_evidence(evidence, ours, stance):
    """An assumption that we follow is marked as one."""
    assert Rule(id="a.b", rule="It is so.", evidence=evidence, ours=ours).stance == stance


def test_marks_are_read_from_decorators():
    """Several rules in one mark, several marks, and other decorators between."""
    text = """
import pytest

@pytest.mark.rule("a.b", "c.d")
@pytest.mark.parametrize("x", [1])
@pytest.mark.rule("e.f")
def test_one(x): ...

async def test_two(): ...
"""

    assert list(marks(text)) == [("a.b", "test_one"), ("c.d", "test_one"), ("e.f", "test_one")]


@pytest.mark.parametrize("text", MISSED)
def test_mark_that_would_be_missed_is_refused(text):
    """On a helper, for a whole file, in a class: nobody would see what shows the rule."""
    with pytest.raises(ValueError, match="marks with a rule what is no test function"):
        list(marks(text))


def test_page_links_to_its_tests_and_counts():
    """A reader gets from a rule to its test."""
    shown = {"auth.off": [Shown("local/test_x.py", "test_it_is_open", live=True)]}

    text = page(DOCUMENTS[:1], shown)

    assert "| `auth.off` ◆ |" in text
    assert "[it is open](../tests/local/test_x.py)" in text
    assert f"(#what-the-gateway-does-with-a-call) | {len(DOCUMENTS[0].rules)} |" in text
    assert "| **Differs**: the one local token may do everything. |" in text
