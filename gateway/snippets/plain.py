"""What needs no language: cURL, and the list of a universal request."""

import json
from typing import Any

from gateway.snippets.call import Call, CannotSay, Variable, needs_gateway
from gateway.snippets.literals import json_text, shell_text
from gateway.websocket.messages import message_of

Json = Any

LONGEST_ARGUMENT = 100_000
"""Longer bodies are read from a here-document: Linux takes 128 KiB in one argument."""


def curl(call: Call) -> str:
    """Write the call for a POSIX shell; the body is sent byte for byte as our client sends it.

    Only a body that is too long for an argument gets a newline at its end.
    """
    lines = [f"curl {shell_text(call.parts(call.url))}"]
    if any(letter in call.url for letter in "[]{}"):
        lines.append("--globoff")
    if call.chat.stream:
        lines.append("--no-buffer")
    for name, value in call.headers:
        lines.append(f"-H {shell_text(call.parts(f'{name}: {value}'))}")
    if len(call.text.encode()) <= LONGEST_ARGUMENT:
        lines.append(f"--data-raw {shell_text(call.parts(call.text))}")
        return " \\\n  ".join(lines) + "\n"
    lines.append("--data-binary @- <<BODY")
    body = "".join(
        f"${{{part.name}}}" if isinstance(part, Variable) else _in_document(part)
        for part in call.parts(call.text)
    )
    return " \\\n  ".join(lines) + f"\n{body}\nBODY\n"


def universal(call: Call) -> str:
    """Write the call as the list of steps that the universal endpoint takes, indented.

    It says everything by itself: headers of the request stand in each step, whose own word wins.
    JSON has no variables: ``$NAME`` stands for a key.

    Raises:
        CannotSay: it goes to the REST endpoint, or to no gateway.
    """
    needs_gateway(call)
    if call.chat.route == "rest":
        raise CannotSay("The universal endpoint calls providers by their own paths, not REST's.")
    message = message_of(call.url, call.headers, call.text, base=call.base_url)
    steps = message["request"]
    text = json.dumps(steps if isinstance(steps, list) else [steps], ensure_ascii=False)
    named = "".join(
        f"${part.name}" if isinstance(part, Variable) else part for part in call.parts(text)
    )
    return json_text(json.loads(named)) + "\n"


def _in_document(text: str) -> str:
    """Escape what a shell would read in a here-document."""
    return text.replace("\\", "\\\\").replace("$", "\\$").replace("`", "\\`")
