"""A real Dask scheduler with workers in processes of their own, on this machine."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent.parent
SKEWED = Path(__file__).parent / "skewed.py"
LOCAL = ("--host", "127.0.0.1", "--no-dashboard")
PATIENCE_S = 60
AHEAD_S = 1000.0
"""How far the second worker's clock is ahead of everybody else's."""


class Process:
    """A scheduler or a worker, and what it wrote."""

    def __init__(self, command, log, *, cwd=ROOT, home=ROOT):
        environment = {**os.environ, "PYTHONPATH": str(home)}
        self.log = log
        with log.open("wb") as written:
            self._process = subprocess.Popen(
                [sys.executable, *command], cwd=cwd, env=environment, stdout=written, stderr=written
            )

    def said(self, pattern):
        """Wait until it wrote something, and return the part in parentheses."""
        deadline = time.monotonic() + PATIENCE_S
        while not (found := re.search(pattern, self.log.read_text("utf-8", "replace"))):
            assert time.monotonic() < deadline, self.log.read_text("utf-8", "replace")
            time.sleep(0.02)
        return found[1]

    def kill(self):
        """End it as a power cut would."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()


class Machines:
    """A scheduler, and workers that are started as they are needed."""

    def __init__(self, directory):
        self._directory, self._started = directory, []
        self.scheduler = self._start("-m", "distributed.cli.dask_scheduler", "--port", "0")
        self.address = self.scheduler.said(r"Scheduler at:\s+(tcp://\S+)")

    def worker(self, *start, **terms):
        """Start a worker; it is there once ``ready`` says so."""
        start = start or ("-m", "distributed.cli.dask_worker")
        terms_of_all = ("--no-nanny", "--nthreads", "1", "--local-directory", self._directory)
        return self._start(*start, self.address, *terms_of_all, **terms)

    def ready(self, worker):
        """Wait for a worker and return its address."""
        worker.said(r"(Registered to:)")
        return worker.said(r"Start worker at:\s+(tcp://\S+)")

    def written(self):
        """Everything that the processes wrote."""
        return "\n".join(one.log.read_text("utf-8", "replace") for one in self._started)

    def close(self):
        for process in self._started:
            process.kill()

    def _start(self, *command, **terms):
        log = self._directory / f"{len(self._started)}.log"
        self._started.append(Process([*command, *LOCAL], log, **terms))
        return self._started[-1]


@pytest.fixture(scope="session")
def machines(tmp_path_factory):
    """A scheduler and two workers, the second one's clock far ahead of ours."""
    with contextlib.closing(Machines(tmp_path_factory.mktemp("machines"))) as machines:
        two = machines.worker(), machines.worker(str(SKEWED), str(AHEAD_S))
        machines.workers = tuple(machines.ready(one) for one in two)
        yield machines


@pytest.fixture(scope="module")
def others(tmp_path_factory):
    """A scheduler without workers."""
    with contextlib.closing(Machines(tmp_path_factory.mktemp("others"))) as others:
        yield others
