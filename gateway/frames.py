"""Exchanges as tables, and the few figures that everybody asks for first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from gateway.records import FIGURES

DTYPES = {
    "text": "string",
    "word": "category",
    "count": "Int64",
    "number": "float64",
    "flag": "boolean",
    "moment": "datetime64[ns, UTC]",
}
"""The column type of each kind of figure. All of them know "not known"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFigures:
    """What a table of exchanges comes to.

    Attributes:
        p50_ms: Cache status -> median E2E latency of whole answers. Never pooled: the median of
            hits and misses together says nothing about either.
        hit_ratio: Hits among hits and misses, from 0 to 1; bypasses don't count. ``None`` where
            there was neither.
        saved_usd: List price of what the cache answered.
        saved_ms: What its answers took when they were fresh, less what they took now.
    """

    exchanges: int
    failed: int
    p50_ms: Mapping[str, float]
    hits: int
    misses: int
    hit_ratio: float | None
    cost_usd: float
    saved_usd: float
    saved_ms: float


def history(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Return a table with one row per exchange, oldest first as given.

    Args:
        rows: What ``Records.figures`` finds, or ``figures`` of exchanges.
    """
    found = list(rows)
    columns = {}
    for name, (kind, _) in FIGURES.items():
        values = [row[name] for row in found]
        if kind == "moment":
            # SQLite and PostgreSQL keep UTC without saying so.
            columns[name] = pd.Series(pd.to_datetime(values, utc=True), dtype=DTYPES[kind])
        else:
            columns[name] = pd.Series(values, dtype=DTYPES[kind])
    return pd.DataFrame(columns)


def key_figures(table: pd.DataFrame) -> KeyFigures:
    """Return what a table of ``history`` comes to; an empty one comes to zeros."""
    whole = table[table["ok"].fillna(False).astype(bool)]
    medians = whole.groupby("cache_status", observed=True)["e2e_ms"].median().dropna()
    hit = whole[whole["cache_status"] == "HIT"]
    misses = int((whole["cache_status"] == "MISS").sum())
    asked = len(hit) + misses
    return KeyFigures(
        exchanges=len(table),
        failed=len(table) - len(whole),
        p50_ms={str(status): float(value) for status, value in medians.items()},
        hits=len(hit),
        misses=misses,
        hit_ratio=len(hit) / asked if asked else None,
        cost_usd=float(table["cost_usd"].sum()),
        saved_usd=float(hit["cost_saved_usd"].sum()),
        saved_ms=float((hit["original_ms"] - hit["e2e_ms"]).sum()),
    )
