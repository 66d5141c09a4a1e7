"""player: keys, bad bodies, headers and pace, as the caller of a provider meets them."""

import pytest

from gateway.dialects import dialect_for
from gateway.local.simulated import Simulated
from gateway.providers import PROVIDERS

pytestmark = pytest.mark.anyio

HELLO = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Explain jitter"}]}
STREAM = {**HELLO, "stream": True, "stream_options": {"include_usage": True}}
CHAT = "chat/completions"
NEEDING_A_KEY = [slug for slug in PROVIDERS if slug not in ("custom-{slug}", "compat")]


@pytest.mark.parametrize("slug", NEEDING_A_KEY)
@pytest.mark.parametrize(
    "headers",
    [{}, {"authorization": "Bearer sk-INVALID"}, {"authorization": "Bearer undefined"}],
    ids=["no key", "invalid", "undefined"],
)
async def test_call_without_a_good_key_is_refused(caller, slug, headers):
    """A missing or wrong key is the provider's own 401, in JSON."""
    answer = await caller.ask(slug, "v1/chat/completions", HELLO, headers=headers)

    assert answer.status == 401
    assert "key" in answer.body.decode()


async def test_wrong_key_is_refused_in_openais_words(caller):
    """litellm makes another exception of a 401 that lacks them."""
    answer = await caller.ask("openai", CHAT, HELLO, headers={"authorization": "Bearer sk-invalid"})

    assert "Incorrect API key provided" in answer.body.decode()


@pytest.mark.rule("clients.any_key_header")
@pytest.mark.parametrize(
    ("slug", "headers"),
    [
        ("anthropic", {"x-api-key": "k"}),
        ("anthropic", {"authorization": "Bearer k"}),
        ("google-ai-studio", {"x-goog-api-key": "k"}),
        ("azure-openai", {"api-key": "k"}),
        ("elevenlabs", {"xi-api-key": "k"}),
        ("custom-mine", {}),
    ],
)
async def test_key_counts_in_every_usual_header(caller, slug, headers):
    """Clients put keys into different headers; none of them is sent anywhere."""
    answer = await caller.ask(slug, "nowhere", {}, headers=headers)

    assert answer.status == 404


async def test_google_takes_its_key_from_the_address_too(caller):
    """``?key=`` is what Google's own examples use."""
    answer = await caller.ask("google-ai-studio", "v1beta/models?key=k", method="GET", headers={})

    assert answer.status == 200


@pytest.mark.parametrize(
    ("slug", "path", "body", "word"),
    [
        ("openai", CHAT, b"{", "JSON"),
        ("openai", CHAT, [1], "object"),
        ("openai", CHAT, {"model": "gpt-4o"}, "messages"),
        ("openai", CHAT, {**HELLO, "max_tokens": "many"}, "max_tokens"),
        ("openai", "embeddings", {"model": "text-embedding-3-small"}, "input"),
        ("anthropic", "v1/messages", {"model": "claude-sonnet-4-5"}, "max_tokens"),
        ("google-ai-studio", "v1/models/gemini-2.5-flash:generateContent", {}, "contents"),
        ("cohere", "v1/chat", {}, "message"),
        ("cohere", "v2/chat", {"messages": [{"role": "king"}]}, "role"),
        ("replicate", "predictions", {"version": "a/b"}, "input"),
        ("huggingface", "bigcode/starcoder", {}, "inputs"),
        ("fal", "fal-ai/fast-sdxl", {}, "prompt"),
        ("aws-bedrock", "bedrock-runtime/r/model/amazon.nova/invoke", {}, "messages"),
    ],
)
async def test_bad_body_names_the_member(caller, slug, path, body, word):
    """The provider's own 400 says what to change."""
    answer = await caller.ask(slug, path, body)

    assert answer.status == 400
    assert word in answer.body.decode()


async def test_same_calls_get_the_same_words(calling, clock):
    """The same on every run for the same seed, whatever was asked before."""
    one, other = (calling(Simulated(clock, seed=7, instant=True)) for _ in range(2))
    await other.ask("openai", CHAT, {**HELLO, "model": "gpt-4o"})

    first, second = [(await each.ask("openai", CHAT, HELLO)).json for each in (one, other)]

    assert first["choices"] == second["choices"]
    assert first["usage"] == second["usage"]


async def test_each_call_has_an_id_of_its_own(caller):
    """So an answer from a cache can be told from a fresh one."""
    ids = [(await caller.ask("openai", CHAT, HELLO)).json["id"] for _ in range(3)]

    assert len(set(ids)) == 3
    assert all(id.startswith("chatcmpl-") for id in ids)


@pytest.mark.parametrize(
    ("slug", "path", "body", "names"),
    [
        ("openai", CHAT, HELLO, ["x-request-id", "x-ratelimit-remaining-requests"]),
        (
            "anthropic",
            "v1/messages",
            {**HELLO, "model": "claude-sonnet-4-5", "max_tokens": 9},
            ["request-id", "anthropic-ratelimit-requests-remaining"],
        ),
    ],
)
async def test_headers_are_the_providers(caller, slug, path, body, names):
    """Clients read request ids and limits there."""
    answer = await caller.ask(slug, path, body)

    assert set(names) <= set(answer.headers)


async def test_stream_begins_after_the_time_to_the_first_token(paced_caller, time):
    """A gateway's timeout looks at the first part of the answer, so it must be late."""
    answer = await paced_caller.open("openai", CHAT, STREAM)
    opened_s = time.now_s
    await anext(answer.chunks)

    assert 0.1 < opened_s < 3
    assert time.now_s == opened_s


async def test_late_reader_is_not_delayed_further(paced_caller, time):
    """Chunks are due at absolute times: who comes late gets them at once."""
    answer = await paced_caller.open("openai", CHAT, STREAM)
    await anext(answer.chunks)
    time.now_s += 60
    before = len(time.sleeps)
    rest = [chunk async for chunk in answer.chunks]

    assert len(rest) > 5
    assert time.sleeps[before:] == []


async def test_closed_stream_makes_nothing_more(paced_caller, time):
    """A visitor who stops must not keep a model talking."""
    answer = await paced_caller.open("openai", CHAT, STREAM)
    await anext(answer.chunks)
    slept = len(time.sleeps)
    await answer.close()

    assert [chunk async for chunk in answer.chunks] == []
    assert len(time.sleeps) == slept


async def test_instant_provider_never_waits(caller, time):
    """Benches measure the gateway, not a made-up pace."""
    await caller.ask("openai", CHAT, STREAM)
    await caller.ask("openai", CHAT, HELLO)

    assert time.sleeps == []


@pytest.mark.parametrize("model", ["gpt-4o-mini", "gpt-5-mini"])
async def test_stream_takes_as_long_as_the_whole_answer(paced_caller, time, model):
    """At the same pace; else streaming would seem to cost something."""
    took = []
    for body in (HELLO, STREAM):
        begun_s = time.now_s
        await paced_caller.ask("openai", CHAT, {**body, "model": model}, pace_s=(0.4, 0.02))
        took.append(time.now_s - begun_s)

    assert took[0] > 0.4
    assert took[0] == pytest.approx(took[1], abs=0.001)


async def test_refusal_is_quick(paced_caller, time):
    """No model has to think about a wrong key."""
    await paced_caller.ask("openai", CHAT, HELLO, headers={})

    assert time.now_s == pytest.approx(0.03)


async def test_providers_differ_in_pace(paced_caller, time):
    """The point of four columns: somebody is first."""
    took = {}
    for slug, model in (("groq", "llama-3.1-8b-instant"), ("deepseek", "deepseek-reasoner")):
        begun_s = time.now_s
        await paced_caller.ask(slug, CHAT, {**HELLO, "model": model})
        took[slug] = time.now_s - begun_s

    assert took["groq"] * 3 < took["deepseek"]


async def test_errors_are_in_the_providers_own_words(caller):
    """A client's error handling is exercised as by the real one."""
    answer = await caller.ask("anthropic", "v1/messages", {}, headers={})
    dialect = dialect_for("anthropic", "v1/messages")

    assert answer.json["type"] == "error"
    assert "key" in dialect.error_message(answer.json)
