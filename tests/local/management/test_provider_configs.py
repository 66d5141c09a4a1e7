"""provider_configs: keys go in, are used at once, and never come out."""

import pytest

from tests.local.conftest import HELLO

BODY = {
    "provider_slug": "openai",
    "alias": "default",
    "default_config": True,
    "secret": "sk-stored-abcd",
}


@pytest.fixture
def name(gateway):
    """A gateway without any stored key that takes no credits."""
    return gateway.new_gateway(byok_only=True)


def add(gateway, name, **change):
    body = {key: value for key, value in {**BODY, **change}.items() if value is not None}
    return gateway.manage("POST", f"/gateways/{name}/provider_configs", json=body)


@pytest.mark.rule("gateway.next_request")
def test_key_is_used_from_the_next_call_on(gateway, name):
    """Before, this gateway requires a key; after its deletion it does again."""
    before = gateway.ask(gateway=name).status_code
    made = add(gateway, name).json()["result"]
    answer = gateway.ask(gateway=name)
    gateway.manage("DELETE", f"/gateways/{name}/provider_configs/{made['id']}")
    after = gateway.ask(gateway=name).status_code

    assert (before, answer.status_code, after) == (400, 200, 400)
    assert gateway.log(answer, name)["byok"] is True


@pytest.mark.rule("keys.stored_second", "headers.byok_alias")
def test_alias_chooses_the_key(gateway, name):
    """The simulated provider refuses the one that reads "wrong"; an unknown alias is 2040."""
    add(gateway, name)
    add(gateway, name, alias="spare", default_config=False, secret="sk-wrong-abcd")

    spare = gateway.ask(gateway=name, cf_aig_byok_alias="spare")
    unknown = gateway.ask(gateway=name, cf_aig_byok_alias="nobody")

    assert gateway.ask(gateway=name).status_code == 200
    assert spare.status_code == 401
    assert unknown.json()["internalCode"] == 2040
    assert "default, spare" in unknown.json()["message"]


@pytest.mark.rule("byok.never_shown")
def test_secret_never_comes_back(gateway, name):
    """Its last four letters do."""
    made = add(gateway, name, rate_limit=10, rate_limit_period=60)
    listed = gateway.manage("GET", f"/gateways/{name}/provider_configs")

    assert "sk-stored" not in made.text + listed.text
    assert made.json()["result"]["secret_preview"] == "abcd"
    assert listed.json()["result"] == [made.json()["result"]]
    assert made.json()["result"]["rate_limit"] == 10


@pytest.mark.rule("byok.secret_id")
def test_key_that_lies_elsewhere_cannot_be_used(gateway, name):
    """There is no Secrets Store here; the config is kept as it was given."""
    made = add(gateway, name, secret=None, secret_id="store-1").json()["result"]

    assert (made["secret_id"], made["secret_preview"]) == ("store-1", "")
    assert gateway.ask(gateway=name).status_code == 400


@pytest.mark.rule("byok.one_per_alias")
def test_one_key_for_each_provider_and_alias(gateway, name):
    """A second one is refused, another provider's isn't."""
    add(gateway, name)

    assert add(gateway, name).status_code == 409
    assert add(gateway, name, provider_slug="anthropic").status_code == 200


def test_keys_survive_a_restart_sealed(own_gateway, tmp_path):
    """And no file of the data directory shows them."""
    with own_gateway(data=tmp_path, instant=True) as caller:
        name = caller.new_gateway(byok_only=True)
        add(caller, name)
    with own_gateway(data=tmp_path, instant=True) as caller:
        assert caller.ask(gateway=name, body=HELLO).status_code == 200

    for file in tmp_path.iterdir():
        assert b"sk-stored-abcd" not in file.read_bytes()


@pytest.mark.rule("byok.fields")
@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"provider_slug": "nobody"}, "provider_slug"),
        ({"provider_slug": "compat"}, "provider_slug"),
        ({"provider_slug": 5}, "provider_slug"),
        ({"provider_slug": None}, "provider_slug"),
        ({"alias": ""}, "alias"),
        ({"alias": None}, "alias"),
        ({"default_config": "yes"}, "default_config"),
        ({"default_config": None}, "default_config"),
        ({"secret": ""}, "secret"),
        ({"secret": None}, "secret"),
        ({"secret": "x" * 65_537}, "secret"),
        ({"rate_limit": -1}, "rate_limit"),
    ],
)
def test_bad_field_is_named(gateway, name, change, path):
    """400, code 7001, and the secret isn't in the answer."""
    answer = add(gateway, name, **change)

    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (400, ["body", path])
    assert "sk-stored" not in answer.text


def test_unknown_config_is_a_404(gateway, name):
    """With code 7002."""
    answer = gateway.manage("DELETE", f"/gateways/{name}/provider_configs/nobody")

    assert answer.json()["errors"][0]["code"] == 7002
