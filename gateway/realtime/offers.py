"""Which realtime APIs there are: dated rows of ``data/realtime.json``."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One realtime API.

    Attributes:
        provider: Slug of the provider whose key it takes.
        dialect: How it is spoken with.
        models: The first one is filled in.
        hears, reads: Whether it takes sound, or text.
        speaks, writes: Whether it gives sound, or text.
        draws: Whether it gives pictures.
        instructed: Whether it can be told how to answer.
        voice: Who speaks where nobody is chosen; empty where nobody can be.
        rate_in_hz, rate_out_hz: Samples a second of its sound (16 bits, mono); 0 for none.
    """

    id: str
    title: str
    provider: str
    dialect: Literal["openai", "google", "listener", "speaker", "cartesia", "elevenlabs", "fal"]
    models: tuple[str, ...]
    hears: bool
    reads: bool
    speaks: bool
    writes: bool
    rate_in_hz: int
    rate_out_hz: int
    about: str
    draws: bool = False
    instructed: bool = False
    voice: str = ""


def _read() -> tuple[Mapping[str, Offer], str]:
    path = Path(__file__).parent.parent / "data" / "realtime.json"
    table = json.loads(path.read_text("utf-8"))
    rows = [Offer(**{**row, "models": tuple(row["models"])}) for row in table["offers"]]
    return {row.id: row for row in rows}, table["date"]


OFFERS, DATE = _read()
"""The offers by id, and when they were last looked at."""
