"""What a model says: a whole completion, or deltas that add up to one."""

from dataclasses import dataclass
from typing import Literal

from gateway.chat.question import ToolCall

Finish = Literal["stop", "length", "tool_calls", "content_filter"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Token counts as a provider reports them; ``None`` means not reported.

    Attributes:
        tokens_in: All input tokens, those read from or written to a prompt cache included.
        cached_in: Of these, read from the provider's prompt cache (not the gateway's cache).
        cache_write: Of these, written to the provider's prompt cache.
        reasoning: Of the output tokens, those spent on reasoning.
    """

    tokens_in: int | None = None
    tokens_out: int | None = None
    cached_in: int | None = None
    cache_write: int | None = None
    reasoning: int | None = None

    def merged(self, newer: "Usage") -> "Usage":
        """Return these counts, overwritten by what ``newer`` reports."""
        return Usage(
            tokens_in=newer.tokens_in if newer.tokens_in is not None else self.tokens_in,
            tokens_out=newer.tokens_out if newer.tokens_out is not None else self.tokens_out,
            cached_in=newer.cached_in if newer.cached_in is not None else self.cached_in,
            cache_write=newer.cache_write if newer.cache_write is not None else self.cache_write,
            reasoning=newer.reasoning if newer.reasoning is not None else self.reasoning,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """One whole answer of a model, in no provider's format."""

    text: str
    tool_calls: tuple[ToolCall, ...] = ()
    reasoning: str = ""
    finish: Finish | None = None
    usage: Usage = Usage()
    model: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCallPart:
    """A piece of a streamed tool call: the first piece has id and name."""

    index: int
    id: str | None = None
    name: str | None = None
    arguments: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """What one event of a stream adds. An event that adds nothing is ``Delta()``.

    Attributes:
        error: The provider's message, where the event reports that the stream failed.
    """

    text: str = ""
    reasoning: str = ""
    tool_calls: tuple[ToolCallPart, ...] = ()
    finish: Finish | None = None
    usage: Usage | None = None
    model: str | None = None
    id: str | None = None
    error: str | None = None


class CallNumbers:
    """Numbers the tool calls of a stream in the order of their first pieces.

    Some providers (Google) send each call whole and always at index 0: a piece with another id
    than the call that its index stands for begins a new call.
    """

    def __init__(self) -> None:
        self._open: dict[int, tuple[int, str | None]] = {}
        self._count = 0

    def of(self, part: ToolCallPart) -> int | None:
        """Return the number of the call that a piece belongs to, from 0.

        ``None`` for a piece of a call whose beginning we weren't told: a provider's own tool.
        """
        known = self._open.get(part.index)
        if known is not None and (part.id is None or part.id == known[1]):
            return known[0]
        if known is None and part.id is None and part.name is None:
            return None
        number = self._count
        self._count += 1
        self._open[part.index] = (number, part.id)
        return number


class Gathered:
    """A stream so far: deltas in, a ``Completion`` out at any moment."""

    def __init__(self) -> None:
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._numbers = CallNumbers()
        self._calls: dict[int, ToolCall] = {}
        self._finish: Finish | None = None
        self._model: str | None = None
        self._id: str | None = None
        self._usage = Usage()
        self.error: str | None = None

    def add(self, delta: Delta) -> None:
        """Take in one more delta. Runs for every event of every stream."""
        if delta.text:
            self._text.append(delta.text)
        if delta.reasoning:
            self._reasoning.append(delta.reasoning)
        for part in delta.tool_calls:
            number = self._numbers.of(part)
            if number is None:
                continue
            call = self._calls.get(number, ToolCall(id="", name="", arguments=""))
            self._calls[number] = ToolCall(
                id=part.id or call.id,
                name=part.name or call.name,
                arguments=call.arguments + part.arguments,
            )
        if delta.usage is not None:
            self._usage = self._usage.merged(delta.usage)
        self._finish = delta.finish or self._finish
        self._model = delta.model or self._model
        self._id = delta.id or self._id
        self.error = self.error or delta.error

    @property
    def text(self) -> str:
        """Text so far."""
        return "".join(self._text)

    def completion(self) -> Completion:
        """Return what has been gathered so far as one answer."""
        return Completion(
            text=self.text,
            tool_calls=tuple(self._calls.values()),
            reasoning="".join(self._reasoning),
            finish=self._finish,
            usage=self._usage,
            model=self._model,
            id=self._id,
        )
