"""showcase: what stakeholders read first is complete, well-formed, distinct and adds up."""

import ast
import re
from itertools import combinations

import pytest

from gateway.showcase import PERSONAS, SHOWCASES, showcase_for

ANSWERS = [
    (showcase, persona, large)
    for showcase in SHOWCASES
    for persona in PERSONAS
    for large in (False, True)
]
each_answer = pytest.mark.parametrize(
    ("showcase", "persona", "large"),
    ANSWERS,
    ids=[
        f"{showcase.id}-{persona}-{'large' if large else 'small'}"
        for showcase, persona, large in ANSWERS
    ],
)
PRODUCTS = [
    found
    for showcase in SHOWCASES
    for text in (*showcase.answers.values(), *showcase.more.values())
    for found in re.findall(
        r"([\d,]+) (?:calls a month )?\u00d7 (?:USD )?([\d.]+) = (?:\*\*)?USD ([\d.,]*\d)", text
    )
]


def number(text):
    return float(text.replace(",", ""))


@each_answer
def test_answer_has_the_length_of_an_answer(showcase, persona, large):
    """Long enough to read, short enough for a column: up to 225 words."""
    words = len(showcase.answer(persona, large=large).split())

    assert 50 <= words <= 225


@each_answer
def test_markdown_survives_streamlit(showcase, persona, large):
    """A dollar sign would begin a formula there, a tag would be shown as it is."""
    text = showcase.answer(persona, large=large)

    assert "$" not in text
    assert not re.search(r"<[a-z/]", text)
    assert text.count("```") % 2 == 0


@each_answer
def test_code_is_python_that_compiles(showcase, persona, large):
    """What stakeholders copy must run."""
    blocks = re.findall(r"```python\n(.*?)```", showcase.answer(persona, large=large), re.DOTALL)

    assert all(ast.parse(block).body for block in blocks)
    assert bool(blocks) == (showcase.id == "python")


@pytest.mark.parametrize("showcase", SHOWCASES, ids=lambda showcase: showcase.id)
def test_personas_say_different_things(showcase):
    """Four columns with one question must be worth comparing."""

    def words(text):
        return set(re.findall(r"[a-z]{4,}", text.lower()))

    overlaps = [
        len(words(one) & words(other)) / len(words(one) | words(other))
        for one, other in combinations(showcase.answers.values(), 2)
    ]

    assert set(showcase.answers) == set(PERSONAS)
    assert max(overlaps) < 0.5


@pytest.mark.parametrize(("left", "right", "result"), PRODUCTS)
def test_worked_numbers_are_right(left, right, result):
    """A CFO checks the multiplication."""
    assert number(left) * number(right) == pytest.approx(number(result))


def test_prompt_is_found_however_it_is_typed():
    """Case, spaces and the last mark don't matter; another question isn't answered."""
    showcase = SHOWCASES[0]

    assert showcase_for(f"  {showcase.prompt.upper()}!") is showcase
    assert showcase_for(showcase.prompt.replace(" ", "\n ")) is showcase
    assert showcase_for(f"{showcase.prompt} In French?") is None


def test_ids_and_prompts_are_unique():
    """Each suggestion is one of its kind."""
    assert len({showcase.id for showcase in SHOWCASES}) == len(SHOWCASES)
    assert len({showcase.prompt for showcase in SHOWCASES}) == len(SHOWCASES)
    assert all(re.fullmatch(r":material/[a-z_]+:", showcase.icon) for showcase in SHOWCASES)
