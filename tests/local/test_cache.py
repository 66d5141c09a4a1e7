"""cache: what is cacheable, under which key, for how long."""

from dataclasses import replace

import pytest

from gateway.local.cache import REQUEST_LIMIT, Cache, Entry, default_key, is_cacheable, ttl_s
from gateway.local.reading import settle
from gateway.policy import GatewayPolicy

OFF = GatewayPolicy(id="off")
ON = GatewayPolicy(id="on", cache_ttl=600)
ENTRY = Entry(
    scope="on",
    key="k",
    provider="openai",
    status=200,
    content_type="application/json",
    body=b"{}",
    stored_at=100.0,
    expires_at=160.0,
    original_ms=812.5,
    log_id="first",
)
PARTS = {
    "provider": "openai",
    "endpoint": "chat/completions",
    "model": "gpt-4o-mini",
    "credential": "sk-1",
    "body": b'{"a":1}',
}

SWITCHES = [
    (OFF, {}, False, None),
    (OFF, {"cf-aig-cache-ttl": "3600"}, False, 3600),
    (OFF, {"cf-aig-cache-key": "mine"}, True, 300),
    (OFF, {"cf-aig-cache-key": "mine", "cf-aig-cache-ttl": "90"}, True, 90),
    (ON, {}, True, 600),
    (ON, {"cf-aig-cache-ttl": "90"}, True, 90),
    (ON, {"cf-aig-cache-ttl": "59"}, True, 60),
    (ON, {"cf-aig-cache-ttl": "99999999"}, True, 2_592_000),
    (ON, {"cf-aig-cache-ttl": "soon"}, True, 600),
    (ON, {"cf-aig-cache-ttl": "0"}, False, 0),
    (ON, {"cf-aig-skip-cache": "true"}, False, 600),
    (ON, {"cf-skip-cache": "true"}, False, 600),
    (ON, {"cf-cache-ttl": "120"}, True, 120),
    (ON, {"cf-cache-ttl": "120", "cf-aig-cache-ttl": "90"}, True, 90),
]


@pytest.mark.rule("cache.off_by_default", "cache.switched_on", "cache.ttl_order")
@pytest.mark.parametrize(("policy", "headers", "cached", "ttl"), SWITCHES)
def test_who_switches_caching_on_and_for_how_long(policy, headers, cached, ttl):
    """The gateway or a custom key does; a TTL header alone only changes the duration."""
    settled = settle(policy, tuple(headers.items()))

    cacheable = is_cacheable(policy, settled, method="POST", streamed=False, size=10)

    assert cacheable == cached
    assert ttl is None or ttl_s(settled) == ttl


@pytest.mark.rule("cache.streams")
@pytest.mark.parametrize(
    "request_",
    [
        {"method": "GET", "streamed": False, "size": 10},
        {"method": "POST", "streamed": True, "size": 10},
        {"method": "POST", "streamed": False, "size": REQUEST_LIMIT + 1},
    ],
)
def test_what_is_never_cached(request_):
    """Streams, large requests and anything but a call stay out of the cache."""
    assert not is_cacheable(ON, settle(ON, ()), **request_)


@pytest.mark.rule("cache.key_parts", "cache.key_joined")
@pytest.mark.parametrize(
    "change",
    [
        {"provider": "groq"},
        {"endpoint": "v1/chat/completions"},
        {"model": "gpt-5-mini"},
        {"credential": "sk-2"},
        {"body": b'{"a": 1}'},
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_part_counts_in_the_key(change):
    """One space in the body, or another key of the provider, is another entry."""
    assert default_key(**PARTS) == default_key(**PARTS)
    assert default_key(**PARTS) != default_key(**PARTS | change)


@pytest.mark.rule(
    "cache.expiry",
)
@pytest.mark.parametrize(
    ("now", "found"), [(100.0, True), (159.9, True), (160.0, False), (99.0, False)]
)
def test_entry_lives_until_its_ttl(now, found):
    """Not a moment longer; and a clock that was set back makes it unknown, not eternal."""
    assert (Cache([ENTRY]).get("on", "k", now) is not None) == found


@pytest.mark.rule("cache.custom_key_scope")
def test_gateways_do_not_share_entries():
    """The same custom key in two gateways is two entries."""
    cache = Cache([ENTRY])

    assert cache.get("off", "k", 101.0) is None


def test_oldest_unused_goes_first_when_full():
    """The cache is bounded by the bytes of its bodies."""
    cache = Cache(limit=25)
    for name in "abc":
        cache.put(replace(ENTRY, key=name, body=b"x" * 10))
        cache.get("on", "a", 101.0)

    assert [cache.get("on", name, 101.0) is not None for name in "abc"] == [True, False, True]


def test_clear_forgets_one_gateway():
    """Other gateways keep theirs."""
    cache = Cache([ENTRY, replace(ENTRY, scope="other")])

    cache.clear("on")

    assert (cache.get("on", "k", 101.0), len(cache)) == (None, 1)


@pytest.mark.rule("cache.custom_provider_change")
def test_provider_is_forgotten_in_every_gateway():
    """A custom provider that was changed; other providers' answers stay."""
    custom = replace(ENTRY, provider="custom-x", key="x")
    cache = Cache([ENTRY, custom, replace(custom, scope="other")])

    cache.forget_provider("custom-x")

    assert (cache.get("on", "k", 101.0), len(cache)) == (ENTRY, 1)
