"""live: a second gateway plays the real one, and what it does differently is reported."""

from contextlib import redirect_stdout
from io import StringIO

import pytest

from tests.conformance.__main__ import main
from tests.conformance.live import Seen, caution, look, report
from tests.conformance.probe import Probe
from tests.conformance.probes import PROBES
from tests.conformance.target import ACCOUNT, CLOSED, Target, Unobservable
from tests.local.conftest import calling

GATEWAY = "the-real-one"
DIFFERENCE = {"provider": "openai", "kind": "status", "status": 500}
"""Planted: this gateway's OpenAI fails where the real one refuses a wrong key."""


@pytest.fixture(scope="module")
def real():
    """A gateway with authentication on, and a difference."""
    with calling(instant=True) as caller:
        made = caller.manage("POST", "/gateways", json={**CLOSED, "id": GATEWAY})
        assert made.status_code == 200
        caller.http.post("/_local/faults", json=DIFFERENCE)
        yield caller


@pytest.fixture(scope="module")
def run(real, tmp_path_factory):
    """A run as ``make conformance LIVE=1`` does it: exit status, and what it said."""
    env = tmp_path_factory.mktemp("live") / ".env"
    env.write_text(
        f"CLOUDFLARE_ACCOUNT_ID={ACCOUNT}\n"
        f"CLOUDFLARE_GATEWAY_ID={GATEWAY}\n"
        f"CLOUDFLARE_API_KEY={real.token}\n"
    )
    url = real.server.url
    said = StringIO()
    with redirect_stdout(said):
        status = main(["--live", "--env", str(env), "--gateway-host", url, "--api-host", url], {})
    return status, said.getvalue()


def test_differences_are_listed_and_nothing_fails(run):
    """The planted one, with what was expected and what was seen, and no other."""
    status, said = run
    rows = [line for line in said.splitlines() if line.startswith("| errors.")]
    assert status == 0
    assert len(rows) == 1
    assert "| an error of the provider's own |" in rows[0]
    assert '"status": 401' in rows[0].split("|")[3]
    assert '"status": 500' in rows[0].split("|")[4]
    assert f"{len(PROBES)} probes: {len(PROBES) - 1} the same, 1 different, 0 not seen." in said


def test_no_secret_is_said(real, run):
    """Neither the token nor the account's id; nor when a test fails with a target at hand."""
    _, said = run
    url = real.server.url

    assert real.token not in repr(Target(url, url, ACCOUNT, GATEWAY, real.token))
    assert real.token not in said
    assert ACCOUNT not in said


def test_without_credentials_it_says_what_is_missing(tmp_path, capsys):
    """An empty .env, and one whose account id can't be one."""
    env = tmp_path / ".env"
    env.write_text("CLOUDFLARE_ACCOUNT_ID=mine\n")

    status = main(["--live", "--env", str(env)], {})

    said = capsys.readouterr().out
    assert status == 1
    assert "CLOUDFLARE_GATEWAY_ID and CLOUDFLARE_API_KEY" in said
    assert "must be 32 hex characters" in said


def test_nobody_there_is_not_seen():
    """A gateway that doesn't answer shows nothing, and that is no difference."""
    nowhere = Target("http://127.0.0.1:9", "http://127.0.0.1:9", ACCOUNT, GATEWAY, "token")

    seen = list(look(nowhere, PROBES[:2]))

    assert [each.reason for each in seen] == ["no answer: ConnectError"] * 2


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (
            {"rate_limiting_limit": 10, "rate_limiting_interval": 60},
            "Its rate limit, 10 requests in 60 s, may refuse some of them (429, 2003).",
        ),
        ({"rate_limiting_limit": 1000, "rate_limiting_interval": 60}, ""),
        ({}, ""),
    ],
)
def test_narrow_rate_limit_is_told_beforehand(real, settings, said):
    """Its refusals would look like differences."""
    url = real.server.url
    target = Target(url, url, ACCOUNT, real.new_gateway(**settings), real.token)

    assert caution(target) == said
    target.http.close()


def test_what_the_settings_hide_and_another_shape_are_told():
    """A rule that can't be seen isn't a difference; an answer that can't be read is one."""

    def hidden(target):
        raise Unobservable("its authentication is off")

    def odd(target):
        return {}["result"]

    probes = [Probe("hidden", ("a.b",), hidden, 1), Probe("odd", ("c.d",), odd, 2)]

    said = report(list(look(None, probes)))

    assert "Not seen: hidden: its authentication is off" in said
    assert '| c.d | odd | 2 | "another shape: KeyError" |' in said
    assert "2 probes: 0 the same, 1 different, 1 not seen." in said


def test_report_of_equals_has_no_table():
    """One sentence will do."""
    probe = Probe("equal", ("a.b",), lambda target: 1, 1)

    assert report([Seen(probe, 1)]) == "1 probes: 1 the same, 0 different, 0 not seen."
