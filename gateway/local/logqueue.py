"""The way of log rows into the database: appended to the tail at once, moved later, in batches.

Moving a row costs several times what appending it does, and takes the processor from the calls that
come in. So while many come in, rows stay in the tail, up to ``BACKLOG``; they are safe there, and
whoever reads the log has them moved first.
"""

import threading
from collections.abc import Iterable
from operator import itemgetter
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, LargeBinary, delete, select

from gateway.local.counting import COUNTED, Counting, counted_later
from gateway.local.logline import Form, LineFormat, Row
from gateway.local.tables import GATEWAYS, LOGS
from gateway.local.tail import Segment, Tail

Json = Any
Values = dict[str, Json]
BUSY = 1000
"""Rows per second from which on moving them waits."""
BACKLOG = 64 * 1024 * 1024
"""A quarter of a minute's rows at full speed, and a second's work to move."""
BATCH = 4
"""Segments that are moved in one go."""
QUEUED = 50_000
"""Rows that are kept in memory where the tail takes none."""
TRIMMED_AFTER = 1000
"""New rows after which the caps are looked after."""
LOGS_KEPT = 100_000
"""Stored rows for a gateway without a cap of its own (contract: limits, free accounts)."""

COLUMNS = LOGS.columns.keys()
ADD_LOG = (
    f"INSERT OR IGNORE INTO logs ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"
)
"""Written by hand: with SQLAlchemy's own insert a row takes twice the processor time. A row that is
there already was saved from the tail twice."""
LINES = LineFormat(
    [at for at, column in enumerate(LOGS.columns) if isinstance(column.type, LargeBinary)]
)
UNCOUNTED = dict.fromkeys(COUNTED)
_row = itemgetter(*COLUMNS)


class LogQueue:
    """Log rows that aren't in the database yet.

    ``add`` may be called while another thread moves rows; only one thread at a time may do that.

    Args:
        backlog: Bytes of rows that wait for a quiet moment at most.

    Attributes:
        problem: Why rows aren't kept as they should be; ``None`` where all is well.
    """

    def __init__(self, directory: Path, engine: Engine, *, backlog: int = BACKLOG) -> None:
        self.problem: str | None = None
        self._engine = engine
        self._backlog = backlog
        self._tail = Tail(directory)
        self._unsaved: list[bytes] = []
        self._moving: list[Segment] = []
        self._guard = threading.Lock()
        self._added = 0
        self._seen = (0, 0.0)
        self._since_trim = 0

    def recover(self) -> None:
        """Move what an earlier process left in the tail into the database."""
        for lines in self._tail.left():
            with self._engine.begin() as base:
                self._insert(base, lines)

    def add(self, values: Values, *, counting: Counting | None = None) -> None:
        """Keep one row: a value for every column of ``LOGS``.

        It is safe from a crash of this process when this returns; where the disk is full it is
        kept in memory, and ``problem`` says so.

        Args:
            counting: How the columns of ``COUNTED`` are read from the row's answer; then ``values``
                lacks them. ``None`` where it has them.
        """
        if counting is None:
            self.add_line(LINES.line(_row(values)))
        else:
            self.add_line(LINES.line(_row(UNCOUNTED | values), list(counting)))

    def add_line(self, line: bytes) -> None:
        """Keep one row that is written as a line already, as ``add`` does."""
        with self._guard:
            self._added += 1
            try:
                self._tail.append(line)
            except OSError as error:
                if len(self._unsaved) < QUEUED:
                    self.problem = f"Log rows are kept in memory only: {error}."
                    self._unsaved.append(line)
                else:
                    self.problem = f"Log rows are lost: {error}."

    def is_busy(self, now_s: float) -> bool:
        """Whether so many rows come in that those so far should wait.

        Args:
            now_s: Seconds from any fixed point; rows are counted since the last call.
        """
        (before, then_s), self._seen = self._seen, (self._added, now_s)
        with self._guard:
            waiting = self._tail.held + sum(segment.size for segment in self._moving)
        return self._added - before > BUSY * (now_s - then_s) and waiting < self._backlog

    def move_all(self) -> None:
        """Move every row so far.

        Raises:
            LocalGatewayError: the database refuses; the rows stay queued.
        """
        while self._moving:  # What an earlier move left comes first.
            self.move()
        while self.move():
            pass

    def move(self) -> bool:
        """Move some rows; ``False`` once all are moved that were there at the first of these calls.

        Raises:
            LocalGatewayError: the database refuses; the rows stay queued.
        """
        if not self._moving:
            with self._guard:
                unsaved, self._unsaved = self._unsaved, []
                self._moving = self._tail.begin()
            if unsaved:
                self._move_unsaved(unsaved)
        batch = self._moving[:BATCH]
        if batch:
            with self._engine.begin() as base:
                self._insert(base, (line for segment in batch for line in segment.lines()))
            self._tail.done(batch)
            del self._moving[:BATCH]
            self.problem = None
        return bool(self._moving)

    def close(self) -> None:
        """Let the tail go; rows that couldn't be moved stay in it for the next start."""
        self._tail.close()

    def _move_unsaved(self, lines: list[bytes]) -> None:
        try:
            with self._engine.begin() as base:
                self._insert(base, lines)
        except BaseException:
            with self._guard:
                self._unsaved = lines + self._unsaved
            raise
        self.problem = None

    def _insert(self, base: Connection, lines: Iterable[bytes]) -> None:
        rows = [_counted(row, counting) for row, counting in LINES.rows(lines)]
        if not rows:
            return
        base.exec_driver_sql(ADD_LOG, rows)
        self._since_trim += len(rows)
        if self._since_trim >= TRIMMED_AFTER:
            self._since_trim = 0
            _trim(base)


def form(values: Values, gaps: Iterable[str]) -> Form:
    """Return the line of rows that differ in some columns only.

    Args:
        gaps: These columns, in the order of ``LOGS``.
    """
    return LINES.form(_row(values), [COLUMNS.index(name) for name in gaps])


def _counted(row: Row, counting: Json) -> Row:
    """Return a row with the columns that its answer has still to be read for."""
    if counting is None:
        return row
    values = dict(zip(COLUMNS, row, strict=False))
    values |= counted_later(counting, values["response"])
    return tuple(map(values.get, COLUMNS))


def _trim(base: Connection) -> None:
    """Hold every gateway's log to its cap (contract: logs, 1).

    The oldest rows go; with ``STOP_INSERTING`` the newest, as if they had never come in.
    """
    settings = {row.id: orjson.loads(row.settings) for row in base.execute(select(GATEWAYS))}
    for gateway, own in settings.items():
        stops = own.get("log_management_strategy") == "STOP_INSERTING"
        mine, cap = LOGS.c.gateway == gateway, own.get("log_management") or LOGS_KEPT
        order = LOGS.c.id if stops else LOGS.c.id.desc()
        edge = base.execute(
            select(LOGS.c.id).where(mine).order_by(order).offset(cap).limit(1)
        ).scalar()
        if edge is not None:
            beyond = LOGS.c.id >= edge if stops else LOGS.c.id <= edge
            base.execute(delete(LOGS).where(mine, beyond))
