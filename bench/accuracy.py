"""How far the experiment runner's TTFT is off the upstream's own clock, and how much it can send.

The stub stamps each request that comes and each first chunk that leaves, with the clock of this
machine that the runner reads too. The error is what the runner says minus the time between the two:
both ways over the loopback, and whatever the runner was busy with meanwhile.
"""

from collections.abc import Iterator

from bench.figures import Figure, Goal, figure
from bench.load import Spread, spread
from bench.rig import Invalid, Process, Rig, cpu_s, fetch, on
from bench.streams import PACE

ROUNDS = 5
CROWD = 64


def ttft(rig: Rig) -> Iterator[Figure]:
    """The experiment runner's TTFT against the upstream's own clock."""
    section = f"Experiment runner: TTFT error ({PACE})"
    with on(rig.cores and rig.cores.target):
        runner = Process("bench.runner")
    try:
        for streams, requests, p50_ms, p99_ms in ((32, 640, 1.0, 4.0), (128, 1280, 4.0, 15.0)):
            taken = [errors(rig, runner, streams, requests) for _ in range(1 + ROUNDS)][1:]
            spreads = [each for each, _ in taken]
            for name, bound in (("p50", p50_ms), ("p99", p99_ms)):
                values = [getattr(each, f"{name}_ms") for each in spreads]
                goal = Goal(bound=bound)
                yield figure(section, f"{streams} streams: TTFT error, {name}", "ms", values, goal)
            busy = [busy for _, busy in taken]
            yield figure(section, f"{streams} streams: runner busy", "share", busy)
        yield from _ceiling(rig, runner)
    finally:
        runner.stop()


def errors(rig: Rig, runner: Process, streams: int, requests: int) -> tuple[Spread, float]:
    """Return the errors of one round, and the share of a core that the runner used.

    Raises:
        Invalid: a request failed, or the stub saw others than the runner sent.
    """
    fetch(f"{rig.stub_url}/stamps")
    used_s = cpu_s(runner.pid)
    said = runner.ask({"url": rig.stub_url, "streams": streams, "requests": requests})
    used_s = cpu_s(runner.pid) - used_s
    if said["ended"] != "done":
        raise Invalid(f"the runner: {said['ended']}")
    stamps = fetch(f"{rig.stub_url}/stamps")
    if set(stamps) != set(said["ttft_ms"]) or len(stamps) != requests:
        raise Invalid(f"the runner: {len(stamps)} streams at the stub, not {requests}")
    if None in said["ttft_ms"].values():
        raise Invalid("the runner: a stream without content")
    found = [
        round(said["ttft_ms"][serial] * 1e6) - (left_ns - came_ns)
        for serial, (came_ns, left_ns) in stamps.items()
    ]
    return spread(found), used_s / said["elapsed_s"]


def _ceiling(rig: Rig, runner: Process) -> Iterator[Figure]:
    """Yield what the runner sends where the answer costs nothing."""
    section = f"Experiment runner: ceiling at an endpoint that does nothing, {CROWD} at once"
    with on(rig.cores and rig.cores.stub):
        nothing = Process("gateway.experiments.null")
    try:
        job = {"url": f"http://127.0.0.1:{nothing.hear()}", "streams": CROWD, "seconds": 1.0}
        rates = [runner.ask(job)["rps"] for _ in range(1 + ROUNDS)][1:]
    finally:
        nothing.stop()
    yield figure(section, "whole requests: chat, answer and row", "req/s", rates)
