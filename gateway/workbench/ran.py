"""A run as the records keep it: its row at the start, and what it was judged to show; read back."""

import json
import logging
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pandas as pd

from gateway.errors import BadRequest
from gateway.experiments import certificate, versions
from gateway.experiments.dryrun import DryRun, Kind
from gateway.experiments.explained import explained
from gateway.experiments.honesty import Honesty
from gateway.experiments.marks import MARKED
from gateway.experiments.plan import Outline, Plan, Recipe
from gateway.experiments.presets import PRESETS, Finding
from gateway.experiments.progress import Progress
from gateway.experiments.summary import COLUMNS, summarise
from gateway.records.runs import IMPORTED

Json = Any
log = logging.getLogger(__name__)

ENDED = frozenset({"done", "cancelled", "stopped", "failed", "lost"})
LOST = "lost"
"""State of a run that the records have as running, and that nobody runs: it ended with the app."""


PROBING = frozenset({"P01"})
"""Presets whose answers make a certificate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run as the list of runs shows it.

    Attributes:
        state: A ``Progress`` state, or "lost": it ended with the app that ran it.
        recipe: What it was drawn from; ``None`` where that can't be read any more.
        figures: Its columns in the records, as they are.
    """

    id: str
    preset: str
    title: str
    state: str
    recipe: Recipe | None
    figures: Mapping[str, Json]

    @property
    def ended(self) -> bool:
        """Whether nothing more comes."""
        return self.state in ENDED

    @property
    def imported(self) -> bool:
        """Whether it came as a file from elsewhere."""
        return self.id.startswith(IMPORTED)

    @property
    def progress(self) -> Progress:
        """How it ended, or how far it was said to have come."""
        lost, found = self.state == LOST, self.figures
        state: Any = "failed" if lost else self.state
        return Progress(
            state=state,
            planned=found["planned_n"] or 0,
            sent=found["sent_n"] or 0,
            done=found["done_n"] or 0,
            cost_usd=found["actual_cost_usd"] or 0.0,
            stopped_by="It ended with the app." if lost else found["stopped_by"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """What became of a run, as it was judged when it ended.

    Attributes:
        outline: What was planned, but for the requests; ``None`` where it wasn't judged, or by
            another version.
        summary: One row for each variant, metric and slice.
        warnings: What to know before its figures are used.
        honesty: Figures of the generator, see ``experiments.honesty``; empty before the end.
        oracle: What each rule explains, see ``experiments.explained``.
    """

    outline: Outline | None
    summary: pd.DataFrame
    findings: tuple[Finding, ...]
    warnings: tuple[str, ...]
    honesty: Mapping[str, Json]
    oracle: tuple[Mapping[str, Json], ...] = ()


def emulator_version(kind: Kind) -> str | None:
    """Return which local gateway runs; ``None`` for a hosted one, which tells no version."""
    return versions.emulator() if kind == "emulator" else None


def first_row(
    run_id: str, plan: Plan, kind: Kind, gateway: str | None, dry: DryRun
) -> Mapping[str, Json]:
    """Return the row of a run that waits for its turn.

    Args:
        gateway: Id of the hosted gateway; ``None`` for a local one of the run's own.
    """
    config = json.dumps(plan.recipe.to_json(), sort_keys=True)
    return {
        "run_id": run_id,
        "preset": plan.recipe.preset,
        "preset_version": plan.recipe.version,
        "title": plan.title,
        "state": "waiting",
        "seed": plan.recipe.seed,
        "config_json": config,
        "config_sha256": sha256(config.encode()).hexdigest(),
        "plan_sha256": plan.digest,
        "target": kind,
        "gateway_id": gateway,
        "emulator_version": emulator_version(kind),
        "time_scale": plan.time_scale if kind == "emulator" else 1.0,
        "app_version": versions.app(),
        "python": platform.python_version(),
        "platform": f"{sys.platform} {platform.machine()}",
        "started_utc": datetime.now(UTC),
        "planned_n": len(plan.calls),
        "warnings_json": json.dumps(dry.warnings),
        "est_cost_usd": dry.cost_usd,
        "notes": plan.recipe.notes or None,
    }


def last_row(ended: Progress, at: datetime | None = None) -> dict[str, Json]:
    """Return the columns of a run that its end decides.

    Args:
        at: When it ended; ``None`` is now.
    """
    return {
        "state": ended.state,
        "ended_utc": at or datetime.now(UTC),
        "sent_n": ended.sent,
        "done_n": ended.done,
        "actual_cost_usd": ended.cost_usd,
        "stopped_by": ended.stopped_by,
    }


def judged(
    run_id: str,
    plan: Plan,
    requests: pd.DataFrame,
    attempts: pd.DataFrame,
    *,
    told: Honesty,
    warnings: tuple[str, ...],
    whole: bool,
    hosted: bool = False,
) -> dict[str, Json]:
    """Return the columns of a run that its rows decide.

    Args:
        warnings: Those from before the start.
        whole: Whether it came to its end; one that didn't can't fail its acceptance.
        hosted: Whether a hosted gateway was asked, whose settings aren't known.
    """
    preset = PRESETS[plan.recipe.preset]
    summary = summarise(
        requests,
        preset.predict(plan),
        primary=plan.primary,
        baseline=plan.variants[0].id if len(plan.variants) > 1 else None,
        run_id=run_id,
        preset=preset.id,
    )
    try:
        found = preset.accept(plan, requests, attempts)
    except (ValueError, KeyError, ZeroDivisionError) as error:
        log.warning("%s can't judge a run: %s", preset.id, error)
        found = [Finding(sentence="Too little came back to judge it.", ok=None)]
    kept = {
        "outline": plan.to_json(),
        "summary": json.loads(summary.to_json(orient="records", double_precision=15)),
        "findings": [
            {
                "sentence": one.sentence,
                "ok": one.ok if whole else None,
                "expected": one.expected,
                "measured": one.measured,
            }
            for one in found
        ],
        "honesty": told.to_json(),
        "oracle": explained(plan, requests, hosted=hosted),
    }
    return {
        "achieved_rate": told.achieved_rate,
        "dispatch_p99_ms": told.dispatch_p99_ms,
        "little_error": told.little_error,
        "null_endpoint_rps": told.ceiling_rps,
        "warnings_json": json.dumps([*warnings, *told.refused]),
        "summary_json": json.dumps(kept),
    }


def probed(
    row: Mapping[str, Json], requests: pd.DataFrame, attempts: pd.DataFrame
) -> dict[str, Json]:
    """Return the columns that a run of the probes changes: the gateway's certificate.

    Args:
        row: The run's, with the certificate of before.
    """
    if row["preset"] not in PROBING:
        return {}
    newer = certificate.certificate(requests, attempts, run_id=row["run_id"], at=datetime.now(UTC))
    both = certificate.merged(certificate.read(row["probes_json"]), newer)
    return {"probes_json": json.dumps(both)}


def marks(kept: Sequence[Mapping[str, Json]], requests: pd.DataFrame) -> list[dict[str, Json]]:
    """Return what the end of a run says of its requests, for the rows that the records keep.

    Args:
        kept: The rows, in the order of ``requests``.
    """
    columns = requests[list(MARKED)].astype(object)
    plain = columns.where(columns.notna(), None).to_dict("records")
    return [
        {"row": row["row"], **{str(name): value for name, value in one.items()}}
        for row, one in zip(kept, plain, strict=True)
    ]


def read(row: Mapping[str, Json], *, live: bool) -> Run:
    """Read a run's row.

    Args:
        live: Whether this app runs it, or has it waiting.
    """
    state = row["state"] or LOST
    try:
        recipe = Recipe.from_json(json.loads(row["config_json"] or "null"))
    except (BadRequest, ValueError):
        recipe = None
    return Run(
        id=row["run_id"],
        preset=row["preset"] or "",
        title=row["title"] or row["preset"] or "",
        state=state if state in ENDED or live else LOST,
        recipe=recipe,
        figures=row,
    )


def results(row: Mapping[str, Json]) -> Results:
    """Read what a run was judged to show; all is empty where it wasn't."""
    kept = json.loads(row["summary_json"] or "{}")
    rows = kept.get("summary", [])
    columns = {
        name: pd.Series([one.get(name) for one in rows], dtype=dtype)
        for name, dtype in COLUMNS.items()
    }
    return Results(
        outline=_outline(row, kept),
        summary=pd.DataFrame(columns),
        findings=tuple(Finding(**one) for one in kept.get("findings", [])),
        warnings=tuple(json.loads(row["warnings_json"] or "[]")),
        honesty=kept.get("honesty", {}),
        oracle=tuple(kept.get("oracle", [])),
    )


def _outline(row: Mapping[str, Json], kept: Mapping[str, Json]) -> Outline | None:
    try:
        recipe = Recipe.from_json(json.loads(row["config_json"] or "null"))
        return Outline.from_json(kept["outline"], recipe)
    except (BadRequest, ValueError, KeyError):
        return None
