"""A Worker that makes the call through its AI binding, in TypeScript."""

from dataclasses import replace
from typing import Any

from gateway.snippets.call import TOKEN, Call, CannotSay, needs_gateway
from gateway.snippets.literals import is_exact, javascript_text, javascript_value
from gateway.websocket.messages import message_of

Json = Any

IN_GATEWAY = {
    "cache_key": "cacheKey",
    "cache_ttl": "cacheTtl",
    "skip_cache": "skipCache",
    "metadata": "metadata",
    "collect_log": "collectLog",
    "event_id": "eventId",
    "request_timeout": "requestTimeoutMs",
}
IN_RETRIES = {"max_attempts": "maxAttempts", "retry_delay": "retryDelayMs", "backoff": "backoff"}
"""Options that ``env.AI.run`` takes under its own names; others are extra headers."""

CONFIG = {
    "requestTimeout": "cf-aig-request-timeout",
    "maxAttempts": "cf-aig-max-attempts",
    "retryDelay": "cf-aig-retry-delay",
    "backoff": "cf-aig-backoff",
}
"""A step's settings as its headers: the binding's type has no ``config``."""


def binding(call: Call) -> str:
    """Write the call for a Worker. The binding knows the account and needs no token.

    Raises:
        CannotSay: the binding has no way to say it.
    """
    needs_gateway(call)
    if not is_exact(call.body):
        raise CannotSay("JavaScript would change a number as long as this seed.")
    run = _model(call) if call.chat.route == "rest" else _steps(call)
    keys = "".join(f"  {name}: string;\n" for name in call.variables if name != TOKEN)
    return (
        f"interface Env {{\n  AI: Ai;\n{keys}}}\n\n"
        "export default {\n"
        "  async fetch(request: Request, env: Env): Promise<Response> {\n"
        f"{run}"
        "  },\n"
        "} satisfies ExportedHandler<Env>;\n"
    )


def _steps(call: Call) -> str:
    """Return the call through ``env.AI.gateway``, the binding's side of the universal endpoint."""
    message = message_of(
        call.url,
        [item for item in call.headers if not item[0].startswith("cf-aig-")],
        call.text,
        base=call.base_url,
    )
    given = message["request"]
    steps = [_step(step) for step in (given if isinstance(given, list) else [given])]
    said = javascript_value(steps if len(steps) > 1 else steps[0], call, 4, "env")
    extra = call.options.to_headers()
    options = (
        f", {{\n      extraHeaders: {javascript_value(extra, call, 6)},\n    }}" if extra else ""
    )
    gateway = javascript_text((call.gateway,))
    return f"    return env.AI.gateway({gateway}).run({said}{options});\n"


def _step(step: dict[str, Json]) -> dict[str, Json]:
    config = step.get("config", {})
    return {
        "provider": step["provider"],
        "endpoint": step["endpoint"],
        "headers": step["headers"] | {CONFIG[name]: str(value) for name, value in config.items()},
        "query": step["query"],
    }


def _model(call: Call) -> str:
    """Return the call through ``env.AI.run``, the binding's side of the REST API."""
    stated = dict(call.options.stated())
    retries = {own: stated[name] for name, own in IN_RETRIES.items() if name in stated}
    gateway = {
        "id": call.gateway,
        **{own: stated[name] for name, own in IN_GATEWAY.items() if name in stated},
        **({"retries": retries} if retries else {}),
    }
    other = replace(call.options, **dict.fromkeys((*IN_GATEWAY, *IN_RETRIES))).to_headers()
    extra = f"      extraHeaders: {javascript_value(other, call, 6)},\n" if other else ""
    body = {name: value for name, value in call.body.items() if name != "model"}
    model = javascript_text((call.body["model"],))
    return (
        f"    const answer: unknown = await env.AI.run({model}, "
        f"{javascript_value(body, call, 4)}, {{\n"
        f"      gateway: {javascript_value(gateway, call, 6)},\n"
        f"{extra}"
        "    });\n"
        "    return answer instanceof ReadableStream ? new Response(answer) "
        ": Response.json(answer);\n"
    )
