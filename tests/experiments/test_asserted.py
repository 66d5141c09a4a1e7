"""Exported tests pass where the policy holds, fail where it was changed, and hold no key."""

import json
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from gateway.errors import BadRequest
from gateway.experiments import asserted
from gateway.experiments.plan import Recipe
from gateway.experiments.presets import PRESETS
from gateway.local.server import LocalServer
from tests.experiments.conftest import EXPORTED

ROOT = Path(__file__).parent.parent.parent
BASE = "https://gateway.example/v1/account/mine"


@pytest.fixture(scope="module")
def server():
    """A gateway that is tested as it is set."""
    with LocalServer.start(instant=True) as running:
        yield running


def outcome_of(folder, **environment):
    """Run the exported file by pytest, and return how that ended and what it said."""
    (folder / "test_policy.py").write_bytes(asserted.to_pytest(EXPORTED))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull]
    done = subprocess.run(
        [*command, f"--rootdir={folder}", str(folder)],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_exported_test_passes_on_a_gateway_of_its_own(tmp_path):
    """As a file of its own, without any setting."""
    code, said = outcome_of(tmp_path)

    assert code == 0, said


def test_exported_test_fails_where_the_policy_was_changed(tmp_path, server):
    """The same gateway, before and after somebody limits its rate."""
    settings = f"{server.url}/client/v4/accounts/local/ai-gateway/gateways/demo"
    token = {"Authorization": f"Bearer {server.token}"}
    before = httpx.get(settings, headers=token).json()["result"]
    limit = {"rate_limiting_limit": 2, "rate_limiting_interval": 3600}

    kept, said = outcome_of(tmp_path, GATEWAY_URL=server.gateway_url())
    httpx.put(settings, headers=token, json={**before, **limit}).raise_for_status()
    changed, complaint = outcome_of(tmp_path, GATEWAY_URL=server.gateway_url())

    assert kept == 0, said
    assert changed == 1
    assert "Hits by pass" in complaint


def test_promptfoo_asks_each_prompt_twice(outcome):
    """One at a time and without its own cache; the second answer comes from the gateway's."""
    document = json.loads(asserted.to_promptfoo(outcome.plan, outcome.requests, BASE))

    (provider,) = document["providers"]
    assert document["evaluateOptions"] == {"maxConcurrency": 1, "cache": False}
    assert provider["config"]["url"] == f"{BASE}/openai/chat/completions"
    assert provider["config"]["headers"]["cf-aig-cache-ttl"] == "3600"
    assert provider["config"]["body"]["messages"] == [{"role": "user", "content": "{{prompt}}"}]
    first, second = document["tests"][:2]
    assert first["vars"] == second["vars"]
    assert [one["value"] for one in first["assert"]] == ["output.status === 200"]
    assert [one["value"] for one in second["assert"]] == [
        "output.status === 200",
        "output.cache === 'HIT'",
    ]
    assert len(document["tests"]) == 4


def test_promptfoo_reads_keys_from_the_environment(outcome):
    """Keys of the run itself aren't known here at all."""
    document = json.loads(asserted.to_promptfoo(outcome.plan, outcome.requests, BASE))

    headers = document["providers"][0]["config"]["headers"]
    assert headers["Authorization"] == "Bearer {{env.OPENAI_API_KEY}}"


def test_run_that_promptfoo_cannot_ask_is_refused(outcome):
    """With the reason, instead of a file that means something else."""
    socket = PRESETS["E14"].plan(Recipe(preset="E14"))
    variant = next(one for one in socket.variants if one.transport == "websocket")
    asked = outcome.requests.assign(variant_id=variant.id)

    with pytest.raises(BadRequest, match="over HTTP"):
        asserted.to_promptfoo(socket, asked, BASE)
    with pytest.raises(BadRequest, match="Nothing was answered"):
        asserted.to_promptfoo(outcome.plan, outcome.requests.head(0), BASE)
