"""bench: its figures can be trusted, because a run that proves nothing is refused.

Nothing here is timed.
"""

import json
from dataclasses import replace

import pytest

from bench.__main__ import table
from bench.load import spread
from bench.rig import Invalid, Rig, job
from bench.scenarios import BODY, STREAM, Figure
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


def test_table_shows_section_name_value_and_unit():
    """A reader sees what each figure is, and how far the rounds lie apart."""
    figure = Figure(section="Start", name="until", value=1.5, unit="s", rounds=(1.0, 2.0))

    lines = list(table([figure]))

    assert lines[0].strip() == "Start"
    assert lines[1].split() == ["until", "1.500", "s", "rounds", "1.000", "to", "2.000"]
