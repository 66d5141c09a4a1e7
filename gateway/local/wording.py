"""The words of requests and answers, for those who look through them.

prompt_of    what a request asks: the messages of a chat, else every text of its body
answer_of    what a model said; nothing where the answer is no text of a model
texts_in     every text of a body: values of JSON, events of a stream, text parts of a form

Pictures and files aren't looked into: base64 and addresses are no texts.
"""

import re
from collections.abc import Iterator
from typing import Any

import orjson

from gateway.chat import Completion, Gathered
from gateway.dialects import Dialect, dialect_for
from gateway.errors import BadAnswer, GatewayError
from gateway.local.steps import Step
from gateway.sse import Decoder, Event

Json = Any
STREAM = "text/event-stream"
_NO_TEXT = re.compile(r"(?:data:|https?://)\S*|[A-Za-z0-9+/_=-]{256,}")
_BOUNDARY = re.compile(r'boundary="?([^";]+)')
_BINARY = re.compile(rb"content-type:\s*+(?!text/|application/json)", re.IGNORECASE)
_SLICE = 64 * 1024


def prompt_of(step: Step) -> str:
    """Return what a step asks its provider, in words."""
    dialect = dialect_for(step.slug, step.path)
    try:
        if dialect is not None:
            body = orjson.loads(step.sent)
            chat = dialect.read(body, provider=step.slug, path=step.path)
            return "\n".join(message.text for message in chat.messages if message.text)
    except (GatewayError, orjson.JSONDecodeError):
        # What we can't read as a chat is looked through as it is.
        pass
    return "\n".join(texts_in(step.sent, step.headers.get("content-type", "")))


def answer_of(step: Step, content_type: str, body: bytes) -> str | None:
    """Return what a model said, reasoning and tool calls included.

    ``None`` where the call isn't one for text: then nobody knows what the answer is made of.

    Args:
        body: The provider's answer, before any translation.
    """
    dialect = dialect_for(step.slug, step.path)
    if dialect is None:
        return None
    try:
        said = _completion(dialect, content_type, body)
    except (GatewayError, orjson.JSONDecodeError):
        return "\n".join(texts_in(body, content_type))
    arguments = (call.arguments for call in said.tool_calls)
    return "\n".join(text for text in (said.reasoning, said.text, *arguments) if text)


def _completion(dialect: Dialect, content_type: str, body: bytes) -> Completion:
    if not content_type.startswith(STREAM):
        return dialect.reply(orjson.loads(body))
    gathered = Gathered()
    for event in _events(body):
        gathered.add(dialect.delta(event))
    return gathered.completion()


def texts_in(body: bytes, content_type: str) -> Iterator[str]:
    """Yield every text of a body; of one in no known form, all of it that is text."""
    if content_type.startswith("multipart/"):
        found = _BOUNDARY.search(content_type)
        parts = body.split(b"--" + found[1].encode("latin-1")) if found else [body]
        for part in parts:
            head, _, text = part.partition(b"\r\n\r\n")
            if not _BINARY.search(head):
                yield text.decode("utf-8", "replace")
        return
    try:
        if content_type.startswith(STREAM):
            for event in _events(body):
                yield from texts_in(event.data.encode(), "application/json")
        else:
            yield from _values(orjson.loads(body))
    except (BadAnswer, orjson.JSONDecodeError):
        if content_type.startswith(("text/", "application/json")) or not content_type:
            yield body.decode("utf-8", "replace")


def _events(body: bytes) -> Iterator[Event]:
    """Yield the events of a whole stream, in slices: only single events have a largest size."""
    decoder = Decoder()
    for start in range(0, len(body), _SLICE):
        yield from decoder.feed(body[start : start + _SLICE])
    yield from decoder.close()


def _values(value: Json) -> Iterator[str]:
    """Yield the texts of a JSON value, in order; nesting isn't limited by the interpreter."""
    left = [value]
    while left:
        value = left.pop()
        if isinstance(value, str):
            if not _NO_TEXT.fullmatch(value):
                yield value
        elif isinstance(value, dict):
            left.extend(reversed(value.values()))
        elif isinstance(value, list):
            left.extend(reversed(value))
