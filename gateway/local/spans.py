"""Spans: what is told of a request to those who collect traces (contract: logs, 9).

OTLP in both of its spellings, JSON and protobuf: an ExportTraceServiceRequest with one span.

ASSUMPTIONS: a span is named by provider and model; prompt and completion are the bodies as the
caller knows them, a stream's events as a list; they are left out where the log doesn't get them.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from gateway.local.logbook import PAYLOAD_LIMIT, Served, paid, usage_of
from gateway.sse import Decoder

Json = Any
Value = str | bool | int | float
SERVICE = "ai-gateway"
RESERVED = "gen_ai."
"""Begins the names of the attributes that are the gateway's own: metadata can't have them."""
NANO = 1_000_000_000
CLIENT, FAILED = 3, 2
"""Numbers of OTLP: the kind of a span that asks another service, and the status of an error."""
_VARINT, _FIXED64, _BYTES = 0, 1, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One request, in the words of traces.

    Attributes:
        trace_id: 32 hex digits.
        span_id: 16 hex digits, as is ``parent_id``; ``None`` where the trace begins here.
        start_ns: Since the epoch, as is ``end_ns``.
    """

    name: str
    trace_id: str
    span_id: str
    parent_id: str | None
    start_ns: int
    end_ns: int
    failed: bool
    attributes: Mapping[str, Value]


def span_of(steps: list[Served]) -> Span:
    """Return the span of a request, made of the steps that were tried; the last one answered."""
    first, last = steps[0], steps[-1]
    step = last.step
    levels = step.settled.levels
    trace, parent = levels.get("otel_trace_id"), levels.get("otel_parent_span_id")
    return Span(
        name=f"{step.slug} {step.model}".strip(),
        # Without one of the caller's, the trace is found by the request's id.
        trace_id=trace.value if trace is not None else first.id.replace("-", ""),
        span_id=last.id.replace("-", "")[16:],
        parent_id=parent.value if parent is not None else None,
        start_ns=round(first.created_s * NANO),
        end_ns=round(last.created_s * NANO + last.total_ms * 1_000_000),
        failed=not last.whole or last.status >= 400,
        attributes=_attributes(last),
    )


def _attributes(served: Served) -> dict[str, Value]:
    step, settled = served.step, served.step.settled
    response = b"".join(served.parts)
    found: dict[str, Value | None] = {
        f"{RESERVED}request.model": step.model,
        f"{RESERVED}model.provider": step.slug,
        f"{RESERVED}usage.cost": float(paid(served)),
    }
    if not served.cached:
        usage = served.usage or usage_of(served, response)
        found[f"{RESERVED}usage.input_tokens"] = usage.tokens_in
        found[f"{RESERVED}usage.output_tokens"] = usage.tokens_out
    if settled.collect_log and settled.collect_payload:
        found[f"{RESERVED}prompt_json"] = _json(step.body, "application/json")
        found[f"{RESERVED}completion_json"] = _json(response, served.content_type)
    own = {name: value for name, value in found.items() if value is not None}
    others = settled.metadata.items()
    return own | {name: value for name, value in others if not name.startswith(RESERVED)}


def _json(body: bytes, content_type: str) -> str | None:
    """Return a body as JSON text; ``None`` where it is no JSON, or larger than a log row."""
    if len(body) > PAYLOAD_LIMIT:
        return None
    try:
        if content_type.startswith("text/event-stream"):
            decoder = Decoder()
            events = [*decoder.feed(body), *decoder.close()]
            told = [orjson.loads(event.data) for event in events if event.data != "[DONE]"]
            return orjson.dumps(told).decode()
        orjson.loads(body)
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return None
    return body.decode()


def as_json(span: Span) -> bytes:
    """Spell an export as OTLP's JSON."""
    told = {
        "traceId": span.trace_id,
        "spanId": span.span_id,
        **({} if span.parent_id is None else {"parentSpanId": span.parent_id}),
        "name": span.name,
        "kind": CLIENT,
        "startTimeUnixNano": str(span.start_ns),
        "endTimeUnixNano": str(span.end_ns),
        "attributes": [_pair(*pair) for pair in span.attributes.items()],
        "status": {"code": FAILED} if span.failed else {},
    }
    scoped = {"scope": {"name": SERVICE}, "spans": [told]}
    resource = {"attributes": [_pair("service.name", SERVICE)]}
    return orjson.dumps({"resourceSpans": [{"resource": resource, "scopeSpans": [scoped]}]})


def _pair(name: str, value: Value) -> dict[str, Json]:
    match value:
        case bool():
            spelled: dict[str, Json] = {"boolValue": value}
        case int():
            spelled = {"intValue": str(value)}
        case float():
            spelled = {"doubleValue": value}
        case _:
            spelled = {"stringValue": value}
    return {"key": name, "value": spelled}


def as_protobuf(span: Span) -> bytes:
    """Spell an export as OTLP's protobuf: few enough fields to be written by hand."""
    told = b"".join(
        (
            _bytes(1, bytes.fromhex(span.trace_id)),
            _bytes(2, bytes.fromhex(span.span_id)),
            b"" if span.parent_id is None else _bytes(4, bytes.fromhex(span.parent_id)),
            _bytes(5, span.name.encode()),
            _number(6, CLIENT),
            _fixed(7, span.start_ns),
            _fixed(8, span.end_ns),
            *(_bytes(9, _attribute(*pair)) for pair in span.attributes.items()),
            _bytes(15, _number(3, FAILED) if span.failed else b""),
        )
    )
    scoped = _bytes(1, _bytes(1, SERVICE.encode())) + _bytes(2, told)
    resource = _bytes(1, _attribute("service.name", SERVICE))
    return _bytes(1, _bytes(1, resource) + _bytes(2, scoped))


def _attribute(name: str, value: Value) -> bytes:
    match value:
        case bool():
            spelled = _number(2, int(value))
        case int():
            spelled = _number(3, value)
        case float():
            spelled = _tag(4, _FIXED64) + _double(value)
        case _:
            spelled = _bytes(1, value.encode())
    return _bytes(1, name.encode()) + _bytes(2, spelled)


def _tag(field: int, kind: int) -> bytes:
    return _varint(field << 3 | kind)


def _bytes(field: int, content: bytes) -> bytes:
    return _tag(field, _BYTES) + _varint(len(content)) + content


def _number(field: int, value: int) -> bytes:
    return _tag(field, _VARINT) + _varint(value)


def _fixed(field: int, value: int) -> bytes:
    return _tag(field, _FIXED64) + value.to_bytes(8, "little")


def _double(value: float) -> bytes:
    return struct.pack("<d", value)


def _varint(value: int) -> bytes:
    """Spell a whole number; a negative one as protobuf's int64 does, in ten bytes."""
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
