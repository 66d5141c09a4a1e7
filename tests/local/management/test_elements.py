"""elements: what is a route, in newer and older spellings, and what isn't."""

from copy import deepcopy

import pytest

from gateway.local.management.elements import check_elements
from gateway.local.settings import Invalid

END = {"id": "end", "type": "end", "outputs": {}}


def to(target):
    return {"elementId": target}


def route(*middle, first=None):
    """Return a route from a start over these elements to an end."""
    target = first or (middle[0]["id"] if middle else "end")
    return [{"id": "start", "type": "start", "outputs": {"next": to(target)}}, *middle, END]


def model(**properties):
    return {
        "id": "m",
        "type": "model",
        "properties": {"provider": "openai", "model": "gpt-5", **properties},
        "outputs": {"success": to("end")},
    }


def split(*names):
    return {"id": "p", "type": "percentage", "outputs": {name: to("end") for name in names}}


def rate(type="rate", **change):
    properties = {"key": "metadata.user", "limit": 5, "limitType": "count", "window": 60}
    return {
        "id": "r",
        "type": type,
        "properties": {k: v for k, v in {**properties, **change}.items() if v is not None},
        "outputs": {"success": to("end"), "fallback": to("end")},
    }


def conditional(**properties):
    return {
        "id": "c",
        "type": "conditional",
        "properties": properties,
        "outputs": {"true": to("end"), "false": to("end")},
    }


TAKEN = [
    route(),
    [*route()[:-1], {"id": "end", "type": "end"}],
    route(model(timeout=60000, retries=4)),
    route(conditional(conditions={"metadata.plan": {"$eq": "free"}})),
    route(conditional(condition={"metadata.plan": {"$eq": "free"}})),
    route(rate()),
    route(rate("rate_limit", window=None, interval=60, technique="fixed") | {"id": "r"}),
    route(split("10%", "40%", "50%")),
    route(split("33.3%", "66.7%")),
    route(split("10%", "20%", "30%", "5%", "5%", "else")),
]
REFUSED = [
    ([], ["elements"]),
    ([END], ["elements"]),
    ([*route(), route()[0] | {"id": "second"}], ["elements"]),
    ([*route(), "text"], ["elements", "2", "type"]),
    ([*route(), {"id": "x", "type": "magic"}], ["elements", "2", "type"]),
    ([*route(), END], ["elements", "2", "id"]),
    ([*route(), {**END, "id": 5}], ["elements", "2", "id"]),
    (route(first="nobody"), ["elements", "0", "outputs", "next", "elementId"]),
    (route(first=["end"]), ["elements", "0", "outputs", "next", "elementId"]),
    ([{**route()[0], "outputs": {}}, END], ["elements", "0", "outputs", "next"]),
    ([{**route()[0], "outputs": []}, END], ["elements", "0", "outputs"]),
    (route({**model(), "outputs": {"other": to("end")}}), ["elements", "1", "outputs", "success"]),
    (route(model(provider="")), ["elements", "1", "properties", "provider"]),
    (route(model(timeout=-1)), ["elements", "1", "properties", "timeout"]),
    (route({**model(), "properties": 5}), ["elements", "1", "properties"]),
    (route(conditional()), ["elements", "1", "properties", "conditions"]),
    (route(rate(limitType="words")), ["elements", "1", "properties", "limitType"]),
    (route(rate(window=0)), ["elements", "1", "properties", "window"]),
    (route(split()), ["elements", "1", "outputs"]),
    (route(split("else")), ["elements", "1", "outputs"]),
    (route(split("50%", "40%")), ["elements", "1", "outputs"]),
    (route(split("60%", "50%", "else")), ["elements", "1", "outputs"]),
    (route(split("half", "else")), ["elements", "1", "outputs", "half"]),
    (route(split("1%", "2%", "3%", "4%", "5%", "85%")), ["elements", "1", "outputs"]),
    (route({**model(), "outputs": {"success": to("m")}}), ["elements"]),
    ([END] * 201, ["elements"]),
]


@pytest.mark.rule("routes.elements", "routes.older_spelling")
@pytest.mark.parametrize("elements", TAKEN)
def test_route_is_taken_as_it_is(elements):
    """Newer and older spellings; nothing is rewritten."""
    before = deepcopy(elements)

    check_elements(elements)

    assert elements == before


@pytest.mark.rule("routes.elements", "routes.percentages")
@pytest.mark.parametrize(("elements", "path"), REFUSED)
def test_what_is_no_route_is_refused(elements, path):
    """With the place of the first thing that is wrong."""
    with pytest.raises(Invalid) as refused:
        check_elements(elements)

    assert refused.value.path == ["body", *path]
