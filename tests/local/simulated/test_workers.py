"""workers: Workers AI's numbered errors, and who earns them."""

import json

import pytest

from gateway.codes import CODES
from gateway.local.simulated.said import Asked
from gateway.local.simulated.workers import BODY_LIMIT, numbered_error, unfit
from gateway.providers import PROVIDERS

LLAMA = "@cf/meta/llama-3.1-8b-instruct"
NUMBERED = [row for row in CODES if row.origin == "workers-ai"]
UNFIT = [
    ("@cf/meta", b"{}", 3042),
    ("run/@cf/meta/llama/extra", b"{}", 3042),
    (LLAMA, b"", 3003),
    ("v1/chat/completions", b"", 3003),
    (LLAMA, b'"' + b"x" * BODY_LIMIT + b'"', 3006),
    (LLAMA, b'{"prompt": "Hi", "lora": "mine"}', 5005),
]
FIT = [
    (LLAMA, b'{"prompt": "Hi"}', "POST"),
    (f"run/{LLAMA}", b'{"prompt": "Hi", "lora": null}', "POST"),
    ("@cf/meta-llama/llama-2-7b-chat-hf-lora", b'{"prompt": "Hi", "lora": "mine"}', "POST"),
    ("v1/models", b"", "GET"),
]


def asked(provider, path, raw):
    return Asked(
        provider=PROVIDERS[provider],
        path=path,
        query={},
        headers={},
        raw=raw,
        id="0",
        created=0,
        seed=0,
    )


@pytest.mark.rule("workers_ai.codes")
@pytest.mark.parametrize("row", NUMBERED, ids=lambda row: row.name)
def test_error_has_the_envelope_of_the_api(row):
    """Status and number are the documented ones."""
    said = numbered_error(row.code)

    body = json.loads(said.body)
    assert said.status == row.status
    assert body["errors"][0]["code"] == row.code
    assert (body["success"], body["result"], body["messages"]) == (False, None, [])


@pytest.mark.parametrize(("path", "raw", "code"), UNFIT)
def test_request_that_cannot_be_run_is_numbered(path, raw, code):
    """Before any model looks at it."""
    said = unfit(asked("workers-ai", path, raw), "POST")

    assert json.loads(said.body)["errors"][0]["code"] == code


@pytest.mark.parametrize(("path", "raw", "method"), FIT)
def test_others_are_left_to_their_models(path, raw, method):
    """Also a LoRA for a model that takes one."""
    assert unfit(asked("workers-ai", path, raw), method) is None


def test_other_providers_have_no_such_numbers():
    """An empty body is their own business."""
    assert unfit(asked("openai", "chat/completions", b""), "POST") is None
