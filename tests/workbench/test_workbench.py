"""workbench: many answers at once, each kept, each stopped when nobody wants it any more."""

import json
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from gateway import pricing
from gateway.chat import Chat, Completion, Step, Usage, say
from gateway.dialects import DIALECTS
from gateway.errors import SettingsError
from gateway.headers import Options
from gateway.providers import CUSTOM, PROVIDERS
from gateway.records import Records
from gateway.settings import ROOT, Settings
from gateway.workbench import Workbench
from tests.raw_server import stream_head, whole
from tests.workbench.conftest import END, KEY, piece

HELLO = Chat(provider="openai", model="gpt-5-mini", messages=say("Hello"))
SERVED = [
    (slug, route)
    for slug, row in PROVIDERS.items()
    if not slug.startswith(CUSTOM)  # They must be registered first.
    for route, is_served in [
        ("native", row.dialect),
        ("universal", row.dialect),
        ("compat", row.compat_prefix),
        ("rest", row.rest_author),
    ]
    if is_served
]
WHOLE = replace(HELLO, stream=False)


async def two_words(request, peer):
    """Answer at once."""
    await peer.send(stream_head(headers="cf-aig-log-id: 7\r\n"), piece("one"), piece(" two"), *END)


async def one_word(request, peer):
    """Say one word and fall silent."""
    await peer.send(stream_head(), piece("one"))
    await peer.gone.wait()


async def silent(request, peer):
    """Take the question and say nothing."""
    await peer.gone.wait()


def until(fact):
    """Wait for something that another thread brings about."""
    end = time.monotonic() + 5
    while not fact() and time.monotonic() < end:
        time.sleep(0.005)
    return fact()


def test_answer_becomes_an_exchange(serve, bench):
    """What was asked, what came, when, what it cost, and that it was simulated."""
    workbench = bench(serve(two_words).url)

    answer = workbench.ask(HELLO, Options(cache_ttl=60))
    exchange = answer.wait(5)

    assert (exchange.reply.text, exchange.reply.ok, exchange.failure) == ("one two", True, None)
    assert (exchange.chat, exchange.target, exchange.simulated) == (HELLO, "local", True)
    assert ("cf-aig-cache-ttl", "60") in exchange.sent.headers
    assert exchange.cost.usd == exchange.cost.list_usd > 0
    assert answer.snapshot().text == "one two"
    assert not answer.snapshot().running


def test_pieces_are_seen_before_the_end(serve, bench):
    """The page draws while the model speaks."""
    answer = bench(serve(one_word).url).ask(HELLO)

    assert until(lambda: answer.snapshot().text == "one")
    seen = answer.snapshot()
    assert (seen.running, seen.chunks, answer.exchange) == (True, 1, None)
    assert seen.ttft_ms > 0


def test_answers_run_at_the_same_time(serve, bench):
    """Nobody is answered before all four have asked."""
    asked = []

    async def answer(request, peer):
        asked.append(peer)
        if len(asked) == 4:
            for other in asked:
                await other.send(stream_head(), piece("ok"), *END)
        await peer.gone.wait()

    workbench = bench(serve(answer).url)

    answers = [workbench.ask(HELLO) for _ in range(4)]

    assert [answer.wait(5).reply.text for answer in answers] == ["ok"] * 4


@pytest.mark.parametrize(("behaviour", "status", "text"), [(one_word, 200, "one"), (silent, 0, "")])
def test_stop_closes_the_upstream_and_keeps_what_came(serve, bench, behaviour, status, text):
    """In mid-stream and before the first byte alike, within 0.2 s."""
    server = serve(behaviour)
    answer = bench(server.url).ask(HELLO)
    assert until(lambda: len(server.requests) == 2 and answer.snapshot().text == text)

    started = time.perf_counter()
    answer.stop()
    exchange = answer.wait(5)
    took_s = time.perf_counter() - started

    assert until(server.hung_up.is_set)
    assert took_s < 0.2
    assert (exchange.reply.status, exchange.reply.text) == (status, text)
    assert (exchange.reply.stopped, exchange.reply.ok, exchange.failure) == (True, False, None)


def test_stop_before_anything_was_sent(serve, bench):
    """Ask and Stop in one breath."""
    answer = bench(serve(silent).url).ask(HELLO)
    answer.stop()

    assert answer.wait(5).reply.stopped


def test_answer_that_nobody_wants_is_stopped(serve, bench):
    """A closed tab can't press Stop: the loop asks for itself."""
    server = serve(one_word)
    wanted = threading.Event()
    wanted.set()
    answer = bench(server.url).ask(HELLO, alive=wanted.is_set)
    assert until(lambda: answer.snapshot().text == "one")

    wanted.clear()

    assert answer.wait(2).reply.stopped
    assert until(server.hung_up.is_set)


def test_one_failure_leaves_the_others_alone(serve, bench):
    """Columns don't know each other."""

    async def answer(request, peer):
        if b"Fail" in request.body:
            peer.reset()
        else:
            await two_words(request, peer)

    workbench = bench(serve(answer).url)
    bad = Chat(provider="openai", model="m", messages=say("Fail"))

    failed, fine = workbench.ask(bad).wait(5), workbench.ask(HELLO).wait(5)

    assert (failed.failure.name, failed.reply) == ("Unreachable", None)
    assert "gave no answer" in failed.failure.sentence
    assert fine.reply.text == "one two"


@pytest.mark.parametrize(
    ("chat", "name", "words"),
    [
        (Chat(provider="nobody", model="m", messages=()), "BadRequest", "Nobody knows"),
        (HELLO, "BadAnswer", "isn't JSON"),
    ],
)
def test_error_becomes_a_failure(serve, bench, chat, name, words):
    """Pages contain no try."""

    async def answer(request, peer):
        await peer.send(whole("nonsense"))

    exchange = bench(serve(answer).url).ask(chat).wait(5)

    assert exchange.failure.name == name
    assert words in exchange.failure.sentence


def test_error_of_our_own_ends_the_answer_too(serve, bench, caplog):
    """A page that waits for an end gets one."""

    def alive():
        raise RuntimeError(f"no session for {KEY}")

    exchange = bench(serve(one_word).url, OPENAI_API_KEY=KEY).ask(HELLO, alive=alive).wait(5)

    assert exchange.failure.name == "RuntimeError"
    assert KEY not in exchange.failure.sentence
    assert "error of our own" in caplog.text


def test_unknown_target_is_a_failure(serve, bench):
    """A conversation that was kept elsewhere may name a gateway that isn't connected here."""
    answer = bench(serve(two_words).url).ask(HELLO, target="elsewhere")

    assert "'elsewhere' isn't connected here" in answer.wait(0).failure.sentence
    assert not answer.snapshot().running


def test_every_exchange_is_kept(serve, bench):
    """Failures, too: they are rows of the history."""
    workbench = bench(serve(two_words).url)
    workbench.ask(HELLO).wait(5)
    workbench.ask(Chat(provider="nobody", model="m", messages=())).wait(5)

    assert until(lambda: len(workbench.history()) == 2)
    assert workbench.history()["error_class"].tolist() == ["none", "not_sent"]
    assert workbench.history()["log_id"].tolist()[0] == "7"


def test_hit_costs_nothing_and_knows_its_original(local, bench):
    """Against the real gateway: the second identical question comes from its cache."""
    workbench = bench(local.url)

    first, second = workbench.ask(WHOLE).wait(5), workbench.ask(WHOLE).wait(5)

    assert [first.reply.cache, second.reply.cache] == ["MISS", "HIT"]
    assert (first.original_ms, second.original_ms) == (None, first.reply.total_ms)
    assert second.cost.usd == 0
    assert second.cost.list_usd == first.cost.usd > 0


def test_step_that_answered_is_the_one_that_is_priced(serve, bench):
    """A fallback costs what its own model costs."""
    usage = Usage(tokens_in=1_000_000, tokens_out=0)
    body = DIALECTS["anthropic"].answer(
        Completion(text="ok", finish="stop", usage=usage), created=1
    )

    async def answer(request, peer):
        await peer.send(whole(json.dumps(body), headers="cf-aig-step: 1\r\n"))

    steps = (
        Step(provider="groq", model="unknown"),
        Step(provider="anthropic", model="claude-sonnet-4-5"),
    )
    chat = replace(WHOLE, route="universal", steps=steps)

    exchange = bench(serve(answer).url).ask(chat).wait(5)

    listed = pricing.price("anthropic", "claude-sonnet-4-5").usd(usage)
    assert (exchange.reply.step, exchange.cost.usd) == (1, listed)
    assert exchange.simulated


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(("slug", "route"), SERVED)
def test_every_provider_answers_on_every_route(local_bench, slug, route, stream):
    """Client and local gateway share the words and nothing else: what one writes, both read."""
    model = next((model.id for model in PROVIDERS[slug].models), PROVIDERS[slug].example_model)
    chat = Chat(provider=slug, model=model, messages=say("Hello"), route=route, stream=stream)

    exchange = local_bench.ask(chat).wait(5)

    assert (exchange.failure, exchange.reply.broken, exchange.reply.status) == (None, None, 200)
    assert exchange.reply.text
    assert exchange.reply.completion.usage.tokens_out > 0
    assert (exchange.reply.ttft_ms is not None) == stream
    assert exchange.reply.log_id


def test_journal_has_the_attempts_behind_an_answer(local, bench):
    """Ground truth of the local gateway."""
    workbench = bench(local.url)

    exchange = workbench.ask(HELLO).wait(5)
    (attempt,) = workbench.journal(exchange.reply.log_id)

    assert (attempt["provider"], attempt["state"], attempt["status"]) == ("openai", "done", 200)


def test_bad_settings_are_problems_not_errors(serve, bench):
    """The app starts whatever .env says."""
    problem = SettingsError("OPENAI_API_KEY", "still holds a placeholder")

    workbench = bench(serve(two_words).url, problems=(problem,))

    assert workbench.problems == ("OPENAI_API_KEY still holds a placeholder.",)


def test_records_that_can_t_be_opened_are_replaced(serve, tmp_path):
    """History works until the end of the app, and the page says why not longer."""
    (tmp_path / "file").touch()
    values = {
        "LOCAL_GATEWAY_URL": serve(two_words).url,
        "RECORDS_URL": f"sqlite:///{tmp_path}/file/records.db",
    }
    workbench = Workbench.open(Settings(values=values))
    workbench.ask(HELLO).wait(5)

    assert until(lambda: len(workbench.history()) == 1)
    (problem,) = workbench.problems
    assert "records last only as long as the app" in problem
    workbench.close()


def test_no_key_is_kept_anywhere(serve, bench, tmp_path):
    """A key of .env that a provider quotes appears in no exchange, record, table or repr."""
    quoted = f'{{"error":{{"message":"Incorrect API key: {KEY}"}}}}'

    async def answer(request, peer):
        await peer.send(whole(quoted, status="401 No", headers=f"x-echo: {KEY}\r\n"))

    workbench = bench(serve(answer).url, OPENAI_API_KEY=KEY, LOCAL_GATEWAY_TOKEN=KEY[::-1])
    given = workbench.ask(HELLO)
    exchange = given.wait(5)
    assert until(lambda: len(workbench.history()) == 1)
    table, settings = workbench.history().to_csv(), workbench.settings
    workbench.close()

    kept = repr((exchange, given.snapshot(), settings, workbench.targets)) + table
    written = b"".join(path.read_bytes() for path in Path(tmp_path).glob("records.db*"))
    assert exchange.reply.status == 401
    assert KEY not in kept
    assert KEY[::-1] not in kept
    assert KEY.encode() not in written
    assert KEY[::-1].encode() not in written


def test_closing_ends_what_runs(serve, bench):
    """No thread, no connection and no answer is left behind."""
    server = serve(one_word)
    before = set(threading.enumerate())
    workbench = bench(server.url)
    answer = workbench.ask(HELLO)
    assert until(lambda: answer.snapshot().text == "one")

    workbench.close()
    workbench.close()

    assert answer.exchange.reply.stopped
    assert until(server.hung_up.is_set)
    assert {thread.name for thread in set(threading.enumerate()) - before} <= {"prices"}


LEAVE = """
import sys, time
from gateway.chat import Chat, say
from gateway.records import Records
from gateway.settings import ROOT, Settings
from gateway.workbench import Workbench
url, records = sys.argv[1:]
bench = Workbench.open(Settings(values={"LOCAL_GATEWAY_URL": url, "RECORDS_URL": records}))
answer = bench.ask(Chat(provider="openai", model="gpt-5-mini", messages=say("Hello")))
while not answer.snapshot().text:
    time.sleep(0.005)
"""


def test_leaving_the_program_ends_what_runs(serve, tmp_path):
    """Ctrl-C while an answer runs: its connection is closed, and what came is kept."""
    server, url = serve(one_word), f"sqlite:///{tmp_path}/records.db"

    done = subprocess.run(
        [sys.executable, "-c", LEAVE, server.url, url],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stderr == ""
    assert until(server.hung_up.is_set)
    records = Records.open(url)
    (kept,) = records.find()
    records.close()
    assert (kept.reply.text, kept.reply.stopped) == ("one", True)
