"""tools: the fitting one is called, choices are obeyed, and loops end."""

import orjson
import pytest

from gateway.chat import Chat, Message, Tool, ToolCall, say
from gateway.errors import BadRequest
from gateway.local.clock import chance
from gateway.local.simulated.hints import Hints
from gateway.local.simulated.tools import called, words_after

CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER = Tool(name="get_weather", description="Tells the weather of a city.", parameters=CITY)
MAIL = Tool(
    name="sendEmail",
    description="Sends a message.",
    parameters={
        "type": "object",
        "properties": {"email": {"type": "string"}, "text": {"type": "string"}},
        "required": ["email"],
    },
)
FINAL = Tool(name="final_result", description="Takes the answer.", parameters=CITY)
RESULT = (
    Message(role="assistant", tool_calls=(ToolCall(id="1", name="get_weather", arguments="{}"),)),
    Message(role="tool", text='{"sky":"rain","hours":[1,2]}', tool_call_id="1"),
)


def calls(prompt, tools=(WEATHER, MAIL), *, choice=None, after=()):
    chat = Chat(
        provider="openai",
        model="gpt-4o",
        messages=(*say(prompt), *after),
        tools=tools,
        tool_choice=choice,
    )
    return called(chat, Hints(prompt), chance(0), id="call_1")


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("What's the weather like in Rome?", "get_weather"),
        ("Send a message to ana@example.org", "sendEmail"),
        ("Emailing ana@example.org would be nice", "sendEmail"),
        ("Anything else", "get_weather"),
    ],
)
def test_fitting_tool_is_called(prompt, name):
    """By the words that prompt and tool have in common."""
    (call,) = calls(prompt)

    assert call.name == name


def test_arguments_fit_and_come_from_the_prompt():
    """They are JSON that the schema accepts."""
    (call,) = calls("Send a message to ana@example.org", (MAIL,))

    assert orjson.loads(call.arguments)["email"] == "ana@example.org"


@pytest.mark.parametrize(
    ("choice", "prompt", "names"),
    [
        ("none", "weather in Rome", []),
        ("auto", "Hello!", []),
        ("required", "Hello!", ["get_weather"]),
        ("sendEmail", "weather in Rome", ["sendEmail"]),
    ],
)
def test_choice_is_obeyed(choice, prompt, names):
    """Forced calls are forced, and forbidden ones don't happen."""
    assert [call.name for call in calls(prompt, choice=choice)] == names


def test_unknown_choice_is_refused():
    """A name that isn't among the tools is the caller's mistake."""
    with pytest.raises(BadRequest, match="fly"):
        calls("Hello", choice="fly")


@pytest.mark.parametrize("choice", [None, "auto", "required", "get_weather"])
def test_loop_ends_after_a_result(choice):
    """Otherwise an agent would call for ever."""
    assert calls("weather in Rome", choice=choice, after=RESULT) == ()


def test_required_answer_goes_through_the_final_tool():
    """Agents with structured answers take even the last word as a call."""
    first = calls("weather in Rome", (FINAL, WEATHER), choice="required")
    last = calls("weather in Rome", (FINAL, WEATHER), choice="required", after=RESULT)

    assert [call.name for call in (*first, *last)] == ["get_weather", "final_result"]


def test_schema_of_a_tool_must_be_an_object():
    """Arguments have names."""
    with pytest.raises(BadRequest, match="object"):
        calls("x", (Tool(name="t", parameters={"type": "string"}),), choice="t")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"sky":"rain","hours":[1,2]}', "`get_weather` says: sky rain, hours 1, 2"),
        ('{"output":"sunny"}', "`get_weather` says: sunny"),
        ('{"return_value":"sunny"}', "`get_weather` says: sunny"),
        ('{"name":"get_weather","content":{"sky":"rain"}}', "`get_weather` says: sky rain"),
        ('{"name":"Lisbon","content":"sunny"}', "`get_weather` says: name Lisbon, content sunny"),
        ("21 degrees", "`get_weather` says: 21 degrees"),
        ("", "`get_weather` says: nothing"),
        ('[{"a":1}]', '`get_weather` says: [{"a":1}]'),
    ],
)
def test_result_is_put_into_words(text, words):
    """The answer uses what the tool said."""
    turns = (*say("?"), RESULT[0], Message(role="tool", text=text, tool_call_id="1"))

    assert words_after(Chat(provider="openai", model="m", messages=turns)) == words


def test_several_results_are_listed():
    """Parallel calls come back together."""
    turns = (*say("?"), *RESULT, Message(role="tool", text="7", tool_call_id="2"))
    text = words_after(Chat(provider="openai", model="m", messages=turns))

    assert text.count("\n- ") == 2
    assert words_after(Chat(provider="openai", model="m", messages=say("?"))) is None
