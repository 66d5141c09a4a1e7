"""trouble: each way a database can refuse has its own sentence, and none shows a statement."""

import pytest
from sqlalchemy.exc import OperationalError

from gateway.records.trouble import sentence

SAID = [
    ("database is locked", "end that one"),
    ("attempt to write a readonly database", "make it writable"),
    ("database or disk is full", "Free some space"),
    ("disk I/O error", "Free some space"),
    ("file is not a database", "is some other file"),
    ("database disk image is malformed", "is damaged"),
    ('password authentication failed for user "a"', "refuses the user or password"),
    ('database "x" does not exist', "make it, or correct"),
    ("Connection refused", "start its server"),
    ("something new", "can't be opened"),
]


@pytest.mark.parametrize(("said", "words"), SAID)
def test_message_becomes_advice(said, words):
    """What to do depends on what the database said, not on how its library wraps it."""
    error = OperationalError("INSERT INTO t VALUES ('hunter22')", {}, Exception(said))

    told = sentence(error, "records.db")

    assert words in told
    assert told.startswith("The records database records.db ")
    assert "hunter22" not in told
