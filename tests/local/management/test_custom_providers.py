"""custom_providers: called as ``custom-{slug}`` once they are registered.

The gateway that is tested plays one itself, at another path of its own.
"""

import itertools

import pytest

from tests.local.conftest import HELLO, code

PLACE = "/custom-providers"
NUMBERS = itertools.count(1)


@pytest.fixture
def base_url(gateway):
    return f"{gateway.server.url}/v1/upstream/demo/openai"


def add(gateway, url, **change):
    body = {"name": "Mine", "slug": f"mine-{next(NUMBERS)}", "base_url": url, "enable": True}
    return gateway.manage("POST", PLACE, json={**body, **change})


@pytest.mark.rule("custom.loopback", "custom.use")
def test_registered_provider_is_called(gateway, base_url):
    """By its own path, and unified: the base URL has a path, so only /chat/completions follows."""
    slug = add(gateway, base_url).json()["result"]["slug"]
    name = gateway.new_gateway()

    native = gateway.ask(f"custom-{slug}/chat/completions?a=b", gateway=name)
    unified = gateway.ask(
        "compat/chat/completions", {**HELLO, "model": f"custom-{slug}/gpt-4o-mini"}, gateway=name
    )

    for answer in (native, unified):
        assert answer.status_code == 200
        assert answer.json()["model"].startswith("gpt-4o-mini")
        assert gateway.journal(answer)[0]["simulated"] is False
    assert gateway.log(native, name)["provider"] == f"custom-{slug}"


@pytest.mark.rule("custom.disabled")
@pytest.mark.parametrize("path", ["custom-nobody/chat/completions", "custom-off/v1/models"])
def test_unregistered_or_disabled_provider_is_unknown(gateway, base_url, path):
    """2008, as any name that isn't there; on the unified and the universal endpoint too."""
    off = add(gateway, base_url, slug="off", enable=False).json()["result"]
    unified = {**HELLO, "model": f"{path.partition('/')[0]}/some-model"}
    entry = {"provider": path.partition("/")[0], "endpoint": "chat/completions", "query": HELLO}

    answers = [
        gateway.ask(path),
        gateway.ask("compat/chat/completions", unified),
        gateway.ask("", [entry]),
    ]
    gateway.manage("DELETE", f"{PLACE}/{off['id']}")

    assert [code(answer) for answer in answers] == [(400, 2008)] * 3


@pytest.mark.rule("custom.headers")
def test_extra_headers_go_to_the_provider(gateway, base_url):
    """Here they are metadata for the gateway that plays the provider."""
    headers = '{"cf-aig-metadata": "{\\"via\\": \\"custom\\"}"}'
    made = add(gateway, base_url, headers=headers).json()["result"]

    gateway.ask(f"custom-{made['slug']}/chat/completions", gateway=gateway.new_gateway())
    inner = gateway.newest_log("demo")

    assert made["headers"] == headers
    assert inner["metadata"] == {"via": "custom"}


def test_stored_key_of_a_custom_provider_is_used(gateway, base_url):
    """Under its full name."""
    slug = add(gateway, base_url).json()["result"]["slug"]
    name = gateway.new_gateway()
    config = {
        "provider_slug": f"custom-{slug}",
        "alias": "default",
        "default_config": True,
        "secret": "sk-invalid-custom",
    }
    gateway.manage("POST", f"/gateways/{name}/provider_configs", json=config)

    answer = gateway.ask(f"custom-{slug}/chat/completions", gateway=name, cf_aig_skip_cache="true")

    assert answer.status_code == 401


@pytest.mark.rule("cache.custom_provider_change")
def test_change_drops_what_was_cached(gateway, base_url):
    """A change of the provider, or its deletion; other providers' answers stay."""
    made = add(gateway, base_url).json()["result"]
    name = gateway.new_gateway(cache_ttl=300)
    path = f"custom-{made['slug']}/chat/completions"

    def status(where):
        return gateway.ask(where, gateway=name).headers["cf-aig-cache-status"]

    before = [status("openai/chat/completions"), status(path), status(path)]
    gateway.manage("PATCH", f"{PLACE}/{made['id']}", json={"description": "other"})
    after = [status("openai/chat/completions"), status(path)]

    assert before == ["MISS", "MISS", "HIT"]
    assert after == ["HIT", "MISS"]


def test_provider_is_changed_and_deleted(gateway, base_url):
    """From the next call on."""
    made = add(gateway, base_url).json()["result"]
    one, path = f"{PLACE}/{made['id']}", f"custom-{made['slug']}/chat/completions"

    gateway.manage("PATCH", one, json={"enable": False})
    disabled = gateway.ask(path)
    changed = gateway.manage("PATCH", one, json={"enable": True, "name": "Yours"}).json()["result"]
    enabled = gateway.ask(path)
    deleted = gateway.manage("DELETE", one).json()["result"]
    gone = gateway.ask(path)

    assert [each.status_code for each in (disabled, enabled, gone)] == [400, 200, 400]
    assert (changed["name"], changed["slug"]) == ("Yours", made["slug"])
    assert changed == deleted
    assert changed["modified_at"] > made["modified_at"]


@pytest.mark.rule("custom.list")
def test_list_is_narrowed_by_name(gateway, base_url):
    """In order of names; it ends with an empty page."""
    add(gateway, base_url, name="zz-list", slug="zz-list", beta=True, enable=False)
    add(gateway, base_url, name="aa-list", slug="aa-list")

    def names(query):
        rows = gateway.manage("GET", f"{PLACE}?{query}").json()["result"]
        return [row["name"] for row in rows]

    assert names("search=A-LIST") == ["aa-list"]
    assert names("search=-list") == ["aa-list", "zz-list"]
    assert names("search=-list&beta=true") == ["zz-list"]
    assert names("search=-list&enable=true") == ["aa-list"]
    assert names("page=99") == []
    info = gateway.manage("GET", f"{PLACE}?search=-list&per_page=1").json()["result_info"]
    assert (info["total_count"], info["total_pages"]) == (2, 2)


@pytest.mark.rule("errors.custom_providers", "custom.create")
@pytest.mark.parametrize(
    ("change", "number", "path"),
    [
        ({"base_url": "http://llm.example"}, 1002, "base_url"),
        ({"base_url": "ftp://llm.example"}, 1002, "base_url"),
        ({"base_url": "https://"}, 1002, "base_url"),
        ({"base_url": "https://user:pass@llm.example"}, 1002, "base_url"),
        ({"base_url": "https://llm.example/?a=b"}, 1002, "base_url"),
        ({"base_url": "https://llm.example:99999"}, 1002, "base_url"),
        ({"base_url": "https://llm.example/\r\nx: y"}, 1002, "base_url"),
        ({"base_url": "http://127.0.0.1.llm.example"}, 1002, "base_url"),
        ({"base_url": 5}, 7001, "base_url"),
        ({"name": ""}, 7001, "name"),
        ({"slug": "not allowed"}, 7001, "slug"),
        ({"slug": "under_score"}, 7001, "slug"),
        ({"enable": "yes"}, 7001, "enable"),
        ({"position": "first"}, 7001, "position"),
        ({"link": 5}, 7001, "link"),
        ({"headers": "no json"}, 7001, "headers"),
        ({"headers": {"x": "y"}}, 7001, "headers"),
    ],
)
def test_bad_field_is_refused(gateway, base_url, change, number, path):
    """A bad base URL has a code of its own."""
    answer = add(gateway, base_url, **change)
    error = answer.json()["errors"][0]

    assert (answer.status_code, error["code"]) == (400, number)
    assert error["path"] == ["body", path]


@pytest.mark.rule("errors.custom_providers")
def test_slug_is_taken_once(gateway, base_url):
    """409 with code 1003, on create and on change; its own slug may stay."""
    first, second = (add(gateway, base_url).json()["result"] for _ in range(2))
    one = f"{PLACE}/{second['id']}"

    answers = [
        add(gateway, base_url, slug=first["slug"]),
        gateway.manage("PATCH", one, json={"slug": first["slug"]}),
    ]

    for answer in answers:
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, 1003)
    assert gateway.manage("PATCH", one, json={"slug": second["slug"]}).status_code == 200


@pytest.mark.rule("errors.custom_providers")
@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_unknown_provider_has_its_own_code(gateway, method):
    """404 with code 1004."""
    how = {"json": {}} if method == "PATCH" else {}
    answer = gateway.manage(method, f"{PLACE}/nobody", **how)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (404, 1004)


@pytest.mark.rule("api.custom_costs")
def test_costs_are_empty(gateway):
    """Their body isn't public: a list that ends at once."""
    assert gateway.manage("GET", f"{PLACE}/costs").json()["result"] == []
    assert gateway.manage("GET", f"{PLACE}/costs/nobody").status_code == 404
