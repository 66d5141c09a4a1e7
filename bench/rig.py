"""What a run needs: stub, generator, nginx and gateway, and who used the processor meanwhile."""

import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from bench.load import Job, Measured, Spread
from bench.nginx import Nginx
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
        passes: Every request must reach the stub; ``False``: none may; ``None``: either will do.
        pid: Whose processor time is counted.
    """

    name: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)
    passes: bool | None = True
    pid: int = 0


@dataclass(frozen=True, kw_only=True)
class Cores:
    """Which process has which core. What is measured has one to itself."""

    target: int
    generator: int
    stub: int

    @classmethod
    def of_this_machine(cls) -> "Cores | None":
        """Share the cores out; ``None`` where they can't be, or where there is only one."""
        if not hasattr(os, "sched_setaffinity"):
            return None
        usable = sorted(os.sched_getaffinity(0))
        if len(usable) < 2:
            return None
        return cls(target=usable[-1], generator=usable[0], stub=usable[-2])

    def __str__(self) -> str:
        others = (
            f"load generator and stub share core {self.stub}"
            if self.stub == self.generator
            else f"load generator on core {self.generator}, stub on core {self.stub}"
        )
        return f"The gateway or nginx alone on core {self.target}; {others}."


@contextlib.contextmanager
def on(core: int | None) -> Iterator[None]:
    """Let processes that are started inside run on this core only; ``None`` leaves it open."""
    if core is None:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


class Rig:
    """Stub, load generator, nginx and a gateway that takes the stub for OpenAI, all running.

    Attributes:
        nginx: ``None`` where it isn't installed.
        served: Requests that went through the gateway so far.
        cores: ``None`` where every process runs anywhere.
    """

    def __init__(self) -> None:
        self.served = 0
        self.cores = Cores.of_this_machine()
        self._running = contextlib.ExitStack()

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as started:
            with on(self.cores and self.cores.generator):
                self.generator = Process("bench.load")
            started.callback(self.generator.stop)
            with on(self.cores and self.cores.stub):
                self.stub = Process("bench.upstream")
            started.callback(self.stub.stop)
            self.stub_url: str = self.stub.hear()["url"]
            self.server = started.enter_context(self.gateway(self.stub_url))
            with on(self.cores and self.cores.target):
                self.nginx = Nginx.start(self.stub_url)
            if self.nginx is not None:
                started.callback(self.nginx.stop)
            self._running = started.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    def gateway(self, openai: str | None = None, *, instant: bool = False) -> LocalServer:
        """Start a gateway on the core of what is measured."""
        upstreams = {} if openai is None else {"openai": openai}
        with on(self.cores and self.cores.target):
            return LocalServer.start(upstreams=upstreams, instant=instant)

    def direct(self) -> Target:
        """Return the way to the stub without a gateway."""
        return Target(name="direct", url=f"{self.stub_url}/chat/completions", pid=self.stub.pid)

    def through(
        self, name: str = "gateway", *, passes: bool = True, cached: bool = False, logs: bool = True
    ) -> Target:
        """Return the way through the gateway, past its cache unless ``cached``."""
        headers = dict(KEY)
        if not cached:
            headers["cf-aig-skip-cache"] = "true"
        if not logs:
            headers["cf-aig-collect-log"] = "false"
        return Target(
            name=name,
            url=f"{self.server.gateway_url()}/openai/chat/completions",
            headers=headers,
            passes=passes,
            pid=self.server.pid,
        )

    def by_nginx(self, place: str, *, passes: bool | None = True) -> list[Target]:
        """Return the way through one of nginx's locations; nothing where there is no nginx."""
        if self.nginx is None:
            return []
        url = f"{self.nginx.url}/{place}"
        return [Target(name="nginx", url=url, passes=passes, pid=self.nginx.pid)]

    def run(self, target: Target, job: Json) -> Measured:
        """Send one job to a target, and wait until it has done what it put off.

        That is in its processor time, and doesn't disturb whoever is measured next.

        Raises:
            Invalid: a request failed, or the stub's own counter says otherwise than the target.
        """
        before, used_s, busy_s = self.count(), cpu_s(target.pid), cpu_s(self.generator.pid)
        answer = self.generator.ask({"url": target.url, "headers": target.headers, **job})
        busy_s = cpu_s(self.generator.pid) - busy_s
        _let_rest(target.pid)
        used_s = cpu_s(target.pid) - used_s
        reached = self.count() - before
        measured = _measured(answer)
        measured = replace(
            measured,
            cpu_us=used_s / max(1, measured.requests) * 1e6,
            generator_busy=busy_s / max(1e-9, measured.elapsed_s),
        )
        mine = target.url.startswith(self.server.gateway_url())
        if mine and "cf-aig-collect-log" not in target.headers:
            self.served += measured.requests
        if measured.failures:
            raise Invalid(f"{target.name}: {measured.failures[0]}")
        wanted = {True: measured.requests, False: 0, None: reached}[target.passes]
        if reached != wanted:
            raise Invalid(f"{target.name}: {reached} requests reached the stub, not {wanted}")
        return measured

    def fill(self, target: Target, job: Json) -> None:
        """Ask so that the answer is in the cache afterwards, whether it was before or not."""
        self.run(replace(target, passes=None), job)

    def count(self) -> int:
        """Return how many requests the stub has seen."""
        return int(fetch(f"{self.stub_url}/count")["requests"])

    def logged(self) -> int:
        """Return how many rows the gateway's log has; waits until all are written."""
        url = f"{self.server.url}/client/v4/accounts/local/ai-gateway/gateways/demo/logs"
        answer = fetch(f"{url}?per_page=1", {"authorization": f"Bearer {self.server.token}"})
        return int(answer["result_info"]["total_count"])


def cpu_s(pid: int) -> float:
    """Return the processor time that a process has used so far, in seconds; NaN if unknown."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return float("nan")
    user, system = stat.read_text("ascii").rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _let_rest(pid: int) -> None:
    """Wait until a process does nothing any more, for 20 seconds at most."""
    used_s = cpu_s(pid)
    for _ in range(100):
        time.sleep(0.2)
        before_s, used_s = used_s, cpu_s(pid)
        if not used_s - before_s > 0.011:
            return


def rss_mb(pid: int) -> float:
    """Return the memory that a process holds, in megabytes; NaN if unknown."""
    statm = Path(f"/proc/{pid}/statm")
    if not statm.exists():
        return float("nan")
    return int(statm.read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


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
