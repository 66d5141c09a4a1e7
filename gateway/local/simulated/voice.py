"""What a simulated model says: the written answer to a suggested prompt, else what it can make.

The same seed, provider, model and messages give the same words.
"""

import re
from collections.abc import Mapping

from gateway.chat import Chat
from gateway.local.simulated.intents import said_to
from gateway.local.simulated.persona import persona_of
from gateway.local.simulated.style import Length, Material, capitalised, render
from gateway.local.simulated.talk import Talk, talk_of
from gateway.showcase import showcase_for

_SENTENCE = re.compile(
    r"\b(?:in )?(?:one|a single|1) (?:short )?(?:sentence|line)\b", re.IGNORECASE
)
_WORD_LIMIT = re.compile(
    r"\b(?:at most|max(?:imum)?|up to|in|under|no more than|fewer than|less than|within)"
    r"(?: of)? (\d{1,4}) words\b",
    re.IGNORECASE,
)
_ONE_WORD = re.compile(r"\b(?:in|with|just|only) (?:one|a single) word\b", re.IGNORECASE)
_BRIEF = re.compile(
    r"\b(?:brief(?:ly)?|concise(?:ly)?|short answers?|keep it short|succinct(?:ly)?|terse)\b",
    re.IGNORECASE,
)
_FORM_WORDS = frozenset(
    {"sentence", "line", "word", "words", "brief", "briefly", "concise", "concisely", "short"}
    | {"succinct", "succinctly", "terse", "caps", "capital", "capitals", "uppercase"}
)
"""Without one of these a prompt says nothing about the form of its answer."""
_UPPER = re.compile(
    r"\b(?:all caps|capital letters only|in uppercase|in capitals)\b", re.IGNORECASE
)
_LANGUAGE = re.compile(
    r"\b(?:answer|reply|respond|write|speak|talk)\b.{0,30}?\b(?:in|only) "
    r"(?P<language>german|french|spanish|italian)\b",
    re.IGNORECASE,
)
_ROLE = re.compile(
    r"\b(?:you are|act as|pretend to be) (?:an? )?(?P<role>(?:[\w-]+ ){0,2}?"
    r"(?:pirate|poet|chef|teacher|lawyer|doctor|butler|robot|wizard|detective|historian))\b",
    re.IGNORECASE,
)
_FOREIGN: Mapping[str, str] = {
    "german": "Auf Deutsch kann ein simuliertes Modell nur so viel sagen: Es geht um {s}. Ein "
    "verbundener Anbieter würde die ganze Antwort auf Deutsch schreiben.",
    "french": "En français, un modèle simulé ne peut dire que ceci : il s'agit de {s}. Un "
    "fournisseur connecté écrirait toute la réponse en français.",
    "spanish": "En español, un modelo simulado solo puede decir esto: se trata de {s}. Un "
    "proveedor conectado escribiría toda la respuesta en español.",
    "italian": "In italiano un modello simulato può dire solo questo: si tratta di {s}. Un "
    "fornitore collegato scriverebbe tutta la risposta in italiano.",
}


def words_for(chat: Chat, seed: int) -> str:
    """Return a model's answer to a chat, in Markdown."""
    persona = persona_of(chat.provider, chat.model)
    talk = talk_of(chat, persona, seed)
    length = _length(talk)
    showcase = showcase_for(talk.whole) if not talk.images else None
    if showcase is not None and length == "full" and not _LANGUAGE.search(talk.system):
        text = _opened(showcase.answer(persona.voice, large=persona.large), talk)
    else:
        text = _made(talk, length)
    return _shaped(text, talk)


def material_for(chat: Chat, seed: int) -> Material:
    """Return what a model would say to a chat as material, for structured answers."""
    talk = talk_of(chat, persona_of(chat.provider, chat.model), seed)
    said = said_to(talk)
    return said if isinstance(said, Material) else Material(title=talk.subject, lead=said)


def _made(talk: Talk, length: Length) -> str:
    said = said_to(talk)
    if isinstance(said, str):
        return said
    if not talk.words.isdisjoint(_FOREIGN):
        found = _LANGUAGE.search(talk.prompt) or _LANGUAGE.search(talk.system)
        if found is not None:
            return _FOREIGN[found["language"].lower()].format(s=f"*{said.title}*")
    text = render(said, talk.persona, length)
    return _opened(text, talk) if length == "full" else text


def _opened(text: str, talk: Talk) -> str:
    opening = talk.persona.openings[talk.prompt.endswith("?")]
    return f"{opening}\n\n{text}" if opening else text


def _length(talk: Talk) -> Length:
    if talk.words.isdisjoint(_FORM_WORDS):
        return "full"
    for text in (talk.prompt, talk.system):
        if _SENTENCE.search(text):
            return "sentence"
        if _BRIEF.search(text):
            return "short"
    return "full"


def _shaped(text: str, talk: Talk) -> str:
    """Apply what prompt and system prompt say about the form."""
    if talk.words.isdisjoint(_FORM_WORDS) and not talk.system:
        return text
    for asked in (talk.prompt, talk.system):
        if _ONE_WORD.search(asked):
            words = re.findall(r"[\w'-]+", text)
            return capitalised(max(words[:12], key=len)) if words else text
        limit = _WORD_LIMIT.search(asked)
        if limit is not None:
            text = _cut_to_words(text, int(limit[1]))
            break
    role = _ROLE.search(talk.system)
    if role is not None:
        text = f"*As your {role['role'].lower()}:* {text}"
    return text.upper() if _UPPER.search(talk.system) or _UPPER.search(talk.prompt) else text


def _cut_to_words(text: str, most: int) -> str:
    """Return at most so many words, cut after a sentence where one ends in the later half."""
    words = re.findall(r"\S+\s*", text)
    if len(words) <= most:
        return text
    cut = "".join(words[:most]).rstrip()
    end = max(cut.rfind(mark) for mark in ".!?")
    return cut[: end + 1] if end >= len(cut) // 2 else cut.rstrip(",;:") + "\u2026"
