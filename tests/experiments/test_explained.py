"""The oracle names the rules of a whole run, and says nothing of settings that it can't know."""

from dataclasses import replace

import pytest

from gateway.experiments import rows
from gateway.experiments.explained import explained
from gateway.experiments.plan import Call
from gateway.headers import Options
from tests.experiments.conftest import ASKED, calls_of, plan_of

CACHED = replace(ASKED, options=Options(cache_ttl=60))


def table(hits, *, spacing=25.0, fill=1.0):
    """Requests for one key, evenly spaced."""
    return rows.table(
        [
            {
                "seq": seq,
                "variant_id": "a",
                "key_id": "k",
                "cache_status": "HIT" if hit else "MISS",
                "ok": True,
                "status": 200,
                "error_class": "none",
                "t_plan_s": seq * spacing,
                "t_send_s": seq * spacing,
                "t_end_s": seq * spacing + (0.01 if hit else fill),
                "time_scale": 1.0,
            }
            for seq, hit in enumerate(hits)
        ]
    )


PATTERN = [False, True, True, False, True, True, False]


@pytest.mark.parametrize(
    ("variant", "settings"), [(CACHED, {}), (ASKED, {"cache_ttl": 60})], ids=["header", "gateway"]
)
def test_rule_of_the_cache_is_named(variant, settings):
    """Whether the lifetime comes from a header or from the gateway."""
    plan = plan_of(calls_of(["q"] * 7), variants=[variant], gateways={"main": settings})

    found = explained(plan, table(PATTERN), hosted=False)

    assert found[0]["rule"].startswith("fixed life from the write")
    assert (found[0]["agreed"], found[0]["judged"]) == (7, 7)
    assert (found[0]["about"], found[0]["setting"]) == ("cache", "60 s")
    worst = next(row for row in found if row["rule"] == "life extended by each hit")
    assert worst["first_wrong"] == 3


def test_settings_of_a_hosted_gateway_are_not_guessed():
    """A plan's settings were never made there; its headers were sent."""
    set_there = plan_of(calls_of(["q"]), variants=[ASKED], gateways={"main": {"cache_ttl": 60}})
    sent = plan_of(calls_of(["q"]), variants=[CACHED], gateways={"main": {}})

    assert explained(set_there, table(PATTERN), hosted=True) == []
    assert explained(sent, table(PATTERN), hosted=True)


def test_skipped_requests_are_left_out():
    """They say nothing of the cache's rules."""
    skips = replace(ASKED, options=Options(cache_ttl=60, skip_cache=True))
    plan = plan_of(calls_of(["q"]), variants=[skips])

    assert explained(plan, table(PATTERN), hosted=False) == []


def test_rule_of_a_limit_is_named():
    """Windows begin where the gateway's clock says, which the plan was aligned to."""
    settings = {"rate_limiting_limit": 2, "rate_limiting_interval": 60}
    at = [5.0, 25.0, 45.0, 65.0, 85.0, 105.0]
    calls = [Call(seq=i, variant="a", prompt="q", prompt_id="q", at_s=s) for i, s in enumerate(at)]
    plan = plan_of(calls, variants=[ASKED], gateways={"main": settings}, align_s=60.0)
    late = 7.3  # the run began this long before its first variant did
    passed = [True, True, False, True, True, False]
    requests = table([False] * 6).assign(
        t_plan_s=[late + s for s in at],
        t_send_s=[late + s for s in at],
        error_class=["none" if one else "rate_limited_gateway" for one in passed],
        cache_status="UNKNOWN",
    )

    found = explained(plan, requests, hosted=False)

    assert (found[0]["rule"], found[0]["agreed"], found[0]["judged"]) == ("fixed windows", 6, 6)
    assert [row["about"] for row in found] == ["limit"] * len(found)
