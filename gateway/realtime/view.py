"""What there is to see of a realtime session: its events, and what was said."""

from dataclasses import dataclass
from typing import Literal

State = Literal["connecting", "open", "closed", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One message on the connection.

    Attributes:
        at_s: Seconds since the session began.
        sent: By us; else received.
        kind: The event's own name.
        size: Bytes.
        body: Its text, secrets masked, cut where it is very long.
    """

    number: int
    at_s: float
    sent: bool
    kind: str
    size: int
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One message of the conversation, ours or the answer to it.

    Attributes:
        ours: By the visitor; else by the model.
        sound: A WAV file; empty for none.
        picture: The file of a picture; empty for none.
        asked_s, first_s, ended_s: Seconds since the session began: when our message was sent, when
            the answer's first piece came, and its end; ``None`` before it.
    """

    ours: bool
    text: str = ""
    sound: bytes = b""
    picture: bytes = b""
    asked_s: float = 0.0
    first_s: float | None = None
    ended_s: float | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    problem: str | None = None

    @property
    def running(self) -> bool:
        """Whether it is an answer that hasn't ended."""
        return not self.ours and self.ended_s is None


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A session at one moment.

    Attributes:
        version: Grows whenever something has changed.
        sentence: Why it ended, where it has.
        dropped: Events before the first one of ``events``.
    """

    state: State
    version: int
    sentence: str
    said: tuple[Said, ...]
    events: tuple[Event, ...]
    dropped: int

    @property
    def answering(self) -> bool:
        """Whether an answer is on its way."""
        return self.state == "open" and any(said.running for said in self.said)
