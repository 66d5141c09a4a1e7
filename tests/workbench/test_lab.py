"""The lab: runs are queued, watched, paused and ended, and everything of them is kept."""

import json
import os
import subprocess
import sys
import time
from contextlib import closing

import pytest

from gateway.chat import Target
from gateway.errors import BadRequest
from gateway.experiments import certificate
from gateway.experiments.plan import Recipe
from gateway.loop import Loop
from gateway.records import Records
from gateway.workbench.lab import Lab

PATIENCE_S = 60
SMALL = Recipe(preset="E01", knobs={"prompts": 2, "passes": 2})
LONG = Recipe(preset="E01", knobs={"prompts": 100, "passes": 2})
NOWHERE = Target(name="cloudflare", base_url="http://127.0.0.1:9/v1/a/mine")


@pytest.fixture
def records(tmp_path):
    """An empty database."""
    records = Records.open(f"sqlite:///{tmp_path}/records.db")
    yield records
    records.close()


@pytest.fixture
def lab(records):
    """A lab with the local gateway, and a hosted one that nobody answers for."""
    targets = {"local": NOWHERE, "cloudflare": NOWHERE, "direct": NOWHERE}
    with Loop() as loop:
        lab = Lab(loop, records.runs, lambda: targets)
        yield lab
        lab.close()


def until(condition):
    """Wait for something that tells nobody when it happens."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_run_is_kept_with_all_that_it_shows(lab):
    """Rows, summary, findings and what made it: versions, digests, the recipe."""
    run_id = lab.start(SMALL)

    run = lab.wait(run_id, PATIENCE_S)

    assert (run.state, run.ended, run.recipe) == ("done", True, SMALL)
    assert run.figures["planned_n"] == run.figures["done_n"] == run.figures["sent_n"] == 4
    assert len(run.figures["plan_sha256"]) == len(run.figures["config_sha256"]) == 64
    assert run.figures["python"].startswith("3.")
    assert run.figures["ended_utc"] >= run.figures["started_utc"]
    assert run.figures["little_error"] < 0.2
    assert lab.requests(run_id)["cache_status"].tolist() == ["MISS", "MISS", "HIT", "HIT"]
    results = lab.results(run_id)
    assert all(finding.ok for finding in results.findings[:3])
    primary = results.summary[results.summary["primary"]]
    assert primary["estimate"].tolist() == [0.5]
    assert primary["verdict"].tolist() == ["match"]


def test_runs_wait_for_each_other(lab):
    """The second begins when the first has ended, and both are in the list, newest first."""
    first, second = lab.start(LONG), lab.start(SMALL)
    until(lambda: lab.progress(first).done > 0)

    assert lab.progress(second).state == "waiting"
    lab.stop(first)

    assert lab.wait(second, PATIENCE_S).state == "done"
    assert [run.id for run in lab.runs()] == [second, first]


def test_paused_run_goes_on(lab):
    """While it is paused nothing is finished; what it had is kept when it is ended."""
    run_id = lab.start(LONG)
    until(lambda: lab.progress(run_id).done > 0)

    lab.pause(run_id)
    assert lab.progress(run_id).state == "paused"
    lab.resume(run_id)
    assert lab.progress(run_id).state == "running"
    lab.stop(run_id)

    run = lab.wait(run_id, PATIENCE_S)
    assert (run.state, run.figures["stopped_by"]) == ("cancelled", "cancel")
    assert len(lab.requests(run_id)) == run.figures["done_n"] > 0
    assert {finding.ok for finding in lab.results(run_id).findings} == {None}


def test_waiting_run_is_taken_back(lab):
    """At once, and not only when its turn comes; it never begins, and those behind it move up."""
    first, second, third = lab.start(LONG), lab.start(SMALL), lab.start(SMALL)
    assert lab.queue() == (first, second, third)

    lab.stop(second)

    assert lab.wait(second, PATIENCE_S).state == "cancelled"
    assert lab.queue() == (first, third)
    assert lab.count(second) == 0
    lab.stop(first)
    assert lab.wait(third, PATIENCE_S).state == "done"
    assert lab.queue() == ()


def test_design_of_ones_own_is_run_and_found_again(lab):
    """A recipe with axes is kept as any other, and drawn once more from what is kept."""
    knobs = {"axes": [{"name": "cache_ttl", "values": [60, 3600]}], "answers": "timed"}
    recipe = Recipe(preset="F01", title="Two lives", knobs={**knobs, "requests": 4, "keys": 2})

    run = lab.wait(lab.start(recipe), PATIENCE_S)

    assert (run.state, run.title) == ("done", "Two lives")
    assert lab.plan(run.recipe).digest == run.figures["plan_sha256"]
    assert [finding.ok for finding in lab.results(run.id).findings] == [True, True]


def test_gateway_that_dies_is_told(lab):
    """What was measured is kept, and the sentence with it; a stopped gateway judges nobody."""
    long = Recipe(preset="E01", knobs={"prompts": 200, "passes": 2})
    run_id = lab.start(long)
    until(lambda: lab.progress(run_id).done > 2)

    lab._jobs[run_id].runner._site.server.kill()

    run = lab.wait(run_id, PATIENCE_S)
    assert run.state == "failed"
    assert "gateway has died" in run.progress.stopped_by
    assert lab.count(run_id) == run.figures["done_n"] > 2


def test_run_of_an_app_that_is_gone_is_lost(lab, records):
    """The records say "running", and nobody runs it: its rows so far are there to look at."""
    records.runs.begin({"run_id": "gone", "preset": "E01", "state": "running", "planned_n": 9})

    assert lab.find("gone").state == "lost"
    assert lab.progress("gone").stopped_by == "It ended with the app."
    assert lab.results("gone").findings == ()


@pytest.mark.parametrize(
    ("recipe", "target", "sentence"),
    [
        (Recipe(preset="E99"), "local", "No experiment is called 'E99'"),
        (Recipe(preset="E01", knobs={"passes": 1}), "local", "passes must be a whole number"),
        (Recipe(preset="E01", cap_usd=1e-9), "local", "below the price of one request"),
        (SMALL, "direct", "no gateway that is connected"),
        (SMALL, "elsewhere", "no gateway that is connected"),
    ],
)
def test_impossible_runs_are_refused(lab, recipe, target, sentence):
    """Nothing is queued, and nothing is kept."""
    with pytest.raises(BadRequest, match=sentence):
        lab.start(recipe, target)

    assert lab.runs() == []


def test_gateway_that_does_not_answer_gives_rows(lab):
    """Silence is a row as well, with its reason; the hosted gateway's name is kept."""
    run_id = lab.start(SMALL, "cloudflare")

    run = lab.wait(run_id, PATIENCE_S)

    assert (run.state, run.figures["gateway_id"]) == ("done", "mine")
    assert set(lab.requests(run_id)["error_class"]) == {"connect"}


def test_paid_run_goes_on_while_anybody_looks(lab):
    """Who began it is gone, another visitor looks at it; it ends when that one has left, too."""
    there = True
    long = Recipe(preset="E02", knobs={"spacings_s": [61], "cycles": 1})
    run_id = lab.start(long, "cloudflare", alive=lambda: False, lease_s=0.2)

    lab.attend(run_id, lambda: there)
    until(lambda: lab.progress(run_id).elapsed_s > 1.5)
    assert lab.progress(run_id).state == "running"
    there = False

    run = lab.wait(run_id, PATIENCE_S)
    assert (run.state, run.figures["stopped_by"]) == ("cancelled", "lease")


def test_forgotten_run_is_gone(lab):
    """With its requests."""
    run_id = lab.start(SMALL)
    lab.wait(run_id, PATIENCE_S)

    lab.forget(run_id)

    assert lab.runs() == []
    assert lab.count(run_id) == 0
    with pytest.raises(KeyError):
        lab.find(run_id)


def test_end_of_the_app_keeps_what_is_there(records):
    """Closing ends the run, and its row says so."""
    with Loop() as loop:
        lab = Lab(loop, records.runs, lambda: {"local": NOWHERE})
        run_id = lab.start(LONG)
        until(lambda: lab.progress(run_id).done > 0)
        lab.close()

    row = records.runs.find(run_id)
    assert row["state"] == "cancelled"
    assert row["done_n"] == records.runs.count(run_id) > 0


FULL_DISK = """
import json, resource, sys, time
from gateway.errors import RecordsError
from gateway.experiments.plan import Recipe
from gateway.loop import Loop
from gateway.records import Records
from gateway.workbench.lab import Lab

records = Records.open(sys.argv[1])
with Loop() as loop:
    lab = Lab(loop, records.runs, lambda: {"local": None})
    knobs = {"requests": 5000, "keys": 5000, "answers": "timed", "answer_s": 0.02}
    run_id = lab.start(Recipe(preset="F01", knobs=knobs))
    while not lab.count(run_id):
        time.sleep(0.01)
    was = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, was[1]))
    ended = lab.wait(run_id, 60)
    found = {"state": ended.state, "why": ended.progress.stopped_by, "unkept": lab.unkept(run_id)}
    try:
        lab.keep_rest(run_id)
    except RecordsError as error:
        found["still"] = str(error)
    resource.setrlimit(resource.RLIMIT_FSIZE, was)
    lab.keep_rest(run_id)
    row = records.runs.find(run_id)
    found |= {"kept": lab.count(run_id), "done": row["done_n"], "row": row["state"]}
    found |= {"left": lab.unkept(run_id), "judged": len(lab.results(run_id).summary)}
    print(json.dumps(found))
    lab.close()
"""


def test_full_disk_loses_nothing(tmp_path):
    """The run ends with its sentence; what is in memory is kept once there is room again."""
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, f"sqlite:///{tmp_path}/records.db"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": "."},
    )
    found = json.loads(done.stdout)

    assert (found["state"], found["row"]) == ("failed", "failed")
    assert "the disk is full" in found["why"]
    assert "the disk is full" in found["still"]
    assert found["unkept"] > 0
    assert found["kept"] == found["done"]
    assert found["left"] == 0
    assert found["judged"] > 0


KILLED = """
import sys, time
from gateway.experiments.plan import Recipe
from gateway.loop import Loop
from gateway.records import Records
from gateway.workbench.lab import Lab

records = Records.open(sys.argv[1])
with Loop() as loop:
    lab = Lab(loop, records.runs, lambda: {"local": None})
    knobs = {"requests": 5000, "keys": 5000, "answers": "timed", "answer_s": 0.02}
    run_id = lab.start(Recipe(preset="F01", knobs=knobs))
    while True:
        print(time.monotonic(), lab.progress(run_id).done, run_id, flush=True)
        time.sleep(0.02)
"""


def test_killed_app_loses_at_most_the_last_second(tmp_path):
    """What had its answer a second before the kill is in the records, as is the run itself."""
    url = f"sqlite:///{tmp_path}/records.db"
    said = []
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, url],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": "."},
    ) as process:
        for line in process.stdout:
            at, done, run_id = line.split()
            said.append((float(at), int(done)))
            began = next((when for when, count in said if count), said[-1][0])
            if said[-1][0] > began + 2:
                break
        killed_s = time.monotonic()
        process.kill()

    with closing(Records.open(url)) as records:
        kept = records.runs.count(run_id)
        row = records.runs.find(run_id)
    old = max((count for at, count in said if at < killed_s - 1), default=0)
    assert kept >= old > 0
    assert row["ended_utc"] is None


def test_certificate_of_a_gateway_stands_in_its_later_runs(lab):
    """Answered by the probes, kept for this gateway alone; a run says its rules."""
    assert lab.certificate() == {}
    probes = lab.start(Recipe(preset="P01"))
    lab.wait(probes, PATIENCE_S)
    later = lab.start(SMALL)
    run = lab.wait(later, PATIENCE_S)

    known = lab.certificate()
    assert known["tries"]["answer"] == "n tries in all"
    assert known["tries"]["run_id"] == probes
    assert "3 attempts" in known["tries"]["evidence"]
    assert certificate.read(run.figures["probes_json"]) == known
    assert lab.certificate("cloudflare") == {}
    best = lab.results(later).oracle[0]
    assert best["about"] == "cache"
    assert best["agreed"] == best["judged"] > 0
