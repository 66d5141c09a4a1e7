"""What we ask: messages, tools, and the chat that holds them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Self

from gateway.headers import Options

Json = Any
Role = Literal["system", "user", "assistant", "tool"]
Route = Literal["native", "compat", "universal", "rest"]
Transport = Literal["http", "websocket"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A picture in a message: its bytes, or the address where a provider shall fetch them.

    Attributes:
        data: Base64 without a prefix; empty where ``url`` is given.
        url: An http or https address.
    """

    media_type: str = ""
    data: str = ""
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """A call that the model asks for. ``arguments`` is JSON text, as it came."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A function that the model may call. ``parameters`` is a JSON schema."""

    name: str
    description: str = ""
    parameters: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message. A ``tool`` message answers the call ``tool_call_id``."""

    role: Role
    text: str = ""
    images: tuple[Image, ...] = ()
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a fallback list: where to ask, and what this step says about the headers."""

    provider: str
    model: str
    options: Options = Options()


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """What we ask.

    Attributes:
        provider: Slug of the provider table.
        route: Endpoint shape: the provider's own path, /compat, the universal array, or REST.
        transport: Over a request of its own, or over the connection that the gateway's chats share.
        stream: Whether the answer shall arrive piece by piece.
        tool_choice: "auto", "none", "required", or the name of one tool.
        schema: JSON schema that the answer must fit; ``None`` for free text.
        steps: Fallback list of the universal route; empty means one step, the chat's own.
        usage_asked: Whether a stream shall end with token counts (OpenAI's ``include_usage``).
    """

    provider: str
    model: str
    messages: tuple[Message, ...]
    route: Route = "native"
    transport: Transport = "http"
    stream: bool = True
    temperature: float | None = None
    max_tokens: int | None = None
    top_p: float | None = None
    stop: tuple[str, ...] = ()
    seed: int | None = None
    tools: tuple[Tool, ...] = ()
    tool_choice: str | None = None
    schema: Mapping[str, Json] | None = None
    schema_name: str = "answer"
    steps: tuple[Step, ...] = ()
    usage_asked: bool = True

    @property
    def prompt(self) -> str:
        """Text of the newest user message; empty where there is none."""
        return next((m.text for m in reversed(self.messages) if m.role == "user"), "")

    def at(self, step: Step) -> Self:
        """Return this chat as one step asks it: its provider and model, no list."""
        return replace(self, provider=step.provider, model=step.model, steps=())

    def answering(self, index: int | None) -> Step:
        """Return the step that a reply's step index means; the first where it says none."""
        steps = self.all_steps if self.route == "universal" else ()
        if index is not None and 0 <= index < len(steps):
            return steps[index]
        return steps[0] if steps else Step(provider=self.provider, model=self.model)

    @property
    def all_steps(self) -> tuple[Step, ...]:
        """The fallback list, never empty."""
        return self.steps or (Step(provider=self.provider, model=self.model),)


def say(text: str, *, system: str | None = None) -> tuple[Message, ...]:
    """Return the messages of a first turn: an optional system prompt and the user's text."""
    first = (Message(role="system", text=system),) if system else ()
    return (*first, Message(role="user", text=text))
