"""tables: what the log keeps is what its entries have."""

from dataclasses import fields

from sqlalchemy import create_engine, inspect

from gateway.local.tables import LOGS, create
from gateway.logs import LogEntry

OURS = {"gateway", "account", "created_s", "request", "response"}


def test_log_has_a_column_for_every_field_of_an_entry():
    """Nothing that the logs API shows is lost on the way to the disk."""
    entry = {column.name for column in fields(LogEntry)} - {"created_at"}

    assert set(LOGS.columns.keys()) == entry | OURS


def test_older_log_gets_the_columns_that_came_since(tmp_path):
    """A data directory outlives the version that made it."""
    engine = create_engine(f"sqlite:///{tmp_path / 'old.db'}")
    with engine.begin() as base:
        base.exec_driver_sql("CREATE TABLE logs (id VARCHAR PRIMARY KEY, gateway VARCHAR)")
        base.exec_driver_sql("INSERT INTO logs VALUES ('1', 'g')")

    create(engine)
    create(engine)

    with engine.connect() as base:
        row = base.execute(LOGS.select()).one()
    assert {each["name"] for each in inspect(engine).get_columns("logs")} == set(LOGS.c.keys())
    assert (row.id, row.gateway, row.guardrails) == ("1", "g", None)
    assert [each["name"] for each in inspect(engine).get_indexes("logs")] == ["logs_of_gateway"]
    engine.dispose()


def test_cap_is_found_without_reading_the_rows(tmp_path):
    """With 100,000 rows, reading them took as long as answering a thousand calls."""
    engine = create_engine(f"sqlite:///{tmp_path / 'new.db'}")
    create(engine)
    query = "SELECT id FROM logs WHERE gateway = 'g' ORDER BY id DESC LIMIT 1 OFFSET 9"

    with engine.connect() as base:
        plan = [row.detail for row in base.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}")]
    engine.dispose()

    assert plan == ["SEARCH logs USING COVERING INDEX logs_of_gateway (gateway=?)"]
