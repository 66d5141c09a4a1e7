"""LocalServer: the gateway's process, started and stopped by the app, by tests and by benches."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Self

from gateway.errors import LocalGatewayError

ROOT = Path(__file__).parent.parent.parent
START_S = 15.0
STOP_S = 5.0


class LocalServer:
    """One running gateway process. It ends with ``stop``, or with the process that started it.

    Attributes:
        url: For example ``http://127.0.0.1:40123``.
        token: The data directory's token.
        data: The data directory.
    """

    def __init__(self, process: "subprocess.Popen[bytes]", url: str, data: Path, own: bool) -> None:
        self._process = process
        self._own_data = own
        self.url = url
        self.data = data
        self.token = (data / "token").read_text("ascii").strip()

    @classmethod
    def start(
        cls,
        *,
        data: Path | None = None,
        port: int = 0,
        scale: float = 1.0,
        seed: int = 0,
        instant: bool = False,
        env: Mapping[str, str] | None = None,
        upstreams: Mapping[str, str] | None = None,
        python: str = sys.executable,
    ) -> Self:
        """Start a gateway and return once it listens.

        Args:
            data: Data directory; ``None`` makes one that is gone after ``stop``.
            port: 0 takes a free one.
            scale: Emulated seconds per real second.
            instant: Simulated providers never wait.
            env: The providers' keys, by variable; the caller's own environment isn't passed on.
            upstreams: Provider slug -> base URL that is asked instead of the simulated one.
            python: Interpreter with the gateway's own packages, for callers that lack them.

        Raises:
            LocalGatewayError: it can't start; the sentence says why.
        """
        directory = data or Path(tempfile.mkdtemp(prefix="local-gateway-"))
        command = [python, "-m", "gateway.local", "--until-stdin-ends"]
        command += ["--port", str(port), "--data", str(directory)]
        command += ["--time-scale", str(scale), "--seed", str(seed)]
        command += ["--instant"] if instant else []
        for provider, url in (upstreams or {}).items():
            command += ["--upstream", f"{provider}={url}"]
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**_bare_environment(), **(env or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        announced = _first_line(process)
        if announced is None:
            raise LocalGatewayError(_last_words(process))
        assert process.stderr is not None
        # What it says later goes to our own error output; unread, it would block at 64 KB.
        threading.Thread(target=_pass_on, args=(process,), daemon=True).start()
        return cls(process, announced, directory, own=data is None)

    def gateway_url(self, gateway: str = "demo", account: str = "local") -> str:
        """Return the base URL of one gateway, without a slash at the end."""
        return f"{self.url}/v1/{account}/{gateway}"

    @property
    def running(self) -> bool:
        """Whether the process is alive."""
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        """Process id, for measurements."""
        return self._process.pid

    def stop(self) -> None:
        """End the process, gently at first; a second call does nothing."""
        _close(self._process.stdin)
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        _close(self._process.stdout)
        if self._own_data:
            shutil.rmtree(self.data, ignore_errors=True)

    def kill(self) -> None:
        """End the process at once, as a crash does. The data directory stays."""
        self._process.kill()
        self._process.wait()
        _close(self._process.stdin)
        _close(self._process.stdout)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _close(pipe: IO[bytes] | None) -> None:
    if pipe is not None:
        with contextlib.suppress(OSError):
            pipe.close()


def _bare_environment() -> dict[str, str]:
    """Return what a process needs, without anybody's keys."""
    names = ("PATH", "HOME", "LANG", "TMPDIR", "SYSTEMROOT", "VIRTUAL_ENV", "PYTHONPATH", "TEMP")
    proxies = ("HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")
    return {name: os.environ[name] for name in (*names, *proxies) if name in os.environ}


def _first_line(process: "subprocess.Popen[bytes]") -> str | None:
    """Return the URL that the process announces, or ``None`` where it ends or is silent."""
    assert process.stdout is not None
    timer = threading.Timer(START_S, process.kill)
    timer.start()
    try:
        line = process.stdout.readline()
    finally:
        timer.cancel()
    return str(json.loads(line)["url"]) if line else None


def _last_words(process: "subprocess.Popen[bytes]") -> str:
    _, said = process.communicate()
    lines = said.decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else f"The local gateway gave no sign of life for {START_S:g} s."


def _pass_on(process: "subprocess.Popen[bytes]") -> None:
    assert process.stderr is not None
    with contextlib.suppress(ValueError), process.stderr:
        for line in process.stderr:
            sys.stderr.write(line.decode("utf-8", "replace"))
