"""snippets: the programs that are known by heart do what they say."""

import pytest

from gateway.local.simulated.snippets import SNIPPETS, skeleton, snippet_for

CALLS = [
    ("fibonacci numbers", "fibonacci(7)", [0, 1, 1, 2, 3, 5, 8]),
    ("factorial", "factorial(5)", 120),
    ("check a palindrome", "is_palindrome('A man, a plan, a canal: Panama')", True),
    ("fizzbuzz", "fizzbuzz(5)", ["1", "2", "Fizz", "4", "Buzz"]),
    ("is it a prime", "[n for n in range(12) if is_prime(n)]", [2, 3, 5, 7, 11]),
    ("reverse a string", "reverse('abc')", "cba"),
    ("sort words", "sort_by_length(['bb', 'a', 'ab'])", ["a", "ab", "bb"]),
    ("average", "average([1, 2, 6])", 3),
    ("count words", "word_counts('a b a')", [("a", 2), ("b", 1)]),
    ("add two numbers", "add(2, 3)", 5),
]


@pytest.mark.parametrize(("request_", "call", "expected"), CALLS)
def test_program_works(request_, call, expected):
    """Stakeholders copy what they see."""
    program, _ = snippet_for(request_)
    names = {}
    exec(program, names)

    assert eval(call, names) == expected


def test_every_program_is_tried():
    """A new program needs a call above; only the one that prints has none."""
    assert len(CALLS) == len(SNIPPETS) - 1


@pytest.mark.parametrize("words", [["parse", "iso-dates"], ["2", "x"], ["d\u00e9j\u00e0"], []])
def test_skeleton_is_a_program(words):
    """Whatever was asked for, the outline can be run."""
    program = skeleton(words, 'Do "it"\n\\ now')

    compile(program, "skeleton", "exec")


def test_unknown_request_has_no_program():
    """Then the outline is shown instead."""
    assert snippet_for("a compiler for COBOL") is None
