"""The languages that a call can be written in, and the one function that writes it."""

from collections.abc import Callable
from dataclasses import dataclass

from gateway.snippets import javascript, plain, python, worker
from gateway.snippets.call import Call, CannotSay


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """One row of the table.

    Attributes:
        id: Stable name.
        title: What people call it.
        highlight: Name of its syntax.
        needs: What must be there to run it, as a command or a few words.
        body: Whether the body equals our client's byte for byte, or only as JSON.
        tested: Whether tests run what is written; else only its types are checked.
    """

    id: str
    title: str
    highlight: str
    needs: str
    body: str
    speak: Callable[[Call], str]
    tested: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """Code, or why there is none.

    Attributes:
        code: ``None`` where the language can't make the call; then ``why`` says which calls it can.
        variables: Environment variables that it reads.
    """

    language: Language
    code: str | None
    why: str | None
    variables: tuple[str, ...]


BYTES, JSON = "byte for byte", "as JSON"

LANGUAGES: dict[str, Language] = {
    row.id: row
    for row in (
        Language(
            id="curl", title="cURL", highlight="bash", needs="curl", body=BYTES, speak=plain.curl
        ),
        Language(
            id="python-httpx",
            title="Python · httpx",
            highlight="python",
            needs="pip install httpx",
            body=BYTES,
            speak=python.httpx,
        ),
        Language(
            id="python-openai",
            title="Python · openai",
            highlight="python",
            needs="pip install openai",
            body=JSON,
            speak=python.openai,
        ),
        Language(
            id="python-anthropic",
            title="Python · anthropic",
            highlight="python",
            needs="pip install anthropic",
            body=JSON,
            speak=python.anthropic,
        ),
        Language(
            id="js-fetch",
            title="JavaScript · fetch",
            highlight="javascript",
            needs="Node 18 or newer, no package",
            body=JSON,
            speak=javascript.fetch,
        ),
        Language(
            id="js-openai",
            title="JavaScript · openai",
            highlight="javascript",
            needs="npm install openai",
            body=JSON,
            speak=javascript.openai,
        ),
        Language(
            id="js-ai-sdk",
            title="JavaScript · AI SDK",
            highlight="javascript",
            needs="npm install ai @ai-sdk/openai-compatible",
            body=JSON,
            speak=javascript.ai_sdk,
        ),
        Language(
            id="worker",
            title="Worker binding",
            highlight="typescript",
            needs='a Worker with the binding "ai": {"binding": "AI"}',
            body=JSON,
            speak=worker.binding,
            tested=False,
        ),
        Language(
            id="python-websocket",
            title="WebSocket · Python",
            highlight="python",
            needs="pip install websockets",
            body=JSON,
            speak=python.websockets,
        ),
        Language(
            id="js-websocket",
            title="WebSocket · JavaScript",
            highlight="javascript",
            needs="Node 22 or newer, no package",
            body=JSON,
            speak=javascript.websocket,
        ),
        Language(
            id="universal",
            title="Universal JSON",
            highlight="json",
            needs="keys in place of the names after $",
            body=JSON,
            speak=plain.universal,
        ),
    )
}
"""Every language by id, in the order in which they are offered."""


def write(language: str, call: Call) -> Snippet:
    """Write a call in one of ``LANGUAGES``."""
    row = LANGUAGES[language]
    try:
        code = row.speak(call)
    except CannotSay as error:
        return Snippet(language=row, code=None, why=str(error), variables=())
    return Snippet(
        language=row,
        code=code,
        why=None,
        variables=tuple(name for name in call.variables if name in code),
    )
