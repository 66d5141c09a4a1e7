"""A run as one HTML file that opens anywhere: no script, no font and no link to elsewhere.

First what a reader in a hurry wants: a sentence, three numbers, a chart. Then all figures beside
their predictions, how far they are to be believed, and the plan to run it again. Charts are
pictures inside the file, once for light and once for dark screens.
"""

import base64
import html
import json
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any, NamedTuple

import pandas as pd

from gateway.experiments.bundle import Bundle
from gateway.experiments.plan import Plan
from gateway.experiments.presets.preset import Finding
from gateway.experiments.story import UNKNOWN, Story, name_of, shown

Json = Any
VERDICTS = {True: ("met", "holds"), False: ("missed", "fails"), None: ("open", "can't tell")}
FACTS: Mapping[str, str] = {
    "run_id": "Run",
    "state": "Ended",
    "started_utc": "Began (UTC)",
    "target": "Where",
    "gateway_id": "Gateway",
    "seed": "Seed",
    "time_scale": "Emulated seconds a second",
    "planned_n": "Requests planned",
    "sent_n": "Requests sent",
    "actual_cost_usd": "Paid, USD",
    "achieved_rate": "Requests a second",
    "dispatch_p99_ms": "Late at p99, ms",
    "little_error": "Little's law is off by",
    "null_endpoint_rps": "Ceiling of the generator, requests a second",
    "plan_sha256": "Digest of the plan",
    "app_version": "App",
    "emulator_version": "Local gateway",
    "python": "Python",
    "platform": "Platform",
}
"""Columns of a run that the report shows, and what it calls them."""
HEADINGS = {
    "variant_id": "Variant",
    "metric": "Figure",
    "slice": "Slice",
    "n": "n",
    "estimate": "Measured",
    "interval": "95 % interval",
    "predicted": "Predicted",
    "predicted_formula": "Formula",
    "z": "z",
    "verdict": "Verdict",
}
WORDS = {"match": "matches", "mismatch": "does not match", "too_few": "too few"}


class Picture(NamedTuple):
    """A chart as two SVG pictures, and what it shows in words."""

    title: str
    said: str
    light: str
    dark: str


def to_html(
    bundle: Bundle,
    story: Story | None = None,
    plan: Plan | None = None,
    pictures: Sequence[Picture] = (),
    warnings: Sequence[str] = (),
) -> bytes:
    """Return the report.

    Args:
        story: The run in a few words; ``None`` where it wasn't judged.
        plan: For the names of the variants; ``None`` where this version can't draw it.
        warnings: What to know before the figures are used.
    """
    recipe, run = bundle.recipe, bundle.run
    title = html.escape(f"{recipe.preset} {run.get('title') or ''}".strip())
    question = f"<p class='question'>{html.escape(plan.question)}</p>" if plan else ""
    labels = {variant.id: variant.label for variant in plan.variants} if plan else {}
    parts = [
        f"<h1>{title}</h1>{question}",
        _told(story, failed=any(one.ok is False for one in bundle.findings)),
        "".join(f"<p class='warning'>{html.escape(one)}</p>" for one in warnings),
        "".join(_picture(one) for one in pictures),
        _findings(bundle.findings),
        "<h2>Predicted and measured</h2>" + _figures(bundle.summary, labels),
        "<h2>Circumstances</h2>" + _facts(run, len(bundle.requests)),
        "<h2>Run it again</h2><p>Open this plan on the page <i>Experiments</i>.</p>"
        f"<pre>{html.escape(json.dumps(recipe.to_json(), indent=2))}</pre>",
    ]
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width,initial-scale=1'>"
        "<meta name='color-scheme' content='light dark'>"
        "<meta http-equiv='Content-Security-Policy' "
        "content=\"default-src 'none';style-src 'unsafe-inline';img-src data:\">"
        f"<title>{title}</title><style>{STYLE}</style></head>"
        f"<body><main>{''.join(parts)}</main></body></html>"
    ).encode()


def _told(story: Story | None, *, failed: bool) -> str:
    if story is None:
        return ""
    numbers = "".join(
        f"<div><dt>{html.escape(one.label)}</dt><dd>{html.escape(one.value)}</dd>"
        f"<small>{html.escape(one.why)}</small></div>"
        for one in story.numbers
    )
    lines = "".join(
        f"<p>{html.escape(line)}</p>"
        for line in (story.worth, story.break_even, story.sure)
        if line
    )
    return (
        f"<p class='answer{' doubt' if failed else ''}'>{html.escape(story.sentence)}</p>"
        f"<dl class='numbers'>{numbers}</dl>{lines}"
    )


def _picture(picture: Picture) -> str:
    light, dark = (
        f"data:image/svg+xml;base64,{base64.b64encode(one.encode()).decode()}"
        for one in (picture.light, picture.dark)
    )
    said = html.escape(picture.said)
    return (
        f"<h2>{html.escape(picture.title)}</h2><figure><picture>"
        f"<source media='(prefers-color-scheme:dark)' srcset='{dark}'>"
        f"<img src='{light}' alt=\"{said}\"></picture><figcaption>{said}</figcaption></figure>"
    )


def _findings(findings: Sequence[Finding]) -> str:
    if not findings:
        return ""
    rows = []
    for one in findings:
        kind, word = VERDICTS[one.ok]
        rows.append(
            f"<tr><td>{html.escape(one.sentence)}</td><td>{html.escape(one.expected or UNKNOWN)}"
            f"</td><td>{html.escape(one.measured or UNKNOWN)}</td>"
            f"<td><span class='{kind}'>{word}</span></td></tr>"
        )
    return "<h2>Checks</h2>" + _table(("Check", "Expected", "Measured", "Verdict"), rows)


def _figures(summary: pd.DataFrame, labels: Mapping[str, str]) -> str:
    if not len(summary):
        return "<p>It wasn't judged.</p>"
    told = summary["predicted"].notna() | summary["primary"].fillna(False)
    rest = _rows(summary[~told], labels)
    return (
        "<p>HIT and MISS are slices of their own; the slice <i>all</i> pools them. "
        "z is (measured - predicted) / standard error: 4 and more doesn't match.</p>"
        + _table(tuple(HEADINGS.values()), _rows(summary[told], labels))
        + f"<details><summary>{len(rest):,} more figures</summary>"
        + _table(tuple(HEADINGS.values()), rest)
        + "</details>"
    )


def _rows(summary: pd.DataFrame, labels: Mapping[str, str]) -> list[str]:
    rows = []
    for row in summary.to_dict("records"):
        unit = str(row["unit"])
        cells = {
            "variant_id": labels.get(str(row["variant_id"]), str(row["variant_id"])),
            "metric": name_of(str(row["metric"])),
            "slice": str(row["slice"]),
            "n": f"{row['n']:,}",
            "estimate": _figure(row["estimate"], unit),
            "interval": _interval(row["ci_low"], row["ci_high"], unit),
            "predicted": _figure(row["predicted"], unit),
            "predicted_formula": _word(row["predicted_formula"]),
            "z": UNKNOWN if pd.isna(row["z"]) else f"{row['z']:.2f}",
            "verdict": WORDS.get(str(row["verdict"]), UNKNOWN),
        }
        line = "".join(f"<td>{html.escape(cells[name])}</td>" for name in HEADINGS)
        rows.append(f"<tr>{line}</tr>")
    return rows


def _figure(value: Json, unit: str) -> str:
    return UNKNOWN if pd.isna(value) else shown(float(value), unit)


def _interval(low: Json, high: Json, unit: str) -> str:
    if pd.isna(low) and pd.isna(high):
        return UNKNOWN
    return f"{_figure(low, unit)} to {_figure(high, unit)}"


def _word(value: Json) -> str:
    return UNKNOWN if pd.isna(value) else str(value)


def _facts(run: Mapping[str, Json], rows: int) -> str:
    found = {label: run.get(name) for name, label in FACTS.items()}
    found["Requests in the tables"] = rows
    lines = [
        f"<tr><th scope='row'>{html.escape(label)}</th><td>{html.escape(_fact(value))}</td></tr>"
        for label, value in found.items()
        if value is not None
    ]
    return _table((), lines)


def _fact(value: Json) -> str:
    if isinstance(value, float):
        return f"{value:,.4g}" if isfinite(value) else UNKNOWN
    return str(value)


def _table(headings: Sequence[str], rows: Sequence[str]) -> str:
    head = "".join(f"<th scope='col'>{html.escape(one)}</th>" for one in headings)
    top = f"<thead><tr>{head}</tr></thead>" if head else ""
    return (
        f"<div class='wide' tabindex='0'><table>{top}<tbody>{''.join(rows)}</tbody></table></div>"
    )


STYLE = """
:root{--text:#0c141f;--soft:#566273;--page:#fff;--line:#d9e0e8;--box:#f3f5f8;--good:#0a6b43;
--bad:#b3202a;--warn:#a24a06}
@media(prefers-color-scheme:dark){:root{--text:#e6ebf2;--soft:#a3afbf;--page:#11161e;
--line:#2e3846;--box:#1b222d;--good:#6fd0a3;--bad:#f58a8f;--warn:#f2a268}}
body{font:16px/1.5 system-ui,sans-serif;margin:0;color:var(--text);background:var(--page)}
main{max-width:62rem;margin:0 auto;padding:1.5rem 1rem 3rem}
h1{font-size:1.75rem;line-height:1.2;margin:0 0 .25rem}h2{font-size:1.25rem;margin:2rem 0 .5rem}
.question{color:var(--soft);margin:0 0 1rem}
.answer{font-size:1.1rem;border-left:4px solid var(--good);padding:.5rem .75rem;
background:var(--box)}
.doubt{border-color:var(--warn)}
.numbers{display:grid;grid-template-columns:repeat(auto-fit,minmax(11rem,1fr));gap:.75rem;
margin:1rem 0}
.numbers div{border:1px solid var(--line);border-radius:.5rem;padding:.75rem}
dt,small,figcaption{color:var(--soft);font-size:.875rem}dd{margin:0;font-size:1.6rem}
.warning{border-left:4px solid var(--warn);padding:.25rem .75rem}
figure{margin:0;overflow-x:auto}img{width:100%;min-width:40rem;height:auto;max-width:55rem}
.wide{overflow-x:auto}table{border-collapse:collapse;min-width:100%;font-size:.9rem}
th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid var(--line);
vertical-align:top}
td{max-width:22rem;overflow-wrap:anywhere}td:nth-child(-n+2){min-width:9rem}
td:nth-child(n+3){white-space:nowrap}summary{cursor:pointer;padding:.5rem 0}
thead th{color:var(--soft);font-weight:600;white-space:nowrap}
.met{color:var(--good)}.missed{color:var(--bad);font-weight:600}.open{color:var(--soft)}
pre{background:var(--box);padding:1rem;overflow:auto;border-radius:.5rem;font-size:.85rem}
@media print{.wide{overflow:visible}}
"""
