"""Errors of the data plane, and who makes them."""

from tests.conformance.probe import Probe, body_of, error
from tests.conformance.target import WORKERS, question

CHAT = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hi"}]}
OPENAI = "openai/chat/completions"


def unknown_gateway(target):
    return error(target.ask(gateway="no-such-gateway-anywhere"))


def unknown_provider(target):
    return error(target.ask("no-such-provider/chat/completions"))


def envelope(target):
    body = target.ask("no-such-provider/chat/completions").json()
    shown = ("success", "result", "messages", "name", "httpCode", "internalCode", "message")
    return {**{name: body.get(name) for name in shown}, "error": body.get("error")}


def other_compat_path(target):
    return error(target.ask("compat/models", method="GET"))


def no_prefix(target):
    return error(target.ask("compat/chat/completions", CHAT, key="wrong-key"))


def unknown_alias(target):
    return error(target.ask(OPENAI, CHAT, key=None, cf_aig_byok_alias="no-such-alias"))


def no_wholesale(target):
    body = {**CHAT, "model": "no-such-model"}
    path = "groq/chat/completions"
    return target.ask(path, body, key=None, cf_aig_no_wholesale="true").status_code


def providers_own(target):
    answer = target.ask(OPENAI, CHAT, key="sk-wrong-key")
    body = body_of(answer)
    return {"status": answer.status_code, "gateway's": "success" in body, "error": "error" in body}


def unknown_model(target):
    answer = target.ask("workers-ai/@cf/nobody/no-such-model", question())
    return {**error(answer), "success": answer.json().get("success")}


def bad_input(target):
    return error(target.ask(WORKERS, {"messages": "none"}))


PROBES = (
    Probe(
        "an unknown gateway",
        ("errors.2001", "clients.envelopes"),
        unknown_gateway,
        {"status": 400, "code": 2001},
    ),
    Probe(
        "an unknown provider",
        ("errors.2008", "providers.unknown"),
        unknown_provider,
        {"status": 400, "code": 2008},
    ),
    Probe(
        "the envelope of an error",
        ("errors.gateway_envelope",),
        envelope,
        {
            "success": False,
            "result": [],
            "messages": [],
            "name": "AiGatewayError",
            "httpCode": 400,
            "internalCode": 2008,
            "message": "Invalid provider",
            "error": [{"code": 2008, "message": "Invalid provider"}],
        },
    ),
    Probe(
        "another path of the unified API",
        ("unified.only_chat",),
        other_compat_path,
        {"status": 400, "code": 2008},
    ),
    Probe(
        "a unified call without a provider",
        ("errors.2019", "errors.2019_status"),
        no_prefix,
        {"status": 400, "code": 2019},
    ),
    Probe(
        "an alias that nobody stored",
        ("keys.alias_unknown", "headers.byok_alias"),
        unknown_alias,
        {"status": 400, "code": 2040},
    ),
    Probe(
        "no key, and Unified Billing forbidden",
        ("keys.byok_only", "headers.no_wholesale"),
        no_wholesale,
        400,
    ),
    Probe(
        "an error of the provider's own",
        ("errors.provider_untouched", "keys.request_first"),
        providers_own,
        {"status": 401, "gateway's": False, "error": True},
    ),
    Probe(
        "an unknown model of Workers AI",
        ("workers_ai.codes",),
        unknown_model,
        {"status": 400, "code": 5007, "success": False},
    ),
    Probe(
        "an input that Workers AI can't use",
        ("workers_ai.codes",),
        bad_input,
        {"status": 400, "code": 5004},
    ),
)
