"""spans: one request in both spellings of OTLP."""

import orjson
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from gateway.local.spans import Span, as_json, as_protobuf

SPAN = Span(
    name="openai gpt-4o-mini",
    trace_id="4bf92f3577b34da6a3ce929d0e0e4736",
    span_id="00f067aa0ba902b7",
    parent_id="10f067aa0ba902b7",
    start_ns=1_795_474_969_123_456_789,
    end_ns=1_795_474_970_123_456_789,
    failed=True,
    attributes={"text": "é", "yes": True, "whole": -300, "large": 2**40, "part": 0.25},
)


def kinds(values):
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in values}


@pytest.mark.rule("gateway.otel")
def test_protobuf_is_what_its_own_package_reads():
    """Field numbers and wire types, by the schema of OpenTelemetry itself."""
    read = ExportTraceServiceRequest.FromString(as_protobuf(SPAN))

    resource = read.resource_spans[0]
    scoped = resource.scope_spans[0]
    span = scoped.spans[0]
    assert kinds(resource.resource.attributes) == {"service.name": "ai-gateway"}
    assert (scoped.scope.name, span.name, span.kind) == ("ai-gateway", SPAN.name, 3)
    assert (span.trace_id.hex(), span.span_id.hex()) == (SPAN.trace_id, SPAN.span_id)
    assert span.parent_span_id.hex() == SPAN.parent_id
    assert (span.start_time_unix_nano, span.end_time_unix_nano) == (SPAN.start_ns, SPAN.end_ns)
    assert span.status.code == 2
    assert kinds(span.attributes) == SPAN.attributes


def test_json_spells_ids_in_hex_and_long_numbers_as_text():
    """As OTLP says of its JSON (64 bits don't fit into a number there)."""
    told = orjson.loads(as_json(SPAN))["resourceSpans"][0]["scopeSpans"][0]["spans"][0]

    assert (told["traceId"], told["parentSpanId"]) == (SPAN.trace_id, SPAN.parent_id)
    assert told["startTimeUnixNano"] == str(SPAN.start_ns)
    values = {pair["key"]: pair["value"] for pair in told["attributes"]}
    assert values["yes"] == {"boolValue": True}
    assert values["whole"] == {"intValue": "-300"}
    assert values["part"] == {"doubleValue": 0.25}
