"""rules: which calls are struck, by rate or by script; JSON in and out."""

import pytest

from gateway.errors import BadRequest
from gateway.local.faults import Faults, Rule

RULES = [
    {"provider": "openai", "kind": "status", "status": 503, "rate": 0.25},
    {"provider": "*", "kind": "rate_limited", "status": 429, "retry_after_s": 7, "rate": 1.0},
    {"provider": "workers-ai", "kind": "status", "status": 429, "code": 3040, "rate": 1.0},
    {"provider": "*", "kind": "slow", "ms": 900, "rate": 0.5, "times": 3},
    {"provider": "*", "kind": "pace", "ms": 400, "gap": 20, "rate": 1.0, "for_s": 1.5},
    {"provider": "*", "kind": "queue", "ms": 500, "slots": 8, "rate": 1.0},
    {"provider": "groq", "kind": "stall", "after": 2, "script": ["fail", "ok", "reset"]},
    {"provider": "*", "kind": "status", "status": 500, "body": '{"error":"no"}', "rate": 1.0},
]
REFUSED = [
    ([], "must be a JSON object"),
    ({"kind": "explode"}, "kind must be one of"),
    ({"kind": "status", "status": 200}, "status must be a whole number from 400 to 599"),
    ({"status": True}, "status must be"),
    ({"rate": 1.5}, "rate must be from 0 to 1"),
    ({"rate": "often"}, "rate must be from 0 to 1"),
    ({"provider": ""}, "provider must be"),
    ({"provider": 5}, "provider must be"),
    ({"times": 0}, "times must be"),
    ({"for_s": 0}, "for_s must be above 0"),
    ({"for_s": True}, "for_s must be above 0"),
    ({"kind": "queue", "ms": 5}, "queue needs both its numbers"),
    ({"script": "fail"}, "script must be a list"),
    ({"script": ["fail", 5]}, "script must hold words"),
    ({"script": ["explode"]}, "names no fault"),
    ({"script": ["ok"] * 500}, "at most 100"),
    ({"kind": "slow"}, "slow needs milliseconds"),
    ({"kind": "slow", "ms": 10**9}, "ms must be"),
    ({"code": 2001}, "code must be a number of Workers AI"),
    ({"code": 3040, "status": 503}, "code must be"),
    ({"code": [3040]}, "code must be"),
    ({"colour": "red"}, "no member 'colour'"),
]


def struck(faults, call, times, provider="openai"):
    """Draw for so many calls; return the word of each, or None."""
    drawn = [faults.draw(call(provider)) for _ in range(times)]
    return [fault and fault.word for fault in drawn]


@pytest.mark.parametrize("row", RULES)
def test_rule_survives_json(row):
    """What was posted is what is listed."""
    assert Rule.from_json(row).to_json() == row


@pytest.mark.parametrize(("row", "reason"), REFUSED)
def test_bad_rule_is_refused_with_a_reason(row, reason):
    """Whoever posts it sees what to change."""
    with pytest.raises(BadRequest, match=reason):
        Faults().add(row)


def test_rule_has_sensible_defaults():
    """``{"script": ["fail", "fail", "ok"]}`` is all that a retry demo needs."""
    rule = Rule.from_json({"script": ["fail", "fail", "ok"]})

    assert (rule.provider, rule.fault.word) == ("*", "status=503")
    assert Rule.from_json({"kind": "rate_limited"}).fault.retry_after_s == 1


def test_script_is_followed_and_then_nothing_goes_wrong(call):
    """Fail, fail, succeed."""
    faults = Faults()
    faults.add({"script": ["fail", "429;retry-after=2", "ok"]})

    assert struck(faults, call, 5) == [
        "status=503",
        "rate_limited;retry-after=2",
        None,
        None,
        None,
    ]


def test_rate_strikes_its_share(call):
    """A tenth means about a tenth."""
    faults = Faults()
    faults.add({"rate": 0.1})
    count = sum(word is not None for word in struck(faults, call, 2000))

    assert 150 < count < 250


def test_same_seed_strikes_the_same_calls(call):
    """An experiment can be repeated, and another seed makes another one."""
    runs = []
    for seed in (1, 1, 2):
        faults = Faults(seed=seed)
        faults.add({"rate": 0.5})
        runs.append(struck(faults, call, 40))

    assert runs[0] == runs[1] != runs[2]


def test_rule_is_for_its_provider(call):
    """Others aren't counted either."""
    faults = Faults()
    faults.add({"provider": "groq", "script": ["fail"]})

    assert struck(faults, call, 2, "openai") == [None, None]
    assert struck(faults, call, 2, "groq") == ["status=503", None]
    assert [(rule["seen"], rule["struck"]) for rule in faults.rules()] == [(2, 1)]


def test_times_ends_a_rule(call):
    """At most so often."""
    faults = Faults()
    faults.add({"times": 2})

    assert struck(faults, call, 4) == ["status=503", "status=503", None, None]


def test_outage_ends_by_itself(call):
    """By the gateway's clock: whoever began it needn't be there in time to end it."""
    moments = iter([100.0, 100.0, 109.9, 110.0])
    faults = Faults(now=lambda: next(moments))
    faults.add({"for_s": 10})

    assert struck(faults, call, 3) == ["status=503", "status=503", None]
    assert faults.rules()[0]["for_s"] == 10


def test_first_rule_that_strikes_wins(call):
    """One that lets a call pass leaves it to the next."""
    faults = Faults()
    faults.add({"script": ["ok", "fail"]})
    faults.add({"kind": "cut"})

    assert struck(faults, call, 3) == ["cut", "status=503", "cut"]


def test_script_of_the_request_goes_before_the_rules(call):
    """Attempt k takes word k; after its end nothing goes wrong."""
    faults = Faults()
    faults.add({"kind": "cut"})
    words = [faults.draw(call(script=("503", "ok"), attempt=attempt)) for attempt in (1, 2, 3)]

    assert [fault and fault.word for fault in words] == ["status=503", None, None]


def test_rules_can_be_cleared(call):
    """One by its number, or all."""
    faults = Faults()
    first, second = faults.add({"kind": "cut"}), faults.add({"kind": "reset"})
    faults.clear(first)

    assert [rule["id"] for rule in faults.rules()] == [second]
    faults.clear()
    assert faults.rules() == []
    assert faults.add({"kind": "cut"}) == second + 1
