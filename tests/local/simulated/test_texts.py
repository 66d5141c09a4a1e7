"""texts: a prompt in, text out, each provider in its own shape."""

import pytest

pytestmark = pytest.mark.anyio


async def test_huggingface_continues_or_embeds(caller):
    """One text or several; embedding models give vectors."""
    settings = {"max_new_tokens": 4, "return_full_text": True}
    body = {"inputs": "Say hi there", "parameters": settings}
    text = await caller.ask("huggingface", "bigcode/starcoder", body)
    many = await caller.ask("huggingface", "BAAI/bge-small-en", {"inputs": ["a", "b"]})

    assert text.json == [{"generated_text": "Say hi therehi there"}]
    assert [len(vector) for vector in many.json] == [384, 384]


@pytest.mark.parametrize(
    ("path", "version", "starts"),
    [
        ("predictions", "anthropic/claude-4.5-haiku", "hi"),
        ("models/black-forest-labs/flux-schnell/predictions", "", "data:image/png"),
    ],
)
async def test_replicate_is_done_at_once(caller, path, version, starts):
    """Text in pieces from language models, a picture from the others."""
    body = {"version": version, "input": {"prompt": "Say hi"}}
    answer = await caller.ask("replicate", path, body)

    assert (answer.status, answer.json["status"]) == (201, "succeeded")
    assert "".join(answer.json["output"]).startswith(starts)


async def test_bedrock_hears_the_system_prompt_and_the_limit(caller):
    """Nova's body: blocks, and settings of their own."""
    body = {
        "system": [{"text": "Answer in one sentence."}],
        "messages": [{"role": "user", "content": [{"text": "What is jitter?"}]}],
        "inferenceConfig": {"maxTokens": 5},
    }
    path = "bedrock-runtime/us-east-1/model/amazon.nova-pro-v1:0/invoke"
    answer = await caller.ask("aws-bedrock", path, body)

    assert answer.json["stopReason"] == "max_tokens"
    assert answer.json["usage"]["outputTokens"] == 5
    assert len(answer.json["output"]["message"]["content"][0]["text"]) == 20


@pytest.mark.parametrize(
    ("provider", "path", "body", "member"),
    [
        (
            "anthropic",
            "v1/messages/count_tokens",
            {"model": "claude-haiku-4-5", "messages": [{"role": "user", "content": "x" * 40}]},
            "input_tokens",
        ),
        (
            "google-ai-studio",
            "v1beta/models/gemini-2.5-flash:countTokens",
            {"contents": [{"parts": [{"text": "x" * 40}]}]},
            "totalTokens",
        ),
    ],
)
async def test_tokens_are_counted_as_they_are_charged(caller, provider, path, body, member):
    """Ten tokens of text, and the frame of one message."""
    answer = await caller.ask(provider, path, body)

    assert answer.json == {member: 14}


async def test_parallel_run_can_be_followed(caller):
    """Started, looked at, fetched."""
    started = await caller.ask("parallel", "v1/tasks/runs", {"input": "Who?", "processor": "core"})
    run = f"v1/tasks/runs/{started.json['run_id']}"
    status = await caller.ask("parallel", run, method="GET")
    result = await caller.ask("parallel", f"{run}/result", method="GET")

    assert (started.status, started.json["status"]) == (202, "queued")
    assert status.json["status"] == "completed"
    assert result.json["run"]["run_id"] == started.json["run_id"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("v1/tasks/runs", {"processor": "base"}),
        ("v1beta/search", {}),
        ("v1beta/search", {"search_queries": "x"}),
        ("v1beta/findall/ingest", {}),
    ],
)
async def test_parallel_names_what_is_missing(caller, path, body):
    """In its own shape."""
    answer = await caller.ask("parallel", path, body)

    assert answer.status == 400
    assert answer.json["type"] == "error"


async def test_found_pages_are_examples(caller):
    """Nothing was searched, so no real address is named."""
    answer = await caller.ask("parallel", "v1beta/search", {"search_queries": ["jitter"]})

    assert all("example.com" in result["url"] for result in answer.json["results"])
