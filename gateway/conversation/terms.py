"""Terms: how a question is asked, apart from who is asked. Every setting has one name.

The names are the fields of ``Terms``, and in place of ``options`` the headers' own fields: so a
column can differ from the others in one header only.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Self

from gateway.chat import Chat, Message, Route, Step, Tool, Transport
from gateway.errors import BadRequest
from gateway.headers import HEADERS, Options

Json = Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How a question is asked.

    Attributes:
        target: Name of the gateway, one of ``Workbench.targets``.
        history: Whether the turns before travel with the question. Without them equal questions
            have equal bodies, and can meet in a gateway's cache.
        system: System prompt; empty for none.
        temperature: From 0 to 2; ``None`` leaves it to the model, as below.
        top_p: From 0 to 1.
        schema: JSON schema that the answer must fit.
        fallbacks: Asked one after the other where the column's own model fails. Such a list goes
            over the universal endpoint, whatever ``route`` says.

    Raises:
        BadRequest: a value that no provider would take.
    """

    target: str = "local"
    route: Route = "native"
    transport: Transport = "http"
    stream: bool = True
    history: bool = True
    options: Options = Options()
    system: str = ""
    temperature: float | None = None
    max_tokens: int | None = None
    top_p: float | None = None
    stop: tuple[str, ...] = ()
    seed: int | None = None
    schema: Mapping[str, Json] | None = None
    tools: tuple[Tool, ...] = ()
    fallbacks: tuple[Step, ...] = ()

    def __post_init__(self) -> None:
        _within("Temperature", self.temperature, 0, 2)
        _within("Top P", self.top_p, 0, 1)
        if self.max_tokens is not None and self.max_tokens < 1:
            raise BadRequest("Max output tokens must be at least 1.")

    def chat(self, provider: str, model: str, messages: tuple[Message, ...]) -> Chat:
        """Return the chat that asks a model on these terms."""
        own = Step(provider=provider, model=model)
        return Chat(
            provider=provider,
            model=model,
            messages=messages,
            route="universal" if self.fallbacks else self.route,
            transport=self.transport,
            stream=self.stream,
            temperature=self.temperature,
            max_tokens=self.max_tokens,
            top_p=self.top_p,
            stop=self.stop,
            seed=self.seed,
            tools=self.tools,
            schema=self.schema,
            steps=(own, *self.fallbacks) if self.fallbacks else (),
        )

    def value(self, name: str) -> Any:
        """Return one setting."""
        return getattr(self.options if name in HEADERS else self, name)

    def changed(self, values: Mapping[str, Any]) -> Self:
        """Return these terms with other values for some settings; ``None`` states no header.

        Raises:
            BadRequest, HeaderError: a value isn't one that the setting takes.
            KeyError: there is no such setting.
        """
        for name in values:
            if name not in SETTINGS:
                raise KeyError(name)
        headers = {name: value for name, value in values.items() if name in HEADERS}
        others = {name: value for name, value in values.items() if name not in HEADERS}
        if headers:
            others["options"] = replace(self.options, **headers)
        return replace(self, **others)


SETTINGS: tuple[str, ...] = (
    *(field.name for field in fields(Terms) if field.name != "options"),
    *HEADERS,
)
"""The names of all settings."""


def _within(label: str, value: float | None, low: float, high: float) -> None:
    if value is not None and not low <= value <= high:
        raise BadRequest(f"{label} must be from {low:g} to {high:g}.")
