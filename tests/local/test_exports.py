"""exports: what a collector of traces gets, over a real port."""

import queue
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import orjson
import pytest

from tests.local.conftest import HELLO, OPENAI, asking

PATIENCE_S = 20
LLAMA = "@cf/meta/llama-3.1-8b-instruct"


class Collector:
    """Somebody who takes spans."""

    def __init__(self):
        self.taken = queue.Queue()
        taken = self.taken

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                taken.put((self.path, dict(self.headers), body))
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def exporter(self, path="/v1/traces", **more):
        return {"url": f"http://127.0.0.1:{self.server.server_port}{path}", "headers": {}, **more}

    def span(self):
        """Wait for one span, as JSON."""
        body = orjson.loads(self.taken.get(timeout=PATIENCE_S)[2])
        return body["resourceSpans"][0]["scopeSpans"][0]["spans"][0]


@pytest.fixture
def collector():
    made = Collector()
    yield made
    made.server.shutdown()
    made.server.server_close()


def attributes(span):
    return {pair["key"]: next(iter(pair["value"].values())) for pair in span["attributes"]}


@pytest.mark.rule("gateway.otel", "logs.otel")
def test_request_becomes_a_span(gateway, collector):
    """At the address as it is given, with the documented attributes and the caller's metadata."""
    name = gateway.new_gateway(otel=[collector.exporter("/any?x=1", authorization="Bearer mine")])
    metadata = '{"team": "x", "tries": 2, "gen_ai.usage.cost": 9}'

    answer = gateway.ask(gateway=name, cf_aig_metadata=metadata)

    path, headers, body = collector.taken.get(timeout=PATIENCE_S)
    scoped = orjson.loads(body)["resourceSpans"][0]["scopeSpans"][0]
    span, row = scoped["spans"][0], gateway.log(answer, name)
    told = attributes(span)
    assert (path, headers["content-type"]) == ("/any?x=1", "application/json")
    assert headers["authorization"] == "Bearer mine"
    assert told["gen_ai.request.model"] == HELLO["model"]
    assert told["gen_ai.model.provider"] == "openai"
    assert told["gen_ai.usage.input_tokens"] == str(row["tokens_in"])
    assert told["gen_ai.usage.output_tokens"] == str(row["tokens_out"])
    assert told["gen_ai.usage.cost"] == pytest.approx(row["cost"])
    assert orjson.loads(told["gen_ai.prompt_json"]) == HELLO
    assert orjson.loads(told["gen_ai.completion_json"]) == answer.json()
    assert (told["team"], told["tries"]) == ("x", "2")
    assert span["traceId"] == answer.headers["cf-aig-request-id"].replace("-", "")
    assert 0 < int(span["startTimeUnixNano"]) <= int(span["endTimeUnixNano"])


@pytest.mark.rule("headers.otel")
def test_span_joins_the_callers_trace(gateway, collector):
    """Two headers name the trace and the span above it; nonsense is no name."""
    name = gateway.new_gateway(otel=[collector.exporter()])
    trace, parent = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"

    gateway.ask(gateway=name, cf_aig_otel_trace_id=trace, cf_aig_otel_parent_span_id=parent)
    joined = collector.span()
    gateway.ask(gateway=name, cf_aig_otel_trace_id="zz", cf_aig_otel_parent_span_id="zz")
    alone = collector.span()

    assert (joined["traceId"], joined["parentSpanId"]) == (trace, parent)
    assert len(alone["traceId"]) == 32
    assert "parentSpanId" not in alone


@pytest.mark.rule("logs.otel_one_span")
def test_request_of_several_steps_is_one_span(gateway, collector):
    """The step that answered is told; a refusal is a span too."""
    name = gateway.new_gateway(otel=[collector.exporter()])
    steps = [
        {"provider": "openai", "endpoint": "chat/completions", "query": HELLO},
        {"provider": "workers-ai", "endpoint": LLAMA, "query": {"prompt": "Hello"}},
    ]

    answer = gateway.ask("", steps, gateway=name, x_local_fault="500, ok")
    answered = collector.span()
    gateway.ask(gateway=name, x_local_fault="reset")
    refused = collector.span()

    assert attributes(answered)["gen_ai.model.provider"] == "workers-ai"
    assert answered["traceId"] == answer.headers["cf-aig-request-id"].replace("-", "")
    assert answered["status"] == {}
    assert refused["status"] == {"code": 2}
    assert collector.taken.empty()


@pytest.mark.rule("logs.otel_bodies")
@pytest.mark.parametrize("header", ["cf-aig-collect-log", "cf-aig-collect-log-payload"])
def test_bodies_that_are_not_logged_are_not_exported(gateway, collector, header):
    """Whoever keeps them out of the log wants them nowhere else."""
    name = gateway.new_gateway(otel=[collector.exporter()])

    gateway.ask(gateway=name, **{header: "false"})

    told = attributes(collector.span())
    assert not {"gen_ai.prompt_json", "gen_ai.completion_json"} & told.keys()
    assert "gen_ai.usage.cost" in told


def test_stream_is_exported_as_its_events(gateway, collector):
    """Its last one, [DONE], is no JSON."""
    name = gateway.new_gateway(otel=[collector.exporter()])

    gateway.ask(body={**HELLO, "stream": True}, gateway=name)

    events = orjson.loads(attributes(collector.span())["gen_ai.completion_json"])
    assert events[0]["object"] == "chat.completion.chunk"


@pytest.mark.rule("gateway.otel")
def test_every_exporter_gets_it_and_a_silent_one_holds_nobody_up(gateway, collector):
    """One of them can't be reached; from the next request on, none is asked."""
    dead = {"url": "http://127.0.0.1:9/", "headers": {}}
    both = [dead, collector.exporter(headers={"x-key": "k"}), collector.exporter("/second")]
    name = gateway.new_gateway(otel=both)

    answer = gateway.ask(body=asking("exported"), gateway=name)

    taken = [collector.taken.get(timeout=PATIENCE_S) for _ in range(2)]
    assert answer.status_code == 200
    assert {path for path, _, _ in taken} == {"/v1/traces", "/second"}
    assert [headers.get("x-key") for path, headers, _ in taken if path == "/v1/traces"] == ["k"]
    settings = gateway.manage("GET", f"/gateways/{name}").json()["result"]
    gateway.manage("PUT", f"/gateways/{name}", json={**settings, "otel": None})
    gateway.ask(OPENAI, gateway=name)
    assert collector.taken.empty()
