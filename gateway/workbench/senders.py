"""Who sends a run's requests, opened for one run: this process, or workers of a Dask scheduler."""

import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

from gateway.chat import Target
from gateway.experiments.progress import Batch
from gateway.experiments.runner import Runner
from gateway.experiments.site import HostedSite, LocalSite
from gateway.experiments.spread.cluster import Cluster
from gateway.experiments.spread.leader import Leader
from gateway.workbench.job import Job


@contextlib.asynccontextmanager
async def opened(
    job: Job,
    target: Target | None,
    scheduler: str | None,
    *,
    keep: Callable[[Batch], None],
    secrets: tuple[str, ...],
) -> AsyncIterator[Runner | Leader]:
    """Open a run's site, and the workers that are to send to it.

    Args:
        target: A gateway that is asked as it is; ``None`` makes a local one of the run's own.
        scheduler: Whose workers send; ``None`` is this process.

    Raises:
        GatewayError: something of it can't be had; nothing was sent.
    """
    async with contextlib.AsyncExitStack() as stack:
        cluster = None
        if scheduler is not None:
            cluster = await Cluster.join(scheduler)
            stack.push_async_callback(cluster.aclose)
            await cluster.check()
        site: LocalSite | HostedSite
        site = await LocalSite.open(job.plan) if target is None else HostedSite(target)
        stack.push_async_callback(site.aclose)
        terms: dict[str, Any] = {
            "run_id": job.id,
            "keep": keep,
            "alive": job.attended,
            "lease_s": job.lease_s,
            "secrets": secrets,
        }
        if cluster is None:
            yield Runner(job.plan, site, **terms)
        else:
            yield Leader(job.plan, site, cluster, **terms)
