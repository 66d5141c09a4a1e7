"""Rules about logs, metadata and costs: what is lost, dropped or counted wrongly."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from gateway.draft import Draft, settled
from gateway.errors import HeaderError
from gateway.headers import HEADERS, Metadata
from gateway.lint.finding import Fix, Rule, Trouble, drop

Json = Any
METADATA = "cf-aig-metadata"
DEAREST_PER_TOKEN = 0.001
"""US dollars: a thousand dollars for a million tokens, more than any model costs."""
_RULE = HEADERS["metadata"].rule
LIMIT = _RULE.high if isinstance(_RULE, Metadata) else 5
RESERVED = _RULE.reserved if isinstance(_RULE, Metadata) else "cf."


def _entries(draft: Draft) -> Mapping[str, Json]:
    """Return the metadata that the form refused, as it was typed; empty where it is no object."""
    try:
        value = json.loads(draft.header(METADATA) or "")
    except (json.JSONDecodeError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _rewritten(change: Callable[[Mapping[str, Json]], dict[str, Json]]) -> Callable[[Draft], Draft]:
    """Return what changes raw metadata; what is valid then moves into the form."""

    def rewrite(draft: Draft) -> Draft:
        entries = change(_entries(draft))
        rest = draft.without(METADATA)
        try:
            return rest.stating(metadata=entries or None)
        except HeaderError:
            return replace(rest, raw=(*rest.raw, (METADATA, json.dumps(entries))))

    return rewrite


def too_many_entries(draft: Draft) -> Iterator[Trouble]:
    """The sixth entry is dropped without a word."""
    entries = _entries(draft)
    if len(entries) > LIMIT:
        yield Trouble(
            "metadata",
            f"The metadata has {len(entries)} entries. The gateway keeps {LIMIT} and drops the "
            "rest without a word.",
            (
                Fix(
                    f"Keep the first {LIMIT}",
                    _rewritten(lambda entries: dict(list(entries.items())[:LIMIT])),
                ),
            ),
        )


def nested_entry(draft: Draft) -> Iterator[Trouble]:
    """One nested value loses them all."""
    nested = [name for name, value in _entries(draft).items() if not _is_flat(value)]
    if nested:
        yield Trouble(
            "metadata",
            f"The metadata's value of {nested[0][:40]!r} is nested or null, and then the gateway "
            "ignores all of it. Values are text, numbers, true or false.",
            (
                Fix("Write it as text", _rewritten(_flat)),
                Fix(
                    "Drop it",
                    _rewritten(
                        lambda entries: {
                            name: value for name, value in entries.items() if _is_flat(value)
                        }
                    ),
                ),
            ),
        )


def _is_flat(value: Json) -> bool:
    return isinstance(value, str | int | float)


def _flat(entries: Mapping[str, Json]) -> dict[str, Json]:
    return {
        name: value if _is_flat(value) else json.dumps(value, separators=(",", ":"))
        for name, value in entries.items()
    }


def reserved_entry(draft: Draft) -> Iterator[Trouble]:
    """Names of the gateway's own are removed."""
    reserved = [name for name in _entries(draft) if name.startswith(RESERVED)]
    if reserved:
        yield Trouble(
            "metadata",
            f"The metadata's name {reserved[0][:40]!r} is the gateway's own: entries that begin "
            f"with {RESERVED} are removed.",
            (
                Fix(
                    "Drop the reserved entries",
                    _rewritten(
                        lambda entries: {
                            name: value
                            for name, value in entries.items()
                            if not name.startswith(RESERVED)
                        }
                    ),
                ),
            ),
        )


def unexported_entry(draft: Draft) -> Iterator[Trouble]:
    """OpenTelemetry has these names for itself."""
    entries = draft.options.metadata or {}
    hidden = [name for name in entries if name.startswith("gen_ai.")]
    if hidden:
        renamed = {name.removeprefix("gen_"): value for name, value in entries.items()}
        yield Trouble(
            "metadata",
            f"The metadata's {hidden[0][:40]!r} isn't exported to OpenTelemetry: names that begin "
            "with gen_ai. are left out there.",
            (Fix("Begin them with ai.", lambda draft: draft.stating(metadata=renamed)),),
        )


def payload_without_log(draft: Draft) -> Iterator[Trouble]:
    """No row, no bodies."""
    for index in range(len(draft.all_steps)):
        held = settled(draft, index)
        if not held.collect_log and "collect_log_payload" in held.levels:
            yield Trouble(
                "collect_log_payload",
                "Whether bodies are logged means nothing here: with collect-log false no log row "
                "is written at all.",
                (
                    drop("Drop the payload header", "collect_log_payload"),
                    Fix("Write a log row", _logged),
                ),
            )
            return


def rated_without_log(draft: Draft) -> Iterator[Trouble]:
    """Feedback is kept in the log row."""
    if draft.rated and not all(
        settled(draft, index).collect_log for index in range(len(draft.all_steps))
    ):
        yield Trouble(
            "collect_log",
            "The answer is to be rated, but no log row is written: feedback has nowhere to go.",
            (
                Fix("Write a log row", _logged),
                Fix("Don't rate it", lambda draft: replace(draft, rated=False)),
            ),
        )


def _logged(draft: Draft) -> Draft:
    return draft.silent("collect_log").stating(collect_log=True)


def cost_per_million(draft: Draft) -> Iterator[Trouble]:
    """Price lists are per million tokens, the header is per token."""
    rates = draft.options.custom_cost or {}
    dear = [
        name for name, rate in rates.items() if name != "total_cost" and rate >= DEAREST_PER_TOKEN
    ]
    if dear:
        yield Trouble(
            "custom_cost",
            f"{dear[0]} is {rates[dear[0]]:g} US dollars for each token. Price lists are for a "
            "million tokens; the header is for one.",
            (Fix("Divide by a million", lambda draft: draft.stating(custom_cost=_each(rates))),),
        )


def _each(rates: Mapping[str, Json]) -> dict[str, Json]:
    return {
        name: rate if name == "total_cost" else rate / 1_000_000 for name, rate in rates.items()
    }


RULES = (
    Rule(
        id="too-many-entries",
        severity="error",
        source="observability/custom-metadata.mdx",
        check=too_many_entries,
    ),
    Rule(
        id="nested-entry",
        severity="error",
        source="observability/custom-metadata.mdx; features/policies.mdx",
        check=nested_entry,
    ),
    Rule(
        id="reserved-entry",
        severity="error",
        source="features/policies.mdx",
        check=reserved_entry,
    ),
    Rule(
        id="unexported-entry",
        severity="hint",
        source="observability/otel-integration.mdx",
        check=unexported_entry,
    ),
    Rule(
        id="payload-without-log",
        severity="hint",
        source="observability/logging/index.mdx",
        check=payload_without_log,
    ),
    Rule(
        id="rated-without-log",
        severity="warning",
        source="evaluations/add-human-feedback-api.mdx; observability/logging/index.mdx",
        check=rated_without_log,
    ),
    Rule(
        id="cost-per-million",
        severity="warning",
        source="configuration/custom-costs.mdx",
        check=cost_per_million,
    ),
)
