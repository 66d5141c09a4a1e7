"""meaning: what a pasted call means, sample by sample."""

import json

import pytest

from gateway.draft import credential_verdict
from gateway.lint import check
from gateway.paste import read
from gateway.paste.meaning import meaning
from gateway.paste.raw import RawCall
from tests.paste.samples import BASE, BODY, KEY, SAMPLES, TOKEN

LINTED = [
    ("docs, provider-native", []),
    ("Chrome, bash", []),
    ("docs, caching headers", ["out-of-range"]),
    ("docs, universal", ["retries-without-delay"]),
    ("docs, REST run with a model in the path", ["workers-ai-without-gateway"]),
    ("docs, Google with a key in the URL", ["key-in-url"]),
    ("provider's own documentation", ["past-the-gateway"]),
    ("placeholder in angle brackets", ["placeholder-key"]),
    ("repeated headers", ["repeated-name"]),
    ("prompt sign and comment", ["lifetime-without-caching", "deprecated-name"]),
    ("dynamic route", []),
]

each_sample = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.id)


@each_sample
def test_sample_is_understood(sample):
    """Provider, model, route, question, options, and what is left over."""
    found = read(sample.text)
    draft = found.draft

    assert found.shape == sample.shape
    assert (draft.provider, draft.model, draft.route) == (
        sample.provider,
        sample.model,
        sample.route,
    )
    assert (draft.prompt, draft.stream) == (sample.prompt, sample.stream)
    assert dict(draft.options.stated()) == sample.options
    assert tuple(name for name, _ in draft.raw) == sample.raw
    assert tuple(unread.what for unread in found.unread) == sample.unread


@each_sample
def test_secrets_are_kept_apart(sample):
    """Only ``secrets`` holds them, and no repr shows it."""
    found = read(sample.text)
    shown = json.dumps([found.url, found.headers, found.body, found.draft.raw, found.draft.url])

    assert len(found.secrets) == sample.secrets
    assert KEY not in shown
    assert TOKEN not in shown
    assert "a1B2" not in repr(found)
    assert "c3D4" not in repr(found)
    assert all(KEY not in unread.sentence for unread in found.unread)


def test_there_are_forty_and_more():
    """Browsers, documentation, tools and shells."""
    assert len({sample.id for sample in SAMPLES}) == len(SAMPLES) >= 40


@pytest.mark.parametrize(("name", "rules"), LINTED)
def test_pasted_call_is_linted_for_what_it_is(name, rules):
    """Neither a masked key nor a browser's own headers are held against it."""
    sample = next(sample for sample in SAMPLES if sample.id == name)

    assert [finding.rule for finding in check(read(sample.text).draft)] == rules


def test_chat_is_read_whole():
    """What the body says beyond the question comes along."""
    body = {
        "model": "gpt-4o-mini",
        "temperature": 0.5,
        "max_tokens": 100,
        "messages": [
            {"role": "system", "content": "Be brief"},
            {"role": "user", "content": "Hello"},
        ],
    }

    chat = read(f"curl {BASE}/openai/chat/completions -d '{json.dumps(body)}'").chat

    assert (chat.provider, chat.model, chat.route) == ("openai", "gpt-4o-mini", "native")
    assert (chat.temperature, chat.max_tokens) == (0.5, 100)
    assert [message.role for message in chat.messages] == ["system", "user"]


def test_account_and_gateway_come_from_the_address():
    """The page can say that the call was meant for another gateway."""
    found = read(f"curl {BASE}/openai/chat/completions -d '{BODY}'")

    assert (found.account, found.gateway) == ("0123456789abcdef0123456789abcdef", "prod")


def test_steps_of_a_universal_call_have_their_options():
    """Headers of a step and its config, whichever way it says it."""
    sample = next(sample for sample in SAMPLES if sample.id == "docs, universal")

    first, second = read(sample.text).draft.steps

    assert dict(first.options.stated()) == {"request_timeout": 1000, "max_attempts": 2}
    assert (second.provider, second.model) == ("openai", "gpt-4o-mini")
    assert dict(second.options.stated()) == {"cache_ttl": 0}


def test_refused_option_of_a_step_is_said():
    """The rest of the step is used."""
    steps = [
        {
            "provider": "openai",
            "endpoint": "chat/completions",
            "headers": {"cf-aig-backoff": "random", "cf-aig-skip-cache": True},
            "config": {"maxAttempts": 9},
            "query": json.loads(BODY),
        },
        "nonsense",
    ]

    found = read(f"curl {BASE} -d '{json.dumps(steps)}'")

    assert [unread.what for unread in found.unread] == [
        "Step 1, cf-aig-backoff",
        "Step 1, maxAttempts",
        "Step 2",
    ]
    assert dict(found.draft.steps[0].options.stated()) == {"skip_cache": True}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('{"model":"gpt-4o-mini",}', "line 1, character 24"),
        ("[" * 100_000, "nested too deeply"),
        ('{"model":"gpt-4o-mini"}', "messages"),
        ('{"model":"gpt-4o-mini","messages":"Hello"}', "messages"),
    ],
)
def test_unreadable_body_says_where(body, words):
    """Headers and address are used all the same."""
    call = RawCall(
        shape="cURL",
        method="POST",
        url=f"{BASE}/openai/chat/completions",
        headers=(("cf-aig-cache-ttl", "60"),),
        body=body,
    )

    found = meaning(call)

    assert words in found.unread[0].sentence
    assert found.draft.provider == "openai"
    assert found.draft.options.cache_ttl == 60


def test_pasted_token_in_the_wrong_header_is_still_known_as_one():
    """The lint can say that it leaks, though the draft no longer holds it."""
    found = read(f"curl {BASE}/openai/chat/completions -H 'authorization: Bearer {TOKEN}'")

    assert found.draft.raw == (("authorization", "Bearer …qrst (a Cloudflare token)"),)
    assert found.secrets == (("authorization", f"Bearer {TOKEN}"),)


def test_clients_patience_comes_along():
    """The lint compares it with the gateway's."""
    sample = next(sample for sample in SAMPLES if sample.id.startswith("timeouts"))

    draft = read(sample.text).draft

    assert (draft.client_timeout_s, draft.client_retries) == (30, 3)


@pytest.mark.parametrize("alone", [False, True], ids=["list", "one object"])
def test_key_inside_a_step_is_known_and_kept_nowhere(alone):
    """Whose key it is decides which credential is used; the key itself is in nothing of ours."""
    step = {
        "provider": "openai",
        "endpoint": "chat/completions",
        "headers": {"Authorization": f"Bearer {KEY}"},
        "query": {"model": "gpt-5-mini", "messages": [{"role": "user", "content": "Hi"}]},
    }

    found = read(f"curl {BASE} -d '{json.dumps(step if alone else [step])}'")

    assert found.draft.keys.own == {"openai"}
    assert credential_verdict(found.draft).source == "request"
    assert [name for name, _ in found.secrets] == ["Authorization"]
    assert KEY not in f"{found.body}{found.draft}{found.draft.raw}{found.chat}"


def test_variable_inside_a_step_is_no_key():
    """What a shell would fill in isn't there."""
    step = {"provider": "openai", "endpoint": "x", "headers": {"Authorization": "Bearer $KEY"}}

    found = read(f"curl {BASE} -d '{json.dumps([step])}'")

    assert not found.draft.keys.own
