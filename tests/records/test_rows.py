"""rows: what an exchange counts for, and that it comes back as it was."""

from dataclasses import replace

import pytest

from gateway.chat import Completion, Exchange, Failure, Reply, Times, Usage
from gateway.headers import Options
from gateway.records.rows import FIGURES, error_class, exchange_of, figures, fingerprint, row_of
from tests.records.conftest import AT, FAILED, KEY, exchange, rich

EXPECTED = {
    "log_id": "log-1",
    "wall_start": AT,
    "endpoint_kind": "provider",
    "provider": "openai",
    "stream": True,
    "t_hdr_s": 0.25,
    "t_last_s": 1.0,
    "in_tokens": 7,
    "prompt_cached_tokens": 2,
    "tokens_source": "usage",
    "h_cache_ttl_s": 60,
    "h_max_attempts": 2,
    "h_backoff": None,
    "cache_status": "MISS",
    "status": 200,
    "ok": True,
    "error_class": "none",
    "error_msg": None,
    "step": 1,
    "steps_total": 1,
    "ttfb_ms": 250,
    "ttft_ms": 500,
    "e2e_ms": 1500,
    "tpot_ms": 250,
    "ntpot_ms": 500,
    "itl_p50_ms": 250,
    "itl_p95_ms": 362.5,
    "itl_max_ms": 375,
    "n_gaps": 2,
    "tok_s": 4,
    "cost_usd": 0.25,
    "cost_list_usd": 0.5,
    "cost_saved_usd": 0.25,
    "price_source": "genai-prices 2026-11-01",
}
RATE_LIMITED = (
    '{"success":false,"result":[],"messages":[],"error":[{"code":2003,"message":"Rate limited"}]}'
)
BLOCKED = '{"success":false,"error":[{"code":2016,"message":"Prompt blocked"}]}'
NO_ANSWER = '{"success":false,"error":[{"code":2005,"message":"Failed to get response"}]}'
ERRORS = [
    (200, None, "none"),
    (401, "{}", "auth"),
    (429, RATE_LIMITED, "rate_limited_gateway"),
    (429, '{"error":{"message":"slow down"}}', "rate_limited_provider"),
    (424, BLOCKED, "content_blocked"),
    (400, NO_ANSWER, "timeout_gateway"),
    (400, '{"error":{"message":"no"}}', "provider_4xx"),
    (503, "<html>", "provider_5xx"),
]


@pytest.mark.parametrize("name", EXPECTED)
def test_figure_has_its_definition(name):
    """Names and units are those of the experiments' tables."""
    assert figures(exchange())[name] == EXPECTED[name]


@pytest.mark.parametrize(("status", "body", "word"), ERRORS)
def test_error_has_a_class(status, body, word):
    """The gateway's refusals and the provider's are told apart."""
    answered = exchange()
    reply = replace(answered.reply, status=status, body=body)

    assert error_class(replace(answered, reply=reply)) == word


@pytest.mark.parametrize(
    ("reply", "failure", "word"),
    [
        (None, FAILED, "timeout_client"),
        (None, Failure(name="Unreachable", sentence="x"), "connect"),
        (None, Failure(name="BadRequest", sentence="x"), "not_sent"),
        ({"broken": "cut"}, None, "truncated_stream"),
        ({"stopped": True}, None, "aborted"),
        ({"broken": "x"}, Failure(name="BadAnswer", sentence="x"), "bad_body"),
    ],
)
def test_what_went_wrong_has_a_class(reply, failure, word):
    """Silence, a cut stream and our own Stop are three things."""
    whole = exchange()
    changed = replace(whole.reply, **reply) if reply is not None else None
    failed = replace(whole, reply=changed, failure=failure)

    assert error_class(failed) == word
    assert not figures(failed)["ok"]


@pytest.mark.parametrize(
    ("cache", "options", "word"),
    [
        ("HIT", Options(), "HIT"),
        ("MISS", Options(), "MISS"),
        ("MISS", Options(skip_cache=True), "BYPASS"),
        ("", Options(), "UNKNOWN"),
    ],
)
def test_cache_status_tells_a_bypass_from_a_miss(cache, options, word):
    """A bypass doesn't count in a hit ratio."""
    assert figures(exchange(cache=cache, options=options))["cache_status"] == word


def test_stopped_answer_has_no_latency():
    """Its end is ours: it would pull every percentile down."""
    whole = exchange()

    row = figures(replace(whole, reply=replace(whole.reply, stopped=True)))

    assert (row["e2e_ms"], row["ntpot_ms"]) == (None, None)


def test_answer_in_one_piece_has_no_ttft():
    """TTFT is defined for streams only."""
    reply = Reply(
        status=200,
        completion=Completion(text="x", usage=Usage(tokens_out=4)),
        times=Times(headers_s=1, end_s=2),
    )

    row = figures(exchange(reply=reply))

    assert (row["ttft_ms"], row["tpot_ms"], row["itl_p50_ms"]) == (None, None, None)
    assert (row["tok_s"], row["n_gaps"], row["cache_status"]) == (2, 0, "UNKNOWN")


def test_failed_exchange_has_all_columns():
    """A row without a reply is a row too."""
    row = figures(Exchange(chat=exchange().chat, target="local", failure=FAILED))

    assert list(row) == list(FIGURES)
    assert (row["status"], row["error_msg"]) == (0, FAILED.sentence)


@pytest.mark.parametrize(
    "whole",
    [
        exchange(),
        exchange(cost=None, options=Options(), simulated=False),
        exchange(reply=None, sent=None, failure=FAILED, cost=None),
    ],
)
def test_exchange_comes_back_whole(whole):
    """What was recorded can be looked at later as on the first day."""
    assert exchange_of(row_of(whole)) == whole


def test_every_part_comes_back():
    """Tools, pictures, steps, schemas and odd characters included."""
    whole = rich()
    back = exchange_of(row_of(whole))

    assert back == whole
    assert back.chat.messages[1].text.endswith("\ud83d")


def test_fingerprint_is_the_question_s():
    """The same body to the same address of the same target is the same question."""
    sent, other = exchange().sent, exchange(body='{"q":2}').sent

    assert fingerprint(sent, "local") == fingerprint(exchange(cache="HIT").sent, "local")
    assert fingerprint(sent, "local") != fingerprint(other, "local")
    assert fingerprint(sent, "local") != fingerprint(sent, "cloudflare")


def test_row_holds_no_key():
    """Not in any column."""
    assert KEY not in str(row_of(exchange()))


def test_columns_hold_what_both_databases_take():
    """PostgreSQL refuses NUL, and no database takes half a character."""
    row = row_of(exchange(reply=None, failure=Failure(name="X", sentence="a\0b\ud83d")))

    assert row["error_msg"] == "ab?"
