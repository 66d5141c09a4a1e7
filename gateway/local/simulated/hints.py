"""What a prompt offers for named values: numbers, names, places, addresses, dates, quotations."""

import re
from collections.abc import Iterator
from functools import cached_property
from random import Random
from typing import Any

Json = Any

_NUMBER = re.compile(r"(?<![\w.-])-?\d[\d,]*(?:\.\d+)?(?![\w-])")
_FIGURE = r"-?\d{1,15}(?:\.\d{1,9})?"
_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
_CLOCK = re.compile(r"\b(?:[01]?\d|2[0-3]):[0-5]\d\b")
_EMAIL = re.compile(r"\b[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64})+\b")
_URL = re.compile(r"https?://[^\s\"'<>)]+")
_QUOTED = re.compile(r"\"([^\"]{1,300})\"|'([^']{2,300})'(?!\w)|“([^”]{1,300})”")
_PROPER = r"[A-ZÀ-ÖØ-Þ][\w'-]+(?: (?:de |of |la )?[A-ZÀ-ÖØ-Þ][\w'-]+)*"
_PLACE = re.compile(rf"\b(?:in|to|for|from|at|near|of)\s+({_PROPER})")
_PERSON = re.compile(
    rf"\b(?:named|called|name is|to|for|with|by|from|Mr|Ms|Mrs|Dr|am|I'm)\.?\s+({_PROPER})"
)
_CAPITALISED = re.compile(rf"(?<![.!?:]\s)(?<!^)\b({_PROPER})")
_EXPRESSION = re.compile(r"[\d(][\d\s.+*/()^-]*[\d)]")
_FILE = re.compile(r"\b[\w-]+\.(?:py|txt|md|csv|json|pdf|png|html|sql|log)\b")
_COUNT = re.compile(
    r"\b(\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten)\s+(?!%|per)[a-z]+", re.IGNORECASE
)
WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")

USUAL = {
    "age": 34, "year": 2026, "month": 11, "day": 23, "hour": 9, "minute": 30, "quantity": 2,
    "count": 3, "limit": 10, "page": 1, "price": 19.5, "amount": 120, "total": 240, "cost": 42,
    "confidence": 0.87, "probability": 0.72, "score": 0.8, "rating": 4, "temperature": 21,
    "latitude": 38.72, "longitude": -9.14, "lat": 38.72, "lon": -9.14, "priority": 2,
    "percent": 25, "percentage": 25, "duration": 30, "days": 3, "top": 5,
}  # fmt: skip
"""Numbers that look right under their names, where the prompt has none."""


def words_of(name: str) -> list[str]:
    """Split a property's name: ``unitPrice`` and ``unit_price`` are "unit", "price"."""
    return [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+", name)]


class Hints:
    """One prompt, searched for values.

    Args:
        subject: What the prompt is about, in a few words.
        sentences: What could be said about it, in whole sentences.
    """

    def __init__(self, prompt: str, *, subject: str = "", sentences: tuple[str, ...] = ()) -> None:
        self._prompt = prompt
        self._subject = subject or "the question"
        self._sentences = sentences or (f"This is about {self._subject}.",)
        self._phrases = 0
        self._used: set[float] = set()

    @cached_property
    def _numbers(self) -> list[float]:
        text = _URL.sub(" ", _CLOCK.sub(" ", _DATE.sub(" ", self._prompt)))
        found = [float(number.replace(",", "")) for number in _NUMBER.findall(text)]
        words = re.findall(rf"\b(?:{'|'.join(WORDS)})\b", text.lower())
        return found or [float(WORDS.index(word)) for word in words]

    @cached_property
    def count(self) -> int | None:
        """How many things the prompt asks for, up to a hundred."""
        found = _COUNT.search(self._prompt)
        if found is None:
            return None
        word = found[1].lower()
        number = WORDS.index(word) if word in WORDS else int(word)
        return number if 0 < number <= 100 else None

    def numbers(self, name: str) -> Iterator[float]:
        """Yield numbers for a name: said beside it, then unused ones, then a usual one."""
        words = words_of(name)
        for word in reversed(words):
            name_of = re.escape(word)
            beside = re.search(
                rf"\b{name_of}s?\b\s*(?:is|are|=|:|of|to|at)?\s*({_FIGURE})"
                rf"|(?<!\d)({_FIGURE})\s+{name_of}",
                self._prompt,
                re.IGNORECASE,
            )
            if beside:
                self._used.add(found := float(beside[1] or beside[2]))
                yield found
        for number in self._numbers:
            if number not in self._used:
                yield number
                self._used.add(number)
        yield from (USUAL[word] for word in words if word in USUAL)

    def flag(self, name: str) -> bool:
        """Return a truth value; ``false`` where the prompt denies it."""
        word = re.escape(" ".join(words_of(name)[-1:]))
        denied = rf"\b(?:no|not|never|without|don't)\s+(?:\w+\s+)?{word}"
        return not (word and re.search(denied, self._prompt, re.IGNORECASE))

    def word(self, allowed: list[Json], random: Random) -> Json:
        """Return the allowed value that the prompt names, else any but null."""
        for value in allowed:
            if isinstance(value, str) and value:
                spelled = re.escape(value).replace("_", "[_ -]")
                if re.search(rf"\b{spelled}\b", self._prompt, re.IGNORECASE):
                    return value
        return random.choice([value for value in allowed if value is not None] or allowed)

    def formatted(self, form: str) -> str | None:
        """Return what the prompt has of a format; ``None`` where it has nothing."""
        pattern = {"date": _DATE, "email": _EMAIL, "uri": _URL, "url": _URL}.get(form)
        found = pattern.search(self._prompt) if pattern is not None else None
        return found[0].rstrip(".,;") if found else None

    @property
    def filler(self) -> str:
        """A sentence, where a text has to be longer."""
        return self._sentences[-1]

    def text(self, name: str, description: str = "") -> str:
        """Return words for a property, by its name and what it says of itself."""
        words = words_of(name)
        for word in reversed(words):
            if (found := self._named(word)) is not None:
                return found
        for word in words_of(description)[:8]:
            if word in _KINDS and (found := self._named(word)) is not None:
                return found
        if (quoted := self._quoted()) is not None:
            return quoted
        return self._phrase()

    def _named(self, word: str) -> str | None:
        stated = re.search(
            rf"\b{re.escape(word)}\b\s*(?:is|=|:)\s*[\"']?([\w@.+#-]+(?: [A-Z]\w+)*)",
            self._prompt,
            re.IGNORECASE,
        )
        if stated:
            return stated[1].rstrip(".,")
        kind = _KINDS.get(word) or _KINDS.get(word.removesuffix("s"))
        return None if kind is None else kind(self)

    def _found(self, pattern: re.Pattern[str], usual: str) -> str:
        found = pattern.search(self._prompt)
        return found[found.re.groups and 1].rstrip(".,;") if found else usual

    def _quoted(self) -> str | None:
        found = _QUOTED.search(self._prompt)
        return next(group for group in found.groups() if group) if found else None

    def place(self) -> str:
        """Return the place that the prompt names."""
        return self._found(_PLACE, "") or self._found(_CAPITALISED, "Lisbon")

    def origin(self) -> str:
        """Return where the prompt says that something begins."""
        return self._found(re.compile(rf"\bfrom\s+({_PROPER})"), "Lisbon")

    def destination(self) -> str:
        """Return where the prompt says that something leads."""
        return self._found(re.compile(rf"\bto\s+({_PROPER})"), "") or self.place()

    def person(self) -> str:
        """Return the name of a person or thing."""
        return self._found(_PERSON, "") or self._found(_CAPITALISED, "Ana Silva")

    def question(self) -> str:
        """Return what was asked, in its own words."""
        return self._quoted() or self._prompt.strip() or self._subject

    def title(self) -> str:
        """Return the subject as a title."""
        return self._subject[:1].upper() + self._subject[1:]

    def sentence(self) -> str:
        """Return the next sentence about the subject."""
        self._phrases += 1
        return self._sentences[(self._phrases - 1) % len(self._sentences)]

    def _phrase(self) -> str:
        self._phrases += 1
        number = self._phrases
        return self._subject if number == 1 else f"{self._subject}, point {number}"

    def _pattern(self, pattern: re.Pattern[str], usual: str) -> str:
        return self._found(pattern, usual)


def _kinds() -> dict[str, Any]:
    """Return what makes a text, by the words that names hold."""

    def pattern(compiled: str | re.Pattern[str], usual: str) -> Any:
        ready = re.compile(compiled)
        return lambda hints: hints._pattern(ready, usual)

    table = {
        "city location place town address destination_city region": Hints.place,
        "origin source departure from": Hints.origin,
        "destination arrival to target": Hints.destination,
        "country": Hints.place,
        "name person customer author recipient user owner contact speaker": Hints.person,
        "query question prompt input message q search request keyword": Hints.question,
        "title subject headline topic heading label": Hints.title,
        "answer summary description explanation reason reasoning content body text comment note "
        "sentence response output result point step tip argument fact thought conclusion": (
            Hints.sentence
        ),
        "email mail": pattern(_EMAIL, "ana@example.com"),
        "url uri link website homepage": pattern(_URL, "https://example.com/"),
        "date day when deadline": pattern(_DATE, "2026-11-23"),
        "time hour": pattern(_CLOCK, "09:30"),
        "timezone tz": pattern(r"\b[A-Z][a-z]+/[A-Z][a-z]+\b", "Europe/Lisbon"),
        "phone": pattern(r"\+?\d[\d ()-]{6,}\d", "+351 210 000 000"),
        "currency": pattern(r"\b(?:EUR|USD|GBP|CHF|JPY)\b", "EUR"),
        "unit": pattern(r"(?i)\b(?:celsius|fahrenheit|km|miles|kg|metric|imperial)\b", "celsius"),
        "language locale lang": pattern(
            r"\b(?:English|German|French|Spanish|Italian|Portuguese|Dutch)\b", "English"
        ),
        "expression formula equation calculation": pattern(_EXPRESSION, "2 + 2"),
        "file filename path": pattern(_FILE, "notes.txt"),
        "ticker symbol": pattern(r"\b[A-Z]{2,5}\b", "NET"),
        "code snippet": lambda _: 'print("Hello")',
        "id identifier key": pattern(r"\b(?=\w*\d)[A-Za-z][\w-]{2,}\b", "item-1"),
        "color colour": pattern(
            r"(?i)\b(?:red|green|blue|yellow|black|white|orange|purple)\b", "blue"
        ),
    }
    return {word: make for words, make in table.items() for word in words.split()}


_KINDS = _kinds()
