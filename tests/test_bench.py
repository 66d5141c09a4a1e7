"""bench: its figures can be trusted, because a run that proves nothing is refused.

Nothing here is timed.
"""

import json
import os
import shutil
from dataclasses import replace

import pytest

from bench.accuracy import errors
from bench.figures import Figure, Goal, figure, table, verdicts
from bench.load import spread
from bench.nginx import PLACES, Nginx
from bench.rig import Invalid, Process, Rig, cpu_s, job, on, rss_mb
from bench.runs import BODY, STREAM, ratios
from bench.upstream import CHUNKS


@pytest.fixture(scope="module")
def rig():
    """Stub, load generator and gateway, running."""
    with Rig() as running:
        yield running


@pytest.mark.parametrize("connections", [1, 8])
def test_generator_and_stub_count_alike(rig, connections):
    """Every request of the generator is one of the stub's, direct or through the gateway."""
    before = rig.count()
    for target in (rig.direct(), rig.through("pass-through")):
        measured = rig.run(target, job(body=BODY, requests=40, connections=connections))
        assert (measured.requests, measured.total.n) == (40, 40)

    assert rig.count() - before == 80


def test_stamps_of_a_stream_survive_the_gateway(rig):
    """Each chunk brings its departure with it, so that its delay can be told."""
    measured = rig.run(
        rig.through("pass-through"), job(body=STREAM, requests=2, connections=2, streamed=True)
    )

    assert (measured.first.n, measured.chunks.n) == (2, 2 * (CHUNKS - 1))
    assert measured.first.p50_ms > 0
    assert measured.chunks.p50_ms > 0


def test_runner_is_compared_with_the_clock_of_the_stub(rig):
    """Each stream's first chunk, and no other streams than the runner's."""
    runner = Process("bench.runner")
    try:
        found, busy = errors(rig, runner, streams=2, requests=6)
    finally:
        runner.stop()

    assert found.n == 6
    assert 0 < found.p50_ms <= found.p99_ms
    assert busy >= 0


def test_hit_is_proven_by_the_stub(rig):
    """What claims to come from the cache must not reach the stub."""
    question = job(body=json.dumps(json.loads(BODY) | {"seed": 1}), requests=3, fixed=True)
    rig.run(rig.through("fill", cached=True), {**question, "requests": 1})

    rig.run(rig.through("hit", passes=False, cached=True), question)
    with pytest.raises(Invalid, match="3 requests reached the stub, not 0"):
        rig.run(rig.through("no hit", passes=False), question)


def test_failed_request_makes_the_run_invalid(rig):
    """It is never averaged in, whether the answer is wrong or its status is."""
    nowhere = replace(rig.through("nowhere"), url=f"{rig.server.url}/v1/a/no-such-gateway/openai")

    with pytest.raises(Invalid, match="not the answer to this request"):
        rig.run(rig.direct(), job(body=BODY, requests=3, expect="never said"))
    with pytest.raises(Invalid, match="status 400"):
        rig.run(nowhere, job(body=BODY, requests=3))


def test_every_request_has_its_log_row(rig):
    """Logging is on while we measure."""
    rig.run(rig.through("pass-through"), job(body=BODY, requests=5))

    assert rig.logged() == rig.served


def test_spread_is_the_median_and_the_99th_percentile():
    """Linear interpolation between the nearest two."""
    found = spread([1_000_000 * each for each in range(101)])

    assert (found.n, found.p50_ms, found.p99_ms) == (101, 50.0, 99.0)


def test_goal_is_met_from_either_side():
    """A throughput should be at least its bound, a latency at most."""
    throughput, latency = Goal(bound=0.3, at_least=True), Goal(bound=1.5)

    assert [throughput.is_met(each) for each in (0.29, 0.3, 0.31)] == [False, True, True]
    assert [latency.is_met(each) for each in (1.49, 1.5, 1.51)] == [True, True, False]


def test_verdicts_name_what_was_missed():
    """Goal, figure and verdict in one line; figures without a goal aren't there."""
    figures = [
        figure("s", "start", "s", [0.5, 0.7, 0.9], Goal(bound=0.6)),
        figure("s", "ratio", "x", [0.3, 0.4, 0.5], Goal(bound=0.3, at_least=True)),
        figure("s", "other", "x", [1.0]),
    ]

    lines = [line.split() for line in verdicts(figures)]

    assert lines == [
        ["start", "at", "most", "0.6", "s", "0.700", "MISSED"],
        ["ratio", "at", "least", "0.3", "x", "0.400", "met"],
    ]


def test_ratio_is_taken_within_a_round():
    """A slow moment of the machine is in both of its numbers."""
    assert ratios([1.0, 4.0], [2.0, 8.0]) == [0.5, 0.5]


def test_what_is_measured_is_visible(rig):
    """Processor time and memory of the gateway, and of the target in each run."""
    assert rss_mb(rig.server.pid) > 10

    measured = rig.run(rig.through("pass-through"), job(body=BODY, requests=300))

    assert cpu_s(rig.server.pid) > 0
    assert measured.cpu_us >= 0
    assert measured.generator_busy >= 0


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="Linux only")
def test_processes_inherit_their_core():
    """And this one is free again afterwards."""
    before = os.sched_getaffinity(0)
    core = min(before)

    with on(core):
        inside = os.sched_getaffinity(0)

    assert inside == {core}
    assert os.sched_getaffinity(0) == before


def test_without_nginx_nothing_is_compared(rig, monkeypatch):
    """The bench says so, and measures the rest."""
    monkeypatch.setattr("bench.nginx.PLACES", "")
    assert Nginx.start(rig.stub_url) is None

    monkeypatch.setattr(rig, "nginx", None)
    assert rig.by_nginx("null") == []


@pytest.mark.skipif(shutil.which("nginx", path=PLACES) is None, reason="nginx isn't installed")
def test_hits_of_nginx_are_proven_too(rig):
    """One miss fills its cache; what it passes through reaches the stub."""
    question = job(body=json.dumps(json.loads(BODY) | {"seed": 2}), requests=3, fixed=True)
    [cached] = rig.by_nginx("cached/chat/completions", passes=False)
    [passed] = rig.by_nginx("pass/chat/completions")

    rig.run(replace(cached, passes=True), {**question, "requests": 1})

    assert rig.run(cached, question).requests == 3
    assert rig.run(passed, question).requests == 3


def test_table_shows_section_name_value_and_unit():
    """A reader sees what each figure is, and how far the rounds lie apart."""
    figure = Figure(section="Start", name="until", value=1.5, unit="s", rounds=(1.0, 2.0))

    lines = list(table([figure]))

    assert lines[0].strip() == "Start"
    assert lines[1].split() == ["until", "1.500", "s", "rounds", "1.000", "to", "2.000"]
