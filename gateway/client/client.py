"""GatewayClient and Stream: send a chat, read what comes back as it arrives."""

import json
import time
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Self

from gateway.chat import (
    Chat,
    Completion,
    Delta,
    Gathered,
    Reply,
    Sent,
    Step,
    Target,
    Times,
    ToolCallPart,
)
from gateway.client.request import Request, dialect_of, request_of
from gateway.dialects import Dialect
from gateway.errors import BadAnswer, Unreachable
from gateway.headers import Options
from gateway.masking import SHORTEST_SHOWN, mask, mask_headers, mask_text, mask_url
from gateway.sse import Decoder, Event
from gateway.wire import Incoming, Wire

Json = Any

DONE = "[DONE]"
CUT = "The stream stopped before its end."


class GatewayClient:
    """Speaks HTTP with one gateway. Hosted and local ones differ only in their target.

    Args:
        wire: Sends and receives. Whoever made it closes it.
        secrets: What must not appear in anything that is kept, besides the target's own keys.
        clock: Seconds from any fixed point; the wire's, where that tells when bytes arrive.
    """

    def __init__(
        self,
        wire: Wire,
        target: Target,
        *,
        secrets: Iterable[str] = (),
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._wire = wire
        self._target = target
        self._clock = clock
        known = {target.token or "", *target.keys.values(), *secrets}
        # A dummy such as "test" is no secret, and every answer has it in some word.
        self._secrets = tuple(secret for secret in known if len(secret) >= SHORTEST_SHOWN)

    async def send(self, chat: Chat, options: Options = Options()) -> Reply:
        """Send one chat and wait for the whole answer, streamed or not.

        A 4xx or 5xx answer is returned, not raised: look at ``reply.ok``.

        Raises:
            BadRequest: this chat can't be sent on this route.
            TimedOut: no answer in time.
            Unreachable: no answer at all.
            BadAnswer: the answer isn't what the route promises.
        """
        stream = self.stream(chat, options)
        async for _ in stream:
            pass
        assert stream.reply is not None
        return stream.reply

    def stream(self, chat: Chat, options: Options = Options()) -> "Stream":
        """Return the answer to one chat as an iterator; sending begins with its first step.

        Raises:
            BadRequest: this chat can't be sent on this route.
        """
        request = self.request(chat, options)
        itself = Step(provider=chat.provider, model=chat.model)
        steps = chat.all_steps if chat.route == "universal" else (itself,)
        dialects = [dialect_of(step, chat) for step in steps]
        return Stream(
            self._wire, request, self._sent(chat, options), dialects, self._secrets, self._clock
        )

    def request(self, chat: Chat, options: Options = Options()) -> Request:
        """Return what ``send`` and ``stream`` send for a chat; see ``request_of``."""
        return request_of(chat, options, self._target)

    def _sent(self, chat: Chat, options: Options) -> Sent:
        """Return the request as it would be with masked keys: some stand inside the body."""
        target = replace(
            self._target,
            token=self._target.token and mask(self._target.token),
            keys={slug: mask(key) for slug, key in self._target.keys.items()},
        )
        shown = request_of(chat, options, target)
        return Sent(
            method=shown.method,
            url=mask_url(shown.url),
            headers=shown.headers,
            body=shown.body.decode("utf-8"),
        )


class Stream:
    """One answer on its way in: an async iterator of what arrives.

    Attributes:
        sent: What was sent, secrets masked.
        reply: What came back; set when the iterator has ended, was closed or was cancelled.
        gathered: The answer so far.
        chunks_s: Arrival of each non-empty content so far, in seconds since the start.
    """

    def __init__(
        self,
        wire: Wire,
        request: Request,
        sent: Sent,
        dialects: Sequence[Dialect],
        secrets: Iterable[str],
        clock: Callable[[], float],
    ) -> None:
        self.sent = sent
        self.reply: Reply | None = None
        self.gathered = Gathered()
        self.chunks_s: list[float] = []
        self._wire = wire
        self._request = request
        self._dialects = dialects
        self._dialect = dialects[0]
        self._secrets = secrets
        self._clock = clock
        self._incoming: Incoming | None = None
        self._headers_s: float | None = None
        self._first_chunk_s: float | None = None
        self._ended = False
        self._whole: Completion | None = None
        self._deltas = self._receive()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Delta:
        return await anext(self._deltas)

    @property
    def reused(self) -> bool | None:
        """Whether its connection was there before it was sent; ``None`` is not known."""
        return None if self._incoming is None else self._incoming.reused

    async def aclose(self) -> None:
        """Close the connection at once; ``reply`` then holds what arrived."""
        await self._deltas.aclose()

    async def _receive(self) -> AsyncGenerator[Delta, None]:
        started = self._clock()
        body: list[bytes] = []
        broken: str | None = None
        stopped, end_s = True, None
        try:
            self._incoming = incoming = await self._wire.open(
                self._request.method,
                self._request.url,
                headers=self._request.headers,
                body=self._request.body,
            )
            self._headers_s = self._arrived(incoming) - started
            self._dialect = self._answering(incoming)
            decoder = Decoder() if _is_stream(incoming) else None
            async for chunk in incoming.chunks():
                at = self._arrived(incoming) - started
                if decoder is None:
                    body.append(chunk)
                else:
                    for delta in self._read(decoder.feed(chunk), at):
                        yield delta
            stopped, end_s = False, self._arrived(incoming) - started
            if decoder is None and _is_success(incoming):
                yield self._read_whole(body)
            elif decoder is not None:
                for delta in self._read(decoder.close(), end_s):
                    yield delta
                broken = self.gathered.error or (None if self._ended else CUT)
        except Unreachable as error:
            stopped, broken = False, str(error)
            if self._incoming is None:
                raise
        except BadAnswer as error:
            stopped, broken = False, str(error)
            if self._first_chunk_s is None:
                raise
        finally:
            end_s = end_s if end_s is not None else self._clock() - started
            if self._incoming is not None:
                await self._incoming.aclose()
            if self._incoming is not None or stopped:
                self.reply = self._reply(body, end_s, stopped, broken)

    def _arrived(self, incoming: Incoming) -> float:
        """Return when that which was read last came in; now, where the wire can't tell."""
        known = incoming.arrived_s
        return self._clock() if known is None else known

    def _read(self, events: Iterable[Event], at: float) -> Iterator[Delta]:
        """Take in what one chunk completes; yield what adds content.

        Args:
            at: When the chunk arrived, in seconds since the start.
        """
        for event in events:
            if event.data == DONE:
                self._ended = True
                continue
            delta = self._dialect.delta(event)
            if self._first_chunk_s is None:
                self._first_chunk_s = at
            self._ended = self._ended or delta.finish is not None
            self.gathered.add(delta)
            if delta.text or delta.reasoning or delta.tool_calls:
                self.chunks_s.append(at)
                yield delta

    def _read_whole(self, body: Iterable[bytes]) -> Delta:
        """Return a whole answer as if it had come in one piece."""
        try:
            self._whole = whole = self._dialect.reply(json.loads(b"".join(body)))
        except (ValueError, RecursionError) as error:
            raise BadAnswer("The answer has status 200, but its body isn't JSON.") from error
        delta = Delta(
            text=whole.text,
            reasoning=whole.reasoning,
            tool_calls=tuple(
                ToolCallPart(index=index, id=call.id, name=call.name, arguments=call.arguments)
                for index, call in enumerate(whole.tool_calls)
            ),
            usage=whole.usage,
        )
        self.gathered.add(delta)
        return delta

    def _reply(
        self, body: Iterable[bytes], end_s: float, stopped: bool, broken: str | None
    ) -> Reply:
        incoming = self._incoming
        whole = self._whole or self.gathered.completion()
        text = b"".join(body).decode("utf-8", "replace")
        headers = mask_headers(incoming.headers) if incoming is not None else ()
        return Reply(
            status=incoming.status if incoming is not None else 0,
            headers=tuple((name, self._masked(value)) for name, value in headers),
            completion=replace(
                whole, text=self._masked(whole.text), reasoning=self._masked(whole.reasoning)
            ),
            body=None if incoming is None or _is_stream(incoming) else self._masked(text),
            times=Times(
                headers_s=self._headers_s,
                first_chunk_s=self._first_chunk_s,
                first_s=self.chunks_s[0] if self.chunks_s else None,
                last_s=self.chunks_s[-1] if self.chunks_s else None,
                end_s=end_s,
                chunks_s=tuple(self.chunks_s),
            ),
            stopped=stopped,
            broken=None if broken is None else self._masked(broken),
        )

    def _masked(self, text: str) -> str:
        return mask_text(text, self._secrets)

    def _answering(self, incoming: Incoming) -> Dialect:
        """Return the format of the step that answered: steps of one list may speak several."""
        step = _header(incoming, "cf-aig-step")
        index = int(step) if step.isdecimal() else 0
        return self._dialects[index if index < len(self._dialects) else 0]


def _header(incoming: Incoming, wanted: str) -> str:
    return next((value for name, value in incoming.headers if name.lower() == wanted), "")


def _is_success(incoming: Incoming) -> bool:
    return 200 <= incoming.status < 300


def _is_stream(incoming: Incoming) -> bool:
    kind = _header(incoming, "content-type").lower()
    return _is_success(incoming) and kind.startswith("text/event-stream")
