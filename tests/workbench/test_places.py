"""places: which gateways there are, and what is said of one that is no use."""

import json

import pytest

from gateway.chat import Chat, Target, say
from gateway.headers import Options
from gateway.settings import Settings
from gateway.workbench import Workbench
from gateway.workbench.places import NOWHERE, Places
from tests.raw_server import whole
from tests.workbench.conftest import KEY

ACCOUNT = "0123456789abcdef0123456789abcdef"
HELLO = Chat(provider="openai", model="gpt-5-mini", messages=say("Hello"))
HOSTED = {
    "CLOUDFLARE_ACCOUNT_ID": ACCOUNT,
    "CLOUDFLARE_GATEWAY_ID": "mine",
    "CLOUDFLARE_API_KEY": "cf-token-1234",
    "OPENAI_API_KEY": KEY,
}


def envelope(code, message="No"):
    return json.dumps({"success": False, "error": [{"code": code, "message": message}]})


ANSWERS = [
    ("200 OK", '{"data":[]}', True, "It answers."),
    ("401 No", '{"error":{"message":"Incorrect API key"}}', True, "It answers."),
    ("402 No", envelope(2021), True, "It answers."),
    ("400 No", envelope(2001), False, "The gateway does not exist."),
    ("401 No", envelope(2009), False, "Set CLOUDFLARE_API_KEY in .env"),
    ("200 OK", "<html>Sign in to the Wi-Fi</html>", False, "Something else than a gateway"),
]


def places(**values):
    return Places(Settings(values=values), None, [])


def test_fresh_install_has_the_local_gateway_only():
    """No account, no key, no second gateway."""
    found = places().targets

    assert list(found) == ["local", "direct"]
    assert found["local"].base_url == f"{NOWHERE}/v1/local/demo"


def test_hosted_gateway_has_keys_and_token():
    """The keys of .env travel to Cloudflare with each call; the local gateway has its own."""
    found = places(**HOSTED, LOCAL_GATEWAY_URL="http://127.0.0.1:1").targets

    assert list(found) == ["local", "cloudflare", "direct"]
    assert found["cloudflare"].base_url == f"https://gateway.ai.cloudflare.com/v1/{ACCOUNT}/mine"
    assert found["cloudflare"].token == "cf-token-1234"
    assert found["cloudflare"].keys == {"openai": KEY, "workers-ai": "cf-token-1234"}
    assert found["local"].keys == {}


def test_both_gateways_have_a_rest_endpoint():
    """The hosted one on the API's host, the local one on its own."""
    found = places(**HOSTED, LOCAL_GATEWAY_URL="http://127.0.0.1:1").targets

    assert (
        found["cloudflare"].rest_url == f"https://api.cloudflare.com/client/v4/accounts/{ACCOUNT}"
    )
    assert found["local"].rest_url == f"http://127.0.0.1:1/client/v4/accounts/{ACCOUNT}"
    assert (found["cloudflare"].gateway, found["local"].gateway) == ("mine", "demo")


def test_local_address_has_the_account_in_it():
    """Workers AI is asked for real under that account."""
    found = places(CLOUDFLARE_ACCOUNT_ID=ACCOUNT, LOCAL_GATEWAY_URL="http://127.0.0.1:1").targets

    assert found["local"].base_url == f"http://127.0.0.1:1/v1/{ACCOUNT}/demo"


def test_hosted_gateway_without_a_token_can_be_tried():
    """Its authentication may be off."""
    given = {name: HOSTED[name] for name in ("CLOUDFLARE_ACCOUNT_ID", "CLOUDFLARE_GATEWAY_ID")}

    assert places(**given).targets["cloudflare"].token is None


@pytest.mark.parametrize(("status", "body", "ok", "words"), ANSWERS)
def test_check_judges_the_gateway(serve, bench, status, body, ok, words):
    """A provider that refuses us still shows that the gateway passes calls on."""

    async def answer(request, peer):
        await peer.send(whole(body, status=status))

    server = serve(answer)
    workbench = bench(server.url, **HOSTED)
    target = Target(name="cloudflare", base_url=f"{server.url}/v1/a/g", token="t", keys={})
    workbench._places.targets["cloudflare"] = target

    health = workbench.check("cloudflare")

    assert (health.ok, health.status) == (ok, int(status[:3]))
    assert words in health.sentence
    assert server.requests[-1].target == "/v1/a/g/openai/models"
    assert server.requests[-1].header("cf-aig-authorization") == "Bearer t"


def test_nobody_at_home(bench):
    """The app opens all the same, and says what is missing."""
    workbench = bench("http://127.0.0.1:9")

    health = workbench.check("local")

    assert (health.ok, health.status) == (False, None)
    assert "connection refused" in health.sentence
    assert "connection refused" in workbench.problems[0]
    assert workbench.journal("any") == []


@pytest.mark.parametrize(
    ("health", "ok", "words"),
    [
        (whole("{}"), False, "Something else than a local gateway answers at http://127"),
        (whole("<html>", status="404 No"), False, "Something else than a local gateway"),
        (whole("{}", status="403 No"), True, "tells only its own machine"),
    ],
)
def test_somebody_else_at_home(serve, bench, health, ok, words):
    """Some other server listens there, or a gateway on another machine."""

    async def answer(request, peer):
        await peer.send(whole("{}"))

    workbench = bench(serve(answer, health).url)

    assert workbench.check("local").ok == ok
    assert words in workbench.check("local").sentence
    assert bool(workbench.problems) != ok


def test_health_tells_who_is_simulated(serve, bench):
    """Every answer of theirs is marked."""

    async def answer(request, peer):
        await peer.send(whole("{}"))

    workbench = bench(serve(answer).url)

    assert workbench.targets["local"].simulated == {"openai", "anthropic"}
    assert "Real: Workers AI" in workbench.check("local").sentence


def test_data_in_use_by_another_app(local, tmp_path):
    """A second app works too, on data of its own, and says so."""
    values = {
        "LOCAL_GATEWAY_DATA": str(local.data),
        "RECORDS_URL": f"sqlite:///{tmp_path}/records.db",
    }
    workbench = Workbench.open(Settings(values=values))

    (problem,) = workbench.problems
    assert workbench.check("local").ok
    assert "A temporary local gateway runs instead" in problem
    workbench.close()


def test_own_gateway_gets_the_keys_and_ends_with_the_app(tmp_path):
    """With its key a provider is real; the process doesn't outlive the workbench."""
    values = {
        "LOCAL_GATEWAY_DATA": str(tmp_path / "data"),
        "RECORDS_URL": f"sqlite:///{tmp_path}/r.db",
        "OPENAI_API_KEY": KEY,
    }
    workbench = Workbench.open(Settings(values=values))
    server = workbench._places._server

    assert "openai" not in workbench.targets["local"].simulated
    assert "anthropic" in workbench.targets["local"].simulated
    assert workbench.check("local").sentence == "It answers. Real: OpenAI."
    workbench.close()
    assert not server.running


def test_providers_can_be_asked_without_a_gateway(local_bench):
    """A played one at the local server's address, outside the gateway; nothing else is known."""
    direct = local_bench.targets["direct"]
    url = local_bench.targets["local"].base_url.partition("/v1/")[0]

    assert direct.bases["openai"] == f"{url}/_local/direct/openai"
    assert direct.simulated == local_bench.targets["local"].simulated
    assert (direct.token, direct.keys) == (None, {})


def test_provider_with_a_key_is_asked_at_its_own_address(local, bench):
    """The key goes where it belongs, not to the local server."""
    direct = bench(local.url, OPENAI_API_KEY=KEY, CLOUDFLARE_ACCOUNT_ID=ACCOUNT).targets["direct"]

    assert "openai" not in direct.bases
    assert "openai" not in direct.simulated
    assert direct.bases["anthropic"].startswith(local.url)
    assert direct.keys == {"openai": KEY}


def test_workers_ai_has_an_address_of_the_account():
    """Asked directly, it is a path of the account on the API's host."""
    found = places(**HOSTED, LOCAL_GATEWAY_URL="http://127.0.0.1:1").targets["direct"]

    assert found.bases == {
        "workers-ai": f"https://api.cloudflare.com/client/v4/accounts/{ACCOUNT}/ai/run"
    }


def test_direct_answer_is_that_of_the_provider(local_bench):
    """The same words as through the gateway, and no trace of a gateway."""
    asked = [local_bench.ask(HELLO, Options(cache_ttl=600), target=t) for t in ("direct", "local")]
    direct, through = [answer.wait(10) for answer in asked]

    assert direct.reply.text == through.reply.text
    assert direct.reply.cache is None
    assert not [name for name, _ in direct.sent.headers if name.startswith("cf-")]
    assert direct.simulated
