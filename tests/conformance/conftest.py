"""The local gateway that probes ask."""

import pytest

from tests.conformance.target import Target


@pytest.fixture(scope="session")
def target():
    """A local gateway with authentication on, which forgets all afterwards."""
    with Target.local() as target:
        yield target
