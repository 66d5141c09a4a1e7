"""Every parser of requests, fuzzed over the wire: whatever comes, the gateway doesn't break.

A file without a module of its own: the parsers are spread over ``local/``, the promise is one.
"""

import json
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.local.conftest import HELLO, MINIMAL, OPENAI, calling

ANY = st.characters(exclude_categories=())
"""All characters, halves of surrogate pairs too: JSON can spell these, and UTF-8 can't."""
TEXT = st.text(ANY, max_size=12)
NUMBERS = st.integers() | st.floats() | st.sampled_from([10**30, -1, 0, 2**63])
ACCOUNT = "/client/v4/accounts/a/ai-gateway"
FILTERS = ["created_at", "cost", "success", "feedback", "metadata.key", "provider", "tokens"]
LIST = ["page", "per_page", "search", "order_by", "filters", "meta_info", "start_date", "min_cost"]
GRAPHQL = [
    "query",
    "{",
    "viewer",
    "accounts",
    "(",
    "filter",
    ":",
    "accountTag",
    ")",
    "}",
    "$x",
    "!",
    "[",
    "]",
    '"',
    "\\",
    "#",
    "...",
    "on",
    "@skip",
    "limit",
    "orderBy",
    "aiGatewayRequestsAdaptiveGroups",
    "count",
    "sum",
    "dimensions",
    "model",
    "datetime_geq",
    "null",
    "true",
    "1",
    "1.5",
    "-9e99",
]
PATHS = {
    "universal": "/v1/a/demo",
    "unified": "/v1/a/demo/compat/chat/completions",
    "responses": "/v1/a/demo/openai/responses",
    "embeddings": "/v1/a/demo/openai/embeddings",
    "anthropic": "/v1/a/demo/anthropic/v1/messages",
    "google": "/v1/a/demo/google-ai-studio/v1beta/models/gemini-2.5-flash:generateContent",
    "workers": "/v1/a/demo/workers-ai/@cf/meta/llama-3.1-8b-instruct",
    "cohere": "/v1/a/demo/cohere/v2/chat",
    "run": "/client/v4/accounts/a/ai/run",
    "rest chat": "/client/v4/accounts/a/ai/v1/chat/completions",
    "rest messages": "/client/v4/accounts/a/ai/v1/messages",
    "gateways": f"{ACCOUNT}/gateways",
    "datasets": f"{ACCOUNT}/gateways/demo/datasets",
    "evaluations": f"{ACCOUNT}/gateways/demo/evaluations",
    "routes": f"{ACCOUNT}/gateways/demo/routes",
    "policies": f"{ACCOUNT}/gateways/demo/policies",
    "provider configs": f"{ACCOUNT}/gateways/demo/provider_configs",
    "custom providers": f"{ACCOUNT}/custom-providers",
    "analytics": "/client/v4/graphql",
    "faults": "/_local/faults",
}
MEMBERS = [
    "model",
    "messages",
    "input",
    "contents",
    "parts",
    "role",
    "content",
    "text",
    "tools",
    "tool_choice",
    "function",
    "name",
    "stream",
    "response_format",
    "max_tokens",
    "temperature",
    "provider",
    "endpoint",
    "query",
    "headers",
    "config",
    "requestTimeout",
    "options",
    "elements",
    "id",
    "type",
    "outputs",
    "properties",
    "conditions",
    "filters",
    "key",
    "operator",
    "value",
    "slug",
    "base_url",
    "alias",
    "secret",
    "provider_slug",
    "default_config",
    "actor",
    "resource",
    "condition",
    "action",
    "guardrails",
    "dlp",
    "otel",
    "spend_limits",
    "rules",
    "status",
    "times",
    "rate",
    "variables",
    "enable",
    "dataset_ids",
]
WORDS = st.sampled_from(
    ["gpt-4o-mini", "openai/gpt-4o", "cloudflare/auto", "dynamic/x", "user", "Hello", "demo", "*"]
)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT | WORDS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(MEMBERS) | TEXT, inner, max_size=5)
    ),
    max_leaves=15,
)
BODIES = JSON.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=60)
many = settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="module")
def caller():
    with calling(instant=True) as caller:
        yield caller


def sent(caller, method, path, content=None, **headers):
    """Return the answer to a request, whatever it is, with the token where it belongs."""
    headers = {"content-type": "application/json", **headers}
    if path.startswith("/client/"):
        headers["authorization"] = f"Bearer {caller.token}"
    return caller.http.request(method, path, content=content, headers=headers)


def is_an_answer(answer):
    """Whether this is no accident of the gateway's own."""
    return answer.status_code < 500


@many
@given(body=BODIES)
@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_any_body_has_an_answer(caller, path, body):
    """Data plane, REST API, management API, analytics and what is ours alone."""
    assert is_an_answer(sent(caller, "POST", path, body))
    caller.http.delete("/_local/faults")


@many
@given(change=st.dictionaries(st.sampled_from([*MINIMAL, *MEMBERS]), JSON, max_size=3))
def test_any_setting_has_an_answer(caller, change):
    """One that is taken must let the next call be served."""
    body = json.dumps({**MINIMAL, **change}).encode()
    answer = sent(caller, "PUT", f"{ACCOUNT}/gateways/demo", body)

    assert is_an_answer(answer)
    assert caller.ask(OPENAI).status_code in (200, 400, 401, 403, 424, 429)


@many
@given(
    query=st.lists(
        st.tuples(
            st.sampled_from([*LIST, "filters.key", "filters.operator", "filters.value"]),
            TEXT.map(lambda text: text.encode("utf-8", "replace").decode())
            | st.sampled_from([*FILTERS, "eq", "lt", "1", "true", "2026-11-23T00:00:00Z", "∞"])
            | JSON.map(json.dumps),
        ),
        max_size=6,
    )
)
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_any_query_has_an_answer(caller, method, query):
    """Filters in every encoding, paging and orders, of what is read and of what is deleted."""
    path = f"{ACCOUNT}/gateways/demo/logs?{urlencode(query)}"

    assert is_an_answer(sent(caller, method, path))


@many
@given(words=st.lists(st.sampled_from(GRAPHQL) | TEXT, max_size=25))
def test_any_analytics_query_has_an_answer(caller, words):
    """It says what is wrong in ``errors``."""
    body = json.dumps({"query": " ".join(words)}).encode()
    answer = sent(caller, "POST", "/client/v4/graphql", body)

    assert is_an_answer(answer)
    assert {"data", "errors"} == answer.json().keys()


@many
@given(body=JSON.map(lambda value: json.dumps(value).encode()))
def test_any_feedback_has_an_answer(caller, body):
    """Of a log that is there."""
    log_id = caller.ask(OPENAI).headers.get("cf-aig-log-id", "none")

    assert is_an_answer(sent(caller, "PATCH", f"{ACCOUNT}/gateways/demo/logs/{log_id}", body))


@many
@given(
    path=st.lists(TEXT | st.sampled_from(["openai", "compat", "..", "v1", "@cf", ":"]), max_size=5),
    method=st.sampled_from(["GET", "POST", "PUT", "HEAD", "OPTIONS", "DELETE"]),
)
def test_any_path_has_an_answer(caller, path, method):
    """Escaped as clients escape it."""
    spelled = "/".join(quote(part.encode("utf-8", "replace"), safe="@:") for part in path)

    assert is_an_answer(sent(caller, method, f"/v1/a/demo/{spelled}", json.dumps(HELLO).encode()))
