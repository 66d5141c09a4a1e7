"""What comes with an answer, whole or streamed."""

import re

from tests.conformance.probe import Probe
from tests.conformance.target import WORKERS, question

UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
IDS = ("cf-aig-log-id", "cf-aig-event-id", "cf-aig-request-id")


def headers(target):
    return _marked(target.ask())


def streamed_headers(target):
    return _marked(target.ask(body=question(stream=True)))


def _marked(answer):
    ids = [answer.headers.get(name, "") for name in IDS]
    return {
        "status": answer.status_code,
        "type": answer.headers.get("content-type", "").partition(";")[0],
        "cache": answer.headers.get("cf-aig-cache-status"),
        "step": answer.headers.get("cf-aig-step"),
        "one id": len(set(ids)) == 1,
        "UUIDv7": all(UUID7.fullmatch(id) for id in ids),
    }


def event_id(target):
    return target.ask(cf_aig_event_id="conformance").headers.get("cf-aig-event-id")


def native(target):
    body = target.ask().json()
    return {
        "members": sorted(body),
        "words": isinstance((body.get("result") or {}).get("response"), str),
    }


def events(target):
    answer = target.ask(body=question(stream=True))
    lines = [line for line in answer.text.split("\n") if line]
    return {
        "data: ": all(line.startswith("data: ") for line in lines),
        "line ends": "\r" in answer.text,
        "last": lines[-1:],
        "usage": any('"usage"' in line for line in lines[-2:]),
    }


def accept_alone(target):
    answer = target.ask(accept="text/event-stream")
    return answer.headers.get("content-type", "").partition(";")[0]


def unified(target):
    model = WORKERS
    body = target.ask("compat/chat/completions", {**question(), "model": model}).json()
    return {"object": body.get("object"), "usage": "usage" in body, "id": bool(body.get("id"))}


def attempts_out_of_range(target):
    return target.ask(cf_aig_max_attempts="9", cf_aig_retry_delay="-5").status_code


PROBES = (
    Probe(
        "the headers of an answer",
        (
            "native.headers",
            "native.step_zero",
            "headers.ids_uuid7",
            "headers.ids_equal",
            "cache.status_header",
            "cache.status_always",
        ),
        headers,
        {
            "status": 200,
            "type": "application/json",
            "cache": "MISS",
            "step": "0",
            "one id": True,
            "UUIDv7": True,
        },
    ),
    Probe(
        "the headers of a stream",
        ("clients.headers_on_streams",),
        streamed_headers,
        {
            "status": 200,
            "type": "text/event-stream",
            "cache": "MISS",
            "step": "0",
            "one id": True,
            "UUIDv7": True,
        },
    ),
    Probe(
        "attempts and a delay out of range",
        ("headers.clamped", "retry.attempts", "retry.delay"),
        attempts_out_of_range,
        200,
    ),
    Probe("an event id of the caller's", ("headers.event_id",), event_id, "conformance"),
    Probe(
        "an answer of Workers AI",
        ("native.untouched", "workers_ai.envelope"),
        native,
        {"members": ["errors", "messages", "result", "success"], "words": True},
    ),
    Probe(
        "the events of a stream",
        ("clients.sse_form", "clients.usage_workers"),
        events,
        {"data: ": True, "line ends": False, "last": ["data: [DONE]"], "usage": True},
    ),
    Probe(
        "a stream asked for by Accept alone",
        ("clients.stream_by_body",),
        accept_alone,
        "application/json",
    ),
    Probe(
        "an answer of the unified API",
        ("unified.translated", "unified.prefix"),
        unified,
        {"object": "chat.completion", "usage": True, "id": True},
    ),
)
