"""workbench: a chat chooses its wire, and nothing else changes."""

from dataclasses import replace

from gateway.chat import Chat, say

CHAT = Chat(provider="openai", model="gpt-4o-mini", messages=say("Which wire is this?"))


def test_chat_over_websocket_is_an_exchange_like_any_other(local_bench):
    """Asked, answered, priced and recorded; its snapshot grows as over HTTP."""
    answer = local_bench.ask(replace(CHAT, transport="websocket"))

    exchange = answer.wait(10)

    assert exchange.reply.ok
    assert answer.snapshot().text == exchange.reply.text
    assert answer.snapshot().chunks > 1
    assert exchange.cost is not None
    assert exchange.sent.url.startswith("ws://")
    assert exchange.chat.transport == "websocket"


def test_hit_over_websocket_knows_what_the_fresh_answer_took(local_bench):
    """The same question has the same fingerprint, whatever its event id was."""
    chat = replace(CHAT, transport="websocket", stream=False, messages=say("Fresh, then cached"))

    fresh = local_bench.ask(chat).wait(10)
    hit = local_bench.ask(chat).wait(10)

    assert (fresh.reply.cache, hit.reply.cache) == ("MISS", "HIT")
    assert hit.original_ms == fresh.reply.total_ms


def test_gateway_that_is_away_is_a_failure(bench):
    """In a sentence, as over HTTP."""
    exchange = bench("http://127.0.0.1:9").ask(replace(CHAT, transport="websocket")).wait(10)

    assert exchange.failure.name == "Unreachable"
