"""The pages as a visitor meets them: through the frame, over a real local gateway."""

import httpx
import pytest
import streamlit as st

from gateway.local.server import LocalServer
from tests.pages.visit import opened


@pytest.fixture(scope="session")
def server():
    """A local gateway whose simulated providers never wait."""
    with LocalServer.start(instant=True) as running:
        yield running


@pytest.fixture(scope="session", autouse=True)
def at_home(server, tmp_path_factory):
    """The app asks that gateway and keeps its records in a directory of the tests."""
    records = tmp_path_factory.mktemp("records") / "records.db"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOCAL_GATEWAY_URL", server.url)
        patch.setenv("LOCAL_GATEWAY_TOKEN", server.token)
        patch.setenv("RECORDS_URL", f"sqlite:///{records}")
        yield
        forget()


def forget():
    """Close the workbench; the next page opens another."""
    st.cache_resource.clear()


@pytest.fixture
def fresh():
    """For tests that change the environment: a workbench of their own."""
    forget()
    yield
    forget()


@pytest.fixture
def fault(server):
    """Make a provider fail: the function takes a rule as ``/_local/faults`` does."""
    yield lambda **rule: httpx.post(f"{server.url}/_local/faults", json=rule).raise_for_status()
    httpx.delete(f"{server.url}/_local/faults").raise_for_status()


@pytest.fixture
def chat():
    """The playground."""
    return opened("pages/play/chat.py")


@pytest.fixture
def connection(fresh):
    """The connection page; called, so that a test can set the environment first."""
    return lambda: opened("pages/setup/connection.py")
