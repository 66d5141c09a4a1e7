"""The log: rows, bodies, and the headers that steer them."""

from tests.conformance.probe import Probe, body_of, error
from tests.conformance.target import MODEL, question

REQUIRED = (
    "id",
    "created_at",
    "provider",
    "model",
    "path",
    "duration",
    "success",
    "cached",
    "tokens_in",
    "tokens_out",
)
SIX = '{"a":1,"b":"2","c":true,"d":4,"e":5,"f":6}'
RATES = '{"per_token_in":0.5,"per_token_out":0.25}'


def row(target):
    found = target.row(target.ask()) or {}
    shown = ("provider", "model", "success", "cached", "status_code", "step")
    return {
        "missing": [name for name in REQUIRED if name not in found],
        **{name: found.get(name) for name in shown},
        "tokens": (found.get("tokens_out") or 0) > 0,
    }


def metadata(target):
    found = target.row(target.ask(cf_aig_metadata=SIX)) or {}
    return found.get("metadata")


def nested_metadata(target):
    found = target.row(target.ask(cf_aig_metadata='{"a":{"b":1},"c":2}')) or {}
    return found.get("metadata") or {}


def custom_cost(target):
    found = target.row(target.ask(cf_aig_custom_cost=RATES)) or {}
    wanted = (found.get("tokens_in") or 0) * 0.5 + (found.get("tokens_out") or 0) * 0.25
    return {
        "custom_cost": found.get("custom_cost"),
        "formula": abs((found.get("cost") or 0) - wanted) < 1e-9 and wanted > 0,
    }


def no_row(target):
    answer = target.ask(cf_aig_collect_log="false")
    return error(target.own(f"logs/{answer.headers.get('cf-aig-log-id', 'none')}"))


def no_payload(target):
    answer = target.ask(cf_aig_collect_log_payload="false")
    return {"row": target.row(answer) is not None, **error(target.kept(answer, "request"))}


def bodies(target):
    sent = question()
    answer = target.ask(body=sent)
    target.row(answer)
    return {
        "request": body_of(target.kept(answer, "request")) == sent,
        "response": body_of(target.kept(answer, "response")) == answer.json(),
    }


def refused(target):
    answer = target.ask("workers-ai/@cf/nobody/no-such-model")
    found = target.row(answer) or {}
    return {name: found.get(name) for name in ("success", "status_code")}


PROBES = (
    Probe(
        "a row of the log",
        ("api.log_fields", "logs.tokens", "logs.readable_at_once"),
        row,
        {
            "missing": [],
            "provider": "workers-ai",
            "model": MODEL,
            "success": True,
            "cached": False,
            "status_code": 200,
            "step": 0,
            "tokens": True,
        },
    ),
    Probe(
        "six entries of metadata",
        ("headers.metadata", "headers.metadata_five", "limits.metadata", "logs.metadata_object"),
        metadata,
        {"a": 1, "b": "2", "c": True, "d": 4, "e": 5},
    ),
    Probe("nested metadata", ("headers.metadata_nested",), nested_metadata, {}),
    Probe(
        "a custom cost",
        ("headers.custom_cost", "cost.custom_formula"),
        custom_cost,
        {"custom_cost": True, "formula": True},
    ),
    Probe(
        "collect-log: false",
        ("headers.collect_log", "errors.7002"),
        no_row,
        {"status": 404, "code": 7002},
    ),
    Probe(
        "collect-log-payload: false",
        ("headers.collect_log_payload",),
        no_payload,
        {"row": True, "status": 404, "code": 7002},
    ),
    Probe("stored bodies", ("api.log_bodies",), bodies, {"request": True, "response": True}),
    Probe(
        "the row of an error",
        ("pipeline.refusals_are_logged",),
        refused,
        {"success": False, "status_code": 400},
    ),
)
