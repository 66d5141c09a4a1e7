"""The oracle names the rule in force, and only that one explains everything."""

import numpy as np
import pytest

from gateway.experiments import oracle, rows

TTL = 60.0
KINDS = ("write", "request", "refresh")


def requests_of(times, hits, *, fill=1.0, keys=None):
    """Recorded requests: hits are at once, misses take a fill."""
    return rows.table(
        [
            {
                "seq": seq,
                "key_id": "k" if keys is None else str(keys[seq]),
                "cache_status": "HIT" if hit else "MISS",
                "ok": True,
                "status": 200,
                "t_send_s": float(at),
                "t_end_s": float(at) + (0.01 if hit else fill),
                "time_scale": 1.0,
            }
            for seq, (at, hit) in enumerate(zip(times, hits, strict=True))
        ]
    )


def simulated(kind, times, keys, *, fill=1.0):
    """Hits of a simple cache of one kind, one request after the other."""
    until, hits = {}, []
    written = []
    for at, key in zip(times, keys, strict=True):
        for done, one, begun in [w for w in written if w[0] <= at]:
            until[one] = (begun if kind == "request" else done) + TTL
            written.remove((done, one, begun))
        hit = until.get(key, -1.0) > at
        if hit and kind == "refresh":
            until[key] = at + TTL
        if not hit:
            written.append((at + fill, key, at))
        hits.append(hit)
    return hits


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("write", "fixed life from the write, each write restarts it"),
        ("request", "fixed life from the request"),
        ("refresh", "life extended by each hit"),
    ],
)
def test_rule_in_force_explains_everything(kind, name):
    """Two thousand requests for ten keys; the others contradict some of them."""
    rng = np.random.default_rng(5)
    times = np.cumsum(rng.exponential(3.0, 2000))
    keys = rng.integers(0, 10, 2000)
    fill = 8.0 if kind != "refresh" else 0.5

    found = oracle.cache_rules(
        requests_of(times, simulated(kind, times, keys, fill=fill), fill=fill, keys=keys), TTL
    )

    by_name = {one.rule: one for one in found}
    assert by_name[name].share == 1
    assert by_name[name].judged > 1500
    assert by_name["no cache"].share < 0.9
    wrong = [one for one in found if one.share < 1]
    assert wrong
    assert all(one.first_wrong is not None for one in wrong)


def test_requests_near_a_boundary_are_not_judged():
    """Within the clock's uncertainty nobody can tell."""
    found = oracle.cache_rules(requests_of([0.0, 61.02], [False, True]), TTL)

    assert found[0].judged == 1


def limited(rule, times, limit, window):
    """What a limiter of one kind lets through."""
    passed, kept, every = [], [], []
    for at in times:
        if rule == "fixed windows":
            count = sum(one // window == at // window for one in kept)
        elif rule == "sliding log":
            count = sum(one > at - window for one in kept)
        else:
            count = sum(one > at - window for one in every)
        passed.append(count < limit)
        every.append(at)
        if passed[-1]:
            kept.append(at)
    return passed


@pytest.mark.parametrize(
    "rule", ["fixed windows", "sliding log", "sliding log, refused ones count"]
)
def test_limiter_is_named(rule):
    """The same arrivals tell the kinds apart."""
    times = np.cumsum(np.random.default_rng(3).exponential(1.0, 600)).tolist()
    passed = limited(rule, times, 50, 60.0)
    table = requests_of(times, [True] * len(times))
    table["error_class"] = ["none" if one else "rate_limited_gateway" for one in passed]

    found = oracle.limit_rules(table, 50, 60.0)

    best = found[0]
    assert (best.rule, best.share) == (rule, 1)
    assert sum(one.share == 1 for one in found) == 1


def test_empty_run_explains_nothing():
    """Unknown isn't 100 %."""
    assert {one.share for one in oracle.cache_rules(rows.table([]), TTL)} == {None}
    assert {one.share for one in oracle.limit_rules(rows.table([]), 5, 60)} == {None}
