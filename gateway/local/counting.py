"""What an answer used and cost, read from its bytes: at once, or once its log row is moved.

Reading counts and prices is a fifth of what a call that isn't cached costs. Its caller gets none of
it, so it waits for a quiet moment, as the moving of its row does: a ``Counting`` says how to read
the answer, and is kept beside it.
"""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson

from gateway.chat import Cost, Usage
from gateway.dialects import DIALECTS, Dialect, dialect_for
from gateway.errors import GatewayError
from gateway.local.counts import plain_usage
from gateway.local.steps import Step
from gateway.local.translate import Envelope
from gateway.pricing import cost
from gateway.sse import Decoder

log = logging.getLogger(__name__)
Json = Any
HIT_USAGE = Usage(tokens_in=0, tokens_out=0)
COUNTED = ("tokens_in", "tokens_out", "cost", "usage_metadata")
"""Columns of the log that are read from an answer."""


class Counting(NamedTuple):
    """How an answer's counts and cost are read. It is JSON, as a list.

    Attributes:
        form: Name of the format that it is in; ``None`` where we have none for it.
        enveloped: The API's envelope is around it.
        at_s: Real seconds since the epoch; some prices change with the hour.
    """

    form: str | None
    enveloped: bool
    content_type: str
    provider: str
    model: str
    custom_cost: Mapping[str, Json] | None
    at_s: float

    @classmethod
    def of(cls, step: Step, content_type: str, at_s: float) -> "Counting":
        """Return how the answer to a step is read."""
        source = step.translation
        dialect = source.into if source is not None else None
        dialect = dialect or dialect_for(step.slug, step.path)
        return cls(
            None if dialect is None else dialect.name,
            isinstance(source, Envelope),
            content_type,
            step.provider.slug,
            step.model,
            step.settled.custom_cost,
            at_s,
        )

    def usage(self, answer: bytes) -> Usage:
        """Read token counts; what can't be read is not reported."""
        dialect = None if self.form is None else DIALECTS[self.form]
        if not answer:
            return Usage()
        try:
            if not self.content_type.startswith("text/event-stream"):
                body = orjson.loads(answer)
                body = body["result"] if self.enveloped else body
                return plain_usage(body) if dialect is None else dialect.usage(body)
            return Usage() if dialect is None else _streamed_usage(dialect, answer)
        except (GatewayError, orjson.JSONDecodeError):
            return Usage()

    def cost(self, usage: Usage) -> Cost | None:
        """Return what these tokens cost; ``None`` where that isn't known."""
        at = datetime.fromtimestamp(self.at_s, UTC)
        return cost(self.provider, self.model, usage, cached=False, custom=self.custom_cost, at=at)


def counted(usage: Usage, price: Cost | None) -> dict[str, Json]:
    """Return the columns of the log that counts and cost make."""
    return {
        "tokens_in": usage.tokens_in,
        "tokens_out": usage.tokens_out,
        # A hit costs nothing, even with a custom cost; nor does, in the log, a provider without a
        # known price (contract: costs; GraphQL, LIVE).
        "cost": price.usd if price else 0.0,
        "usage_metadata": orjson.dumps(_usage_metadata(usage)),
    }


def counted_later(kept: list[Json], answer: bytes) -> dict[str, Json]:
    """Return these columns for an answer whose counting was put off.

    Args:
        kept: A ``Counting``, as JSON gives it back.
    """
    try:
        counting = Counting(*kept)
        usage = counting.usage(answer)
        return counted(usage, counting.cost(usage))
    except Exception:
        # Whatever an answer holds, it mustn't keep its row and all later ones from being moved.
        log.exception("The tokens of an answer can't be counted.")
        return counted(Usage(), None)


def _streamed_usage(dialect: Dialect, answer: bytes) -> Usage:
    """Read the counts out of a stream's events, those that can hold some."""
    usage, decoder = Usage(), Decoder()
    for event in (*decoder.feed(answer), *decoder.close()):
        # Every format spells it so: usage, usageMetadata, usage_metadata.
        if '"usage' in event.data and (found := dialect.delta(event).usage) is not None:
            usage = usage.merged(found)
    return usage


def _usage_metadata(usage: Usage) -> Mapping[str, int]:
    counts = {
        "input_tokens": usage.tokens_in,
        "output_tokens": usage.tokens_out,
        "total_tokens": (usage.tokens_in or 0) + (usage.tokens_out or 0),
        "output_reasoning_tokens": usage.reasoning,
        "input_cached_tokens": usage.cached_in,
    }
    return {name: count for name, count in counts.items() if count is not None}
