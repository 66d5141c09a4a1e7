"""Rules about the cache: what looks cached and isn't, and what is cached for too many."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from gateway.draft import Draft, cache_verdict, settled
from gateway.form import spell_duration
from gateway.headers import TEXT_LIMIT
from gateway.lint.finding import Fix, Rule, Trouble, drop

KEPT = TEXT_LIMIT - 8
"""Characters of a cache key that are kept where a number is put behind it."""
_PERSONAL = re.compile(
    r"[\w.+-]{1,64}@[\w-]{1,63}\.\w{2,}|(?:\+|\b00)\d[\d ()/-]{7,20}\d"
    r"|\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}\b|\b(?:\d[ -]?){13,16}\b|\b\d{3}-\d{2}-\d{4}\b"
    r"|(?i:\bmy (?:name|address|birthday|diagnosis|salary|account|password) is\b)"
)
"""E-mail addresses, phone numbers, bank accounts, card and social security numbers, and how people
begin to tell about themselves."""
LOOKED_AT = 10_000
"""Characters of a question that are looked at."""


def lifetime_without_caching(draft: Draft) -> Iterator[Trouble]:
    """A TTL changes how long, not whether."""
    for index in range(len(draft.all_steps)):
        held = settled(draft, index)
        stated = held.levels.get("cache_ttl")
        if stated is None or stated.level == "gateway" or not stated.value:
            continue
        if draft.policy.caches or held.cache_key is not None or held.skip_cache:
            continue
        yield Trouble(
            "cache_ttl",
            "The lifetime has no effect: the gateway's caching is off and no cache key asks for "
            "it. A lifetime only says how long, not whether.",
            (
                drop("Drop the lifetime", "cache_ttl"),
                Fix(
                    "Switch caching on in the gateway's settings",
                    _caching(stated.value),
                ),
            ),
        )
        return


def _caching(ttl_s: int) -> Callable[[Draft], Draft]:
    return lambda draft: replace(draft, policy=replace(draft.policy, cache_ttl=ttl_s))


def streamed_and_cached(draft: Draft) -> Iterator[Trouble]:
    """Streams aren't cached."""
    whole = replace(draft, stream=False)
    if draft.stream and any(
        cache_verdict(whole, index).cached for index in range(len(draft.all_steps))
    ):
        yield Trouble(
            "stream",
            "A streamed answer is never cached: this will be a MISS each time, though caching is "
            "asked for.",
            (
                Fix("Ask for a whole answer", lambda draft: replace(draft, stream=False)),
                Fix("Skip the cache", _skipping),
            ),
        )


def _skipping(draft: Draft) -> Draft:
    quiet = draft.silent("skip_cache", "cache_ttl", "cache_key")
    return quiet.stating(skip_cache=True)


def skipped_with_settings(draft: Draft) -> Iterator[Trouble]:
    """skip-cache makes a lifetime and a key pointless."""
    for index in range(len(draft.all_steps)):
        held = settled(draft, index)
        stated = held.levels.get("cache_ttl")
        lifetime = stated is not None and stated.level != "gateway" and stated.value
        if held.skip_cache and (lifetime or held.cache_key is not None):
            yield Trouble(
                "skip_cache",
                "The cache is skipped, so its lifetime and key mean nothing: skip-cache neither "
                "reads nor writes.",
                (
                    drop("Drop lifetime and key", "cache_ttl", "cache_key"),
                    drop("Use the cache", "skip_cache"),
                ),
            )
            return


def key_on_personal_data(draft: Draft) -> Iterator[Trouble]:
    """Under a custom key everybody gets the same answer, whatever they asked."""
    keys = {settled(draft, index).cache_key or "" for index in range(len(draft.all_steps))} - {""}
    if keys and any(_PERSONAL.search(text, 0, LOOKED_AT) for text in (draft.prompt, *keys)):
        yield Trouble(
            "cache_key",
            "Everybody who sends this cache key gets this answer, and the question or the key "
            "holds what looks like personal data. The gateway's own key has the whole body in it.",
            (drop("Drop the cache key", "cache_key"),),
        )


def key_shared_by_steps(draft: Draft) -> Iterator[Trouble]:
    """A custom key replaces provider and model too."""
    keys = [settled(draft, index).cache_key for index in range(len(draft.all_steps))]
    stated = [key for key in keys if key is not None]
    if len(set(stated)) < len(stated):
        yield Trouble(
            "cache_key",
            "Several steps have the same cache key: it replaces provider and model too, so one "
            "step is answered with what another one's model said.",
            (
                Fix("Give each step a key of its own", _numbered),
                drop("Drop the cache key", "cache_key"),
            ),
        )


def _numbered(draft: Draft) -> Draft:
    keys = [settled(draft, index).cache_key for index in range(len(draft.all_steps))]
    quiet = draft.silent("cache_key")
    for index, key in enumerate(keys):
        if key is not None:
            quiet = quiet.stating(step=index, cache_key=f"{key[:KEPT]}-{index}")
    return quiet


def zero_lifetime_on_request(draft: Draft) -> Iterator[Trouble]:
    """TTL 0 is documented for universal steps only."""
    if draft.options.cache_ttl == 0:
        yield Trouble(
            "cache_ttl",
            "A lifetime of 0 is documented for a universal step only. On a request, skip-cache "
            "says the same and is documented.",
            (
                Fix(
                    "Say skip-cache instead",
                    lambda draft: draft.stating(cache_ttl=None, skip_cache=True),
                ),
            ),
        )


def lifetime_below_setting(draft: Draft) -> Iterator[Trouble]:
    """A gateway's lifetime below the limit is lifted to it."""
    lowest_s = 60
    ttl = draft.policy.cache_ttl
    if ttl and ttl < lowest_s:
        yield Trouble(
            "cache_ttl",
            f"The gateway's lifetime of {spell_duration(ttl, 's')} is below the shortest one that "
            "a cached answer has: 1 min.",
            (
                Fix(
                    "Set it to 1 min in the gateway's settings",
                    lambda draft: replace(draft, policy=replace(draft.policy, cache_ttl=lowest_s)),
                ),
            ),
        )


RULES = (
    Rule(
        id="lifetime-without-caching",
        severity="warning",
        source="features/caching.mdx; cloudflare/cloudflare-docs#33027",
        check=lifetime_without_caching,
    ),
    Rule(
        id="streamed-and-cached",
        severity="warning",
        source="reference/troubleshooting.mdx",
        check=streamed_and_cached,
    ),
    Rule(
        id="skipped-with-settings",
        severity="warning",
        source="features/caching.mdx",
        check=skipped_with_settings,
    ),
    Rule(
        id="key-on-personal-data",
        severity="error",
        source="features/caching.mdx",
        check=key_on_personal_data,
    ),
    Rule(
        id="key-shared-by-steps",
        severity="warning",
        source="features/caching.mdx; usage/universal.mdx",
        check=key_shared_by_steps,
    ),
    Rule(
        id="zero-lifetime-on-request",
        severity="hint",
        source="usage/universal.mdx",
        check=zero_lifetime_on_request,
    ),
    Rule(
        id="lifetime-below-setting",
        severity="hint",
        source="features/caching.mdx; reference/limits.mdx",
        check=lifetime_below_setting,
    ),
)
