"""tables: what the log keeps is what its entries have."""

from dataclasses import fields

from gateway.local.tables import LOGS
from gateway.logs import LogEntry

OURS = {"gateway", "account", "created_s", "request", "response"}


def test_log_has_a_column_for_every_field_of_an_entry():
    """Nothing that the logs API shows is lost on the way to the disk."""
    entry = {column.name for column in fields(LogEntry)} - {"created_at"}

    assert set(LOGS.columns.keys()) == entry | OURS
