"""What a realtime API is told and says: the words for it that all of them share."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from gateway.realtime.offers import Offer

Json = Any
Frame = str | bytes
SOUND_CHUNK = 32 * 1024
"""Bytes of samples in one message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What one event of the other side says. An event that says none of this is empty.

    Attributes:
        ready: The session can be used.
        text: Words to add to the answer.
        heard: What was understood of our sound.
        sound: Samples to add to the answer.
        picture: The file of a picture that the answer is.
        ended: The answer is whole, or was cut short.
        trailing: It belongs to the newest answer, also when that has ended.
        error: What is wrong, in the provider's words.
        reply: What the other side must be sent at once.
    """

    ready: bool = False
    text: str = ""
    heard: str = ""
    sound: bytes = b""
    picture: bytes = b""
    ended: bool = False
    trailing: bool = False
    tokens_in: int | None = None
    tokens_out: int | None = None
    error: str | None = None
    reply: Frame | None = None


NOTHING = Meaning()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How a session shall be.

    Attributes:
        spoken: Answers come as sound; else as text.
        voice: Whose, where one can be chosen; empty for the first one.
    """

    offer: Offer
    model: str
    instructions: str = ""
    spoken: bool = False
    voice: str = ""


class Tongue(Protocol):
    """How one realtime API is spoken with."""

    greets: bool
    """Whether it says that it is ready; else it is ready when it is connected."""

    def address(self, wish: Wish, key: str | None) -> str:
        """Return what follows the gateway's URL, with its query."""
        ...

    def opening(self, wish: Wish) -> Sequence[Frame]:
        """Return what is sent first."""
        ...

    def say(self, text: str, wish: Wish, *, answering: bool) -> Sequence[Frame]:
        """Return a message in text.

        Args:
            answering: An answer is on its way, which the message cuts short.
        """
        ...

    def hear(self, samples: bytes, wish: Wish) -> Sequence[Frame]:
        """Return a message in sound."""
        ...

    def stop(self) -> Sequence[Frame]:
        """Return what cuts an answer short; nothing where the API has no such message."""
        ...

    def read(self, frame: Frame) -> Meaning:
        """Return what an event says."""
        ...


def kind_of(frame: Frame) -> str:
    """Return the name of an event, such as "response.done" or "serverContent.modelTurn"."""
    event = object_of(frame)
    if isinstance(event.get("type"), str):
        return str(event["type"])
    for name, inside in event.items():
        first = next(iter(inside), "") if isinstance(inside, dict) else ""
        return f"{name}.{first}" if first else name
    return "sound" if isinstance(frame, bytes) else "text"


def spelled(event: Json) -> str:
    """Return an event as a message."""
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"))


def object_of(frame: Frame) -> dict[str, Json]:
    """Return the object in a message; an empty one where it holds none."""
    try:
        event = json.loads(frame)
    except (ValueError, RecursionError):
        return {}
    return event if isinstance(event, dict) else {}


def chunks(samples: bytes) -> list[bytes]:
    """Return samples in pieces that fit into messages."""
    return [samples[at : at + SOUND_CHUNK] for at in range(0, len(samples), SOUND_CHUNK)]


def base64_of(samples: bytes) -> str:
    """Return samples as text."""
    return base64.b64encode(samples).decode()


def bytes_of(data: str) -> bytes:
    """Return the bytes behind text; none where it can't be read."""
    try:
        return base64.b64decode(data)
    except ValueError:
        return b""
