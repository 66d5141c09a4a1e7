"""spelling: names nobody knows, values nobody can read."""

from gateway.headers import Options
from gateway.lint.spelling import RULES
from tests.lint.drafts import CACHING, findings, made, metadata, said, typed
from tests.lint.trials import trials

CASES = [
    (
        "deprecated-name",
        typed(("cf-cache-ttl", "60")),
        made(options=Options(cache_ttl=60), policy=CACHING),
    ),
    ("deprecated-name", typed(("CF-Skip-Cache", "true")), typed(("x-cache", "1"))),
    ("misspelt-name", typed(("cf-aig-cash-ttl", "60")), typed(("cf-connecting-ip", "::1"))),
    ("misspelt-name", typed(("cf_aig_cache_ttl", "60")), typed(("x-request-id", "1"))),
    ("misspelt-name", typed(("x-cf-aig-metadata", "{")), typed(("cf-ray", "1"))),
    ("unknown-name", typed(("cf-aig-teleport", "1")), typed(("cf-aig-cash-ttl", "60"))),
    ("response-name", typed(("cf-aig-cache-status", "HIT")), typed(("cf-aig-event-id", "e"))),
    (
        "repeated-name",
        typed(("cf-aig-cache-ttl", "60"), ("CF-AIG-Cache-TTL", "90")),
        typed(("x-mine", "1"), ("x-mine", "2")),
    ),
    (
        "repeated-name",
        typed(("cf-aig-event-id", "a"), options=Options(event_id="b")),
        typed(("cf-aig-event-id", "a")),
    ),
    ("header-injection", typed(("x-a", "1\r\nx-evil: 2")), typed(("x-a", "1"))),
    ("header-injection", typed(("x-ä", "1")), typed(("x-a", "~"))),
    (
        "header-injection",
        typed(("x-a", "…wxyz")),
        typed(("authorization", "Bearer …wxyz (an API key)")),
    ),
    ("too-long", typed(("x-a", "1" * 8193)), typed(("x-a", "1" * 8192))),
    ("out-of-range", typed(("cf-aig-cache-ttl", "30")), typed(("cf-aig-cache-ttl", "0"))),
    ("out-of-range", typed(("cf-aig-max-attempts", "9")), typed(("cf-aig-max-attempts", "x"))),
    ("unreadable-value", typed(("cf-aig-cache-ttl", "1h")), typed(("cf-aig-cache-ttl", "30"))),
    ("unreadable-value", typed(("cf-aig-backoff", "exponental")), said(max_attempts=1)),
    ("unreadable-value", typed(("cf-aig-skip-cache", "yes")), typed(("cf-skip-cache", "true"))),
    ("unreadable-metadata", metadata("{'team': 'AI'}"), metadata('{"team": "AI"}')),
    (
        "invalid-hex-id",
        typed(("cf-aig-otel-trace-id", "4bf92f3577b34da6a3ce929d0e0e47zz")),
        typed(("cf-aig-otel-trace-id", "4BF92F3577B34DA6A3CE929D0E0E4736")),
    ),
    (
        "span-without-trace",
        said(otel_parent_span_id="00f067aa0ba902b7"),
        said(
            otel_parent_span_id="00f067aa0ba902b7", otel_trace_id="4bf92f3577b34da6a3ce929d0e0e4736"
        ),
    ),
]

(
    test_rule_speaks_only_where_it_must,
    test_fix_makes_its_finding_go_away,
    test_every_rule_has_its_cases,
) = trials(CASES, RULES)


def test_old_name_gives_way_to_the_new_one():
    """Where the form says it too, the form's value counts, as it does at the gateway."""
    draft = typed(("cf-cache-ttl", "3600"), options=Options(cache_ttl=60))

    mended = findings("deprecated-name", draft)[0].fixes[0].apply(draft)

    assert (mended.options.cache_ttl, mended.raw) == (60, ())
