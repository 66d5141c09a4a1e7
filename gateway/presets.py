"""Presets: named sets of headers with the client's own settings, ours and the visitor's.

PRESETS                       ours, dated data in ``data/presets.json``
preset.apply(draft)           the draft with these settings
preset_of(name, draft)        what a draft says, under a name
to_document, of_document      for the shelf, for files and for links
differences(left, right)      two of them side by side
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib import resources
from typing import Any

from gateway.draft import Draft, options_from
from gateway.errors import BadDocument
from gateway.form import FIELDS, show
from gateway.headers import HEADERS, Options
from gateway.sources import Link, links

Json = Any
VERSION = 1
NAME_LIMIT = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """One named set.

    Attributes:
        id: Short word of ours; the title, for a visitor's own.
        summary: What it is for, in one sentence.
        stream, client_timeout_s, client_retries: ``None`` leaves the draft's own.
        source: Where what it rests on is written; empty for a visitor's own.
        date: Day on which it was made, as YYYY-MM-DD.
    """

    id: str
    title: str
    options: Options
    summary: str = ""
    stream: bool | None = None
    client_timeout_s: float | None = None
    client_retries: int | None = None
    source: str = ""
    date: str = ""

    @property
    def sources(self) -> tuple[Link, ...]:
        """The sources as links."""
        return links(self.source)

    def apply(self, draft: Draft) -> Draft:
        """Return the draft with these settings; its steps, raw headers and the rest stay."""
        stream, timeout_s, retries = self.stream, self.client_timeout_s, self.client_retries
        return replace(
            draft,
            options=self.options,
            stream=draft.stream if stream is None else stream,
            client_timeout_s=draft.client_timeout_s if timeout_s is None else timeout_s,
            client_retries=draft.client_retries if retries is None else retries,
        )


@dataclass(frozen=True, slots=True)
class Difference:
    """One setting in which two presets differ.

    Attributes:
        left, right: For the eyes; "" where that one doesn't state it.
    """

    name: str
    label: str
    left: str
    right: str


def preset_of(title: str, draft: Draft, *, date: str) -> Preset:
    """Return what a draft says, under a name.

    Raises:
        BadDocument: the name is empty or too long.
    """
    return Preset(
        id=_title(title),
        title=_title(title),
        options=draft.options,
        stream=draft.stream,
        client_timeout_s=draft.client_timeout_s,
        client_retries=draft.client_retries,
        date=date,
    )


def to_document(preset: Preset) -> dict[str, Json]:
    """Return a preset as JSON."""
    return {
        "version": VERSION,
        "kind": "preset",
        "title": preset.title,
        "summary": preset.summary,
        "options": dict(preset.options.stated()),
        "stream": preset.stream,
        "client_timeout_s": preset.client_timeout_s,
        "client_retries": preset.client_retries,
        "date": preset.date,
    }


def of_document(document: Json) -> Preset:
    """Return the preset of a document, whoever wrote it.

    Raises:
        BadDocument: it is none, or a member isn't what it must be; the sentence names it.
    """
    if not isinstance(document, dict) or document.get("kind") != "preset":
        raise BadDocument('This is no preset: a preset is a JSON object with "kind": "preset"')
    if document.get("version") != VERSION:
        raise BadDocument(f"The preset must have version {VERSION}: a newer app made it")
    title = _title(document.get("title"))
    return Preset(
        id=title,
        title=title,
        options=options_from(document.get("options"), "options"),
        summary=_optional(document, "summary", str, "text") or "",
        stream=_optional(document, "stream", bool, "true or false"),
        client_timeout_s=_number(document, "client_timeout_s", 86_400),
        client_retries=_retries(document),
        date=_optional(document, "date", str, "text") or "",
    )


def differences(left: Preset, right: Preset) -> tuple[Difference, ...]:
    """Return in what two presets differ, in the order of the form."""
    one, other = dict(_shown(left)), dict(_shown(right))
    names = [*HEADERS, "stream", "client_timeout_s", "client_retries"]
    return tuple(
        Difference(
            name, _LABELS.get(name) or FIELDS[name].label, one.get(name, ""), other.get(name, "")
        )
        for name in names
        if one.get(name) != other.get(name)
    )


_LABELS = {
    "stream": "Stream",
    "client_timeout_s": "Client's timeout (s)",
    "client_retries": "Client's retries",
}


def _shown(preset: Preset) -> Iterator[tuple[str, str]]:
    """Yield name and value for the eyes of everything that a preset states."""
    for name, value in preset.options.stated():
        plain = isinstance(value, dict | bool)
        yield name, HEADERS[name].rule.spell(value) if plain else str(show(name, value))
    if preset.stream is not None:
        yield "stream", "true" if preset.stream else "false"
    if preset.client_timeout_s is not None:
        yield "client_timeout_s", f"{preset.client_timeout_s:g}"
    if preset.client_retries is not None:
        yield "client_retries", str(preset.client_retries)


def _title(value: Json) -> str:
    title = value.strip() if isinstance(value, str) else ""
    if not 0 < len(title) <= NAME_LIMIT:
        raise BadDocument(f"title must be text of 1 to {NAME_LIMIT} characters")
    return title


def _optional(body: Mapping[str, Json], name: str, kind: type, words: str) -> Any:
    value = body.get(name)
    if value is not None and not isinstance(value, kind):
        raise BadDocument(f"{name} must be {words}")
    return value


def _number(body: Mapping[str, Json], name: str, high: float) -> float | None:
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= high:
        raise BadDocument(f"{name} must be a number from 0 to {high:,}")
    return value


def _retries(body: Mapping[str, Json]) -> int | None:
    number = _number(body, "client_retries", 100)
    if number is not None and not isinstance(number, int):
        raise BadDocument("client_retries must be a whole number")
    return number


def _table() -> tuple[Preset, ...]:
    text = resources.files("gateway").joinpath("data/presets.json").read_text("utf-8")
    return tuple(
        Preset(**{**row, "options": options_from(row["options"], row["id"])})
        for row in json.loads(text)
    )


PRESETS: tuple[Preset, ...] = _table()
"""Ours. A bad row is refused at import."""
