"""design: axes and headers are read as the header form reads them, and combined."""

import pytest

from gateway.errors import BadRequest
from gateway.experiments.design import (
    Axis,
    names,
    plain,
    read_axes,
    read_axis,
    read_headers,
    read_value,
    spelled,
    variants_of,
)
from gateway.experiments.plan import Recipe
from gateway.headers import HEADERS, Options

RECIPE = Recipe(preset="F01")
KNOBS = {
    **{"route": "native", "transport": "http", "stream": "no"},
    **{"max_tokens": 64, "concurrency": 1},
}


def axis(name, *values):
    return {"name": name, "values": list(values)}


@pytest.mark.parametrize(
    ("name", "given", "value"),
    [
        ("cache_ttl", "1 h", 3600),
        ("cache_ttl", 60, 60),
        ("cache_ttl", "", None),
        ("skip_cache", "true", True),
        ("allowed_models", ["a", "b"], ("a", "b")),
        ("metadata", '{"team": "a"}', {"team": "a"}),
        ("model", "workers-ai/@cf/meta/llama", "workers-ai/@cf/meta/llama"),
        ("stream", "yes", "yes"),
        ("max_tokens", "12", 12),
    ],
)
def test_value_is_read_and_kept(name, given, value):
    """What a recipe holds of it is read back unchanged."""
    assert read_value(name, given) == value
    assert read_value(name, plain(value)) == value


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("cache_ttl", 5, "Cache TTL must be 0 or from 60 to 2592000 s"),
        ("max_attempts", 6, "must be from 1 to 5"),
        ("backoff", "random", "must be one of constant"),
        ("route", "direct", "must be one of native"),
        ("model", "nobody/x", "provider/model"),
        ("model", "gpt", "provider/model"),
        ("max_tokens", 0, "whole number from 1"),
        ("gateway_id", "mine", "Nothing is called 'gateway_id'"),
        ("temperature", 1, "Nothing is called 'temperature'"),
    ],
)
def test_value_that_the_gateway_refuses_is_refused(name, given, words):
    """The sentence names the header and says what would be accepted."""
    with pytest.raises(BadRequest, match=words):
        read_value(name, given)


def test_every_header_can_vary():
    """A new row of the header table is a new axis; only the run's own gateway isn't one."""
    assert set(HEADERS) - set(names()) == {"gateway_id"}


@pytest.mark.parametrize(
    ("axes", "words"),
    [
        ([axis("cache_ttl", 60, "1 min")], "same value twice, 1 min: variants 1 and 2 would be"),
        ([axis("cache_ttl")], "Cache TTL needs at least one value"),
        ([axis("stream", "no"), axis("stream", "yes")], "Stream varies twice"),
        ([axis("max_tokens", *range(1, 66))], "65 variants, and at most 64"),
        ([{"name": "stream"}], "Axis 1 must have a name and values"),
        ("stream", "must be a list"),
    ],
)
def test_impossible_axes_are_refused(axes, words):
    """Duplicates are found by what they mean, not by how they are written."""
    with pytest.raises(BadRequest, match=words):
        read_axes(axes)


def test_headers_for_all_are_read():
    """As an object of a recipe; an unknown one is named."""
    assert read_headers({"cache_ttl": "5 min"}) == Options(cache_ttl=300)
    with pytest.raises(BadRequest, match="no header 'ttl'"):
        read_headers({"ttl": 1})
    with pytest.raises(BadRequest, match="must be an object"):
        read_headers([1])


def test_variants_are_every_combination():
    """A header that varies wins over the same one for all; each variant has its own gateway."""
    axes = [read_axis("cache_ttl", ["", 3600]), read_axis("route", ["native", "compat"])]

    found = variants_of(RECIPE, axes, Options(cache_ttl=60, max_attempts=2), KNOBS)

    assert [one.label for one in found] == [
        "Cache TTL not stated, native",
        "Cache TTL not stated, compat",
        "Cache TTL 1 h, native",
        "Cache TTL 1 h, compat",
    ]
    assert [one.options.cache_ttl for one in found] == [None, None, 3600, 3600]
    assert {one.options.max_attempts for one in found} == {2}
    assert [one.gateway for one in found] == ["v1", "v2", "v3", "v4"]
    assert found[3].id == "v4-cache-ttl-1-h-compat"
    assert found[3].factors == {"cache_ttl": 3600, "route": "compat"}


def test_model_brings_its_provider():
    """One axis is enough to compare providers."""
    (found,) = variants_of(RECIPE, [Axis("model", ("anthropic/claude-x",))], Options(), KNOBS)

    assert (found.provider, found.model, found.label) == ("anthropic", "claude-x", "claude-x")


def test_without_axes_there_is_one_variant():
    """It is called after what it asks."""
    (found,) = variants_of(RECIPE, (), Options(), KNOBS)

    assert found.label == "openai gpt-5.4-mini"


def test_variant_that_cannot_be_sent_is_named():
    """Before the run, and not in each of its rows."""
    axes = [Axis("model", ("openai/gpt", "huggingface/x")), Axis("route", ("native",))]
    socket = [Axis("route", ("rest",)), Axis("transport", ("websocket",))]

    with pytest.raises(BadRequest, match=r"variant 'x, native' can't be sent: We don't write"):
        variants_of(RECIPE, axes, Options(), KNOBS)
    with pytest.raises(BadRequest, match="The REST endpoint has no WebSocket"):
        variants_of(RECIPE, socket, Options(), KNOBS)


def test_values_are_spelled_for_the_eye():
    """A table as its header, a duration in its unit."""
    assert spelled("metadata", {"team": "a"}) == '{"team":"a"}'
    assert spelled("cache_ttl", 7200) == "2 h"
    assert spelled("skip_cache", True) == "true"
    assert spelled("skip_cache", None) == "not stated"
