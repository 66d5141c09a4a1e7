"""One exchange: where it went, what came back, when, and what it cost."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from gateway.chat.answer import Completion
from gateway.chat.question import Chat
from gateway.headers import Options
from gateway.masking import mask_headers


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
        """Output tokens per second: 1/TPOT for a stream, else tokens over the total time.

        Reasoning tokens that the stream didn't show were made before its first content, so they
        don't count there: else a reasoning model would look several times as fast as it writes.
        """
        tokens = self.completion.usage.tokens_out
        times = self.times
        if tokens is None:
            return None
        if times.first_s is None:
            return tokens / times.end_s if times.end_s > 0 and tokens else None
        if not self.completion.reasoning:
            tokens -= self.completion.usage.reasoning or 0
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
        rest_url: Base of the REST API with the account, without a slash at the end, for chats and
            for the management of gateways; ``None`` where there is none.
        local_url: Where a local gateway tells what no other does, without a slash at the end;
            ``None`` for every other.
        token: The gateway's; ``None`` where the gateway asks for none, and REST can't be used.
        keys: Provider slug -> key; a provider that isn't there is asked without a key.
        simulated: Whether the providers behind it are played by the local gateway.
        bases: Not a gateway but the providers themselves: slug -> address of one that isn't asked
            at its own. ``None`` for a gateway.
    """

    name: str
    base_url: str
    token: str | None = field(default=None, repr=False)
    keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    simulated: frozenset[str] = frozenset()
    rest_url: str | None = None
    local_url: str | None = None
    bases: Mapping[str, str] | None = None

    @property
    def gateway(self) -> str:
        """Id of the gateway."""
        return self.base_url.rpartition("/")[2]


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
