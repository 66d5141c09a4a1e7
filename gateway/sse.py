"""Server-sent events: bytes in any split become events, and events become bytes. No I/O.

The field rules of the format are httpx-sse's; the splitting of bytes into lines is ours, because
its own line decoder works on text and holds back a line that ends in a carriage return.
"""

from dataclasses import dataclass

from gateway.errors import BadAnswer

EVENT_LIMIT = 16 * 1024 * 1024
"""Bytes of one event that are collected."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a stream."""

    data: str
    event: str = "message"
    id: str = ""


class Decoder:
    """A stream so far: chunks in, the events that they complete out.

    Chunks may end anywhere, also inside a character or between CR and LF.
    """

    def __init__(self) -> None:
        # Late: with httpx behind it, it loads longer than all of the local gateway's own modules,
        # and a gateway should be there before somebody's first stream.
        from httpx_sse._decoders import SSEDecoder

        self._fields = SSEDecoder()
        self._unfinished: list[bytes] = []
        self._after_cr = False
        self._begun = False
        self._since_event = 0

    def feed(self, chunk: bytes) -> list[Event]:
        """Return the events that this chunk completes.

        Raises:
            BadAnswer: an event is larger than anybody sends; memory isn't for ever.
        """
        self._since_event += len(chunk)
        if self._since_event > EVENT_LIMIT:
            raise BadAnswer(f"An event of the stream is larger than {EVENT_LIMIT >> 20} MB.")
        if self._after_cr and chunk:
            self._after_cr = False
            chunk = chunk.removeprefix(b"\n")
        if b"\r" in chunk:
            self._after_cr = chunk.endswith(b"\r")
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        end = chunk.rfind(b"\n")
        if end < 0:
            if chunk:
                self._unfinished.append(chunk)
            return []
        text = b"".join((*self._unfinished, chunk[:end])).decode("utf-8", "replace")
        self._unfinished = [chunk[end + 1 :]]
        if not self._begun:
            self._begun = True
            text = text.removeprefix("\ufeff")
        return self._events(text.split("\n"))

    def close(self) -> list[Event]:
        """Return the event whose last blank line is missing, as some providers end a stream.

        A line without its end is dropped: there the stream was cut.
        """
        self._unfinished = []
        return self._events([""])

    def _events(self, lines: list[str]) -> list[Event]:
        events = []
        for line in lines:
            found = self._fields.decode(line)
            if found is not None and found.data:
                events.append(Event(found.data, found.event or "message", found.id))
        if events:
            self._since_event = 0
        return events


def encode(data: str, event: str | None = None) -> bytes:
    """Return one event as bytes, with its blank line. ``data`` may have several lines."""
    if "\n" in data or "\r" in data:
        data = "\ndata: ".join(data.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    name = f"event: {event}\n" if event is not None else ""
    return f"{name}data: {data}\n\n".encode()
