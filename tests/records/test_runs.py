"""runs: what an experiment hands over is there after a crash, and is read in pages."""

import time
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime

import pytest

from gateway.errors import RecordsError
from gateway.records import Records

BEGUN = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def runs(url):
    with closing(Records.open(url)) as records:
        yield records.runs


def run(run_id="r1", **values):
    return {"run_id": run_id, "preset": "E01", "state": "running", "started_utc": BEGUN, **values}


def request(seq, **values):
    return {
        "run_id": "r1",
        "seq": seq,
        "request_id": f"q{seq}",
        "status": 200,
        "cache_status": "HIT" if seq % 2 else "MISS",
        "ok": True,
        "e2e_ms": 100.0 - seq,
        "wall_start": BEGUN,
        **values,
    }


def test_run_comes_back(runs):
    """With what it was told later; a moment is one in UTC again."""
    runs.begin(run(seed=7))
    runs.change("r1", {"state": "done", "done_n": 3, "ended_utc": BEGUN})

    found = runs.find("r1")

    assert (found["state"], found["seed"], found["done_n"]) == ("done", 7, 3)
    assert found["started_utc"] == found["ended_utc"] == BEGUN
    with pytest.raises(KeyError):
        runs.find("r2")


def test_newest_run_comes_first(runs):
    """As a list on a page wants them."""
    runs.begin(run("old"))
    runs.begin(run("new", started_utc=BEGUN.replace(hour=13)))

    assert [row["run_id"] for row in runs.newest()] == ["new", "old"]
    assert len(runs.newest(limit=1)) == 1


def test_requests_are_read_in_pages(runs):
    """Filtered and sorted by the database."""
    runs.begin(run())
    runs.add([request(seq) for seq in range(10)])

    hits = {"cache_status": ["HIT"], "status": [200, 429]}
    page = runs.requests("r1", where=hits, order="e2e_ms", limit=2, offset=1)

    assert runs.count("r1", hits) == 5
    assert [row["seq"] for row in page] == [7, 5]
    assert runs.requests("r1", descending=True, limit=1)[0]["seq"] == 9
    assert page[0]["t_plan_s"] is None


def test_columns_are_read_alone(runs):
    """What a chart needs of a long run, and no more."""
    runs.add([request(seq) for seq in range(3)])

    assert runs.columns("r1", ("seq", "cache_status")) == {
        "seq": (0, 1, 2),
        "cache_status": ("MISS", "HIT", "MISS"),
    }
    assert runs.columns("r2", ("seq", "ok")) == {"seq": (), "ok": ()}


def test_sample_is_even_and_the_same_every_time(runs):
    """Also where every tenth request is of one kind."""
    runs.add([request(seq, variant_id=f"v{seq % 10}") for seq in range(2000)])

    drawn = runs.columns("r1", ("seq", "variant_id"), most=200)
    shares = Counter(drawn["variant_id"])

    assert 190 <= len(drawn["seq"]) <= 210
    assert len(shares) == 10
    assert max(shares.values()) <= 25
    assert runs.columns("r1", ("seq", "variant_id"), most=200) == drawn
    assert len(runs.columns("r1", ("seq",), most=2000)["seq"]) == 2000


def test_unknown_column_is_refused(runs):
    """A page's mistake, not a query of its own."""
    with pytest.raises(KeyError):
        runs.requests("r1", order="e2e_ms; DROP TABLE runs")


def test_sides_belong_to_their_run(runs):
    """Attempts and chunks, in the order in which they came."""
    runs.add(
        [request(0)],
        attempts=[{"run_id": "r1", "request_id": "q0", "k": k, "status": 500} for k in (1, 2)],
        chunks=[{"run_id": "r1", "request_id": "q0", "i": 0, "t_s": 0.5}],
    )

    assert [row["k"] for row in runs.side("r1", "attempts")] == [1, 2]
    assert [row["t_s"] for row in runs.side("r1", "chunks")] == [0.5]
    assert runs.side("r2", "attempts") == []


def test_forgotten_run_is_gone(runs):
    """With all that belongs to it; others stay."""
    runs.begin(run())
    runs.begin(run("r2"))
    runs.add([request(0)], attempts=[{"run_id": "r1", "request_id": "q0", "k": 1}])

    runs.forget("r1")

    assert [row["run_id"] for row in runs.newest()] == ["r2"]
    assert runs.count("r1") == 0
    assert runs.side("r1", "attempts") == []


def test_batch_is_kept_whole_or_not_at_all(runs):
    """A side row that can't be kept takes its requests with it."""
    with pytest.raises(RecordsError):
        runs.add([request(0)], attempts=[{"run_id": "r1", "k": 2**80}])

    assert runs.count("r1") == 0


def test_long_run_is_quick_to_look_at(tmp_path):
    """Twenty thousand rows: a page of them costs no more than one of a short run."""
    with closing(Records.open(f"sqlite:///{tmp_path}/r.db")) as records:
        records.runs.add([request(seq) for seq in range(20_000)])
        began = time.perf_counter()

        assert len(records.runs.requests("r1", where={"cache_status": ["HIT"]}, limit=100)) == 100
        assert time.perf_counter() - began < 5


def test_marks_of_the_end_are_kept(runs):
    """Each request gets its own; the rest of it stays."""
    runs.begin(run())
    runs.add([request(0), request(1)])
    rows = runs.requests("r1")

    runs.mark([{"row": row["row"], "attempts": row["seq"], "outlier": None} for row in rows])
    runs.mark([])

    assert [row["attempts"] for row in runs.requests("r1")] == [0, 1]
    assert [row["e2e_ms"] for row in runs.requests("r1")] == [100.0, 99.0]


def test_values_of_a_filter_are_those_of_the_run(runs):
    """In order, and without what isn't known."""
    runs.begin(run())
    runs.add([request(0, status=500), request(1), request(2, status=None)])

    found = runs.values("r1")
    assert found["status"] == [200, 500]
    assert found["cache_status"] == ["HIT", "MISS"]
    assert found["error_class"] == runs.values("r2")["status"] == []
