"""The pages as a visitor meets them: through the frame, over a real local gateway."""

from pathlib import Path

import httpx
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from gateway.local.server import LocalServer

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="session")
def server():
    """A local gateway whose simulated providers never wait."""
    with LocalServer.start(instant=True) as running:
        yield running


@pytest.fixture(autouse=True)
def own_workbench(server, tmp_path, monkeypatch):
    """Every test has a workbench and records of its own."""
    monkeypatch.setenv("LOCAL_GATEWAY_URL", server.url)
    monkeypatch.setenv("LOCAL_GATEWAY_TOKEN", server.token)
    monkeypatch.setenv("RECORDS_URL", f"sqlite:///{tmp_path / 'records.db'}")
    yield
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture
def fault(server):
    """Make a provider fail: the function takes a rule as ``/_local/faults`` does."""
    yield lambda **rule: httpx.post(f"{server.url}/_local/faults", json=rule).raise_for_status()
    httpx.delete(f"{server.url}/_local/faults").raise_for_status()


def opened(page: str) -> AppTest:
    """A page as a visitor on a fresh install first sees it."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=20).run()
    app = app.switch_page(page).run()
    assert not app.exception
    return app


@pytest.fixture
def chat():
    """The playground."""
    return opened("pages/play/chat.py")


@pytest.fixture
def connection():
    """The connection page; called, so that a test can set the environment first."""
    return lambda: opened("pages/setup/connection.py")
