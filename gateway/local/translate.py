"""Translation: an answer in a provider's own format becomes an OpenAI one, for the unified API."""

import orjson

from gateway.chat import Chat, Gathered
from gateway.dialects import DIALECTS, Dialect, StreamWriter
from gateway.errors import BadAnswer
from gateway.sse import Decoder


class Translation:
    """How answers to one chat are translated. Holds nothing of any one answer."""

    def __init__(self, source: Dialect, chat: Chat) -> None:
        self._source = source
        self._chat = chat

    def whole(self, body: bytes, *, created: int) -> bytes:
        """Return a whole answer in OpenAI's format.

        Raises:
            BadAnswer: the body isn't what the provider promises.
        """
        try:
            completion = self._source.reply(orjson.loads(body))
        except orjson.JSONDecodeError as error:
            raise BadAnswer("The provider's answer isn't JSON.") from error
        return orjson.dumps(DIALECTS["openai"].answer(completion, created=created))

    def stream(self, *, created: int, log_id: str) -> "StreamTranslation":
        """Return a translator for one stream."""
        writer = DIALECTS["openai"].writer(
            id=f"chatcmpl-{log_id}",
            model=self._chat.model,
            created=created,
            chat=self._chat,
            flavour="openai",
        )
        return StreamTranslation(self._source, writer)


class StreamTranslation:
    """One stream on its way: the provider's bytes in, OpenAI's bytes out, event by event."""

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
