"""customs: which custom providers there are, and where their calls go."""

import pytest

from gateway.local.customs import Customs, extra_headers
from gateway.local.documents import Documents
from gateway.local.refusals import Refusal
from gateway.local.routing import route_of
from gateway.local.steps import Request, steps_of
from gateway.local.store import Store
from gateway.local.upstreams import Upstreams
from gateway.local.vault import Vault
from gateway.policy import GatewayPolicy

ROW = {
    "id": "1",
    "slug": "mine",
    "base_url": "https://llm.example",
    "enable": True,
    "headers": '{"X-Team": "secret-team"}',
}


@pytest.fixture
def store(tmp_path):
    opened = Store.open(tmp_path)
    yield opened
    opened.close()


def customs_of(store, bases=None):
    upstreams = Upstreams(real=None, simulated=None, keys={}, bases={} if bases is None else bases)
    return Customs(Documents(store.engine), Vault(store.directory), upstreams)


def unified_step():
    body = b'{"model":"custom-mine/some-model","messages":[]}'
    route = route_of("/v1/a/g/compat/chat/completions", "")
    request = Request(route=route, method="POST", headers={}, body=body)
    return steps_of(request, GatewayPolicy(id="g"), {})[0]


def test_provider_is_known_after_a_restart(store):
    """With its headers, which aren't readable in the data directory."""
    customs_of(store).put(ROW)
    bases = {}
    store.flush()

    again = customs_of(store, bases)

    assert again.all() == [ROW]
    assert bases == {"custom-mine": "https://llm.example"}
    for file in store.directory.iterdir():
        assert b"secret-team" not in file.read_bytes()


@pytest.mark.parametrize("change", [{"enable": False}, {"slug": "other"}])
def test_provider_that_is_not_there_or_not_enabled_is_refused(store, change):
    """2008, as for any name that nobody knows; the providers of the table aren't its business."""
    customs = customs_of(store)
    customs.put(ROW)
    customs.check("custom-mine")
    customs.put({**ROW, **change})

    with pytest.raises(Refusal) as refused:
        customs.check("custom-mine")
    customs.check("openai")

    assert refused.value.code == 2008


def test_removed_provider_is_refused(store):
    """From the next call on."""
    customs = customs_of(store)
    customs.put(ROW)
    customs.remove(ROW)

    assert customs.get("1") is None
    with pytest.raises(Refusal):
        customs.placed(unified_step())


@pytest.mark.rule("unified.custom", "unified.custom_url")
@pytest.mark.parametrize(
    ("base_url", "path"),
    [
        ("https://llm.example", "v1/chat/completions"),
        ("https://llm.example/", "v1/chat/completions"),
        ("https://llm.example/api/v2", "chat/completions"),
    ],
)
def test_unified_call_follows_the_base_url(store, base_url, path):
    """ASSUMPTION of the contract: /v1 is added where the base URL has no path of its own."""
    customs = customs_of(store)
    customs.put({**ROW, "base_url": base_url})

    assert customs.placed(unified_step()).path == path


@pytest.mark.parametrize(
    ("text", "headers"), [(None, {}), ("", {}), ('{"X-Team": "a b"}', {"x-team": "a b"})]
)
def test_extra_headers_are_a_json_object(text, headers):
    """As text, as the API has it."""
    assert extra_headers(text) == headers


@pytest.mark.parametrize(
    "text",
    [
        '{"Host": "a"}',
        '{"content-length": "5"}',
        "x",
        "[]",
        '{"a": 1}',
        '{"a b": "c"}',
        '{"": "c"}',
        '{"a": "c\\r\\nd: e"}',
    ],
)
def test_other_text_is_no_header(text):
    """What could become a header line of its own least of all."""
    with pytest.raises(ValueError, match=r".+"):
        extra_headers(text)
