"""The unchanged ``cloudflare`` package manages a local gateway as it does a hosted one."""

import itertools

import cloudflare
import httpx
import pytest

ACCOUNT = "some-account"
NUMBERS = itertools.count(1)
QUESTION = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hello"}]}
SETTINGS = {
    "cache_invalidate_on_update": False,
    "cache_ttl": 0,
    "collect_logs": True,
    "rate_limiting_interval": 0,
    "rate_limiting_limit": 0,
}
ELEMENTS = [
    {"id": "start", "type": "start", "outputs": {"next": {"elementId": "plan"}}},
    {
        "id": "plan",
        "type": "conditional",
        "properties": {"conditions": {"metadata.plan": {"$eq": "free"}}},
        "outputs": {"true": {"elementId": "limit"}, "false": {"elementId": "split"}},
    },
    {
        "id": "limit",
        "type": "rate",
        "properties": {"key": "metadata.user", "limit": 9, "limitType": "count", "window": 60},
        "outputs": {"success": {"elementId": "small"}, "fallback": {"elementId": "end"}},
    },
    {
        "id": "split",
        "type": "percentage",
        "outputs": {"50%": {"elementId": "small"}, "else": {"elementId": "end"}},
    },
    {
        "id": "small",
        "type": "model",
        "properties": {"provider": "openai", "model": "gpt-5", "timeout": 9000, "retries": 1},
        "outputs": {"success": {"elementId": "end"}, "fallback": {"elementId": "end"}},
    },
    {"id": "end", "type": "end", "outputs": {}},
]


@pytest.fixture(scope="module")
def client(gateway):
    with cloudflare.Cloudflare(
        api_token=gateway.token, base_url=f"{gateway.url}/client/v4", max_retries=0
    ) as made:
        yield made


@pytest.fixture
def name(client):
    """A gateway of the test's own."""
    made = f"sdk-{next(NUMBERS)}"
    client.ai_gateway.create(account_id=ACCOUNT, id=made, **SETTINGS)
    yield made
    client.ai_gateway.delete(made, account_id=ACCOUNT)


def ask(gateway, name, **headers):
    """Send one question and return its log id."""
    answer = httpx.post(
        f"{gateway.gateway_url(name)}/openai/chat/completions", json=QUESTION, headers=headers
    )
    return answer.headers["cf-aig-log-id"]


@pytest.mark.rule("api.paging_ends")
def test_gateways_are_made_changed_and_listed_to_the_end(client, name):
    """Its pages end at an empty one only."""
    api = client.ai_gateway

    changed = api.update(name, account_id=ACCOUNT, **{**SETTINGS, "cache_ttl": 90})
    listed = [each.id for each in api.list(account_id=ACCOUNT, per_page=5)]

    assert changed.cache_ttl == 90
    assert api.get(name, account_id=ACCOUNT).cache_ttl == 90
    assert {name, "demo", "default"} <= set(listed)
    assert len(listed) == len(set(listed))


@pytest.mark.rule("api.auth")
def test_older_pair_of_credentials(gateway):
    """``X-Auth-Email`` with ``X-Auth-Key``."""
    with cloudflare.Cloudflare(
        api_email="a@b.example", api_key=gateway.token, base_url=f"{gateway.url}/client/v4"
    ) as client:
        assert client.ai_gateway.get("demo", account_id=ACCOUNT).id == "demo"


@pytest.mark.rule("api.exceptions")
def test_errors_are_its_own_exceptions(client, gateway):
    """With the code and the words of the envelope."""
    api = client.ai_gateway
    stranger = client.with_options(api_token="wrong")

    with pytest.raises(cloudflare.NotFoundError) as missing:
        api.get("nobody", account_id=ACCOUNT)
    with pytest.raises(cloudflare.BadRequestError) as bad:
        api.create(account_id=ACCOUNT, id="bad", **{**SETTINGS, "cache_ttl": -1})
    with pytest.raises(cloudflare.ConflictError):
        api.create(account_id=ACCOUNT, id="demo", **SETTINGS)
    with pytest.raises(cloudflare.AuthenticationError) as refused:
        stranger.ai_gateway.get("demo", account_id=ACCOUNT)

    assert missing.value.errors[0].code == 7002
    assert bad.value.errors[0].code == 7001
    assert refused.value.errors[0].code == 10000


@pytest.mark.rule("api.log_patch")
def test_logs_are_filtered_rated_and_deleted(client, gateway, name):
    """Grouped filters, as this client spells them; feedback lands on the row."""
    logs, place = client.ai_gateway.logs, {"account_id": ACCOUNT, "gateway_id": name}
    first = ask(gateway, name, **{"cf-aig-metadata": '{"user": "u1"}'})
    second = ask(gateway, name, **{"cf-aig-metadata": '{"user": "u2"}'})
    third = ask(gateway, name, authorization="Bearer sk-invalid")

    everything = [row.id for row in logs.list(name, account_id=ACCOUNT, per_page=2)]
    found = logs.list(
        name,
        account_id=ACCOUNT,
        filters=[
            {"key": "metadata.key", "operator": "eq", "value": ["user"]},
            {"key": "metadata.value", "operator": "eq", "value": ["u2"]},
        ],
    )
    failed = logs.list(
        name,
        account_id=ACCOUNT,
        filters=[{"key": "success", "operator": "eq", "value": [False]}],
        order_by="created_at",
        order_by_direction="asc",
        meta_info=True,
    )
    logs.edit(first, **place, feedback=1, score=90, metadata={"rated": True})
    rated = logs.list(
        name, account_id=ACCOUNT, filters=[{"key": "feedback", "operator": "eq", "value": [1]}]
    )
    detail = logs.get(first, **place)
    deleted = logs.delete(
        name, account_id=ACCOUNT, limit=1, order_by="created_at", order_by_direction="asc"
    )

    assert everything == [third, second, first]
    assert [row.id for row in found] == [second]
    assert [row.id for row in failed] == [third]
    assert [row.id for row in rated] == [first]
    assert detail.request_head_complete is True
    assert logs.request(second, **place) == QUESTION
    assert logs.response(second, **place)["object"] == "chat.completion"
    assert deleted.success is True
    assert [row.id for row in logs.list(name, account_id=ACCOUNT)] == [third, second]
    with pytest.raises(cloudflare.BadRequestError):
        logs.list(name, account_id=ACCOUNT, per_page=51)


@pytest.mark.rule("api.evaluations")
def test_datasets_are_evaluated(client, gateway, name):
    """Cost, speed and human feedback, out of the rows that the filters let pass."""
    api, place = client.ai_gateway, {"account_id": ACCOUNT, "gateway_id": name}
    rated = ask(gateway, name)
    ask(gateway, name, authorization="Bearer sk-invalid")
    api.logs.edit(rated, **place, feedback=1)
    passing = [{"key": "success", "operator": "eq", "value": [True]}]

    made = api.datasets.create(name, account_id=ACCOUNT, name="good", enable=True, filters=passing)
    renamed = api.datasets.update(made.id, **place, name="fine", enable=True, filters=passing)
    listed = list(api.datasets.list(name, account_id=ACCOUNT, search="fin"))
    types = {each.type: each.id for each in api.evaluation_types.list(account_id=ACCOUNT)}
    run = api.evaluations.create(
        name,
        account_id=ACCOUNT,
        name="first run",
        dataset_ids=[made.id],
        evaluation_type_ids=list(types.values()),
    )
    again = api.evaluations.get(run.id, **place)
    results = {each.evaluation_type_id: each for each in again.results}

    assert (renamed.name, [each.id for each in listed]) == ("fine", [made.id])
    assert (again.processed, again.total_logs) == (True, 1)
    assert again.datasets[0].filters[0].value == [True]
    assert float(results[types["cost"]].result) > 0
    assert float(results[types["speed"]].result) >= 0
    assert results[types["human-feedback"]].result == "100.00"
    assert [each.id for each in api.evaluations.list(name, account_id=ACCOUNT)] == [run.id]
    assert api.evaluations.delete(run.id, **place).id == run.id
    assert api.datasets.delete(made.id, **place).id == made.id
    assert list(api.datasets.list(name, account_id=ACCOUNT)) == []


@pytest.mark.rule("api.routes")
def test_dynamic_routes_have_versions_and_deployments(client, name):
    """In the envelopes that this client unwraps, and in those that it doesn't."""
    api, place = client.ai_gateway.dynamic_routing, {"account_id": ACCOUNT, "gateway_id": name}
    shorter = [{**ELEMENTS[0], "outputs": {"next": {"elementId": "end"}}}, ELEMENTS[-1]]

    made = api.create(name, account_id=ACCOUNT, name="cheap", elements=ELEMENTS)
    renamed = api.update(made.id, **place, name="cheaper")
    version = api.create_version(made.id, **place, elements=shorter)
    versions = api.list_versions(made.id, **place).data.versions
    before = api.get(made.id, **place)
    deployed = api.create_deployment(made.id, **place, version_id=versions[0].version_id)
    after = api.get(made.id, **place)
    older = api.get_version(versions[1].version_id, **place, id=made.id)

    assert made.version.active == "true"
    assert renamed.route.name == "cheaper"
    assert len(version.elements) == 2
    assert [each.active for each in versions] == ["false", "true"]
    assert (len(before.elements), len(after.elements)) == (6, 2)
    assert deployed.id == made.id
    assert (older.active, len(older.elements)) == ("false", 6)
    assert older.elements[4].properties.provider == "openai"
    assert len(api.list_deployments(made.id, **place).data.deployments) == 2
    assert [each.id for each in api.list(name, account_id=ACCOUNT).data.routes] == [made.id]
    assert api.delete(made.id, **place).name == "cheaper"
    assert api.list(name, account_id=ACCOUNT).data.routes == []


@pytest.mark.rule("byok.never_shown")
def test_stored_key_is_used_and_never_shown(client, gateway, name):
    """The simulated provider refuses a key that reads "invalid", stored or sent."""
    api = client.ai_gateway.provider_configs
    made = api.create(
        name,
        account_id=ACCOUNT,
        provider_slug="openai",
        alias="default",
        default_config=True,
        secret="sk-invalid-1234",
    )
    answer = httpx.post(f"{gateway.gateway_url(name)}/openai/chat/completions", json=QUESTION)
    listed = list(api.list(name, account_id=ACCOUNT))

    assert made.secret_preview == "1234"
    assert answer.status_code == 401
    assert [each.id for each in listed] == [made.id]
    assert "sk-invalid" not in repr(listed)


@pytest.mark.rule("custom.create")
def test_custom_provider_is_kept(client):
    """Made, listed, fetched and deleted."""
    api = client.ai_gateway.custom_providers
    made = api.create(
        account_id=ACCOUNT, name="Mine", slug="sdk-mine", base_url="https://llm.example/v1"
    )

    assert (made.enable, made.beta) == (False, False)
    assert [each.id for each in api.list(account_id=ACCOUNT, search="sdk-m")] == [made.id]
    assert api.get(made.id, account_id=ACCOUNT).base_url == "https://llm.example/v1"
    assert api.delete(made.id, account_id=ACCOUNT).slug == "sdk-mine"


@pytest.mark.rule("api.url", "api.url_host")
def test_url_leads_to_the_gateway(client, gateway):
    """A client that asks for it needs no other address."""
    url = client.ai_gateway.urls.get("openai", account_id=ACCOUNT, gateway_id="demo")
    universal = client.ai_gateway.urls.get("universal", account_id=ACCOUNT, gateway_id="demo")

    assert url == f"{gateway.url}/v1/{ACCOUNT}/demo/openai"
    assert universal == f"{gateway.url}/v1/{ACCOUNT}/demo/"
    assert httpx.post(f"{url}/chat/completions", json=QUESTION).status_code == 200


@pytest.mark.rule("api.billing")
def test_models_run_on_the_api_host(client):
    """It writes the slashes of a model's name as ``%2F``, and reads what is in the envelope."""
    name = "@cf/meta/llama-3.1-8b-instruct"

    answer = client.ai.run(name, account_id=ACCOUNT, messages=QUESTION["messages"])
    vectors = client.ai.run("@cf/baai/bge-m3", account_id=ACCOUNT, text="Hello")

    assert answer["response"]
    assert answer["usage"]["total_tokens"] > 0
    assert vectors


def test_billing_is_told(client):
    """A top-up raises the balance, and is an invoice; the old limit is retired."""
    api = client.ai_gateway.billing
    before = api.credit_balance(account_id=ACCOUNT).balance
    paid = api.topup.create(account_id=ACCOUNT, amount=1500)
    status = api.topup.status(account_id=ACCOUNT, payment_intent_id=paid.payment_intent_id)
    api.topup.config.create(account_id=ACCOUNT, amount=2000, threshold=500)
    config = api.topup.config.get(account_id=ACCOUNT)
    api.topup.config.delete(account_id=ACCOUNT)

    assert status.status == "completed"
    assert api.credit_balance(account_id=ACCOUNT).balance == before + 1500
    assert api.invoice_history(account_id=ACCOUNT, type="manual").invoices[0].amount_paid == 1500
    assert api.invoice_preview(account_id=ACCOUNT).status == "draft"
    assert api.usage_history(account_id=ACCOUNT, value_grouping_window="day").history == []
    assert (config.amount, config.threshold) == (2000, 500)
    assert api.topup.config.get(account_id=ACCOUNT).amount is None
    assert api.spending_limit.get(account_id=ACCOUNT).enabled is False
    # The package says itself that this one is no more.
    with pytest.deprecated_call(), pytest.raises(cloudflare.PermissionDeniedError):
        api.spending_limit.create(
            account_id=ACCOUNT, amount=100, duration="daily", strategy="fixed"
        )
