"""The border to Dask: a scheduler's workers, asked one by one.

Functions are called beside the scheduler's tasks (``Client.run``): no key, graph or dashboard holds
what they are given, and what was called once isn't called again because a worker went away.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Self, TypeVar

from gateway.errors import BadRequest, GatewayError, SettingsError, TimedOut, Unreachable
from gateway.experiments.spread.version import fingerprint

T = TypeVar("T")

JOIN_S = 3.0
"""How long a scheduler may take to answer."""
PATIENCE_S = 20.0
"""How long a worker may take for what it is asked; more than it lets a report wait."""
LOOK_S = 1.0
"""How long it may be silent before the scheduler is asked whether it is still there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """Who would take part.

    Attributes:
        problem: Why nobody can; ``None`` where somebody can.
    """

    address: str
    workers: tuple[str, ...] = ()
    problem: str | None = None


class Cluster:
    """The workers of one scheduler. Belongs to the event loop that it was joined on."""

    def __init__(self, client: Any, workers: tuple[str, ...]) -> None:
        self.workers = workers
        self._client = client

    @classmethod
    async def join(cls, address: str, *, within_s: float = JOIN_S) -> Self:
        """Connect to a scheduler that has workers.

        Args:
            address: For example ``tcp://10.0.0.5:8786``.

        Raises:
            SettingsError: the package that talks to it isn't installed.
            Unreachable: it doesn't answer, or has no worker.
        """
        try:
            client = await _distributed().Client(
                address, asynchronous=True, timeout=within_s, set_as_default=False
            )
        except (OSError, TimeoutError) as error:
            raise Unreachable(
                f"No Dask scheduler answers at {address}: start it, correct DASK_SCHEDULER, or run "
                "this in this process."
            ) from error
        try:
            workers = tuple(sorted(await client.nthreads()))
        except OSError as error:
            await client.close()
            raise Unreachable(f"The Dask scheduler at {address} went away.") from error
        if not workers:
            await client.close()
            raise Unreachable(
                f"The Dask scheduler at {address} has no worker: start one in the app's directory "
                f"with python -m distributed.cli.dask_worker {address}, or run it in this process."
            )
        return cls(client, workers)

    async def call(
        self,
        address: str,
        function: Callable[..., Any],
        *terms: object,
        within_s: float = PATIENCE_S,
    ) -> Any:
        """Call a function on one worker, once, and return what it returns or raise what it raises.

        Raises:
            TimedOut: it doesn't answer.
            Unreachable: it is gone.
        """
        asking = asyncio.ensure_future(self._client.run(function, *terms, workers=[address]))
        try:
            async with asyncio.timeout(within_s):
                # A scheduler tries for long to reach a worker that is gone, although it knows.
                while not (await asyncio.wait({asking}, timeout=LOOK_S))[0]:
                    if address not in await self._client.nthreads():
                        raise Unreachable(f"The worker at {address} is gone.")
                found = await asking
        except TimeoutError as error:
            raise TimedOut(
                f"The worker at {address} didn't answer within {within_s:g} s."
            ) from error
        except OSError as error:
            raise Unreachable(f"The worker at {address} is gone.") from error
        finally:
            asking.cancel()
        return found[address]

    async def aclose(self) -> None:
        """Leave the scheduler as it is."""
        await self._client.close()

    async def check(self) -> None:
        """Refuse workers that would run other code than this process does.

        Raises:
            BadRequest: one has another version of this app, or doesn't have it.
            Unreachable: one doesn't answer.
        """
        ours = await asyncio.to_thread(fingerprint)
        told = await asyncio.gather(*(self._version(address) for address in self.workers))
        for address, theirs in zip(self.workers, told, strict=True):
            if theirs is None:
                raise BadRequest(
                    f"The worker at {address} doesn't have this app's code: start it in the app's "
                    "directory, with its packages."
                )
            if theirs != ours:
                raise BadRequest(
                    f"The worker at {address} runs another version of this app ({theirs[:8]}, here "
                    f"{ours[:8]}): update it and start it anew."
                )

    async def _version(self, address: str) -> str | None:
        try:
            found: str = await self.call(address, fingerprint)
        except GatewayError:
            raise
        except Exception:  # what goes wrong while a function is looked up has no class of its own
            return None
        return found


async def survey(address: str) -> Survey:
    """Return who would take part in a run; never fails, see ``Survey.problem``."""
    try:
        cluster = await Cluster.join(address)
    except GatewayError as error:
        return Survey(address=address, problem=str(error))
    await cluster.aclose()
    return Survey(address=address, workers=cluster.workers)


def _distributed() -> ModuleType:
    try:
        import distributed
    except ImportError as error:
        raise SettingsError(
            "DASK_SCHEDULER",
            "needs the package distributed: pip install -r requirements-dask.txt",
        ) from error
    return distributed
