"""Snippets for packages of npm: run, they send what our own client sends; a Worker's types fit."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from gateway.client import request_of
from gateway.snippets import call_of, write
from tests.snippets.conftest import CALLS, ENVIRONMENT, recording, target_of
from tests.snippets.test_languages import SPEAKS, assert_ours

HERE = Path(__file__).parent
PACKAGES = HERE / "node_modules"
RUN = [(language, name) for language in ("js-openai", "js-ai-sdk") for name in SPEAKS[language]]
SETTINGS = """{
  "compilerOptions": {
    "target": "es2022", "module": "es2022", "moduleResolution": "bundler", "strict": true,
    "noEmit": true, "skipLibCheck": true, "types": ["@cloudflare/workers-types"]
  },
  "include": ["*.ts"]
}"""


@pytest.fixture(scope="module")
def recorder():
    """A server that writes down what arrives."""
    with recording() as seen:
        yield seen


@pytest.fixture
def place():
    """A directory from which the packages are found."""
    directory = PACKAGES / ".snippets"
    directory.mkdir(exist_ok=True)
    yield directory
    for path in directory.iterdir():
        path.unlink()


@pytest.mark.parametrize(("language", "name"), sorted(RUN))
def test_snippet_sends_what_our_client_sends(recorder, place, language, name):
    """Method, address, headers and body are those of our own client; packages add their own."""
    chat, options, keys = CALLS[name]
    target = target_of(recorder.url, keys)
    path = place / f"{name}.mjs"
    path.write_text(write(language, call_of(chat, options, target)).code, "utf-8")

    done = subprocess.run(
        ["node", path],
        env={**os.environ, **ENVIRONMENT},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "Hi." in done.stdout
    assert_ours(recorder, request_of(chat, options, target), "as JSON")


def test_worker_s_types_fit(place):
    """Cloudflare's own types accept every Worker that we write."""
    names = sorted(SPEAKS["worker"])
    for name in names:
        chat, options, keys = CALLS[name]
        code = write("worker", call_of(chat, options, target_of("http://gateway", keys))).code
        (place / f"{name}.ts").write_text(code, "utf-8")
    (place / "tsconfig.json").write_text(SETTINGS, "utf-8")

    done = subprocess.run(
        ["node", PACKAGES / "typescript/bin/tsc", "-p", place],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert not re.findall(r".*error TS.*", done.stdout)
    assert done.returncode == 0
