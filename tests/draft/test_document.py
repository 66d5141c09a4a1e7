"""document: a draft survives the way through JSON, its secrets stay behind."""

import json

import pytest

from gateway.chat import Step
from gateway.draft import Draft, Keys, of_document, to_document
from gateway.errors import BadDocument
from gateway.headers import Options
from gateway.policy import GatewayPolicy
from gateway.sharing import pack, unpack

WHOLE = Draft(
    provider="openai",
    model="gpt-4o-mini",
    route="universal",
    transport="websocket",
    stream=True,
    prompt="What is a gateway?",
    options=Options(cache_ttl=3600, metadata={"team": "AI"}, allowed_models=("a/*", "b")),
    steps=(Step(provider="groq", model="x", options=Options(max_attempts=3)),),
    raw=(("cf-cache-ttl", "60"),),
    client_timeout_s=30.5,
    client_retries=2,
    rated=True,
)
EDITS = [
    ({"version": 2}, "version 1"),
    ({"route": "carrier pigeon"}, "route must be one of native"),
    ({"provider": 5}, "provider must be text"),
    ({"stream": "yes"}, "stream must be true or false"),
    ({"options": {"cache_ttl": 5}}, "options: cache_ttl must be 0 or from 60"),
    ({"options": {"cash_ttl": 5}}, "'cash_ttl' is none"),
    ({"options": []}, "options must be a JSON object"),
    ({"steps": [{"provider": "x", "model": "y", "options": {"backoff": "x"}}]}, "step 1, options"),
    ({"steps": [{"provider": "x"}]}, "model must be text"),
    ({"headers": [["a"]]}, "list of pairs"),
    ({"client_timeout_s": -1}, "client_timeout_s must be"),
    ({"client_retries": 1.5}, "client_retries must be"),
    ({"client_retries": True}, "client_retries must be"),
]


def test_draft_comes_back_whole():
    """Through JSON text, and through a link."""
    document = to_document(WHOLE)

    assert of_document(json.loads(json.dumps(document))) == WHOLE
    assert of_document(unpack(pack(document))) == WHOLE


def test_secrets_settings_and_keys_stay_behind():
    """A document opens anywhere and opens no door."""
    draft = Draft(
        provider="openai",
        model="m",
        raw=(("Authorization", "Bearer abc"), ("x-note", "sk-" + "a" * 20), ("x-mine", "1")),
        keys=Keys(token=True),
        policy=GatewayPolicy(id="prod", cache_ttl=60),
    )

    document = to_document(draft)

    assert document["headers"] == [["x-mine", "1"]]
    assert "prod" not in json.dumps(document)
    assert of_document(document, policy=draft.policy, keys=draft.keys).policy.cache_ttl == 60


@pytest.mark.parametrize(("edit", "reason"), EDITS)
def test_bad_member_is_named(edit, reason):
    """A file edited by hand says what is wrong with it."""
    with pytest.raises(BadDocument, match=reason):
        of_document({**to_document(WHOLE), **edit})


@pytest.mark.parametrize("document", [None, [], "text", 5, {}])
def test_what_is_no_document_is_refused(document):
    """Any JSON can be imported by mistake."""
    with pytest.raises(BadDocument):
        of_document(document)
