"""pricing: list prices, custom rates, cache hits, and what isn't known."""

from datetime import UTC, datetime
from pathlib import Path
from subprocess import run
from sys import executable

import pytest
from genai_prices import Usage as Count
from genai_prices import calc_price

from gateway.chat import Cost, Usage
from gateway.pricing import cost, price, snapshot, snapshot_date
from gateway.providers import PROVIDERS

ROOT = Path(__file__).parent.parent
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
USAGE = Usage(tokens_in=1000, tokens_out=100, cached_in=600, cache_write=200)
LONG = Usage(tokens_in=400_000, tokens_out=100, cached_in=100_000)
RATES = {
    "per_token_in": 1e-6,
    "per_token_out": 2e-6,
    "per_cache_read_token": 1e-7,
    "per_cache_write_token": 5e-7,
}
CUSTOM = [
    ("openai", RATES, 0.00056),
    ("anthropic", RATES, 0.00056),
    ("openai", {"per_token_in": 1e-6, "per_token_out": 2e-6}, 0.0012),
    ("anthropic", {"per_token_in": 1e-6, "per_token_out": 2e-6}, 0.0004),
    ("openai", {"per_token_in": 1e-6, "per_cache_read_token": 0}, 0.0004),
    ("openai", {"per_token_out": 2e-6}, 0.0002),
    ("openai", {"total_cost": 0.5}, 0.5),
]
MODELS = [
    (row.slug, row.price_provider, model.id)
    for row in PROVIDERS.values()
    if row.price_provider
    for model in row.models
]


@pytest.mark.rule("cost.estimate")
@pytest.mark.parametrize("usage", [USAGE, LONG], ids=["short", "long"])
@pytest.mark.parametrize(("slug", "source", "model"), MODELS)
def test_our_arithmetic_is_the_packages(slug, source, model, usage):
    """Every model that one can choose has a price, and it is the one of genai-prices."""
    count = Count(
        input_tokens=usage.tokens_in,
        output_tokens=usage.tokens_out,
        cache_read_tokens=usage.cached_in,
        cache_write_tokens=usage.cache_write,
    )

    theirs = calc_price(count, model, provider_id=source, genai_request_timestamp=NOW)
    ours = cost(slug, model, usage, cached=False, at=NOW)

    assert ours.usd == pytest.approx(float(theirs.total_price))


@pytest.mark.rule("cost.custom_formula")
@pytest.mark.parametrize(("slug", "rates", "usd"), CUSTOM)
def test_custom_cost_follows_the_formula(slug, rates, usd):
    """The caller's rates win; Anthropic's input count leaves out the tokens of its prompt cache."""
    found = cost(slug, "any-model", USAGE, cached=False, custom=rates)

    assert found.usd == pytest.approx(usd)
    assert found.source == "custom"


@pytest.mark.rule("cache.hit_is_free")
@pytest.mark.parametrize("custom", [None, RATES])
def test_hit_costs_nothing_and_shows_its_saving(custom):
    """An answer from the gateway's cache is free, even with a custom cost."""
    fresh = cost("openai", "gpt-5-mini", USAGE, cached=False, custom=custom)
    hit = cost("openai", "gpt-5-mini", USAGE, cached=True, custom=custom)

    assert fresh.usd > 0
    assert hit == Cost(usd=0.0, list_usd=fresh.usd, source=fresh.source)


@pytest.mark.rule("cost.estimate")
@pytest.mark.parametrize(
    ("slug", "model", "usage"),
    [
        ("openai", "no-such-model", USAGE),
        ("no-such-provider", "gpt-5-mini", USAGE),
        ("custom-mine", "gpt-5-mini", USAGE),
        ("openai", "gpt-5-mini", Usage()),
    ],
)
def test_unknown_is_none(slug, model, usage):
    """What we can't price isn't free."""
    assert cost(slug, model, usage, cached=False) is None


def test_embeddings_have_no_output():
    """Without output tokens the input is still charged."""
    found = cost("openai", "text-embedding-3-small", Usage(tokens_in=1_000_000), cached=False)

    assert found.usd == pytest.approx(0.02)


def test_price_of_the_moment():
    """Some prices change with the hour: DeepSeek's nights were cheaper."""
    noon = price("deepseek", "deepseek-chat", at=NOW)
    night = price("deepseek", "deepseek-chat", at=NOW.replace(hour=20))

    assert night.input < noon.input


def test_long_prompts_cost_more():
    """Above its threshold the dearer rate applies to all tokens."""
    found = price("google-ai-studio", "gemini-2.5-pro", at=NOW)

    below = found.usd(Usage(tokens_in=200_000, tokens_out=0))
    above = found.usd(Usage(tokens_in=200_001, tokens_out=0))

    assert (below, above) == (pytest.approx(0.25), pytest.approx(0.5000025))


def test_prices_carry_their_date():
    """The date is shown beside every cost, so it must be one."""
    assert datetime.fromisoformat(snapshot_date()) >= datetime(2026, 11, 1)
    assert snapshot().endswith(snapshot_date())


def test_importing_us_leaves_the_package_alone():
    """genai-prices takes half a second to import; the app must start without it."""
    code = "import sys, gateway.pricing; sys.exit('genai_prices' in sys.modules)"

    done = run([executable, "-c", code], check=False, cwd=ROOT)

    assert done.returncode == 0
