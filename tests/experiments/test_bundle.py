"""A bundle holds a run whole, and damaged ones are refused."""

import json

import pandas as pd
import pytest

from gateway.errors import BadRequest
from gateway.experiments import bundle as files


def test_bundle_comes_back_whole(exported, outcome):
    """Recipe, rows, attempts, chunks, summary, findings: enough to look at it and to rerun it."""
    again = files.from_bundle(files.to_bundle(exported, outcome.plan))

    assert again.recipe == exported.recipe
    assert again.findings == exported.findings
    for name in ("requests", "attempts", "chunks"):
        ours, theirs = getattr(again, name), getattr(exported, name)
        pd.testing.assert_frame_equal(ours, theirs, check_categorical=False)
    pd.testing.assert_frame_equal(again.summary, exported.summary)


def test_plan_is_in_it_as_it_was_drawn(exported, outcome):
    """For programs that don't have our presets."""
    document = json.loads(files.to_bundle(exported, outcome.plan))

    assert [call["prompt_id"] for call in document["plan"]] == ["p000", "p001", "p000", "p001"]
    assert {call["variant_id"] for call in document["plan"]} == {"cached"}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"{", "isn't JSON"),
        (b"{}", "isn't a run exported here"),
        (json.dumps({"format": files.FORMAT, "version": 99}).encode(), "another version"),
        (json.dumps({"format": files.FORMAT, "version": 1}).encode(), "damaged"),
    ],
)
def test_other_files_are_refused(data, words):
    """Each with its reason."""
    with pytest.raises(BadRequest, match=words):
        files.from_bundle(data)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("requests", {"seq": ["many"]}),
        ("requests", {"seq": [1], "status": [1, 2]}),
        ("requests", [1]),
        ("attempts", {"k": ["x"]}),
        ("summary", {"n": ["x"]}),
        ("findings", [{"words": 1}]),
        ("recipe", {"preset": 5}),
    ],
)
def test_damaged_part_is_refused(exported, name, value):
    """A file comes from anybody."""
    document = json.loads(files.to_bundle(exported)) | {name: value}

    with pytest.raises(BadRequest):
        files.from_bundle(json.dumps(document).encode())
