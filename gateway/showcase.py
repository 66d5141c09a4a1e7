"""Suggested prompts, and the answers that simulated models give to them (``data/showcase.json``).

A *persona* is a way of writing: "openai" is crisp, "anthropic" careful, "workers-ai" plain. Every
provider's models speak with one of them; the larger ones say a little more.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

PERSONAS = ("openai", "anthropic", "google-ai-studio", "workers-ai", "mistral", "grok")
"""Personas that have an answer of their own to every prompt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Showcase:
    """One suggested prompt.

    Attributes:
        icon: Name of a Material symbol, as Streamlit spells it.
        answers: What each persona says, in Markdown.
        more: What the persona's larger models add; not every persona does.
    """

    id: str
    title: str
    icon: str
    prompt: str
    answers: Mapping[str, str]
    more: Mapping[str, str]

    def answer(self, persona: str, *, large: bool) -> str:
        """Return the answer of one persona's small or large model."""
        more = self.more.get(persona) if large else None
        return self.answers[persona] if more is None else f"{self.answers[persona]}\n\n{more}"


def normalised(prompt: str) -> str:
    """Return a prompt without what doesn't change its meaning: case, spacing, the last mark."""
    return " ".join(prompt.casefold().split()).rstrip(" .!?")


def _read() -> tuple[Showcase, ...]:
    text = resources.files("gateway").joinpath("data/showcase.json").read_text("utf-8")
    return tuple(
        Showcase(
            id=row["id"],
            title=row["title"],
            icon=row["icon"],
            prompt=row["prompt"],
            answers={name: "\n".join(said["text"]) for name, said in row["answers"].items()},
            more={
                name: "\n".join(said["more"])
                for name, said in row["answers"].items()
                if "more" in said
            },
        )
        for row in json.loads(text)["showcases"]
    )


SHOWCASES: tuple[Showcase, ...] = _read()
"""In the order in which they are offered."""

_BY_PROMPT = {normalised(showcase.prompt): showcase for showcase in SHOWCASES}
_LONGEST = 2 * max(map(len, _BY_PROMPT))


def showcase_for(prompt: str) -> Showcase | None:
    """Return the showcase that a prompt asks for, however it is spaced or capitalised."""
    # A prompt of many megabytes isn't one of them, and normalising it would take a second.
    return _BY_PROMPT.get(normalised(prompt)) if len(prompt) <= _LONGEST else None
