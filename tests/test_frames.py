"""frames: column types that know "not known", and key figures that mix nothing up."""

from dataclasses import replace

import pandas as pd
import pytest

from gateway.chat import Cost
from gateway.frames import DTYPES, history, key_figures
from gateway.records import FIGURES, Records, figures
from tests.records.conftest import AT, FAILED, exchange

FRESH, FREE = Cost(usd=0.5, list_usd=0.5, source="x"), Cost(usd=0.0, list_usd=0.5, source="x")
SENT = [
    exchange(end_s=1.0, cost=FRESH),
    exchange(end_s=3.0, cost=FRESH),
    exchange(end_s=0.25, cache="HIT", cost=FREE, original_ms=1000),
    exchange(end_s=0.5, cache="HIT", cost=FREE, original_ms=None),
    exchange(end_s=9.0, cache="", cost=FRESH),
    exchange(reply=None, failure=FAILED, cost=None),
]


@pytest.mark.parametrize("rows", [[], SENT])
def test_columns_have_their_types(rows):
    """Charts and filters rely on it, also while there is nothing to show."""
    types = history(map(figures, rows)).dtypes.astype(str).to_dict()

    assert types == {name: DTYPES[kind] for name, (kind, _) in FIGURES.items()}


def test_row_is_an_exchange():
    """What isn't known is missing, not zero."""
    table = history(map(figures, SENT))

    assert len(table) == len(SENT)
    assert table["out_tokens"].tolist()[:5] == [3] * 5
    assert pd.isna(table["out_tokens"].iloc[5])
    assert table["wall_start"].iloc[0] == pd.Timestamp(AT)
    assert table["ok"].tolist() == [True] * 5 + [False]


def test_table_of_the_records_is_the_same(tmp_path):
    """Read from the database or made of exchanges: one table."""
    records = Records.open(f"sqlite:///{tmp_path}/records.db")
    for sent in SENT:
        records.add(sent)
    records.close()
    again = Records.open(f"sqlite:///{tmp_path}/records.db")

    pd.testing.assert_frame_equal(
        history(again.figures()), history(map(figures, SENT)), check_categorical=False
    )
    again.close()


def test_medians_are_never_pooled():
    """Hits and misses have a median each; what the gateway said nothing about has its own."""
    found = key_figures(history(map(figures, SENT)))

    assert found.p50_ms == {"HIT": 375, "MISS": 2000, "UNKNOWN": 9000}


def test_hit_ratio_leaves_out_what_can_t_hit():
    """Two hits, two misses; the unknown and the failed one say nothing about the cache."""
    found = key_figures(history(map(figures, SENT)))

    assert (found.exchanges, found.failed) == (6, 1)
    assert (found.hits, found.misses, found.hit_ratio) == (2, 2, 0.5)


def test_savings_are_those_of_hits():
    """Money by list price; time only where the original is known."""
    found = key_figures(history(map(figures, SENT)))

    assert (found.cost_usd, found.saved_usd, found.saved_ms) == (1.5, 1.0, 750)


def test_broken_hit_saves_nothing():
    """An answer that broke off isn't an answer."""
    reply = replace(SENT[2].reply, broken="cut")

    found = key_figures(history([figures(replace(SENT[2], reply=reply))]))

    assert (found.hits, found.saved_usd, found.hit_ratio) == (0, 0, None)


def test_nothing_comes_to_nothing():
    """The overview opens on a fresh install."""
    found = key_figures(history([]))

    assert (found.exchanges, found.p50_ms, found.hit_ratio, found.saved_ms) == (0, {}, None, 0)
