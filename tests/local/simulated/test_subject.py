"""subject: what a prompt is about is what is left when the way of asking is taken away."""

import pytest

from gateway.local.simulated.subject import key_terms, subject_of

SUBJECTS = [
    ("What is an embedding?", "embedding"),
    ("Please explain exponential backoff in simple terms.", "exponential backoff"),
    ("Could you tell me about the history of tea?", "history of tea"),
    ("How do I plan a garden?", "plan a garden"),
    ("Write a poem", "poem"),
    ("Hey, what's up", "up"),
    ("", "this"),
    ("What?", "What"),
    ("Tea: all of it", "Tea"),
]


@pytest.mark.parametrize(("prompt", "subject"), SUBJECTS)
def test_subject_is_found(prompt, subject):
    """An answer that echoes the subject looks as if somebody had listened."""
    assert subject_of(prompt) == subject


def test_key_terms_carry_meaning():
    """Small words don't, and each term counts once."""
    assert key_terms("What is the price of tea and the price of milk?") == ["price", "tea", "milk"]
