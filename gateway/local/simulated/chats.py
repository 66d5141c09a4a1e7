"""Chats: any dialect's request becomes an answer in the same dialect, whole or streamed."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from random import Random
from typing import Any

import orjson

from gateway.chat import Chat, Completion, Delta, Finish, ToolCall, ToolCallPart, Usage
from gateway.dialects import DIALECTS, Dialect
from gateway.errors import BadRequest
from gateway.local.clock import chance
from gateway.local.simulated import tools
from gateway.local.simulated.hints import Hints
from gateway.local.simulated.models import missing_model
from gateway.local.simulated.pace import profile_of
from gateway.local.simulated.persona import Persona, persona_of
from gateway.local.simulated.said import SSE_TYPE, Asked, Said, parsed, said, tokens_for, tokens_of
from gateway.local.simulated.schema import sample
from gateway.local.simulated.voice import material_for, words_for

Json = Any
IMAGE_TOKENS = {"openai": 765, "responses": 765, "anthropic": 1568, "google": 258}
"""What one picture costs, by dialect: about what the real ones charge for 1024 x 1024 pixels."""
MESSAGE_TOKENS = 4
"""What the frame of one message costs."""
REMEMBERED = 16_384
"""Bodies up to this many bytes are remembered with their answers."""
_IDS = {
    "openai": "chatcmpl-{0:.29}",
    "responses": "resp_{0}",
    "anthropic": "msg_01{0:.22}",
    "google": "{0:.22}",
}
_CALL_IDS = {"openai": "call_{0:.24}", "anthropic": "toolu_01{0:.22}", "google": "{0:.8}"}
_PIECE = re.compile(r"\s*\S+|\s+")


def chat(asked: Asked, dialect: Dialect) -> Said:
    """Answer a chat.

    Raises:
        BadRequest: the body isn't a chat of this dialect.
    """
    read = _remembered if len(asked.raw) <= REMEMBERED else _answered
    chat, completion = read(asked.raw, asked.provider.slug, asked.path, dialect.name, asked.seed)
    refused = missing_model(asked.provider, asked.path, chat.model)
    if refused is not None:
        return refused
    completion = replace(completion, id=_IDS.get(dialect.name, "{0}").format(asked.id))
    # Hidden reasoning is in the profile's time to the first token already.
    hidden = 0 if completion.reasoning else completion.usage.reasoning or 0
    tokens = (completion.usage.tokens_out or 0) - hidden
    if chat.stream:
        pieces = streamed(asked, dialect, chat, completion)
        headers = SSE_TYPE
        if dialect.name == "google" and asked.query.get("alt") != "sse":
            pieces, headers = _as_list(pieces), (("content-type", "application/json"),)
        return Said(headers=headers, pieces=pieces, tokens=tokens, model=chat.model)
    body = dialect.answer(completion, created=asked.created, flavour=asked.provider.slug)
    return said(extras(asked, body), tokens=tokens, model=chat.model)


def _answered(
    raw: bytes, provider: str, path: str, dialect: str, seed: int
) -> tuple[Chat, Completion]:
    chat = DIALECTS[dialect].read(parsed(raw), provider=provider, path=path)
    if chat.max_tokens is not None and chat.max_tokens < 1:
        raise BadRequest("The limit of tokens must be at least 1")
    return chat, complete(chat, dialect, seed)


_remembered = lru_cache(maxsize=256)(_answered)


def complete(chat: Chat, dialect: str, seed: int) -> Completion:
    """Return what the model answers, without an id.

    Token counts are estimates: one for about four characters, pictures and message frames extra.

    Raises:
        BadRequest: a tool's schema or the wanted one can't be used.
    """
    persona = persona_of(chat.provider, chat.model)
    text, reasoning, thought = "", "", 0
    finish: Finish = "stop"
    calls: tuple[ToolCall, ...] = ()
    if chat.tools or chat.schema is not None or persona.reasons:
        random = chance(seed, chat.provider, chat.model, *(m.text for m in chat.messages))
        call_id = _CALL_IDS.get(dialect, "call_{0:.24}").format(random.randbytes(16).hex())
        calls = tools.called(chat, _hints(chat, seed), random, id=call_id) if chat.tools else ()
        if chat.schema is not None and not calls:
            value = sample(dict(chat.schema), _hints(chat, seed), random)
            text = orjson.dumps(value).decode()
        thought = _thoughts(chat, persona, random)
    if persona.shows_reasoning:
        reasoning = _reasoning(chat)
        thought = tokens_of(reasoning)
    if calls:
        finish = "tool_calls"
    else:
        text = text or tools.words_after(chat) or words_for(chat, seed)
    text, finish = _cut(chat, text, finish, thought)
    tokens_out = thought + sum(tokens_of(call.arguments) + 8 for call in calls)
    tokens_out += tokens_of(text) if text or not calls else 0
    return Completion(
        text=text,
        tool_calls=calls,
        reasoning=reasoning,
        finish=finish,
        usage=Usage(
            tokens_in=tokens_in(chat, dialect),
            tokens_out=tokens_out,
            reasoning=thought if persona.reasons else None,
        ),
        model=chat.model,
    )


def tokens_in(chat: Chat, dialect: str) -> int:
    """Estimate the tokens of a request."""
    words = sum(tokens_of(m.text) + MESSAGE_TOKENS for m in chat.messages)
    calls = sum(tokens_of(c.arguments) for m in chat.messages for c in m.tool_calls)
    pictures = sum(len(m.images) for m in chat.messages) * IMAGE_TOKENS.get(dialect, 600)
    declared = sum(
        tokens_of(f"{tool.name}{tool.description}") + len(orjson.dumps(dict(tool.parameters))) // 4
        for tool in chat.tools
    )
    return words + calls + pictures + declared


def _hints(chat: Chat, seed: int) -> Hints:
    material = material_for(chat, seed)
    sentences = (material.lead, *(text for _, text in material.points), material.close)
    return Hints(
        chat.prompt[:4000],
        subject=material.title,
        sentences=tuple(sentence for sentence in sentences if sentence),
    )


def _thoughts(chat: Chat, persona: Persona, random: Random) -> int:
    """Return the tokens spent on reasoning: at most a quarter of what the answer may take."""
    if not persona.reasons:
        return 0
    drawn = int(random.lognormvariate(4.6, 0.5)) + (64 if persona.large else 0)
    return drawn if chat.max_tokens is None else min(drawn, chat.max_tokens // 4)


def _reasoning(chat: Chat) -> str:
    """Return the reasoning that some providers send along; bounded as ``_thoughts`` is."""
    words = " ".join(chat.prompt[:400].split()[:24])
    text = (
        f'The question is: "{words}". First I settle what is asked for, then which form suits it, '
        "and then I write only what answers it."
    )
    # A quarter of the tokens, at four characters each.
    return text if chat.max_tokens is None else text[: chat.max_tokens]


def _cut(chat: Chat, text: str, finish: Finish, thought: int) -> tuple[str, Finish]:
    """Cut at the first stop sequence and at the limit of tokens, whichever comes first."""
    for word in chat.stop:
        if word and (at := text.find(word)) >= 0:
            text = text[:at]
    if chat.max_tokens is not None and finish == "stop":
        most = max(0, chat.max_tokens - thought) * 4
        if len(text) > most:
            return text[:most], "length"
    return text, finish


def streamed(
    asked: Asked, dialect: Dialect, chat: Chat, completion: Completion
) -> Iterator[tuple[int, bytes]]:
    """Yield tokens and bytes of each event, made as they are read."""
    writer = dialect.writer(
        id=completion.id or "",
        model=chat.model,
        created=asked.created,
        chat=chat,
        flavour=asked.provider.slug,
        usage=Usage(tokens_in=completion.usage.tokens_in),
    )
    size = 4 * profile_of(asked.provider.slug, chat.model).tokens_per_chunk
    before = writer.start()
    for tokens, delta in _deltas(completion, size):
        out = writer.write(delta)
        if out:
            yield tokens, before + out
            before = b""
    finish = completion.finish or "stop"
    yield 0, before + writer.end(finish, completion.usage)


def _deltas(completion: Completion, size: int) -> Iterator[tuple[int, Delta]]:
    for tokens, piece in _counted(completion.reasoning, size):
        yield tokens, Delta(reasoning=piece)
    for tokens, piece in _counted(completion.text, size):
        yield tokens, Delta(text=piece)
    for index, call in enumerate(completion.tool_calls):
        yield 8, Delta(tool_calls=(ToolCallPart(index=index, id=call.id, name=call.name),))
        for begin in range(0, len(call.arguments), 16):
            part = call.arguments[begin : begin + 16]
            delta = Delta(tool_calls=(ToolCallPart(index=index, arguments=part),))
            yield tokens_of(part), delta


def _counted(text: str, size: int) -> Iterator[tuple[int, str]]:
    """Yield pieces with their tokens, which add up to those of the text: a stream takes as long."""
    told = end = 0
    for piece in pieces_of(text, size):
        end += len(piece)
        so_far = tokens_for(end)
        yield so_far - told, piece
        told = so_far


def pieces_of(text: str, size: int) -> Iterator[str]:
    """Yield a text in pieces of whole words, each of about so many characters."""
    piece = ""
    for word in _PIECE.findall(text):
        piece += word
        if len(piece) >= size:
            yield piece
            piece = ""
    if piece:
        yield piece


def _as_list(pieces: Iterator[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
    """Turn events into the entries of one JSON list, as Google streams without ``alt=sse``."""
    before = b"["
    for tokens, events in pieces:
        entries = [event.removeprefix(b"data: ") for event in events.split(b"\n\n") if event]
        yield tokens, before + b",\n".join(entries)
        before = b",\n"
    yield 0, b"]" if before != b"[" else b"[]"


def extras(asked: Asked, body: dict[str, Json]) -> dict[str, Json]:
    """Add the members that only some providers have in a whole answer."""
    match asked.provider.slug:
        case "perplexity-ai":
            return {**body, "citations": list(CITATIONS)}
        case "openrouter":
            return {**body, "provider": "Simulated"}
    return body


CITATIONS = ("https://example.com/simulated-source-1", "https://example.com/simulated-source-2")
"""Addresses that are reserved for examples: a simulated model has read nothing."""
