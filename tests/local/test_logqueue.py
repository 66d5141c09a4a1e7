"""logqueue: rows wait while many come in, and are moved in batches afterwards."""

import pytest
from sqlalchemy import create_engine, func, select

from gateway.local.logqueue import BUSY, LogQueue, form
from gateway.local.tables import LOGS, create
from tests.local.test_store import row


@pytest.fixture
def engine(tmp_path):
    """A database without anybody who writes."""
    made = create_engine(f"sqlite:///{tmp_path / 'gateway.db'}")
    create(made)
    yield made
    made.dispose()


@pytest.fixture
def queue(tmp_path, engine):
    made = LogQueue(tmp_path, engine)
    yield made
    made.close()


def stored(engine):
    with engine.connect() as base:
        return base.execute(select(func.count()).select_from(LOGS)).scalar_one()


def test_queue_is_busy_while_rows_come_faster_than_they_should_be_moved(queue):
    """Counted from one look to the next."""
    queue.is_busy(100.0)
    for number in range(101):
        queue.add(row(number))

    assert queue.is_busy(100.0 + 100 / BUSY)
    assert not queue.is_busy(100.0 + 200 / BUSY)


def test_queue_is_not_busy_once_too_much_waits(tmp_path, engine):
    """Then rows are moved, whatever comes in: the tail has an end."""
    queue = LogQueue(tmp_path, engine, backlog=1024)
    queue.is_busy(100.0)
    for number in range(1000):
        queue.add(row(number))

    assert not queue.is_busy(100.001)
    queue.close()


def test_rows_are_moved_some_at_a_time(engine, queue):
    """So that whoever comes meanwhile doesn't wait for all of them; their order doesn't matter."""
    for number in range(6000):
        queue.add(row(number))

    more = queue.move()
    moved = stored(engine)
    queue.move_all()

    assert more
    assert 0 < moved < 6000
    assert stored(engine) == 6000


def test_rows_that_come_meanwhile_belong_to_the_next_move(engine, queue):
    """Else a reader would wait for as long as rows come."""
    queue.add(row(1))
    queue.move()
    queue.add(row(2))

    assert stored(engine) == 1
    queue.move_all()
    assert stored(engine) == 2


def test_rows_of_a_killed_process_are_there_at_the_next_start(tmp_path, engine, queue):
    """As many as waited, and the next one begins with an empty tail."""
    for number in range(3000):
        queue.add(row(number))

    again = LogQueue(tmp_path, engine)
    again.recover()

    assert stored(engine) == 3000
    assert not again.move()
    again.close()


def test_row_of_a_form_is_the_row_itself(engine, queue):
    """What hits have in common is written once."""
    made = form(row(1), ["id", "created_s"])

    queue.add_line(made.line("0002", 2.0))
    queue.move_all()

    with engine.connect() as base:
        [found] = base.execute(select(LOGS)).all()
    assert found._asdict() == row(2)
