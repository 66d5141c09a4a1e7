"""A running local gateway, and a caller who talks to it over a real port."""

import itertools
import time
from contextlib import contextmanager

import httpx
import pytest

from gateway.local.server import LocalServer

OPENAI = "openai/chat/completions"
HELLO = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hello"}]}
MINIMAL = {
    "cache_invalidate_on_update": False,
    "cache_ttl": 0,
    "collect_logs": True,
    "rate_limiting_interval": 0,
    "rate_limiting_limit": 0,
}


def asking(text):
    """Return the body of a question to OpenAI."""
    return {**HELLO, "messages": [{"role": "user", "content": text}]}


def code(answer):
    """Return status and code of an error that the gateway made."""
    return (answer.status_code, answer.json()["error"][0].get("code"))


class Caller:
    """Somebody with the gateway's token who asks, and looks at what became of it."""

    def __init__(self, server):
        self.server = server
        self.token = server.token
        self.http = httpx.Client(base_url=server.url, timeout=20)
        self._numbers = itertools.count(1)

    def ask(self, path=OPENAI, body=None, *, gateway="demo", method="POST", **headers):
        """Send one call to the data plane; underscores in header names become dashes."""
        spelled = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.request(
            method,
            f"/v1/someone/{gateway}/{path}",
            json=HELLO if body is None else body,
            headers=spelled,
        )

    def new_gateway(self, **settings):
        """Make a gateway with these settings and return its id."""
        name = f"made-{next(self._numbers)}"
        made = self.manage("POST", "/gateways", json={**MINIMAL, "id": name, **settings})
        assert made.status_code == 200, made.text
        return name

    def manage(self, method, path, **how):
        """Call the management API."""
        return self.http.request(
            method,
            f"/client/v4/accounts/someone/ai-gateway{path}",
            headers={"authorization": f"Bearer {self.token}"},
            **how,
        )

    def log(self, answer, gateway="demo"):
        """Return the log row of an answer."""
        log_id = answer.headers["cf-aig-log-id"]
        found = self.manage("GET", f"/gateways/{gateway}/logs/{log_id}")
        assert found.status_code == 200, found.text
        return found.json()["result"]

    def newest_log(self, gateway):
        """Return the newest log row of a gateway."""
        return self.manage("GET", f"/gateways/{gateway}/logs?per_page=1").json()["result"][0]

    def journal(self, answer_or_id):
        """Return what happened upstream, attempt by attempt."""
        headers = getattr(answer_or_id, "headers", {})
        name = headers.get("cf-aig-request-id", answer_or_id)
        return self.http.get("/_local/journal", params={"log_id": name}).json()["attempts"]

    def let_pass(self, seconds):
        """Wait until so many emulated seconds are over."""
        end = self.http.get("/_local/health").json()["now_s"] + seconds
        while self.http.get("/_local/health").json()["now_s"] < end:
            time.sleep(0.02)

    def attempts(self, **where):
        """Return the journal's attempts with these values."""
        found = self.http.get("/_local/journal").json()["attempts"]
        return [row for row in found if where.items() <= row.items()]


@contextmanager
def calling(**how):
    with LocalServer.start(**how) as server:
        caller = Caller(server)
        yield caller
        caller.http.close()


@pytest.fixture(scope="session")
def running_gateway():
    with calling(instant=True, scale=60) as caller:
        yield caller


@pytest.fixture
def gateway(running_gateway):
    """A gateway whose simulated providers never wait; a real second is a minute there."""
    yield running_gateway
    running_gateway.http.delete("/_local/faults")


@pytest.fixture
def own_gateway():
    """How to start a gateway of one's own, for tests that stop or break it."""
    return calling
