"""Runs that leave as a bundle, and runs that come from elsewhere as one.

A bundle is judged again when it comes in, by the rules of this version, without a network. What it
says is checked like any input: it may come from anybody.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any

import pandas as pd

from gateway.errors import BadRequest, RecordsError
from gateway.experiments import rows
from gateway.experiments.bundle import Bundle, from_bundle
from gateway.experiments.honesty import honesty
from gateway.experiments.plan import Plan, Recipe
from gateway.records import RUN
from gateway.records.rows import Kind
from gateway.records.runs import IMPORTED, Runs
from gateway.workbench import ran
from gateway.workbench.ran import Run

Json = Any
OWN = frozenset({"summary_json"})
"""Columns of a run that a bundle holds in a form of its own."""
KINDS: Mapping[Kind, tuple[type, ...]] = {
    "text": (str,),
    "word": (str,),
    "count": (int,),
    "number": (int, float),
    "flag": (bool,),
    "moment": (str,),
}


def bundle_of(runs: Runs, run: Run) -> Bundle:
    """Return a run with all that is kept of it.

    Raises:
        BadRequest: its recipe is of another version of this app.
        RecordsError: the records can't be read.
    """
    if run.recipe is None:
        raise BadRequest("The plan of this run can't be read by this version: it has no bundle.")
    results = ran.results(run.figures)
    return Bundle(
        recipe=run.recipe,
        run={name: value for name, value in run.figures.items() if name not in OWN},
        requests=rows.table(runs.requests(run.id)),
        attempts=rows.attempts(runs.side(run.id, "attempts")),
        chunks=rows.chunk_table(runs.side(run.id, "chunks")),
        summary=results.summary,
        findings=results.findings,
    )


def take(runs: Runs, data: bytes, plan_of: Callable[[Recipe], Plan]) -> str:
    """Keep a bundle as a run and return its id; the same file twice is one run.

    Args:
        plan_of: Draws the plan of a recipe.

    Raises:
        BadRequest: it isn't a bundle, or a value in it can't be; the sentence says which.
        RecordsError: it couldn't be kept.
    """
    bundle = from_bundle(data)
    run_id = f"{IMPORTED}{sha256(data).hexdigest()[:12]}"
    try:
        runs.find(run_id)
    except KeyError:
        pass
    else:
        return run_id
    given = _row(bundle.run)
    config = json.dumps(bundle.recipe.to_json(), sort_keys=True)
    try:
        plan: Plan | None = plan_of(bundle.recipe)
    except BadRequest:
        plan = None  # an experiment of another version: what was judged there is shown
    row = {
        **given,
        "run_id": run_id,
        "preset": bundle.recipe.preset,
        "config_json": config,
        "summary_json": json.dumps(_judged_there(bundle)),
    }
    parts = (bundle.requests, bundle.attempts, bundle.chunks)
    requests, attempts, chunks = (_records(part, run_id) for part in parts)
    runs.begin(row)
    try:
        runs.add(requests, attempts, chunks)
        if plan is not None and requests:
            runs.change(run_id, _judged_here(runs, run_id, plan, row))
    except RecordsError:
        runs.forget(run_id)
        raise
    return run_id


def _judged_here(
    runs: Runs, run_id: str, plan: Plan, row: Mapping[str, Json]
) -> Mapping[str, Json]:
    requests = rows.table(runs.requests(run_id))
    told = honesty(
        requests,
        scale=row.get("time_scale") or 1.0,
        ceiling_rps=row.get("null_endpoint_rps"),
        open_loop=any(call.at_s is not None for call in plan.calls),
    )
    return ran.judged(
        run_id,
        plan,
        requests,
        rows.attempts(runs.side(run_id, "attempts")),
        # How many were under way is known only where it ran.
        told=replace(told, little_error=row.get("little_error")),
        warnings=(),
        whole=row.get("state") == "done",
        hosted=row.get("target") == "cloudflare",
    )


def _judged_there(bundle: Bundle) -> Json:
    summary = bundle.summary.to_json(orient="records", double_precision=15)
    return {
        "summary": json.loads(summary),
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


def _row(given: Mapping[str, Json]) -> dict[str, Json]:
    """Return the columns of a run that a file names.

    Raises:
        BadRequest: one of them is of another kind.
    """
    if not isinstance(given, Mapping):
        raise BadRequest("The run's file is damaged: 'run' isn't an object.")
    found: dict[str, Json] = {}
    for name, kind in RUN.items():
        value = given.get(name)
        if value is None or name in OWN:
            continue
        if not isinstance(value, KINDS[kind]) or (isinstance(value, bool) and kind != "flag"):
            raise BadRequest(f"The run's file is damaged: {name} can't be {str(value)[:40]!r}.")
        try:
            found[name] = datetime.fromisoformat(str(value)) if kind == "moment" else value
        except ValueError as error:
            raise BadRequest(f"The run's file is damaged: {name} isn't a moment.") from error
    for name in ("warnings_json", "probes_json"):
        try:
            json.loads(found.get(name) or "null")
        except (ValueError, RecursionError) as error:
            raise BadRequest(f"The run's file is damaged: {name} isn't JSON.") from error
    return found


def _records(table: pd.DataFrame, run_id: str) -> list[dict[str, Json]]:
    """Return a table as rows of the records, as those of another run."""
    columns = table.astype(object)
    plain = columns.where(columns.notna(), None).to_dict("records")
    return [{str(name): value for name, value in row.items()} | {"run_id": run_id} for row in plain]
