"""hints: values are found in the prompt by the name they are wanted for."""

import pytest

from gateway.local.clock import chance
from gateway.local.simulated.hints import Hints, words_of

TEXTS = [
    ("What's the weather in Paris tomorrow?", "city", "Paris"),
    ("Weather for New York, please", "location", "New York"),
    ("I fly from Berlin to San Francisco on Monday", "origin", "Berlin"),
    ("I fly from Berlin to San Francisco on Monday", "destination", "San Francisco"),
    ("Write to Maria Lopez at maria@example.org", "email", "maria@example.org"),
    ("Write to Maria Lopez at maria@example.org", "recipient", "Maria Lopez"),
    ("Open https://example.com/a?b=1.", "url", "https://example.com/a?b=1"),
    ("Meet on 2026-12-24 at 18:30", "date", "2026-12-24"),
    ("Meet on 2026-12-24 at 18:30", "start_time", "18:30"),
    ('Search for "blue suede shoes"', "query", "blue suede shoes"),
    ("How old is the universe?", "question", "How old is the universe?"),
    ("Price it in USD", "currency", "USD"),
    ("Compute (3 + 4) * 5", "expression", "(3 + 4) * 5"),
    ("priority: high, please", "priority", "high"),
    ("Read notes.md", "filename", "notes.md"),
]
NUMBERS = [
    ("Book 3 rooms for 2 nights", "rooms", 3),
    ("Book 3 rooms for 2 nights", "nights", 2),
    ("quantity 12", "quantity", 12),
    ("Add 15 and 27", "a", 15),
    ("It costs 1,250.50 today", "amount", 1250.5),
    ("two tickets", "count", 2),
    ("no figure here", "age", 34),
]


@pytest.mark.parametrize(("prompt", "name", "expected"), TEXTS)
def test_text_is_found(prompt, name, expected):
    """A tool's arguments look as if a model had read the question."""
    assert Hints(prompt).text(name) == expected


@pytest.mark.parametrize(("prompt", "name", "expected"), NUMBERS)
def test_number_is_found(prompt, name, expected):
    """Numbers go to the member that they stand beside, else in their order."""
    assert next(Hints(prompt).numbers(name)) == expected


def test_numbers_are_used_in_turn():
    """ "Add 15 and 27" has two arguments, not one twice."""
    hints = Hints("Add 15 and 27")
    found = []
    for name in ("a", "b"):
        numbers = hints.numbers(name)
        found.append(next(numbers))
        next(numbers, None)

    assert found == [15, 27]


def test_allowed_word_of_the_prompt_wins():
    """An enum's value is taken from the prompt, also where it is spelled with a dash."""
    hints = Hints("Mark it as very high, please")

    assert hints.word(["low", "very_high"], chance(0)) == "very_high"
    assert Hints("").word([None, "only"], chance(0)) == "only"


@pytest.mark.parametrize(
    ("prompt", "flag"), [("with breakfast", True), ("no breakfast, please", False)]
)
def test_denied_flag_is_false(prompt, flag):
    """A truth value follows the prompt where it says something."""
    assert Hints(prompt).flag("breakfast") is flag


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("unitPrice", ["unit", "price"]),
        ("unit_price", ["unit", "price"]),
        ("HTTPStatus", ["http", "status"]),
        ("", []),
    ],
)
def test_names_are_split(name, words):
    """Names come in every style."""
    assert words_of(name) == words
