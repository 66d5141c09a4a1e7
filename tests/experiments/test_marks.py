"""Columns that only a whole run can fill."""

import pandas as pd
import pytest

from gateway.experiments import rows
from gateway.experiments.marks import MARKED, marked
from tests.experiments.conftest import ASKED, calls_of, plan_of

PLAN = plan_of(calls_of(["q"]), variants=[ASKED])


def request(seq, sent, ended, status="MISS", key="k", **terms):
    return {
        "seq": seq,
        "variant_id": "a",
        "key_id": key,
        "cache_status": status,
        "ok": True,
        "status": 200,
        "t_send_s": sent,
        "t_end_s": ended,
        "e2e_ms": (ended - sent) * 1000,
        "attempts_source": "unknown",
        **terms,
    }


def test_age_is_counted_from_the_write_that_was_seen():
    """Of the same key; a hit on what another run wrote has no age."""
    found = marked(
        rows.table(
            [
                request(0, 0.0, 1.0),
                request(1, 2.0, 4.0, key="other"),
                request(2, 11.0, 11.1, "HIT"),
                request(3, 12.0, 12.1, "HIT", key="unseen"),
            ]
        ),
        PLAN,
        hidden=False,
    )

    assert found["cache_age_s"].tolist()[2] == pytest.approx(10.0)
    assert found["cache_age_s"].isna().tolist() == [True, True, False, True]


def test_miss_during_a_fill_overlaps_it():
    """The first of a herd doesn't; who comes after its end doesn't either."""
    found = marked(
        rows.table(
            [
                request(0, 0.0, 5.0),
                request(1, 1.0, 3.0),
                request(2, 4.0, 6.0),
                request(3, 7.0, 8.0),
                request(4, 1.0, 2.0, key="other"),
                request(5, 9.0, 9.1, "HIT"),
            ]
        ),
        PLAN,
        hidden=False,
    )

    overlaps = found["overlap_fill"].tolist()
    assert overlaps[:5] == [False, True, True, False, False]
    assert pd.isna(overlaps[5])


def test_outlier_is_judged_among_its_kind():
    """Misses among hits aren't outliers; one slow miss among misses is. Too few aren't judged."""
    kinds = [request(i, float(i), i + 0.002 * (1 + i % 5 / 10), "HIT") for i in range(30)]
    kinds += [request(i, float(i), i + 1 + i % 5 / 10) for i in range(30, 60)]
    kinds += [request(60, 60.0, 90.0)]
    few = [request(100 + i, 100.0 + i, 101.0 + i, "BYPASS") for i in range(5)]

    found = marked(rows.table([*kinds, *few]), PLAN, hidden=False)

    assert found.loc[found["outlier"].fillna(False), "seq"].tolist() == [60]
    assert found.loc[found["cache_status"] == "BYPASS", "outlier"].isna().all()


def test_what_a_journal_told_stays():
    """Only what is unknown is inferred."""
    told = request(0, 0.0, 1.0, attempts=2, attempts_source="emulator", h_max_attempts=1)
    hidden = request(1, 1.0, 2.0, h_max_attempts=1)

    found = marked(rows.table([told, hidden]), PLAN, hidden=True)

    assert found["attempts"].tolist() == [2, 1]
    assert found["attempts_source"].tolist() == ["emulator", "inferred"]


def test_empty_run_stays_empty():
    """With the same columns and types."""
    empty = rows.table([])

    found = marked(empty, PLAN, hidden=True)

    assert found.dtypes.astype(str)[list(MARKED)].tolist() == [
        rows.COLUMNS[name] for name in MARKED
    ]
