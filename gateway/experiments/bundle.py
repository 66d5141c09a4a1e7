"""A run as one JSON file: what was planned, what was measured, and what it shows.

    recipe     the plan in short; the same version of this app draws the same calls from it
    plan       the calls as they were drawn: moment, key, prompt, variant
    run        versions, seed, digests, state, cost: the row of the runs table
    tables     requests, attempts, chunks, summary, each as columns
    findings   what was accepted and what wasn't

It can be looked at, judged again and run again elsewhere, without a network. No key or token is in
it: rows have none, and recipes can't hold one.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from gateway.errors import BadRequest
from gateway.experiments import rows
from gateway.experiments.plan import Plan, Recipe
from gateway.experiments.presets.preset import Finding
from gateway.experiments.summary import COLUMNS as SUMMARY

Json = Any
FORMAT = "ai-gateway-run"
VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A run with all that was measured.

    Attributes:
        run: The row of the runs table.
        chunks: Kept chunks of streams; has no row where none streamed.
    """

    recipe: Recipe
    run: Mapping[str, Json]
    requests: pd.DataFrame
    attempts: pd.DataFrame
    chunks: pd.DataFrame
    summary: pd.DataFrame
    findings: tuple[Finding, ...] = ()


def to_bundle(bundle: Bundle, plan: Plan | None = None) -> bytes:
    """Return a run as one JSON file.

    Args:
        plan: What its recipe comes to; ``None`` where this version can't draw it.
    """
    document = {
        "format": FORMAT,
        "version": VERSION,
        "recipe": bundle.recipe.to_json(),
        "run": {name: _plain(value) for name, value in bundle.run.items()},
        "plan": [] if plan is None else _planned(plan),
        "requests": _columns(bundle.requests),
        "attempts": _columns(bundle.attempts),
        "chunks": _columns(bundle.chunks),
        "summary": _columns(bundle.summary),
        "findings": [
            {
                "sentence": one.sentence,
                "ok": one.ok,
                "expected": one.expected,
                "measured": one.measured,
            }
            for one in bundle.findings
        ],
    }
    return json.dumps(document, separators=(",", ":"), allow_nan=False).encode()


def from_bundle(data: bytes) -> Bundle:
    """Read a run back: it can be looked at, analysed and rerun without a network.

    Raises:
        BadRequest: it isn't such a file, or one of a later version.
    """
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"The file isn't JSON: {error}") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise BadRequest("The file isn't a run exported here.")
    if document.get("version") != VERSION:
        raise BadRequest("The run was exported by another version of this app: update the app.")
    try:
        return Bundle(
            recipe=Recipe.from_json(document["recipe"]),
            run=document["run"],
            requests=rows.table(_rows(document["requests"])),
            attempts=rows.attempts(_rows(document["attempts"])),
            chunks=rows.chunk_table(_rows(document["chunks"])),
            summary=pd.DataFrame(
                {
                    name: pd.Series(document["summary"].get(name, []), dtype=dtype)
                    for name, dtype in SUMMARY.items()
                }
            ),
            findings=tuple(Finding(**one) for one in document["findings"]),
        )
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
        raise BadRequest(f"The run's file is damaged: {error}") from error


def _planned(plan: Plan) -> list[dict[str, Json]]:
    order = {variant.id: number for number, variant in enumerate(plan.variants)}
    return [
        {
            "seq": call.seq,
            "t_plan_s": call.at_s,
            "key_id": call.key_id or None,
            "prompt_id": call.prompt_id,
            "variant_id": call.variant,
            "variant_order": order[call.variant],
        }
        for call in plan.calls
    ]


def _columns(table: pd.DataFrame) -> dict[str, list[Json]]:
    return {str(name): [_plain(value) for value in table[name].tolist()] for name in table.columns}


def _rows(columns: Mapping[str, Sequence[Json]]) -> list[dict[str, Json]]:
    names = list(columns)
    return [dict(zip(names, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _plain(value: Any) -> Json:
    if value is None or value is pd.NaT or (not isinstance(value, str) and pd.isna(value)):
        return None
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return str(value)
    return value.item() if hasattr(value, "item") else value
