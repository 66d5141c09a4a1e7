"""JavaScript (ES modules for Node): fetch, the openai package, the AI SDK, WebSocket."""

from collections.abc import Iterable
from typing import Any

from gateway.snippets.call import Call, CannotSay
from gateway.snippets.literals import is_exact, javascript_text, javascript_value
from gateway.snippets.message import message_of_call
from gateway.snippets.sdk import CHAT, setup_of

Json = Any

PRINT_CHUNKS = (
    "for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {\n"
    "  process.stdout.write(chunk);\n"
    "}"
)
SPOKEN = frozenset({"model", "messages", "stream", "stream_options"})
"""Members of a body that the AI SDK writes by itself."""

SETTINGS = {
    "temperature": "temperature",
    "top_p": "topP",
    "max_tokens": "maxOutputTokens",
    "stop": "stopSequences",
    "seed": "seed",
}
"""Members of a body, and what the AI SDK calls them."""


def fetch(call: Call) -> str:
    """Write the call with fetch, which Node, browsers and Workers have."""
    body = (
        f"JSON.stringify({javascript_value(call.body, call, 2)})"
        if is_exact(call.body)
        else _text(call.text, call)
    )
    ending = (
        PRINT_CHUNKS if call.chat.stream else "console.log(response.status, await response.text());"
    )
    return (
        f"const response = await fetch({_text(call.url, call)}, {{\n"
        f"  method: {_text(call.method, call)},\n"
        f"  headers: {_headers(call.headers, call, 2)},\n"
        f"  body: {body},\n"
        "});\n"
        f"{ending}\n"
    )


def openai(call: Call) -> str:
    """Write the call with the openai package.

    Raises:
        CannotSay: it isn't a chat in OpenAI's format.
    """
    setup = setup_of(call, CHAT)
    body = javascript_value(_exact({**setup.arguments, **setup.extra}), call)
    lines = [f"baseURL: {_text(setup.base_url, call)},"]
    headers = [f"{_name(name)}: {_text(value, call)}" for name, value in setup.headers]
    if setup.key is None:
        # A package insists on a key and would send it, past the one stored at the gateway.
        lines.append('apiKey: "not sent",')
        headers.insert(0, "Authorization: null")
    else:
        lines.append(f"apiKey: {_text(setup.key, call)},")
    lines.append("maxRetries: 0, // one call, as it was asked")
    if setup.query:
        lines.append(f"defaultQuery: {javascript_value(dict(setup.query), call, 2)},")
    if headers:
        inside = "".join(f"    {header},\n" for header in headers)
        lines.append(f"defaultHeaders: {{\n{inside}  }},")
    made = "".join(f"  {line}\n" for line in lines)
    if call.chat.stream:
        ending = (
            f"const stream = await client.chat.completions.create({body});\n"
            "for await (const chunk of stream) {\n"
            '  process.stdout.write(chunk.choices[0]?.delta?.content ?? "");\n'
            "}"
        )
    else:
        ending = (
            f"const answer = await client.chat.completions.create({body});\n"
            "console.log(answer.choices[0].message.content);"
        )
    return f'import OpenAI from "openai";\n\nconst client = new OpenAI({{\n{made}}});\n\n{ending}\n'


def ai_sdk(call: Call) -> str:
    """Write the call with the AI SDK and its provider for OpenAI's format.

    Raises:
        CannotSay: it isn't a chat in OpenAI's format, or more than texts.
    """
    try:
        setup = setup_of(call, CHAT)
    except CannotSay as error:
        raise CannotSay(str(error).replace("The OpenAI package", "Here the AI SDK")) from None
    if setup.query:
        raise CannotSay("The AI SDK's provider for OpenAI's format takes no query in its address.")
    body = {**setup.arguments, **setup.extra}
    messages = body["messages"]
    if not all(set(m) == {"role", "content"} and isinstance(m["content"], str) for m in messages):
        raise CannotSay("Pictures and tools look different in the AI SDK: take fetch.")
    system = [m["content"] for m in messages[:1] if m["role"] == "system"]
    spoken = messages[len(system) :]
    if any(message["role"] == "system" for message in spoken):
        raise CannotSay("The AI SDK takes one system prompt, before all else: take fetch.")
    lines = [f"  model: gateway({_text(body['model'], call)}),"]
    if system:
        lines.append(f"  system: {_text(system[0], call)},")
    lines.append(f"  messages: {javascript_value(spoken, call, 2)},")
    for name, own in SETTINGS.items():
        if name in body:
            lines.append(f"  {own}: {javascript_value(_exact(body[name]), call, 2)},")
    other = {k: v for k, v in body.items() if k not in SPOKEN and k not in SETTINGS}
    if not call.chat.stream:
        other["stream"] = False
    if other:
        inside = javascript_value({"gateway": _exact(other)}, call, 2)
        lines.append(f"  providerOptions: {inside},")
    lines.append("  maxRetries: 0, // one call, as it was asked")
    settings = "\n".join(lines)
    verb = "streamText" if call.chat.stream else "generateText"
    ending = (
        f"const {{ textStream }} = streamText({{\n{settings}\n}});\n"
        "for await (const text of textStream) {\n  process.stdout.write(text);\n}"
        if call.chat.stream
        else f"const {{ text }} = await generateText({{\n{settings}\n}});\nconsole.log(text);"
    )
    made = ['  name: "gateway",', f"  baseURL: {_text(setup.base_url, call)},"]
    if setup.key is not None:
        made.append(f"  apiKey: {_text(setup.key, call)},")
    if setup.headers:
        made.append(f"  headers: {_headers(setup.headers, call, 2)},")
    if "stream_options" in body:
        made.append("  includeUsage: true,")
    return (
        'import { createOpenAICompatible } from "@ai-sdk/openai-compatible";\n'
        f'import {{ {verb} }} from "ai";\n\n'
        f"const gateway = createOpenAICompatible({{\n{chr(10).join(made)}\n}});\n\n{ending}\n"
    )


def websocket(call: Call) -> str:
    """Write the call as a message over the gateway's WebSocket, for Node 22 or newer.

    Raises:
        CannotSay: the REST endpoint has none.
    """
    address, headers, message = message_of_call(call)
    return (
        "// A browser can't send headers here. There the token is a sub-protocol:\n"
        "// new WebSocket(address, [`cf-aig-authorization.${token}`])\n"
        f"const socket = new WebSocket({_text(address, call)}, {{\n"
        f"  headers: {_headers(headers, call, 2)},\n"
        "});\n"
        f"const message = {javascript_value(_exact(message), call)};\n"
        'socket.addEventListener("open", () => socket.send(JSON.stringify(message)));\n'
        'socket.addEventListener("message", ({ data }) => {\n'
        "  console.log(data);\n"
        "  const answer = JSON.parse(data);\n"
        '  if (answer.type === "universal.stream") return;\n'
        '  if ("response" in answer || answer.type === "universal.done") socket.close();\n'
        "});\n"
    )


def _exact(value: Json) -> Json:
    if not is_exact(value):
        raise CannotSay("JavaScript would change a number as long as this seed: take fetch.")
    return value


def _headers(headers: Iterable[tuple[str, str]], call: Call, indent: int) -> str:
    gap = " " * indent
    inside = "".join(f"{gap}  {_name(name)}: {_text(value, call)},\n" for name, value in headers)
    return f"{{\n{inside}{gap}}}" if inside else "{}"


def _name(name: str) -> str:
    return name if name.isidentifier() else javascript_text((name,))


def _text(value: str, call: Call) -> str:
    return javascript_text(call.parts(value))
