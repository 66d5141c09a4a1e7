"""A gateway's certificate: what its semantic probes answered, when, and what they saw.

Each probe keeps its newest answer. The certificate of a gateway stands in every later run of it, so
that a result can be read together with the rules that were in force.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd

from gateway.experiments.presets.probes import PROBES, UNKNOWN, answers

Json = Any
Certificate = Mapping[str, Mapping[str, Json]]
"""Probe -> question, answer, expected, evidence, at, run_id."""


def certificate(
    requests: pd.DataFrame, attempts: pd.DataFrame, *, run_id: str, at: datetime
) -> Certificate:
    """Return what a run of the probes answered; a probe that can't be told isn't in it."""
    found = answers(requests, attempts)
    return {
        probe.id: {
            "question": probe.question,
            "answer": found[probe.id],
            "expected": probe.expected,
            "evidence": _evidence(_rows(requests, probe.id), attempts),
            "at": at.isoformat(timespec="seconds"),
            "run_id": run_id,
        }
        for probe in PROBES
        if found[probe.id] != UNKNOWN
    }


def merged(older: Certificate, newer: Certificate) -> Certificate:
    """Return both, the newer answer where both have one."""
    return {**older, **newer}


def read(text: str | None) -> Certificate:
    """Read a certificate as a run keeps it; an empty one where there is none to be read."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {
        str(name): {key: str(value) for key, value in one.items()}
        for name, one in found.items()
        if isinstance(one, dict) and {"question", "answer"} <= set(one)
    }


def _rows(requests: pd.DataFrame, probe: str) -> pd.DataFrame:
    mine = requests["variant_id"].isin([probe, f"{probe}-first"])
    return requests[mine].sort_values("seq")


def _evidence(rows: pd.DataFrame, attempts: pd.DataFrame) -> str:
    """Return what was seen: each request's status and cache state, and the attempts with waits."""
    seen = ", ".join(
        f"{status} {cache}"
        for status, cache in zip(rows["status"], rows["cache_status"].astype(str), strict=True)
    )
    made = attempts[attempts["request_id"].isin(rows["request_id"])]
    waits: Sequence[float] = made["wait_before_ms"].dropna().tolist()
    waited = [f"{wait:.0f} ms" for wait in waits if wait > 0]
    parts = [f"Answers: {seen}", f"{len(made)} attempts"]
    return "; ".join([*parts, f"waits {', '.join(waited)}"] if waited else parts)
