"""responses_items: an answer as output items, with what strict clients look for."""

import pytest
from openai.types.responses import Response

from gateway.chat import Chat, Completion, Tool, ToolCall, Usage, say
from gateway.dialects.responses_items import finished, output_of, read_usage, response, write_usage

CALLS = tuple(ToolCall(id=f"c{n}", name="f", arguments="{}") for n in range(2))


def test_output_has_thoughts_words_and_calls_in_this_order():
    """Each has an id of its own."""
    items = output_of(Completion(text="Yes", reasoning="Hm", tool_calls=CALLS), "1")

    assert [item["type"] for item in items] == [
        "reasoning",
        "message",
        "function_call",
        "function_call",
    ]
    assert len({item["id"] for item in items}) == 4


def test_silence_is_an_empty_message():
    """Clients take the first message; a call alone needs none."""
    silent = output_of(Completion(text=""), "1")
    calling = output_of(Completion(text="", tool_calls=CALLS[:1]), "1")

    assert [item["type"] for item in silent] == ["message"]
    assert [item["type"] for item in calling] == ["function_call"]


@pytest.mark.rule("clients.full_bodies")
def test_whole_response_is_what_openais_own_types_say():
    """Validated strictly, which the package itself doesn't do."""
    chat = Chat(
        provider="openai",
        model="gpt-4o-mini",
        messages=say("Hi"),
        temperature=0.5,
        tools=(Tool(name="f", parameters={"type": "object"}),),
        tool_choice="f",
        schema={"type": "object"},
    )
    around = response(id="resp_1", model="gpt-4o-mini", created=1, status="in_progress", chat=chat)
    output = output_of(Completion(text="Yes", reasoning="Hm", tool_calls=CALLS), "1")

    whole = finished(around, output, "stop", Usage(tokens_in=3, tokens_out=4))

    checked = Response.model_validate(whole)
    assert checked.output_text == "Yes"
    assert checked.usage.total_tokens == 7
    assert checked.tool_choice.name == "f"


def test_usage_round_trip():
    """The details are there even where they are zero: the package's types want them."""
    usage = Usage(tokens_in=9, tokens_out=4, cached_in=5, cache_write=1, reasoning=2)

    assert read_usage(write_usage(usage)) == usage
    assert write_usage(Usage()) is None
    assert write_usage(Usage(tokens_in=1))["input_tokens_details"]["cached_tokens"] == 0
