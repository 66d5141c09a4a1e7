"""workbench: what it does for an answer that is there: its log row, feedback, why HIT or MISS."""

from dataclasses import replace

import pytest

from gateway.chat import Chat, Failure, say
from gateway.policy import GatewayPolicy

HELLO = Chat(provider="openai", model="gpt-5-mini", messages=say("Rate me"), stream=False)


@pytest.fixture(scope="module")
def exchange(local_bench):
    return local_bench.ask(HELLO).wait(5)


def test_gateway_tells_its_settings(local_bench):
    """The page that explains headers needs the weakest level."""
    policy = local_bench.policy()

    assert isinstance(policy, GatewayPolicy)
    assert policy.caches


def test_refused_change_is_a_failure_with_its_sentence(local_bench):
    """Pages catch nothing."""
    refused = local_bench.change_policy("local", {"cache_ttl": -1})

    assert isinstance(refused, Failure)
    assert refused.name == "Refused"
    assert "cache_ttl" in refused.sentence


def test_accepted_change_gives_the_settings(local_bench):
    """The value that is there already: the gateway is shared."""
    assert local_bench.change_policy("local", {"cache_ttl": 300}).cache_ttl == 300


def test_thumb_reaches_the_gateway_s_log(local_bench, exchange):
    """Feedback is the gateway's, so that its log and evaluations see it."""
    assert local_bench.rate(exchange, 1) is None
    assert local_bench.log(exchange).feedback == 1


def test_why_is_told(local_bench, exchange):
    """The local gateway explains each cache decision."""
    assert local_bench.why(exchange)["log_id"] == exchange.reply.log_id


def test_exchange_without_a_row_is_a_failure(local_bench, exchange):
    """Nothing came back, or its gateway isn't set up here any more."""
    lost = replace(exchange, reply=None)
    elsewhere = replace(exchange, target="cloudflare")

    assert local_bench.rate(lost, 1).sentence == "The gateway named no log row for this answer."
    assert "isn't set up here" in local_bench.log(elsewhere).sentence
    assert local_bench.why(lost) is None


def test_documents_are_kept_beside_the_records(local_bench):
    """One database for both."""
    local_bench.shelf.keep("plan", "test", [1])

    assert local_bench.shelf.fetch("plan", "test") == [1]
