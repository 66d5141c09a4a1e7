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
    """Tell what a case of a script returned; each script runs once, with all of its cases."""
    env = {**os.environ, "GATEWAY_URL": gateway.url, "GATEWAY_TOKEN": gateway.token}

    @cache
    def printed(script):
        command = ["node", str(HERE / script)]
        ended = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120)
        assert ended.returncode == 0, ended.stderr
        return json.loads(ended.stdout)

    def told(script, name):
        result = printed(script)[name]
        assert "failed" not in result, result["failed"]
        return result["value"]

    return told
