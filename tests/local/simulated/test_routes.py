"""routes: every row of the provider table answers its documented endpoint, in its own shape."""

import pytest

from gateway.providers import PROVIDERS

pytestmark = pytest.mark.anyio

HELLO = [{"role": "user", "content": "Hello"}]
CONTENTS = {"contents": [{"parts": [{"text": "Hello"}]}]}
NOVA = {"messages": [{"role": "user", "content": [{"text": "Hello"}]}]}
BEDROCK = "bedrock-runtime/us-east-1/model/us"
VERTEX = "v1/projects/p/locations/us-east1/publishers/google/models/gemini-2.5-flash"
IMAGE_FORM = b'--x\r\ncontent-disposition: form-data; name="prompt"\r\n\r\na cat\r\n--x--\r\n'
ODD = [None, 5, "x", "", [], {}, [None], [{}], {"type": "x"}]
OFTEN = ["tools", "tool_choice", "response_format", "max_tokens", "stop", "generationConfig"]


def chat(model):
    return {"model": model, "messages": HELLO}


def messages(model):
    return {**chat(model), "max_tokens": 50}


ENDPOINTS = [
    ("workers-ai", "v1/chat/completions", chat("@cf/meta/llama-3.1-8b-instruct"), "choices"),
    ("workers-ai", "@cf/meta/llama-3.1-8b-instruct", {"prompt": "Hello"}, "result"),
    ("workers-ai", "run/@cf/baai/bge-m3", {"text": ["a", "b"]}, "result"),
    ("workers-ai", "@cf/black-forest-labs/flux-1-schnell", {"prompt": "a cat"}, "result"),
    ("workers-ai", "@cf/openai/whisper", b"RIFF", "result"),
    ("openai", "chat/completions", chat("gpt-4o-mini"), "choices"),
    ("openai", "v1/chat/completions", chat("gpt-4o-mini"), "choices"),
    ("openai", "embeddings", {"model": "text-embedding-3-small", "input": "a"}, "data"),
    ("openai", "v1/images/generations", {"model": "gpt-image-1", "prompt": "a cat"}, "data"),
    ("anthropic", "v1/messages", messages("claude-sonnet-4-5"), "content"),
    ("anthropic", "v1/messages/count_tokens", chat("claude-sonnet-4-5"), "input_tokens"),
    ("google-ai-studio", "v1/models/gemini-2.5-flash:generateContent", CONTENTS, "candidates"),
    ("google-ai-studio", "v1beta/models/gemini-2.5-flash:countTokens", CONTENTS, "totalTokens"),
    ("google-vertex-ai", f"{VERTEX}:generateContent", CONTENTS, "candidates"),
    ("aws-bedrock", f"{BEDROCK}.anthropic.claude-haiku-4-5-v1:0/invoke", messages("x"), "content"),
    ("aws-bedrock", f"{BEDROCK}.amazon.nova-lite-v1:0/invoke", NOVA, "output"),
    ("aws-bedrock", f"{BEDROCK}.meta.llama3-1-8b-v1:0/converse", NOVA, "output"),
    ("aws-bedrock", "bedrock-mantle/us-east-1/anthropic/v1/messages", messages("x"), "content"),
    ("azure-openai", "r/d/chat/completions?api-version=2023-05-15", {"messages": HELLO}, "choices"),
    ("baseten", "v1/chat/completions", chat("openai/gpt-oss-120b"), "choices"),
    ("baseten", "model/abc", {"prompt": "Hello"}, "output"),
    ("cartesia", "tts/bytes", {"transcript": "Hello", "model_id": "sonic-english"}, None),
    ("cerebras", "chat/completions", chat("llama3.1-8b"), "choices"),
    ("cohere", "v1/chat", {"message": "Hello", "model": "command-r-plus"}, "text"),
    ("cohere", "v2/chat", chat("command-r-plus"), "message"),
    ("cohere", "v1/embed", {"texts": ["a"], "model": "embed-english-v3.0"}, "embeddings"),
    ("deepgram", "v1/listen?model=nova-3", b"RIFF", "results"),
    ("deepseek", "chat/completions", chat("deepseek-chat"), "choices"),
    ("elevenlabs", "v1/text-to-speech/v?output_format=mp3_44100_128", {"text": "Hello"}, None),
    ("fal", "fal-ai/fast-sdxl", {"prompt": "a cat"}, "images"),
    ("fal", "", {"prompt": "a cat"}, "images"),
    ("fireworks", "chat/completions", chat("accounts/fireworks/models/glm-5p3"), "choices"),
    ("grok", "v1/chat/completions", chat("grok-4"), "choices"),
    ("grok", "v1/messages", messages("grok-4"), "content"),
    ("groq", "chat/completions", chat("llama3-8b-8192"), "choices"),
    ("groq", "openai/v1/chat/completions", chat("llama3-8b-8192"), "choices"),
    ("huggingface", "bigcode/starcoder", {"inputs": "def f"}, "generated_text"),
    ("ideogram", "v1/ideogram-v3/generate", IMAGE_FORM, "data"),
    ("ideogram", "generate", {"image_request": {"prompt": "a cat"}}, "data"),
    ("mistral", "v1/chat/completions", chat("mistral-large-latest"), "choices"),
    ("mistral", "v1/embeddings", {"model": "mistral-embed", "input": ["a"]}, "data"),
    ("openrouter", "chat/completions", chat("openai/gpt-5-mini"), "provider"),
    ("openrouter", "v1/chat/completions", chat("openai/gpt-5-mini"), "choices"),
    ("parallel", "v1/tasks/runs", {"input": "Who?", "processor": "base"}, "run_id"),
    ("parallel", "v1beta/search", {"objective": "Find it"}, "results"),
    ("parallel", "v1beta/findall/ingest", {"objective": "Find it"}, "match_conditions"),
    ("perplexity-ai", "chat/completions", chat("sonar"), "citations"),
    ("replicate", "predictions", {"version": "a/b", "input": {"prompt": "Hello"}}, "output"),
    ("custom-mine", "v1/chat/completions", chat("any-model"), "choices"),
    ("compat", "chat/completions", chat("openai/gpt-5-mini"), "choices"),
]


@pytest.mark.rule(
    "clients.groq_prefix",
    "clients.google_versions",
    "clients.workers_run",
    "clients.json_type",
    "providers.parallel",
)
@pytest.mark.parametrize(
    ("provider", "path", "body", "member"), ENDPOINTS, ids=[f"{p}-{e}" for p, e, *_ in ENDPOINTS]
)
async def test_documented_endpoint_answers(caller, provider, path, body, member):
    """A provider of the table that isn't played would be a hole in every demo."""
    form = {"content-type": "multipart/form-data; boundary=x", "authorization": "Bearer k"}
    answer = await caller.ask(
        provider, path, body, headers=form if isinstance(body, bytes) else None
    )

    assert 200 <= answer.status < 300, answer.body
    if member is None:
        assert answer.headers["content-type"] == "audio/wav"
        assert answer.body.startswith(b"RIFF")
    else:
        assert answer.headers["content-type"] == "application/json"
        first = answer.json[0] if isinstance(answer.json, list) else answer.json
        assert first[member]


def spoilt(body):
    """Yield a body with each of its members, and those of its first message, made wrong."""
    for name, value in body.items():
        yield from ({**body, name: odd} for odd in ODD)
        if isinstance(value, list) and isinstance(value[0], dict):
            yield from ({**body, name: [inner]} for inner in spoilt(value[0]))
    yield from ({**body, name: odd} for name in OFTEN for odd in ODD)


@pytest.mark.parametrize(
    ("provider", "path", "body"),
    [(p, e, body) for p, e, body, _ in ENDPOINTS if isinstance(body, dict)],
    ids=[f"{p}-{e}" for p, e, body, _ in ENDPOINTS if isinstance(body, dict)],
)
async def test_no_body_breaks_it(caller, provider, path, body):
    """Whatever a client sends is answered, or refused in the provider's own words."""
    answers = [await caller.ask(provider, path, wrong) for wrong in spoilt(body)]

    assert {answer.status for answer in answers} <= {200, 201, 202, 400, 404}
    assert all(answer.json for answer in answers if answer.status >= 400)


def test_every_provider_is_tried():
    """A new row of the table needs a line above."""
    tried = {provider for provider, *_ in ENDPOINTS}

    assert {slug.replace("{slug}", "mine") for slug in PROVIDERS} <= tried


@pytest.mark.parametrize(
    ("provider", "path", "member"),
    [
        ("openai", "models", "data"),
        ("openai", "v1/models/gpt-4o", "id"),
        ("anthropic", "v1/models", "data"),
        ("google-ai-studio", "v1beta/models", "models"),
        ("google-ai-studio", "v1/models/gemini-2.5-flash", "name"),
        ("groq", "openai/v1/models", "data"),
        ("parallel", "v1/tasks/runs/trun_1/result", "output"),
    ],
)
async def test_things_can_be_read(caller, provider, path, member):
    """Clients list models before they chat."""
    answer = await caller.ask(provider, path, method="GET")

    assert answer.status == 200
    assert answer.json[member]


@pytest.mark.parametrize(
    ("provider", "method", "path", "status"),
    [
        ("openai", "POST", "no/such/path", 404),
        ("openai", "GET", "chat/completions", 405),
        ("openai", "DELETE", "models", 405),
        ("anthropic", "POST", "", 404),
        ("fal", "GET", "models", 404),
        ("google-ai-studio", "POST", "v1/models/gemini-2.5-flash:fly", 404),
        ("custom-mine", "PUT", "v1/chat/completions", 405),
    ],
)
async def test_what_isnt_there_is_said(caller, provider, method, path, status):
    """An unknown path or method is the provider's own error."""
    answer = await caller.ask(provider, path, {}, method=method)

    assert answer.status == status
    assert answer.json
