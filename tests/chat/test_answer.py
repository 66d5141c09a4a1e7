"""answer: deltas add up to a completion."""

from dataclasses import replace

from gateway.chat import CallNumbers, Completion, Delta, Gathered, ToolCall, ToolCallPart, Usage


def test_newer_counts_overwrite_older():
    """Anthropic reports input at the start of a stream and output at its end."""
    start, end = Usage(tokens_in=9, tokens_out=1, cached_in=4), Usage(tokens_out=7, reasoning=0)

    assert start.merged(end) == Usage(tokens_in=9, tokens_out=7, cached_in=4, reasoning=0)


def test_gathered_stream_is_an_answer_at_any_moment():
    """Stop keeps what arrived."""
    gathered = Gathered()
    gathered.add(Delta(id="a", model="m", usage=Usage(tokens_in=9)))
    gathered.add(Delta(reasoning="Hm"))
    gathered.add(Delta(text="Hel"))
    half = gathered.completion()
    gathered.add(Delta(text="lo", finish="stop", usage=Usage(tokens_out=2)))

    assert half == Completion(
        text="Hel", reasoning="Hm", usage=Usage(tokens_in=9), model="m", id="a"
    )
    assert gathered.completion() == replace(
        half, text="Hello", finish="stop", usage=Usage(tokens_in=9, tokens_out=2)
    )


def test_gathered_calls():
    """Pieces of calls are put together; what belongs to no known call is left out."""
    parts = [
        ToolCallPart(index=0, id="a", name="f", arguments='{"x"'),
        ToolCallPart(index=1, id="b", name="g"),
        ToolCallPart(index=0, arguments=":1}"),
        ToolCallPart(index=1, id="b", arguments="{}"),
        ToolCallPart(index=7, arguments="lost"),
    ]
    gathered = Gathered()
    for part in parts:
        gathered.add(Delta(tool_calls=(part,)))

    assert gathered.completion().tool_calls == (
        ToolCall(id="a", name="f", arguments='{"x":1}'),
        ToolCall(id="b", name="g", arguments="{}"),
    )


def test_another_id_begins_a_new_call():
    """Google sends every call at index 0."""
    numbers = CallNumbers()
    parts = [
        ToolCallPart(index=0, id="a", name="f"),
        ToolCallPart(index=0, id="b", name="f"),
        ToolCallPart(index=0),
    ]

    assert [numbers.of(part) for part in parts] == [0, 1, 1]


def test_first_error_of_a_stream_stays():
    """It is the cause; later ones follow from it."""
    gathered = Gathered()
    gathered.add(Delta(error="Overloaded"))
    gathered.add(Delta(error="Closed"))

    assert gathered.error == "Overloaded"
