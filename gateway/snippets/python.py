"""Python: httpx, the openai and anthropic packages, websockets."""

from collections.abc import Iterable
from typing import Any

from gateway.snippets.call import Call
from gateway.snippets.literals import python_text, python_value
from gateway.snippets.message import message_of_call
from gateway.snippets.sdk import CHAT, MESSAGES, Setup, setup_of

Json = Any

AUTHORIZATION, API_KEY = "Authorization", "X-Api-Key"
"""Headers in which a package sends its key."""


def httpx(call: Call) -> str:
    """Write the call with httpx; the body is sent byte for byte as our client sends it."""
    address = python_text(call.parts(call.url))
    arguments = (
        f"    {address},\n"
        f"    headers={_object(call.headers, call)},\n"
        f"    json={python_value(call.body, call, 4)},\n"
        f"    timeout=120,\n"
    )
    if call.chat.stream:
        ending = (
            f"with httpx.stream(\n    {_quoted(call.method)},\n{arguments}) as response:\n"
            "    for line in response.iter_lines():\n"
            "        print(line)"
        )
    else:
        ending = f"response = httpx.post(\n{arguments})\nprint(response.status_code, response.text)"
    return _script(["import httpx"], ending)


def openai(call: Call) -> str:
    """Write the call with the openai package.

    Raises:
        CannotSay: it isn't a chat in OpenAI's format.
    """
    setup = setup_of(call, CHAT)
    unsent = (AUTHORIZATION,) if setup.key is None else ()
    client = _client(call, setup)
    if call.chat.stream:
        ending = (
            f"stream = client.chat.completions.create(\n{_arguments(call, setup, unsent)})\n"
            "for chunk in stream:\n"
            "    if chunk.choices:\n"
            '        print(chunk.choices[0].delta.content or "", end="", flush=True)'
        )
    else:
        ending = (
            f"answer = client.chat.completions.create(\n{_arguments(call, setup, unsent)})\n"
            "print(answer.choices[0].message.content)"
        )
    return _script(
        [f"from openai import OpenAI{', omit' if unsent else ''}"],
        f"client = OpenAI({client})\n{ending}",
    )


def anthropic(call: Call) -> str:
    """Write the call with the anthropic package.

    Raises:
        CannotSay: it isn't Anthropic's own route.
    """
    setup = setup_of(call, MESSAGES)
    # Newer versions of the package send their key as Authorization, older ones as X-Api-Key: said
    # in both places, and left away in the wrong one, it is right for all.
    unsent = (API_KEY, AUTHORIZATION) if setup.key is None else (AUTHORIZATION,)
    client = _client(call, setup, own=API_KEY)
    if call.chat.stream:
        ending = (
            f"stream = client.messages.create(\n{_arguments(call, setup, unsent)})\n"
            "for event in stream:\n"
            '    if event.type == "content_block_delta" and event.delta.type == "text_delta":\n'
            '        print(event.delta.text, end="", flush=True)'
        )
    else:
        ending = (
            f"answer = client.messages.create(\n{_arguments(call, setup, unsent)})\n"
            'print("".join(block.text for block in answer.content if block.type == "text"))'
        )
    return _script(
        ["from anthropic import Anthropic, omit"], f"client = Anthropic({client})\n{ending}"
    )


def websockets(call: Call) -> str:
    """Write the call as a message over the gateway's WebSocket.

    Raises:
        CannotSay: the REST endpoint has none.
    """
    address, headers, message = message_of_call(call)
    return _script(
        ["import json", "", "from websockets.sync.client import connect"],
        f"message = {python_value(message, call)}\n"
        "with connect(\n"
        f"    {_quoted(address)},\n"
        f"    additional_headers={_object(headers, call)},\n"
        ") as socket:\n"
        "    socket.send(json.dumps(message))\n"
        "    for text in socket:\n"
        "        print(text)\n"
        "        answer = json.loads(text)\n"
        '        if answer["type"] != "universal.stream" and (\n'
        '            "response" in answer or answer["type"] == "universal.done"\n'
        "        ):\n"
        "            break",
    )


def _client(call: Call, setup: Setup, own: str | None = None) -> str:
    """Return the arguments that make the client, a line each.

    Args:
        own: A header that carries the key, besides the place where the package puts it.
    """
    lines = [f"base_url={_quoted(setup.base_url)},"]
    headers = [f"{_quoted(name)}: {_text(value, call)}" for name, value in setup.headers]
    if setup.key is None:
        lines.append('api_key="not sent",')
    else:
        lines.append(f"api_key={_text(setup.key, call)},")
        if own is not None:
            headers.insert(0, f"{_quoted(own)}: {_text(setup.key, call)}")
    lines.append("max_retries=0,  # one call, as it was asked")
    if setup.query:
        lines.append(f"default_query={python_value(dict(setup.query), call, 4)},")
    if headers:
        inside = "".join(f"        {header},\n" for header in headers)
        lines.append(f"default_headers={{\n{inside}    }},")
    made = "".join(f"    {line}\n" for line in lines)
    return f"\n{made}"


def _arguments(call: Call, setup: Setup, unsent: Iterable[str]) -> str:
    """Return the arguments of the package's method, a line each.

    Args:
        unsent: Headers that the package must leave away.
    """
    lines = [f"{name}={python_value(value, call, 4)}," for name, value in setup.arguments.items()]
    if setup.extra:
        lines.append(f"extra_body={python_value(setup.extra, call, 4)},")
    if unsent:
        omitted = ", ".join(f"{_quoted(name)}: omit" for name in unsent)
        why = "  # no key is sent" if setup.key is None else ""
        lines.append(f"extra_headers={{{omitted}}},{why}")
    return "".join(f"    {line}\n" for line in lines)


def _script(imports: Iterable[str], code: str) -> str:
    lines = list(imports)
    if "os.environ[" in code:
        lines = ["import os", "", *lines] if "import json" not in lines else lines
        if lines[0] == "import json":
            lines.insert(1, "import os")
    return "\n".join(lines) + "\n\n" + code + "\n"


def _object(headers: Iterable[tuple[str, str]], call: Call) -> str:
    inside = "".join(f"        {_quoted(name)}: {_text(value, call)},\n" for name, value in headers)
    return f"{{\n{inside}    }}" if inside else "{}"


def _text(value: str, call: Call) -> str:
    return python_text(call.parts(value))


def _quoted(text: str) -> str:
    return python_text((text,))
