"""The header builder: three levels, what would become of the call, lint, tries, links."""

import time

import httpx
import pytest

from gateway.draft import Draft, to_document
from gateway.headers import Options
from gateway.sharing import pack, unpack
from pages.parts.state import CONVERSATION
from tests.pages.visit import opened

KEY = "sk-marker-7f3a9c2e5d1b8a64"


@pytest.fixture
def page():
    """The header builder as a visitor first sees it."""
    return opened("pages/play/headers.py")


@pytest.fixture
def settings(server):
    """The settings of the local gateway, read and put back as they were."""
    headers = {"Authorization": f"Bearer {server.token}"}
    url = f"{server.url}/client/v4/accounts/local/ai-gateway/gateways/demo"

    def read():
        return httpx.get(url, headers=headers).raise_for_status().json()["result"]

    before = read()
    yield read
    keep = ("cache_ttl", "cache_invalidate_on_update", "collect_logs", "rate_limiting_interval")
    keep += ("rate_limiting_limit", "retry_max_attempts", "retry_delay", "retry_backoff")
    body = {name: before.get(name) for name in keep}
    httpx.put(url, headers=headers, json=body).raise_for_status()


def words(page):
    """Everything that the page says."""
    elements = (*page.markdown, *page.caption, *page.error, *page.code, *page.warning, *page.info)
    tables = [str(table.value.to_dict()) for table in page.table]
    return "\n".join(
        [str(element.value) for element in elements] + tables + [s.value for s in page.success]
    )


def typed(page, key, text):
    page.text_input(key=key).set_value(text).run()
    assert not page.exception


def at(page, tab):
    """Look at one of the tabs."""
    page.session_state["headers.tab"] = tab
    page.run()
    assert not page.exception


def test_first_visit_says_what_holds(page):
    """Nothing is stated, the gateway's settings hold, and there is nothing to warn of."""
    said = words(page)

    assert "A successful answer is cached for 5 min" in said
    assert "OpenAI is asked with the key stored in the gateway" in said
    assert "No trap found" in said


def test_request_wins_over_the_gateway(page):
    """What is typed for the request is in force at once, and the gateway's value is named."""
    typed(page, "headers.request.cache_ttl", "1 h")

    said = words(page)
    assert "**1 h** :blue-badge[request]" in said
    assert "over gateway: 5 min" in said
    assert "cached for 1 h" in said


def test_refused_value_is_named_at_its_widget(page):
    """The rest of the form works on; what was typed stays."""
    typed(page, "headers.request.cache_ttl", "10 s")
    typed(page, "headers.request.cache_key", "mine")

    assert "Cache TTL of this request must be 0 or from 60" in words(page)
    assert page.text_input(key="headers.request.cache_ttl").value == "10 s"
    assert 'under the key "mine"' in words(page)


@pytest.mark.parametrize("text", ["a\r\nx-evil: 1", "日本", "x" * 8193])
def test_header_injection_is_refused(page, text):
    """Line breaks, other scripts and endless values never become a header."""
    typed(page, "headers.request.cache_key", text)

    assert "Left out until then" in words(page)
    at(page, "Code")
    assert "cf-aig-cache-key" not in words(page)


def test_gateway_s_setting_is_changed_where_it_lives(page, settings):
    """The first column is the gateway itself: an edit there is one of its settings."""
    typed(page, "headers.gateway.cache_ttl", "2 min")

    assert settings()["cache_ttl"] == 120
    assert "cached for 2 min" in words(page)


def test_setting_that_the_gateway_refuses_is_explained(page, settings):
    """Its own words stand at the widget, and the setting stays as it was."""
    before = settings()["cache_ttl"]

    typed(page, "headers.gateway.cache_ttl", "soon")

    assert 'must be a duration such as "1 h"' in words(page)
    assert settings()["cache_ttl"] == before


def test_universal_steps_have_a_level_of_their_own(page):
    """Each step says its own; what it doesn't say is the request's."""
    page.session_state["headers.route"] = "universal"
    page.session_state["headers.group"] = "retry"
    page.session_state["headers.steps"] = 2
    page.run()

    page.number_input(key="headers.step.1.max_attempts").set_value(3).run()
    page.number_input(key="headers.request.max_attempts").set_value(2).run()

    assert "**3** :violet-badge[step]" in words(page)
    assert "over request: 2" in words(page)
    page.session_state["headers.step"] = 2
    page.run()
    assert "**2** :blue-badge[request]" in words(page)


def test_table_grows_row_by_row_and_keeps_what_was_typed(page):
    """There is always one row to type into; an emptied one at the end goes; a page change keeps."""
    page.session_state["headers.group"] = "logs"
    page.run()
    cell = "headers.request.metadata.0.{}.{}"
    typed(page, cell.format(0, "name"), "team")
    typed(page, cell.format(0, "value"), "red")
    typed(page, cell.format(1, "name"), "user")

    assert '{"team":"red","user":""}' in words(page)
    typed(page, cell.format(1, "value"), "7")
    assert '{"team":"red","user":7}' in words(page)
    typed(page, cell.format(1, "name"), "")
    typed(page, cell.format(1, "value"), "")
    assert '{"team":"red"}' in words(page)

    page.switch_page("pages/setup/reference.py").run()
    page.switch_page("pages/play/headers.py").run()
    assert page.text_input(key=cell.format(0, "value")).value == "red"
    assert page.text_input(key=cell.format(1, "name")).value is None


def test_rates_are_chosen_from_those_that_exist(page):
    """A custom cost names the rates that the gateway knows, in dollars per token."""
    page.session_state["headers.group"] = "logs"
    page.run()
    [box] = [box for box in page.selectbox if (box.key or "").endswith(".0.name")]
    cell = box.key.removesuffix("name")
    box.set_value("per_token_in").run()
    typed(page, f"{cell}value", "0.000001")

    assert '{"per_token_in":1e-06}' in words(page)


def test_fix_mends_what_lint_found(page):
    """One click, and the finding is gone."""
    page.session_state["headers.stream"] = True
    page.run()
    assert "never cached" in words(page)

    next(b for b in page.button if b.label == "Ask for a whole answer").click().run()

    assert not page.exception
    assert page.toggle(key="headers.stream").value is False
    assert "No trap found" in words(page)


def test_plan_follows_the_policy(page):
    """Three tries with a wait of a second: the worst case is drawn and added up."""
    page.session_state["headers.request.max_attempts"] = 3
    page.session_state["headers.request.retry_delay"] = "1 s"
    at(page, "Retry plan")

    metrics = {metric.label: metric.value for metric in page.metric}
    assert metrics["Chance of an answer"] == "99.99 %"
    assert metrics["Best case"] == "1.00 s"


def test_code_is_that_of_the_call(page):
    """The same headers as the form says, and no key."""
    typed(page, "headers.request.cache_ttl", "1 h")
    at(page, "Code")

    assert "cf-aig-cache-ttl: 3600" in words(page)
    assert "CF_AIG_TOKEN" in words(page)


def test_sent_twice_is_a_miss_and_a_hit(page):
    """What came back is explained header by header, with the journal's account."""
    typed(page, "headers.prompt", f"Say {time.monotonic_ns()}")
    at(page, "Try it")

    page.button(key="headers.twice").click().run()

    said = words(page)
    assert not page.exception
    assert "MISS" in said
    assert "HIT" in said
    assert "Whether the body came from the gateway cache." in said
    assert "1.1 openai" in said


def test_provider_s_error_is_shown_as_it_came(page, fault):
    """A failing provider is an answer too."""
    fault(provider="openai", kind="status", status=503)
    typed(page, "headers.prompt", f"Fail {time.monotonic_ns()}")
    at(page, "Try it")

    page.button(key="headers.once").click().run()

    assert "HTTP 503" in words(page)


def test_link_fills_the_form():
    """Whoever opens a link finds the form as it was shared."""
    draft = Draft(
        provider="anthropic",
        model="claude-haiku-4-5",
        options=Options(cache_ttl=3600, metadata={"team": "red"}),
    )

    page = opened("pages/play/headers.py", call=pack(to_document(draft)))

    assert page.selectbox(key="headers.provider").value == "anthropic"
    assert page.text_input(key="headers.request.cache_ttl").value == "1 h"
    assert "filled from the link" in words(page)


def test_broken_link_is_explained():
    """A cut link says so; the form is as on a first visit."""
    page = opened("pages/play/headers.py", call="1eNq")

    assert "This link" in words(page)
    assert page.selectbox(key="headers.provider").value == "openai"


def test_nothing_typed_is_lost_on_a_page_change(page):
    """Also what is refused, and what another group holds."""
    typed(page, "headers.request.cache_ttl", "10 s")
    page.session_state["headers.group"] = "retry"
    page.run()
    page.number_input(key="headers.request.max_attempts").set_value(4).run()

    page.switch_page("pages/setup/connection.py").run()
    page.switch_page("pages/play/headers.py").run()

    assert page.number_input(key="headers.request.max_attempts").value == 4
    page.session_state["headers.group"] = "cache"
    page.run()
    assert page.text_input(key="headers.request.cache_ttl").value == "10 s"


def test_no_key_of_env_is_on_the_page(monkeypatch, fresh):
    """Code, effective settings and tries show variables and last letters at most."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("CLOUDFLARE_ACCOUNT_ID", "0123456789abcdef0123456789abcdef")
    monkeypatch.setenv("CLOUDFLARE_GATEWAY_ID", "prod")
    monkeypatch.setenv("CLOUDFLARE_API_KEY", f"cf-{KEY}")

    page = opened("pages/play/headers.py")
    conversation = page.session_state[CONVERSATION]
    conversation.terms = conversation.terms.changed({"target": "cloudflare"})
    at(page, "Code")

    assert KEY[:-4] not in words(page)
    assert "OPENAI_API_KEY" in words(page)


CURL = (
    "curl https://gateway.ai.cloudflare.com/v1/acc/gw/anthropic/v1/messages "
    f"-H 'x-api-key: {KEY}' -H 'cf-aig-cache-tll: 60' -H 'cf-aig-retry-delay: 500' "
    """-d '{"model":"claude-opus-5","max_tokens":5,"messages":[{"role":"user","content":"Hi"}]}'"""
)


def use(page, tool):
    """Open one of the tools."""
    page.session_state[f"headers.tool.{tool}"] = True
    page.run()
    assert not page.exception


def test_pasted_curl_fills_the_form_and_keeps_no_key(page):
    """Provider, model, question and headers; the key is dropped, and its name said."""
    use(page, "Paste")
    page.text_area(key="headers.paste").set_value(CURL)
    page.button(key="headers.paste.fill").click().run()

    assert not page.exception
    assert page.selectbox(key="headers.provider").value == "anthropic"
    assert page.selectbox(key="headers.model.anthropic").value == "claude-opus-5"
    assert page.text_input(key="headers.prompt").value == "Hi"
    assert "`x-api-key`" in words(page)
    assert "cf-aig-cache-ttl is meant" in words(page)
    assert KEY not in words(page)
    assert KEY not in str({name: page.session_state[name] for name in HELD})


HELD = ("headers.raw", "headers.paste", "headers.said", "headers.url")
"""What a pasted text could leave behind."""


def test_text_that_is_no_call_is_refused_with_a_reason(page):
    """The form stays as it was."""
    use(page, "Paste")
    page.text_area(key="headers.paste").set_value("make me a sandwich")
    page.button(key="headers.paste.fill").click().run()

    assert "no cURL command" in words(page)
    assert page.selectbox(key="headers.provider").value == "openai"


def test_preset_is_compared_used_and_kept(page):
    """Ours beside the form; what the form says then becomes one of the visitor's own."""
    use(page, "Presets")
    page.selectbox(key="headers.preset").set_value("Cache-heavy").run()
    assert "1 d" in words(page)
    page.button(key="headers.preset.use").click().run()
    assert page.text_input(key="headers.request.cache_ttl").value == "1 d"

    use(page, "Presets")
    page.text_input(key="headers.preset.name").set_value("A day long")
    page.button(key="headers.preset.keep").click().run()

    assert "Kept as the preset A day long" in words(page)
    use(page, "Presets")
    assert "A day long" in page.selectbox(key="headers.preset").options
    page.selectbox(key="headers.preset").set_value("A day long").run()
    page.button(key="headers.preset.forget").click().run()
    use(page, "Presets")
    assert "A day long" not in page.selectbox(key="headers.preset").options


def test_preset_of_ours_keeps_its_name(page):
    """A visitor's own can't stand in for one of ours."""
    use(page, "Presets")
    page.text_input(key="headers.preset.name").set_value("Cautious")
    page.button(key="headers.preset.keep").click().run()

    assert "choose another name" in words(page)


def test_link_holds_the_form(page):
    """What the Share button shows is the whole form as a token."""
    typed(page, "headers.request.cache_ttl", "1 h")
    use(page, "Share")

    token = next(one.value for one in page.code if "?call=" in one.value).partition("call=")[2]
    assert unpack(token)["options"] == {"cache_ttl": 3600}


def test_setting_without_a_header_is_changed_too(page, settings):
    """Authentication, rate limit, guardrails: everything that the gateway does is within reach."""
    page.session_state["headers.gateway.more"] = True
    page.run()

    page.number_input(key="headers.gateway.set.rate_limiting_limit").set_value(50).run()
    typed(page, "headers.gateway.set.rate_limiting_interval", "1 min")
    guards = page.text_area(key="headers.gateway.set.guardrails")
    guards.set_value('{"prompt": {"S1": "FLAG"}, "response": {}}').run()

    now = settings()
    assert (now["rate_limiting_limit"], now["rate_limiting_interval"]) == (50, 60)
    assert now["guardrails"] == {"prompt": {"S1": "FLAG"}, "response": {}}
    assert "rate limit **50 requests in 60 s**" in words(page)
    guards.set_value("").run()
    assert settings()["guardrails"] is None


def test_json_that_is_almost_right_is_refused_with_its_place(page, settings):
    """What was typed stays, and so does the gateway's setting."""
    page.session_state["headers.gateway.more"] = True
    page.run()

    page.text_area(key="headers.gateway.set.spend_limits").set_value('{"rules": [}').run()

    assert "line 1, character 12" in words(page)
    assert page.text_area(key="headers.gateway.set.spend_limits").value == '{"rules": [}'
    assert settings()["spend_limits"] is None


def test_value_that_only_the_gateway_refuses_stays_in_its_field(page, settings):
    """The gateway's own reason stands under it."""
    page.session_state["headers.gateway.more"] = True
    page.run()

    page.text_area(key="headers.gateway.set.guardrails").set_value('{"prompt": {}}').run()

    assert "doesn't accept this value of guardrails" in words(page)
    assert settings()["guardrails"] is None
