"""Attempts are read off latencies where the stairs are clear, and not told where they aren't."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from gateway.experiments import rows
from gateway.experiments.marks import marked
from gateway.experiments.site import HostedSite, LocalSite
from gateway.experiments.staircase import infer
from gateway.experiments.theory.retries import waits_s
from gateway.headers import Options
from tests.experiments.conftest import ASKED, calls_of, plan_of

GOOD_MS, FAILED_MS, DELAY_MS = 800.0, 300.0, 500


def table(backoff="exponential", *, n=400, tries=5, p=0.6, noise=0.02, seed=3, **terms):
    """Requests of one policy, as formula R4 has it, and the attempts that were made."""
    rng = np.random.default_rng(seed)
    before = np.concatenate([[0.0], np.cumsum(waits_s(backoff, DELAY_MS, tries))])
    found, truth = [], []
    for seq in range(n):
        made = int(rng.geometric(p))
        ok, k = made <= tries, min(made, tries)
        spent = GOOD_MS + (k - 1) * FAILED_MS if ok else k * FAILED_MS
        latency = (spent + before[k - 1]) * rng.lognormal(0, noise)
        truth.append(k)
        found.append(
            {
                "seq": seq,
                "variant_id": "a",
                "ok": ok,
                "status": 200 if ok else 503,
                "error_class": "none" if ok else "provider_5xx",
                "cache_status": "MISS",
                "ttfb_ms": latency,
                "e2e_ms": latency,
                "h_max_attempts": tries,
                "h_retry_delay_ms": DELAY_MS,
                "h_backoff": backoff,
                **terms,
            }
        )
    return rows.table(found), pd.Series(truth)


@pytest.mark.parametrize("backoff", ["constant", "linear", "exponential"])
@pytest.mark.parametrize("tries", [3, 5])
def test_clear_stairs_are_read(backoff, tries):
    """With some noise, and without knowing how long an attempt takes."""
    requests, truth = table(backoff, tries=tries)

    found = infer(requests)

    assert len(found) == len(requests)
    assert (found["attempts"].astype(int) == truth).mean() > 0.99


def test_stairs_are_found_without_a_last_failure():
    """Nothing tells how long a failed attempt takes: the spacing does."""
    requests, truth = table("constant", p=0.85, tries=5)
    good = requests["ok"]

    found = infer(requests[good])

    assert (found["attempts"].astype(int) == truth[good]).mean() > 0.99


def test_backoff_is_what_was_waited():
    """As many waits as there were attempts before the last one."""
    requests, _ = table("exponential", tries=3, noise=0.0)

    waited = infer(requests).groupby("attempts")["backoff_ms"].unique()

    assert {int(k): list(v) for k, v in waited.items()} == {1: [0], 2: [500], 3: [1500]}


def test_noise_as_large_as_the_stairs_is_not_read():
    """A guess would be no better than a coin."""
    requests, _ = table(noise=0.6)

    found = infer(requests)

    assert not len(found[requests.loc[found.index, "ok"]])


UNKNOWN = [
    {"h_max_attempts": None},  # the gateway's own setting, which nobody tells
    {"h_retry_delay_ms": None},
    {"h_retry_delay_ms": 0},  # no stair
    {"h_backoff": None},
    {"steps_total": 2},
    {"status": 0},
]


@pytest.mark.parametrize("terms", UNKNOWN, ids=str)
def test_unknown_policy_is_not_guessed(terms):
    """Without the waits there are no stairs to be read."""
    requests, _ = table(n=20, **terms)

    assert not len(infer(requests))


@pytest.mark.parametrize(
    ("terms", "attempts"),
    [
        ({"cache_status": "HIT"}, 0),
        ({"error_class": "rate_limited_gateway", "status": 429}, 0),
        ({"h_max_attempts": 1}, 1),
        ({"ok": False, "status": 400, "error_class": "provider_4xx"}, 1),
    ],
)
def test_some_attempts_need_no_stairs(terms, attempts):
    """A hit and a refusal ask nobody; one try is one; a bad request isn't tried again."""
    requests, _ = table(n=20, **terms)

    assert set(infer(requests)["attempts"]) == {attempts}


def test_stall_of_the_machine_makes_no_stair():
    """Some answers hang for seconds: the others are read all the same."""
    requests, truth = table("constant", tries=3, p=0.9)
    hung = requests.index % 12 == 5
    requests.loc[hung, "ttfb_ms"] += 4200

    found = infer(requests)

    assert (found["attempts"].astype(int) == truth)[~hung].mean() >= 0.98


@pytest.mark.anyio
async def test_local_gateway_asked_as_a_hosted_one_is_inferred(run):
    """Its attempts are labelled, and are those that its journal knows."""
    options = Options(max_attempts=3, retry_delay=800, backoff="constant")
    words = ["ok", "503, ok", "503, 503, ok"] * 4
    asked = calls_of([f"q{i}" for i in range(12)])
    calls = [replace(one, fault=word) for one, word in zip(asked, words, strict=True)]
    variant = replace(ASKED, options=options, concurrency=12)
    plan = plan_of(calls, variants=[variant])
    place = await LocalSite.open(plan)
    hosted = HostedSite(place.target(variant.gateway))

    try:
        ran = await run(plan, site=hosted)
        journal = await place.attempts(0.0)
    finally:
        await place.aclose()

    found = marked(ran.table, plan, hidden=True)
    assert set(ran.table["attempts_source"]) == {"unknown"}
    assert set(found["attempts_source"]) == {"inferred"}
    truth = pd.Series([1, 2, 3] * 4)
    assert len(journal) == truth.sum()
    assert (found["attempts"].astype(int) == truth).mean() >= 0.9
