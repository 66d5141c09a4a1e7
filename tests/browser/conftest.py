"""What the browser tests share: one app over one local gateway, and Debian's Chromium."""

import os
from pathlib import Path

import pytest

from gateway.local.server import LocalServer
from tests.browser.driver import CHROMIUM, LAUNCH, running_app


def pytest_itemcollected(item):
    """Mark what needs a browser. Without one it is skipped here, and fails in CI."""
    item.add_marker(pytest.mark.browser)
    if CHROMIUM is None and not os.environ.get("CI"):
        item.add_marker(pytest.mark.skip(reason="no chromium on this machine"))


@pytest.hookimpl(trylast=True)  # after pytest itself has put tests of one fixture together
def pytest_collection_modifyitems(items):
    """Run browser tests last.

    Playwright keeps an event loop running to the end of the session, in which no async test can
    start its own.
    """
    items.sort(key=_needs_browser)


def _needs_browser(item):
    return Path(__file__).parent in item.path.parents


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """The browser of the system; nothing is downloaded."""
    return {**browser_type_launch_args, **LAUNCH}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    """The screen of a small laptop."""
    return {**browser_context_args, "viewport": {"width": 1280, "height": 800}}


@pytest.fixture(scope="session")
def gateway():
    """A local gateway whose simulated providers take their time, as real ones do."""
    with LocalServer.start() as running:
        yield running


@pytest.fixture(scope="session")
def running(gateway, tmp_path_factory):
    """The app, for all tests."""
    with running_app(tmp_path_factory.mktemp("app"), gateway) as app:
        yield app


@pytest.fixture
def app(running):
    """The app, with an empty journal and without faults."""
    running.heal()
    running.forget_journal()
    yield running
    running.heal()


@pytest.fixture(scope="session")
def base_url():
    """Every test names its app; the plugin's own fixture warns under the pytest of today."""
    return None
