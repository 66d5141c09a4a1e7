"""sums: a sum in words or signs has the right result, and nothing else is taken for one."""

import pytest

from gateway.local.simulated.sums import result_of

SUMS = [
    ("What is 17 * 23?", "17 \u00d7 23", "391"),
    ("what's 2+2", "2 + 2", "4"),
    ("Calculate (3 + 4) * 5", "(3 + 4) \u00d7 5", "35"),
    ("12 % of 250", "12 % of 250", "30"),
    ("How much is 15 percent of 80?", "15 % of 80", "12"),
    ("10 divided by 4 =", "10 / 4", "2.5"),
    ("2 to the power of 10", "2 ^ 10", "1,024"),
    ("What is the square root of 144?", "\u221a144", "12"),
    ("1,000 minus 1", "1000 - 1", "999"),
    ("7 x 6", "7 \u00d7 6", "42"),
    ("5 / 0", "5 / 0", "undefined: nothing can be divided by zero"),
    ("What is -3 + 5?", "-3 + 5", "2"),
]
OTHERS = [
    "What is caching?",
    "What is 42?",
    "Meet on 2026-12-24",
    "List 5 ideas",
    "9 ** 9 ** 9 ** 9",
    "import os",
    "(" * 150 + "1+1",
    "1 + 1 apples",
    "24/7 support",
    "1 + " * 200 + "1",
]


@pytest.mark.parametrize(("prompt", "shown", "result"), SUMS)
def test_sum_is_right(prompt, shown, result):
    """The first thing that people try on a simulated model."""
    found = result_of(prompt)

    assert found is not None
    assert found[0].replace(" ", "") == shown.replace(" ", "")
    assert found[1] == result


@pytest.mark.parametrize("prompt", OTHERS)
def test_other_prompts_are_left_alone(prompt):
    """A question with a number in it isn't a sum, and a huge power isn't tried."""
    assert result_of(prompt) is None
