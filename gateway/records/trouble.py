"""What can be wrong with a database, in sentences of our own."""

_ADVICE = {
    "locked": "is locked by another program: end that one, or set RECORDS_URL to another.",
    "readonly": "is read-only: make it writable, or set RECORDS_URL to another.",
    "read-only": "is read-only: make it writable, or set RECORDS_URL to another.",
    "full": "can't grow: the disk is full. Free some space.",
    "no space": "can't grow: the disk is full. Free some space.",
    "disk i/o": "can't be written: the disk is full or broken. Free some space.",
    "not a database": "is some other file: set RECORDS_URL to another.",
    "malformed": "is damaged: move it away, or set RECORDS_URL to another.",
    "password": "refuses the user or password in RECORDS_URL.",
    "does not exist": "doesn't exist: make it, or correct RECORDS_URL.",
    "refused": "can't be reached: start its server, or correct RECORDS_URL.",
    "timeout": "can't be reached: start its server, or correct RECORDS_URL.",
    "resolve": "can't be reached: correct the host in RECORDS_URL.",
}
"""Words of SQLite's and PostgreSQL's messages, and what they mean to whoever runs the app."""


def sentence(error: BaseException, place: str) -> str:
    """Say what is wrong with a database and what to do; never with the values of a statement."""
    said = str(getattr(error, "orig", None) or error).lower()
    database = f"The records database {place}"
    for words, advice in _ADVICE.items():
        if words in said:
            return f"{database} {advice}"
    return f"{database} can't be opened: set RECORDS_URL to a place that can be written."
