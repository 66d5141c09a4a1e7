"""The tables of a data directory: gateways, stored keys' aliases, log rows, answers, totals."""

from sqlalchemy import (
    Boolean,
    Column,
    Engine,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    inspect,
)

TABLES = MetaData()

GATEWAYS = Table(
    "gateways",
    TABLES,
    Column("id", String, primary_key=True),
    Column("settings", LargeBinary, nullable=False),
)
KEYS = Table(
    "stored_keys",
    TABLES,
    Column("gateway", String, primary_key=True),
    Column("provider", String, primary_key=True),
    Column("alias", String, primary_key=True),
    comment="Aliases of the simulated providers' keys. No secret is kept here.",
)
LOGS = Table(
    "logs",
    TABLES,
    Column("id", String, primary_key=True),
    Column("gateway", String, nullable=False),
    Column("account", String, nullable=False),
    Column("created_s", Float, nullable=False),
    Column("provider", String),
    Column("model", String),
    Column("path", String),
    Column("duration", Integer),
    Column("success", Boolean),
    Column("cached", Boolean),
    Column("status_code", Integer),
    Column("step", Integer),
    Column("tokens_in", Integer),
    Column("tokens_out", Integer),
    Column("cost", Float),
    Column("custom_cost", Boolean),
    Column("metadata", LargeBinary),
    Column("model_type", String),
    Column("request_type", String),
    Column("request_content_type", String),
    Column("response_content_type", String),
    Column("request_size", Integer),
    Column("response_size", Integer),
    Column("event_id", String),
    Column("feedback", Integer),
    Column("score", Float),
    Column("user_agent", String),
    Column("authentication", Boolean),
    Column("wholesale", Boolean),
    Column("byok", Boolean),
    Column("usage_metadata", LargeBinary),
    Column("timings", LargeBinary),
    Column("request", LargeBinary),
    Column("response", LargeBinary),
    Column("dlp_action", String),
    Column("dlp_profiles", LargeBinary),
    Column("guardrails", LargeBinary),
)
"""New columns come last: the tail's rows are read by place."""
LOGS_OF_GATEWAY = Index("logs_of_gateway", LOGS.c.gateway, LOGS.c.id)
"""Finds the row at a gateway's cap, and its newest, without going through all the others."""
CACHE = Table(
    "answers",
    TABLES,
    Column("scope", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("provider", String, nullable=False),
    Column("status", Integer, nullable=False),
    Column("content_type", String, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("stored_at", Float, nullable=False),
    Column("expires_at", Float, nullable=False),
    Column("original_ms", Float, nullable=False),
    Column("log_id", String, nullable=False),
)
TOTALS = Table(
    "totals",
    TABLES,
    Column("gateway", String, primary_key=True),
    Column("bucket", String, primary_key=True),
    Column("start_s", Float, nullable=False),
    Column("spent", Float, nullable=False),
    Column("before", Float, nullable=False),
    Column("until_s", Float, nullable=False),
    comment="What buckets of spending hold, in US dollars.",
)


def create(engine: Engine) -> None:
    """Make the tables that aren't there, and what came to them since they were made.

    Answers that lie there in another shape are given up: they come again.
    """
    found = inspect(engine)
    if found.has_table(CACHE.name) and {
        column["name"] for column in found.get_columns(CACHE.name)
    } != set(CACHE.columns.keys()):
        CACHE.drop(engine)
    TABLES.create_all(engine)
    LOGS_OF_GATEWAY.create(engine, checkfirst=True)
    there = {column["name"] for column in inspect(engine).get_columns(LOGS.name)}
    with engine.begin() as base:
        for column in LOGS.columns:
            if column.name not in there:
                kind = column.type.compile(engine.dialect)
                base.exec_driver_sql(f"ALTER TABLE {LOGS.name} ADD COLUMN {column.name} {kind}")
