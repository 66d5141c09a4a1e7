"""accounts: why HIT, why MISS, right on pairs of requests where only one thing differs."""

import asyncio

import httpx
import pytest

from gateway.local.accounts import KEPT
from tests.local.conftest import HELLO, OPENAI, asking

KEY = {"authorization": "Bearer sk-first-1111"}
WARM = {**asking("pair"), "temperature": 0.1}

PAIRS = [
    # what differs in the second request: body, headers; the reason; the field that is named
    ("nothing", {}, {}, "hit", None),
    ("metadata", {}, {"cf_aig_metadata": '{"n":2}'}, "hit", None),
    ("user agent", {}, {"user_agent": "another"}, "hit", None),
    ("event id", {}, {"cf_aig_event_id": "e2"}, "hit", None),
    ("ttl", {}, {"cf_aig_cache_ttl": "90"}, "hit", None),
    ("temperature", {"temperature": 0.7}, {}, "different", "body.temperature"),
    (
        "one space",
        {"messages": [{"role": "user", "content": "pair "}]},
        {},
        "different",
        "body.messages[0].content",
    ),
    ("another member", {"seed": 1}, {}, "different", "body.seed"),
    ("model", {"model": "gpt-5-mini"}, {}, "different", "model"),
    ("provider key", {}, {"authorization": "Bearer sk-other-2222"}, "different", "provider key"),
    ("custom key", {}, {"cf_aig_cache_key": "mine"}, "different", "cf-aig-cache-key"),
    ("skip", {}, {"cf_aig_skip_cache": "true"}, "skipped", None),
    ("old name of skip", {}, {"cf_skip_cache": "true"}, "skipped", None),
    ("ttl of zero", {}, {"cf_aig_cache_ttl": "0"}, "ttl_zero", None),
    ("stream", {"stream": True}, {}, "streamed", None),
]


def why(gateway, answer):
    return gateway.http.get(f"/_local/requests/{answer.headers['cf-aig-log-id']}").json()


@pytest.mark.rule("cache.exact_match", "cache.key_ignores_noise")
@pytest.mark.parametrize(
    ("body", "headers", "reason", "field"), [pair[1:] for pair in PAIRS], ids=[p[0] for p in PAIRS]
)
def test_pair(gateway, body, headers, reason, field):
    """The second of two requests, in a gateway that knows only the first."""
    name = gateway.new_gateway(cache_ttl=600)
    first = gateway.ask(body=WARM, gateway=name, **KEY)
    second = gateway.ask(body={**WARM, **body}, gateway=name, **{**KEY, **headers})
    told = why(gateway, second)

    assert told["cache_status"] == second.headers["cf-aig-cache-status"]
    assert told["reason"] == reason
    if field is not None:
        assert field in [difference["field"] for difference in told["nearest"]["differs"]]
        assert told["nearest"]["log_id"] == first.headers["cf-aig-log-id"]


@pytest.mark.rule("cache.key_joined")
def test_spelling_counts(gateway):
    """The same JSON with white space is another body: raw bytes are hashed."""
    name = gateway.new_gateway(cache_ttl=600)
    url = f"/v1/a/{name}/{OPENAI}"
    sent = {"content-type": "application/json", **KEY}
    gateway.http.post(url, content=b'{"model":"gpt-4o-mini","messages":[]}', headers=sent)
    compact, spaced = (
        gateway.http.post(url, content=text, headers=sent)
        for text in (
            b'{"model":"gpt-4o-mini","messages":[{"role":"user","content":"x"}]}',
            b'{"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "x"}]}',
        )
    )
    told = why(gateway, spaced)

    assert told["nearest"]["log_id"] == compact.headers["cf-aig-log-id"]
    assert told["nearest"]["differs"][0]["field"] == "spelling of the body"


@pytest.mark.rule("cache.off_by_default")
def test_caching_off_is_said_with_what_would_switch_it_on(gateway):
    """A TTL header alone doesn't."""
    name = gateway.new_gateway()
    told = why(gateway, gateway.ask(gateway=name, cf_aig_cache_ttl="600", **KEY))

    assert told["reason"] == "off"
    assert "cf-aig-cache-key" in told["sentence"]


def test_first_request_has_nobody_to_be_compared_with(gateway):
    """And its answer is there for the next: the TTL left says how long."""
    name = gateway.new_gateway(cache_ttl=600)
    told = why(gateway, gateway.ask(gateway=name, **KEY))

    assert (told["reason"], told["nearest"]) == ("first", None)
    assert 500 < told["ttl"]["left_s"] <= 600
    assert (told["ttl"]["s"], told["ttl"]["level"]) == (600, "gateway")


def test_hit_names_its_source_its_age_and_the_time_left(gateway):
    """The request's own TTL header is told with its level."""
    name = gateway.new_gateway(cache_ttl=600)
    first = gateway.ask(gateway=name, cf_aig_cache_ttl="120", **KEY)
    told = why(gateway, gateway.ask(gateway=name, **KEY))

    assert told["source_log_id"] == first.headers["cf-aig-log-id"]
    assert 0 <= told["age_s"] < 120
    assert told["ttl"]["left_s"] <= 120
    assert (told["ttl"]["s"], told["ttl"]["level"]) == (120, "request")


def test_expired_entry_is_told(gateway):
    """A minute's life is over after a second here."""
    name = gateway.new_gateway(cache_ttl=60)
    first = gateway.ask(gateway=name, **KEY)
    gateway.let_pass(61)
    told = why(gateway, gateway.ask(gateway=name, **KEY))

    assert told["reason"] == "expired"
    assert told["nearest"]["log_id"] == first.headers["cf-aig-log-id"]


def test_failed_answer_was_not_stored(gateway):
    """Only 2xx answers are."""
    name = gateway.new_gateway(cache_ttl=60)
    gateway.ask(gateway=name, x_local_fault="status=503", **KEY)
    told = why(gateway, gateway.ask(gateway=name, **KEY))

    assert told["reason"] == "not_stored"
    assert "503" in told["sentence"]


@pytest.mark.rule("cache.twins")
def test_twin_in_flight_misses_too(gateway):
    """Two identical calls at once: the cache doesn't make one wait for the other."""
    name = gateway.new_gateway(cache_ttl=600)
    url = f"{gateway.server.url}/v1/a/{name}/{OPENAI}"
    headers = {**KEY, "x-local-fault": "slow=6000"}

    async def twins():
        async with httpx.AsyncClient() as http:
            asked = (http.post(url, json=HELLO, headers=headers) for _ in range(2))
            return await asyncio.gather(*asked)

    told = [why(gateway, answer)["reason"] for answer in asyncio.run(twins())]

    assert sorted(told) == ["first", "in_flight"]


def test_key_parts_are_shown_without_the_secret(gateway):
    """The provider's key only by its last four characters."""
    name = gateway.new_gateway(cache_ttl=600)
    answer = gateway.ask(gateway=name, **KEY)
    told = gateway.http.get(f"/_local/requests/{answer.headers['cf-aig-log-id']}")

    assert told.json()["key"]["parts"]["provider key"] == "…1111"
    assert "sk-first" not in told.text
    assert "cf-aig-metadata" in told.json()["key"]["excluded"]


def test_unknown_request_is_told(gateway):
    """Only the newest requests are kept."""
    assert KEPT >= 1000
    assert gateway.http.get("/_local/requests/nothing").status_code == 404
