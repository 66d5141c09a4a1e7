"""profiles: what each kind of data looks like, and what only looks like it."""

import time

import pytest

from gateway.local.profiles import PROFILES, described, profile_of

ENTRIES = [entry for profile in PROFILES for entry in profile.entries]
NAMED = {entry.name: entry for entry in ENTRIES}
CARD, IBAN, SSN = "Credit card number", "IBAN", "US social security number"
FOUND = [
    (CARD, "pay with 4111111111111111 2024 please"),
    (CARD, "card:5500-0055-5555-5559."),
    (CARD, "American Express 3782 822463 10005"),
    (IBAN, "BE68 5390 0754 7034 that is mine"),
    (IBAN, "to GB82WEST12345698765432"),
    (SSN, "(078-05-1120)"),
    ("E-mail address", "Write to JANE+x@mail.example.co.uk!"),
    ("Telephone number", "call (202) 555-0143"),
    ("API key of a model provider", "key=sk-ant-api03-aaaaaaaaaaaaaaaaaaaaaaaa"),
    ("Private key", "-----BEGIN RSA PRIVATE KEY-----"),
]
NOT_FOUND = [
    (CARD, "4111111111111112"),
    (CARD, "1764000000000"),
    (CARD, "4111 1111-1111 1111"),
    (CARD, "0.4111111111111111"),
    (IBAN, "DE89 3704 0044 0532 0130 01"),
    (SSN, "666-05-1120"),
    (SSN, "078-00-1120"),
    (SSN, "1078-05-1120"),
    ("E-mail address", "jane at example.com"),
    ("Telephone number", "2024-11-23"),
    ("API key of a model provider", "sk-short"),
    ("AWS access key id", "AKIAIOSFODNN7example"),
]


@pytest.mark.rule("dlp.profiles")
@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_every_entry_finds_its_example_and_no_other_does(entry):
    """Each kind of data can be tried on its own."""
    text = f"For example: {entry.example}."

    assert [each.name for each in ENTRIES if each.is_in(text)] == [entry.name]


@pytest.mark.parametrize(("name", "text"), FOUND)
def test_data_is_found_as_people_write_it(name, text):
    """With separators, in sentences."""
    assert NAMED[name].is_in(text)


@pytest.mark.parametrize(("name", "text"), NOT_FOUND)
def test_what_only_looks_like_it_is_not_found(name, text):
    """Numbers with a wrong check digit, dates, moments in milliseconds."""
    assert not NAMED[name].is_in(text)


@pytest.mark.parametrize(
    "name", [PROFILES[0].id, "Financial Information", " financial INFORMATION"]
)
def test_profile_goes_by_its_id_or_its_name(name):
    """Settings of a real gateway have ids, people write names."""
    assert profile_of(name) is PROFILES[0]


@pytest.mark.parametrize("text", ["a." * 100_000, "1234 5678 " * 20_000, "AB12 CDEF " * 20_000])
def test_long_text_takes_no_time(text):
    """No pattern goes back over what it has seen."""
    began = time.process_time()

    assert [entry.name for entry in ENTRIES if entry.is_in(text)] == []
    assert time.process_time() - began < 2


def test_profile_that_isn_t_here_is_none():
    """Custom profiles, for example."""
    assert profile_of("c8932cc4-0000-4152-8041-f3f257122dc4") is None


def test_ids_are_ids_of_one_thing():
    """Findings name them."""
    ids = [profile.id for profile in PROFILES] + [entry.id for entry in ENTRIES]

    assert len(set(ids)) == len(ids)


def test_profiles_can_be_shown():
    """With an example of each kind."""
    assert described()[0]["entries"][0]["example"] == "4111 1111 1111 1111"
