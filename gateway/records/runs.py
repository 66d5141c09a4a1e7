"""Runs of experiments: one row a run, and beside it its requests, attempts and chunks.

Rows are written as they arrive, each batch in one transaction: what was handed over is there after
a crash. Tables are read in pages, filtered and sorted by the database, so that a long run costs
no more to look at than a short one.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from gateway.errors import RecordsError
from gateway.records.rows import naive
from gateway.records.schema import ATTEMPTS, CHUNKS, RUNS, TRIALS
from gateway.records.trouble import sentence

Json = Any
Row = Mapping[str, Any]
Side = Literal["attempts", "chunks"]

_SIDES = {"attempts": ATTEMPTS, "chunks": CHUNKS}
IMPORTED = "imported-"
"""Ids of runs that came as a file begin with this; nobody here has run them."""
FILTERS = ("variant_id", "phase", "status", "cache_status", "ok", "error_class", "provider")
"""Columns of the requests that a page can be filtered by."""
SCRAMBLE, PRIME = 618_035, 1_000_003
"""Numbers without a common factor: a request's number times the one, modulo the other, is spread
evenly over it, whatever period the requests have."""


class Runs:
    """Experiments that ran or are running. Safe to use from any thread.

    All methods raise RecordsError where the database can't be read or written.
    """

    def __init__(self, engine: Engine, place: str) -> None:
        self._engine = engine
        self._place = place

    def begin(self, run: Row) -> None:
        """Keep a run that begins; its columns are those of ``RUNS``."""
        self._write((sa.insert(RUNS), [_fitting(RUNS, run)]))

    def change(self, run_id: str, values: Row) -> None:
        """Change columns of a run."""
        known = {name: value for name, value in _fitting(RUNS, values).items() if name in values}
        self._write((sa.update(RUNS).where(RUNS.c.run_id == run_id).values(**known), None))

    def add(
        self,
        requests: Sequence[Row],
        attempts: Sequence[Row] = (),
        chunks: Sequence[Row] = (),
    ) -> None:
        """Keep finished requests and what belongs to them, all or nothing."""
        batches = ((TRIALS, requests), (ATTEMPTS, attempts), (CHUNKS, chunks))
        self._write(
            *(
                (sa.insert(table), [_fitting(table, row) for row in rows])
                for table, rows in batches
                if rows
            )
        )

    def mark(self, marks: Sequence[Row]) -> None:
        """Change columns of requests that are kept, all or nothing.

        Args:
            marks: Each with the number of its row as ``row``, and values; all with the same names.
        """
        if not marks:
            return
        names = [name for name in marks[0] if name != "row"]
        change = (
            sa.update(TRIALS)
            .where(TRIALS.c.row == sa.bindparam("at_row"))
            .values({name: sa.bindparam(f"new_{name}") for name in names})
        )
        values = [
            {"at_row": mark["row"], **{f"new_{name}": mark[name] for name in names}}
            for mark in marks
        ]
        self._write((change, values))

    def newest(self, *, limit: int = 200) -> list[dict[str, Any]]:
        """Return runs, the newest first."""
        return self._read(sa.select(RUNS).order_by(RUNS.c.started_utc.desc()).limit(limit))

    def find(self, run_id: str) -> dict[str, Any]:
        """Return one run.

        Raises:
            KeyError: there is none of this id.
        """
        found = self._read(sa.select(RUNS).where(RUNS.c.run_id == run_id))
        if not found:
            raise KeyError(run_id)
        return found[0]

    def probed(self, target: str, gateway_id: str | None, version: str | None) -> str | None:
        """Return the newest certificate that a run of a gateway has; ``None`` where none has one.

        Args:
            target: What kind of gateway.
            version: Of the local gateway: another one may follow other rules.
        """
        newest = (
            sa.select(RUNS.c.probes_json)
            .where(
                RUNS.c.probes_json.is_not(None),
                RUNS.c.target == target,
                RUNS.c.gateway_id.is_not_distinct_from(gateway_id),
                RUNS.c.emulator_version.is_not_distinct_from(version),
                RUNS.c.run_id.not_like(f"{IMPORTED}%"),
            )
            .order_by(RUNS.c.started_utc.desc(), RUNS.c.run_id.desc())
            .limit(1)
        )
        found = self._read(newest)
        return None if not found else found[0]["probes_json"]

    def count(self, run_id: str, where: Mapping[str, Sequence[Any]] | None = None) -> int:
        """Return how many requests a run has that fit a filter."""
        wanted = sa.select(sa.func.count().label("n")).where(*_where(run_id, where))
        return int(self._read(wanted)[0]["n"])

    def values(self, run_id: str) -> dict[str, list[Any]]:
        """Return the different values that a run has of each of the ``FILTERS``, in order."""
        columns = [TRIALS.c[name] for name in FILTERS]
        # One pass for all: their combinations are few, the requests may be many.
        rows = self._read(sa.select(*columns).where(TRIALS.c.run_id == run_id).distinct())
        return {
            name: sorted({row[name] for row in rows if row[name] is not None}) for name in FILTERS
        }

    def requests(
        self,
        run_id: str,
        *,
        where: Mapping[str, Sequence[Any]] | None = None,
        order: str = "seq",
        descending: bool = False,
        limit: int | None = None,
        offset: int = 0,
        columns: Sequence[str] = (),
    ) -> list[dict[str, Any]]:
        """Return a run's requests, one page of them.

        Args:
            where: Column -> values that are wanted; several columns must all fit.
            order: Column to sort by.
            columns: Those that are wanted; all if none is named.

        Raises:
            KeyError: a column isn't one of the table's.
        """
        column = TRIALS.c[order]
        named = [TRIALS.c[name] for name in columns] or list(TRIALS.c)
        wanted = sa.select(*named).where(*_where(run_id, where))
        wanted = wanted.order_by(column.desc() if descending else column, TRIALS.c.row)
        return self._read(wanted.limit(limit).offset(offset))

    def columns(
        self, run_id: str, names: Sequence[str], *, most: int | None = None
    ) -> dict[str, tuple[Any, ...]]:
        """Return columns of a run's requests, in the order in which they came.

        Args:
            most: About how many requests are wanted at most, drawn evenly from the whole run, the
                same ones every time; ``None`` is all.

        Raises:
            KeyError: a column isn't one of the table's.
        """
        wanted = sa.select(*(TRIALS.c[name] for name in names)).where(TRIALS.c.run_id == run_id)
        if most is not None and (count := self.count(run_id)) > most:
            # By a scrambled number: every n-th one could always be the same variant or prompt.
            scrambled = (TRIALS.c.seq * SCRAMBLE) % PRIME
            wanted = wanted.where(scrambled < PRIME * most / count)
        try:
            with self._engine.connect() as connection:
                rows = connection.execute(wanted.order_by(TRIALS.c.row)).fetchall()
        except SQLAlchemyError as error:
            raise RecordsError(sentence(error, self._place)) from error
        return dict(zip(names, zip(*rows, strict=True) if rows else [()] * len(names), strict=True))

    def side(self, run_id: str, side: Side) -> list[dict[str, Any]]:
        """Return all attempts or chunks of a run."""
        table = _SIDES[side]
        return self._read(sa.select(table).where(table.c.run_id == run_id).order_by(table.c.row))

    def forget(self, run_id: str) -> None:
        """Throw a run away, with all that belongs to it."""
        tables = (TRIALS, ATTEMPTS, CHUNKS, RUNS)
        self._write(*((sa.delete(t).where(t.c.run_id == run_id), None) for t in tables))

    def _read(self, wanted: sa.Select[Any]) -> list[dict[str, Any]]:
        try:
            with self._engine.connect() as connection:
                rows = [dict(row) for row in connection.execute(wanted).mappings()]
        except SQLAlchemyError as error:
            raise RecordsError(sentence(error, self._place)) from error
        for row in rows:
            for name, value in row.items():
                if isinstance(value, datetime):
                    row[name] = value.replace(tzinfo=UTC)
        return rows

    def _write(self, *statements: tuple[sa.Executable, Sequence[Row] | None]) -> None:
        try:
            with self._engine.begin() as connection:
                for statement, rows in statements:
                    connection.execute(statement, rows)
        except (SQLAlchemyError, OverflowError) as error:
            raise RecordsError(sentence(error, self._place)) from error


def _where(run_id: str, where: Mapping[str, Sequence[Any]] | None) -> list[sa.ColumnElement[bool]]:
    chosen = (TRIALS.c[name].in_(values) for name, values in (where or {}).items())
    return [TRIALS.c.run_id == run_id, *chosen]


def _fitting(table: sa.Table, row: Row) -> dict[str, Any]:
    """Return a row with every column of a table; moments as both databases keep them."""
    values = {column.name: row.get(column.name) for column in table.columns if column.name != "row"}
    return {
        name: naive(value) if isinstance(value, datetime) else value
        for name, value in values.items()
    }
