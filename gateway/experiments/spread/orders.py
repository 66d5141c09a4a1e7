"""What a worker is told: which recipe, which shard of it, and where to ask."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.chat import Target
from gateway.errors import BadRequest
from gateway.experiments.plan import Recipe
from gateway.experiments.progress import Progress, Row
from gateway.experiments.site import HostedSite, Kind, LocalSite, local_target

Json = Any


@dataclass(slots=True, kw_only=True)
class Outpost:
    """A run's site as a worker sees it: where to ask, and no more. A ``Site``.

    Attributes:
        url: Of the run's local gateway, with its token; or
        hosted: the gateway that is asked as it is.
    """

    kind: Kind
    scale: float
    simulated: frozenset[str]
    url: str = ""
    token: str = field(default="", repr=False)
    hosted: Target | None = None

    @classmethod
    def of(cls, site: LocalSite | HostedSite) -> "Outpost":
        """Return a site as a worker sees it."""
        if isinstance(site, LocalSite):
            return cls(
                kind=site.kind,
                scale=site.scale,
                simulated=site.simulated,
                url=site.server.url,
                token=site.server.token,
            )
        return cls(
            kind=site.kind, scale=site.scale, simulated=site.simulated, hosted=site.target("")
        )

    def target(self, gateway: str, user: int = 0) -> Target:
        """Return one of the plan's gateways, as one of its users asks it."""
        return self.hosted or local_target(self.url, self.token, gateway, user)

    async def attempts(self, since_s: float) -> list[dict[str, Json]]:
        """Return nothing: the journal is read where the run is led."""
        return []

    async def now_s(self) -> float:
        """Refuse: the plan's moments are told by whoever leads the run."""
        raise BadRequest("A worker doesn't read the gateway's clock.")

    async def fault(self, rule: Mapping[str, Json] | None) -> None:
        """Refuse: the plan's events happen where the run is led."""
        raise BadRequest("A worker lets nothing go wrong.")

    def trouble(self) -> str | None:
        """Return nothing: whoever leads the run looks after the site."""
        return None

    async def aclose(self) -> None:
        """Leave the site as it is: it is another's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """What one worker is to do. Its repr holds no secret: workers write it into their logs.

    Attributes:
        digest: The whole plan's: a worker that draws another one mustn't take part.
        number: Which of the ``count`` shards.
        secrets: What mustn't be kept.
    """

    run_id: str
    recipe: Recipe
    digest: str
    number: int
    count: int
    site: Outpost
    secrets: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a worker has to say since its last report.

    Attributes:
        number: To be named in the next question: what wasn't received comes again.
        begun: Variant and number of the calls that were sent since.
        entered: Groups of its shard that began or wait for their beginning, in their order.
        ended: Whether nothing more comes.
        mean_in_flight: Calls under way, averaged over the worker's whole run; at its end.
    """

    number: int
    rows: list[Row]
    chunks: list[Row]
    begun: list[tuple[str, int]]
    entered: int
    progress: Progress
    ended: bool
    mean_in_flight: float | None
