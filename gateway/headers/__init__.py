"""The cf-aig-* headers: their spelling at every level, their limits, and which level wins.

A header can be stated at three levels. The most specific statement wins:

    step       one step of a universal request    "config": {"maxAttempts": 3}, or its "headers"
    request    headers of the HTTP call           cf-aig-max-attempts: 3
    gateway    the gateway's own settings         dashboard or management API

``None`` means "this level says nothing", everywhere. The facts are rows of
``data/headers.json``; a field of ``Options`` is the row with the same ``field``.
"""

from gateway.headers.options import CONFIG, Effective, Level, Options, effective, rows_of
from gateway.headers.rules import (
    COST_RATES,
    TEXT_LIMIT,
    TOTAL_COST,
    Choice,
    CostRates,
    Flag,
    Hex,
    Metadata,
    Names,
    Rule,
    Text,
    Whole,
)
from gateway.headers.table import BY_NAME, HEADERS, TABLE, Header

__all__ = [
    "BY_NAME",
    "CONFIG",
    "COST_RATES",
    "HEADERS",
    "TABLE",
    "TEXT_LIMIT",
    "TOTAL_COST",
    "Choice",
    "CostRates",
    "Effective",
    "Flag",
    "Header",
    "Hex",
    "Level",
    "Metadata",
    "Names",
    "Options",
    "Rule",
    "Text",
    "Whole",
    "effective",
    "rows_of",
]
