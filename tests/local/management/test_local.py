"""local: what is ours alone, for tests and pages."""

import httpx
import pytest

from tests.local.conftest import HELLO


def test_health_says_who_is_simulated(gateway):
    """Pages say "simulated" from this, so it must be right."""
    health = gateway.http.get("/_local/health").json()

    assert health["ok"] is True
    assert {"openai", "anthropic", "workers-ai"} <= set(health["simulated"])
    assert health["scale"] == 60


def test_faults_are_set_seen_and_cleared(gateway):
    """From the UI or a script, per provider."""
    rule = {"provider": "groq", "kind": "status", "status": 503, "times": 2}
    added = gateway.http.post("/_local/faults", json=rule).json()["faults"]
    failed = gateway.ask("groq/chat/completions", {**HELLO, "model": "llama-3.3-70b-versatile"})
    cleared = httpx.delete(f"{gateway.server.url}/_local/faults").json()["faults"]

    assert added[0]["provider"] == "groq"
    assert failed.status_code == 503
    assert cleared == []


@pytest.mark.parametrize("rule", [{"rate": 2}, {"provider": "openai", "kind": "nonsense"}, []])
def test_bad_fault_is_refused_with_a_reason(gateway, rule):
    """Nothing is half set."""
    answer = gateway.http.post("/_local/faults", json=rule)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["message"]
    assert gateway.http.get("/_local/faults").json()["faults"] == []
