"""How each persona puts the same material into words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from gateway.local.simulated.knowledge import Points
from gateway.local.simulated.persona import Persona

Length = Literal["sentence", "short", "full"]
ORDINALS = ("first", "second", "third", "fourth", "fifth")


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What an answer says, before anybody's style.

    Attributes:
        title: What it is about, in a few words.
        lead: The answer in one sentence.
        points: What supports it, each a name and a sentence.
        close: Advice or caution; larger models add it.
        note: A last sentence that everybody adds.
    """

    title: str
    lead: str
    points: Points = ()
    close: str = ""
    note: str = ""


def render(material: Material, persona: Persona, length: Length = "full") -> str:
    """Return the answer that a persona makes of the material."""
    if length == "sentence":
        return material.lead
    if length == "short" or not material.points:
        parts = [material.lead, material.close if persona.large else "", material.note]
        return " ".join(part for part in parts if part)
    if not persona.large:
        material = replace(material, points=material.points[:3], close="")
    text = _STYLES[persona.voice](material)
    return f"{text}\n\n{material.note}" if material.note else text


def _crisp(material: Material) -> str:
    points = [f"{n}. **{name}**: {text}" for n, (name, text) in enumerate(material.points, 1)]
    return _paragraphs(f"**{material.lead}**", "\n".join(points), material.close)


def _careful(material: Material) -> str:
    named = [
        f"The {ordinal} is {_lower(name)}: {_lower(text)}"
        for ordinal, (name, text) in zip(ORDINALS, material.points, strict=False)
    ]
    count = {1: "One thing is", 2: "Two things are"}.get(len(named), "A few things are")
    close = f"One thought to add: {_lower(material.close)}" if material.close else ""
    return _paragraphs(material.lead, f"{count} worth keeping in mind. {' '.join(named)}", close)


def _factual(material: Material) -> str:
    points = [f"* **{name}:** {text}" for name, text in material.points]
    close = f"**In short:** {material.close}" if material.close else ""
    title = f"**{capitalised(material.title)}**"
    return _paragraphs(title, material.lead, "**Key points**", "\n".join(points), close)


def _plain(material: Material) -> str:
    points = [f"{name}: {_lower(text)}" for name, text in material.points[:2]]
    return _paragraphs(material.lead, " ".join(points), material.close)


def _elegant(material: Material) -> str:
    points = [f"- *{name}*: {_lower(text)}" for name, text in material.points[:3]]
    return _paragraphs(material.lead, "\n".join(points), material.close)


def _dry(material: Material) -> str:
    points = [f"- **{name}.** {text}" for name, text in material.points]
    close = f"Fine print: {_lower(material.close)}" if material.close else ""
    return _paragraphs(f"Short version: {_lower(material.lead)}", "\n".join(points), close)


_STYLES: Mapping[str, Callable[[Material], str]] = {
    "openai": _crisp,
    "anthropic": _careful,
    "google-ai-studio": _factual,
    "workers-ai": _plain,
    "mistral": _elegant,
    "grok": _dry,
}


def _paragraphs(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part)


def _lower(text: str) -> str:
    """Return a text as it goes on after a colon; abbreviations, names and "I" stay as they are."""
    first = text.split(" ", 1)[0].rstrip(",.:;")
    if first[1:] != first[1:].lower() or first in ("I", "Cloudflare", "Python", "Streamlit"):
        return text
    return text[:1].lower() + text[1:]


def capitalised(text: str) -> str:
    """Return a text with its first letter as a capital."""
    return text[:1].upper() + text[1:]
