"""The data directory: gateways, logs and cached answers, kept in one SQLite file.

Log rows go through a queue that is safe on disk, and one thread moves them into the database: no
request waits for it, and no answered request is lost. Reads of the management API flush first and
see every answered request.
"""

import contextlib
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Self

import orjson
from sqlalchemy import (
    Connection,
    Engine,
    ExceptionContext,
    create_engine,
    delete,
    event,
    select,
    update,
)
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.exc import SQLAlchemyError

from gateway.errors import LocalGatewayError
from gateway.local.cache import Entry
from gateway.local.directory import Lock, token_in
from gateway.local.logqueue import LogQueue
from gateway.local.tables import CACHE, GATEWAYS, KEYS, LOGS, TOTALS, create

log = logging.getLogger(__name__)
Json = Any
Values = Mapping[str, Json]
Sums = tuple[float, float, float, float]
"""Start of a window, what it and the one before hold in dollars, and until when that counts."""
FLUSH_S = 0.05
BODIES = ("request", "response")
ENTRY_COLUMNS = CACHE.columns.keys()
ROW_COLUMNS = [column for column in LOGS.columns if column.name not in BODIES]


class Store:
    """One data directory, open. Only one process may have it.

    Every method raises ``LocalGatewayError`` where the database can't be used.

    Attributes:
        logs: Where log rows are put.
    """

    def __init__(self, directory: Path, engine: Engine, lock: Lock, token: str) -> None:
        self.directory = directory
        self.token = token
        self._engine = engine
        self._lock = lock
        self.logs = LogQueue(directory, engine)
        self._problem: str | None = None
        self._entries: deque[Entry] = deque()
        self._totals: dict[tuple[str, str], Sums] = {}
        self._guard = threading.Lock()
        self._writing = threading.Lock()
        self._stopping = threading.Event()
        self.logs.recover()
        self._writer = threading.Thread(target=self._write, name="gateway-store", daemon=True)
        self._writer.start()

    @classmethod
    def open(cls, directory: Path) -> Self:
        """Open a data directory, made where there is none.

        Raises:
            LocalGatewayError: it can't be written, or another gateway has it.
        """
        try:
            directory.mkdir(parents=True, exist_ok=True)
            lock = Lock(directory / "lock")
            token = token_in(directory / "token")
        except OSError as error:
            raise LocalGatewayError(
                f"The data directory {directory} can't be written: {error.strerror}. "
                "Choose another one with LOCAL_GATEWAY_DATA."
            ) from error
        engine = create_engine(f"sqlite:///{directory / 'gateway.db'}")
        event.listen(engine, "connect", _tune)
        event.listen(engine, "handle_error", _translator(directory))
        try:
            create(engine)
            return cls(directory, engine, lock, token)
        except SQLAlchemyError as error:
            # What happens while a connection is made comes without the translation.
            lock.release()
            raise _unusable(directory, error) from error
        except LocalGatewayError:
            lock.release()
            raise

    @property
    def engine(self) -> Engine:
        """The database, for modules that keep or ask more in it. Queued rows need a flush first."""
        return self._engine

    @property
    def problem(self) -> str | None:
        """Why rows aren't kept as they should be; ``None`` where all is well."""
        return self._problem or self.logs.problem

    def close(self) -> None:
        """Write what is queued and let the directory go."""
        self._stopping.set()
        self._writer.join()
        with contextlib.suppress(LocalGatewayError):
            self.flush()
        self.logs.close()
        self._engine.dispose()
        self._lock.release()

    # gateways and stored keys: few rows, written at once

    def gateways(self) -> dict[str, dict[str, Json]]:
        """Return every gateway's settings, by id."""
        with self._engine.connect() as base:
            rows = base.execute(select(GATEWAYS)).all()
        try:
            return {row.id: orjson.loads(row.settings) for row in rows}
        except orjson.JSONDecodeError as error:
            raise _unusable(self.directory, error) from error

    def put_gateway(self, settings: Values) -> None:
        """Keep one gateway's settings."""
        values = {"id": settings["id"], "settings": orjson.dumps(settings)}
        with self._engine.begin() as base:
            base.execute(
                upsert(GATEWAYS)
                .values(values)
                .on_conflict_do_update(index_elements=["id"], set_={"settings": values["settings"]})
            )

    def delete_gateway(self, gateway: str) -> None:
        """Forget a gateway with its keys, logs and answers."""
        self.flush()
        with self._engine.begin() as base:
            for table, column in (
                (GATEWAYS, GATEWAYS.c.id),
                (KEYS, KEYS.c.gateway),
                (LOGS, LOGS.c.gateway),
                (CACHE, CACHE.c.scope),
                (TOTALS, TOTALS.c.gateway),
            ):
                base.execute(delete(table).where(column == gateway))

    def keys(self) -> set[tuple[str, str, str]]:
        """Return (gateway, provider, alias) of every stored key of a simulated provider."""
        with self._engine.connect() as base:
            return {(row.gateway, row.provider, row.alias) for row in base.execute(select(KEYS))}

    def add_keys(self, gateway: str, providers: Iterable[str], alias: str = "default") -> None:
        """Store a key's alias for simulated providers."""
        rows = [{"gateway": gateway, "provider": name, "alias": alias} for name in providers]
        with self._engine.begin() as base:
            if rows:
                base.execute(upsert(KEYS).on_conflict_do_nothing(), rows)

    # cached answers and totals: queued, as log rows are

    def add_entry(self, entry: Entry) -> None:
        """Queue one cached answer."""
        self._entries.append(entry)

    def entries(self, now: float) -> list[Entry]:
        """Return the answers whose time isn't over, and forget the others."""
        with self._engine.begin() as base:
            base.execute(delete(CACHE).where(CACHE.c.expires_at <= now))
            # As they lie there: what a damaged file gives back has any type.
            rows = base.exec_driver_sql(f"SELECT {', '.join(ENTRY_COLUMNS)} FROM {CACHE.name}")
            found = [Entry(**row._mapping) for row in rows]
            whole = [entry for entry in found if entry.is_sound]
            if len(whole) < len(found):
                log.warning("%d damaged answers are forgotten.", len(found) - len(whole))
                base.execute(delete(CACHE))
                self._entries.extend(whole)
            return whole

    def clear_cache(self, scope: str) -> None:
        """Forget all answers of one gateway."""
        self.flush()
        with self._engine.begin() as base:
            base.execute(delete(CACHE).where(CACHE.c.scope == scope))

    def forget_provider(self, provider: str) -> None:
        """Forget all answers of one provider, in every gateway."""
        self.flush()
        with self._engine.begin() as base:
            base.execute(delete(CACHE).where(CACHE.c.provider == provider))

    def put_total(self, gateway: str, bucket: str, sums: Sums) -> None:
        """Queue what a bucket of spending holds, in place of what it held."""
        with self._guard:
            self._totals[gateway, bucket] = sums

    def totals(self, now: float) -> list[tuple[Any, ...]]:
        """Return gateway, bucket and sums of every bucket that counts, and forget the others."""
        with self._engine.begin() as base:
            base.execute(delete(TOTALS).where(TOTALS.c.until_s <= now))
            return [tuple(row) for row in base.execute(select(TOTALS))]

    def log(self, gateway: str, log_id: str) -> dict[str, Json] | None:
        """Return one whole log row, bodies included, or ``None``."""
        self.flush()
        with self._engine.connect() as base:
            row = base.execute(
                select(LOGS).where(LOGS.c.gateway == gateway, LOGS.c.id == log_id)
            ).first()
            return None if row is None else unpacked(row._asdict())

    def patch_log(self, gateway: str, log_id: str, values: Values) -> bool:
        """Change feedback, score or metadata of one row; ``False`` where there is none."""
        self.flush()
        packed = {
            name: orjson.dumps(value) if name == "metadata" else value
            for name, value in values.items()
        }
        mine = (LOGS.c.gateway == gateway, LOGS.c.id == log_id)
        with self._engine.begin() as base:
            if not packed:
                return base.execute(select(LOGS.c.id).where(*mine)).first() is not None
            return base.execute(update(LOGS).where(*mine).values(**packed)).rowcount > 0

    def flush(self) -> None:
        """Write everything queued so far.

        Raises:
            LocalGatewayError: the database refuses; what is queued stays so.
        """
        with self._writing, self._told():
            self._write_few()
            self.logs.move_all()

    def _write_few(self) -> None:
        """Write cached answers and totals."""
        with self._guard:
            totals, self._totals = self._totals, {}
        entries = [self._entries.popleft() for _ in range(len(self._entries))]
        if not entries and not totals:
            return
        try:
            with self._engine.begin() as base:
                if entries:
                    _put_entries(base, entries)
                if totals:
                    base.execute(upsert(TOTALS).prefix_with("OR REPLACE"), _rows_of(totals))
        except LocalGatewayError:
            self._entries.extendleft(reversed(entries))
            with self._guard:
                self._totals = totals | self._totals
            raise

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Keep what is wrong while something is."""
        try:
            yield
        except LocalGatewayError as error:
            self._problem = str(error)
            raise
        self._problem = None

    def _write(self) -> None:
        pause_s = FLUSH_S
        while not self._stopping.wait(pause_s):
            try:
                with self._writing, self._told():
                    wait = self.logs.is_busy(time.monotonic()) and self._problem is None
                    self._write_few()
                    more = not wait and self.logs.move()
                pause_s = 0.0 if more else FLUSH_S
            except LocalGatewayError as error:
                log.error("%s They are tried again.", error)
                pause_s = 1.0


def _put_entries(base: Connection, entries: list[Entry]) -> None:
    rows = [{name: getattr(entry, name) for name in ENTRY_COLUMNS} for entry in entries]
    statement = upsert(CACHE)
    base.execute(
        statement.on_conflict_do_update(
            index_elements=["scope", "key"],
            set_={
                column.name: statement.excluded[column.name]
                for column in CACHE.columns
                if not column.primary_key
            },
        ),
        rows,
    )


def _rows_of(totals: Mapping[tuple[str, str], Sums]) -> list[dict[str, Json]]:
    names = TOTALS.c.keys()
    return [dict(zip(names, (*key, *sums), strict=True)) for key, sums in totals.items()]


def unpacked(row: Mapping[str, Json]) -> dict[str, Json]:
    """Return a row with its JSON columns read."""
    packed = ("metadata", "usage_metadata", "timings", "dlp_profiles", "guardrails")
    return {
        name: orjson.loads(value) if name in packed and value is not None else value
        for name, value in row.items()
    }


def _tune(connection: Any, _: object) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")


def _translator(directory: Path) -> Callable[[ExceptionContext], None]:
    """Return what makes a sentence of every error of the database, wherever it is met."""

    def translate(context: ExceptionContext) -> None:
        raise _unusable(directory, context.original_exception) from context.original_exception

    return translate


def _unusable(directory: Path, error: BaseException) -> LocalGatewayError:
    reason = getattr(error, "orig", None) or error
    return LocalGatewayError(
        f"The database in {directory} can't be used: {reason}. Make room if the disk is full. "
        "If the file is damaged: Move gateway.db away to start afresh, or choose another directory "
        "with LOCAL_GATEWAY_DATA."
    )
