"""chats: in every dialect an answer can be read back, whole and streamed, and usage adds up."""

import orjson
import pytest

from gateway.chat import Chat, Gathered, Image, Message, Tool, say
from gateway.dialects import dialect_for
from gateway.local.simulated.chats import complete, pieces_of
from gateway.local.simulated.said import tokens_of
from gateway.sse import Decoder

pytestmark = pytest.mark.anyio

MODELS = [
    ("openai", "gpt-4o-mini"),
    ("openai", "gpt-5-mini"),
    ("anthropic", "claude-sonnet-4-5"),
    ("google-ai-studio", "gemini-2.5-flash"),
    ("google-vertex-ai", "gemini-2.5-pro"),
    ("workers-ai", "@cf/meta/llama-3.1-8b-instruct"),
    ("groq", "openai/gpt-oss-120b"),
    ("mistral", "mistral-large-latest"),
    ("deepseek", "deepseek-reasoner"),
    ("custom-mine", "m"),
]
each_model = pytest.mark.parametrize(("provider", "model"), MODELS)
WEATHER = Tool(
    name="get_weather",
    description="Tells the weather of a city.",
    parameters={
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
    },
)
PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer", "minimum": 0}},
    "required": ["name", "age"],
    "additionalProperties": False,
}


def asking(provider, model, text="Explain jitter", **settings):
    return Chat(provider=provider, model=model, messages=say(text), **settings)


async def asked(caller, chat):
    """Send a chat in its provider's dialect; return it as read back, and the bytes."""
    dialect = dialect_for(chat.provider, "chat/completions")
    if chat.provider in ("anthropic", "google-ai-studio", "google-vertex-ai", "workers-ai"):
        paths = {
            "anthropic": "v1/messages",
            "google-ai-studio": "models/m:generateContent",
            "google-vertex-ai": "models/m:generateContent",
            "workers-ai": "@cf/m",
        }
        dialect = dialect_for(chat.provider, paths[chat.provider])
    answer = await caller.ask(chat.provider, dialect.path(chat), dialect.body(chat))
    assert answer.status == 200, answer.body
    if not chat.stream:
        return dialect.reply(answer.json), answer
    gathered, decoder = Gathered(), Decoder()
    for event in decoder.feed(answer.body) + decoder.close():
        gathered.add(dialect.delta(event))
    return gathered.completion(), answer


@each_model
async def test_stream_says_what_the_whole_answer_says(caller, provider, model):
    """Streaming changes when words arrive, not which."""
    whole, _ = await asked(caller, asking(provider, model, stream=False))
    streamed, answer = await asked(caller, asking(provider, model, stream=True))

    assert streamed.text == whole.text
    assert len(whole.text) > 40
    assert streamed.usage == whole.usage
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert len(answer.chunks) > 2


@each_model
async def test_usage_adds_up(caller, provider, model):
    """Costs are computed from it: about four characters a token, reasoning among the output."""
    completion, _ = await asked(caller, asking(provider, model, stream=False))
    usage = completion.usage

    assert usage.tokens_in == tokens_of("Explain jitter") + 4
    assert usage.tokens_out == tokens_of(completion.text) + (usage.reasoning or 0)


@each_model
async def test_limit_of_tokens_cuts(caller, provider, model):
    """A cut answer says that it was cut, where its format can."""
    completion, _ = await asked(caller, asking(provider, model, stream=False, max_tokens=8))

    assert 0 < len(completion.text) <= 32
    assert completion.finish == ("stop" if provider == "workers-ai" else "length")


@each_model
async def test_stop_sequence_cuts(caller, provider, model):
    """The sequence itself isn't part of the answer."""
    whole, _ = await asked(caller, asking(provider, model, stream=False))
    word = whole.text.split()[4]
    cut, _ = await asked(caller, asking(provider, model, stream=False, stop=(word,)))

    assert cut.text == whole.text.partition(word)[0]


@each_model
@pytest.mark.parametrize("stream", [False, True])
async def test_tool_is_called_with_values_of_the_prompt(caller, provider, model, stream):
    """The call arrives whole, in the dialect's own form."""
    chat = asking(provider, model, "What's the weather in Oslo?", tools=(WEATHER,), stream=stream)
    completion, _ = await asked(caller, chat)
    (call,) = completion.tool_calls

    assert (call.name, orjson.loads(call.arguments)) == ("get_weather", {"city": "Oslo"})
    assert call.id
    assert completion.finish == "tool_calls" or provider == "workers-ai"


@pytest.mark.rule("clients.tool_loop")
@each_model
async def test_tool_loop_ends_with_the_result(caller, provider, model):
    """Agents loop until there is text, and the text must use what the tool said."""
    chat = asking(provider, model, "Weather in Oslo?", tools=(WEATHER,), stream=False)
    first, _ = await asked(caller, chat)
    (call,) = first.tool_calls
    turns = (
        *chat.messages,
        Message(role="assistant", tool_calls=(call,)),
        Message(role="tool", text='{"sky": "rain", "celsius": 7}', tool_call_id=call.id),
    )
    last, _ = await asked(
        caller,
        Chat(provider=provider, model=model, messages=turns, tools=(WEATHER,), stream=False),
    )

    assert last.tool_calls == ()
    assert "rain" in last.text
    assert "7" in last.text


@pytest.mark.rule("clients.structured")
@each_model
@pytest.mark.parametrize("stream", [False, True])
async def test_structured_answer_fits(caller, provider, model, stream):
    """Structured output is parsed by clients with the schema they sent."""
    chat = asking(provider, model, "Ana Silva is 31.", schema=PERSON, stream=stream)
    completion, _ = await asked(caller, chat)
    value = orjson.loads(completion.text)

    assert set(value) == {"name", "age"}
    assert isinstance(value["name"], str)
    assert isinstance(value["age"], int)


async def test_json_object_mode_gives_an_object(caller):
    """Without a schema any object will do, but it has to be one."""
    body = {
        "model": "gpt-4o",
        "messages": [{"role": "user", "content": "Give me JSON about jitter"}],
        "response_format": {"type": "json_object"},
    }
    answer = await caller.ask("openai", "chat/completions", body)

    assert isinstance(orjson.loads(answer.json["choices"][0]["message"]["content"]), dict)


async def test_picture_costs_tokens():
    """Vision input is paid for, and differently at each provider."""
    image = Image(media_type="image/png", data="aGk=")
    seen = Message(role="user", text="What is this?", images=(image,))
    chat = Chat(provider="openai", model="gpt-4o", messages=(seen,))
    tokens = {name: complete(chat, name, 0).usage.tokens_in for name in ("openai", "google")}

    assert tokens["openai"] > 700
    assert tokens["google"] > 250
    assert tokens["openai"] != tokens["google"]


async def test_reasoning_is_shown_where_the_provider_shows_it(caller):
    """DeepSeek sends its reasoning, OpenAI only counts it."""
    shown, _ = await asked(caller, asking("deepseek", "deepseek-reasoner", stream=True))
    hidden, _ = await asked(caller, asking("openai", "gpt-5-mini", stream=True))

    assert shown.reasoning
    assert shown.usage.reasoning == tokens_of(shown.reasoning)
    assert hidden.reasoning == ""
    assert hidden.usage.reasoning > 0


async def test_google_streams_a_list_without_alt(caller):
    """Without ``alt=sse`` Google streams one JSON list."""
    path = "v1beta/models/gemini-2.5-flash:streamGenerateContent"
    answer = await caller.ask(
        "google-ai-studio", path, {"contents": [{"parts": [{"text": "Explain jitter"}]}]}
    )

    assert answer.headers["content-type"] == "application/json"
    assert answer.json[-1]["usageMetadata"]
    assert len(answer.json) > 1


@pytest.mark.parametrize("size", [1, 4, 80])
@pytest.mark.parametrize("text", ["", "word", "  two  words \n\n- and a list\n", "x" * 200, "\n"])
def test_pieces_are_the_text(text, size):
    """Nothing is lost between two chunks."""
    pieces = list(pieces_of(text, size))

    assert "".join(pieces) == text
    assert all(pieces)
