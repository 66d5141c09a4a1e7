"""Rules about headers as typed or pasted: names nobody knows, values nobody can read."""

import difflib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from gateway.draft import Draft
from gateway.errors import HeaderError
from gateway.headers import BY_NAME, HEADERS, TEXT_LIMIT, Choice, Header, Hex, Metadata, Whole
from gateway.lint.finding import Fix, Rule, Trouble, drop, drop_raw
from gateway.masking import MASKED, SECRET_HEADERS

OURS = ("cf-aig", "cf_aig", "cfaig", "x-cf-aig", "aig-", "cf-cache", "cf-skip")
"""How names begin that are meant for the gateway."""
_NAMES = [name for name, row in BY_NAME.items() if row.name.startswith("cf-")]


def _known(draft: Draft) -> Iterator[tuple[str, Header]]:
    """Yield the raw headers that state an option: value, and the row of the current name."""
    for name, value in draft.raw:
        row = BY_NAME.get(name.lower())
        if row is not None and row.replaced_by is not None:
            row = BY_NAME[row.replaced_by]
        if row is not None and row.field is not None:
            yield value, row


def _renamed(old: str, new: str) -> Callable[[Draft], Draft]:
    """Return what gives a raw header another name; a value that is valid moves into the form."""

    def rename(draft: Draft) -> Draft:
        value, rest, row = draft.header(old) or "", draft.without(old), BY_NAME[new]
        if row.field is not None and getattr(draft.options, row.field) is not None:
            return rest  # The form says it by the new name already, and that one counts.
        try:
            if row.field is not None:
                return rest.stating(**{row.field: row.rule.parse(value)})
        except (HeaderError, ValueError):
            pass
        return replace(rest, raw=(*rest.raw, (new, value)))

    return rename


def deprecated_name(draft: Draft) -> Iterator[Trouble]:
    """Old names still work, until they don't."""
    for name, _ in draft.raw:
        row = BY_NAME.get(name.lower())
        if row is not None and row.replaced_by is not None:
            new = row.replaced_by
            yield Trouble(
                name,
                f"{name} is the old name of {new}. It is still honoured; where both are sent, the "
                "new one counts.",
                (Fix(f"Call it {new}", _renamed(name, new)), drop_raw(name)),
            )


def misspelt_name(draft: Draft) -> Iterator[Trouble]:
    """A gateway skips what it doesn't know."""
    for name, _ in draft.raw:
        near = nearest(name)
        if near is not None:
            yield Trouble(
                name,
                f"The gateway knows no header {name[:60]!r}, and skips it. {near} is meant, it "
                "seems.",
                (Fix(f"Call it {near}", _renamed(name, near)), drop_raw(name)),
            )


def nearest(name: str) -> str | None:
    """Return the gateway's header that an unknown name most probably means."""
    lower = name.lower()
    if lower in BY_NAME or not lower.startswith(OURS):
        return None
    plain = lower.removeprefix("x-").replace("_", "-")
    if plain.startswith("aig-"):
        plain = f"cf-{plain}"
    found = difflib.get_close_matches(plain, _NAMES, n=1, cutoff=0.8)
    return found[0] if found else None


def unknown_name(draft: Draft) -> Iterator[Trouble]:
    """Meant for the gateway, and like nothing it knows."""
    for name, _ in draft.raw:
        lower = name.lower()
        if lower.startswith(OURS) and lower not in BY_NAME and nearest(name) is None:
            yield Trouble(
                name,
                f"The gateway knows no header {name[:60]!r} and none like it, and skips it.",
                (drop_raw(name),),
            )


def response_name(draft: Draft) -> Iterator[Trouble]:
    """What a gateway answers with, sent to it."""
    for name, _ in draft.raw:
        row = BY_NAME.get(name.lower())
        if row is not None and row.direction == "response":
            yield Trouble(
                name,
                f"{name} is a header of answers: sent with a question it does nothing.",
                (drop_raw(name),),
            )


def repeated_name(draft: Draft) -> Iterator[Trouble]:
    """Which of two counts is nobody's promise."""
    typed = {HEADERS[name].name.lower() for name, _ in draft.options.stated()}
    counts = Counter([name.lower() for name, _ in draft.raw] + sorted(typed))
    for name, count in counts.items():
        if count > 1 and name in BY_NAME:
            yield Trouble(
                name,
                f"{name} is there {count} times: servers join the values with a comma or take one "
                "of them.",
                (Fix("Keep the first", _first(name, typed=name in typed)),),
            )


def _first(name: str, *, typed: bool) -> Callable[[Draft], Draft]:
    def keep(draft: Draft) -> Draft:
        value, rest = draft.header(name) or "", draft.without(name)
        return rest if typed else replace(rest, raw=(*rest.raw, (name, value)))

    return keep


def header_injection(draft: Draft) -> Iterator[Trouble]:
    """A line break begins another header."""
    for name, value in draft.raw:
        # Where a key was masked, what is missing can be sent.
        sent = name + value.replace(MASKED, "") if name.lower() in SECRET_HEADERS else name + value
        bad = next((letter for letter in sent if not " " <= letter <= "~"), None)
        if bad is not None:
            what = (
                "a line break, which would begin another header"
                if bad in "\r\n"
                else ("a character that isn't printable ASCII")
            )
            shown = "".join(letter for letter in name if " " <= letter <= "~")
            yield Trouble(
                name,
                f"The header {shown[:60]!r} holds {what}: it can't be sent.",
                (drop_raw(name),),
            )


def too_long(draft: Draft) -> Iterator[Trouble]:
    """Servers refuse header blocks around 8 KB."""
    for name, value in draft.raw:
        if len(value) > TEXT_LIMIT:
            yield Trouble(
                name,
                f"{name[:60]} has {len(value):,} characters. Servers refuse headers beyond about "
                f"{TEXT_LIMIT:,}.",
                (drop_raw(name),),
            )


def out_of_range(draft: Draft) -> Iterator[Trouble]:
    """A gateway takes the nearest value that it accepts."""
    for value, row in _known(draft):
        rule = row.rule
        if not isinstance(rule, Whole):
            continue
        try:
            number = rule.parse(value)
        except ValueError:
            continue
        mended = rule.clamp(number)
        if number not in rule.also and mended != number:
            field = row.field or ""
            yield Trouble(
                field,
                f"{row.name} {rule.range}, not {number}. The gateway takes {mended} instead.",
                (
                    Fix(f"Say {mended}", _stated(field, mended)),
                    drop("Drop the header", field),
                ),
            )


def _stated(field: str, value: Any) -> Callable[[Draft], Draft]:
    return lambda draft: draft.silent(field).stating(**{field: value})


def unreadable_value(draft: Draft) -> Iterator[Trouble]:
    """A value that can't be read is as good as none."""
    for value, row in _known(draft):
        if isinstance(row.rule, Metadata | Hex):
            continue
        try:
            parsed = row.rule.parse(value)
            if not isinstance(row.rule, Whole):
                row.rule.check(parsed)
        except ValueError as reason:
            field = row.field or ""
            fixes = [drop("Drop the header", field)]
            words = row.rule.words if isinstance(row.rule, Choice) else ()
            near = difflib.get_close_matches(value.strip().lower(), words, n=1, cutoff=0.5)
            if near:
                fixes.insert(0, Fix(f"Say {near[0]}", _stated(field, near[0])))
            yield Trouble(
                field,
                f"{row.name} {reason}. The gateway ignores what it can't read.",
                tuple(fixes),
            )


def unreadable_metadata(draft: Draft) -> Iterator[Trouble]:
    """JSON that is almost right is lost as a whole."""
    for value, row in _known(draft):
        if isinstance(row.rule, Metadata):
            try:
                row.rule.parse(value)
            except ValueError as reason:
                yield Trouble(
                    "metadata",
                    f"{row.name} {reason}. The gateway ignores all of it.",
                    (drop("Drop the header", "metadata"),),
                )


def invalid_hex_id(draft: Draft) -> Iterator[Trouble]:
    """Trace ids have a fixed length."""
    for value, row in _known(draft):
        if not isinstance(row.rule, Hex):
            continue
        try:
            row.rule.check(row.rule.parse(value))
        except ValueError as reason:
            yield Trouble(
                row.field or "",
                f"{row.name} {reason}. The gateway makes an id of its own, and the trace is cut in "
                "two. (The documentation's example isn't valid either.)",
                (drop("Drop the header", row.field or ""),),
            )


def span_without_trace(draft: Draft) -> Iterator[Trouble]:
    """A parent belongs to a trace."""
    if draft.options.otel_parent_span_id is not None and draft.options.otel_trace_id is None:
        yield Trouble(
            "otel_parent_span_id",
            "A parent span without a trace id: the gateway makes a trace of its own, in which "
            "that parent doesn't exist.",
            (drop("Drop the parent span", "otel_parent_span_id"),),
        )


_GLOSSARY = "src/content/glossary/ai-gateway.yaml"
RULES = (
    Rule(
        id="deprecated-name",
        severity="warning",
        source=f"{_GLOSSARY}; features/caching.mdx",
        check=deprecated_name,
    ),
    Rule(id="misspelt-name", severity="error", source=_GLOSSARY, check=misspelt_name),
    Rule(id="unknown-name", severity="warning", source=_GLOSSARY, check=unknown_name),
    Rule(id="response-name", severity="hint", source=_GLOSSARY, check=response_name),
    Rule(id="repeated-name", severity="warning", source="RFC 9110, 5.2", check=repeated_name),
    Rule(id="header-injection", severity="error", source="RFC 9110, 5.5", check=header_injection),
    Rule(id="too-long", severity="error", source="RFC 9110, 5.4", check=too_long),
    Rule(
        id="out-of-range",
        severity="error",
        source="features/caching.mdx; configuration/request-handling.mdx",
        check=out_of_range,
    ),
    Rule(
        id="unreadable-value",
        severity="error",
        source="configuration/request-handling.mdx",
        check=unreadable_value,
    ),
    Rule(
        id="unreadable-metadata",
        severity="error",
        source="observability/custom-metadata.mdx; sinameraji/kimiflare#420",
        check=unreadable_metadata,
    ),
    Rule(
        id="invalid-hex-id",
        severity="error",
        source="observability/otel-integration.mdx",
        check=invalid_hex_id,
    ),
    Rule(
        id="span-without-trace",
        severity="hint",
        source="observability/otel-integration.mdx",
        check=span_without_trace,
    ),
)
