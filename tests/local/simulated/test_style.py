"""style: the same material in six ways of writing, and in three lengths."""

import pytest

from gateway.local.simulated.persona import Persona
from gateway.local.simulated.style import Material, render
from gateway.showcase import PERSONAS

JITTER = Material(
    title="jitter",
    lead="Jitter is randomness.",
    points=(("Cause", "Clocks differ."), ("Use", "It spreads clients.")),
    close="Add it.",
    note="(Simulated.)",
)


def persona(voice, *, large=True):
    return Persona(
        voice=voice, large=large, reasons=False, shows_reasoning=False, openings=("", "")
    )


def test_every_voice_writes_differently():
    """Else comparing columns would show nothing."""
    assert len({render(JITTER, persona(voice)) for voice in PERSONAS}) == len(PERSONAS)


@pytest.mark.parametrize("voice", PERSONAS)
def test_nothing_gets_lost(voice):
    """Whoever writes, the answer holds the lead, the points and the note."""
    text = render(JITTER, persona(voice)).lower()

    assert all(part in text for part in ("randomness", "clocks differ", "it spreads", "simulated"))


@pytest.mark.parametrize("voice", PERSONAS)
def test_smaller_model_says_less(voice):
    """The price of a small model is detail."""
    small, large = (render(JITTER, persona(voice, large=large)) for large in (False, True))

    assert len(small) < len(large)


def test_lengths():
    """One sentence is the lead; a short answer has no list."""
    assert render(JITTER, persona("openai"), "sentence") == "Jitter is randomness."
    assert "\n" not in render(JITTER, persona("openai"), "short")
