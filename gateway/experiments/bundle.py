"""A run as files that other people and programs can read: tables, a bundle, a report, tests.

    CSV, Parquet, XLSX   the tables, with their dtypes where the format has any
    bundle               one JSON file: recipe, rows, summary, versions; can be read back and rerun
    report               one HTML file that opens without a network
    pytest, promptfoo    the run's policy as tests

No key or token is among what is exported: rows have none, and recipes can't hold one.
"""

import html
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from gateway.errors import BadRequest
from gateway.experiments import rows
from gateway.experiments.plan import Recipe
from gateway.experiments.presets.preset import Finding
from gateway.experiments.summary import COLUMNS as SUMMARY

Json = Any
FORMAT = "ai-gateway-run"
VERSION = 1
SHEET_ROWS = 1_048_575
"""Rows that a sheet of a spreadsheet holds below its heading."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A run with all that was measured.

    Attributes:
        run: The row of the runs table.
    """

    recipe: Recipe
    run: Mapping[str, Json]
    requests: pd.DataFrame
    attempts: pd.DataFrame
    summary: pd.DataFrame
    findings: tuple[Finding, ...] = ()


def to_csv(table: pd.DataFrame) -> bytes:
    """Return a table as CSV; ``from_csv`` gives it back with equal dtypes."""
    return table.to_csv(index=False, date_format="%Y-%m-%dT%H:%M:%S.%f%z").encode()


def from_csv(data: bytes) -> pd.DataFrame:
    """Read a requests table as ``to_csv`` writes it.

    Raises:
        BadRequest: a column is missing, or a value doesn't fit its column.
    """
    try:
        found = pd.read_csv(io.BytesIO(data), dtype="string", keep_default_na=False)
    except (ValueError, pd.errors.ParserError) as error:
        raise BadRequest(f"The file isn't a table: {error}") from error
    if missing := sorted(set(rows.COLUMNS) - set(found.columns)):
        raise BadRequest(f"The table lacks the column {missing[0]!r}.")
    columns = {}
    for name, dtype in rows.COLUMNS.items():
        texts = found[name].where(found[name] != "", pd.NA)
        try:
            columns[name] = _typed(texts, dtype)
        except (ValueError, TypeError) as error:
            raise BadRequest(f"Column {name!r} holds what it can't: {error}") from error
    return pd.DataFrame(columns)


def _typed(texts: "pd.Series[Any]", dtype: str) -> "pd.Series[Any]":
    values: Any = texts
    if dtype.startswith("datetime"):
        values = pd.to_datetime(texts, utc=True, format="ISO8601")
    elif dtype == "boolean":
        values = texts.map({"True": True, "False": False})
    elif dtype not in ("string", "category"):
        values = pd.to_numeric(texts)
    return pd.Series(values, dtype=dtype)


def to_parquet(table: pd.DataFrame) -> bytes:
    """Return a table as Parquet, dtypes included."""
    return table.to_parquet(index=False)


def to_xlsx(tables: Mapping[str, pd.DataFrame]) -> bytes:
    """Return tables as the sheets of one workbook.

    Raises:
        BadRequest: a table has more rows than a sheet can hold.
    """
    out = io.BytesIO()
    with pd.ExcelWriter(out, engine="xlsxwriter") as book:
        for name, table in tables.items():
            if len(table) > SHEET_ROWS:
                raise BadRequest(
                    f"{len(table):,} rows don't fit in a sheet: export CSV or Parquet instead."
                )
            plain = table.copy()
            for column in plain.select_dtypes("datetimetz").columns:
                plain[column] = plain[column].dt.tz_localize(None)  # sheets know no time zones
            plain.to_excel(book, sheet_name=name[:31], index=False)
            book.sheets[name[:31]].freeze_panes(1, 0)
    return out.getvalue()


def to_bundle(bundle: Bundle) -> bytes:
    """Return a run as one JSON file."""
    document = {
        "format": FORMAT,
        "version": VERSION,
        "recipe": bundle.recipe.to_json(),
        "run": {name: _plain(value) for name, value in bundle.run.items()},
        "requests": _columns(bundle.requests),
        "attempts": _columns(bundle.attempts),
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
            summary=pd.DataFrame(
                {
                    name: pd.Series(document["summary"].get(name, []), dtype=dtype)
                    for name, dtype in SUMMARY.items()
                }
            ),
            findings=tuple(Finding(**one) for one in document["findings"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BadRequest(f"The run's file is damaged: {error}") from error


def _columns(table: pd.DataFrame) -> dict[str, list[Json]]:
    return {str(name): [_plain(value) for value in table[name].tolist()] for name in table.columns}


def _rows(columns: Mapping[str, Sequence[Json]]) -> list[dict[str, Json]]:
    names = list(columns)
    return [dict(zip(names, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _plain(value: Any) -> Json:
    if value is None or value is pd.NaT or (not isinstance(value, str) and pd.isna(value)):
        return None
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return str(value)
    return value.item() if hasattr(value, "item") else value


def to_html(bundle: Bundle) -> bytes:
    """Return a report as one file without scripts, fonts or links to elsewhere."""
    recipe, run = bundle.recipe, bundle.run
    findings = "".join(
        f"<li class='{_class(one.ok)}'>{html.escape(one.sentence)}"
        f"<small>expected {html.escape(one.expected or 'nothing stated')}, "
        f"measured {html.escape(one.measured or 'nothing')}</small></li>"
        for one in bundle.findings
    )
    told = bundle.summary[bundle.summary["predicted"].notna() | bundle.summary["primary"]]
    shown = told[
        ["variant_id", "metric", "slice", "n", "estimate", "ci_low", "ci_high", "predicted", "z"]
    ]
    table = shown.to_html(index=False, na_rep="\N{EN DASH}", float_format="{:.4g}".format, border=0)
    facts = "".join(
        f"<tr><th>{html.escape(name)}</th><td>{html.escape(str(_plain(run.get(name))))}</td></tr>"
        for name in (
            "state",
            "target",
            "time_scale",
            "planned_n",
            "sent_n",
            "actual_cost_usd",
            "app_version",
            "python",
            "platform",
        )
        if run.get(name) is not None
    )
    code = html.escape(json.dumps(recipe.to_json(), indent=2))
    title = html.escape(str(run.get("title") or recipe.preset))
    return (
        f"<!doctype html><html lang='en'><meta charset='utf-8'><title>{title}</title>"
        f"<style>{STYLE}</style><h1>{title}</h1>"
        f"<p>{len(bundle.requests):,} requests, {html.escape(recipe.preset)}, "
        f"seed {recipe.seed}.</p><ul>{findings}</ul>"
        f"<h2>Predicted and measured</h2>{table}<h2>Circumstances</h2><table>{facts}</table>"
        f"<h2>Run it again</h2><pre>{code}</pre></html>"
    ).encode()


def _class(ok: bool | None) -> str:
    return "open" if ok is None else "met" if ok else "missed"


STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;
color:#1a1d24;background:#fff}table{border-collapse:collapse}th,td{text-align:left;
padding:.25rem .75rem;border-bottom:1px solid #ddd}ul{list-style:none;padding:0}
li{padding:.5rem .75rem;border-left:4px solid #999;margin:.25rem 0}li.met{border-color:#1a7f4b}
li.missed{border-color:#b3261e}small{display:block;color:#555}pre{background:#f3f4f6;padding:1rem;
overflow:auto}@media(prefers-color-scheme:dark){body{color:#e6e8ee;background:#11141b}
th,td{border-color:#333}small{color:#aaa}pre{background:#1c2029}}
"""


def to_pytest(recipe: Recipe) -> bytes:
    """Return a test file that runs the recipe on a local gateway and asserts what it accepts."""
    text = json.dumps(recipe.to_json(), indent=4)
    return (
        f'"""{recipe.preset}: the gateway still does what the run of this recipe showed.\n\n'
        "Run it with pytest in the app's folder; it needs no account and no key.\n"
        '"""\n\n'
        "import asyncio\nimport json\n\n"
        "from gateway.experiments.once import accepted\n"
        "from gateway.experiments.plan import Recipe\n\n"
        f'RECIPE = Recipe.from_json(\n    json.loads(\n        r"""{text}"""\n    )\n)\n\n\n'
        "def test_policy_holds():\n"
        '    """Each finding that was accepted is accepted again."""\n'
        "    findings = asyncio.run(accepted(RECIPE))\n\n"
        "    assert [one for one in findings if one.ok is False] == []\n"
        "    assert any(one.ok for one in findings)\n"
    ).encode()


def to_promptfoo(recipe: Recipe, prompts: Sequence[str], base_url: str) -> bytes:
    """Return a promptfoo file that asks the run's prompts twice: the second time from the cache.

    Args:
        prompts: At most a few; each becomes a test.
        base_url: The gateway's, without a key; the key is read from the environment.
    """
    document = {
        "description": f"{recipe.preset}, seed {recipe.seed}",
        "prompts": ["{{question}}"],
        "providers": [
            {
                "id": f"openai:chat:{recipe.model}",
                "label": f"{recipe.provider} {recipe.model}",
                "config": {
                    "apiBaseUrl": f"{base_url}/{recipe.provider}",
                    "apiKeyEnvar": "OPENAI_API_KEY",
                    "temperature": 0,
                },
            }
        ],
        "tests": [
            {
                "vars": {"question": prompt},
                "assert": [
                    {"type": "javascript", "value": "output.length > 0"},
                    {"type": "latency", "threshold": 60_000},
                ],
            }
            for prompt in prompts
        ],
    }
    # JSON is YAML, and promptfoo reads it as such.
    return json.dumps(document, indent=2).encode()
