"""policy: a gateway's settings, and what they say about the headers."""

import re

import pytest

from gateway.headers import Options
from gateway.policy import ID_PATTERN, GatewayPolicy

QUIET = {"no_wholesale": False, "zdr": False, "collect_log": True}
STATED = [
    ({}, {}),
    ({"cache_ttl": 300}, {"cache_ttl": 300}),
    ({"cache_ttl": None}, {}),
    ({"cache_ttl": 30}, {"cache_ttl": 60}),
    ({"cache_ttl": 10**8}, {"cache_ttl": 2_592_000}),
    ({"byok_only": True}, {"no_wholesale": True}),
    ({"collect_logs": False}, {"collect_log": False}),
    (
        {"retry_max_attempts": 3, "retry_delay": 500, "retry_backoff": "linear"},
        {"max_attempts": 3, "retry_delay": 500, "backoff": "linear"},
    ),
    ({"retry_max_attempts": 9}, {"max_attempts": 5}),
]
IDS = [
    ("demo", True),
    ("my-gateway_2", True),
    ("Demo", False),
    ("-demo", False),
    ("demo-", False),
    ("a--b", False),
    ("a/b", False),
    ("", False),
]


@pytest.mark.rule("retry.gateway_defaults", "logs.on_by_default")
@pytest.mark.parametrize(("settings", "stated"), STATED)
def test_settings_are_the_weakest_level(settings, stated):
    """What a gateway is set to do is stated as headers would; a number beyond them is mended."""
    assert GatewayPolicy(id="demo", **settings).defaults == Options(**QUIET | stated)


@pytest.mark.parametrize(("ttl", "caches"), [(300, True), (0, False), (None, False)])
def test_lifetime_switches_the_cache(ttl, caches):
    """0 and null both mean off (contract: cache)."""
    assert GatewayPolicy(id="demo", cache_ttl=ttl).caches is caches


@pytest.mark.rule("limits.name", "api.id_pattern")
@pytest.mark.parametrize(("id", "good"), IDS)
def test_ids(id, good):
    """An id is part of a URL."""
    assert bool(re.fullmatch(ID_PATTERN, id)) is good


def test_settings_are_read_as_the_api_gives_them():
    """Hosted gateways have more settings than we know, and say null where we say no."""
    settings = {
        "id": "mine",
        "cache_ttl": None,
        "zdr": None,
        "retry_delay": 5,
        "otel": [{"url": ""}],
    }

    policy = GatewayPolicy.from_json(settings)

    assert policy == GatewayPolicy(
        id="mine", cache_ttl=None, zdr=False, retry_delay=5, other={"otel": [{"url": ""}]}
    )
    with pytest.raises(KeyError, match="id"):
        GatewayPolicy.from_json({})


def test_policies_are_hashable():
    """The local gateway keeps what it settled, by policy."""
    assert hash(GatewayPolicy(id="demo", other={"dlp": {}})) == hash(GatewayPolicy(id="demo"))
