"""Call: what is sent for a chat, with marks where keys stand."""

import json
import re
from dataclasses import dataclass, field, replace
from typing import Any

from gateway.chat import Chat, Target
from gateway.client import request_of
from gateway.errors import BadRequest
from gateway.headers import Options
from gateway.providers import provider_of

Json = Any

TOKEN = "CF_AIG_TOKEN"
"""Variable that holds the gateway's token, under the name of Cloudflare's own examples."""

OF_THE_CLIENT = frozenset({"accept-encoding", "user-agent"})
"""Headers that every client writes about itself; they aren't part of the call."""


class CannotSay(BadRequest):
    """A language can't make this call; the message says which calls it can make."""


@dataclass(frozen=True, slots=True)
class Variable:
    """The name of an environment variable, where a secret stands in a text."""

    name: str


Part = str | Variable


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request as our own client sends it, without its keys.

    Attributes:
        options: What the request says about the headers; they are among ``headers`` too.
        direct: There is no gateway: the provider itself is asked.
        gateway: Id of the gateway.
        base_url: The gateway, without a slash at the end.
        rest_url: Base of the REST API; ``None`` where there is none.
        body: What the body says; its texts may hold marks, see ``parts``.
        text: The body as it is sent, byte for byte, marks in place of keys.
    """

    chat: Chat
    options: Options
    direct: bool
    gateway: str
    base_url: str
    rest_url: str | None
    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: Json = field(hash=False)
    text: str
    _mark: str

    def parts(self, text: str) -> tuple[Part, ...]:
        """Return a text in pieces: words as they are, and variables in place of marks."""
        pieces = re.split(f"{re.escape(self._mark)}([A-Z0-9_]+)⟧", text)
        found: list[Part] = []
        for index, piece in enumerate(pieces):
            if index % 2:
                found.append(Variable(piece))
            elif piece:
                found.append(piece)
        return tuple(found)

    @property
    def variables(self) -> tuple[str, ...]:
        """Names of the environment variables that the code needs, each once."""
        texts = [value for _, value in self.headers]
        parts = self.parts("\n".join([self.url, self.text, *texts]))
        return tuple(dict.fromkeys(part.name for part in parts if isinstance(part, Variable)))


def needs_gateway(call: Call) -> None:
    """Refuse a call without a gateway, for what only a gateway takes.

    Raises:
        CannotSay: the provider itself is asked.
    """
    if call.direct:
        raise CannotSay("The provider itself was asked, and only a gateway takes this: ask one.")


def call_of(chat: Chat, options: Options, target: Target) -> Call:
    """Return the call that our own client makes for a chat.

    Args:
        target: The gateway. Its keys never get into the call: only whether there are any.

    Raises:
        BadRequest: this chat can't be sent on this route.
    """
    mark = _mark(chat, options, target)
    marked = replace(
        target,
        token=f"{mark}{TOKEN}⟧" if target.token else None,
        keys={slug: f"{mark}{variable_of(slug)}⟧" for slug in target.keys},
    )
    request = request_of(chat, options, marked)
    text = request.body.decode("utf-8")
    return Call(
        chat=chat,
        # A provider that is asked without a gateway gets nothing that is meant for one.
        options=options if target.bases is None else Options(),
        direct=target.bases is not None,
        gateway=target.gateway,
        base_url=target.base_url,
        rest_url=target.rest_url,
        method=request.method,
        url=request.url,
        headers=tuple(
            (name, value) for name, value in request.headers if name.lower() not in OF_THE_CLIENT
        ),
        body=json.loads(text),
        text=text,
        _mark=mark,
    )


def variable_of(slug: str) -> str:
    """Return the environment variable of a provider's key: that of ``.env``, or one like it."""
    row = provider_of(slug)
    if row is not None and row.env_key is not None:
        return row.env_key
    return re.sub(r"[^A-Z0-9]+", "_", slug.upper()) + "_API_KEY"


def _mark(chat: Chat, options: Options, target: Target) -> str:
    """Return what begins a mark: something that nothing in the call says by itself."""
    bare = replace(target, token=target.token and "-", keys=dict.fromkeys(target.keys, "-"))
    request = request_of(chat, options, bare)
    said = f"{request.url}{request.headers}{request.body.decode('utf-8')}"
    mark = "⟦"
    while mark in said:
        mark += "·"
    return mark
