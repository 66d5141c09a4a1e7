"""snippets.worker: a Worker's binding. Its types are checked by the tests of real clients."""

from gateway.headers import Options
from gateway.snippets import call_of, write
from tests.snippets.conftest import CALLS, chat, target_of


def worker(asked, options=Options(), keys=True):
    return write("worker", call_of(asked, options, target_of("http://gateway", keys)))


def test_binding_needs_no_token():
    """It knows the account; only providers' keys are secrets of the Worker."""
    snippet = worker(chat("openai", "gpt-5-mini"))

    assert "CF_AIG_TOKEN" not in snippet.code
    assert "OPENAI_API_KEY: string;" in snippet.code
    assert "env.OPENAI_API_KEY" in snippet.code
    assert snippet.variables == ("OPENAI_API_KEY",)


def test_settings_of_a_step_are_headers():
    """The binding's type has no config: what stands there is said by headers."""
    asked, options, keys = CALLS["universal"]

    code = worker(asked, options, keys).code

    assert "config" not in code
    assert '"cf-aig-request-timeout": "9000"' in code
    assert '"cf-aig-max-attempts": "2"' in code


def test_rest_call_is_a_run_of_the_model():
    """Options have members of their own there."""
    options = Options(cache_ttl=60, max_attempts=2, skip_cache=True)

    code = worker(chat("openai", "gpt-5-mini", route="rest"), options).code

    assert 'env.AI.run("openai/gpt-5-mini"' in code
    assert (
        'gateway: { id: "demo", cacheTtl: 60, skipCache: true, retries: { maxAttempts: 2 } }'
        in (code)
    )


def test_option_without_a_member_is_an_extra_header():
    """What env.AI.run has no name for isn't left out."""
    options = Options(zdr=True, cache_ttl=60)

    code = worker(chat("openai", "gpt-5-mini", route="rest"), options).code

    assert 'extraHeaders: { "cf-aig-zdr": "true" }' in code
    assert 'gateway: { id: "demo", cacheTtl: 60 }' in code
