"""providers: every row, where it leads, and which header carries its key."""

import re

import pytest

from gateway.errors import Unreachable
from gateway.providers import PROVIDERS, by_compat_prefix, by_rest_author, provider_of

SLUGS = [
    "workers-ai",
    "openai",
    "anthropic",
    "google-ai-studio",
    "google-vertex-ai",
    "aws-bedrock",
    "azure-openai",
    "baseten",
    "cartesia",
    "cerebras",
    "cohere",
    "deepgram",
    "deepseek",
    "elevenlabs",
    "fal",
    "grok",
    "groq",
    "huggingface",
    "ideogram",
    "mistral",
    "openrouter",
    "parallel",
    "perplexity-ai",
    "replicate",
    "custom-{slug}",
    "compat",
    "fireworks",
]
ACCOUNT = "0123456789abcdef0123456789abcdef"
CLOUDFLARE = f"https://api.cloudflare.com/client/v4/accounts/{ACCOUNT}/ai"
ADDRESSES = [
    ("openai", "chat/completions", "https://api.openai.com/v1/chat/completions"),
    ("openai", "v1/chat/completions", "https://api.openai.com/v1/chat/completions"),
    ("openai", "//models?limit=1", "https://api.openai.com/v1/models?limit=1"),
    ("openai", "v1?a=v1/b", "https://api.openai.com/v1?a=v1/b"),
    ("anthropic", "v1/messages", "https://api.anthropic.com/v1/messages"),
    ("groq", "chat/completions", "https://api.groq.com/openai/v1/chat/completions"),
    ("groq", "openai/v1/chat/completions", "https://api.groq.com/openai/v1/chat/completions"),
    ("grok", "v1/messages", "https://api.x.ai/v1/messages"),
    ("mistral", "v1/chat/completions", "https://api.mistral.ai/v1/chat/completions"),
    ("cerebras", "v1/chat/completions", "https://api.cerebras.ai/v1/chat/completions"),
    ("openrouter", "v1/chat/completions", "https://openrouter.ai/api/v1/chat/completions"),
    ("deepseek", "chat/completions", "https://api.deepseek.com/chat/completions"),
    ("deepgram", "v1/listen", "https://api.deepgram.com/v1/listen"),
    ("cartesia", "tts/bytes", "https://api.cartesia.ai/v1/tts/bytes"),
    ("elevenlabs", "v1/text-to-speech/v", "https://api.elevenlabs.io/v1/text-to-speech/v"),
    ("fal", "fal-ai/fast-sdxl", "https://fal.run/fal-ai/fast-sdxl"),
    ("ideogram", "v1/ideogram-v3/generate", "https://api.ideogram.ai/v1/ideogram-v3/generate"),
    ("perplexity-ai", "chat/completions", "https://api.perplexity.ai/chat/completions"),
    ("replicate", "predictions", "https://api.replicate.com/v1/predictions"),
    ("fireworks", "chat/completions", "https://api.fireworks.ai/inference/v1/chat/completions"),
    ("cohere", "v1/chat", "https://api.cohere.ai/v1/chat"),
    ("cohere", "v2/chat", "https://api.cohere.ai/v2/chat"),
    (
        "cohere",
        "compatibility/v1/chat/completions",
        "https://api.cohere.ai/compatibility/v1/chat/completions",
    ),
    (
        "huggingface",
        "bigcode/starcoder",
        "https://api-inference.huggingface.co/models/bigcode/starcoder",
    ),
    (
        "google-ai-studio",
        "v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse",
        "https://generativelanguage.googleapis.com/v1beta/models/"
        "gemini-2.5-flash:streamGenerateContent?alt=sse",
    ),
    (
        "google-vertex-ai",
        "v1/projects/p/locations/europe-west4/publishers/google/models/g:generateContent",
        "https://europe-west4-aiplatform.googleapis.com/v1/projects/p/locations/europe-west4"
        "/publishers/google/models/g:generateContent",
    ),
    (
        "google-vertex-ai",
        "v1/projects/p/locations/global/publishers/google/models/g:generateContent",
        "https://aiplatform.googleapis.com/v1/projects/p/locations/global"
        "/publishers/google/models/g:generateContent",
    ),
    (
        "aws-bedrock",
        "bedrock-runtime/us-east-1/model/us.anthropic.claude-v1:0/invoke",
        "https://bedrock-runtime.us-east-1.amazonaws.com/model/us.anthropic.claude-v1:0/invoke",
    ),
    (
        "aws-bedrock",
        "bedrock-mantle/us-east-1/anthropic/v1/messages",
        "https://bedrock-mantle.us-east-1.api.aws/anthropic/v1/messages",
    ),
    (
        "azure-openai",
        "resource/deployment/chat/completions?api-version=2023-05-15",
        "https://resource.openai.azure.com/openai/deployments/deployment/chat/completions"
        "?api-version=2023-05-15",
    ),
    ("baseten", "v1/chat/completions", "https://api.baseten.co/v1/chat/completions"),
    ("baseten", "model/abc123", "https://model-abc123.api.baseten.co/production/predict"),
    ("workers-ai", "@cf/meta/llama", f"{CLOUDFLARE}/run/@cf/meta/llama"),
    ("workers-ai", "run/@cf/meta/llama", f"{CLOUDFLARE}/run/@cf/meta/llama"),
    ("workers-ai", "v1/chat/completions", f"{CLOUDFLARE}/v1/chat/completions"),
]
NO_ADDRESS = [
    ("parallel", "v1/tasks/runs"),
    ("compat", "chat/completions"),
    ("custom-mine", "v1/models"),
    ("azure-openai", "evil.example/x/chat/completions"),
    ("azure-openai", "me@evil.example:1/x/chat/completions"),
    ("aws-bedrock", "bedrock-runtime/evil.example%2f/model/x/invoke"),
    ("google-vertex-ai", "v1/projects/p/locations/evil.example%23/publishers/google/models/g:x"),
    ("baseten", "model/evil.example%2f"),
    ("baseten", "model"),
]
KEYS = [
    ("openai", {"authorization": "Bearer sk-1"}, "sk-1"),
    ("openai", {"authorization": "bearer  sk-1 "}, "sk-1"),
    ("anthropic", {"x-api-key": "sk-1"}, "sk-1"),
    ("anthropic", {"authorization": "Bearer sk-1"}, "sk-1"),
    ("anthropic", {"authorization": "Bearer other", "x-api-key": "sk-1"}, "sk-1"),
    ("google-ai-studio", {"x-goog-api-key": "sk-1"}, "sk-1"),
    ("google-ai-studio", {"authorization": "Bearer sk-1"}, "sk-1"),
    ("azure-openai", {"api-key": "sk-1"}, "sk-1"),
    ("cohere", {"authorization": "Token sk-1"}, "sk-1"),
    ("fal", {"authorization": "Key sk-1"}, "sk-1"),
    ("elevenlabs", {"xi-api-key": "sk-1"}, "sk-1"),
    ("aws-bedrock", {"authorization": "AWS4-HMAC-SHA256 x"}, "AWS4-HMAC-SHA256 x"),
    ("openai", {"authorization": "Bearer "}, None),
    ("openai", {"cf-aig-authorization": "Bearer token"}, None),
    ("openai", {}, None),
]
CARRIED = [
    ("openai", ("Authorization", "Bearer sk-1")),
    ("anthropic", ("x-api-key", "sk-1")),
    ("google-ai-studio", ("x-goog-api-key", "sk-1")),
    ("google-vertex-ai", ("Authorization", "Bearer sk-1")),
    ("workers-ai", ("Authorization", "Bearer sk-1")),
    ("cohere", ("Authorization", "Token sk-1")),
    ("fal", ("Authorization", "Key sk-1")),
    ("ideogram", ("Api-Key", "sk-1")),
    ("azure-openai", ("api-key", "sk-1")),
    ("cartesia", ("X-API-Key", "sk-1")),
    ("elevenlabs", ("xi-api-key", "sk-1")),
    ("parallel", ("x-api-key", "sk-1")),
    ("custom-mine", ("Authorization", "Bearer sk-1")),
]
PREFIXES = [
    ("openai/gpt-5-mini", "openai", "gpt-5-mini"),
    ("workers-ai/@cf/meta/llama-3.1-8b-instruct", "workers-ai", "@cf/meta/llama-3.1-8b-instruct"),
    ("perplexity/sonar", "perplexity-ai", "sonar"),
    ("google-vertex-ai/google/gemini-2.5-pro", "google-vertex-ai", "google/gemini-2.5-pro"),
    ("custom-mine/some/model", "custom-mine", "some/model"),
]


@pytest.mark.rule("providers.table")
def test_every_row_of_the_contract_is_there():
    """27 rows, in the contract's order, under their own slug."""
    assert list(PROVIDERS) == SLUGS
    assert all(slug == row.slug for slug, row in PROVIDERS.items())


@pytest.mark.parametrize("row", PROVIDERS.values(), ids=lambda row: row.slug)
def test_row_is_dated_and_usable(row):
    """A fact without source and day can't be trusted; a chat without models can't be tried."""
    assert re.fullmatch(r"2026-\d\d-\d\d", row.date)
    assert row.source
    assert row.base_path == f"/{row.slug}" or row.slug in ("azure-openai",)
    assert row.env_key is None or re.fullmatch(r"[A-Z][A-Z_]+_API_KEY", row.env_key)
    assert row.models or row.dialect is None or row.slug in ("azure-openai", "custom-{slug}")


def test_users_own_variables():
    """The user named these three."""
    names = [PROVIDERS[slug].env_key for slug in ("openai", "google-ai-studio", "workers-ai")]

    assert names == ["OPENAI_API_KEY", "GOOGLE_AI_API_KEY", "CLOUDFLARE_API_KEY"]


@pytest.mark.rule(
    "url.openai_v1",
    "providers.paths",
    "providers.version_segment",
    "providers.cohere_v1",
    "providers.workers_v1",
    "providers.query",
    "providers.bedrock_signing",
    "clients.groq_prefix",
    "providers.workers_ai",
    "providers.openai",
    "providers.anthropic",
    "providers.google_ai_studio",
    "providers.google_vertex_ai",
    "providers.aws_bedrock",
    "providers.azure_openai",
    "providers.baseten",
    "providers.cartesia",
    "providers.cerebras",
    "providers.cohere",
    "providers.deepgram",
    "providers.deepseek",
    "providers.elevenlabs",
    "providers.fal",
    "providers.grok",
    "providers.groq",
    "providers.huggingface",
    "providers.ideogram",
    "providers.mistral",
    "providers.openrouter",
    "providers.perplexity_ai",
    "providers.replicate",
    "providers.fireworks",
)
@pytest.mark.parametrize(("slug", "path", "url"), ADDRESSES)
def test_path_becomes_an_address(slug, path, url):
    """Clients spell paths in several ways; each leads to the provider's one address."""
    assert provider_of(slug).upstream_url(path, account=ACCOUNT) == url


@pytest.mark.rule("providers.parallel")
@pytest.mark.parametrize(("slug", "path"), NO_ADDRESS)
def test_no_address_is_an_error(slug, path):
    """What isn't documented isn't guessed, and no path takes a key to a foreign host."""
    with pytest.raises(Unreachable):
        provider_of(slug).upstream_url(path, account=ACCOUNT)


@pytest.mark.parametrize(
    ("slug", "base", "path", "url"),
    [
        ("openai", "http://127.0.0.1:9/v1", "v1/models", "http://127.0.0.1:9/v1/models"),
        ("openai", "http://127.0.0.1:9", "models", "http://127.0.0.1:9/models"),
        ("workers-ai", "http://127.0.0.1:9/", "@cf/x", "http://127.0.0.1:9/@cf/x"),
        ("custom-mine", "https://a.example/v1", "v1/models", "https://a.example/v1/v1/models"),
    ],
)
def test_another_base_takes_the_place(slug, base, path, url):
    """Tests point a provider at a server of their own; a custom provider brings its own base."""
    assert provider_of(slug).upstream_url(path, base=base) == url


@pytest.mark.rule("clients.any_key_header")
@pytest.mark.parametrize(("slug", "headers", "key"), KEYS)
def test_key_is_found_in_any_usual_header(slug, headers, key):
    """The SDKs don't all use the header that the provider names (contract: clients, 4)."""
    assert PROVIDERS[slug].credential(headers) == key


@pytest.mark.rule(
    "providers.auth_headers",
    "providers.anthropic",
    "providers.azure_openai",
    "providers.cartesia",
    "providers.cohere",
    "providers.elevenlabs",
    "providers.fal",
    "providers.google_ai_studio",
    "providers.google_vertex_ai",
    "providers.ideogram",
    "providers.openai",
    "providers.parallel",
    "providers.workers_ai",
)
@pytest.mark.parametrize(("slug", "header"), CARRIED)
def test_key_is_sent_in_the_providers_header(slug, header):
    """A stored key goes out as the provider wants it."""
    assert provider_of(slug).auth("sk-1") == header


@pytest.mark.rule("unified.prefix")
@pytest.mark.parametrize(("name", "slug", "model"), PREFIXES)
def test_compat_model_names_a_provider(name, slug, model):
    """Only the first slash separates."""
    provider, found = by_compat_prefix(name)

    assert (provider.slug, found) == (slug, model)
    assert provider.compat_model(found) == name


@pytest.mark.parametrize("name", ["gpt-5-mini", "openai/", "dynamic/support", "azure-openai/x", ""])
def test_compat_model_without_a_provider(name):
    """Routes, the Auto Router and unlisted providers are no prefixes."""
    assert by_compat_prefix(name) is None


def test_vertex_models_carry_their_author_in_compat():
    """The contract's example is google-vertex-ai/google/gemini-2.5-pro."""
    found = PROVIDERS["google-vertex-ai"].compat_model("gemini-2.5-pro")

    assert found == "google-vertex-ai/google/gemini-2.5-pro"


@pytest.mark.parametrize("slug", ["nobody", "custom-", ""])
def test_unknown_slug(slug):
    """The gateway answers 2008 to these."""
    assert provider_of(slug) is None


def test_newest_models_refuse_sampling():
    """Temperature would make these calls fail at the provider."""
    assert not PROVIDERS["anthropic"].takes_sampling("claude-opus-5")
    assert PROVIDERS["anthropic"].takes_sampling("claude-sonnet-4-5")
    assert PROVIDERS["anthropic"].takes_sampling("a-model-typed-by-hand")


@pytest.mark.rule("rest.authors", "providers.rest_authors")
@pytest.mark.parametrize(
    ("name", "slug", "model"),
    [
        ("openai/gpt-4.1", "openai", "gpt-4.1"),
        ("google/gemini-3-flash", "google-ai-studio", "gemini-3-flash"),
        ("xai/grok-3", "grok", "grok-3"),
        ("groq/openai/gpt-oss-20b", "groq", "openai/gpt-oss-20b"),
        ("@cf/meta/llama", "workers-ai", "@cf/meta/llama"),
        ("@hf/maker/model", "workers-ai", "@hf/maker/model"),
    ],
)
def test_rest_model_names_its_author(name, slug, model):
    """Authors aren't slugs; Workers AI keeps the whole name."""
    provider, found = by_rest_author(name)

    assert (provider.slug, found) == (slug, model)
    assert provider.rest_model(model) == name


@pytest.mark.parametrize("name", ["gpt-4.1", "openai/", "grok/grok-3", "nobody/model", ""])
def test_rest_model_of_nobody(name):
    """A slug that is no author doesn't count."""
    assert by_rest_author(name) is None


def test_provider_that_rest_does_not_serve():
    """It has no author there."""
    assert PROVIDERS["mistral"].rest_model("mistral-large-latest") is None
