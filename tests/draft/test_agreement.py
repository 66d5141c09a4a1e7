"""What is said of a draft is what the local gateway does with it.

The gateway of these tests is slow: one real second is a tenth of an emulated one. So 25 emulated
milliseconds are 250 real ones, and a busy machine doesn't spoil the comparison.
"""

import itertools
from dataclasses import replace

import httpx
import pytest

from gateway.chat import Chat, Step, Target, say
from gateway.client.request import request_of
from gateway.draft import Draft, Keys, cache_verdict, credential_verdict, settings, timeline, tries
from gateway.headers import Options
from gateway.lint import check
from gateway.local.server import LocalServer
from gateway.policy import GatewayPolicy

TOLERANCE_S = 0.025
MINIMAL = {
    "cache_invalidate_on_update": False,
    "cache_ttl": 0,
    "collect_logs": True,
    "rate_limiting_interval": 0,
    "rate_limiting_limit": 0,
}
CACHED = [
    (0, Options(), {}),
    (0, Options(cache_ttl=600), {}),
    (0, Options(cache_key="k"), {}),
    (0, Options(cache_key="k2", cache_ttl=600), {}),
    (0, Options(cache_key="k3", cache_ttl=0), {}),
    (0, Options(cache_key="k4", skip_cache=True), {}),
    (300, Options(), {}),
    (300, Options(cache_ttl=600), {}),
    (300, Options(cache_ttl=0), {}),
    (300, Options(skip_cache=True), {}),
    (300, Options(skip_cache=False), {}),
    (300, Options(), {"cf-skip-cache": "true"}),
    (300, Options(), {"cf-cache-ttl": "0"}),
    (300, Options(), {"cf-aig-cache-ttl": "soon"}),
    (30, Options(), {}),
]
OWN = Keys(stored={}, own=frozenset({"openai"}))
REFUSED = [
    ("openai", False, Keys(stored={}), Options(no_wholesale=True)),
    ("openai", False, Keys(stored={}), Options(byok_alias="other")),
    ("openai", True, OWN, Options()),
    ("groq", False, Keys(stored={}), Options(no_wholesale=True)),
]
TOKEN = Keys(stored={}, token=True)
ASKED = [
    ("native", "openai", Keys(stored={}), Options(), "unified"),
    ("native", "openai", TOKEN, Options(), "unified"),
    ("native", "openai", OWN, Options(), "request"),
    ("native", "openai", OWN, Options(no_wholesale=True, byok_alias="other"), "request"),
    ("native", "mistral", Keys(stored={}), Options(), "none"),
    ("compat", "openai", Keys(stored={}), Options(byok_alias="other"), "unified"),
    ("compat", "openai", OWN, Options(), "request"),
    ("universal", "openai", Keys(stored={}), Options(byok_alias="other"), "unified"),
    ("universal", "openai", OWN, Options(no_wholesale=True), "request"),
    ("rest", "openai", TOKEN, Options(byok_alias="other"), "unified"),
    ("rest", "openai", Keys(stored={}, token=True, own=OWN.own), Options(), "unified"),
]
RETRIES = [
    (Options(max_attempts=3, retry_delay=10, backoff="exponential"), "status=503, status=429, ok"),
    (Options(max_attempts=3, retry_delay=10, backoff="linear"), "status=500, status=500, ok"),
    (Options(max_attempts=2, retry_delay=20), "reset, ok"),
    (Options(max_attempts=2, request_timeout=30), "timeout, ok"),
]


class Gateways:
    """Somebody who makes gateways in one running process, and asks them what drafts say."""

    def __init__(self, server):
        self.token = server.token
        self.url = server.url
        self.http = httpx.Client(base_url=server.url, timeout=20)
        self._numbers = itertools.count(1)

    def make(self, **changes):
        """Make a gateway with these settings; hand back its policy."""
        policy = {"id": f"agree-{next(self._numbers)}", **changes}
        self.manage("POST", "", json={**MINIMAL, **policy})
        return GatewayPolicy(**policy)

    def manage(self, method, path, **how):
        """Call the management API."""
        answer = self.http.request(
            method,
            f"/client/v4/accounts/a/ai-gateway/gateways{path}",
            headers={"authorization": f"Bearer {self.token}"},
            **how,
        )
        assert answer.status_code == 200, answer.text
        return answer.json()["result"]

    def ask(self, draft, question="Hello", **headers):
        """Send what a draft says, as our own client writes it."""
        chat = Chat(
            provider=draft.provider,
            model=draft.model,
            messages=say(question),
            route=draft.route,
            stream=draft.stream,
            steps=draft.steps,
        )
        target = Target(
            name="local",
            base_url=f"{self.url}/v1/a/{draft.policy.id}",
            rest_url=f"{self.url}/client/v4/accounts/a",
            token=self.token if draft.keys.token else None,
            keys=dict.fromkeys(draft.keys.own, "own"),
        )
        request = request_of(chat, draft.options, target)
        sent = {**dict(request.headers), **dict(draft.raw), **headers}
        return self.http.post(request.url, headers=sent, content=request.body)

    def log(self, draft):
        """Ask, and return the row of the gateway's log."""
        log_id = self.ask(draft).headers["cf-aig-log-id"]
        return self.manage("GET", f"/{draft.policy.id}/logs/{log_id}")

    def journal(self, answer):
        """Return what happened upstream, try by try."""
        asked = {"log_id": answer.headers["cf-aig-request-id"]}
        return self.http.get("/_local/journal", params=asked).json()["attempts"]


@pytest.fixture(scope="module")
def gateways():
    """A slow process whose simulated providers answer at once."""
    with LocalServer.start(instant=True, scale=0.1) as running:
        found = Gateways(running)
        yield found
        found.http.close()


@pytest.mark.parametrize(("ttl", "options", "raw"), CACHED)
@pytest.mark.parametrize("stream", [False, True])
def test_cache_does_what_is_said(gateways, ttl, options, raw, stream):
    """The same question twice: a HIT where it was announced, a MISS elsewhere."""
    draft = Draft(
        provider="openai",
        model="gpt-4o-mini",
        stream=stream,
        options=options,
        raw=tuple(raw.items()),
        policy=gateways.make(cache_ttl=ttl),
        keys=Keys(own=frozenset({"openai"})),
    )

    first, second = gateways.ask(draft), gateways.ask(draft)

    expected = "HIT" if cache_verdict(draft).cached else "MISS"
    assert first.headers["cf-aig-cache-status"] == "MISS"
    assert second.headers["cf-aig-cache-status"] == expected


def test_key_is_what_is_said(gateways):
    """Under a custom key another question gets the same answer; else it doesn't."""
    policy = gateways.make(cache_ttl=300)
    keyed, plain = (
        Draft(
            provider="openai",
            model="gpt-4o-mini",
            options=options,
            policy=policy,
            keys=Keys(own=frozenset({"openai"})),
        )
        for options in (Options(cache_key="faq"), Options())
    )

    found = [
        gateways.ask(draft, word).headers["cf-aig-cache-status"]
        for draft in (keyed, plain)
        for word in ("a", "b")
    ]

    assert found == ["MISS", "HIT", "MISS", "MISS"]
    assert (cache_verdict(keyed).key, cache_verdict(plain).key) == ("faq", None)


@pytest.mark.parametrize(("provider", "authentication", "keys", "options"), REFUSED)
def test_refusal_is_what_is_said(gateways, provider, authentication, keys, options):
    """Status and code are those that were announced."""
    policy = gateways.make(authentication=authentication)
    draft = Draft(provider=provider, model="m", options=options, policy=policy, keys=keys)

    answer = gateways.ask(draft)
    verdict = credential_verdict(draft)

    assert verdict.source == "refused"
    assert answer.status_code == verdict.status
    assert answer.json()["error"][0].get("code") == verdict.code


@pytest.mark.parametrize(("route", "provider", "keys", "options", "source"), ASKED)
def test_credential_is_what_is_said(gateways, route, provider, keys, options, source):
    """The log tells with what the provider was asked."""
    policy = gateways.make()
    draft = Draft(
        provider=provider, model="m", route=route, options=options, policy=policy, keys=keys
    )

    row = gateways.log(draft)

    assert credential_verdict(draft).source == source
    assert row["wholesale"] == (source == "unified")
    assert row["byok"] == (source == "stored")
    assert row["status_code"] == (401 if source == "none" else 200)


def test_stored_key_is_what_is_said(gateways):
    """The gateways of a fresh install have a stored key for each simulated provider."""
    draft = Draft(
        provider="openai",
        model="gpt-4o-mini",
        options=Options(skip_cache=True),
        policy=GatewayPolicy(id="demo"),
        keys=Keys(stored={"openai": frozenset({"default"})}),
    )

    row = gateways.log(draft)

    assert credential_verdict(draft).source == "stored"
    assert row["byok"]


@pytest.mark.parametrize(("options", "script"), RETRIES)
def test_plan_is_what_the_journal_says(gateways, options, script):
    """Each try begins within 25 ms of where the timeline draws it."""
    draft = Draft(
        provider="openai", model="gpt-4o-mini", options=options, policy=GatewayPolicy(id="demo")
    )

    answer = gateways.ask(draft, script, **{"x-local-fault": script})
    journal = gateways.journal(answer)
    lasted = [
        (options.request_timeout / 1000, "timed out") if word == "timeout" else (0.0, "failed")
        for word in script.split(", ")[:-1]
    ]
    planned = timeline(tries(draft), [*lasted, (0.0, "ok")])
    starts = [bar.start_s for bar in planned if bar.kind == "try"]
    begun = [row["started_s"] - journal[0]["started_s"] for row in journal]

    assert answer.status_code == 200
    assert begun == pytest.approx(starts, abs=TOLERANCE_S)


def test_settings_in_force_are_what_the_log_says(gateways):
    """Metadata that the gateway mends is shown as mended."""
    draft = Draft(
        provider="openai",
        model="gpt-4o-mini",
        policy=GatewayPolicy(id="demo"),
        raw=(("cf-aig-metadata", '{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"cf.x":7}'),),
    )

    row = gateways.log(draft)
    shown = next(found for found in settings(draft) if found.name == "metadata")

    assert shown.value == {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5}
    assert row["metadata"] == shown.value


def test_steps_are_what_is_said(gateways):
    """All tries of the first step, then the second: its own lifetime, its own attempts."""
    draft = Draft(
        provider="openai",
        model="gpt-4o-mini",
        route="universal",
        options=Options(max_attempts=2, retry_delay=10, cache_ttl=600),
        steps=(
            Step(provider="openai", model="gpt-4o-mini"),
            Step(
                provider="anthropic",
                model="claude-sonnet-4-5",
                options=Options(max_attempts=3, backoff="linear", cache_ttl=0),
            ),
        ),
        policy=gateways.make(cache_ttl=300),
    )
    script = "status=500, status=500, status=529, status=529, ok"

    answer = gateways.ask(draft, **{"x-local-fault": script})
    journal = gateways.journal(answer)
    lasted = [(0.0, "failed")] * 4
    planned = [bar for bar in timeline(tries(draft), [*lasted, (0.0, "ok")]) if bar.kind == "try"]

    assert [(row["step"], row["attempt"], row["provider"]) for row in journal] == [
        (bar.step, bar.attempt, bar.provider) for bar in planned
    ]
    assert [row["started_s"] - journal[0]["started_s"] for row in journal] == pytest.approx(
        [bar.start_s for bar in planned], abs=TOLERANCE_S
    )
    assert [cache_verdict(draft, step).cached for step in (0, 1)] == [True, False]
    assert gateways.ask(draft, **{"x-local-fault": script}).headers["cf-aig-step"] == "1"
    assert gateways.ask(draft).headers["cf-aig-cache-status"] == "MISS"
    assert gateways.ask(draft).headers["cf-aig-cache-status"] == "HIT"


def rules(draft):
    """What lint finds in a draft."""
    return {finding.rule for finding in check(draft)}


def test_placeholder_bypasses_the_stored_key_as_lint_says(gateways):
    """The most asked question about stored keys (cloudflare/cloudflare-docs#33517)."""
    policy = GatewayPolicy(id="demo")
    fresh = Options(skip_cache=True)
    plain = Draft(provider="openai", model="gpt-4o-mini", options=fresh, policy=policy)
    spoilt = replace(plain, raw=(("authorization", "Bearer YOUR_API_KEY"),))

    assert "placeholder-key" in rules(spoilt) - rules(plain)
    assert gateways.log(plain)["byok"]
    assert not gateways.log(spoilt)["byok"]


def test_nested_metadata_is_lost_as_lint_says(gateways):
    """And the fix brings it back."""
    draft = Draft(
        provider="openai",
        model="gpt-4o-mini",
        policy=GatewayPolicy(id="demo"),
        raw=(("cf-aig-metadata", '{"team":"AI","who":{"id":1}}'),),
    )

    finding = next(found for found in check(draft) if found.rule == "nested-entry")

    assert not gateways.log(draft)["metadata"]
    assert gateways.log(finding.fixes[0].apply(draft))["metadata"] == {
        "team": "AI",
        "who": '{"id":1}',
    }


def test_shared_key_answers_with_another_model_as_lint_says(gateways):
    """The second step's answer comes back for the first; with the fix it doesn't."""
    draft = Draft(
        provider="openai",
        model="gpt-4o-mini",
        route="universal",
        options=Options(cache_key="shared"),
        steps=(
            Step(provider="openai", model="gpt-4o-mini"),
            Step(provider="anthropic", model="claude-sonnet-4-5"),
        ),
        policy=gateways.make(),
    )
    finding = next(found for found in check(draft) if found.rule == "key-shared-by-steps")
    mended = finding.fixes[0].apply(draft)
    fallen = {"x-local-fault": "status=400, ok"}

    first, second = gateways.ask(draft, **fallen), gateways.ask(draft)
    gateways.ask(mended, **fallen)

    assert second.headers["cf-aig-cache-status"] == "HIT"
    assert second.headers["cf-aig-step"] == "0"
    assert second.json()["model"] == first.json()["model"] == "claude-sonnet-4-5"
    assert gateways.ask(mended).json()["model"].startswith("gpt-4o-mini")


def test_misspelt_header_does_nothing_as_lint_says(gateways):
    """The name that lint suggests does."""
    policy = gateways.make(cache_ttl=300)
    draft = Draft(
        provider="openai",
        model="gpt-4o-mini",
        policy=policy,
        raw=(("cf-aig-skip-cash", "true"),),
        keys=OWN,
    )
    mended = (
        next(found for found in check(draft) if found.rule == "misspelt-name").fixes[0].apply(draft)
    )

    statuses = [gateways.ask(one).headers["cf-aig-cache-status"] for one in (draft, draft, mended)]

    assert statuses == ["MISS", "HIT", "MISS"]
