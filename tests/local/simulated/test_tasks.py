"""tasks: what can be worked out is worked out, by everybody in the same way."""

import pytest

from gateway.chat import Chat, say
from gateway.local.simulated.voice import words_for

ANSWERS = [
    ("how many r's are in strawberry?", 'The letter "r" occurs 3 times'),
    ('How many times does the letter "z" appear in pizza?', "occurs 2 times"),
    ("Count to 5", "1, 2, 3, 4, 5"),
    ("count from 3 to 6", "3, 4, 5, 6"),
    ("What is the capital of France?", "The capital of France is Paris."),
    ("What's the capital of the United Kingdom", "London"),
    ('Translate "good morning" into German', "Guten Morgen"),
    ("Translate to French: thank you", "Merci"),
    ("How do you say good luck in Spanish?", "Buena suerte"),
    ("Translate hello to Klingon", "no Klingon"),
    ("Translate to German: the purple friend", "Freund"),
    ("Write a haiku about winter", "*Winter*"),
    ("Write a poem about rain", "of rain nothing certain yet"),
    ("Tell me a story about a dragon", "There was once a dragon"),
    ("Caching vs retries", "| **In a sentence** |"),
    ("What is the difference between tea and coffee?", "| | Tea | Coffee |"),
    ("Compare tea and coffee in a table", "| | Tea | Coffee |"),
    ("Write a Python function that computes a factorial", "def factorial(n)"),
    ("Write a function that parses tickets", "raise NotImplementedError"),
    ("Write an e-mail about the move to Leeds", "**Subject: The move to Leeds**"),
]
LISTS = [
    ("List 5 ideas for a team lunch", 5),
    ("Give me three tips for caching", 3),
    ("Suggest 30 names", 30),
]
TEXT = (
    "Summarise: The harbour was built in 1850. It was small. Today 4 million containers pass the "
    "harbour each year, and the harbour employs 12,000 people. Birds like it too."
)


def answer(prompt, model="gpt-4o", provider="openai", **settings):
    return words_for(Chat(provider=provider, model=model, messages=say(prompt), **settings), 0)


@pytest.mark.parametrize(("prompt", "expected"), ANSWERS)
@pytest.mark.parametrize("provider", ["openai", "anthropic", "workers-ai"])
def test_task_is_done(provider, prompt, expected):
    """Recognised tasks have a result, whoever is asked."""
    assert expected in answer(prompt, provider=provider, model="m")


@pytest.mark.parametrize(("prompt", "number"), LISTS)
def test_list_has_as_many_entries_as_asked_for(prompt, number):
    """ "List five" means five."""
    lines = answer(prompt).splitlines()

    assert [line.split(".")[0] for line in lines] == [str(n) for n in range(1, number + 1)]


def test_summary_keeps_the_sentences_with_the_facts():
    """A summary is shorter than its text and made of it."""
    said = answer(TEXT, model="gpt-4o-mini")

    assert "4 million containers" in said
    assert "Birds" not in said
    assert len(said) < len(TEXT)
