"""Where chats can go: the local gateway, the hosted one, and the providers without a gateway."""

import json
import time
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, Self
from urllib.parse import quote

from gateway.chat import Target
from gateway.client import AGENT
from gateway.codes import explain
from gateway.errors import GatewayError, LocalGatewayError
from gateway.local.server import LocalServer
from gateway.providers import PROVIDERS
from gateway.settings import Settings
from gateway.wire import Wire

Json = Any

LOCAL, CLOUDFLARE, DIRECT = "local", "cloudflare", "direct"
HOST = "https://gateway.ai.cloudflare.com"
API_HOST = "https://api.cloudflare.com"
REST = "client/v4/accounts"
GATEWAY = "demo"
"""The gateway of a fresh data directory that asks for no token."""

NOWHERE = "http://127.0.0.1:9"
"""Stands for a local gateway that couldn't be started: every call says that nobody answers."""

PROBE = "openai"
"""The provider whose list of models is asked for, to see whether a gateway answers."""

CLOSED = frozenset({"gateway_unknown", "unauthorized"})
"""Errors with which a gateway is of no use; after any other it still passes calls on."""

CHECK_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Whether a gateway answers.

    Attributes:
        status: HTTP status; ``None`` where nothing came.
        ms: How long it took; ``None`` where nothing came.
        sentence: What to know or to do.
    """

    ok: bool
    status: int | None
    ms: float | None
    sentence: str


class Places:
    """Where chats can go.

    Attributes:
        targets: By name, ``"local"`` first; ``"direct"`` stands for the providers themselves.
        problems: What the start met, in sentences.
    """

    def __init__(self, settings: Settings, server: LocalServer | None, problems: list[str]) -> None:
        self.problems = problems
        self._server = server
        own = server.url if server is not None else NOWHERE
        self._root = settings.local_url or own
        account = settings.account_id or "local"
        self.targets: dict[str, Target] = {
            LOCAL: Target(
                name=LOCAL,
                base_url=f"{self._root}/v1/{account}/{GATEWAY}",
                rest_url=f"{self._root}/{REST}/{account}",
                token=settings.local_token if server is None else server.token,
                local_url=self._root,
            )
        }
        if settings.account_id and settings.gateway_id:
            self.targets[CLOUDFLARE] = Target(
                name=CLOUDFLARE,
                base_url=f"{HOST}/v1/{settings.account_id}/{settings.gateway_id}",
                rest_url=f"{API_HOST}/{REST}/{settings.account_id}",
                token=settings.token,
                keys=settings.keys,
            )
        self._own_bases = _own_bases(settings)
        self.targets[DIRECT] = Target(
            name=DIRECT, base_url="", keys=settings.keys, bases=self._own_bases
        )

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """Start a local gateway, unless the settings name one that runs. Never fails."""
        if settings.local_url is not None:
            return cls(settings, None, [])
        environment = settings.local_environment
        problems = []
        try:
            return cls(settings, LocalServer.start(data=settings.local_data, env=environment), [])
        except LocalGatewayError as error:
            problems.append(f"{error} A temporary local gateway runs instead: it forgets all.")
        try:
            return cls(settings, LocalServer.start(env=environment), problems)
        except LocalGatewayError as error:
            return cls(settings, None, [str(error)])

    async def look(self, wire: Wire) -> Health:
        """Ask the local gateway how it is, and which providers it plays."""
        started = time.perf_counter()
        try:
            status, body = await self._get(wire, f"{self._root}/_local/health")
            if status == HTTPStatus.FORBIDDEN:
                sentence = "It answers, but tells only its own machine which providers it plays."
                return Health(ok=True, status=status, ms=_ms_since(started), sentence=sentence)
            simulated = frozenset(json.loads(body)["simulated"])
        except GatewayError as error:
            return Health(ok=False, status=None, ms=None, sentence=str(error))
        except (ValueError, KeyError, TypeError):
            sentence = f"Something else than a local gateway answers at {self._root}."
            return Health(ok=False, status=status, ms=_ms_since(started), sentence=sentence)
        self.targets[LOCAL] = replace(self.targets[LOCAL], simulated=simulated)
        self.targets[DIRECT] = self._direct(simulated)
        real = [
            row.name for slug, row in PROVIDERS.items() if row.env_key and slug not in simulated
        ]
        sentence = (
            f"It answers. Real: {', '.join(real)}." if real else "It answers; all is simulated."
        )
        return Health(ok=True, status=status, ms=_ms_since(started), sentence=sentence)

    def _direct(self, simulated: frozenset[str]) -> Target:
        """Return the providers themselves: real where there is a key, else played ones."""
        direct = self.targets[DIRECT]
        played = simulated - direct.keys.keys()
        bases = {slug: f"{self._root}/_local/direct/{slug}" for slug in played}
        return replace(direct, simulated=played, bases={**self._own_bases, **bases})

    async def check(self, wire: Wire, name: str) -> Health:
        """Ask a gateway for something that costs nothing."""
        if name in (LOCAL, DIRECT):
            return await self.look(wire)
        target = self.targets[name]
        headers = [("User-Agent", AGENT), ("Accept-Encoding", "identity")]
        if target.token:
            headers.append(("cf-aig-authorization", f"Bearer {target.token}"))
        if key := target.keys.get(PROBE):
            headers.append(PROVIDERS[PROBE].auth(key))
        started = time.perf_counter()
        try:
            status, body = await self._get(wire, f"{target.base_url}/{PROBE}/models", headers)
        except GatewayError as error:
            return Health(ok=False, status=None, ms=None, sentence=str(error))
        return _health(status, body, _ms_since(started))

    async def journal(self, wire: Wire, log_id: str) -> list[dict[str, Json]]:
        """Return the attempts behind one answer of the local gateway; none where it is silent."""
        try:
            _, body = await self._get(wire, f"{self._root}/_local/journal?log_id={quote(log_id)}")
            attempts: list[dict[str, Json]] = json.loads(body)["attempts"]
        except (GatewayError, ValueError, KeyError, TypeError):
            return []
        return attempts

    async def _get(
        self, wire: Wire, url: str, headers: list[tuple[str, str]] | None = None
    ) -> tuple[int, str]:
        incoming = await wire.open("GET", url, headers=headers or [], timeout_s=CHECK_S)
        try:
            return incoming.status, (await incoming.read()).decode("utf-8", "replace")
        finally:
            await incoming.aclose()

    def close(self) -> None:
        """Stop the local gateway, if it is ours."""
        if self._server is not None:
            self._server.stop()


def _own_bases(settings: Settings) -> dict[str, str]:
    """Return the addresses that depend on the account."""
    if not settings.account_id:
        return {}
    return {"workers-ai": f"{API_HOST}/{REST}/{settings.account_id}/ai/run"}


def _health(status: int, body: str, ms: float) -> Health:
    """Judge an answer: a provider that refuses us still shows that the gateway passes calls on."""
    row = explain(status, body)
    if row is not None and row.name in CLOSED:
        return Health(ok=False, status=status, ms=ms, sentence=f"{row.meaning} {row.fix}")
    try:
        json.loads(body)
    except ValueError:
        sentence = "Something else than a gateway answers: it isn't JSON."
        return Health(ok=False, status=status, ms=ms, sentence=sentence)
    return Health(ok=True, status=status, ms=ms, sentence="It answers.")


def _ms_since(started: float) -> float:
    return (time.perf_counter() - started) * 1000
