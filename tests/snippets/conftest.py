"""Servers that write down what a snippet sends, and the calls that every language is tried with."""

import io
import json
import os
import subprocess
import threading
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from websockets.sync.server import serve

from gateway.chat import Chat, Step, Target, Tool, say
from gateway.headers import Options

KEYS = {
    "openai": "sk-marker-openai-0123456789",
    "anthropic": "sk-marker-anthropic-0123456789",
    "google-ai-studio": "AIza-marker-google-0123456789",
    "groq": "gsk-marker-groq-0123456789",
}
TOKEN = "cf-marker-token-0123456789"
ENVIRONMENT = {
    "OPENAI_API_KEY": KEYS["openai"],
    "ANTHROPIC_API_KEY": KEYS["anthropic"],
    "GOOGLE_AI_API_KEY": KEYS["google-ai-studio"],
    "GROQ_API_KEY": KEYS["groq"],
    "CF_AIG_TOKEN": TOKEN,
}
NASTY = (
    'It\'s "quoted" `ticks` $HOME ${HOME} $(id) {x} \\n \\ %s !!\n\ttwo lines '
    "\u2028\u202e\u00a0\x7f end é 日本 🦜 ⟦OPENAI_API_KEY⟧ </script> @file"
)
OPTIONS = Options(
    cache_ttl=3600,
    cache_key="a key: 'one' \"two\" $three `four`",
    metadata={"team": "o'brien", "paid": True, "n": 1.5, "path": "C:\\x"},
    max_attempts=3,
    backoff="linear",
)
WEATHER = Tool(
    name="weather",
    description='Tells the "weather" of a city\'s centre.',
    parameters={"type": "object", "properties": {"__proto__": {"type": "string"}}},
)


def chat(provider, model, text="Hello", **how):
    return Chat(
        provider=provider,
        model=model,
        messages=say(text, system="Be brief."),
        **{"stream": False} | how,
    )


STEPS = (
    Step(provider="anthropic", model="claude-opus-5", options=Options(max_attempts=2)),
    Step(
        provider="openai",
        model="gpt-5-mini",
        options=Options(request_timeout=9000, retry_delay=250, cache_ttl=0),
    ),
    Step(provider="workers-ai", model="@cf/meta/llama-3.1-8b-instruct"),
)
CALLS = {
    "openai": (chat("openai", "gpt-5-mini", max_tokens=64), Options(), True),
    "openai-stream": (chat("openai", "gpt-5-mini", NASTY, stream=True), OPTIONS, True),
    "openai-stored-key": (chat("openai", "gpt-5-mini", temperature=1.0, seed=7), OPTIONS, False),
    "openai-tools": (
        chat("openai", "gpt-5-mini", tools=(WEATHER,), schema={"type": "object"}, seed=2**60),
        Options(),
        True,
    ),
    "groq": (chat("groq", "llama-3.3-70b-versatile", stop=("END",), top_p=0.9), OPTIONS, True),
    "anthropic": (chat("anthropic", "claude-opus-5", NASTY), OPTIONS, True),
    "anthropic-stream": (chat("anthropic", "claude-opus-5", stream=True), Options(), False),
    "google-stream": (chat("google-ai-studio", "gemini-2.5-flash", stream=True), OPTIONS, True),
    "workers": (chat("workers-ai", "@cf/meta/llama-3.1-8b-instruct"), OPTIONS, True),
    "compat": (chat("anthropic", "claude-opus-5", NASTY, route="compat"), OPTIONS, True),
    "rest": (chat("openai", "gpt-5-mini", route="rest", stream=True), OPTIONS, True),
    "rest-workers": (
        chat("workers-ai", "@cf/meta/llama-3.1-8b-instruct", route="rest"),
        Options(zdr=True),
        False,
    ),
    "universal": (
        chat("openai", "gpt-5-mini", NASTY, route="universal", steps=STEPS),
        OPTIONS,
        True,
    ),
    "long": (chat("openai", "gpt-5-mini", "$`\\'\" é " * 20_000), Options(), True),
}
"""Name -> what is asked, what the request says, and whether keys travel with it."""

ANSWER = {
    "id": "1",
    "object": "chat.completion",
    "created": 1,
    "model": "m",
    "choices": [
        {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Hi."}}
    ],
    "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
}
CHUNK = ANSWER | {"choices": [{"index": 0, "delta": {"content": "Hi."}, "finish_reason": "stop"}]}
MESSAGE = {
    "id": "1",
    "type": "message",
    "role": "assistant",
    "model": "m",
    "content": [{"type": "text", "text": "Hi."}],
    "stop_reason": "end_turn",
    "usage": {"input_tokens": 1, "output_tokens": 1},
}
DELTA = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hi."}}


@dataclass
class Seen:
    """What arrived: one entry for each request or message."""

    requests: list = field(default_factory=list)
    url: str = ""


class Recorder(BaseHTTPRequestHandler):
    """Writes a request down and answers as its format wants."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.seen.requests.append((self.command, self.path, headers, body))
        asked = json.loads(body)
        anthropic = self.path.endswith("/v1/messages")
        if isinstance(asked, dict) and asked.get("stream"):
            event = f"event: content_block_delta\ndata: {json.dumps(DELTA)}\n\n"
            answer = event if anthropic else f"data: {json.dumps(CHUNK)}\n\ndata: [DONE]\n\n"
            kind = "text/event-stream"
        else:
            answer, kind = json.dumps(MESSAGE if anthropic else ANSWER), "application/json"
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(answer.encode())))
        self.end_headers()
        self.wfile.write(answer.encode())

    def log_message(self, *_):
        """Say nothing."""


@contextmanager
def recording():
    """A server on 127.0.0.1 that answers every chat with one word."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
    server.seen = Seen(url=f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server.seen
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def http_recorder():
    """Such a server, for all tests."""
    with recording() as seen:
        yield seen


@pytest.fixture(scope="session")
def socket_recorder():
    """The same for WebSocket: keeps path, headers and message."""
    seen = Seen()

    def record(socket):
        message = json.loads(socket.recv())
        headers = {name.lower(): value for name, value in socket.request.headers.raw_items()}
        seen.requests.append((socket.request.path, headers, message))
        metadata = {"eventId": "1"}
        socket.send(json.dumps({"type": "universal.created", "metadata": metadata, "response": {}}))
        for _ in socket:
            pass

    with serve(record, "127.0.0.1", 0) as server:
        seen.url = f"http://127.0.0.1:{server.socket.getsockname()[1]}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield seen
        server.shutdown()
        thread.join()


@pytest.fixture
def environment(monkeypatch):
    """The keys, where the snippets look for them."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    return {**os.environ, **ENVIRONMENT}


@pytest.fixture
def run(environment, tmp_path):
    """Run a snippet as a reader would; returns what it printed."""

    def in_python(code):
        out = io.StringIO()
        with redirect_stdout(out):
            exec(compile(code, "snippet.py", "exec"), {})
        return out.getvalue()

    def command(words, name, code):
        path = tmp_path / name
        path.write_text(code, "utf-8")
        done = subprocess.run(
            [*words, path], env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def run(snippet):
        match snippet.language.highlight:
            case "python":
                return in_python(snippet.code)
            case "bash":
                return command(["sh"], "snippet.sh", snippet.code)
            case "javascript":
                return command(["node", "--experimental-websocket"], "snippet.mjs", snippet.code)

    return run


def target_of(url, keys):
    """A gateway at an address, with all keys or only the token."""
    return Target(
        name="local",
        base_url=f"{url}/v1/acc/demo",
        rest_url=f"{url}/client/v4/accounts/acc",
        token=TOKEN,
        keys=KEYS if keys else {},
    )
