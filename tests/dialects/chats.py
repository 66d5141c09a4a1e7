"""Chats, answers and streams for the property tests of the dialects."""

import orjson
from hypothesis import strategies as st

from gateway.chat import (
    Chat,
    Completion,
    Delta,
    Image,
    Message,
    Tool,
    ToolCall,
    ToolCallPart,
    Usage,
)

WORDS = st.text(max_size=20)
NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,11}", fullmatch=True).filter(
    lambda name: name not in ("auto", "none", "required", "any")
)
COUNTS = st.integers(0, 100_000)
SETTINGS = st.none() | st.floats(0, 2)
OBJECTS = st.dictionaries(NAMES, st.integers(-9, 9) | WORDS | st.booleans(), max_size=3)
ARGUMENTS = OBJECTS.map(lambda given: orjson.dumps(given).decode())
SCHEMAS = NAMES.map(lambda name: {"type": "object", "properties": {name: {"type": "string"}}})
IMAGES = st.builds(
    Image, media_type=st.sampled_from(["image/png", "image/jpeg"]), data=st.just("aGk=")
) | st.just(Image(url="https://pictures.example/cat.png"))
CALLS = st.lists(
    st.builds(ToolCall, id=NAMES, name=NAMES, arguments=ARGUMENTS),
    max_size=3,
    unique_by=lambda call: call.id,
).map(tuple)
TOOLS = st.lists(
    st.builds(Tool, name=NAMES, description=WORDS, parameters=SCHEMAS), max_size=2
).map(tuple)

USER = st.builds(
    Message, role=st.just("user"), text=WORDS, images=st.lists(IMAGES, max_size=2).map(tuple)
)
ASSISTANT = st.builds(Message, role=st.just("assistant"), text=WORDS, tool_calls=CALLS)
RESULT = st.builds(Message, role=st.just("tool"), text=WORDS, tool_call_id=NAMES)
SYSTEM = st.builds(Message, role=st.just("system"), text=WORDS)


@st.composite
def chats(draw, provider="openai", model="some-model"):
    """A chat with everything that all formats can carry."""
    opening = draw(st.lists(SYSTEM, max_size=1))
    turns = draw(st.lists(USER | ASSISTANT | RESULT, min_size=1, max_size=5))
    temperature = draw(SETTINGS)
    return Chat(
        provider=provider,
        model=model,
        messages=(*opening, *turns),
        stream=draw(st.booleans()),
        temperature=temperature,
        max_tokens=draw(st.integers(1, 9999)),
        top_p=None if temperature is not None else draw(SETTINGS),
        stop=tuple(draw(st.lists(NAMES, max_size=2))),
        tools=draw(TOOLS),
        tool_choice=draw(st.none() | st.sampled_from(["auto", "none", "required"]) | NAMES),
        schema=draw(st.none() | SCHEMAS),
    )


@st.composite
def usages(draw):
    """Token counts that add up, with no word about the writing of prompt caches."""
    cached, reasoning = draw(st.none() | COUNTS), draw(st.none() | COUNTS)
    return Usage(
        tokens_in=draw(COUNTS) + (cached or 0),
        tokens_out=draw(COUNTS) + (reasoning or 0),
        cached_in=cached,
        reasoning=reasoning,
    )


@st.composite
def completions(draw):
    """A whole answer."""
    calls = draw(CALLS)
    return Completion(
        text=draw(WORDS),
        tool_calls=calls,
        reasoning=draw(WORDS),
        finish="tool_calls" if calls else draw(st.sampled_from(["stop", "length"])),
        usage=draw(usages()),
        model=draw(NAMES),
        id=draw(NAMES),
    )


@st.composite
def streams(draw):
    """Deltas as a model makes them: reasoning, then text, then calls, each in pieces."""
    deltas = [Delta(reasoning=piece) for piece in draw(st.lists(WORDS, max_size=3))]
    deltas += [Delta(text=piece) for piece in draw(st.lists(WORDS, max_size=4))]
    for index, call in enumerate(draw(CALLS)):
        cut = draw(st.integers(0, len(call.arguments)))
        first, rest = call.arguments[:cut], call.arguments[cut:]
        deltas.append(
            Delta(
                tool_calls=(ToolCallPart(index=index, id=call.id, name=call.name, arguments=first),)
            )
        )
        deltas.append(Delta(tool_calls=(ToolCallPart(index=index, arguments=rest),)))
    return deltas


@st.composite
def cuts(draw, data):
    """Bytes, cut anywhere."""
    places = sorted(draw(st.lists(st.integers(0, len(data)), max_size=8)))
    return [data[a:b] for a, b in zip([0, *places], [*places, len(data)], strict=True)]


NONSENSE = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False) | st.just("text"),
    lambda inside: (
        st.lists(inside, max_size=2)
        | st.dictionaries(st.sampled_from(["type", "text", "function", "name"]), inside, max_size=2)
    ),
    max_leaves=6,
)


def _places(value, way=()):
    """Every place inside a JSON value, the value itself included."""
    deeper = ()
    if isinstance(value, dict | list):
        deeper = value.items() if isinstance(value, dict) else enumerate(value)
    return [way, *(place for key, entry in deeper for place in _places(entry, (*way, key)))]


@st.composite
def spoiled(draw, value):
    """A good JSON value with nonsense at one place."""
    places = _places(value)
    *way, last = draw(st.sampled_from(places[1:]))
    copy = inside = orjson.loads(orjson.dumps(value))
    for key in way:
        inside = inside[key]
    inside[last] = draw(NONSENSE)
    return copy
