"""The management API, read only."""

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from tests.conformance.probe import Probe, error
from tests.conformance.target import Unobservable

FIELDS = (
    "id",
    "cache_invalidate_on_update",
    "cache_ttl",
    "collect_logs",
    "rate_limiting_interval",
    "rate_limiting_limit",
    "rate_limiting_technique",
    "authentication",
    "log_management",
    "log_management_strategy",
    "logpush",
    "dlp",
    "store_id",
    "zdr",
    "is_default",
    "created_at",
    "modified_at",
)
QUERY = """
query { viewer { accounts(filter: {accountTag: "%s"}) {
  requests: aiGatewayRequestsAdaptiveGroups(
    limit: 1
    filter: {datetimeHour_geq: "%s"}
    orderBy: [datetimeMinute_ASC]
  ) { count dimensions { model provider gateway ts: datetimeMinute } }
} } }
"""


def _readable(answer):
    if answer.status_code in (401, 403):
        raise Unobservable(f"the token may not read this (status {answer.status_code})")
    return answer


def gateways(target):
    body = _readable(target.manage("gateways")).json()
    return {
        "success": body["success"],
        "members": sorted(set(body) - {"result_info"}),
        "info": sorted({"count", "page", "per_page", "total_count"} - set(body["result_info"])),
        "page": body["result_info"]["page"],
        "per_page": body["result_info"]["per_page"],
    }


def last_page(target):
    return _readable(target.manage("gateways", page=1000)).json()["result"]


def fields(target):
    return [name for name in FIELDS if name not in target.settings]


def unknown_gateway(target):
    return error(_readable(target.manage("gateways/no-such-gateway-anywhere")))


def unknown_log(target):
    return error(_readable(target.own("logs/no-such-log")))


def long_page(target):
    return error(_readable(target.own("logs", per_page=51)))


def unknown_filter(target):
    filters = '[{"key":"colour","operator":"eq","value":["red"]}]'
    return error(_readable(target.own("logs", filters=filters)))


def filtered(target):
    event = f"conformance-{uuid4()}"
    target.row(target.ask(cf_aig_event_id=event))
    row = {"key": "event_id", "operator": "eq", "value": event}
    as_json = json.dumps([{**row, "value": [event]}])
    apart = {f"filters.{name}": value for name, value in row.items()}
    asked = (target.own("logs", filters=as_json), target.own("logs", **apart))
    return [_readable(answer).json()["result_info"]["total_count"] for answer in asked]


def searched(target):
    rows = _readable(target.manage("gateways", search=target.gateway)).json()["result"]
    return target.gateway in [row["id"] for row in rows]


def custom_providers(target):
    return "total_pages" in _readable(target.manage("custom-providers")).json()["result_info"]


def stored_keys(target):
    rows = _readable(target.own("provider_configs")).json()["result"]
    return any("secret" in row for row in rows)


def analytics(target):
    yesterday = datetime.now(UTC) - timedelta(days=1)
    body = target.graphql(QUERY % (target.account, yesterday.strftime("%Y-%m-%dT%H:00:00Z")))
    if body.get("errors"):
        raise Unobservable(f"analytics said: {body['errors'][0].get('message')}")
    (account,) = body["data"]["viewer"]["accounts"]
    return {"members": sorted(body), "datasets": sorted(account)}


def order(target):
    how = {"order_by": "created_at", "order_by_direction": "desc", "per_page": 5}
    rows = _readable(target.own("logs", **how)).json()["result"]
    moments = [row["created_at"] for row in rows]
    return {"newest first": moments == sorted(moments, reverse=True)}


def ranges(target):
    plain = _readable(target.own("logs", per_page=5)).json()["result_info"]
    more = _readable(target.own("logs", per_page=5, meta_info="true")).json()["result_info"]
    return {"without": "max_cost" in plain, "with": "max_cost" in more}


def url(target):
    one = _readable(target.own("url/workers-ai")).json()["result"]
    base = _readable(target.own("url/universal")).json()["result"]
    path = f"/v1/{target.account}/{target.gateway}/"
    return {"provider": one.endswith(f"{path}workers-ai"), "universal": base.endswith(path)}


def evaluation_types(target):
    rows = _readable(target.manage("evaluation-types")).json()["result"]
    return sorted(rows[0]) if rows else []


def routes(target):
    return sorted(_readable(target.own("routes")).json())


PROBES = (
    Probe(
        "the list of gateways",
        ("api.envelope", "api.gateways", "api.per_page_gateways"),
        gateways,
        {
            "success": True,
            "members": ["errors", "messages", "result", "success"],
            "info": [],
            "page": 1,
            "per_page": 20,
        },
    ),
    Probe("a page after the last", ("api.paging_ends",), last_page, []),
    Probe("the fields of a gateway that are missing", ("gateway.fields",), fields, []),
    Probe(
        "a gateway that isn't there",
        ("api.not_found", "api.error_envelope"),
        unknown_gateway,
        {"status": 404, "code": 7002},
    ),
    Probe("a log that isn't there", ("errors.7002",), unknown_log, {"status": 404, "code": 7002}),
    Probe(
        "51 logs a page",
        ("api.per_page_logs", "errors.7001"),
        long_page,
        {"status": 400, "code": 7001},
    ),
    Probe(
        "a filter that nobody knows",
        ("api.log_filters_unknown",),
        unknown_filter,
        {"status": 400, "code": 7001},
    ),
    Probe(
        "logs filtered by event id, as JSON and apart",
        ("api.log_filters", "api.filters_encodings"),
        filtered,
        [1, 1],
    ),
    Probe("gateways searched by id", ("api.gateways",), searched, True),
    Probe("the list of custom providers", ("custom.list",), custom_providers, True),
    Probe("stored keys with their secrets", ("byok.never_shown",), stored_keys, False),
    Probe(
        "the documented query of analytics",
        ("graphql.query", "graphql.datasets"),
        analytics,
        {"members": ["data", "errors"], "datasets": ["requests"]},
    ),
    Probe("logs in order", ("api.log_order",), order, {"newest first": True}),
    Probe("ranges of the logs", ("api.log_ranges",), ranges, {"without": False, "with": True}),
    Probe("the URL of a provider", ("api.url",), url, {"provider": True, "universal": True}),
    Probe(
        "the types of evaluations",
        ("api.evaluation_types",),
        evaluation_types,
        [
            "created_at",
            "description",
            "enable",
            "id",
            "mandatory",
            "modified_at",
            "name",
            "type",
        ],
    ),
    Probe("the list of routes", ("api.routes_envelopes",), routes, ["data", "success"]),
)
