"""relay: how answers are handed on, piece by piece or in one go."""

import time

import httpx
import pytest

from tests.local.conftest import OPENAI, asking

LONG = {**asking("Tell me a long story"), "stream": True}


@pytest.mark.rule("clients.broken_stream")
@pytest.mark.parametrize("fault", ["reset", "cut"])
def test_stream_that_breaks_upstream_is_not_made_to_look_whole(gateway, fault):
    """A reset is a broken connection for the client too; a cut has no end marker."""
    pieces = []
    broken = False
    try:
        with gateway.http.stream(
            "POST",
            f"/v1/a/demo/{OPENAI}",
            json=LONG,
            headers={"x-local-fault": f"{fault};after=3"},
        ) as answer:
            pieces.extend(answer.iter_raw())
    except httpx.RemoteProtocolError:
        broken = True

    assert b"[DONE]" not in b"".join(pieces)
    assert broken == (fault == "reset")


@pytest.mark.rule("native.untouched", "clients.sse_at_once")
@pytest.mark.anyio
async def test_streams_are_forwarded_piece_by_piece(own_gateway):
    """Each chunk as it comes: the first long before the last."""
    with own_gateway() as caller:
        started = time.perf_counter()
        moments = []
        async with (
            httpx.AsyncClient() as http,
            http.stream("POST", f"{caller.server.url}/v1/a/demo/{OPENAI}", json=LONG) as answer,
        ):
            async for _ in answer.aiter_raw():
                moments.append(time.perf_counter() - started)
                if len(moments) == 8:
                    break

    assert len({round(moment, 3) for moment in moments}) > 4


@pytest.mark.rule("retry.no_answer")
def test_answer_that_breaks_off_is_told_as_2005(gateway):
    """Nothing of a whole answer is sent before all of it is there."""
    answer = gateway.ask(body=asking("breaks"), x_local_fault="reset;after=1")

    assert answer.status_code == 400
    assert answer.json()["error"][0]["code"] == 2005


@pytest.mark.rule("native.untouched")
def test_broken_json_passes_untouched_on_a_native_path(gateway):
    """What a provider says is its own; only the unified API must understand it."""
    native = gateway.ask(body=asking("broken"), x_local_fault="malformed")
    body = {**asking("broken"), "model": "anthropic/claude-sonnet-4-5"}
    unified = gateway.ask("compat/chat/completions", body, x_local_fault="malformed")

    assert native.status_code == 200
    assert (unified.status_code, unified.json()["error"][0]["code"]) == (400, 2005)


@pytest.mark.rule("unified.translated")
def test_unified_stream_is_translated_as_it_comes(gateway):
    """Anthropic's events become OpenAI's, with its end mark."""
    body = {**asking("translate me"), "model": "anthropic/claude-sonnet-4-5", "stream": True}

    answer = gateway.ask("compat/chat/completions", body)

    assert answer.headers["content-type"].startswith("text/event-stream")
    assert '"object":"chat.completion.chunk"' in answer.text
    assert answer.text.rstrip().endswith("data: [DONE]")
