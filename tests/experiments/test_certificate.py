"""A certificate keeps the newest answer of each probe, with what was seen."""

import json
from datetime import UTC, datetime

import pytest

from gateway.experiments import certificate as kept
from gateway.experiments import rows

AT = datetime(2026, 11, 23, 12, 0, 1, tzinfo=UTC)


def asked(probe, *statuses, status=200):
    """Requests of one probe."""
    return [
        {
            "seq": seq,
            "variant_id": probe,
            "request_id": f"{probe}{seq}",
            "cache_status": cache,
            "status": status,
            "ok": status == 200,
            "error_class": "none",
        }
        for seq, cache in enumerate(statuses)
    ]


def test_answer_stands_beside_what_was_seen():
    """Only of probes that were asked to their end."""
    requests = rows.table([*asked("refresh", "MISS", "HIT", "MISS"), *asked("streams", "MISS")])

    found = kept.certificate(requests, rows.attempts([]), run_id="r1", at=AT)

    assert list(found) == ["refresh"]
    assert found["refresh"]["answer"] == found["refresh"]["expected"] == "it doesn't"
    assert found["refresh"]["evidence"] == "Answers: 200 MISS, 200 HIT, 200 MISS; 0 attempts"
    assert found["refresh"]["at"] == "2026-11-23T12:00:01+00:00"


def test_attempts_and_waits_are_evidence():
    """Of the probes about retries."""
    made = rows.attempts(
        [
            {"request_id": "tries0", "k": k, "wait_before_ms": 0.0 if k < 3 else 1000.0}
            for k in (1, 2, 3)
        ]
    )

    found = kept.certificate(
        rows.table(asked("tries", "MISS", status=500)), made, run_id="r1", at=AT
    )

    assert found["tries"]["answer"] == "n tries in all"
    assert found["tries"]["evidence"] == "Answers: 500 MISS; 3 attempts; waits 1000 ms"


def test_newer_answers_win():
    """Those that only the older run has stay."""
    older = {"a": {"question": "A?", "answer": "no"}, "b": {"question": "B?", "answer": "no"}}
    newer = {"b": {"question": "B?", "answer": "yes"}}

    both = kept.merged(older, newer)

    assert [one["answer"] for one in both.values()] == ["no", "yes"]


@pytest.mark.parametrize("text", [None, "", "{", "[]", '{"a": 1}', '{"a": {"answer": 1}}'])
def test_what_cannot_be_read_is_no_certificate(text):
    """It may come with a file from elsewhere."""
    assert kept.read(text) == {}


def test_certificate_comes_back():
    """As a run keeps it."""
    one = {"a": {"question": "A?", "answer": "no", "at": "2026"}}

    assert kept.read(json.dumps(one)) == one
