"""The cache, opted into by a custom key: so it is the same whatever the gateway's settings are."""

from uuid import uuid4

from tests.conformance.probe import Probe, caches
from tests.conformance.target import question


def _key() -> dict[str, str]:
    return {"cf_aig_cache_key": f"conformance-{uuid4()}", "cf_aig_cache_ttl": "60"}


def custom_key(target):
    key = _key()
    first, second = (target.ask(**key) for _ in range(2))
    return {
        "cache": caches(first, second),
        "same body": first.content == second.content,
        "own id": first.headers.get("cf-aig-log-id") != second.headers.get("cf-aig-log-id"),
    }


def skip(target):
    key = _key()
    target.ask(**key)
    return caches(target.ask(**key, cf_aig_skip_cache="true"))


def skip_writes_nothing(target):
    key = _key()
    target.ask(**key, cf_aig_skip_cache="true")
    return caches(target.ask(**key))


def ttl_alone(target):
    target.must_not_cache()
    body = question()
    return caches(*(target.ask(body=body, cf_aig_cache_ttl="60") for _ in range(2)))


def off_by_default(target):
    target.must_not_cache()
    body = question()
    return caches(*(target.ask(body=body) for _ in range(2)))


def ttl_of_zero(target):
    key = {**_key(), "cf_aig_cache_ttl": "0"}
    return caches(*(target.ask(**key) for _ in range(2)))


def ttl_below_the_bound(target):
    key = {**_key(), "cf_aig_cache_ttl": "1"}
    return caches(*(target.ask(**key) for _ in range(2)))


def ttl_that_is_no_number(target):
    key = {**_key(), "cf_aig_cache_ttl": "soon"}
    return caches(*(target.ask(**key) for _ in range(2)))


def deprecated_names(target):
    key = _key()
    target.ask(**key)
    return caches(target.ask(**key, cf_skip_cache="true"))


def streams(target):
    key = _key()
    return caches(*(target.ask(body=question(stream=True), **key) for _ in range(2)))


def metadata_makes_no_other(target):
    key = _key()
    target.ask(**key, cf_aig_metadata='{"n":1}')
    return caches(target.ask(**key, cf_aig_metadata='{"n":2}'))


def errors(target):
    key = _key()
    path = "workers-ai/@cf/nobody/no-such-model"
    failed = target.ask(path, **key)
    return {"status": failed.status_code, "cache": caches(target.ask(**key))}


def row_of_a_hit(target):
    key = _key()
    target.ask(**key)
    row = target.row(target.ask(**key)) or {}
    return {name: row.get(name) for name in ("cached", "cost", "tokens_in", "tokens_out")}


MISSES = ["MISS", "MISS"]
PROBES = (
    Probe(
        "a custom key",
        ("cache.custom_key", "cache.switched_on", "cache.hit_ids", "headers.cache_key"),
        custom_key,
        {"cache": ["MISS", "HIT"], "same body": True, "own id": True},
    ),
    Probe("skip-cache", ("cache.skip", "headers.skip_cache"), skip, ["MISS"]),
    Probe("what skip-cache leaves", ("cache.skip_writes_nothing",), skip_writes_nothing, ["MISS"]),
    Probe("a lifetime alone", ("cache.switched_on",), ttl_alone, MISSES),
    Probe(
        "the same question twice",
        ("cache.off_by_default", "cache.ttl_zero_gateway_observation"),
        off_by_default,
        MISSES,
    ),
    Probe("a lifetime of 0", ("cache.ttl_zero",), ttl_of_zero, MISSES),
    Probe(
        "a lifetime below 60 s",
        ("cache.ttl_bounds", "cache.ttl_month"),
        ttl_below_the_bound,
        ["MISS", "HIT"],
    ),
    Probe(
        "a lifetime that is no number",
        ("headers.malformed",),
        ttl_that_is_no_number,
        ["MISS", "HIT"],
    ),
    Probe("the older name of skip-cache", ("headers.deprecated",), deprecated_names, ["MISS"]),
    Probe("a stream twice", ("cache.streams",), streams, MISSES),
    Probe(
        "other metadata",
        ("cache.key_ignores_noise",),
        metadata_makes_no_other,
        ["HIT"],
    ),
    Probe(
        "an answer after an error",
        ("cache.only_success",),
        errors,
        {"status": 400, "cache": ["MISS"]},
    ),
    Probe(
        "the row of a hit",
        ("cache.hit_row", "cache.hit_is_free"),
        row_of_a_hit,
        {"cached": True, "cost": 0, "tokens_in": 0, "tokens_out": 0},
    ),
)
