"""server: the process starts, says where it is, keeps its state, and ends with its owner."""

import contextlib
import subprocess
import sys
import threading
import time

import httpx
import pytest

from gateway.errors import LocalGatewayError
from gateway.local.server import ROOT, LocalServer
from tests.local.conftest import HELLO, OPENAI

OWNER = """
import os, sys
from gateway.local.server import LocalServer
server = LocalServer.start()
sys.stdout.write(f"{server.url} {server.data}\\n")
sys.stdout.flush()
os._exit(1)
"""


def test_state_survives_a_restart(tmp_path):
    """Gateways, log rows and cached answers, also after a crash that came a moment later."""
    body = {**HELLO, "messages": [{"role": "user", "content": "survive"}]}
    first = LocalServer.start(data=tmp_path, instant=True)
    fresh = httpx.post(f"{first.gateway_url()}/{OPENAI}", json=body)
    first.stop()
    second = LocalServer.start(data=tmp_path, instant=True)
    cached = httpx.post(f"{second.gateway_url()}/{OPENAI}", json=body)
    rows = httpx.get(
        f"{second.url}/client/v4/accounts/a/ai-gateway/gateways/demo/logs",
        headers={"authorization": f"Bearer {second.token}"},
    ).json()["result"]
    second.stop()

    assert (fresh.headers["cf-aig-cache-status"], cached.headers["cf-aig-cache-status"]) == (
        "MISS",
        "HIT",
    )
    assert [row["cached"] for row in rows] == [True, False]
    assert first.token == second.token


@pytest.mark.rule("logs.readable_at_once")
def test_kill_loses_no_row_that_anybody_was_told_about(tmp_path):
    """Amid writes: every log id that a client got is there after the next start, whole."""
    server = LocalServer.start(data=tmp_path, instant=True)
    told = []

    def ask():
        with httpx.Client() as http, contextlib.suppress(httpx.TransportError):
            while True:
                answer = http.post(f"{server.gateway_url()}/{OPENAI}", json=HELLO)
                told.append(answer.headers["cf-aig-log-id"])

    callers = [threading.Thread(target=ask) for _ in range(4)]
    for caller in callers:
        caller.start()
    while len(told) < 150:
        time.sleep(0.01)
    server.kill()
    for caller in callers:
        caller.join()

    with LocalServer.start(data=tmp_path) as again, httpx.Client() as http:
        logs = f"{again.url}/client/v4/accounts/a/ai-gateway/gateways/demo/logs"
        key = {"authorization": f"Bearer {again.token}"}
        rows = [http.get(f"{logs}/{log_id}", headers=key) for log_id in told]

    assert {row.status_code for row in rows} == {200}
    assert all(row.json()["result"]["status_code"] == 200 for row in rows)


def test_second_gateway_on_one_directory_says_why_it_can_not_start(tmp_path):
    """A sentence for the person at the screen, and no temporary directory left behind."""
    with (
        LocalServer.start(data=tmp_path),
        pytest.raises(LocalGatewayError, match="in use by another local gateway"),
    ):
        LocalServer.start(data=tmp_path)


def test_port_in_use_is_named():
    """Not a traceback."""
    with LocalServer.start() as server:
        port = int(server.url.rpartition(":")[2])

        with pytest.raises(LocalGatewayError, match=f"can't listen on 127.0.0.1:{port}"):
            LocalServer.start(port=port)


def test_process_ends_with_the_one_that_started_it():
    """Even when that one gets no chance to say so."""
    told = subprocess.run(
        [sys.executable, "-c", OWNER], cwd=ROOT, capture_output=True, text=True, check=False
    )
    url = told.stdout.split()[0]

    assert _is_gone(url)


def test_keys_of_the_owner_are_not_inherited(monkeypatch):
    """Only what is passed on purpose makes a provider real."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-owner")
    with LocalServer.start() as plain, LocalServer.start(env={"OPENAI_API_KEY": "sk-x"}) as real:
        simulated = [
            "openai" in httpx.get(f"{server.url}/_local/health").json()["simulated"]
            for server in (plain, real)
        ]

    assert simulated == [True, False]


def _is_gone(url, patience_s=5.0):
    end = time.perf_counter() + patience_s
    while time.perf_counter() < end:
        try:
            httpx.get(f"{url}/_local/health")
        except httpx.TransportError:
            return True
        time.sleep(0.02)
    return False


HEAVY = {"aiohttp", "celpy", "genai_prices", "graphql", "httpx", "numpy", "pandas", "streamlit"}


def test_gateway_loads_nothing_heavy_to_start():
    """Each of these takes longer than all of the gateway's own modules; the first who needs one
    loads it."""
    code = "import sys, gateway.local.__main__ as _; print(*sys.modules)"

    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert not HEAVY & set(loaded.stdout.split())
