"""Service level objectives: how fast an answer must be to count as good.

A request is good where it succeeded and met every objective that its run states (DistServe, as in
vLLM, AIPerf and inference-perf).
"""

import re
from collections.abc import Mapping

import pandas as pd

from gateway.errors import BadRequest

OBJECTIVES = ("ttft_ms", "tpot_ms", "e2e_ms", "lat_scheduled_ms")
"""Columns of the requests table that an objective may bound from above."""

_ONE = re.compile(r"([a-z0-9_]+)\s*(?:<=|=|:)\s*(\S+)")


def read(text: str) -> dict[str, float]:
    """Read objectives as they are typed: ``"ttft_ms=500, e2e_ms=2000"``.

    Raises:
        BadRequest: a part isn't a name and a number, or names what no objective can bound.
    """
    found: dict[str, float] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        match = _ONE.fullmatch(part)
        if match is None:
            raise BadRequest(f"{part!r} isn't an objective such as 'ttft_ms=500'.")
        name, value = match.groups()
        try:
            found[name] = float(value)
        except ValueError as error:
            raise BadRequest(f"{name} needs a number of milliseconds, not {value!r}.") from error
    check(found)
    return found


def spell(objectives: Mapping[str, float]) -> str:
    """Write objectives as ``read`` takes them."""
    return ", ".join(f"{name}={most:g}" for name, most in objectives.items())


def check(objectives: Mapping[str, float]) -> None:
    """Accept objectives as they are.

    Raises:
        BadRequest: a name isn't one of ``OBJECTIVES``, or a bound isn't above 0.
    """
    for name, most in objectives.items():
        if name not in OBJECTIVES:
            raise BadRequest(f"{name!r} can't be an objective; {', '.join(OBJECTIVES)} can.")
        number = isinstance(most, int | float) and not isinstance(most, bool)
        if not number or not 0 < most < float("inf"):
            raise BadRequest(f"{name} must be above 0 ms, not {most!r}.")


def met(requests: pd.DataFrame, objectives: Mapping[str, float]) -> pd.Series:
    """Tell of each request whether it was good; ``NA`` where nothing is asked or it can't be told.

    A failed request isn't good. One that lacks a measured column, as the TTFT of an answer that
    came whole, is good or not by the others only where one of these is missed.
    """
    good = pd.Series(pd.NA, index=requests.index, dtype="boolean")
    if not objectives:
        return good
    good[:] = True
    for name, most in objectives.items():
        good &= (requests[name] <= most).astype("boolean").mask(requests[name].isna())
    return good.mask(~requests["ok"].fillna(False).astype(bool), False)
