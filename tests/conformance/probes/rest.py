"""The second data plane, on the API host."""

from tests.conformance.probe import Probe, error
from tests.conformance.target import MODEL, question

HELLO = [{"role": "user", "content": "Hi"}]
HOOK = {"webhookUrl": "https://example.com/hook"}


def chat(target):
    answer = target.rest("v1/chat/completions", {**question(), "model": MODEL})
    return {
        "status": answer.status_code,
        "object": answer.json().get("object"),
        "logged": "cf-aig-log-id" in answer.headers,
    }


def run(target):
    answer = target.rest("run", {"model": MODEL, "input": question()})
    return {"status": answer.status_code, "members": sorted(answer.json())}


def plain(target):
    answer = target.rest(f"run/{MODEL}", question(), gateway=False)
    ours = [name for name in answer.headers if name.startswith("cf-aig-")]
    return {"status": answer.status_code, "gateway's headers": ours}


def unknown_model(target):
    return error(target.rest("v1/chat/completions", {"model": "nobody/nothing", "messages": HELLO}))


def dynamic_route(target):
    body = {"model": "dynamic/anything", "messages": HELLO}
    return target.rest("v1/chat/completions", body).status_code


def bad_field(target):
    return error(target.rest("v1/chat/completions", {"model": "openai/gpt-4o-mini"}))


def webhook(target):
    body = {"model": "openai/gpt-4o-mini", "input": {"messages": HELLO}, "options": HOOK}
    return target.rest("run", body).status_code


def messages(target):
    body = {"model": MODEL, "max_tokens": 8, "messages": HELLO}
    return 400 <= target.rest("v1/messages", body).status_code < 500


PROBES = (
    Probe(
        "a chat on the REST API",
        ("rest.endpoints", "rest.plain_objects", "rest.features", "headers.gateway_id"),
        chat,
        {"status": 200, "object": "chat.completion", "logged": True},
    ),
    Probe(
        "/ai/run",
        ("rest.run_body", "rest.run_envelope"),
        run,
        {"status": 200, "members": ["errors", "messages", "result", "success"]},
    ),
    Probe(
        "/ai/run/@cf without a gateway",
        ("rest.gateway_for_cf", "clients.second_data_plane"),
        plain,
        {"status": 200, "gateway's headers": []},
    ),
    Probe(
        "an unknown model on the REST API",
        ("errors.7003_model", "rest.authors"),
        unknown_model,
        {"status": 404, "code": 7003},
    ),
    Probe("a dynamic route on the REST API", ("routes.rest",), dynamic_route, 404),
    Probe(
        "a bad field on the REST API",
        ("errors.7003_input", "errors.7003_before_credits"),
        bad_field,
        {"status": 400, "code": 7003},
    ),
    Probe("a webhook without background", ("errors.webhook", "rest.options"), webhook, 400),
    Probe("a @cf/ model on /ai/v1/messages", ("rest.messages_no_cf",), messages, True),
)
