"""Shelf: named JSON documents beside the exchanges, such as sessions, presets and plans."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from gateway.errors import RecordsError
from gateway.records.rows import naive
from gateway.records.schema import SHELF
from gateway.records.trouble import sentence

Json = Any
NAME_LIMIT = 200
"""Characters of a name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One document on the shelf: its name, and when it was kept last."""

    name: str
    at: datetime


class Shelf:
    """Named documents, by kind. Safe to use from any thread.

    Kinds are short words: "session", "preset", "plan", "verdict".
    """

    def __init__(self, engine: Engine, place: str) -> None:
        self._engine = engine
        self._place = place

    def keep(self, kind: str, name: str, document: Json) -> None:
        """Keep a document; one of the same kind and name is replaced.

        Raises:
            RecordsError: the name can't be used, or the database can't be written.
            TypeError, ValueError: the document isn't JSON.
        """
        values = {
            "kind": kind,
            "name": _checked(name),
            "at": naive(datetime.now(UTC)),
            "document": json.dumps(document, separators=(",", ":"), allow_nan=False),
        }
        dialect = sqlite if self._engine.dialect.name == "sqlite" else postgresql
        insert = dialect.insert(SHELF).values(values)
        again = {column: insert.excluded[column] for column in ("at", "document")}
        self._write(insert.on_conflict_do_update(index_elements=["kind", "name"], set_=again))

    def names(self, kind: str) -> list[Kept]:
        """Return what is kept of a kind, the newest first.

        Raises:
            RecordsError: the database can't be read.
        """
        wanted = (
            sa.select(SHELF.c.name, SHELF.c.at)
            .where(SHELF.c.kind == kind)
            .order_by(SHELF.c.at.desc(), SHELF.c.name)
        )
        return [
            Kept(name=row["name"], at=row["at"].replace(tzinfo=UTC)) for row in self._read(wanted)
        ]

    def fetch(self, kind: str, name: str) -> Json:
        """Return a document.

        Raises:
            KeyError: there is none of this kind and name.
            RecordsError: the database can't be read.
        """
        rows = self._read(sa.select(SHELF.c.document).where(*_named(kind, name)))
        if not rows:
            raise KeyError(name)
        return json.loads(rows[0]["document"])

    def everything(self, kind: str) -> list[Json]:
        """Return every document of a kind, the oldest first.

        Raises:
            RecordsError: the database can't be read.
        """
        wanted = sa.select(SHELF.c.document).where(SHELF.c.kind == kind)
        rows = self._read(wanted.order_by(SHELF.c.at, SHELF.c.name))
        return [json.loads(row["document"]) for row in rows]

    def forget(self, kind: str, name: str) -> None:
        """Throw a document away; one that isn't there is fine.

        Raises:
            RecordsError: the database can't be written.
        """
        self._write(sa.delete(SHELF).where(*_named(kind, name)))

    def _read(self, wanted: sa.Select[Any]) -> list[Mapping[str, Any]]:
        try:
            with self._engine.connect() as connection:
                return [dict(row) for row in connection.execute(wanted).mappings()]
        except SQLAlchemyError as error:
            raise RecordsError(sentence(error, self._place)) from error

    def _write(self, statement: sa.Executable) -> None:
        try:
            with self._engine.begin() as connection:
                connection.execute(statement)
        except SQLAlchemyError as error:
            raise RecordsError(sentence(error, self._place)) from error


def _named(kind: str, name: str) -> tuple[sa.ColumnElement[bool], ...]:
    return SHELF.c.kind == kind, SHELF.c.name == name


def _checked(name: str) -> str:
    """Return a name that both databases and every list on a page can show."""
    if not name.strip() or len(name) > NAME_LIMIT or not name.isprintable():
        raise RecordsError(
            f"A name needs 1 to {NAME_LIMIT} characters, all of them visible: choose another."
        )
    return name
