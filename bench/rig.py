"""What a run needs: stub, load generator and gateway, and an account of who used the processor."""

import contextlib
import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from bench.load import Job, Measured, Spread
from gateway.local.server import LocalServer

ROOT = Path(__file__).parent.parent
Json = Any
KEY = {"authorization": "Bearer sk-of-the-bench"}
"""A provider key: without one, Unified Billing would limit the rate."""


class Invalid(Exception):
    """The run proves nothing: a request failed, or a hit wasn't one."""


class Process:
    """A module of this folder in a process of its own, spoken with in lines of JSON."""

    def __init__(self, module: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", module],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.pid = self._process.pid

    def ask(self, message: Json) -> Json:
        """Send one line and wait for the answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message) + "\n")
        self._process.stdin.flush()
        return self.hear()

    def hear(self) -> Json:
        """Wait for one line."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise Invalid("A process of the bench ended; its words are above.")
        return json.loads(line)

    def stop(self) -> None:
        """End it by ending its input."""
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()
        self._process.wait()


@dataclass(frozen=True, kw_only=True)
class Target:
    """One way to the stub: where, with which headers, and whether the stub shall see it.

    Attributes:
        passes: Every request must reach the stub; ``False``: none may; ``None``: has no stub.
    """

    name: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)
    passes: bool | None = True


class Rig:
    """Stub, load generator and a gateway that takes the stub for OpenAI, all running.

    Attributes:
        served: Requests that went through the gateway so far.
    """

    def __init__(self) -> None:
        self.served = 0
        self._running = contextlib.ExitStack()

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as started:
            self.generator = Process("bench.load")
            started.callback(self.generator.stop)
            self.stub = Process("bench.upstream")
            started.callback(self.stub.stop)
            self.stub_url: str = self.stub.hear()["url"]
            self.server = started.enter_context(
                LocalServer.start(upstreams={"openai": self.stub_url})
            )
            self._running = started.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    def direct(self) -> Target:
        """Return the way to the stub without a gateway."""
        return Target(name="direct", url=f"{self.stub_url}/chat/completions")

    def through(
        self, name: str = "gateway", *, passes: bool = True, cached: bool = False
    ) -> Target:
        """Return the way through the gateway, past its cache unless ``cached``."""
        return Target(
            name=name,
            url=f"{self.server.gateway_url()}/openai/chat/completions",
            headers=KEY if cached else {**KEY, "cf-aig-skip-cache": "true"},
            passes=passes,
        )

    def run(self, target: Target, job: Json) -> Measured:
        """Send one job to a target.

        Raises:
            Invalid: a request failed, or the stub's own counter says otherwise than the target.
        """
        before, cpu_s = self.count(), self.gateway_cpu_s()
        answer = self.generator.ask({"url": target.url, "headers": target.headers, **job})
        reached, cpu_s = self.count() - before, self.gateway_cpu_s() - cpu_s
        measured = _measured(answer)
        measured = replace(measured, gateway_cpu_us=cpu_s / max(1, measured.requests) * 1e6)
        if target.url.startswith(self.server.gateway_url()):
            self.served += measured.requests
        if measured.failures:
            raise Invalid(f"{target.name}: {measured.failures[0]}")
        wanted = {True: measured.requests, False: 0, None: 0}[target.passes]
        if reached != wanted:
            raise Invalid(f"{target.name}: {reached} requests reached the stub, not {wanted}")
        return measured

    def gateway_cpu_s(self) -> float:
        """Return the processor time that the gateway has used so far; NaN if unknown."""
        stat = Path(f"/proc/{self.server.pid}/stat")
        if not stat.exists():
            return float("nan")
        user, system = stat.read_text("ascii").rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def count(self) -> int:
        """Return how many requests the stub has seen."""
        return int(fetch(f"{self.stub_url}/count")["requests"])

    def logged(self) -> int:
        """Return how many rows the gateway's log has; waits until all are written."""
        url = f"{self.server.url}/client/v4/accounts/local/ai-gateway/gateways/demo/logs"
        answer = fetch(f"{url}?per_page=1", {"authorization": f"Bearer {self.server.token}"})
        return int(answer["result_info"]["total_count"])


def job(**members: Any) -> Json:
    """Return a job without its target, as JSON."""
    whole = asdict(Job(url="", **members))
    return {name: value for name, value in whole.items() if name not in ("url", "headers")}


def fetch(url: str, headers: dict[str, str] | None = None) -> Json:
    """GET some JSON from this machine, by no proxy."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(urllib.request.Request(url, headers=headers or {}), timeout=60) as answer:
        return json.load(answer)


@dataclass(kw_only=True)
class Account:
    """Processor time that somebody else used, as a share of the whole machine; NaN if unknown."""

    others: float = float("nan")


@contextlib.contextmanager
def watched() -> Iterator[Account]:
    """Tell how busy the machine was with anything but this process and its children.

    Children count once they have ended, so they must start and end inside.
    """
    account = Account()
    before, own_before = _machine_s(), _own_s()
    yield account
    after, own_after = _machine_s(), _own_s()
    if before is not None and after is not None:
        busy, whole = after[0] - before[0], after[1] - before[1]
        account.others = max(0.0, busy - (own_after - own_before)) / whole


def _own_s() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _machine_s() -> tuple[float, float] | None:
    """Return (busy, all) seconds of all processors since the start of the machine; Linux only."""
    stat = Path("/proc/stat")
    if not stat.exists():
        return None
    ticks = [int(field) for field in stat.read_text("ascii").splitlines()[0].split()[1:9]]
    idle = ticks[3] + ticks[4]
    per_s = os.sysconf("SC_CLK_TCK")
    return (sum(ticks) - idle) / per_s, sum(ticks) / per_s


def _measured(answer: Json) -> Measured:
    spreads = {
        name: Spread(**answer[name]) if answer[name] is not None else None
        for name in ("total", "first", "chunks")
    }
    return Measured(**{**answer, **spreads})
