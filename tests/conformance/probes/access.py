"""Who may come in."""

from tests.conformance.probe import Probe, error
from tests.conformance.target import question

CLOSED = {"status": 401, "code": 2009}


def valid(target):
    return target.ask().status_code


def bare(target):
    return target.ask(token=None, cf_aig_authorization=target.token).status_code


def missing(target):
    target.must_be_guarded()
    return error(target.ask(token=None, key=None))


def wrong(target):
    target.must_be_guarded()
    return error(target.ask(token="of-somebody-else", key=None))


def undefined(target):
    target.must_be_guarded()
    return error(target.ask(token="undefined", key=None))


def wrong_on_rest(target):
    body = {"model": "openai/gpt-4o-mini", "input": question()}
    answer = target.rest("run", body, token="of-somebody-else")
    return {**error(answer), "plural": "errors" in answer.json()}


def wrong_on_management(target):
    return error(target.manage("gateways", token="of-somebody-else"))


PROBES = (
    Probe("a valid token", ("auth.on_valid", "headers.authorization"), valid, 200),
    Probe("a token without Bearer", ("auth.bare_token",), bare, 200),
    Probe("no token", ("auth.on_missing", "errors.2009"), missing, CLOSED),
    Probe("a wrong token", ("auth.on_invalid",), wrong, CLOSED),
    Probe(
        'the token "undefined"', ("auth.on_invalid", "clients.bearer_undefined"), undefined, CLOSED
    ),
    Probe(
        "a wrong token on the REST API",
        ("auth.rest_bearer", "errors.api_envelope"),
        wrong_on_rest,
        {"status": 401, "code": 10000, "plural": True},
    ),
    Probe(
        "a wrong token on the management API",
        ("api.auth",),
        wrong_on_management,
        {"status": 401, "code": 10000},
    ),
)
