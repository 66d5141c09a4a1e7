"""database: rows appear at once, survive trouble, and trouble has a sentence."""

import os
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.errors import RecordsError
from gateway.records import Records, fingerprint
from tests.records.conftest import AT, KEY, exchange, rich


@pytest.fixture
def records(url):
    with closing(Records.open(url)) as records:
        yield records


def test_exchange_comes_back_whole(records):
    """Both databases keep every part."""
    whole = rich()

    records.add(whole)
    records.flush()

    assert records.find() == [whole]


def test_row_appears_at_once(records):
    """A page that reads a moment after the answer finds it."""
    records.add(exchange())

    end = time.monotonic() + 5
    while not (found := records.find()) and time.monotonic() < end:
        time.sleep(0.005)
    assert found


def test_adding_waits_for_nothing(tmp_path):
    """The event loop goes on while the database is busy."""
    path = tmp_path / "records.db"
    with closing(Records.open(f"sqlite:///{path}")) as records:
        holder = sqlite3.connect(path, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        started = time.perf_counter()
        for _ in range(200):
            records.add(exchange())
        took_s = time.perf_counter() - started
        holder.execute("ROLLBACK")
        holder.close()
        records.flush()

        assert took_s < 1
        assert len(records.find()) == 200


def test_find_narrows_down(records):
    """By time, by run, and to the newest few; oldest first."""
    rows = [exchange(at=AT + timedelta(seconds=n), run=f"run-{n % 2}") for n in range(6)]
    for row in reversed(rows):
        records.add(row)
    records.flush()

    assert records.find() == rows
    assert records.find(since=AT + timedelta(seconds=4)) == rows[4:]
    assert records.find(run="run-1", limit=2) == [rows[3], rows[5]]
    assert [row["wall_start"].second for row in records.figures(limit=2)] == [4, 5]


def test_newest_fresh_answer_is_the_original(records):
    """A hit is compared with what the same question last took without the cache."""
    later = AT + timedelta(seconds=1)
    question = fingerprint(exchange().sent, "local")
    records.add(exchange(end_s=2.0, at=later))
    records.add(exchange(end_s=1.0))
    records.add(exchange(end_s=0.01, cache="HIT", at=later + timedelta(seconds=1)))
    records.add(exchange(end_s=9.0, status=500, at=later + timedelta(seconds=1)))
    records.add(exchange(end_s=8.0, body='{"q":2}', at=later + timedelta(seconds=1)))

    assert records.newest_fresh(question) == 2000
    assert records.newest_fresh("another") is None


def test_records_survive_a_restart(url):
    """Closing writes what is left and ends the thread; opening again finds it."""
    before = set(threading.enumerate())
    first = Records.open(url)
    first.add(exchange())
    first.close()
    first.close()

    assert set(threading.enumerate()) <= before
    with closing(Records.open(url)) as second:
        assert len(second.find()) == 1


def test_row_that_doesn_t_fit_spares_the_others(records, caplog):
    """A provider that reports nonsense as a count costs its own row only."""
    reply = exchange().reply
    usage = replace(reply.completion.usage, tokens_in=1 << 80)
    odd = exchange(reply=replace(reply, completion=replace(reply.completion, usage=usage)))

    for row in (exchange(), odd, exchange()):
        records.add(row)
    records.flush()

    assert len(records.find()) == 2
    assert odd.id in caplog.text


def test_two_processes_write_one_file(tmp_path):
    """A second app on the same file waits for its turn."""
    url = f"sqlite:///{tmp_path}/records.db"
    with closing(Records.open(url)) as one, closing(Records.open(url)) as other:
        for _ in range(50):
            one.add(exchange())
            other.add(exchange())
        one.flush()
        other.flush()

        assert len(one.find()) == 100


def test_locked_file_keeps_what_waits(tmp_path):
    """While another program holds the file, nothing is lost, and the sentence says what to do."""
    path = tmp_path / "records.db"
    with closing(Records.open(f"sqlite:///{path}", patience_s=0.01)) as records:
        holder = sqlite3.connect(path, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        records.add(exchange())
        with pytest.raises(RecordsError, match="is locked by another program"):
            records.flush()
        said = records.problem
        holder.execute("ROLLBACK")
        holder.close()
        records.flush()

        assert "locked" in said
        assert records.problem is None
        assert len(records.find()) == 1


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: path.mkdir(), "can't be opened"),
        (lambda path: path.write_bytes(b"no database at all " * 100), "is some other file"),
        (lambda path: _table(path, "CREATE TABLE requests (row INTEGER)"), "by another version"),
    ],
)
def test_unusable_file_has_a_sentence(tmp_path, make, words):
    """Each says what is wrong with which file."""
    path = tmp_path / "records.db"
    make(path)

    with pytest.raises(RecordsError, match=words) as caught:
        Records.open(f"sqlite:///{path}")
    assert str(path) in str(caught.value)


def _table(path, statement):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)


def test_read_only_file_is_refused_at_once(tmp_path):
    """It would be noticed at the first write otherwise, when the answer is there already."""
    path = tmp_path / "records.db"
    Records.open(f"sqlite:///{path}").close()

    with pytest.raises(RecordsError, match="is read-only: make it writable"):
        Records.open(f"sqlite:///file:{path}?mode=ro&uri=true", patience_s=0.01)


def test_folder_that_can_t_be_made(tmp_path):
    """A file stands where the folder should be."""
    (tmp_path / "file").touch()

    with pytest.raises(RecordsError, match="can't be opened: set RECORDS_URL"):
        Records.open(f"sqlite:///{tmp_path}/file/records.db")


def test_full_disk_keeps_what_waits(tmp_path):
    """The limit on the size of files stands in for the disk; the app goes on."""
    script = (
        "import resource, sys\n"
        "from gateway.errors import RecordsError\n"
        "from gateway.records import Records\n"
        "from tests.records.conftest import exchange\n"
        "records = Records.open(sys.argv[1])\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))\n"
        "for _ in range(100): records.add(exchange(body='x' * 1000))\n"
        "try: records.flush()\n"
        "except RecordsError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, f"sqlite:///{tmp_path}/records.db"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": "."},
    )

    assert "the disk is full" in done.stdout


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("nonsense", "must be sqlite:///path or postgresql"),
        ("mysql://x/y", "must begin with sqlite:/// or postgresql://"),
        ("sqlite://", "must name a file"),
        ("sqlite:///:memory:", "must name a file"),
    ],
)
def test_bad_url_has_a_sentence(url, words):
    """Whoever sets RECORDS_URL by hand learns what it may be."""
    with pytest.raises(RecordsError, match=words):
        Records.open(url)


def test_server_that_isn_t_there(tmp_path):
    """A password never shows in the sentence."""
    pytest.importorskip("psycopg", reason="PostgreSQL needs psycopg, which isn't installed")

    with pytest.raises(RecordsError, match="can't be reached: start its server") as caught:
        Records.open("postgresql://user:hunter22@127.0.0.1:9/db")
    assert "hunter22" not in str(caught.value)


def test_missing_driver_is_named(monkeypatch):
    """SQLite needs nothing more; PostgreSQL needs a package, which the sentence names."""
    monkeypatch.setitem(sys.modules, "psycopg", None)

    with pytest.raises(RecordsError, match=r"needs the package psycopg: pip install"):
        Records.open("postgresql://user@127.0.0.1:9/db")


def test_no_secret_reaches_the_file(tmp_path):
    """Every byte that SQLite wrote, its write-ahead log included."""
    with closing(Records.open(f"sqlite:///{tmp_path}/records.db")) as records:
        records.add(exchange())
        records.flush()
        written = b"".join(path.read_bytes() for path in tmp_path.iterdir())

    assert b"gpt-x" in written
    assert KEY.encode() not in written
