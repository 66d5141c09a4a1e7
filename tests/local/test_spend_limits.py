"""spend_limits: which calls a rule is for, when its budget is used up, and what that answers."""

import json

import pytest

from gateway.local.clock import Clock
from gateway.local.ledger import Ledger
from gateway.local.refusals import Refusal
from gateway.local.routing import Route
from gateway.local.shapes import spend_limits
from gateway.local.spend_limits import spend_limits_of
from gateway.local.steps import Request, steps_of
from gateway.local.store import Store
from gateway.policy import GatewayPolicy
from tests.local.conftest import HELLO, OPENAI, asking, code

DAY = 86_400
YEAR = 365 * DAY
RULE = {"id": "r", "limit": 1, "limitType": "cost", "window": YEAR, "technique": "fixed"}
KEY = {"authorization": "Bearer sk-1"}
DOLLAR = {**KEY, "cf_aig_custom_cost": '{"total_cost":1}'}

APPLIES = [
    ("no dimension", {}, {}, True),
    ("provider", {"provider": {"mode": "filter", "values": ["openai"]}}, {}, True),
    ("another provider", {"provider": {"mode": "filter", "values": ["groq"]}}, {}, False),
    ("model as asked", {"model": {"mode": "filter", "values": ["gpt-4o-mini"]}}, {}, True),
    ("model as logged", {"model": {"mode": "filter", "values": ["openai/gpt-4o-mini"]}}, {}, True),
    ("another model", {"model": {"mode": "filter", "values": ["gpt-5"]}}, {}, False),
    (
        "metadata",
        {"metadata": {"team": {"mode": "filter", "values": ["a", "b"]}}},
        {"team": "b"},
        True,
    ),
    (
        "a number",
        {"metadata": {"user": {"mode": "filter", "values": ["7"]}}},
        {"user": 7},
        True,
    ),
    ("no such key", {"metadata": {"team": {"mode": "filter", "values": ["a"]}}}, {}, False),
    ("no key to split by", {"metadata": {"user": {"mode": "partition"}}}, {}, False),
    ("split by a key", {"metadata": {"user": {"mode": "partition"}}}, {"user": "u"}, True),
    ("two", {"provider": {"mode": "partition"}, "model": {"mode": "partition"}}, {}, True),
]


class Time:
    """A clock that stands still until it is moved."""

    def __init__(self, at):
        self.at = at

    def clock(self):
        return Clock(wall=lambda: 0.0, steady=self.read)

    def read(self):
        return self.at


@pytest.fixture
def ledger(tmp_path):
    store = Store.open(tmp_path)
    yield Ledger(store, 0)
    store.close()


def limits(ledger, *rules, at=0.0, clock=None):
    settings = spend_limits({"enabled": True, "rules": list(rules)})
    clock = clock or Clock(wall=lambda: at, steady=lambda: 0.0)
    return spend_limits_of("g", settings, ledger=ledger, clock=clock)


def step(metadata=None, model="gpt-4o-mini"):
    headers = {"cf-aig-metadata": json.dumps(metadata)} if metadata else {}
    request = Request(
        route=Route(account="a", gateway="g", kind="native", provider="openai", endpoint="x"),
        method="POST",
        headers=headers,
        body=json.dumps({**HELLO, "model": model}).encode(),
    )
    return steps_of(request, GatewayPolicy(id="g"), headers)[0]


def refused(found, step):
    try:
        found.check(step)
    except Refusal as refusal:
        return refusal.code == 2045
    return False


@pytest.mark.rule("spend.rule", "spend.missing_key")
@pytest.mark.parametrize(
    ("dimensions", "metadata", "expected"),
    [row[1:] for row in APPLIES],
    ids=[row[0] for row in APPLIES],
)
def test_rule_is_for_the_calls_that_its_dimensions_name(ledger, dimensions, metadata, expected):
    """A call that a rule isn't for neither pays into its budget nor is held up by it."""
    found = limits(ledger, {**RULE, **dimensions})
    found.charge(step(metadata), 1.0)

    assert refused(found, step(metadata)) is expected


@pytest.mark.rule("spend.partition")
def test_split_budget_is_each_values_own(ledger):
    """One user who has spent it all doesn't hold up another."""
    found = limits(ledger, {**RULE, "metadata": {"user": {"mode": "partition"}}})
    found.charge(step({"user": "a"}), 1.0)

    assert refused(found, step({"user": "a"}))
    assert not refused(found, step({"user": "b"}))
    assert not refused(found, step())


@pytest.mark.rule("spend.any_rule")
def test_any_rule_that_is_over_refuses(ledger):
    """All are checked at once; the first that is over is named."""
    found = limits(ledger, {**RULE, "limit": 5}, {**RULE, "id": "second", "limit": 0.5})
    found.charge(step(), 0.5)

    with pytest.raises(Refusal) as caught:
        found.check(step())

    assert caught.value.message == (
        "Spend limit exceeded: rule 'second' (cost limit 0.5 per 31536000s, fixed) "
        "for openai gpt-4o-mini"
    )


@pytest.mark.parametrize("off", [{"enabled": False}, {"window": 0}])
def test_rule_that_is_off_holds_nobody_up(ledger, off):
    """Nor does one whose window holds nothing."""
    found = limits(ledger, {**RULE, "limit": 0, **off}, {**RULE, "id": "on", "limit": 9})

    assert not refused(found, step())


@pytest.mark.rule(
    "spend.unpriced",
)
def test_model_without_a_known_price_draws_on_no_budget(ledger):
    """Not even on one of nothing."""
    found = limits(ledger, {**RULE, "limit": 0})

    assert refused(found, step())
    assert not refused(found, step(model="made-up-model"))


@pytest.mark.rule("spend.windows")
@pytest.mark.parametrize(
    ("technique", "later_s", "expected"),
    [
        ("fixed", 99.9, True),
        ("fixed", 100.0, False),
        ("sliding", 100.0, True),
        ("sliding", 149.0, True),
        ("sliding", 151.0, False),
        ("sliding", 200.0, False),
    ],
)
def test_windows_are_aligned_to_the_epoch(ledger, technique, later_s, expected):
    """A sliding one weighs the window before by what of it still overlaps: half of 2 is 1."""
    time = Time(0.0)
    rule = {**RULE, "window": 100, "technique": technique}
    found = limits(ledger, rule, clock=time.clock())
    time.at = 99.0
    found.charge(step(), 2.0)

    time.at = later_s

    assert refused(found, step()) is expected


@pytest.mark.parametrize(
    "settings",
    [None, {"enabled": False, "rules": [RULE]}, {"enabled": True, "rules": []}],
)
def test_setting_that_asks_for_nothing_makes_nothing(ledger, settings):
    """So that calls of such gateways pay nothing."""
    shaped = spend_limits(settings)

    assert spend_limits_of("g", shaped, ledger=ledger, clock=Clock()) is None


# over a real port


@pytest.mark.rule("pipeline.limits_before_provider", "spend.refused")
def test_call_over_budget_is_refused_and_logged(gateway):
    """With status, code and words as documented; what was spent counts from the next call on."""
    name = gateway.new_gateway(spend_limits={"enabled": True, "rules": [RULE]})
    first = gateway.ask(gateway=name, **DOLLAR)
    second = gateway.ask(gateway=name, **DOLLAR)

    assert first.status_code == 200
    assert code(second) == (429, 2045)
    assert second.json()["message"] == (
        "Spend limit exceeded: rule 'r' (cost limit 1 per 31536000s, fixed) for openai gpt-4o-mini"
    )
    assert "retry-after" not in second.headers
    assert gateway.newest_log(name)["status_code"] == 429


@pytest.mark.rule("gateway.next_request")
def test_limit_holds_from_the_next_call_after_it_was_set(gateway):
    """And is gone with the next call after it was taken away."""
    name = gateway.new_gateway()
    free = gateway.ask(gateway=name, **DOLLAR)
    settings = gateway.manage("GET", f"/gateways/{name}").json()["result"]
    rules = {"enabled": True, "rules": [{**RULE, "limit": 0}]}
    gateway.manage("PUT", f"/gateways/{name}", json={**settings, "spend_limits": rules})
    held = gateway.ask(gateway=name, **DOLLAR)
    gateway.manage("PUT", f"/gateways/{name}", json={**settings, "spend_limits": None})
    again = gateway.ask(gateway=name, **DOLLAR)

    assert [a.status_code for a in (free, held, again)] == [200, 429, 200]


@pytest.mark.rule("pipeline.hits_skip_budgets")
def test_hit_is_served_over_budget_and_costs_nothing(gateway):
    """The cache answers before budgets are looked at."""
    rules = {"enabled": True, "rules": [{**RULE, "limit": 2}]}
    name = gateway.new_gateway(cache_ttl=600, spend_limits=rules)
    asked = [gateway.ask(body=asking("one"), gateway=name, **DOLLAR) for _ in range(3)]
    fresh = gateway.ask(body=asking("two"), gateway=name, **DOLLAR)
    over = gateway.ask(body=asking("three"), gateway=name, **DOLLAR)
    hit = gateway.ask(body=asking("one"), gateway=name, **DOLLAR)

    assert [a.headers["cf-aig-cache-status"] for a in asked] == ["MISS", "HIT", "HIT"]
    assert fresh.status_code == 200
    assert over.status_code == 429
    assert (hit.status_code, hit.headers["cf-aig-cache-status"]) == (200, "HIT")


@pytest.mark.rule("spend.ends_the_call")
def test_budget_ends_a_universal_call_without_fallback(gateway):
    """A limit of the gateway's own is no failure of the step."""
    rules = {
        "enabled": True,
        "rules": [{**RULE, "limit": 0, "provider": {"mode": "filter", "values": ["openai"]}}],
    }
    name = gateway.new_gateway(spend_limits=rules)
    steps = [
        {
            "provider": slug,
            "endpoint": "chat/completions",
            "query": HELLO,
            "authorization": "Bearer k",
        }
        for slug in ("openai", "groq")
    ]

    assert code(gateway.ask("", steps, gateway=name)) == (429, 2045)


@pytest.mark.rule("spend.after_completion")
def test_streamed_answer_is_charged_too_though_it_isn_t_logged(gateway):
    """By the tokens that its end reports."""
    rules = {"enabled": True, "rules": [{**RULE, "limit": 0.000001}]}
    name = gateway.new_gateway(spend_limits=rules)
    body = {**asking("stream"), "stream": True, "stream_options": {"include_usage": True}}
    quiet = {**KEY, "cf_aig_collect_log": "false"}
    first = gateway.ask(body=body, gateway=name, **quiet)

    assert b"[DONE]" in first.content
    assert code(gateway.ask(OPENAI, gateway=name, **quiet)) == (429, 2045)


def test_budget_survives_a_crash(own_gateway, tmp_path):
    """What was spent is kept with the gateway's other state."""
    with own_gateway(instant=True, data=tmp_path) as caller:
        name = caller.new_gateway(spend_limits={"enabled": True, "rules": [RULE]})
        spent = caller.ask(gateway=name, **DOLLAR)
        # A look at the log writes everything that waits.
        caller.newest_log(name)
        caller.server.kill()
    with own_gateway(instant=True, data=tmp_path) as caller:
        over = caller.ask(gateway=name, **DOLLAR)

    assert spent.status_code == 200
    assert code(over) == (429, 2045)
