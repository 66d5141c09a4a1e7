"""One planned call and what became of it, as one row of the requests table.

Times are emulated seconds since the run's start; the latencies beside them are emulated
milliseconds. What the records' figures already hold is taken from there.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from gateway.chat import Exchange
from gateway.experiments.plan import Call, Plan, Variant
from gateway.frames import DTYPES
from gateway.records import FIGURES, figures

PLANNED: dict[str, str] = {
    "run_id": "category",
    "variant_id": "category",
    "experiment_id": "category",
    "rep": "Int16",
    "block": "Int16",
    "phase": "category",
    "seq": "Int64",
}
"""Columns in front, from the plan."""

MEASURED: dict[str, str] = {
    "t_plan_s": "float64",
    "t_send_s": "float64",
    "time_scale": "float32",
    "transport": "category",
    "conn_reused": "boolean",
    "prompt_id": "string",
    "intent_id": "string",
    "wording_id": "string",
    "key_id": "string",
    "bytes_out": "Int64",
    "bytes_in": "Int64",
    "cache_age_s": "float64",
    "attempts": "Int8",
    "attempts_source": "category",
    "backoff_ms": "float64",
    "client_tries": "Int8",
    "dispatch_delay_ms": "float64",
    "lat_scheduled_ms": "float64",
    "gateway_cost_usd": "float64",
    "fault_injected": "string",
    "overlap_fill": "boolean",
    "outlier": "boolean",
    "slo_ok": "boolean",
    "text_sha": "string",
}
"""Columns that an exchange alone doesn't have."""

COLUMNS: dict[str, str] = {
    **PLANNED,
    **{name: DTYPES[kind] for name, (kind, _) in FIGURES.items() if name != "run_id"},
    **MEASURED,
}
"""The requests table: column -> dtype."""

MOMENTS = ("t_hdr_s", "t_first_chunk_s", "t_first_s", "t_last_s", "t_end_s")
LATENCIES = (
    "ttfb_ms",
    "ttft_ms",
    "e2e_ms",
    "tpot_ms",
    "ntpot_ms",
    "itl_p50_ms",
    "itl_p95_ms",
    "itl_max_ms",
)


def row(
    plan: Plan,
    variant: Variant,
    call: Call,
    exchange: Exchange,
    *,
    planned_s: float,
    sent_s: float,
    scale: float,
) -> dict[str, Any]:
    """Return one finished call as a row.

    Args:
        planned_s: Intended start, in emulated seconds since the run's start.
        sent_s: When the request was handed to the socket, in the same seconds.
        scale: Emulated seconds per real one: the exchange's own times are real ones.
    """
    found: dict[str, Any] = dict.fromkeys(COLUMNS)
    found.update(figures(exchange))
    for name in MOMENTS:
        if found[name] is not None:
            found[name] = sent_s + found[name] * scale
    for name in LATENCIES:
        if found[name] is not None:
            found[name] *= scale
    if found["tok_s"] is not None:
        found["tok_s"] /= scale
    reply, sent = exchange.reply, exchange.sent
    found.update(
        variant_id=variant.id,
        experiment_id=plan.recipe.preset,
        rep=call.rep,
        block=call.block,
        phase=call.phase,
        seq=call.seq,
        t_plan_s=planned_s,
        t_send_s=sent_s,
        time_scale=scale,
        transport="ws" if variant.transport == "websocket" else "http1",
        prompt_id=call.prompt_id,
        intent_id=call.intent_id or None,
        wording_id=call.wording_id or None,
        key_id=call.key_id or None,
        bytes_out=len(sent.body.encode("utf-8", "replace")) if sent else None,
        bytes_in=len(reply.body.encode("utf-8", "replace")) if reply and reply.body else None,
        client_tries=1,
        dispatch_delay_ms=(sent_s - planned_s) * 1000,
        lat_scheduled_ms=None
        if found["t_end_s"] is None or found["e2e_ms"] is None
        else (found["t_end_s"] - planned_s) * 1000,
        fault_injected=call.fault,
        attempts_source="unknown",
    )
    return found


def table(rows: list[Mapping[str, Any]] | list[dict[str, Any]]) -> pd.DataFrame:
    """Return rows as the requests table, with its dtypes, in the order given."""
    columns = {}
    for name, dtype in COLUMNS.items():
        values = [one.get(name) for one in rows]
        if dtype.startswith("datetime"):
            columns[name] = pd.Series(pd.to_datetime(pd.Series(values), utc=True), dtype=dtype)
        else:
            columns[name] = pd.Series(values, dtype=dtype)
    return pd.DataFrame(columns)
