"""Every probe, by what it is about."""

from tests.conformance.probe import Probe
from tests.conformance.probes import (
    access,
    answers,
    cache,
    logs,
    management,
    refusals,
    rest,
    sockets,
    universal,
)

PROBES: tuple[Probe, ...] = (
    *access.PROBES,
    *refusals.PROBES,
    *answers.PROBES,
    *cache.PROBES,
    *universal.PROBES,
    *logs.PROBES,
    *rest.PROBES,
    *sockets.PROBES,
    *management.PROBES,
)
