"""Runs leave and come back as files: the same summary, judged without a network; no secret."""

import io
import json
import zipfile

import pandas as pd
import pytest

from gateway.chat import Target
from gateway.errors import BadRequest
from gateway.experiments import asserted, sheets
from gateway.experiments.bundle import to_bundle
from gateway.experiments.plan import Recipe
from gateway.experiments.report import to_html
from gateway.loop import Loop
from gateway.records import Records
from gateway.workbench.lab import Lab
from tests.raw_server import whole

PATIENCE_S = 120
SMALL = Recipe(preset="E01", knobs={"prompts": 2, "passes": 2})
KEY, TOKEN = "sk-marker-0123456789abcdef", "cf-token-fedcba9876543210"


def lab_of(folder, loop, targets, name):
    records = Records.open(f"sqlite:///{folder}/{name}.db")
    return Lab(loop, records.runs, lambda: targets, secrets=(KEY, TOKEN))


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """A lab with one finished run."""
    nowhere = Target(name="local", base_url="http://127.0.0.1:9/v1/a/mine")
    with Loop() as loop:
        lab = lab_of(tmp_path_factory.mktemp("here"), loop, {"local": nowhere}, "here")
        run_id = lab.start(SMALL)
        lab.wait(run_id, PATIENCE_S)
        yield lab, run_id
        lab.close()


@pytest.fixture
def elsewhere(tmp_path):
    """A lab of somebody else, who has no gateway at all."""
    with Loop() as loop:
        yield lab_of(tmp_path, loop, {}, "elsewhere")


def test_run_comes_back_with_the_same_summary(here, elsewhere):
    """Judged again from its rows; versions, seed and digests are those of where it ran."""
    lab, run_id = here
    data = to_bundle(lab.bundle(run_id), lab.plan(SMALL))

    taken = elsewhere.take(data)

    there, ours = elsewhere.find(taken), lab.find(run_id)
    assert (there.imported, there.state, there.recipe) == (True, "done", SMALL)
    for name in ("seed", "plan_sha256", "app_version", "emulator_version", "python", "started_utc"):
        assert there.figures[name] == ours.figures[name]
    assert elsewhere.results(taken).findings == lab.results(run_id).findings
    pd.testing.assert_frame_equal(
        elsewhere.results(taken).summary.drop(columns="run_id"),
        lab.results(run_id).summary.drop(columns="run_id"),
    )
    pd.testing.assert_frame_equal(
        elsewhere.requests(taken).drop(columns="run_id"),
        lab.requests(run_id).drop(columns="run_id"),
        check_categorical=False,
    )
    assert len(elsewhere.attempts(taken)) == len(lab.attempts(run_id)) > 0


def test_same_file_twice_is_one_run(here, elsewhere):
    """The second time leads to the first."""
    lab, run_id = here
    data = to_bundle(lab.bundle(run_id))

    assert elsewhere.take(data) == elsewhere.take(data)
    assert len(elsewhere.runs()) == 1


def test_run_of_an_unknown_experiment_is_shown_as_it_was_judged(here, elsewhere):
    """By a later version perhaps: nothing is judged again, nothing is lost."""
    lab, run_id = here
    document = json.loads(to_bundle(lab.bundle(run_id)))
    document["recipe"]["preset"] = "E99"

    taken = elsewhere.take(json.dumps(document).encode())

    assert elsewhere.find(taken).preset == "E99"
    assert elsewhere.results(taken).findings == lab.results(run_id).findings


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("seed", "one", "seed can't be 'one'"),
        ("started_utc", "soon", "started_utc isn't a moment"),
        ("state", 5, "state can't be '5'"),
        ("warnings_json", "[", "warnings_json isn't JSON"),
        ("planned_n", True, "planned_n can't be"),
    ],
)
def test_wrong_value_is_refused_by_name(here, elsewhere, name, value, words):
    """Nothing is kept of such a file."""
    lab, run_id = here
    document = json.loads(to_bundle(lab.bundle(run_id)))
    document["run"][name] = value

    with pytest.raises(BadRequest, match=words):
        elsewhere.take(json.dumps(document).encode())
    assert elsewhere.runs() == []


def test_what_a_run_ran_with_is_kept(here):
    """Digests of the sources; of a local run, of its gateway, too."""
    lab, run_id = here

    figures = lab.find(run_id).figures
    assert figures["app_version"].startswith("sha256:")
    assert figures["emulator_version"].startswith("sha256:")
    assert figures["platform"]


def test_no_export_holds_a_key_or_a_token(serve, tmp_path):
    """Not even where a gateway repeats them in its error: each format, byte by byte."""

    async def echo(request, peer):
        said = " ".join(f"{name}: {value}" for name, value in request.headers)
        await peer.send(whole(json.dumps({"error": {"message": said}}), status="401 Unauthorized"))

    server = serve(echo)
    target = Target(
        name="cloudflare",
        base_url=f"{server.url}/v1/a/mine",
        token=TOKEN,
        keys={"openai": KEY},
    )
    with Loop() as loop:
        lab = lab_of(tmp_path, loop, {"cloudflare": target}, "echo")
        run_id = lab.start(SMALL, "cloudflare")
        lab.wait(run_id, PATIENCE_S)
        bundle, plan = lab.bundle(run_id), lab.plan(SMALL)

    tables = {"requests": bundle.requests, "attempts": bundle.attempts, "summary": bundle.summary}
    exports = [
        *(sheets.to_csv(table) for table in tables.values()),
        *(sheets.to_parquet(table) for table in tables.values()),
        *_unpacked(sheets.to_xlsx(tables)),
        to_bundle(bundle, plan),
        to_html(bundle, None, plan),
        asserted.to_pytest(SMALL),
        asserted.to_promptfoo(plan, bundle.requests, target.base_url),
    ]
    assert set(bundle.requests["status"]) == {401}
    assert not any(word.encode() in one for one in exports for word in (KEY, TOKEN))


def _unpacked(book):
    """Return the files inside a workbook: it is compressed."""
    archive = zipfile.ZipFile(io.BytesIO(book))
    return [archive.read(name) for name in archive.namelist()]
