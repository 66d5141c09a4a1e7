"""snippets.python: what a reader sees; see test_languages for what is sent."""

import ast

import pytest

from gateway.snippets import call_of, write
from tests.snippets.conftest import CALLS, target_of

LANGUAGES = ["python-httpx", "python-openai", "python-anthropic", "python-websocket"]
CASES = [(language, name) for language in LANGUAGES for name in CALLS]


def written(language, name, keys=None):
    asked, options, given = CALLS[name]
    target = target_of("http://gateway", given if keys is None else keys)
    return write(language, call_of(asked, options, target)).code


@pytest.mark.parametrize(("language", "name"), CASES)
def test_imports_are_those_that_are_used(language, name):
    """A snippet imports what it needs, and nothing else."""
    tree = ast.parse(written(language, name) or "")

    imported = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert imported <= used


def test_key_stored_at_the_gateway_is_not_bypassed():
    """The packages insist on a key; they are told not to send it."""
    assert '{"Authorization": omit}' in written("python-openai", "openai", keys=False)
    assert '"X-Api-Key": omit' in written("python-anthropic", "anthropic", keys=False)
    assert "omit" not in written("python-openai", "openai", keys=True)


def test_package_does_not_multiply_the_attempts():
    """The gateway's own attempts are what the call asks for."""
    assert "max_retries=0" in written("python-openai", "openai")
    assert "max_retries=0" in written("python-anthropic", "anthropic")
