"""Documents of the management API: datasets, routes, stored keys and the like, as JSON in SQLite.

There are few of them, read whole and written at once. ``gateway`` is empty for what belongs to the
account. Ids are the gateway's own, in order of making.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal

import orjson
from sqlalchemy import Column, Connection, Engine, LargeBinary, MetaData, String, Table, select
from sqlalchemy import delete as deletion
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.exc import SQLAlchemyError

from gateway.errors import LocalGatewayError

Json = Any
Document = dict[str, Json]
Kind = Literal[
    "custom-domain",
    "custom-provider",
    "dataset",
    "evaluation",
    "policy",
    "provider-config",
    "route",
    "topup",
    "topup-config",
]

DOCUMENTS = Table(
    "documents",
    MetaData(),
    Column("kind", String, primary_key=True),
    Column("gateway", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)


class Documents:
    """The documents of one data directory."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        with self._base() as base:
            DOCUMENTS.create(base, checkfirst=True)

    def all(self, kind: Kind, gateway: str | None = "") -> list[Document]:
        """Return the documents of one kind, oldest first; ``None`` means those of every gateway."""
        wanted = select(DOCUMENTS.c.body).where(DOCUMENTS.c.kind == kind).order_by(DOCUMENTS.c.id)
        if gateway is not None:
            wanted = wanted.where(DOCUMENTS.c.gateway == gateway)
        with self._base() as base:
            return [orjson.loads(row.body) for row in base.execute(wanted)]

    def get(self, kind: Kind, id: str, gateway: str = "") -> Document | None:
        """Return one document, or ``None``."""
        with self._base() as base:
            body = base.execute(
                select(DOCUMENTS.c.body).where(
                    DOCUMENTS.c.kind == kind, DOCUMENTS.c.gateway == gateway, DOCUMENTS.c.id == id
                )
            ).scalar()
        return None if body is None else orjson.loads(body)

    def put(self, kind: Kind, document: Mapping[str, Json], gateway: str = "") -> None:
        """Keep a document under its ``id``, in place of an older one."""
        body = orjson.dumps(document)
        with self._base() as base:
            base.execute(
                upsert(DOCUMENTS)
                .values(kind=kind, gateway=gateway, id=document["id"], body=body)
                .on_conflict_do_update(
                    index_elements=["kind", "gateway", "id"], set_={"body": body}
                )
            )

    def delete(self, kind: Kind, id: str, gateway: str = "") -> None:
        """Forget one document."""
        with self._base() as base:
            base.execute(
                deletion(DOCUMENTS).where(
                    DOCUMENTS.c.kind == kind, DOCUMENTS.c.gateway == gateway, DOCUMENTS.c.id == id
                )
            )

    def forget_gateway(self, gateway: str) -> None:
        """Forget everything that a gateway held."""
        with self._base() as base:
            base.execute(deletion(DOCUMENTS).where(DOCUMENTS.c.gateway == gateway))

    @contextmanager
    def _base(self) -> Iterator[Connection]:
        try:
            with self._engine.begin() as base:
                yield base
        except SQLAlchemyError as error:
            raise LocalGatewayError(
                f"The gateway's database refuses: {getattr(error, 'orig', None) or error}."
            ) from error
