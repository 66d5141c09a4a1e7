"""Records: exchanges kept in SQLite, or in PostgreSQL by URL, and named documents beside them.

rows      one exchange as one row: its figures, and all that it takes to come back whole
shelf     named JSON documents: sessions, presets, plans, verdicts
runs      experiments, with their requests, attempts and chunks
schema    the tables, and the way from earlier versions to this one
database  the file or server behind it, with one writer
trouble   what can be wrong with it, in sentences
"""

from gateway.records.database import Records
from gateway.records.rows import FIGURES, error_class, figures, fingerprint
from gateway.records.runs import Runs
from gateway.records.schema import ATTEMPT, CHUNK, RUN, TRIAL
from gateway.records.shelf import Kept, Shelf

__all__ = [
    "ATTEMPT",
    "CHUNK",
    "FIGURES",
    "RUN",
    "TRIAL",
    "Kept",
    "Records",
    "Runs",
    "Shelf",
    "error_class",
    "figures",
    "fingerprint",
]
