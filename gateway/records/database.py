"""The records' database: SQLite or PostgreSQL through SQLAlchemy Core, written by one thread.

add -> queue -> writer thread -> batch -> commit          find, newest_fresh -> select
"""

import logging
import queue
import sqlite3
import threading
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import ArgumentError, OperationalError, SQLAlchemyError

from gateway.chat import Exchange
from gateway.errors import RecordsError
from gateway.records.rows import FIGURES, exchange_of, naive, row_of
from gateway.records.runs import Runs
from gateway.records.schema import REQUESTS, prepare
from gateway.records.shelf import Shelf
from gateway.records.trouble import sentence

log = logging.getLogger(__name__)

BATCH = 1000
"""Rows in one transaction at most."""

BACKLOG = 20_000
"""Exchanges kept while the database refuses them; then the oldest are given up."""

RETRY_S = 1.0
PATIENCE_S = 5.0
"""How long a write waits for another program's, and ``flush`` for the writer."""

UNFIT = (SQLAlchemyError, OverflowError, TypeError, ValueError, RecursionError)
"""What is raised for an exchange that can't be a row, whatever the state of the database."""


class Records:
    """Every exchange, kept. Safe to use from any thread.

    Attributes:
        place: The database, without a password.
        problem: Why exchanges can't be written at the moment; ``None`` while they can.
        shelf: The documents beside them.
        runs: The experiments.
    """

    def __init__(self, engine: Engine, place: str) -> None:
        self.place = place
        self.problem: str | None = None
        self.shelf = Shelf(engine, place)
        self.runs = Runs(engine, place)
        self._engine = engine
        self._queue: queue.SimpleQueue[Exchange | threading.Event | None] = queue.SimpleQueue()
        self._writer = threading.Thread(target=self._write, name="records-writer", daemon=True)
        self._writer.start()

    @classmethod
    def open(cls, url: str, *, patience_s: float = PATIENCE_S) -> Self:
        """Open a database and make what it lacks.

        Args:
            url: ``sqlite:///path`` or ``postgresql://user:password@host/database``.
            patience_s: How long to wait for other programs that write to it.

        Raises:
            RecordsError: it can't be opened or written; the sentence says what to do.
        """
        address = _address(url)
        place = _place(address)
        engine = _engine(address, place, patience_s)
        try:
            with engine.begin() as connection:
                prepare(connection, place)
        except RecordsError:
            engine.dispose()
            raise
        except SQLAlchemyError as error:
            engine.dispose()
            raise RecordsError(sentence(error, place)) from error
        return cls(engine, place)

    def add(self, exchange: Exchange) -> None:
        """Keep an exchange; returns at once. It can be found a moment later, see ``flush``."""
        self._queue.put(exchange)

    def find(
        self,
        *,
        since: datetime | None = None,
        run: str | None = None,
        limit: int | None = None,
    ) -> list[Exchange]:
        """Return exchanges, oldest first.

        Args:
            since: Those at this moment or later.
            limit: At most so many, the newest.

        Raises:
            RecordsError: the database can't be read.
        """
        found = []
        for row in self._select(_newest(sa.select(REQUESTS), since, run, limit)):
            try:
                found.append(exchange_of(row))
            except (ValueError, TypeError, KeyError):
                log.warning("Record %s was made by another version and is left out", row["row"])
        return found[::-1]

    def figures(
        self,
        *,
        since: datetime | None = None,
        run: str | None = None,
        limit: int | None = None,
    ) -> list[dict[str, Any]]:
        """Return the countable columns of the same exchanges as ``find``, many times faster.

        Raises:
            RecordsError: the database can't be read.
        """
        columns = sa.select(*(REQUESTS.c[name] for name in FIGURES))
        return self._select(_newest(columns, since, run, limit))[::-1]

    def newest_fresh(self, fingerprint: str) -> float | None:
        """Return how long the same question took when it was last answered afresh.

        Args:
            fingerprint: See ``rows.fingerprint``.

        Returns:
            Milliseconds; ``None`` where it never was.

        Raises:
            RecordsError: the database can't be read or written.
        """
        self.flush()
        columns = REQUESTS.c
        wanted = (
            sa.select(columns.e2e_ms)
            .where(columns.fingerprint == fingerprint, columns.cache_status == "MISS", columns.ok)
            .order_by(columns.wall_start.desc(), columns.row.desc())
            .limit(1)
        )
        return next((row["e2e_ms"] for row in self._select(wanted)), None)

    def flush(self) -> None:
        """Return once everything added so far is written.

        Raises:
            RecordsError: it can't be written; it is kept, and tried again.
        """
        if not self._writer.is_alive():
            return
        written = threading.Event()
        self._queue.put(written)
        # A write that waits for a lock holds the writer for as long as the lock.
        if not written.wait(2 * PATIENCE_S) or self.problem is not None:
            raise RecordsError(self.problem or f"{self.place} is busy: try again later.")

    def close(self) -> None:
        """Write what is left and close the database. A second call does nothing."""
        self._queue.put(None)
        self._writer.join()
        self._engine.dispose()

    def _select(self, wanted: sa.Select[Any]) -> list[dict[str, Any]]:
        try:
            with self._engine.connect() as connection:
                found = connection.execute(wanted)
                return [dict(zip(found.keys(), row, strict=True)) for row in found]
        except SQLAlchemyError as error:
            raise RecordsError(sentence(error, self.place)) from error

    def _write(self) -> None:
        """Write batches until ``close``; what can't be written waits for the next try."""
        waiting: list[Exchange] = []
        while True:
            try:
                items = [self._queue.get(timeout=RETRY_S if waiting else None)]
            except queue.Empty:
                items = []
            while not self._queue.empty() and len(items) < BATCH:
                items.append(self._queue.get())
            waiting += [item for item in items if isinstance(item, Exchange)]
            waiting = self._written(waiting)
            for item in items:
                if isinstance(item, threading.Event):
                    item.set()
            if None in items:
                if waiting:
                    log.warning("%d exchanges are lost: %s", len(waiting), self.problem)
                return

    def _written(self, waiting: list[Exchange]) -> list[Exchange]:
        """Write what waits; return what has to wait on."""
        if not waiting:
            return []
        try:
            rows = [row_of(exchange) for exchange in waiting]
            self._insert(rows)
        except OperationalError as error:
            self.problem = sentence(error, self.place)
            return waiting[-BACKLOG:]
        except UNFIT:
            # One row holds what the database doesn't take: the others shall not suffer for it.
            for exchange in waiting:
                self._insert_alone(exchange)
        self.problem = None
        return []

    def _insert(self, rows: Sequence[dict[str, Any]]) -> None:
        with self._engine.begin() as connection:
            connection.execute(sa.insert(REQUESTS), rows)

    def _insert_alone(self, exchange: Exchange) -> None:
        try:
            self._insert([row_of(exchange)])
        except UNFIT as error:
            log.warning("Exchange %s can't be recorded: %s", exchange.id, type(error).__name__)


def _newest(
    wanted: sa.Select[Any], since: datetime | None, run: str | None, limit: int | None
) -> sa.Select[Any]:
    """Narrow a query down; the newest row comes first."""
    if since is not None:
        wanted = wanted.where(REQUESTS.c.wall_start >= naive(since))
    if run is not None:
        wanted = wanted.where(REQUESTS.c.run_id == run)
    return wanted.order_by(REQUESTS.c.wall_start.desc(), REQUESTS.c.row.desc()).limit(limit)


def _address(url: str) -> URL:
    try:
        address = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise RecordsError("RECORDS_URL must be sqlite:///path or postgresql://...") from error
    if address.get_backend_name() not in ("sqlite", "postgresql"):
        raise RecordsError("RECORDS_URL must begin with sqlite:/// or postgresql://.")
    if address.get_backend_name() == "sqlite" and address.database in (None, "", ":memory:"):
        raise RecordsError("RECORDS_URL must name a file: sqlite:///path.")
    return address


def _place(address: URL) -> str:
    """The database as a sentence may name it: no password, no options."""
    if address.get_backend_name() == "sqlite":
        return str(address.database)
    return f"{address.database} at {address.host or 'the local socket'}"


def _engine(address: URL, place: str, patience_s: float) -> Engine:
    is_file = address.get_backend_name() == "sqlite"
    try:
        if is_file and not str(address.database).startswith("file:"):
            Path(str(address.database)).parent.mkdir(parents=True, exist_ok=True)
        engine = sa.create_engine(
            address,
            pool_pre_ping=not is_file,
            connect_args={"timeout": patience_s}
            if is_file
            else {"connect_timeout": max(2, round(patience_s))},
        )
    except ModuleNotFoundError as error:
        raise RecordsError(
            f"PostgreSQL needs the package {error.name}: pip install 'psycopg[binary]'."
        ) from error
    except (SQLAlchemyError, OSError, TypeError) as error:
        raise RecordsError(sentence(error, place)) from error
    if is_file:
        event.listen(engine, "connect", _prepare)
    return engine


def _prepare(connection: sqlite3.Connection, _: object) -> None:
    """Readers and the writer of a file don't wait for each other."""
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
