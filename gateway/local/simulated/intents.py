"""What a turn wants, from the most particular to the most general, and the answer to it."""

import re
from collections.abc import Callable

from gateway.local.simulated import tasks
from gateway.local.simulated.knowledge import Entry, Points, entries_in
from gateway.local.simulated.style import Material
from gateway.local.simulated.subject import key_terms
from gateway.local.simulated.talk import Talk

Said = tasks.Said

_HELLO = re.compile(
    r"(?:hi|hello|hey|hallo|bonjour|hola|ciao|good (?:morning|afternoon|evening)|greetings)"
    r"(?: there| everyone| world| again)?(?:[,!. ]+how are you(?: (?:today|doing))?)?"
    r"|how are you.*",
    re.IGNORECASE,
)
_THANKS = re.compile(
    r"(?:many )?(?:thanks|thank you|thx|cheers|merci|danke)\b.{0,40}", re.IGNORECASE
)
_BYE = re.compile(r"(?:good ?bye|bye|see you|ciao|tsch.ss)\b.{0,20}", re.IGNORECASE)
_WHO = re.compile(
    r"\b(?:who|what) are you\b|\bwhich (?:ai |language )?model\b|\bwhat(?:'s| is) your name\b"
    r"|\bwhat model\b|\bare you (?:real|simulated|an? (?:ai|bot|model|human))\b",
    re.IGNORECASE,
)
_ECHO = re.compile(
    r"^(?:please\s+)?(?:say|repeat(?: after me)?|echo|(?:reply|respond|answer)(?: \w+)? with)"
    r"(?:\s+(?:exactly|only|just|the words?|the phrase|the text))*\s*[:,]?\s*"
    r"(?!(?:something|anything|one|two|an?|in|why|how|what|your|json|nothing|it|that|this)\b)"
    r"[\"'\u201c]?(?P<words>.+?)[\"'\u201d]?(?:\s+and nothing else)?[.!]?$",
    re.IGNORECASE,
)
_TELLS = re.compile(
    r"\bmy (?P<what>[a-z][a-z ]{1,30}?) is (?P<value>[^.,;!?\n]{1,60})", re.IGNORECASE
)
_ASKS = re.compile(
    r"\bwhat(?:'s| is| was) my (?P<what>[a-z][a-z ]{1,30}?)\s*\??$|\bdo you (?:know|remember) my "
    r"(?P<also>[a-z][a-z ]{1,30}?)\s*\??$",
    re.IGNORECASE,
)
_ASKED_BEFORE = re.compile(
    r"\bwhat did i (?:just )?(?:ask|say)|\bmy (?:first|last|previous) (?:question|message)",
    re.IGNORECASE,
)
_SHORTER = re.compile(
    r"\b(?:shorter|more briefly|in short|tl;?dr|summari[sz]e (?:that|it|this))\b", re.I
)
_MORE = re.compile(
    r"^(?:and|but|so|why|how so|how come|really|go on|continue|tell me more|more|expand|elaborate"
    r"|explain|what about|how about|for example|an? example|give me an example|are you sure"
    r"|which one|what else|anything else)\b.{0,60}$",
    re.IGNORECASE | re.DOTALL,
)
_REFERS = re.compile(r"\b(?:it|that|this|they|them|those|these|one|there)\b", re.IGNORECASE)
_YES_NO = re.compile(
    r"^(?:is|are|was|were|do|does|did|can|could|should|shall|will|would|has|have|am|may|must)\b"
    r".*\?\s*$",
    re.IGNORECASE | re.DOTALL,
)
_HOW_TO = re.compile(r"\bhow (?:do|can|could|would|should|to)\b|\bplan\b|\bsteps?\b", re.IGNORECASE)
_WHY = re.compile(r"^\W*why\b|\breasons? (?:for|why)\b", re.IGNORECASE)
_CHOICE = re.compile(r"\b(?:should|which|better|best|choose|recommend|decide|or)\b", re.IGNORECASE)
_EXPLAIN = re.compile(
    r"\b(?:what|explain|describe|define|how does|tell me about|who)\b", re.IGNORECASE
)

NOTES = (
    "(A simulated model answers in outline; a connected provider would add the facts.)",
    "(From a simulated model: the structure is meant, the details would be a real one's.)",
    "(Simulated, so take it as a sketch of an answer.)",
)


def said_to(talk: Talk) -> Material | str:
    """Return the answer to a turn: the first intent that fits has the word."""
    for words, intent in INTENTS:
        if (not words or not words.isdisjoint(talk.words)) and (said := intent(talk)) is not None:
            return said
    return _general(talk)


def _picture(talk: Talk) -> Said:
    if not talk.images:
        return None
    count = len(talk.images)
    kinds = ", ".join(dict.fromkeys(kind.removeprefix("image/").upper() for kind in talk.images))
    what = f"{count} pictures ({kinds})" if count > 1 else f"one picture ({kinds})"
    return (
        f"Your message came with {what}, and it arrived in full. A simulated model doesn't look at "
        f"pixels, so what it shows stays between you and a real one."
    )


def _nothing(talk: Talk) -> Said:
    return None if talk.prompt else "There was no question in this message. What shall it be?"


def _echo(talk: Talk) -> Said:
    found = _ECHO.match(talk.prompt)
    return found["words"].strip() if found and len(talk.prompt) < 300 else None


def _memory(talk: Talk) -> Said:
    asked = _ASKS.search(talk.prompt)
    if asked is not None:
        what = (asked["what"] or asked["also"]).strip().lower()
        for text in reversed((*talk.earlier, talk.system)):
            for told in _TELLS.finditer(text):
                if told["what"].strip().lower() == what:
                    return f"Your {what} is {told['value'].strip()}; you told me earlier."
        return f"You haven't told me your {what} in this conversation."
    if _ASKED_BEFORE.search(talk.prompt):
        if not talk.earlier:
            return "This is the first message of our conversation."
        last = talk.earlier[0 if "first" in talk.prompt.lower() else -1]
        return f'You wrote: "{last}"'
    new = _TELLS.search(talk.prompt)
    if new is not None and "?" not in talk.prompt:
        return f"Noted: your {new['what'].strip().lower()} is {new['value'].strip()}."
    return None


def _hello(talk: Talk) -> Said:
    text = talk.prompt.strip(" .!?")
    if not _HELLO.fullmatch(text):
        return None
    return {
        "openai": "Hello! What can I do for you?",
        "anthropic": "Hello, it's good to hear from you. What would you like to think about?",
        "google-ai-studio": "Hello! I can explain, compare, summarise or draft. What do you need?",
        "workers-ai": "Hi! How can I help you today?",
        "mistral": "Good day. What may I do for you?",
        "grok": "Hello. Ask me something that's harder than that.",
    }[talk.persona.voice]


def _thanks(talk: Talk) -> Said:
    if _BYE.fullmatch(talk.prompt):
        return talk.pick(("Goodbye!", "See you soon.", "Until next time."))
    if _THANKS.fullmatch(talk.prompt):
        about = f" Come back if {talk.before} raises more questions." if talk.before else ""
        return talk.pick(("You're welcome.", "My pleasure.", "Gladly.")) + about
    return None


def _identity(talk: Talk) -> Said:
    if not _WHO.search(talk.prompt):
        return None
    return (
        f"I am playing **{talk.model}** of the provider `{talk.provider}`: a simulated model "
        "inside the local gateway. The wire format, the timing and the errors are made to resemble "
        "the real one; the words are my own. With a provider key the real model answers instead."
    )


def _shorter(talk: Talk) -> Said:
    if not talk.answers or not _SHORTER.search(talk.prompt):
        return None
    plain = re.sub(r"[*#>`|]", "", talk.answers[-1])
    sentences = re.findall(r"[^.!?\n]{15,}[.!?]", plain)
    return sentences[0].strip() if sentences else talk.answers[-1][:120].strip()


def _follow_up(talk: Talk) -> Said:
    """Answer what only makes sense with the turn before."""
    words = talk.prompt.split()
    refers = len(words) <= 8 and _REFERS.search(talk.prompt) is not None
    if not talk.earlier or not (_MORE.match(talk.prompt) or refers) or len(words) > 14:
        return None
    own_words = key_terms(talk.prompt)
    entry = next(iter(entries_in(talk.prompt) or entries_in(talk.earlier[-1])), None)
    before = talk.before
    if re.search(r"\bsure\b", talk.prompt, re.IGNORECASE):
        lead = f"About {before}: as sure as a simulated model can be, so check what you rely on."
    elif re.search(r"\bexample\b", talk.prompt, re.IGNORECASE):
        lead = (
            f"An example for {before}: take one ordinary case from last week and walk through it."
        )
    elif own_words and entry is None:
        lead = f"Coming from {before}, {talk.subject} is the natural next question."
    else:
        lead = f"To go on with {before}, which you asked about before:"
        lead += f" {entry.lead[:1].lower()}{entry.lead[1:]}" if entry else " the details decide."
    points = entry.points if entry else _DEFAULT
    close = entry.close if entry else "Tell me which part matters to you, and I will stay with it."
    return Material(title=before, lead=lead, points=points, close=close)


def _glossary(talk: Talk) -> Said:
    found = entries_in(talk.subject) or (
        entries_in(talk.prompt) if len(talk.prompt) < 200 and _EXPLAIN.search(talk.prompt) else []
    )
    if not found or (_YES_NO.match(talk.prompt) and len(talk.prompt.split()) > 8):
        return None
    return _explained(found[0])


def _explained(entry: Entry) -> Material:
    return Material(title=entry.terms[0], lead=entry.lead, points=entry.points, close=entry.close)


_STEPS: Points = (
    ("Goal", "Write down in one sentence how you would notice that it has worked."),
    ("First step", "Do the smallest part that already shows something, today if possible."),
    ("Check", "Compare with the goal before the next step, and change one thing at a time."),
    ("Limits", "Decide beforehand how much time and money it may cost."),
)
_CAUSES: Points = (
    ("Cause", "What brings it about directly, and can be observed."),
    ("Interest", "Who gains from things being as they are."),
    ("History", "What made sense once and was never changed."),
)
_CRITERIA: Points = (
    ("What you want", "Name the one thing that has to be true of the result."),
    ("What you have", "Time, money and the people involved set the frame."),
    ("What can be undone", "If it is easily changed, decide quickly; if not, sleep on it."),
)
_VIEWS: Points = (
    ("Purpose", "What it is for, and who has to do with it."),
    ("Parts", "What belongs to it, and which part matters most."),
    ("Limits", "What it isn't, although it looks like it."),
)
_DEFAULT: Points = (
    ("What is known", "The facts that nobody disputes."),
    ("What is open", "The one question whose answer would change the rest."),
    ("What is next", "The smallest step that would answer it."),
)


def _general(talk: Talk) -> Material:
    """Answer anything: by the kind of question, in its own words."""
    asked = " ".join(re.split(r"(?<=[.!?])\s", talk.prompt, maxsplit=1)[0].split())
    quoted = f'"{asked if len(asked) <= 90 else talk.subject}"'
    if _WHY.search(talk.prompt):
        points, lead = _CAUSES, f"{quoted} has rarely just one answer; three kinds are common."
    elif _HOW_TO.search(talk.prompt):
        points, lead = _STEPS, f"For {quoted} I would work backwards from the result."
    elif _YES_NO.match(talk.prompt):
        start = talk.pick(("It depends on the details", "No short yes or no here", "Hard to say"))
        points, lead = _CRITERIA, f"{start}. For {quoted} three things decide."
    elif _CHOICE.search(talk.prompt):
        points, lead = _CRITERIA, f"The answer to {quoted} follows from what matters most to you."
    elif _EXPLAIN.search(talk.prompt):
        points, lead = _VIEWS, f"{quoted} is best answered in three parts."
    else:
        points, lead = _DEFAULT, f"You wrote {quoted}. Three things are worth separating."
    return Material(title=talk.subject, lead=lead, points=points, note=talk.pick(NOTES))


Intent = Callable[[Talk], Said]


def _on(words: str, intent: Intent) -> tuple[frozenset[str], Intent]:
    return frozenset(words.split()), intent


INTENTS: tuple[tuple[frozenset[str], Intent], ...] = (
    _on("", _nothing),
    _on("hi hello hey hallo bonjour hola ciao good greetings how", _hello),
    _on("say repeat echo reply respond answer", _echo),
    _on("my i", _memory),
    _on("", tasks.arithmetic),
    _on("thanks thank thx merci danke bye goodbye see ciao tsch good", _thanks),
    _on("you your model", _identity),
    _on("", _picture),
    _on("many", tasks.letters),
    _on("count", tasks.counting),
    _on("capital", tasks.capital),
    _on("translate say", tasks.translation),
    _on("summarise summarize summary tl tldr shorten", tasks.summary),
    _on("shorter briefly short tl tldr summarise summarize", _shorter),
    _on("poem haiku limerick verse rhyme", tasks.verse),
    _on("story tale", tasks.story),
    _on("joke funny laugh pun", tasks.joke),
    _on("mail email letter message note reply", tasks.email),
    _on("code function script program snippet class method algorithm regex python", tasks.code),
    _on("list give name suggest write show tell provide what find share propose", tasks.listing),
    _on("compare difference differences vs versus", tasks.comparison),
    _on("", _follow_up),
    _on("", _glossary),
)
"""Words of which a turn must have one (none means any), and the intent; asked in this order.

A turn that none of them takes gets a general answer.
"""
