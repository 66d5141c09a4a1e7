"""candidates: which models Auto Router may choose from, by what a call's headers allow."""

import pytest

from gateway.local.candidates import DEFAULT, KNOWN, candidates
from gateway.local.refusals import Refusal

LEFT = [
    ({}, [each.name for each in DEFAULT]),
    ({"models": " , "}, [each.name for each in DEFAULT]),
    ({"models": "openai/gpt-5.6-sol"}, ["openai/gpt-5.6-sol"]),
    (
        {"models": "xai/*, openai/gpt-5.6-*"},
        [
            "xai/grok-4.5",
            "xai/grok-4.6",
            "openai/gpt-5.6-luna",
            "openai/gpt-5.6-sol",
            "openai/gpt-5.6-terra",
        ],
    ),
    ({"models": "@cf/openai/*,@cf/*/gpt-oss-20b"}, ["@cf/openai/gpt-oss-20b"]),
    ({"providers": "xai"}, ["xai/grok-4.5", "xai/grok-4.6"]),
    ({"models": "*/gpt-5.5,anthropic/claude-opus-5", "providers": "openai"}, ["openai/gpt-5.5"]),
]
NOTHING = [
    ({"models": "openai/gpt-5.6-sol,nobody/*"}, "nobody/*"),
    ({"models": "*"}, "*"),
    ({"providers": "openai,nobody"}, "nobody"),
    ({"models": "openai/*", "providers": "xai"}, "leave no model"),
    ({"providers": "minimax"}, "leave no model"),
]


def headers(allowed):
    return {f"cf-aig-allowed-{name}": value for name, value in allowed.items()}


@pytest.mark.rule("auto.choice", "headers.auto")
@pytest.mark.parametrize(("allowed", "names"), LEFT)
def test_allow_lists_replace_the_default_models(allowed, names):
    """In their own order; a star stands for anything but a slash; a model must match both."""
    assert [each.name for each in candidates(headers(allowed))] == names


@pytest.mark.rule("auto.allow_list")
@pytest.mark.parametrize(("allowed", "word"), NOTHING)
def test_entry_that_matches_nothing_is_refused(allowed, word):
    """With a sentence that names it."""
    with pytest.raises(Refusal) as caught:
        candidates(headers(allowed))

    assert caught.value.status == 400
    assert word in caught.value.message


@pytest.mark.rule("auto.pool")
def test_default_models_are_all_served():
    """Each by a provider of the unified API, whatever the documentation calls its author."""
    assert [each.unified.partition("/")[0] for each in DEFAULT] == [
        *["anthropic"] * 3,
        *["openai"] * 3,
        "grok",
    ]
    assert len({each.name for each in KNOWN}) == len(KNOWN)
