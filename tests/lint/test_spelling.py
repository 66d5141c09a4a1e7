"""spelling: names nobody knows, values nobody can read."""

import pytest

from gateway.headers import Options
from gateway.lint.spelling import RULES
from tests.lint.cases import CACHING, findings, fixes_of, label_of, made, metadata, said, typed

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


@pytest.mark.parametrize(("rule", "failing", "passing"), CASES)
def test_rule_speaks_only_where_it_must(rule, failing, passing):
    """One sentence with its reason, a place, sources; silence for the draft beside it."""
    finding = findings(rule, failing)[0]

    assert not findings(rule, passing)
    assert len(finding.sentence) > 30
    assert finding.sentence.endswith((".", ")"))
    assert finding.place
    assert all(link.url for link in finding.sources)


@pytest.mark.parametrize(("rule", "failing", "place", "fix"), fixes_of(CASES), ids=label_of)
def test_fix_makes_its_finding_go_away(rule, failing, place, fix):
    """One click, and that finding is gone; the draft given stays as it was."""
    before = repr(failing), failing.raw

    mended = fix.apply(failing)

    assert place not in [finding.place for finding in findings(rule, mended)]
    assert (repr(failing), failing.raw) == before


def test_every_rule_has_its_cases():
    """A rule without a failing and a passing draft would be a rule on trust."""
    assert {rule for rule, _, _ in CASES} == {rule.id for rule in RULES}


def test_old_name_gives_way_to_the_new_one():
    """Where the form says it too, the form's value counts, as it does at the gateway."""
    draft = typed(("cf-cache-ttl", "3600"), options=Options(cache_ttl=60))

    mended = findings("deprecated-name", draft)[0].fixes[0].apply(draft)

    assert (mended.options.cache_ttl, mended.raw) == (60, ())
