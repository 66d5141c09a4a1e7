"""The header builder's memory: what its widgets hold, read as a draft, and a draft put back.

Every widget keeps its value for the visit under ``headers.<level>.<field>``, also while it isn't
drawn. Presets, pasted calls, fixes and links all go through ``take``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from gateway.chat import Chat, Failure, Route, Step, Target, say
from gateway.draft import Draft, Keys
from gateway.form import FIELDS, SETTINGS, Field, Problem, fill, show
from gateway.headers import HEADERS
from gateway.policy import GatewayPolicy
from gateway.providers import PROVIDERS
from pages.parts.state import workbench

MOST_STEPS = 5
PROMPT = "What is an AI gateway?"
START: dict[str, Any] = {
    "route": "native",
    "provider": "openai",
    "stream": False,
    "prompt": PROMPT,
    "steps": 1,
    "step": 1,
    "raw": (),
    "url": None,
    "group": "cache",
    "patience": None,
    "retries": 0,
    "rated": False,
}
"""What a first visit finds; the rest says nothing."""

STEP_STARTERS = ("openai", "anthropic", "google-ai-studio", "workers-ai", "mistral")
TABLES = ("table", "rates")
"""Kinds of fields that are edited as rows."""


@dataclass(frozen=True, slots=True)
class Form:
    """The form as it was read.

    Attributes:
        problems: Refused values: of the request under 0, of step n under n.
    """

    draft: Draft
    problems: Mapping[int, Mapping[str, Problem]]


def key(*parts: object) -> str:
    """Return the name of a value of this page."""
    return ".".join(("headers", *map(str, parts)))


def held(*parts: object) -> Any:
    """Return what a widget of this page holds, drawn or not."""
    return st.session_state.get(key(*parts))


def hold(value: Any, *parts: object) -> None:
    """Put a value into a widget of this page; before it is drawn, or in a callback."""
    st.session_state[key(*parts)] = value


MOVED = "moved"
"""Name of the mark that the form was filled, and not by its widgets."""


def begin() -> None:
    """Fill what a first visit finds; the whole page is drawn now."""
    hold(False, MOVED)
    for name, value in START.items():
        st.session_state.setdefault(key(name), value)
    for number in range(1, MOST_STEPS + 1):
        slug = STEP_STARTERS[number - 1]
        st.session_state.setdefault(key("step", number, "provider"), slug)


def moved() -> bool:
    """Whether the form was filled since the whole page was drawn."""
    return bool(held(MOVED))


def model(provider: str, *parts: object) -> str:
    """Return the chosen model of a provider; its first one where none was chosen."""
    models = PROVIDERS[provider].models
    return held(*parts, "model", provider) or (models[0].id if models else "")


@st.cache_resource(ttl="10s", show_spinner=False)
def policy(target: str) -> GatewayPolicy | Failure:
    """Return a gateway's settings as they were at most 10 s ago."""
    return workbench().policy(target)


def form(target: Target) -> Form:
    """Read the whole form. What a header refuses is left out of the draft."""
    known = policy(target.name)
    request = fill({name: held("request", name) for name in FIELDS})
    problems = {0: request.problems}
    steps = []
    for number in range(1, held("steps") + 1):
        slug = held("step", number, "provider")
        said = fill({name: held("step", number, name) for name in FIELDS})
        problems[number] = said.problems
        chosen = model(slug, "step", number)
        steps.append(Step(provider=slug, model=chosen, options=said.options))
    route: Route = held("route")
    provider = held("provider")
    draft = Draft(
        provider=provider,
        model=model(provider),
        route=route,
        stream=held("stream"),
        prompt=held("prompt") or "",
        options=request.options,
        steps=tuple(steps) if route == "universal" else (),
        raw=held("raw"),
        url=held("url"),
        policy=GatewayPolicy(id=target.gateway) if isinstance(known, Failure) else known,
        keys=keys(target),
        client_timeout_s=held("patience"),
        client_retries=held("retries") or 0,
        rated=held("rated"),
    )
    return Form(draft, problems)


def keys(target: Target) -> Keys:
    """Return which credentials there are, as far as anybody here can know."""
    stored = {slug: frozenset({"default"}) for slug in target.simulated}
    return Keys(token=target.token is not None, own=frozenset(target.keys), stored=stored or None)


def chat_of(draft: Draft) -> Chat:
    """Return what is asked when a draft is sent."""
    return Chat(
        provider=draft.provider,
        model=draft.model,
        messages=say(draft.prompt or PROMPT),
        route=draft.route,
        transport=draft.transport,
        stream=draft.stream,
        steps=draft.steps,
    )


def take(draft: Draft) -> None:
    """Put a draft into the form. The gateway's settings stay as they are: see ``settle``."""
    hold(True, MOVED)
    hold(draft.route, "route")
    _hold_place(draft.provider, draft.model)
    hold(draft.stream, "stream")
    hold(draft.prompt, "prompt")
    hold(draft.raw, "raw")
    hold(draft.url, "url")
    hold(draft.client_timeout_s, "patience")
    hold(draft.client_retries, "retries")
    hold(draft.rated, "rated")
    _hold_options(dict(draft.options.stated()), "request")
    if draft.steps:
        hold(min(len(draft.steps), MOST_STEPS), "steps")
        hold(1, "step")
    for number, step in enumerate(draft.steps[:MOST_STEPS], 1):
        _hold_place(step.provider, step.model, "step", number)
        _hold_options(dict(step.options.stated()), "step", number)


def settle(target: Target, before: GatewayPolicy, after: GatewayPolicy) -> None:
    """Change the settings of the gateway in which two policies differ, and say how it went."""
    names = {row.setting for row in HEADERS.values() if row.setting} | {"authentication"}
    changed = {
        name: getattr(after, name)
        for name in sorted(names)
        if getattr(after, name) != getattr(before, name)
    }
    if changed:
        change(target, changed)


def change(target: Target, settings: Mapping[str, Any]) -> None:
    """Change settings of a gateway and say how it went."""
    answer = workbench().change_policy(target.name, settings)
    policy.clear()
    hold(None, "gateway", "problem")
    if isinstance(answer, Failure):
        hold((next(iter(settings)), answer.sentence), "gateway", "problem")
    else:
        for name in FIELDS:
            st.session_state.pop(key("gateway", name), None)
        for here in SETTINGS:
            st.session_state.pop(key("gateway", "set", here.name), None)
        named = ", ".join(f"{name} = {value}" for name, value in settings.items())
        st.toast(f"The gateway {target.gateway} now has {named}.", icon=":material/check:")


def widget_value(here: Field, value: Any) -> Any:
    """Return what the widget of a field holds to say a value."""
    if value is None:
        return None
    if here.kind == "switch":
        return "true" if value else "false"
    return show(here.name, value)


def _hold_place(provider: str, chosen: str, *parts: object) -> None:
    if provider in PROVIDERS:
        hold(provider, *parts, "provider")
        hold(chosen, *parts, "model", provider)


def _hold_options(stated: Mapping[str, Any], *parts: object) -> None:
    for name, here in FIELDS.items():
        hold(widget_value(here, stated.get(name)), *parts, name)
        if here.kind in TABLES:
            # The cells of a table begin anew with the rows that it is given.
            hold((held(*parts, name, "version") or 0) + 1, *parts, name, "version")


def fixed(draft: Draft, target: Target, mended: Draft) -> None:
    """Take over what a fix has mended, the gateway's settings included."""
    take(mended)
    settle(target, draft.policy, mended.policy)


def can_settle(target: Target) -> bool:
    """Whether this page changes the gateway's settings: only those of the local one."""
    return target.name == "local"


def cleared() -> None:
    """Empty the form: all levels above the gateway."""
    empty = Draft(provider=held("provider"), model=model(held("provider")), prompt=PROMPT)
    take(replace(empty, route=held("route")))
    for number in range(1, MOST_STEPS + 1):
        _hold_options({}, "step", number)
    hold(1, "steps")
    hold(1, "step")
