"""pairs: columns that differ in one thing only."""

import pytest

from gateway.conversation import PAIRS, Column

PAIR = {pair.id: pair for pair in PAIRS}
COLUMN = Column(id=0, provider="openai", model="gpt-4o-mini")
SETTINGS = {
    "cache": [None, True],
    "route": ["native", "compat", "rest"],
    "direct": ["local", "direct"],
    "transport": ["http", "websocket"],
    "stream": [True, False],
    "fallback": [1, 0],
}
READ = {
    "cache": lambda terms: terms.options.skip_cache,
    "route": lambda terms: terms.route,
    "direct": lambda terms: terms.target,
    "transport": lambda terms: terms.transport,
    "stream": lambda terms: terms.stream,
    "fallback": lambda terms: len(terms.fallbacks),
}


@pytest.mark.parametrize("id", SETTINGS)
def test_columns_differ_in_what_is_compared(talk, id):
    """Through the conversation, as the page does it."""
    talk.pair(PAIR[id])

    assert [READ[id](column.terms(talk.terms)) for column in talk.columns] == SETTINGS[id]
    assert all(column.name for column in talk.columns)


def test_cache_is_compared_on_whole_answers(talk):
    """The cache keeps no streams; the next pair streams again."""
    talk.pair(PAIR["cache"])
    assert (talk.terms.stream, talk.terms.history) == (False, False)

    talk.pair(PAIR["route"])
    assert (talk.terms.stream, talk.terms.history) == (True, True)


def test_rest_is_left_out_where_it_does_not_serve_the_provider():
    """A column that can only fail shows nothing."""
    names = [way.name for way in PAIR["route"].ways(Column(id=0, provider="mistral", model="m"))]

    assert names == ["Native", "Compat"]


def test_fallback_is_another_provider():
    """A second model of the same house would fail with it."""
    way = PAIR["fallback"].ways(COLUMN)[0]

    assert [step.provider for step in way.own["fallbacks"]] == ["anthropic"]
