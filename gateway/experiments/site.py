"""Where a plan runs: a local gateway of its own, or a hosted gateway as it is.

On the local gateway a run gets a process with an empty cache, the plan's clock, and a gateway for
each name in the plan, so that neither another run nor the playground can answer from its cache.
A hosted gateway is asked as it is configured; what the run brings along is a word in its prompts.
"""

import asyncio
import json
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol, Self

from gateway.chat import Target
from gateway.errors import BadRequest, GatewayError, LocalGatewayError
from gateway.experiments.plan import Plan
from gateway.local.server import LocalServer
from gateway.providers import PROVIDERS
from gateway.wire import Incoming, Wire
from gateway.wire.single import HttpxWire

Json = Any
Kind = Literal["emulator", "cloudflare"]
ACCOUNT = "local"
PREFIX = "run-"
"""Before the plan's names: the local gateway has gateways of its own."""
JOURNAL_ROWS = 10_000
STANDARD: Mapping[str, Json] = {
    "cache_ttl": 0,
    "cache_invalidate_on_update": False,
    "collect_logs": True,
    "rate_limiting_interval": 0,
    "rate_limiting_limit": 0,
    "rate_limiting_technique": "fixed",
}
"""What a plan's gateway is set to where the plan says nothing: all off."""


class Site(Protocol):
    """Where requests of a run go.

    Attributes:
        kind: What the tables say about where it ran.
        scale: Emulated seconds per real one.
        simulated: Slugs of the providers that are played.
    """

    kind: Kind
    scale: float
    simulated: frozenset[str]

    def target(self, gateway: str, user: int = 0) -> Target:
        """Return one of the plan's gateways, as one of its users asks it."""
        ...

    async def attempts(self, since_s: float) -> list[dict[str, Json]] | None:
        """Return the journal's attempts since an emulated moment; ``None``: it can't be read."""
        ...

    async def now_s(self) -> float:
        """Return the gateway's own moment, in emulated seconds since the epoch."""
        ...

    async def fault(self, rule: Mapping[str, Json] | None) -> None:
        """Let something go wrong from now on; ``None`` ends all that goes wrong."""
        ...

    def trouble(self) -> str | None:
        """Return why it can't be asked any more, as a sentence; ``None`` while it can."""
        ...

    async def aclose(self) -> None:
        """Give up what was made for the run."""
        ...


def local_target(url: str, token: str, gateway: str, user: int) -> Target:
    """Return one of the plan's gateways in a run's own process; each user has a key of its own.

    Without one, Unified Billing would pay, and refuse more than 200 requests in 60 s.
    """
    return Target(
        name="local",
        base_url=f"{url}/v1/{ACCOUNT}/{PREFIX}{gateway}",
        rest_url=f"{url}/client/v4/accounts/{ACCOUNT}",
        token=token,
        keys=dict.fromkeys(PROVIDERS, f"sk-user-{user:04}-of-a-run"),
        simulated=frozenset(PROVIDERS),
    )


class LocalSite:
    """A local gateway of one run's own."""

    kind: Kind = "emulator"

    def __init__(self, server: LocalServer, wire: Wire, scale: float) -> None:
        self.scale = scale
        self.simulated = frozenset(PROVIDERS)
        self.server = server
        self._wire = wire

    @classmethod
    async def open(cls, plan: Plan, *, python: str = sys.executable) -> Self:
        """Start a gateway and make those of the plan.

        Args:
            python: What runs the gateway's process; see ``LocalServer.start``.

        Raises:
            LocalGatewayError: it can't start, or refuses the settings of one.
        """
        server = await asyncio.to_thread(
            LocalServer.start,
            scale=plan.time_scale,
            seed=plan.recipe.seed,
            instant=plan.pace == "instant",
            python=python,
        )
        site = cls(server, HttpxWire(), plan.time_scale)
        try:
            for name, settings in plan.gateways.items():
                await site._make(name, settings)
        except BaseException:
            await site.aclose()
            raise
        return site

    def target(self, gateway: str, user: int = 0) -> Target:
        """Return one of the plan's gateways; see ``local_target``."""
        return local_target(self.server.url, self.server.token, gateway, user)

    async def attempts(self, since_s: float) -> list[dict[str, Json]] | None:
        """Return the journal's attempts since an emulated moment; ``None``: it can't be read."""
        path = f"/_local/journal?limit={JOURNAL_ROWS}&since_s={since_s}"
        try:
            _, body = await self._ask("GET", path)
            found: list[dict[str, Json]] = body["attempts"]
        except (GatewayError, ValueError, KeyError, TypeError):
            return None  # a gateway that died, or is too busy: attempts stay unknown
        return found

    async def fault(self, rule: Mapping[str, Json] | None) -> None:
        """Put a rule into force, or end all of them.

        Raises:
            LocalGatewayError: the gateway refuses the rule.
        """
        method = "DELETE" if rule is None else "POST"
        status, body = await self._ask(method, "/_local/faults", rule)
        if status != 200:
            raise LocalGatewayError(f"The fault {rule} was refused: {json.dumps(body)}")

    async def now_s(self) -> float:
        """Return the gateway's own emulated moment, in seconds since the epoch."""
        _, body = await self._ask("GET", "/_local/health")
        return float(body["now_s"])

    def trouble(self) -> str | None:
        """Return that the gateway's process has died, where it has."""
        died = "The run's own gateway has died: its requests so far are kept. Start the run again."
        return None if self.server.running else died

    async def aclose(self) -> None:
        """Stop the gateway; its data directory is gone with it."""
        await self._wire.aclose()
        await asyncio.to_thread(self.server.stop)

    async def _make(self, name: str, settings: Mapping[str, Json]) -> None:
        status, body = await self._ask(
            "POST",
            f"/client/v4/accounts/{ACCOUNT}/ai-gateway/gateways",
            {**STANDARD, **settings, "id": PREFIX + name},
        )
        if status != 200:
            said = json.dumps(body.get("errors", body))
            raise LocalGatewayError(f"The plan's gateway {name!r} was refused: {said}")

    async def _ask(self, method: str, path: str, body: Json = None) -> tuple[int, Json]:
        headers: Sequence[tuple[str, str]] = (
            ("Authorization", f"Bearer {self.server.token}"),
            ("Content-Type", "application/json"),
        )
        incoming = await self._wire.open(
            method,
            self.server.url + path,
            headers=headers,
            body=None if body is None else json.dumps(body).encode(),
            timeout_s=30.0,
        )
        try:
            return incoming.status, json.loads(await incoming.read())
        finally:
            await incoming.aclose()


class HostedSite:
    """A gateway that is asked as it is. What the plan wants of it must be set there beforehand."""

    kind: Kind = "cloudflare"
    scale = 1.0

    def __init__(self, target: Target) -> None:
        self.simulated = target.simulated
        self._target = target

    def target(self, gateway: str, user: int = 0) -> Target:
        """Return the one gateway, whatever it is called in the plan."""
        return self._target

    async def attempts(self, since_s: float) -> list[dict[str, Json]] | None:
        """Return nothing: no documented header tells of attempts."""
        return []

    async def now_s(self) -> float:
        """Return this machine's clock: that of a hosted gateway isn't known better."""
        return time.time()

    async def fault(self, rule: Mapping[str, Json] | None) -> None:
        """Refuse: nothing can be made to go wrong behind a hosted gateway.

        Raises:
            BadRequest: always.
        """
        raise BadRequest("Only the local gateway's providers can be made to fail.")

    def trouble(self) -> str | None:
        """Return nothing: silence of a hosted gateway is a result, and each row says so."""
        return None

    async def aclose(self) -> None:
        """Leave the gateway as it is."""


class Marked:
    """A wire that adds one header to every request: how a call says what shall go wrong."""

    def __init__(self, wire: Wire, header: tuple[str, str]) -> None:
        self._wire, self._header = wire, header

    async def open(
        self,
        method: str,
        url: str,
        *,
        headers: Sequence[tuple[str, str]],
        body: bytes | None = None,
        timeout_s: float | None = None,
    ) -> Incoming:
        """Open a request with the header; as ``Wire.open``."""
        return await self._wire.open(
            method, url, headers=(*headers, self._header), body=body, timeout_s=timeout_s
        )

    async def aclose(self) -> None:
        """Close nothing: the wire is another's."""
