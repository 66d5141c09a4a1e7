"""Prompts that people bring: typed, as a CSV or JSONL file, or as they were recorded.

typed     one a line; blank lines are skipped
CSV       with a header line, in which a column is called "prompt"
JSONL     one JSON value a line: text, or an object with "prompt"
recorded  what was asked before, each at its moment
"""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

from gateway.errors import BadRequest
from gateway.masking import holds_key

Json = Any
Kind = Literal["csv", "jsonl"]
COLUMN = "prompt"
OTHER_NAMES = ("question", "input", "text", "content")
"""Columns and members that are taken where nothing is called "prompt"."""
MOST = 10_000
MOST_CHARACTERS = 1_000_000
"""Of all prompts together: a plan is a small file, and carries them."""


class Recorded(NamedTuple):
    """Prompts as they came.

    Attributes:
        moments_s: Seconds since the first one, not falling.
    """

    prompts: tuple[str, ...]
    moments_s: tuple[float, ...]


def typed(text: str) -> tuple[str, ...]:
    """Return one prompt a line; none where nothing is typed.

    Raises:
        BadRequest: they are too many, too long, or hold a key.
    """
    return checked([line.strip() for line in text.splitlines() if line.strip()])


def of_file(name: str, data: bytes) -> tuple[str, ...]:
    """Return the prompts of a file; its name's ending says what it is.

    Raises:
        BadRequest: it can't be read, with the number of the line; or there is nothing in it.
    """
    kinds: dict[str, Kind] = {"csv": "csv", "jsonl": "jsonl", "ndjson": "jsonl"}
    kind = kinds.get(name.rpartition(".")[2].lower())
    if kind is None:
        raise BadRequest(f"{name} must be a .csv or a .jsonl file.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadRequest(f"{name} isn't UTF-8 text in line {line}: save it as UTF-8.") from error
    if not text.strip():
        raise BadRequest(f"{name} is empty: put one prompt into each line.")
    found = _csv(name, text) if kind == "csv" else _jsonl(name, text)
    if not found:
        raise BadRequest(f"{name} holds no prompt, only its header: add a line for each prompt.")
    return checked(found)


def recorded(asked: Iterable[tuple[datetime, str]]) -> Recorded:
    """Return recorded prompts with their spacing, oldest first.

    Raises:
        BadRequest: there is none, or they are too many.
    """
    ordered = sorted((one for one in asked if one[1].strip()), key=lambda one: one[0])
    if not ordered:
        raise BadRequest("Nothing is recorded yet: ask something in the playground first.")
    first = ordered[0][0]
    return Recorded(
        prompts=checked([prompt for _, prompt in ordered]),
        moments_s=tuple(round((at - first).total_seconds(), 3) for at, _ in ordered),
    )


def checked(prompts: Sequence[Json]) -> tuple[str, ...]:
    """Return prompts that a plan may carry.

    Raises:
        BadRequest: one is no text, is empty or holds a key, or they are too many; with its number.
    """
    if len(prompts) > MOST:
        raise BadRequest(f"{len(prompts):,} prompts are too many: a plan carries {MOST:,}.")
    for number, prompt in enumerate(prompts, 1):
        if not isinstance(prompt, str) or not prompt.strip():
            raise BadRequest(f"Prompt {number} must be text that isn't empty.")
        if holds_key(prompt):
            raise BadRequest(f"Prompt {number} holds something shaped like a key: take it out.")
    if (size := sum(map(len, prompts))) > MOST_CHARACTERS:
        raise BadRequest(
            f"The prompts have {size:,} characters together: a plan carries {MOST_CHARACTERS:,}."
        )
    return tuple(prompts)


def _csv(name: str, text: str) -> list[str]:
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    found: list[str] = []
    try:
        header = [cell.strip().lower() for cell in next(lines)]
        column = _column(name, header)
        for row in lines:
            if not any(cell.strip() for cell in row):
                continue
            if len(row) != len(header):
                raise BadRequest(
                    f"{name}, line {lines.line_num}: {len(row)} cells, and the header has "
                    f"{len(header)}: put cells that hold commas into quotation marks."
                )
            if not row[column].strip():
                raise BadRequest(f"{name}, line {lines.line_num}: the prompt is empty.")
            found.append(row[column].strip())
    except csv.Error as error:
        raise BadRequest(f"{name}, line {lines.line_num}: {error}.") from error
    return found


def _column(name: str, header: Sequence[str]) -> int:
    for wanted in (COLUMN, *OTHER_NAMES):
        if wanted in header:
            return header.index(wanted)
    if len(header) == 1:
        raise BadRequest(f'{name}, line 1: the header must be "{COLUMN}", not {header[0][:40]!r}.')
    said = ", ".join(header)[:80]
    raise BadRequest(f'{name}, line 1: no column is called "{COLUMN}"; there are {said}.')


def _jsonl(name: str, text: str) -> list[str]:
    found: list[str] = []
    # Not splitlines: JSON text may hold other line ends than these unescaped.
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise BadRequest(f"{name}, line {number}: not JSON, {error}.") from error
        if isinstance(value, dict):
            wanted = next((key for key in (COLUMN, *OTHER_NAMES) if key in value), COLUMN)
            value = value.get(wanted)
        if not isinstance(value, str) or not value.strip():
            raise BadRequest(f'{name}, line {number}: it needs a "{COLUMN}" that is text.')
        found.append(value.strip())
    return found
