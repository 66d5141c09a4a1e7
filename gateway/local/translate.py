"""Translation: an answer in a provider's own format becomes one in the format that was asked in."""

from dataclasses import replace

import orjson

from gateway.chat import Chat, Gathered
from gateway.dialects import DIALECTS, Dialect, StreamWriter
from gateway.errors import BadAnswer
from gateway.sse import Decoder

IDS = {"openai": "chatcmpl-", "responses": "resp_", "anthropic": "msg_"}
"""What the ids of translated answers begin with."""


class Translation:
    """How answers to one chat are translated. Holds nothing of any one answer.

    Args:
        source: The provider's format.
        into: The caller's format.
    """

    def __init__(self, source: Dialect, chat: Chat, *, into: Dialect = DIALECTS["openai"]) -> None:
        self.into = into
        self._source = source
        self._chat = chat

    def whole(self, body: bytes, *, created: int) -> bytes:
        """Return a whole answer in the caller's format.

        Raises:
            BadAnswer: the body isn't what the provider promises.
        """
        completion = self._source.reply(_parsed(body))
        prefix = IDS.get(self.into.name, "")
        if completion.id is not None and not completion.id.startswith(prefix):
            completion = replace(completion, id=f"{prefix}{completion.id}")
        return _written(self.into.answer(completion, created=created))

    def stream(self, *, created: int, log_id: str) -> "StreamTranslation":
        """Return a translator for one stream."""
        writer = self.into.writer(
            id=f"{IDS.get(self.into.name, '')}{log_id}",
            model=self._chat.model,
            created=created,
            chat=self._chat,
            flavour="openai",
        )
        return StreamTranslation(self._source, writer)


class Envelope:
    """How answers get the API's envelope around them, translated before or not.

    ASSUMPTION (contract: endpoints, 5): the envelope is the one that Workers AI uses. A stream has
    none.
    """

    def __init__(self, inside: Translation | None) -> None:
        self.into = None if inside is None else inside.into
        self._inside = inside

    def whole(self, body: bytes, *, created: int) -> bytes:
        """Return a whole answer in its envelope.

        Raises:
            BadAnswer: the body isn't what the provider promises.
        """
        if self._inside is not None:
            body = self._inside.whole(body, created=created)
        return _written({"result": _parsed(body), "success": True, "errors": [], "messages": []})

    def stream(self, *, created: int, log_id: str) -> "StreamTranslation | None":
        """Return a translator for one stream; ``None`` where it passes as it is."""
        if self._inside is None:
            return None
        return self._inside.stream(created=created, log_id=log_id)


def _parsed(body: bytes) -> object:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadAnswer("The provider's answer isn't JSON.") from error


def _written(answer: object) -> bytes:
    try:
        return orjson.dumps(answer)
    except orjson.JSONEncodeError as error:
        raise BadAnswer("The provider's answer is nested too deeply.") from error


class StreamTranslation:
    """One stream on its way: the provider's bytes in, the caller's bytes out, event by event."""

    def __init__(self, source: Dialect, writer: StreamWriter) -> None:
        self._source = source
        self._writer = writer
        self._decoder = Decoder()
        self._gathered = Gathered()
        self._begun = False

    def feed(self, chunk: bytes) -> bytes:
        """Translate what this chunk completes; often nothing."""
        out = b"" if self._begun else self._writer.start()
        self._begun = True
        for event in self._decoder.feed(chunk):
            delta = self._source.delta(event)
            self._gathered.add(delta)
            if delta.text or delta.reasoning or delta.tool_calls:
                out += self._writer.write(delta)
        return out

    def close(self) -> bytes:
        """Return the end of the stream, or its error where it didn't come to one."""
        completion = self._gathered.completion()
        if self._gathered.error is not None:
            return self._writer.broken(self._gathered.error)
        if completion.finish is None:
            return b""
        return self._writer.end(completion.finish, completion.usage)
