"""analytics: GraphQL over the log, as dashboards and exporters ask."""

import pytest

URL = "/client/v4/graphql"
DOCUMENTED = """
query ($accountTag: string!, $gateway: string!, $start: Time, $limit: uint64 = 10) {
  viewer {
    accounts(filter: { accountTag: $accountTag }) {
      requests: aiGatewayRequestsAdaptiveGroups(
        limit: $limit
        filter: { datetimeHour_geq: $start, gateway: $gateway }
        orderBy: [datetimeMinute_ASC]
      ) {
        count
        sum { erroredRequests tokensOut cost }
        dimensions { model, provider, gateway, ts: datetimeMinute }
      }
    }
  }
}
"""


def query(gateway, text, variables=None, **headers):
    return gateway.http.post(
        URL,
        json={"query": text, "variables": variables},
        headers={"authorization": f"Bearer {gateway.token}", **headers},
    )


def in_account(fields):
    """Return a query for these fields of the account."""
    return f'{{ viewer {{ accounts(filter: {{accountTag: "x"}}) {{ {fields} }} }} }}'


@pytest.mark.rule("graphql.query")
def test_documented_query_is_answered(gateway):
    """With aliases and variables; the numbers are those of the log."""
    name = gateway.new_gateway()
    row = gateway.log(gateway.ask(gateway=name), name)
    gateway.ask(gateway=name, authorization="Bearer sk-invalid")
    variables = {"accountTag": "x", "gateway": name, "start": row["created_at"][:14] + "00:00Z"}

    answer = query(gateway, DOCUMENTED, variables).json()

    groups = answer["data"]["viewer"]["accounts"][0]["requests"]
    assert answer["errors"] is None
    assert sum(group["count"] for group in groups) == 2
    assert sum(group["sum"]["erroredRequests"] for group in groups) == 1
    assert sum(group["sum"]["tokensOut"] for group in groups) == row["tokens_out"]
    assert sum(group["sum"]["cost"] for group in groups) == pytest.approx(row["cost"])
    assert groups[0]["dimensions"].keys() == {"model", "provider", "gateway", "ts"}
    assert groups[0]["dimensions"]["ts"].endswith(":00Z")


@pytest.mark.rule("graphql.datasets")
def test_all_datasets_in_one_query(gateway):
    """Errors, hits and misses, and stored rows."""
    name = gateway.new_gateway(cache_ttl=300)
    gateway.ask(gateway=name)
    gateway.ask(gateway=name)
    gateway.ask(gateway=name, authorization="Bearer sk-invalid")
    where = f'filter: {{gateway: "{name}", cached_in: [true, false]}}'
    text = in_account(
        f"""
        errors: aiGatewayErrorsAdaptiveGroups(limit: 5, {where}) {{ count }}
        cache: aiGatewayCacheAdaptiveGroups({where}, orderBy: [cacheOp_ASC, count_DESC]) {{
          count dimensions {{ cacheOp __typename }}
        }}
        size: aiGatewaySizeAdaptiveGroups(filter: {{gateway: "{name}"}}, orderBy: max_rows_DESC,
          limit: 1) {{ max {{ most: rows }} dimensions {{ logManagement }} }}
        """
    )

    account = query(gateway, text).json()["data"]["viewer"]["accounts"][0]

    assert account["errors"] == [{"count": 1}]
    assert [(each["count"], each["dimensions"]["cacheOp"]) for each in account["cache"]] == [
        (1, "HIT"),
        (2, "MISS"),
    ]
    assert account["size"] == [{"max": {"most": 3}, "dimensions": {"logManagement": 100_000}}]


REQUESTS = "aiGatewayRequestsAdaptiveGroups"
REFUSED = [
    ("{ nobody }", "nobody"),
    ("{ viewer }", "selection"),
    ("{ viewer { accounts { accountTag } } }", "accountTag"),
    (in_account("someOtherDataset { count }"), "someOtherDataset"),
    (in_account(REQUESTS), "selection"),
    (in_account(f"{REQUESTS}(limit: 0) {{ count }}"), "limit"),
    (in_account(f"{REQUESTS}(limit: 10001) {{ count }}"), "limit"),
    (in_account(f'{REQUESTS}(limit: "5") {{ count }}'), "limit"),
    (in_account(f"{REQUESTS}(first: 5) {{ count }}"), "first"),
    (in_account(f"{REQUESTS} {{ avg {{ cost }} }}"), "avg"),
    (in_account(f"{REQUESTS} {{ sum {{ beauty }} }}"), "beauty"),
    (in_account(f"{REQUESTS} {{ dimensions {{ colour }} }}"), "colour"),
    (in_account(f"{REQUESTS} {{ dimensions }}"), "selection"),
    (in_account("aiGatewaySizeAdaptiveGroups { count }"), "count"),
    (in_account(f"{REQUESTS}(filter: [5]) {{ count }}"), "filter"),
    (in_account(f'{REQUESTS}(filter: {{colour: "red"}}) {{ count }}'), "colour"),
    (in_account(f'{REQUESTS}(filter: {{provider_like: "o"}}) {{ count }}'), "provider_like"),
    (in_account(f"{REQUESTS}(filter: {{provider: 5}}) {{ count }}"), "provider"),
    (in_account(f"{REQUESTS}(filter: {{provider_in: 5}}) {{ count }}"), "provider_in"),
    (in_account(f'{REQUESTS}(filter: {{statusCode: "200"}}) {{ count }}'), "statusCode"),
    (in_account(f"{REQUESTS}(filter: {{cached: 2}}) {{ count }}"), "cached"),
    (in_account(f'{REQUESTS}(filter: {{date: "soon"}}) {{ count }}'), "date"),
    (in_account(f"{REQUESTS}(orderBy: [count]) {{ count }}"), "count"),
    (in_account(f"{REQUESTS}(orderBy: [colour_ASC]) {{ count }}"), "colour_ASC"),
    (in_account(f"{REQUESTS}(orderBy: [5]) {{ count }}"), "5"),
    ("{ viewer {", "Syntax Error"),
]


@pytest.mark.rule("graphql.errors")
@pytest.mark.parametrize(("text", "words"), REFUSED)
def test_what_is_wrong_is_said(gateway, text, words):
    """In the one shape that clients read: no data, and a list of messages."""
    answer = query(gateway, text)

    assert answer.status_code == 200
    assert answer.json()["data"] is None
    assert words in answer.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    "body",
    [b"no json", b"[]", b"{}", b'{"query": 5}', b'{"query": "{a}", "variables": []}'],
)
def test_body_that_is_no_query(gateway, body):
    """400, in the same shape."""
    headers = {"authorization": f"Bearer {gateway.token}"}
    answer = gateway.http.post(URL, content=body, headers=headers)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["message"]


@pytest.mark.parametrize("number", ["9" * 400, "1e999"])
def test_huge_number_is_only_a_large_one(gateway, number):
    """Not an error of ours."""
    text = in_account(f"{REQUESTS}(filter: {{statusCode_gt: {number}}}) {{ count }}")

    assert query(gateway, text).json()["data"]["viewer"]["accounts"] == [{REQUESTS: []}]


@pytest.mark.rule("graphql.auth")
def test_analytics_want_the_token(gateway):
    """As the rest of the management API."""
    assert query(gateway, "{ viewer { __typename } }", authorization="Bearer x").status_code == 401
