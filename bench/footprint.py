"""What a gateway holds and how long it takes to be there: memory, idle connections, start."""

import base64
import contextlib
import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from bench.figures import Figure, Goal, figure
from bench.load import SERIAL_MARK
from bench.rig import ROOT, Invalid, Rig, job, rss_mb
from bench.runs import BODY, FIXED
from gateway.local.server import LocalServer

REQUESTS, ROUND = 200_000, 20_000
SOCKETS = 1_000
FLAT_MB = 5.0
"""Growth after the first round that still counts as flat: what is kept on purpose has its caps."""
APP_PACKAGE = "gateway.workbench"


def memory(rig: Rig) -> Iterator[Figure]:
    """Memory over 200,000 requests, hits and pass-throughs in turns."""
    section = f"Memory over {REQUESTS:,} requests, 64 connections"
    hit = rig.through("hit", passes=False, cached=True)
    sizes = []
    for number in range(REQUESTS // ROUND):
        target = rig.through("pass-through") if number % 2 else hit
        # Each time, since an entry lives for five minutes only.
        rig.fill(hit, FIXED)
        rig.run(target, job(body=BODY, connections=64, requests=ROUND, fixed=target is hit))
        sizes.append(rss_mb(rig.server.pid))
    growth = sizes[-1] - sizes[1]
    yield Figure(section=section, name="after the first 40,000", value=sizes[1], unit="MB")
    yield Figure(
        section=section, name="largest", value=max(sizes), unit="MB", goal=Goal(bound=100.0)
    )
    yield Figure(
        section=section,
        name="growth from there to the end (flat)",
        value=growth,
        unit="MB",
        goal=Goal(bound=FLAT_MB),
    )


def sockets(rig: Rig) -> Iterator[Figure]:
    """A thousand WebSockets that say nothing."""
    section = f"{SOCKETS:,} idle WebSockets"
    with _many_files(), rig.gateway(instant=True) as server, contextlib.ExitStack() as open_:
        before = rss_mb(server.pid)
        for _ in range(SOCKETS):
            open_.enter_context(_websocket(server))
        after = rss_mb(server.pid)
    yield Figure(section=section, name="memory before", value=before, unit="MB")
    yield Figure(
        section=section, name="memory with them", value=after, unit="MB", goal=Goal(bound=150.0)
    )


def start(rig: Rig) -> Iterator[Figure]:
    """How long a gateway takes from nothing to its first answer, with a fresh data directory."""
    seconds = [_until_first_answer(rig) for _ in range(7)]
    yield figure("Start", "process until first answer", "s", seconds, Goal(bound=0.6))


def imports(rig: Rig) -> Iterator[Figure]:
    """How long the app's own package takes to import, everything it needs included."""
    section = "Import of " + APP_PACKAGE
    cold, warm = [], []
    for _ in range(3):
        with tempfile.TemporaryDirectory() as place:
            shutil.copytree(
                ROOT / "gateway",
                Path(place) / "gateway",
                ignore=shutil.ignore_patterns("__pycache__"),
            )
            cold.append(_import_s(place))
            warm.append(_import_s(place))
    yield figure(section, "cold: our modules not compiled yet", "s", cold)
    yield figure(section, "warm", "s", warm)


@contextlib.contextmanager
def _many_files() -> Iterator[None]:
    """Let this process, and those that it starts, have files for all the connections."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * SOCKETS + 200
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise Invalid(f"{SOCKETS} connections need {wanted} open files; the limit is {hard}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@contextlib.contextmanager
def _websocket(server: LocalServer) -> Iterator[socket.socket]:
    address = urlsplit(server.gateway_url())
    with socket.create_connection((address.hostname, address.port), 10) as connection:
        key = base64.b64encode(os.urandom(16)).decode()
        connection.sendall(
            f"GET {address.path}/ HTTP/1.1\r\nhost: {address.netloc}\r\nconnection: upgrade\r\n"
            f"upgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: {key}\r\n"
            f"cf-aig-authorization: Bearer {server.token}\r\n\r\n".encode()
        )
        answer = connection.recv(4096)
        if not answer.startswith(b"HTTP/1.1 101"):
            raise Invalid(f"a WebSocket was refused: {answer[:200]!r}")
        yield connection


def _until_first_answer(rig: Rig) -> float:
    body = BODY.replace(SERIAL_MARK, "1").encode()
    started = time.monotonic()
    with rig.gateway(instant=True) as server:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        request = urllib.request.Request(
            f"{server.gateway_url()}/openai/chat/completions",
            data=body,
            headers={"content-type": "application/json"},
        )
        with opener.open(request, timeout=30) as answer:
            answer.read()
        return time.monotonic() - started


def _import_s(place: str) -> float:
    code = (
        "import time; started = time.monotonic(); "
        f"import {APP_PACKAGE}; print(time.monotonic() - started)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=place, capture_output=True, text=True, check=True
    )
    return float(done.stdout)
