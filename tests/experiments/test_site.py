"""A run's own gateway has the plan's settings; a hosted one is used as it is."""

import pytest

from gateway.chat import Target
from gateway.errors import LocalGatewayError
from gateway.experiments.site import HostedSite, LocalSite
from tests.experiments.conftest import calls_of, plan_of

pytestmark = pytest.mark.anyio


async def test_each_gateway_of_the_plan_is_made():
    """With its own settings, its own clock, and a key for each user."""
    plan = plan_of(
        calls_of(["x"]), gateways={"main": {}, "other": {"cache_ttl": 60}}, time_scale=30.0
    )

    site = await LocalSite.open(plan)
    try:
        assert site.target("other").base_url.endswith("/v1/local/run-other")
        assert site.target("main").keys["openai"] == site.target("other").keys["openai"]
        assert site.target("main", 1).keys["openai"] != site.target("main", 2).keys["openai"]
        assert await site.now_s() > 0
        assert await site.attempts(0.0) == []
    finally:
        await site.aclose()


async def test_settings_that_no_gateway_takes_are_refused():
    """With the gateway's own words, before anything is sent."""
    plan = plan_of(calls_of(["x"]), gateways={"main": {"cache_ttl": -5}})

    with pytest.raises(LocalGatewayError, match=r"'main' was refused.*cache_ttl"):
        await LocalSite.open(plan)


async def test_hosted_gateway_has_no_journal():
    """Attempts are unknown there, not none."""
    target = Target(name="cloudflare", base_url="https://gateway.example/v1/a/g")
    site = HostedSite(target)

    assert site.target("any", 3) is target
    assert await site.attempts(0.0) == []
    await site.aclose()
