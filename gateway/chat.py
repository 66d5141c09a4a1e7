"""What passes through the house: a chat goes out, a reply or a failure comes back.

    Chat + Options  ->  Target  ->  Reply | Failure
    Exchange = all of it in one row, with times and cost

None of these classes knows a wire format: ``dialects`` writes and reads those.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal, Self

from gateway.headers import Options
from gateway.masking import mask_headers

Json = Any
Role = Literal["system", "user", "assistant", "tool"]
Route = Literal["native", "compat", "universal", "rest"]
Finish = Literal["stop", "length", "tool_calls", "content_filter"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A picture in a message: its bytes, or the address where a provider shall fetch them.

    Attributes:
        data: Base64 without a prefix; empty where ``url`` is given.
        url: An http or https address.
    """

    media_type: str = ""
    data: str = ""
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """A call that the model asks for. ``arguments`` is JSON text, as it came."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A function that the model may call. ``parameters`` is a JSON schema."""

    name: str
    description: str = ""
    parameters: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message. A ``tool`` message answers the call ``tool_call_id``."""

    role: Role
    text: str = ""
    images: tuple[Image, ...] = ()
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a fallback list: where to ask, and what this step says about the headers."""

    provider: str
    model: str
    options: Options = Options()


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """What we ask.

    Attributes:
        provider: Slug of the provider table.
        route: Endpoint shape: the provider's own path, /compat, the universal array, or REST.
        stream: Whether the answer shall arrive piece by piece.
        tool_choice: "auto", "none", "required", or the name of one tool.
        schema: JSON schema that the answer must fit; ``None`` for free text.
        steps: Fallback list of the universal route; empty means one step, the chat's own.
        usage_asked: Whether a stream shall end with token counts (OpenAI's ``include_usage``).
    """

    provider: str
    model: str
    messages: tuple[Message, ...]
    route: Route = "native"
    stream: bool = True
    temperature: float | None = None
    max_tokens: int | None = None
    top_p: float | None = None
    stop: tuple[str, ...] = ()
    seed: int | None = None
    tools: tuple[Tool, ...] = ()
    tool_choice: str | None = None
    schema: Mapping[str, Json] | None = None
    schema_name: str = "answer"
    steps: tuple[Step, ...] = ()
    usage_asked: bool = True

    @property
    def prompt(self) -> str:
        """Text of the newest user message; empty where there is none."""
        return next((m.text for m in reversed(self.messages) if m.role == "user"), "")

    def at(self, step: Step) -> Self:
        """Return this chat as one step asks it: its provider and model, no list."""
        return replace(self, provider=step.provider, model=step.model, steps=())

    @property
    def all_steps(self) -> tuple[Step, ...]:
        """The fallback list, never empty."""
        return self.steps or (Step(provider=self.provider, model=self.model),)


def say(text: str, *, system: str | None = None) -> tuple[Message, ...]:
    """Return the messages of a first turn: an optional system prompt and the user's text."""
    first = (Message(role="system", text=system),) if system else ()
    return (*first, Message(role="user", text=text))


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """When things happened, in seconds since the request was handed to the socket.

    Definitions: experiments.md section 2. ``None`` means not reached, or not streamed.

    Attributes:
        headers_s: Response headers.
        first_chunk_s: First event of the stream, empty or not.
        first_s: First non-empty content; ``None`` for an answer that isn't streamed.
        last_s: Last non-empty content.
        end_s: Body read to its end, or given up.
        chunks_s: Arrival of each non-empty content chunk.
    """

    headers_s: float | None = None
    first_chunk_s: float | None = None
    first_s: float | None = None
    last_s: float | None = None
    end_s: float
    chunks_s: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back, whatever the status.

    Attributes:
        headers: Response headers in order, secrets masked.
        body: The whole body as text, where the answer wasn't streamed; else ``None``.
        stopped: We closed the stream before its end; text and times are partial.
        broken: Why the stream ended too early, though we didn't stop it.
    """

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    completion: Completion
    body: str | None = None
    times: Times
    stopped: bool = False
    broken: str | None = None

    def header(self, name: str) -> str | None:
        """Return one response header by name, in any case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    @property
    def ok(self) -> bool:
        """Whether a whole answer came with a 2xx status."""
        return 200 <= self.status < 300 and not self.stopped and self.broken is None

    @property
    def text(self) -> str:
        """The model's words, as far as they arrived."""
        return self.completion.text

    @property
    def cache(self) -> str | None:
        """``"HIT"``, ``"MISS"``, or ``None`` where the gateway didn't say."""
        return self.header("cf-aig-cache-status")

    @property
    def step(self) -> int | None:
        """Index of the universal step that answered."""
        text = self.header("cf-aig-step")
        return int(text) if text is not None and text.isdecimal() else None

    @property
    def log_id(self) -> str | None:
        """Id of the gateway's log row."""
        return self.header("cf-aig-log-id")

    @property
    def ttft_ms(self) -> float | None:
        """Time to the first non-empty content; ``None`` for an answer that isn't streamed."""
        return None if self.times.first_s is None else self.times.first_s * 1000

    @property
    def ttfb_ms(self) -> float | None:
        """Time to the response headers."""
        return None if self.times.headers_s is None else self.times.headers_s * 1000

    @property
    def total_ms(self) -> float:
        """Time to the end of the body (E2E latency)."""
        return self.times.end_s * 1000

    @property
    def tok_s(self) -> float | None:
        """Output tokens per second: 1/TPOT for a stream, else tokens over the total time."""
        tokens = self.completion.usage.tokens_out
        times = self.times
        if tokens is None:
            return None
        if times.first_s is None:
            return tokens / times.end_s if times.end_s > 0 and tokens else None
        if times.last_s is None or tokens < 2 or times.last_s <= times.first_s:
            return None
        return (tokens - 1) / (times.last_s - times.first_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why nothing came back: the error's class name and its sentence."""

    name: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where chats go: a gateway's URL, its token, and the keys of providers.

    Attributes:
        name: What people call it: "local" or "cloudflare".
        base_url: Gateway base with account and gateway, without a slash at the end.
        token: For ``cf-aig-authorization``; ``None`` where the gateway asks for none.
        keys: Provider slug -> key; a provider that isn't there is asked without a key.
        simulated: Whether the providers behind it are played by the local gateway.
    """

    name: str
    base_url: str
    token: str | None = field(default=None, repr=False)
    keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    simulated: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The request as it left us, secrets masked: for the eyes, the records and snippets."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "headers", mask_headers(self.headers))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What an exchange cost, in US dollars.

    Attributes:
        usd: What was charged: 0 for an answer from the gateway's cache.
        list_usd: What it would have cost without the cache.
        source: Where the price comes from: "genai-prices" with its date, or "custom".
    """

    usd: float
    list_usd: float
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One row of the records: what we asked, what came back, when, and what it cost.

    Attributes:
        cost: ``None`` where no price or no token counts are known.
        original_ms: On a cache hit, what the same question took when it was answered afresh.
        simulated: The answer came from a simulated provider.
        run: Id of the experiment it belongs to.
    """

    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    chat: Chat
    options: Options = Options()
    target: str
    sent: Sent | None = None
    reply: Reply | None = None
    failure: Failure | None = None
    cost: Cost | None = None
    original_ms: float | None = None
    simulated: bool = False
    run: str | None = None
