"""The catalogue: each preset is a question with its plan, its predictions and its acceptance.

preset     what a preset is
parts      knobs and variants that several of them share
prompts    what is asked
cold, boundary, law, ttl, keys, skip        E01 to E06: the cache
policy, outage, timeout                     E07 to E09: retries and fallback
limit, knee                                 E10, E13: limits and load
compare, streaming, socket                  E11, E12, E14: comparisons
herd, storm                                 E15, E16: stress
free, foresight                             F01: a design of one's own, and what theory says of it
"""

from gateway.experiments.presets.boundary import E02
from gateway.experiments.presets.cold import E01
from gateway.experiments.presets.compare import E11
from gateway.experiments.presets.free import F01
from gateway.experiments.presets.herd import E15
from gateway.experiments.presets.keys import E05
from gateway.experiments.presets.knee import E13
from gateway.experiments.presets.law import E03
from gateway.experiments.presets.limit import E10
from gateway.experiments.presets.outage import E08
from gateway.experiments.presets.policy import E07
from gateway.experiments.presets.preset import Finding, Knob, Prediction, Preset
from gateway.experiments.presets.probes import P01
from gateway.experiments.presets.skip import E06
from gateway.experiments.presets.socket import E14
from gateway.experiments.presets.storm import E16
from gateway.experiments.presets.streaming import E12
from gateway.experiments.presets.timeout import E09
from gateway.experiments.presets.ttl import E04

_CATALOGUE = (
    *(E01, E02, E03, E04, E05, E06, E07, E08, E09, E10, E11, E12, E13, E14, E15, E16),
    P01,
    F01,
)
PRESETS: dict[str, Preset] = {preset.id: preset for preset in _CATALOGUE}
"""Every preset, by id."""

__all__ = ["PRESETS", "Finding", "Knob", "Prediction", "Preset"]
