"""A conversation as an intent sees it: what was asked now, what before, and who answers."""

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.chat import Chat
from gateway.local.simulated.persona import Persona
from gateway.local.simulated.subject import MOST_READ, subject_of

_WORD = re.compile(r"[a-z]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """One turn of a conversation.

    Attributes:
        prompt: The newest user message, at most ``MOST_READ`` characters of it.
        whole: The same in full.
        earlier: User messages before it, oldest first.
        answers: What the model said before, oldest first.
        system: The system prompt, or nothing.
        words: All words of the prompt and the system prompt, in lower case.
        number: Stands for chance: the same for the same seed, model and conversation.
    """

    prompt: str
    whole: str
    earlier: tuple[str, ...]
    answers: tuple[str, ...]
    system: str
    persona: Persona
    provider: str
    model: str
    images: tuple[str, ...]
    words: frozenset[str]
    number: int

    @property
    def subject(self) -> str:
        """What the prompt is about."""
        return subject_of(self.prompt)

    @property
    def before(self) -> str:
        """What the turn before was about; empty in a first turn."""
        return subject_of(self.earlier[-1]) if self.earlier else ""

    def pick(self, options: Sequence[str]) -> str:
        """Choose one of several wordings."""
        return options[self.number % len(options)]


def talk_of(chat: Chat, persona: Persona, seed: int) -> Talk:
    """Read a chat as a conversation."""
    asked = [message for message in chat.messages if message.role == "user"]
    whole = asked[-1].text if asked else ""
    images = tuple(
        image.media_type or "picture" for message in asked[-1:] for image in message.images
    )
    prompt = whole[:MOST_READ].strip()
    system = "\n".join(m.text[:MOST_READ] for m in chat.messages if m.role == "system")
    said = (str(seed), chat.provider, chat.model, *(message.text for message in chat.messages))
    return Talk(
        prompt=prompt,
        whole=whole,
        earlier=tuple(message.text[:MOST_READ].strip() for message in asked[:-1]),
        answers=tuple(m.text for m in chat.messages if m.role == "assistant" and m.text),
        system=system,
        persona=persona,
        provider=chat.provider,
        model=chat.model,
        images=images,
        words=frozenset(_WORD.findall(f"{prompt}\n{system}".lower())),
        number=zlib.crc32("\n".join(said).encode("utf-8", "replace")),
    )
