"""Tasks with a result that can be worked out: sums, lists, summaries, translations, code, verse."""

import re

from gateway.local.simulated import sums
from gateway.local.simulated.hints import WORDS
from gateway.local.simulated.knowledge import CAPITALS, PHRASEBOOK, entries_in
from gateway.local.simulated.snippets import skeleton, snippet_for
from gateway.local.simulated.style import Material, capitalised
from gateway.local.simulated.subject import STOPWORDS, key_terms, subject_of
from gateway.local.simulated.talk import Talk

Said = Material | str | None
"""What an intent makes of a turn; ``None`` where it isn't meant."""

MOST_ENTRIES = 50
LANGUAGES = ("german", "french", "spanish", "italian", "portuguese", "dutch")

_LETTERS = re.compile(
    r"how many (?:times (?:does the letter )?)?['\"]?([a-z])['\"]?(?:'?s)?"
    r"(?: (?:are|is) (?:there )?| appear | occur )?\s*in (?:the word )?['\"]?([\w-]+)",
    re.IGNORECASE,
)
_COUNT_TO = re.compile(r"\bcount (?:from (\d+) )?(?:up )?to (\d+)", re.IGNORECASE)
_CAPITAL = re.compile(r"\bcapital (?:city )?of (?:the )?([A-Za-z ]+?)\s*[?.!]*$", re.IGNORECASE)
_TRANSLATE = re.compile(
    r"\btranslate\b(?P<before>.*?)\b(?:in)?to\s+(?P<language>\w+)\s*[:,.]?\s*(?P<after>.*)",
    re.IGNORECASE | re.DOTALL,
)
_HOW_TO_SAY = re.compile(
    r"how (?:do|would) (?:you|i) say\s+(?P<before>.+?)\s+in\s+(?P<language>\w+)(?P<after>)",
    re.IGNORECASE,
)
_SUMMARISE = re.compile(
    r"^.{0,80}?\b(?:summari[sz]e|summary of|tl;?dr|shorten)\b[^:\n]{0,120}[:\n]\s*(?P<text>.{40,})",
    re.IGNORECASE | re.DOTALL,
)
_LIST = re.compile(
    r"\b(?:list|give|name|suggest|write|show|tell|provide|what are|find|share|propose)\b"
    r"[^.?!:]{0,20}?"
    rf"\b(?P<number>\d{{1,3}}|{'|'.join(WORDS[1:])})\s+(?P<things>[a-z][^.?!:]*)",
    re.IGNORECASE,
)
_COMPARE = re.compile(
    r"(?:\bcompare\b|differences? between)\s+(?P<one>.+?)\s+(?:and|with|to|vs\.?)\s+"
    r"(?P<other>[^.?!\n]+?)(?=\s+(?:in|as|using)\s+(?:a|an|one|two|\d)\b|[.?!\n]|$)"
    r"|(?P<a>[\w' -]{1,80}?)\s+(?:vs\.?|versus)\s+(?P<b>[\w' -]{1,80})",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"\b(?:write|show|create|implement|give|make|need|code)\b.{0,60}"
    r"\b(?:code|function|script|program|snippet|class|method|algorithm|regex)\b|\bin python\b",
    re.IGNORECASE | re.DOTALL,
)
_VERSE = re.compile(
    r"\b(?:write|compose|make|give|tell)\b.{0,30}?\b(?P<form>poem|haiku|limerick|verse|rhyme)\b"
    r"(?:\s+(?:about|on|for|of)\s+(?P<about>[^.?!\n]+))?|^(?P<bare>haiku|poem)\b[ :]*(?P<topic>.*)",
    re.IGNORECASE,
)
_STORY = re.compile(
    r"\b(?:write|tell|invent|make up)\b.{0,30}?\b(?:story|tale)\b"
    r"(?:\s+(?:about|of|on)\s+(?P<about>[^.?!\n]+))?",
    re.IGNORECASE,
)
_JOKE = re.compile(r"\b(?:joke|funny|make me laugh|pun)\b", re.IGNORECASE)
_EMAIL = re.compile(
    r"\b(?:write|draft|compose)\b.{0,40}\b(?:e-?mail|letter|message|note|reply)\b", re.IGNORECASE
)

JOKES = (
    'A load balancer walks into a bar. All the other bars say: "You\'re welcome."',
    "Why do programmers prefer dark mode? Because light attracts bugs.",
    "There are two hard things in computing: cache invalidation, naming things, and counting.",
    "I would tell you a joke about UDP, but I'd never know whether you got it.",
    "The retry policy proposed three times. On the third attempt, she said 200.",
    "A user asked the cache for the meaning of life. It answered at once: what it said yesterday.",
)
ASPECTS = (
    ("Clarity", "Say in one sentence what {s} should achieve, before anything else."),
    ("Cost", "Know what {s} costs today, so that a saving can be seen."),
    ("Small steps", "Try {s} on a small scale first and learn from it."),
    ("Measure", "Choose one figure that shows whether {s} works."),
    ("People", "Ask those who deal with {s} every day what gets in their way."),
    ("Time", "Set aside a fixed hour for {s}, and keep it."),
    ("Simplicity", "Leave out whatever {s} can do without."),
    ("Habit", "Make {s} part of something that happens anyway."),
    ("Feedback", "Look at the result early and change one thing at a time."),
    ("Limits", "Decide in advance when to stop."),
    ("Safety", "Ask what could go wrong with {s}, and how you would notice."),
    ("Examples", "Find two who have done it well, and one who hasn't."),
    ("Notes", "Write down what was decided about {s}, and why."),
    ("Order", "Do first what everything else depends on."),
    ("Reserve", "Keep some time and money for surprises."),
    ("Variety", "Compare at least two ways before choosing one."),
    ("Ownership", "Name one person who looks after {s}."),
    ("Pace", "Prefer a pace that can be kept up to one that impresses."),
    ("Review", "Come back to {s} after a month with fresh eyes."),
    ("Joy", "Keep the part of it that is fun; it carries the rest."),
)


def arithmetic(talk: Talk) -> Said:
    """Work out a sum."""
    found = sums.result_of(talk.prompt)
    if found is None:
        return None
    shown, result = found
    if talk.persona.voice in ("openai", "google-ai-studio"):
        return f"{shown} = **{result}**"
    return f"{shown} = {result}" if talk.persona.voice == "grok" else f"{shown} is {result}."


def letters(talk: Talk) -> Said:
    """Count a letter in a word."""
    found = _LETTERS.search(talk.prompt)
    if found is None:
        return None
    letter, word = found[1].lower(), found[2]
    count = word.lower().count(letter)
    places = [str(n) for n, other in enumerate(word.lower(), 1) if other == letter]
    where = f", at position {', '.join(places)}" if places else ""
    times = "time" if count == 1 else "times"
    return f'The letter "{letter}" occurs {count} {times} in "{word}"{where}.'


def counting(talk: Talk) -> Said:
    """Count to a number."""
    found = _COUNT_TO.search(talk.prompt)
    if found is None or len(found[2]) > 4:
        return None
    numbers = range(int((found[1] or "1")[:4]), int(found[2]) + 1)[:1000]
    return ", ".join(map(str, numbers)) or None


def capital(talk: Talk) -> Said:
    """Name a capital."""
    found = _CAPITAL.search(talk.prompt)
    city = CAPITALS.get(found[1].strip().casefold()) if found else None
    return (
        None if city is None or found is None else f"The capital of {found[1].strip()} is {city}."
    )


def translation(talk: Talk) -> Said:
    """Translate what the phrasebook has, and say so where it hasn't."""
    found = _TRANSLATE.search(talk.prompt) or _HOW_TO_SAY.search(talk.prompt)
    if found is None:
        return None
    language = found["language"].lower()
    text = next((t for t in (found["after"], found["before"]) if t.strip(" :\"'.,")), "")
    text = re.sub(r"^\s*(?:this|the following|the (?:word|phrase|sentence))\b", "", text)
    phrase = " ".join(text.strip(" :\"'.,!?\n").lower().split())
    known = PHRASEBOOK.get(phrase, {}).get(language)
    if known is not None:
        return f"**{capitalised(known)}**" if talk.persona.large else capitalised(known)
    shown = capitalised(language)
    if language not in LANGUAGES:
        return f"My phrasebook has no {shown}. It knows {', '.join(map(str.title, LANGUAGES))}."
    words = [PHRASEBOOK.get(word, {}).get(language, word) for word in phrase.split()]
    return (
        f"Word by word, from the pocket phrasebook of a simulated model: *{' '.join(words)}*. "
        f"A connected provider would write proper {shown}."
    )


def summary(talk: Talk) -> Said:
    """Summarise a text by its most telling sentences, in its own words."""
    found = _SUMMARISE.search(talk.prompt)
    if found is None:
        return None
    sentences = re.findall(r"[^.!?]+[.!?]+|[^.!?]+$", " ".join(found["text"].split()))
    weights: dict[str, int] = {}
    for term in re.findall(r"[a-z]{4,}", found["text"].lower()):
        if term not in STOPWORDS:
            weights[term] = weights.get(term, 0) + 1

    def weight(sentence: str) -> float:
        terms = re.findall(r"[a-z]{4,}", sentence.lower())
        figures = len(re.findall(r"\d+", sentence))
        return (sum(weights.get(term, 0) for term in terms) + 2 * figures) / (len(terms) + 4)

    wanted = 3 if talk.persona.large else 2
    best = sorted(range(len(sentences)), key=lambda n: -weight(sentences[n]))[:wanted]
    kept = [sentences[n].strip() for n in sorted(best)]
    if talk.persona.voice == "google-ai-studio":
        return "**Summary**\n\n" + "\n".join(f"* {sentence}" for sentence in kept)
    return f"{'In short: ' if talk.persona.voice == 'grok' else ''}{' '.join(kept)}"


def listing(talk: Talk) -> Said:
    """Give as many entries as were asked for."""
    found = _LIST.search(talk.prompt)
    if found is None:
        return None
    word = found["number"].lower()
    number = WORDS.index(word) if word in WORDS else int(word)
    if not 0 < number <= MOST_ENTRIES or re.match(
        r"(?:words?|sentences?|lines?)\b", found["things"]
    ):
        return None
    about = re.search(r"\b(?:for|about|to|of|why|on|in)\s+(.+)", found["things"])
    subject = (about[1] if about else found["things"]).strip(" ,")
    subject = (
        talk.before if subject.split(" ")[0] in ("more", "others") and talk.before else subject
    )
    known = [point for entry in entries_in(subject) for point in entry.points]
    aspects = [(name, text.format(s=subject)) for name, text in ASPECTS]
    start = talk.number % len(aspects)
    turned = [*known, *aspects[start:], *aspects[:start]]
    turned += [(f"{name} again", text) for name, text in turned]
    lines = [f"{n}. **{name}**: {text}" for n, (name, text) in enumerate(turned[:number], 1)]
    return "\n".join(lines)


def comparison(talk: Talk) -> Said:
    """Compare two things in a table."""
    found = _COMPARE.search(talk.prompt)
    if found is None:
        return None
    one, other = (
        subject_of(side) for side in (found["one"] or found["a"], found["other"] or found["b"])
    )
    left, right = entries_in(one), entries_in(other)
    rows = [("In a sentence", left[0].lead, right[0].lead)] if left and right else []
    if left and right and left[0] is not right[0]:
        rows += [
            (f"Point {n}", f"{a[0]}: {a[1]}", f"{b[0]}: {b[1]}")
            for n, (a, b) in enumerate(zip(left[0].points, right[0].points, strict=True), 1)
        ]
    else:
        rows = [
            (
                "Strength",
                f"where {one} is already known and trusted",
                f"where {other} is new ground",
            ),
            ("Price", f"what {one} takes to keep running", f"what {other} takes to get started"),
            ("Risk", f"staying with {one} too long", f"moving to {other} too soon"),
        ]
    if not talk.persona.large:
        rows = rows[:3]
    head = f"| | {capitalised(one)} | {capitalised(other)} |\n|---|---|---|\n"
    return head + "\n".join(f"| **{name}** | {a} | {b} |" for name, a, b in rows)


def code(talk: Talk) -> Said:
    """Write code that it knows, or the outline of code that it doesn't."""
    if not _CODE.search(talk.prompt):
        return None
    known = snippet_for(talk.prompt)
    if known is not None:
        text, explained = known
        return f"```python\n{text}```\n\n{explained}"
    words = [term for term in key_terms(talk.prompt) if term not in _NOT_IN_NAMES]
    return (
        f"```python\n{skeleton(words, subject_of(talk.prompt))}```\n\n"
        "This is the outline: name, documentation, and a place for the work. A simulated model "
        "knows only a few programs by heart; a connected provider would write this one."
    )


_NOT_IN_NAMES = frozenset(
    key_terms(
        "code function script program snippet class method algorithm regex python small simple "
        "quick called returns return takes"
    )
)


def verse(talk: Talk) -> Said:
    """Write a few lines of verse."""
    found = _VERSE.search(talk.prompt)
    if found is None:
        return None
    subject = (found["about"] or found["topic"] or talk.before or "the hour").strip(" .!?")
    if (found["form"] or found["bare"] or "").lower() == "haiku":
        lines = talk.pick(
            (
                "a question at dawn\nsomewhere a small light comes on\nwords arrive like rain",
                "one key, the same door\nthe answer has not gone far\nit steps out at once",
                "the long wait is done\nthe first word falls, then the next\nsnow on a warm roof",
            )
        )
        return f"*{capitalised(subject)}*\n\n" + lines.replace("\n", "  \n")
    return (
        f"*On {subject}*\n\n"
        "You asked for lines, and lines you get,  \n"
        "in four short steps, in even feet;  \n"
        f"of {subject} nothing certain yet,  \n"
        "but every second one is sweet."
    )


def story(talk: Talk) -> Said:
    """Tell a story in a few sentences."""
    found = _STORY.search(talk.prompt)
    if found is None:
        return None
    hero = (found["about"] or talk.before or "a cartographer").strip(" .!?")
    place = talk.pick(("at the edge of the map", "above the harbour", "behind the last station"))
    gift = talk.pick(("a key without a lock", "a letter with no address", "a clock that ran late"))
    turn = talk.pick(("waited a day too long", "asked the wrong person", "took the longer way"))
    return (
        f"There was once {hero}, {place}, where nothing had happened for years. One morning "
        f"{gift} lay before the door.\n\n"
        f"Everybody had advice. Because nobody could agree on it, they {turn}, and so met the one "
        "who had been looking for it all along.\n\n"
        "It was a small thing, as it turned out. But it is why, to this day, the door there is "
        "left open."
    )


def joke(talk: Talk) -> Said:
    """Tell a joke."""
    return talk.pick(JOKES) if _JOKE.search(talk.prompt) else None


def email(talk: Talk) -> Said:
    """Draft an e-mail."""
    if not _EMAIL.search(talk.prompt):
        return None
    about = re.search(r"\b(?:about|that|regarding|saying|to say)\b\s+([^.?!\n]+)", talk.prompt)
    subject = about[1].strip() if about else subject_of(talk.prompt)
    tell = "let you know that" if about and about[0].lower().startswith("that") else "write about"
    return (
        f"**Subject: {capitalised(subject)}**\n\nDear Ms Rivera,\n\n"
        f"I would like to {tell} {subject}.\n\n"
        "If this raises any questions, please reply; I will answer on the same day.\n\n"
        "Kind regards,  \nSam Okafor"
    )
