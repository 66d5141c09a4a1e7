"""Exports hold what was measured, come back whole, and hold no secret."""

import asyncio
import io
import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from gateway.errors import BadRequest
from gateway.experiments import bundle as files
from gateway.experiments.once import once
from gateway.experiments.plan import Recipe

RECIPE = Recipe(preset="E01", knobs={"prompts": 2, "passes": 2})
ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def bundle():
    outcome = asyncio.run(once(RECIPE))
    return files.Bundle(
        recipe=RECIPE,
        run={"title": "Cold & warm <cache>", "state": outcome.progress.state, "planned_n": 4},
        requests=outcome.requests,
        attempts=outcome.attempts,
        summary=outcome.summary,
        findings=outcome.findings,
    )


def test_csv_comes_back_with_equal_dtypes(bundle):
    """Values and types, unknown ones included."""
    again = files.from_csv(files.to_csv(bundle.requests))

    assert again.dtypes.astype(str).to_dict() == bundle.requests.dtypes.astype(str).to_dict()
    pd.testing.assert_frame_equal(again, bundle.requests, check_categorical=False)


@pytest.mark.parametrize(
    ("data", "words"), [(b"a,b\n1,2\n", "lacks the column"), (b"", "isn't a table")]
)
def test_other_tables_are_refused(data, words):
    """With the name of what is missing."""
    with pytest.raises(BadRequest, match=words):
        files.from_csv(data)


def test_parquet_and_sheets_hold_the_rows(bundle):
    """As other programs read them."""
    parquet = pd.read_parquet(io.BytesIO(files.to_parquet(bundle.requests)))
    sheets = files.to_xlsx({"requests": bundle.requests, "summary": bundle.summary})

    assert len(parquet) == 4
    assert parquet["cache_status"].tolist() == bundle.requests["cache_status"].tolist()
    assert sheets[:2] == b"PK"


def test_bundle_comes_back_whole(bundle):
    """Recipe, rows, attempts, summary, findings: enough to look at it and to run it again."""
    again = files.from_bundle(files.to_bundle(bundle))

    assert again.recipe == RECIPE
    assert again.findings == bundle.findings
    pd.testing.assert_frame_equal(again.requests, bundle.requests, check_categorical=False)
    pd.testing.assert_frame_equal(again.attempts, bundle.attempts, check_categorical=False)
    pd.testing.assert_frame_equal(again.summary, bundle.summary)


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


def test_report_opens_without_a_network(bundle):
    """No script, no link to elsewhere; text is text."""
    page = files.to_html(bundle).decode()

    assert "Cold &amp; warm &lt;cache&gt;" in page
    assert "http" not in page
    assert "<script" not in page
    assert "Hits by pass" in page


def test_no_export_holds_a_key(bundle):
    """Neither the run's keys nor a token."""
    exports = [
        files.to_csv(bundle.requests),
        files.to_bundle(bundle),
        files.to_html(bundle),
        files.to_pytest(RECIPE),
        files.to_promptfoo(RECIPE, ["Hello"], "http://127.0.0.1:1/v1/local/demo"),
    ]

    assert not any(b"sk-user" in export or b"Bearer" in export for export in exports)


def test_exported_test_passes_on_the_local_gateway(tmp_path):
    """As a file of its own, run by pytest."""
    (tmp_path / "test_policy.py").write_bytes(files.to_pytest(RECIPE))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "/dev/null"]

    done = subprocess.run(
        [*command, f"--rootdir={tmp_path}", str(tmp_path)],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_promptfoo_file_names_no_key(bundle):
    """The key is read from the environment."""
    document = json.loads(files.to_promptfoo(RECIPE, ["Hello"], "http://127.0.0.1:1/v1/local/demo"))

    (provider,) = document["providers"]
    assert provider["config"]["apiKeyEnvar"] == "OPENAI_API_KEY"
    assert document["tests"][0]["vars"] == {"question": "Hello"}
