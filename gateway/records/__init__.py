"""Records: exchanges kept in SQLite, or in PostgreSQL by URL.

rows      one exchange as one row: its figures, and all that it takes to come back whole
database  the file or server behind it, with one writer
"""

from gateway.records.database import Records
from gateway.records.rows import FIGURES, error_class, figures, fingerprint

__all__ = ["FIGURES", "Records", "error_class", "figures", "fingerprint"]
