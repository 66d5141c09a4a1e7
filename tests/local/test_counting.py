"""counting: an answer counted later has the tokens and the cost of one that is counted at once."""

import json

import orjson
import pytest

from gateway.chat import Usage
from gateway.local.counting import COUNTED, Counting, counted, counted_later
from gateway.local.routing import route_of
from gateway.local.steps import Request, steps_of
from gateway.policy import GatewayPolicy
from tests.local.conftest import HELLO

AT_S = 1_790_000_000.0
CHAT = {"usage": {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}}
EVENTS = b'data: {"choices":[]}\n\ndata: %s\n\ndata: [DONE]\n\n' % orjson.dumps(
    {"choices": [], **CHAT}
)


def step_of(path="openai/chat/completions", **headers):
    """Return the step of a call."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    route, body = route_of(f"/v1/a/g/{path}", ""), json.dumps(HELLO).encode()
    request = Request(route=route, method="POST", headers=given, body=body)
    return steps_of(request, GatewayPolicy(id="g"), given)[0]


@pytest.mark.parametrize(
    ("path", "content_type", "answer", "tokens"),
    [
        ("openai/chat/completions", "application/json", orjson.dumps(CHAT), (1000, 100)),
        ("openai/chat/completions", "text/event-stream; charset=utf-8", EVENTS, (1000, 100)),
        ("openai/embeddings", "application/json", b'{"usage":{"prompt_tokens":7}}', (7, None)),
        ("openai/chat/completions", "application/json", b"no JSON", (None, None)),
        ("openai/chat/completions", "application/json", b"", (None, None)),
        ("openai/audio/speech", "text/event-stream", EVENTS, (None, None)),
    ],
)
def test_counting_survives_being_kept(path, content_type, answer, tokens):
    """It is JSON, and gives the same afterwards."""
    counting = Counting.of(step_of(path), content_type, AT_S)
    usage = counting.usage(answer)

    later = counted_later(orjson.loads(orjson.dumps(list(counting))), answer)

    assert later == counted(usage, counting.cost(usage))
    assert later.keys() == set(COUNTED)
    assert (later["tokens_in"], later["tokens_out"]) == tokens


def test_price_is_the_listed_one_or_the_callers():
    """Of the moment of the answer, not of the counting."""
    listed = Counting.of(step_of(), "application/json", AT_S)
    own = Counting.of(step_of(cf_aig_custom_cost='{"per_token_in":0.5}'), "application/json", AT_S)
    usage = Usage(tokens_in=1000, tokens_out=100)

    assert listed.cost(usage).usd == pytest.approx(1000 * 0.15e-6 + 100 * 0.6e-6)
    assert own.cost(usage).usd == 500.0
    assert own.at_s == AT_S


def test_answer_that_can_not_be_counted_is_a_row_without_counts(caplog):
    """What an older version kept, for example: its row is moved all the same, and so are others."""
    assert counted_later(["from", "before"], b"{}") == counted(Usage(), None)
    assert "can't be counted" in caplog.text
