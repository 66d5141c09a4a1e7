"""One planned call and what became of it, as one row of the requests table.

Times are emulated seconds since the run's start; the latencies beside them are emulated
milliseconds. What the records' figures already hold is taken from there.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

import pandas as pd

from gateway.chat import Exchange
from gateway.experiments.plan import Call, Plan, Variant
from gateway.frames import DTYPES
from gateway.records import ATTEMPT, CHUNK, TRIAL, figures
from gateway.records.rows import Kind

NARROW: dict[str, str] = {
    "rep": "Int16",
    "block": "Int16",
    "in_tokens": "Int32",
    "out_tokens": "Int32",
    "prompt_cached_tokens": "Int32",
    "h_cache_ttl_s": "Int32",
    "h_max_attempts": "Int8",
    "h_retry_delay_ms": "Int32",
    "h_timeout_ms": "Int32",
    "status": "Int16",
    "attempts": "Int8",
    "step": "Int8",
    "steps_total": "Int8",
    "client_tries": "Int8",
    "n_gaps": "Int32",
    "time_scale": "float32",
}
"""Columns whose type is narrower than that of their kind."""

COLUMNS: dict[str, str] = {name: NARROW.get(name, DTYPES[kind]) for name, kind in TRIAL.items()}
"""The requests table: column -> dtype."""

SIDE = {"k": "Int16", "i": "Int32", "step": "Int8", "status": "Int16", "tokens": "Int32"}
"""Columns of attempts and chunks that are narrower than their kind."""
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
        answer_sha=sha256(reply.text.encode("utf-8", "replace")).hexdigest()[:16]
        if reply is not None and reply.text
        else None,
        attempts_source="unknown",
    )
    return found


def chunks(found: Mapping[str, Any], at_s: Sequence[float], *, run_id: str) -> list[dict[str, Any]]:
    """Return the chunks of a streamed answer as rows of their table.

    Args:
        found: The request's row.
        at_s: When each chunk arrived, in real seconds since the request was sent.
    """
    return [
        {
            "run_id": run_id,
            "request_id": found["request_id"],
            "i": i,
            "t_s": found["t_send_s"] + at * found["time_scale"],
            "tokens": None,
            "bytes": None,
        }
        for i, at in enumerate(at_s)
    ]


def attempts(found: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return rows as the attempts table, in the order given."""
    return _side(found, ATTEMPT)


def chunk_table(found: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return rows as the chunks table, in the order given."""
    return _side(found, CHUNK)


def _side(found: Sequence[Mapping[str, Any]], kinds: Mapping[str, Kind]) -> pd.DataFrame:
    columns = {
        name: pd.Series([one.get(name) for one in found], dtype=SIDE.get(name, DTYPES[kind]))
        for name, kind in kinds.items()
    }
    return pd.DataFrame(columns)


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


def columns(found: Mapping[str, Sequence[Any]]) -> pd.DataFrame:
    """Return some columns of the requests table, with its dtypes, in the order given."""
    return pd.DataFrame(
        {name: pd.Series(values, dtype=COLUMNS[name]) for name, values in found.items()}
    )


def wrong_wordings(group: pd.DataFrame) -> pd.Series:
    """Return, for each request, whether its answer was made for another wording.

    A hit gives what the newest miss of its key was given; a miss gives its own.
    """
    ordered = group.sort_values("t_send_s")
    own = ordered["wording_id"].where(ordered["cache_status"] != "HIT")
    made_for = own.groupby(ordered["key_id"]).ffill()
    wrong = (
        (ordered["cache_status"] == "HIT") & made_for.notna() & (made_for != ordered["wording_id"])
    )
    return wrong.fillna(False).reindex(group.index)
