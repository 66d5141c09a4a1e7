"""The tables of the records, and how a database of an earlier version becomes one of this.

A fresh database is made in the newest shape. One that exists is brought there step by step:
``MIGRATIONS[n]`` leads from version n to n + 1, and the table ``schema`` holds the number reached.
"""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from gateway.errors import RecordsError
from gateway.records.rows import FIGURES, PARTS, Kind

TYPES: dict[Kind, sa.types.TypeEngine[Any]] = {
    "text": sa.Text(),
    "word": sa.Text(),
    "count": sa.BigInteger(),
    "number": sa.Double(),
    "flag": sa.Boolean(),
    "moment": sa.DateTime(),
}
TABLES = sa.MetaData()

REQUESTS = sa.Table(
    "requests",
    TABLES,
    sa.Column("row", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
    *(sa.Column(name, TYPES[kind]) for name, (kind, _) in FIGURES.items()),
    sa.Column("fingerprint", sa.Text()),
    *(sa.Column(name, sa.Text()) for name in PARTS),
    sa.Index("requests_by_time", "wall_start"),
    sa.Index("requests_by_fingerprint", "fingerprint", "wall_start"),
    sa.Index("requests_by_run", "run_id"),
)
SHELF = sa.Table(
    "shelf",
    TABLES,
    sa.Column("kind", sa.Text(), primary_key=True),
    sa.Column("name", sa.Text(), primary_key=True),
    sa.Column("at", sa.DateTime(), nullable=False),
    sa.Column("document", sa.Text(), nullable=False),
)
TRIAL: dict[str, Kind] = {
    "run_id": "word",
    "variant_id": "word",
    "experiment_id": "word",
    "rep": "count",
    "block": "count",
    "phase": "word",
    "seq": "count",
    **{name: kind for name, (kind, _) in FIGURES.items() if name != "run_id"},
    "t_plan_s": "number",
    "t_send_s": "number",
    "time_scale": "number",
    "transport": "word",
    "conn_reused": "flag",
    "prompt_id": "text",
    "intent_id": "text",
    "wording_id": "text",
    "key_id": "text",
    "bytes_out": "count",
    "bytes_in": "count",
    "cache_age_s": "number",
    "attempts": "count",
    "attempts_source": "word",
    "backoff_ms": "number",
    "client_tries": "count",
    "dispatch_delay_ms": "number",
    "lat_scheduled_ms": "number",
    "gateway_cost_usd": "number",
    "fault_injected": "text",
    "overlap_fill": "flag",
    "outlier": "flag",
    "slo_ok": "flag",
    "answer_sha": "text",
}
"""The requests of an experiment: where each stands in its plan, its figures, and its circumstances.

Times are emulated seconds since the run's start, latencies emulated milliseconds.
"""
RUN: dict[str, Kind] = {
    "preset": "word",
    "preset_version": "count",
    "title": "text",
    "state": "word",
    "seed": "count",
    "config_json": "text",
    "config_sha256": "text",
    "plan_sha256": "text",
    "target": "word",
    "gateway_id": "text",
    "emulator_version": "text",
    "time_scale": "number",
    "app_version": "text",
    "python": "text",
    "platform": "text",
    "started_utc": "moment",
    "ended_utc": "moment",
    "planned_n": "count",
    "sent_n": "count",
    "done_n": "count",
    "achieved_rate": "number",
    "dispatch_p99_ms": "number",
    "little_error": "number",
    "null_endpoint_rps": "number",
    "probes_json": "text",
    "warnings_json": "text",
    "summary_json": "text",
    "est_cost_usd": "number",
    "actual_cost_usd": "number",
    "stopped_by": "text",
    "notes": "text",
}
"""One run: what was asked for, where, and how it went."""
ATTEMPT: dict[str, Kind] = {
    "run_id": "word",
    "request_id": "text",
    "k": "count",
    "step": "count",
    "t_start_s": "number",
    "t_end_s": "number",
    "status": "count",
    "fault": "text",
    "wait_before_ms": "number",
}
CHUNK: dict[str, Kind] = {
    "run_id": "word",
    "request_id": "text",
    "i": "count",
    "t_s": "number",
    "tokens": "count",
    "bytes": "count",
}


def _rows(name: str, columns: dict[str, Kind]) -> sa.Table:
    """Return a table of a run's rows, numbered in the order in which they came."""
    return sa.Table(
        name,
        TABLES,
        sa.Column("row", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
        *(sa.Column(column, TYPES[kind]) for column, kind in columns.items()),
        sa.Index(f"{name}_by_run", "run_id"),
    )


RUNS = sa.Table(
    "runs",
    TABLES,
    sa.Column("run_id", sa.Text(), primary_key=True),
    *(sa.Column(name, TYPES[kind]) for name, kind in RUN.items()),
)
TRIALS = _rows("trials", TRIAL)
ATTEMPTS = _rows("attempts", ATTEMPT)
CHUNKS = _rows("chunks", CHUNK)
SCHEMA = sa.Table("schema", sa.MetaData(), sa.Column("version", sa.Integer(), nullable=False))

ADVISORY_LOCK = 0x4147_5752
"""Under this number, programs that open one PostgreSQL database wait for each other."""


def _shelf(connection: sa.Connection) -> None:
    SHELF.create(connection)


def _runs(connection: sa.Connection) -> None:
    for table in (RUNS, TRIALS, ATTEMPTS, CHUNKS):
        table.create(connection)


MIGRATIONS: tuple[Callable[[sa.Connection], None], ...] = (
    REQUESTS.create,  # 0 -> 1: the exchanges
    _shelf,  # 1 -> 2: named documents beside them
    _runs,  # 2 -> 3: experiments
)


def prepare(connection: sa.Connection, place: str) -> None:
    """Bring a database to this version, in the connection's transaction.

    Args:
        place: The database, for sentences.

    Raises:
        RecordsError: it was made by a later version, or by another program.
        sqlalchemy.exc.SQLAlchemyError: it can't be read or written.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(ADVISORY_LOCK)))
    connection.execute(sa.schema.CreateTable(SCHEMA, if_not_exists=True))
    # A write takes SQLite's lock, so that of two programs one comes second. Only a write finds
    # out, too, whether the database can be written.
    connection.execute(sa.update(SCHEMA).values(version=SCHEMA.c.version))
    version = _version(connection)
    if version > len(MIGRATIONS):
        raise RecordsError(
            f"The records database {place} was made by a later version of this app: "
            "update the app, or set RECORDS_URL to another one."
        )
    for migrate in MIGRATIONS[version:]:
        migrate(connection)
    connection.execute(sa.delete(SCHEMA))
    connection.execute(sa.insert(SCHEMA).values(version=len(MIGRATIONS)))
    for table in TABLES.sorted_tables:
        present = {column["name"] for column in sa.inspect(connection).get_columns(table.name)}
        if missing := {column.name for column in table.columns} - present:
            raise RecordsError(
                f"The records database {place} was made by another version: its table "
                f"{table.name} has no column {min(missing)}. Move it away, or set RECORDS_URL to "
                "another one."
            )


def _version(connection: sa.Connection) -> int:
    """Return the version reached; databases of the first one don't say it."""
    said: int | None = connection.execute(sa.select(sa.func.max(SCHEMA.c.version))).scalar()
    if said is not None:
        return said
    return 1 if sa.inspect(connection).has_table(REQUESTS.name) else 0
