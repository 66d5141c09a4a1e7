"""Exchanges of every kind, and the databases that they are kept in."""

import os
import shutil
import subprocess
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.chat import (
    Chat,
    Completion,
    Cost,
    Exchange,
    Failure,
    Image,
    Message,
    Reply,
    Sent,
    Step,
    Times,
    Tool,
    ToolCall,
    Usage,
    say,
)
from gateway.headers import Options

KEY = "sk-marker-0123456789abcdef"
AT = datetime(2026, 11, 23, 12, 0, 0, 123456, UTC)


def exchange(*, cache="MISS", status=200, body='{"q":1}', end_s=1.5, **more):
    """One exchange as it usually is."""
    reply = Reply(
        status=status,
        headers=(("cf-aig-cache-status", cache), ("cf-aig-log-id", "log-1"), ("cf-aig-step", "1")),
        completion=Completion(
            text="one two", finish="stop", usage=Usage(tokens_in=7, tokens_out=3, cached_in=2)
        ),
        times=Times(
            headers_s=0.25,
            first_chunk_s=0.5,
            first_s=0.5,
            last_s=1.0,
            end_s=end_s,
            chunks_s=(0.5, 0.625, 1.0),
        ),
    )
    sent = Sent(
        method="POST",
        url="http://127.0.0.1/v1/a/demo/openai/chat/completions",
        headers=(("Authorization", f"Bearer {KEY}"),),
        body=body,
    )
    values = {
        "at": AT,
        "chat": Chat(provider="openai", model="gpt-x", messages=say("Hello")),
        "options": Options(cache_ttl=60, skip_cache=False, max_attempts=2),
        "target": "local",
        "sent": sent,
        "reply": reply,
        "cost": Cost(usd=0.25, list_usd=0.5, source="genai-prices 2026-11-01"),
        "simulated": True,
    }
    return Exchange(**{**values, **more})


def rich():
    """One exchange that uses every part of every class."""
    messages = (
        *say("caf\u00e9 \N{SNOWMAN} \ud83d", system="Be brief\0"),
        Message(role="user", text="", images=(Image(media_type="image/png", data="AAAA"),)),
        Message(role="assistant", tool_calls=(ToolCall(id="1", name="add", arguments="{}"),)),
        Message(role="tool", text="3", tool_call_id="1"),
    )
    chat = Chat(
        provider="openai",
        model="gpt-x",
        messages=messages,
        route="universal",
        temperature=0.5,
        stop=("a", "b"),
        tools=(Tool(name="add", parameters={"type": "object", "deep": [1, {"x": None}]}),),
        schema={"type": "object"},
        steps=(Step(provider="groq", model="m", options=Options(backoff="linear")),),
    )
    options = Options(
        metadata={"user": "a", "n": 1, "yes": True},
        custom_cost={"per_token_in": 1e-6},
        allowed_models=("a/b", "c/d"),
    )
    return exchange(chat=chat, options=options, original_ms=12.5, run="run-1")


FAILED = Failure(name="TimedOut", sentence="127.0.0.1:1 sent nothing for 5 s.")


@pytest.fixture(scope="session")
def postgresql():
    """A database of a PostgreSQL server: the one that POSTGRES_URL names, or one of our own."""
    if url := os.environ.get("POSTGRES_URL"):
        yield url
        return
    pytest.importorskip("psycopg", reason="PostgreSQL needs psycopg, which isn't installed")
    programs = _programs()
    if programs is None:
        pytest.skip("No PostgreSQL server here: install Debian's postgresql or set POSTGRES_URL")
    place = Path(tempfile.mkdtemp(prefix="pg-"))
    # The server refuses to run as root.
    user = "nobody" if os.geteuid() == 0 else None
    if user:
        shutil.chown(place, user)
    data = place / "data"
    quiet = {"user": user, "cwd": place, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    initdb = [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8"]
    subprocess.run([*initdb, "--no-sync", "--locale", "C"], check=True, **quiet)
    settings = ["-c", "listen_addresses=", "-c", "fsync=off", "-c", "unix_socket_permissions=0777"]
    server = subprocess.Popen([programs / "postgres", "-D", data, "-k", place, *settings], **quiet)
    try:
        url = f"postgresql://postgres@/postgres?host={place}"
        _wait_for(url, server)
        yield url
    finally:
        server.terminate()
        server.communicate()
        shutil.rmtree(place, ignore_errors=True)


def _programs():
    """The folder of the server's programs; Debian keeps them off the PATH."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "postgres").exists()), None)


def _wait_for(url, server):
    """Wait until the server takes connections: its socket is there before that."""
    import psycopg

    end = time.monotonic() + 20
    while True:
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError:
            assert server.poll() is None, server.stderr.read()
            assert time.monotonic() < end
            time.sleep(0.02)
        else:
            return


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """An empty database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/records.db"
        return
    url = request.getfixturevalue("postgresql")
    yield url
    import sqlalchemy

    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("DROP SCHEMA public CASCADE"))
        connection.execute(sqlalchemy.text("CREATE SCHEMA public"))
    engine.dispose()
