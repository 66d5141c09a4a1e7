"""presets: ours do what they say, and anybody's survive the way through JSON."""

import json
from dataclasses import replace

import pytest

from gateway.draft import Draft, cache_verdict, retry_plan, settled
from gateway.errors import BadDocument
from gateway.headers import Options
from gateway.lint import check
from gateway.policy import GatewayPolicy
from gateway.presets import (
    PRESETS,
    Difference,
    Preset,
    differences,
    of_document,
    preset_of,
    to_document,
)
from gateway.sharing import pack, unpack

HELLO = Draft(
    provider="openai", model="m", stream=True, policy=GatewayPolicy(id="g", cache_ttl=300)
)
BY_ID = {preset.id: preset for preset in PRESETS}
MINE = Preset(
    id="Mine", title="Mine", options=Options(cache_ttl=3600), stream=False, date="2026-11-23"
)
EDITS = [
    ({"kind": "plan"}, "This is no preset"),
    ({"version": 2}, "version 1"),
    ({"title": ""}, "title must be text of 1 to 80"),
    ({"title": 5}, "title must be text"),
    ({"options": {"cache_ttl": 5}}, "options: cache_ttl must be"),
    ({"options": None}, "options must be a JSON object"),
    ({"stream": 1}, "stream must be true or false"),
    ({"client_timeout_s": -1}, "client_timeout_s must be a number from 0"),
    ({"client_timeout_s": True}, "client_timeout_s must be a number"),
    ({"client_retries": 1.5}, "whole number"),
    ({"summary": []}, "summary must be text"),
]

each_preset = pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.id)


@each_preset
def test_our_preset_passes_our_own_lint(preset):
    """What we recommend doesn't fall into the traps that we warn of."""
    found = check(preset.apply(replace(HELLO, stream=False)))

    assert [finding.rule for finding in found] == []


@each_preset
def test_our_preset_says_why_and_where_from(preset):
    """A name, one sentence, a source and a day."""
    assert preset.title
    assert preset.summary.endswith(".")
    assert all(link.url for link in preset.sources)
    assert preset.date.count("-") == 2


def test_there_are_the_named_ones():
    """The sets that people ask for."""
    assert {"cautious", "cache-heavy", "resilient", "private", "cost-tagged"} <= set(BY_ID)


def test_presets_do_what_they_say():
    """The words in their summaries, checked."""
    made = {name: preset.apply(HELLO) for name, preset in BY_ID.items()}

    assert cache_verdict(made["cache-heavy"]).ttl_s == 86_400
    assert len(retry_plan(made["resilient"]).tries) == 5
    assert not cache_verdict(made["private"]).cached
    assert not settled(made["private"]).collect_payload
    assert settled(made["cost-tagged"]).metadata["team"] == "platform"
    assert settled(made["cautious"]).no_wholesale


def test_applying_replaces_options_and_keeps_the_rest():
    """Where it goes and what it asks isn't a preset's business."""
    draft = replace(HELLO, options=Options(skip_cache=True), prompt="Hello", client_retries=3)

    made = MINE.apply(draft)

    assert made.options == Options(cache_ttl=3600)
    assert (made.prompt, made.client_retries, made.stream) == ("Hello", 3, False)


@each_preset
def test_document_comes_back(preset):
    """Through a file, and through a link."""
    document = to_document(preset)
    back = of_document(json.loads(json.dumps(document)))

    assert back == replace(preset, id=preset.title, source="")
    assert of_document(unpack(pack(document))) == back


@pytest.mark.parametrize(("edit", "reason"), EDITS)
def test_bad_document_says_what_is_wrong(edit, reason):
    """A file edited by hand, or of somebody else."""
    with pytest.raises(BadDocument, match=reason):
        of_document({**to_document(MINE), **edit})


@pytest.mark.parametrize("document", [None, [], "x", 5])
def test_what_is_no_object_is_no_preset(document):
    """Any JSON can be imported by mistake."""
    with pytest.raises(BadDocument, match="no preset"):
        of_document(document)


def test_draft_becomes_a_preset():
    """What was tried out can be kept under a name."""
    kept = preset_of("  Mine ", replace(HELLO, options=Options(cache_ttl=60)), date="2026-11-23")

    assert (kept.title, kept.options, kept.stream) == ("Mine", Options(cache_ttl=60), True)
    with pytest.raises(BadDocument, match="1 to 80"):
        preset_of("x" * 81, HELLO, date="2026-11-23")


def test_differences_stand_side_by_side():
    """Readable values, in the order of the form; what both say alike is left out."""
    other = replace(MINE, options=Options(cache_ttl=86_400, metadata={"a": 1}), client_timeout_s=30)

    assert differences(MINE, other) == (
        Difference("cache_ttl", "Cache TTL", "1 h", "1 d"),
        Difference("metadata", "Metadata", "", '{"a":1}'),
        Difference("client_timeout_s", "Client's timeout (s)", "", "30"),
    )
    assert differences(MINE, MINE) == ()
