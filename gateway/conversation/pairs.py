"""Pairs: one click sets columns up that differ in one thing only."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.chat import Step
from gateway.conversation.columns import STARTERS, Column
from gateway.providers import PROVIDERS

WHOLE: Mapping[str, Any] = {"stream": False, "history": False}
"""What the cache needs: it keeps no streams, and equal questions must have equal bodies."""
LIVE: Mapping[str, Any] = {"stream": True, "history": True}


@dataclass(frozen=True, slots=True)
class Way:
    """One column of a pair: its name and the settings in which it differs."""

    name: str
    own: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Several ways to ask the same model.

    Attributes:
        ways: The columns, given the column whose model is asked.
        shared: Settings of all columns that the comparison needs.
    """

    id: str
    title: str
    help: str
    ways: Callable[[Column], tuple[Way, ...]]
    shared: Mapping[str, Any] = field(default_factory=lambda: LIVE)


def _fixed(*ways: Way) -> Callable[[Column], tuple[Way, ...]]:
    return lambda column: ways


def _chain(column: Column) -> tuple[Way, ...]:
    other = next(slug for slug in STARTERS if slug != column.provider)
    fallback = Step(provider=other, model=PROVIDERS[other].models[0].id)
    return Way("With fallback", {"fallbacks": (fallback,)}), Way("Single")


def _shapes(column: Column) -> tuple[Way, ...]:
    row = PROVIDERS.get(column.provider)
    serves_rest = row is not None and row.rest_author is not None
    rest = (Way("REST", {"route": "rest"}),) if serves_rest else ()
    return Way("Native", {"route": "native"}), Way("Compat", {"route": "compat"}), *rest


PAIRS: tuple[Pair, ...] = (
    Pair(
        id="cache",
        title="Cached or not",
        help="The same question with the cache and past it. Ask it twice: the second time the "
        "first column is a hit.",
        ways=_fixed(Way("Cached"), Way("Skip cache", {"skip_cache": True})),
        shared=WHOLE,
    ),
    Pair(
        id="route",
        title="Endpoint shapes",
        help="The provider's own path, the unified one and, where it serves the provider, REST.",
        ways=_shapes,
    ),
    Pair(
        id="direct",
        title="Direct or gateway",
        help="Through the gateway, and to the provider without one: what the gateway adds.",
        ways=_fixed(Way("Gateway"), Way("Direct", {"target": "direct", "route": "native"})),
    ),
    Pair(
        id="transport",
        title="HTTP or WebSocket",
        help="A request of its own, or a message over a connection that stays open.",
        ways=_fixed(
            Way("HTTP", {"transport": "http"}), Way("WebSocket", {"transport": "websocket"})
        ),
    ),
    Pair(
        id="stream",
        title="Streamed or whole",
        help="Word by word, or in one piece at the end.",
        ways=_fixed(Way("Streamed", {"stream": True}), Way("Whole", {"stream": False})),
    ),
    Pair(
        id="fallback",
        title="Fallback or single",
        help="A list of models tried one after the other, beside the first alone. They differ "
        "when the first one fails.",
        ways=_chain,
    ),
)
