"""handshake: token and keys of headers and sub-protocols, and who may not open a WebSocket."""

import pytest

from gateway.local.handshake import handshake_of
from gateway.local.refusals import Refusal


def opened(path="/v1/acc/demo", protocols=(), query="", public=False, **headers):
    """Read a handshake with these headers; underscores become dashes."""
    given = {"host": "127.0.0.1:8787", **{k.replace("_", "-"): v for k, v in headers.items()}}
    scope = {
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in given.items()],
        "subprotocols": list(protocols),
    }
    return handshake_of(scope, public=public)


@pytest.mark.rule("ws.slash")
@pytest.mark.parametrize("path", ["/v1/acc/demo", "/v1/acc/demo/"])
def test_universal_with_and_without_a_slash(path):
    """Clients send both."""
    assert opened(path).route.kind == "universal"


def test_realtime_path_keeps_its_query():
    """The model and the provider's settings stand there."""
    route = opened("/v1/acc/demo/openai", query="model=gpt-realtime").route

    assert (route.provider, route.endpoint) == ("openai", "?model=gpt-realtime")


@pytest.mark.rule("ws.sub_protocol")
@pytest.mark.parametrize("token", ["abc", "a!#$%&'*+-.^_`|~z", "Cf-Aig-1.2.3"])
def test_token_of_a_sub_protocol_counts_and_is_answered(token):
    """Browsers can set no header, and give up when no offered sub-protocol is answered."""
    handshake = opened(protocols=["xi-api-key.KEY", f"cf-aig-authorization.{token}"])

    assert handshake.headers["cf-aig-authorization"] == token
    assert handshake.echoed == handshake.token == f"cf-aig-authorization.{token}"


@pytest.mark.rule("ws.sub_protocol")
def test_keys_of_sub_protocols_become_the_providers_headers():
    """ElevenLabs' and fal's; the provider is asked with its own header."""
    handshake = opened(protocols=["xi-api-key.one", "fal-api-key.two", "realtime"])

    assert handshake.headers["xi-api-key"] == "one"
    assert handshake.headers["authorization"] == "Key two"
    assert handshake.offered == ("realtime",)


def test_header_wins_over_sub_protocol():
    """Whoever can set headers means them."""
    handshake = opened(protocols=["cf-aig-authorization.b"], cf_aig_authorization="a")

    assert handshake.headers["cf-aig-authorization"] == "a"


@pytest.mark.rule("ws.sub_protocol_everywhere")
def test_without_sub_protocols_none_is_answered():
    """Clients refuse an answer that they didn't offer."""
    assert opened().echoed is None


def test_the_handshake_s_own_headers_go_no_further():
    """A provider would take them for its own handshake's."""
    handshake = opened(sec_websocket_key="k", upgrade="websocket", origin="http://localhost:1")

    assert set(handshake.headers) == {"host"}


@pytest.mark.parametrize(
    ("how", "status", "code"),
    [
        ({"path": "/v1/acc"}, 400, 2001),
        ({"path": "/"}, 400, 2001),
        ({"origin": "https://elsewhere.example"}, 403, None),
        ({"host": "rebound.example"}, 403, None),
    ],
)
def test_strangers_are_refused(how, status, code):
    """No such path, and pages of other sites."""
    with pytest.raises(Refusal) as refused:
        opened(**how)

    assert (refused.value.status, refused.value.code) == (status, code)


def test_public_gateway_has_any_name():
    """Only pages of other sites stay out."""
    assert opened(public=True, host="gateway.example").route.gateway == "demo"
