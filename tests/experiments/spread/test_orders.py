"""Orders: a worker is told where to ask; what it writes down of them holds no secret."""

import pytest

from gateway.chat import Target
from gateway.errors import BadRequest
from gateway.experiments.plan import Recipe
from gateway.experiments.site import HostedSite, LocalSite
from gateway.experiments.spread.orders import Orders, Outpost
from gateway.wire.single import HttpxWire

pytestmark = pytest.mark.anyio

SECRET = "sk-marker-0123456789abcdef"
HOSTED = Target(
    name="cloudflare", base_url="http://127.0.0.1:9/v1/a/g", token=SECRET, keys={"openai": SECRET}
)


class Server:
    """Where a local site's gateway listens."""

    url, token = "http://127.0.0.1:9", SECRET


@pytest.fixture(params=["local", "hosted"])
async def site(request):
    wire = HttpxWire()
    yield LocalSite(Server, wire, 60.0) if request.param == "local" else HostedSite(HOSTED)
    await wire.aclose()


async def test_worker_asks_where_the_run_s_site_says(site):
    """The same gateways, users and clock."""
    outpost = Outpost.of(site)

    assert outpost.target("main", 3) == site.target("main", 3)
    assert (outpost.kind, outpost.scale) == (site.kind, site.scale)
    assert outpost.simulated == site.simulated


async def test_orders_show_no_secret(site):
    """Dask writes what a function was given into its log when it fails."""
    orders = Orders(
        run_id="r1",
        recipe=Recipe(preset="E01"),
        digest="",
        number=0,
        count=1,
        site=Outpost.of(site),
        secrets=(SECRET,),
    )

    assert SECRET not in repr(orders)


async def test_worker_leads_nothing(site):
    """The gateway's clock, journal and failures are the leader's."""
    outpost = Outpost.of(site)

    assert await outpost.attempts(0.0) == []
    with pytest.raises(BadRequest):
        await outpost.now_s()
    with pytest.raises(BadRequest):
        await outpost.fault(None)
    await outpost.aclose()
