"""schema: a database of an earlier version is brought to this one, a later one is refused."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
import sqlalchemy as sa

from gateway.errors import RecordsError
from gateway.records import Records
from gateway.records.schema import MIGRATIONS, REQUESTS, SCHEMA, TABLES
from tests.records.conftest import exchange


@pytest.fixture
def engine(url):
    """A bare connection to the same database, as another program has it."""
    engine = sa.create_engine(url)
    yield engine
    engine.dispose()


def version(engine):
    with engine.connect() as connection:
        return connection.execute(sa.select(SCHEMA.c.version)).scalars().all()


def test_fresh_database_has_the_newest_shape(url, engine):
    """Opening makes every table and writes the version down once."""
    Records.open(url).close()
    Records.open(url).close()

    assert version(engine) == [len(MIGRATIONS)]
    names = {table.name for table in TABLES.sorted_tables}
    assert set(sa.inspect(engine).get_table_names()) == {*names, "schema"}


def test_database_of_the_first_version_keeps_its_exchanges(url, engine):
    """It has exchanges and no version: the shelf comes beside them."""
    with closing(Records.open(url)) as records:
        records.add(exchange())
    with engine.begin() as connection:
        for name in ("shelf", "runs", "trials", "attempts", "chunks", "schema"):
            connection.execute(sa.text(f"DROP TABLE {name}"))

    with closing(Records.open(url)) as records:
        records.shelf.keep("preset", "mine", {"a": 1})

        assert len(records.find()) == 1
        assert records.shelf.fetch("preset", "mine") == {"a": 1}
    assert version(engine) == [len(MIGRATIONS)]


def test_database_of_a_later_version_is_left_alone(url, engine):
    """An older app must not write what a newer one would misread."""
    Records.open(url).close()
    with engine.begin() as connection:
        connection.execute(sa.update(SCHEMA).values(version=len(MIGRATIONS) + 1))

    with pytest.raises(RecordsError, match="by a later version of this app: update the app"):
        Records.open(url)
    assert version(engine) == [len(MIGRATIONS) + 1]


def test_failed_step_leaves_no_half(url, engine):
    """A table of somebody else stands in the way; once it is gone, the same step succeeds."""
    with engine.begin() as connection:
        REQUESTS.create(connection)
        connection.execute(sa.text("CREATE TABLE shelf (somebody INTEGER)"))
    with pytest.raises(RecordsError):
        Records.open(url)
    with engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE shelf"))

    with closing(Records.open(url)) as records:
        assert records.shelf.names("session") == []
    assert version(engine) == [len(MIGRATIONS)]


def test_two_programs_open_a_fresh_database_at_once(url, engine):
    """One of them makes the tables, the others find them."""
    with ThreadPoolExecutor(4) as threads:
        for records in threads.map(Records.open, [url] * 4):
            records.close()

    assert version(engine) == [len(MIGRATIONS)]
