"""logs: metadata, feedback and costs that are lost or counted wrongly."""

import pytest

from gateway.headers import Options
from gateway.lint.logs import RULES
from gateway.policy import GatewayPolicy
from tests.lint.cases import findings, fixes_of, label_of, made, metadata, said

CASES = [
    (
        "too-many-entries",
        metadata('{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6}'),
        said(metadata={"a": 1, "b": 2, "c": 3, "d": 4, "e": 5}),
    ),
    ("nested-entry", metadata('{"a":{"b":1},"c":2}'), metadata('{"a":1}')),
    ("nested-entry", metadata('{"a":null}'), metadata("[]")),
    ("reserved-entry", metadata('{"cf.user":1,"a":2}'), metadata('{"cfo":1}')),
    ("unexported-entry", said(metadata={"gen_ai.system": "x"}), said(metadata={"system": "x"})),
    (
        "payload-without-log",
        said(collect_log=False, collect_log_payload=True),
        said(collect_log=True, collect_log_payload=True),
    ),
    (
        "payload-without-log",
        made(
            policy=GatewayPolicy(id="g", collect_logs=False),
            options=Options(collect_log_payload=False),
        ),
        said(collect_log=False),
    ),
    (
        "rated-without-log",
        made(options=Options(collect_log=False), rated=True),
        made(rated=True),
    ),
    (
        "cost-per-million",
        said(custom_cost={"per_token_in": 0.15, "per_token_out": 0.6}),
        said(custom_cost={"per_token_in": 0.00000015}),
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
