"""What a body format is: four directions, each written in one place.

             client side                server side
request      body(chat)                 read(body)
answer       reply(body), delta(event)  answer(completion), writer(...)
"""

from typing import Any, Protocol

from gateway.chat import Chat, Completion, Delta, Finish, Usage
from gateway.sse import Event

Json = Any


class StreamWriter(Protocol):
    """One streamed answer on its way out: deltas in, the provider's event bytes out."""

    def start(self) -> bytes:
        """Return what precedes the first delta; may be nothing."""
        ...

    def write(self, delta: Delta) -> bytes:
        """Return what this delta adds. Its finish and usage are left to ``end``."""
        ...

    def end(self, finish: Finish, usage: Usage) -> bytes:
        """Return the end of the stream: finish, usage where clients look for it, the last mark."""
        ...

    def broken(self, message: str) -> bytes:
        """Return how this provider says in mid-stream that it failed."""
        ...


class Dialect(Protocol):
    """One body format."""

    @property
    def name(self) -> str:
        """Its key in ``DIALECTS``."""
        ...

    def path(self, chat: Chat) -> str:
        """Return the provider path of a chat: what follows the slug, without a slash in front."""
        ...

    def body(self, chat: Chat) -> dict[str, Json]:
        """Write a chat. What the format has no word for is left out."""
        ...

    def read(self, body: Json, *, provider: str, path: str = "") -> Chat:
        """Read a chat; members that we don't know are skipped.

        Args:
            path: Provider path; some formats name model and streaming there.

        Raises:
            BadRequest: a member is missing or isn't what the format says.
        """
        ...

    def answer(self, completion: Completion, *, created: int, flavour: str = "") -> dict[str, Json]:
        """Write a whole answer.

        Args:
            created: Seconds since the epoch.
            flavour: Slug of the provider, where providers differ within one format.
        """
        ...

    def reply(self, body: Json) -> Completion:
        """Read a whole answer.

        Raises:
            BadAnswer: it isn't what the format promises.
        """
        ...

    def usage(self, body: Json) -> Usage:
        """Read only the token counts of a whole answer; it needs no more to be one.

        Raises:
            BadAnswer: a count isn't what the format promises.
        """
        ...

    def delta(self, event: Event) -> Delta:
        """Read one event of a streamed answer. ``[DONE]`` adds nothing.

        Raises:
            BadAnswer: it isn't what the format promises.
        """
        ...

    def writer(
        self,
        *,
        id: str,
        model: str,
        created: int,
        chat: Chat,
        flavour: str = "",
        usage: Usage = Usage(),
    ) -> StreamWriter:
        """Return the writer of one streamed answer to a chat.

        Args:
            usage: What is known at the start: Anthropic reports input tokens there.
        """
        ...

    def error(self, status: int, message: str) -> dict[str, Json]:
        """Write the error body that this provider sends with a status."""
        ...

    def error_message(self, body: Json) -> str | None:
        """Return the words of an error body, ours or another's; ``None`` where it has none."""
        ...
