"""The catalogue: each preset is a question with its plan, its predictions and its acceptance.

preset     what a preset is
prompts    what is asked
caching    E01 to E03
"""

from gateway.experiments.presets.boundary import E02
from gateway.experiments.presets.cold import E01
from gateway.experiments.presets.law import E03
from gateway.experiments.presets.preset import Finding, Knob, Prediction, Preset

PRESETS: dict[str, Preset] = {preset.id: preset for preset in (E01, E02, E03)}
"""Every preset, by id."""

__all__ = ["PRESETS", "Finding", "Knob", "Prediction", "Preset"]
