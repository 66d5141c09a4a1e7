"""The caller's side of a call: its way so far, and how an answer is handed on to it."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Protocol

from gateway.errors import BadAnswer, Unreachable
from gateway.local.call import Answer
from gateway.local.clock import Clock
from gateway.local.journal import Attempt
from gateway.local.logbook import ANSWER_KEPT, Served
from gateway.local.refusals import Refusal
from gateway.local.steps import OWN_HEADERS, Request
from gateway.policy import GatewayPolicy

RawHeaders = list[tuple[bytes, bytes]]
BUFFERED = 8 * 1024 * 1024
"""Bytes of an answer that isn't a stream which are collected before the caller gets any, so that
a connection that breaks in the middle can still be answered with an error."""


class Client(Protocol):
    """The caller's side of the connection."""

    async def start(self, status: int, headers: RawHeaders) -> None: ...
    async def send(self, chunk: bytes) -> None: ...
    async def end(self, chunk: bytes = b"") -> None: ...


@dataclass(slots=True, kw_only=True)
class Way:
    """One call on its way: what was asked, by whom, and what has happened so far.

    Attributes:
        script: The faults that the request asked for, one for each try, whatever the step.
        tries: Tries so far, over all steps.
        began: The caller has got a status.
        tried: What became of each step so far; the last one may be under way.
    """

    request: Request
    policy: GatewayPolicy
    authenticated: bool
    client: Client
    request_id: str
    event_id: str
    script: tuple[str, ...]
    tries: int = 0
    began: bool = False
    tried: list[Served] = field(default_factory=list)


async def hand_on(
    way: Way,
    served: Served,
    answer: Answer,
    attempt: Attempt,
    clock: Clock,
    finish: Callable[[Served], None],
) -> None:
    """Give the answer to the caller: a stream piece by piece, anything else in one go.

    Args:
        finish: Called when the answer is whole, before its last byte goes out.

    Raises:
        Refusal: no whole answer came, and nothing has been sent yet (2005).
        Unreachable: the upstream broke off after the answer had begun.
        BadAnswer: a stream held nonsense after the answer had begun.
    """
    served.status = answer.status
    served.content_type = answer.header("content-type") or "application/octet-stream"
    try:
        if served.content_type.startswith("text/event-stream"):
            await begin(way, served, _headers(answer))
            async for chunk in _stream(served, answer, attempt):
                served.keep(chunk)
                await way.client.send(chunk)
            last = b""
        else:
            last = await _whole(way, served, answer, attempt)
        served.whole = True
        attempt.end(clock.now(), "done")
        finish(served)
        await way.client.end(last)
    except (Unreachable, BadAnswer) as error:
        attempt.end(clock.now(), "failed", str(error))
        if not way.began:
            served.status = 400
            raise Refusal(2005) from error
        raise
    finally:
        await answer.close()


async def _stream(served: Served, answer: Answer, attempt: Attempt) -> AsyncIterator[bytes]:
    """Yield a stream's bytes in the caller's format, each piece as it comes."""
    source = served.step.translation
    translated = (
        source.stream(created=int(served.created_s), log_id=served.id)
        if source is not None and answer.status < 300
        else None
    )
    async for chunk in answer.chunks:
        attempt.chunks += 1
        attempt.bytes += len(chunk)
        if translated is None:
            yield chunk
        elif out := translated.feed(chunk):
            yield out
    if translated is not None and (rest := translated.close()):
        yield rest


async def _whole(way: Way, served: Served, answer: Answer, attempt: Attempt) -> bytes:
    """Collect an answer and return it; a very large one goes on as it comes."""
    source = served.step.translation if answer.status < 300 else None
    async for chunk in answer.chunks:
        attempt.chunks += 1
        attempt.bytes += len(chunk)
        served.keep(chunk)
        if way.began:
            await way.client.send(chunk)
        elif served.size > BUFFERED and source is None:
            await begin(way, served, _headers(answer))
            for part in served.parts:
                await way.client.send(part)
        elif served.size > ANSWER_KEPT:
            raise BadAnswer("The provider's answer is too large to be translated.")
    if way.began:
        return b""
    body = b"".join(served.parts)
    if source is not None:
        body = source.whole(body, created=int(served.created_s))
        served.content_type = "application/json"
    served.parts, served.size = [body], len(body)
    headers = [*_headers(answer), (b"content-length", str(len(body)).encode())]
    await begin(way, served, headers)
    return body


async def begin(way: Way, served: Served, headers: RawHeaders) -> RawHeaders:
    """Send status and headers, the gateway's own among them; return all headers."""
    way.began = True
    own = (
        (b"cf-aig-cache-status", b"HIT" if served.cached else b"MISS"),
        (b"cf-aig-log-id", served.id.encode()),
        (b"cf-aig-event-id", way.event_id.encode("latin-1", "replace")),
        (b"cf-aig-request-id", way.request_id.encode()),
        (b"cf-aig-step", str(served.step.index).encode()),
    )
    sent = [*headers, *own, *served.added]
    await way.client.start(served.status, sent)
    return sent


def marks(way: Way) -> tuple[tuple[bytes, bytes], ...]:
    """Return the gateway's headers of a call that it refuses itself: the row can be found by them.

    Whether there was a hit is said only where the cache was asked (ASSUMPTION: headers, cache).
    """
    served = way.tried[-1]
    status = ((b"cf-aig-cache-status", b"MISS"),) if served.looked_up else ()
    return (
        *status,
        (b"cf-aig-log-id", served.id.encode()),
        (b"cf-aig-event-id", way.event_id.encode("latin-1", "replace")),
        (b"cf-aig-request-id", way.request_id.encode()),
        (b"cf-aig-step", str(served.step.index).encode()),
    )


def _headers(answer: Answer) -> RawHeaders:
    """Return an answer's headers without those of its connection and those that we write."""
    return [
        (name.lower().encode("latin-1"), value.encode("latin-1"))
        for name, value in answer.headers
        if name.lower() not in OWN_HEADERS and not name.lower().startswith("cf-aig-")
    ]
