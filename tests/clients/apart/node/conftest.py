"""Scripts and programs of Node.js, run against the gateway."""

import json
import os
import subprocess
from functools import cache
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def case(gateway):
    """Run a case of a script once, and return what it printed."""
    env = {**os.environ, "GATEWAY_URL": gateway.url, "GATEWAY_TOKEN": gateway.token}

    @cache
    def printed(script, name):
        command = ["node", str(HERE / script), name]
        ended = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60)
        assert ended.returncode == 0, ended.stderr
        return json.loads(ended.stdout)

    return printed
