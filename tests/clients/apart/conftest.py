"""A gateway in the project's own environment, for clients that live in others.

agents/   what needs the current openai package
models/   what needs an older one, and Google's current package
node/     what comes from npm: scripts that print JSON, and the tests that read it
"""

import os
from pathlib import Path

import pytest

from gateway.local.server import LocalServer

ROOT = Path(__file__).parent.parent.parent.parent
GATEWAY_PYTHON = ROOT / ".venv/bin/python"

# Some of these packages fetch price lists or report what they did, unless told not to.
os.environ |= {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",
    "LANGSMITH_TRACING": "false",
    "OTEL_SDK_DISABLED": "true",
}


@pytest.fixture(scope="session")
def gateway():
    """A gateway whose simulated providers never wait."""
    with LocalServer.start(instant=True, python=str(GATEWAY_PYTHON)) as server:
        yield server
