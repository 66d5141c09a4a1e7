"""snippets.plain: cURL and the universal list; see test_languages for what they send."""

import json

import pytest

from gateway.client import request_of
from gateway.headers import Options
from gateway.snippets import call_of, write
from tests.snippets.conftest import CALLS, ENVIRONMENT, chat, target_of


def code(language, asked, options=Options(), keys=True):
    return write(language, call_of(asked, options, target_of("http://gateway", keys))).code


def test_curl_of_a_stream_shows_it_as_it_arrives():
    """cURL would otherwise hold the pieces back when its output is no terminal."""
    assert "--no-buffer" in code("curl", chat("openai", "m", stream=True))
    assert "--no-buffer" not in code("curl", chat("openai", "m"))


def test_brackets_in_an_address_are_no_pattern():
    """cURL takes brackets in an address for a range, unless told otherwise."""
    asked = chat("workers-ai", "@cf/x/[a-b]")

    assert "--globoff" in code("curl", asked)


@pytest.mark.parametrize("name", sorted(set(CALLS) - {"rest", "rest-workers", "compat"}))
def test_universal_list_is_our_client_s(name):
    """With keys in place of the names it is what our client sends on the universal route.

    What the request says about the headers stands in each step, where the step doesn't say it.
    """
    asked, options, keys = CALLS[name]

    text = code("universal", asked, options, keys)

    for variable, value in ENVIRONMENT.items():
        text = text.replace(f"${variable}", value)
    target = target_of("http://gateway", keys)
    ours = json.loads(request_of(one_step_more(asked), Options(), target).body)
    for step in ours:
        step["headers"] = options.to_headers() | step["headers"]
    assert json.loads(text) == ours


def test_compat_is_a_step_too():
    """On the list it is a provider of its own, which takes OpenAI's format."""
    asked, options, keys = CALLS["compat"]

    (step,) = json.loads(code("universal", asked, options, keys))

    assert (step["provider"], step["endpoint"]) == ("compat", "chat/completions")
    assert step["query"]["model"].startswith("anthropic/")


def one_step_more(asked):
    """The same chat on the universal route."""
    return type(asked)(
        **{name: getattr(asked, name) for name in asked.__dataclass_fields__}
        | {"route": "universal"}
    )
