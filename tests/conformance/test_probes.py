"""Probes: what can be seen of the contract from outside, asked of the local gateway.

``make conformance LIVE=1`` asks a real one the same.
"""

import pytest

from tests.conformance.probes import PROBES


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.name)
def test_gateway_shows_what_is_expected(target, probe):
    """Each probe shows the rules that it names; see ``docs/conformance.md``."""
    assert probe.see(target) == probe.expected


def test_names_are_unique():
    """A name stands for one probe, in the page and in the table of differences."""
    assert len({probe.name for probe in PROBES}) == len(PROBES)
