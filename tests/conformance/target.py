"""The gateway that probes ask: the local one by default, a real one with ``LIVE=1``."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self
from uuid import uuid4

import httpx
from websockets.sync.client import connect

from gateway.local.server import LocalServer
from gateway.settings import Settings

Json = Any
GATEWAY_HOST = "https://gateway.ai.cloudflare.com"
API_HOST = "https://api.cloudflare.com"
ACCOUNT = "0123456789abcdef0123456789abcdef"
"""Any account will do for a local gateway."""
MODEL = "@cf/meta/llama-3.1-8b-instruct"
"""Workers AI needs no provider's key, and this model costs next to nothing."""
WORKERS = f"workers-ai/{MODEL}"
TIMEOUT_S = 30.0
READABLE_S = 10.0
"""How long a log row may take until it can be read."""
PAUSE_S = 0.5
CLOSED = {
    "cache_invalidate_on_update": False,
    "cache_ttl": 0,
    "collect_logs": True,
    "rate_limiting_interval": 0,
    "rate_limiting_limit": 0,
    "authentication": True,
}


class Unobservable(Exception):
    """This gateway's settings or this token don't let a rule be seen; the message says why."""


def question(words: str = "", **more: Json) -> dict[str, Json]:
    """Return a short question in Workers AI's format that nobody has asked before."""
    text = words or f"Answer with one word. {uuid4()}"
    return {"messages": [{"role": "user", "content": text}], "max_tokens": 8, **more}


@dataclass(frozen=True)
class Target:
    """A gateway with authentication on, and a token that opens it.

    Attributes:
        gateway_host: Base URL of the data plane.
        api_host: Base URL of management and REST inference.
    """

    gateway_host: str
    api_host: str
    account: str
    gateway: str
    token: str = field(repr=False)

    @cached_property
    def http(self) -> httpx.Client:
        return httpx.Client(timeout=TIMEOUT_S)

    @classmethod
    @contextmanager
    def local(cls) -> Iterator[Self]:
        """Start a local gateway that is set up as a careful owner would."""
        with LocalServer.start(instant=True) as server:
            target = cls(server.url, server.url, ACCOUNT, "conformance", server.token)
            made = target.manage("gateways", method="POST", body={**CLOSED, "id": target.gateway})
            assert made.status_code == 200, made.text
            yield target
            target.http.close()

    @classmethod
    def real(cls, settings: Settings, gateway_host: str, api_host: str) -> Self | None:
        """Return the gateway that .env names; ``None`` where it names none."""
        account, gateway, token = settings.account_id, settings.gateway_id, settings.token
        if account is None or gateway is None or token is None:
            return None
        return cls(gateway_host.rstrip("/"), api_host.rstrip("/"), account, gateway, token)

    # asking

    def ask(
        self,
        path: str = WORKERS,
        body: Json = None,
        *,
        method: str = "POST",
        gateway: str | None = None,
        token: str | None = "",
        key: str | None = "",
        **headers: str,
    ) -> httpx.Response:
        """Send one call to the data plane.

        Args:
            body: ``None`` asks a new question.
            token: The gateway's; ``None`` sends none, "" the right one.
            key: The provider's; ``None`` sends none, "" the token, as Workers AI takes it.
            headers: With underscores for dashes.
        """
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if token is not None:
            sent.setdefault("cf-aig-authorization", f"Bearer {token or self.token}")
        if key is not None:
            sent["authorization"] = f"Bearer {key or self.token}"
        return self.http.request(
            method,
            f"{self.gateway_host}/v1/{self.account}/{gateway or self.gateway}/{path}".rstrip("/"),
            json=question() if body is None else body,
            headers=sent,
        )

    def rest(
        self, endpoint: str, body: Json, *, token: str = "", gateway: bool = True
    ) -> httpx.Response:
        """Send one call to the second data plane, through this gateway or through none."""
        headers = {"authorization": f"Bearer {token or self.token}"}
        if gateway:
            headers["cf-aig-gateway-id"] = self.gateway
        url = f"{self.api_host}/client/v4/accounts/{self.account}/ai/{endpoint}"
        return self.http.post(url, json=body, headers=headers)

    def manage(
        self,
        path: str,
        *,
        method: str = "GET",
        body: Json = None,
        token: str = "",
        **query: Json,
    ) -> httpx.Response:
        """Call the management API. Probes read only."""
        return self.http.request(
            method,
            f"{self.api_host}/client/v4/accounts/{self.account}/ai-gateway/{path}",
            json=body,
            params=query,
            headers={"authorization": f"Bearer {token or self.token}"},
        )

    def own(self, path: str = "", **query: Json) -> httpx.Response:
        """Read something of this gateway by the management API."""
        return self.manage(f"gateways/{self.gateway}/{path}".rstrip("/"), **query)

    def graphql(self, query: str) -> dict[str, Json]:
        """Ask the analytics API."""
        headers = {"authorization": f"Bearer {self.token}"}
        url = f"{self.api_host}/client/v4/graphql"
        return self.http.post(url, json={"query": query}, headers=headers).json()

    @cached_property
    def settings(self) -> Mapping[str, Json]:
        """The gateway's own settings.

        Raises:
            Unobservable: the token may not read them.
        """
        answer = self.own()
        if answer.status_code != 200:
            raise Unobservable(f"its settings can't be read (status {answer.status_code})")
        return answer.json()["result"]

    def must_be_guarded(self) -> None:
        """Let a probe go on, where callers need a token.

        Raises:
            Unobservable: they don't.
        """
        if not self.settings.get("authentication"):
            raise Unobservable("its authentication is off")

    def must_not_cache(self) -> None:
        """Let a probe go on, where the gateway caches nothing of its own accord.

        Raises:
            Unobservable: it does.
        """
        if self.settings.get("cache_ttl"):
            raise Unobservable("its caching is on")

    def row(self, answer: httpx.Response) -> Mapping[str, Json] | None:
        """Return the log row of an answer; ``None`` where none appears in time."""
        log_id = answer.headers.get("cf-aig-log-id")
        end_s = time.monotonic() + READABLE_S
        while log_id is not None:
            found = self.own(f"logs/{log_id}")
            if found.status_code == 200:
                return found.json()["result"]
            if found.status_code != 404 or time.monotonic() > end_s:
                break
            time.sleep(PAUSE_S)
        return None

    def kept(self, answer: httpx.Response, part: str) -> httpx.Response:
        """Return what the log has kept of an answer's ``request`` or ``response``."""
        return self.own(f"logs/{answer.headers.get('cf-aig-log-id', 'none')}/{part}")

    # WebSocket

    def talk(self, request: Json, *, last: str) -> list[dict[str, Json]]:
        """Send one message and return what comes, up to a type that begins like ``last``."""
        with self.socket() as socket:
            socket.send(json.dumps({"type": "universal.create", "request": request}))
            heard: list[dict[str, Json]] = []
            while not heard or heard[-1]["type"] not in (last, "universal.error"):
                heard.append(json.loads(socket.recv(timeout=TIMEOUT_S)))
            return heard

    def socket(self, *, token: str = "", **how: Json) -> Any:
        """Open the non-realtime WebSocket."""
        url = self.gateway_host.replace("http", "ws", 1)
        if "subprotocols" not in how:
            how["additional_headers"] = {"cf-aig-authorization": f"Bearer {token or self.token}"}
        # A proxy of the environment is for the real gateway only.
        proxy = None if "//127.0.0.1:" in url else True
        return connect(
            f"{url}/v1/{self.account}/{self.gateway}", open_timeout=TIMEOUT_S, proxy=proxy, **how
        )

    def step(self, **more: Json) -> dict[str, Json]:
        """Return a universal step that answers."""
        return {
            "provider": "workers-ai",
            "endpoint": MODEL,
            "headers": {"Authorization": f"Bearer {self.token}"},
            "query": question(),
            **more,
        }


BROKEN = {
    "provider": "groq",
    "endpoint": "chat/completions",
    "headers": {"Authorization": "Bearer wrong-key"},
    "query": {"model": "llama-3.1-8b-instant", "messages": [{"role": "user", "content": "Hi"}]},
}
"""A universal step that its provider refuses."""
