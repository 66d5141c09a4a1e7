"""knowledge: entries are found by their terms, and each is complete."""

import pytest

from gateway.local.simulated.knowledge import CAPITALS, GLOSSARY, PHRASEBOOK, entries_in


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("What is TTFT?", ["ttft"]),
        ("rate limiting or caching", ["rate limit", "caching"]),
        ("Caching, again caching", ["caching"]),
        ("the ai gateway of Cloudflare", ["ai gateway", "cloudflare ai gateway"]),
        ("scattering", []),
    ],
)
def test_entries_are_found_in_order(text, terms):
    """A term counts as a whole word, and each entry once."""
    assert [entry.terms[0] for entry in entries_in(text)] == terms


@pytest.mark.parametrize("entry", GLOSSARY, ids=lambda entry: entry.terms[0])
def test_entry_is_complete(entry):
    """Every persona can make an answer of it."""
    sentences = [entry.lead, *(text for _, text in entry.points), entry.close]

    assert len(entry.points) == 3
    assert all(sentence.endswith(".") and "$" not in sentence for sentence in sentences)


def test_terms_are_unique():
    """Two entries with one term would hide each other."""
    terms = [term for entry in GLOSSARY for term in entry.terms]

    assert len(terms) == len(set(terms))
    assert all(term == term.lower() for term in terms)


def test_phrasebook_has_every_language():
    """A phrase that lacks one would be translated by its English self."""
    languages = {frozenset(phrase) for phrase in PHRASEBOOK.values()}

    assert len(languages) == 1
    assert CAPITALS["france"] == "Paris"
