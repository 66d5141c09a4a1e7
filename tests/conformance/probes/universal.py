"""The universal endpoint: steps in order, and which of them answered."""

from uuid import uuid4

from tests.conformance.probe import Probe, caches, error
from tests.conformance.target import BROKEN


def _told(answer):
    return {"status": answer.status_code, "step": answer.headers.get("cf-aig-step")}


def first_answers(target):
    return _told(target.ask("", [target.step(), target.step()], key=None))


def falls_back(target):
    return _told(target.ask("", [BROKEN, target.step()], key=None))


def all_fail(target):
    return _told(target.ask("", [BROKEN, BROKEN], key=None))


def single_object(target):
    return _told(target.ask("", target.step(), key=None))


def empty(target):
    return error(target.ask("", [], key=None))


def unknown_provider(target):
    return error(target.ask("", [target.step(provider="no-such-provider")], key=None))


def streaming_step(target):
    step = target.step()
    step["query"]["stream"] = True
    answer = target.ask("", [BROKEN, step], key=None)
    return {**_told(answer), "type": answer.headers.get("content-type", "").partition(";")[0]}


def unified_step(target):
    step = target.step(provider="compat", endpoint="chat/completions")
    step["query"]["model"] = "workers-ai/@cf/meta/llama-3.1-8b-instruct"
    return target.ask("", [step], key=None).json().get("object")


def step_beats_request(target):
    step = target.step()
    step["headers"]["cf-aig-cache-ttl"] = "0"
    how = {"cf_aig_cache_key": f"conformance-{uuid4()}", "cf_aig_cache_ttl": "60"}
    return caches(*(target.ask("", [step], key=None, **how) for _ in range(2)))


PROBES = (
    Probe(
        "two steps that work",
        ("universal.array", "fallback.step_header"),
        first_answers,
        {"status": 200, "step": "0"},
    ),
    Probe(
        "a step that fails first",
        ("fallback.any_error", "headers.step"),
        falls_back,
        {"status": 200, "step": "1"},
    ),
    Probe("steps that all fail", ("fallback.all_fail",), all_fail, {"status": 401, "step": "1"}),
    Probe(
        "a single step without its array",
        ("universal.single_object",),
        single_object,
        {"status": 200, "step": "0"},
    ),
    Probe(
        "an empty array",
        ("universal.required", "errors.2019_status"),
        empty,
        {"status": 400, "code": 2019},
    ),
    Probe(
        "a step of an unknown provider",
        ("universal.required", "providers.unknown"),
        unknown_provider,
        {"status": 400, "code": 2008},
    ),
    Probe(
        "a streaming step after one that fails",
        ("universal.answer",),
        streaming_step,
        {"status": 200, "step": "1", "type": "text/event-stream"},
    ),
    Probe("a step of the unified API", ("universal.compat_step",), unified_step, "chat.completion"),
    Probe(
        "a step's header against the request's",
        ("headers.levels", "universal.step_headers", "cache.ttl_zero"),
        step_beats_request,
        ["MISS", "MISS"],
    ),
)
