"""columns: what differs from the others, by setting."""

import pytest

from gateway.conversation import Column, Terms
from gateway.headers import Options

COLUMN = Column(id=0, provider="openai", model="gpt-4o-mini")


def test_own_setting_wins_and_the_rest_is_shared():
    """Changing what holds for all changes every column, but for its own settings."""
    column = COLUMN.differing("temperature", 1.0).differing("skip_cache", True)

    terms = column.terms(Terms(temperature=0.1, system="Be brief.", options=Options(cache_ttl=60)))

    assert (terms.temperature, terms.system) == (1.0, "Be brief.")
    assert terms.options == Options(cache_ttl=60, skip_cache=True)


def test_same_for_all_again():
    """Taking back the last difference gives the column as it was."""
    assert COLUMN.differing("seed", 1).agreeing("seed") == COLUMN


@pytest.mark.parametrize(
    ("provider", "model", "takes"),
    [
        ("openai", "gpt-4o-mini", True),
        ("groq", "llama-3.3-70b-versatile", False),
        ("openai", "typed-by-hand", True),
        ("custom-x", "m", True),
    ],
)
def test_pictures_go_to_models_that_take_them(provider, model, takes):
    """The table knows; of others it's assumed, and the provider says if not."""
    assert Column(id=0, provider=provider, model=model).takes_pictures is takes
