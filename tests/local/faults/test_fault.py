"""fault: words are read, spelled again, and refused with a sentence."""

import pytest

from gateway.errors import BadRequest
from gateway.local.faults import Fault, fault_of, script_of

WORDS = [
    ("ok", Fault(kind="ok"), "ok"),
    ("503", Fault(kind="status", status=503), "status=503"),
    ("error=3040", Fault(kind="status", status=429, code=3040), "error=3040"),
    ("status=404", Fault(kind="status", status=404), "status=404"),
    ("429", Fault(kind="status", status=429), "status=429"),
    (
        "429;retry-after=2",
        Fault(kind="rate_limited", status=429, retry_after_s=2),
        "rate_limited;retry-after=2",
    ),
    (
        "rate-limited",
        Fault(kind="rate_limited", status=429, retry_after_s=1),
        "rate_limited;retry-after=1",
    ),
    ("503;wait=300", Fault(kind="status", status=503, ms=300), "status=503;wait=300"),
    (
        "429;retry-after=2;wait=40",
        Fault(kind="rate_limited", status=429, retry_after_s=2, ms=40),
        "rate_limited;retry-after=2;wait=40",
    ),
    (" Slow = 800 ", Fault(kind="slow", ms=800), "slow=800"),
    ("slow=999999999", Fault(kind="slow", ms=600_000), "slow=600000"),
    ("pace=400;gap=20", Fault(kind="pace", ms=400, gap=20), "pace=400;gap=20"),
    ("queue=500;slots=8", Fault(kind="queue", ms=500, slots=8), "queue=500;slots=8"),
    ("stall", Fault(kind="stall"), "stall"),
    ("stall=50; after=0", Fault(kind="stall", ms=50, after=0), "stall=50;after=0"),
    ("cut", Fault(kind="cut"), "cut"),
    ("truncate;after=9", Fault(kind="truncate", after=9), "truncate;after=9"),
    ("reset", Fault(kind="reset"), "reset"),
    ("malformed", Fault(kind="malformed"), "malformed"),
    ("timeout", Fault(kind="timeout"), "timeout"),
]
REFUSED = [
    "",
    "explode",
    "200",
    "status",
    "status=999",
    "status=many",
    "slow",
    "slow=-1",
    "pace=400",
    "pace;gap=20",
    "pace=400;gap=0",
    "slow=400;gap=20",
    "queue=500",
    "queue;slots=8",
    "error=3040;slots=2",
    "slow=1e3",
    "503;colour=red",
    "503;wait=long",
    "cut;wait=5",
    "error",
    "error=2001",
    "error=3040;after=2",
    "stall;after=x",
    "cut;after=99999999999",
]


@pytest.mark.parametrize(("word", "fault", "spelled"), WORDS)
def test_word_is_read_and_spelled(word, fault, spelled):
    """The header, a rule's script and the journal speak one language."""
    assert fault_of(word) == fault
    assert fault_of(word).word == spelled
    assert fault_of(spelled) == fault


@pytest.mark.parametrize("word", REFUSED)
def test_bad_word_is_refused(word):
    """A misspelled fault that silently does nothing would spoil an experiment."""
    with pytest.raises(BadRequest):
        fault_of(word)


def test_refusal_says_what_can_be_used():
    """The message is the help text."""
    with pytest.raises(BadRequest, match=r"'explode' names no fault: use ok, .*slow=800"):
        fault_of("explode")


@pytest.mark.parametrize(
    ("value", "words"),
    [("", ()), ("  ", ()), ("503, 503,ok", ("status=503", "status=503", "ok"))],
)
def test_script_is_a_list_of_words(value, words):
    """One word for each attempt."""
    assert script_of(value) == words


@pytest.mark.parametrize("value", ["503,,ok", "ok" + ",ok" * 200])
def test_bad_script_is_refused(value):
    """An empty word is a mistake, and nobody retries two hundred times."""
    with pytest.raises(BadRequest):
        script_of(value)
