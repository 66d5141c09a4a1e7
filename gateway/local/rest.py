"""The second data plane, on the API host: models named by author (contract: endpoints, 5).

/client/v4/accounts/{account}/ai/run                       {"model", "input", "options"}
/client/v4/accounts/{account}/ai/run/{model}               the input alone
/client/v4/accounts/{account}/ai/v1/chat/completions       also responses, messages, embeddings

``cf-aig-gateway-id`` names the gateway, else it is the default one. The caller's token is the only
key looked at: providers are asked with a stored key or with Cloudflare's own. A Workers AI model in
the path, without a gateway, is plain Workers AI: no gateway has a part in it.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

import orjson

from gateway.dialects import DIALECTS
from gateway.errors import BadRequest
from gateway.local import attempts
from gateway.local.call import Answer
from gateway.local.credentials import AUTHORIZATION, bearer, same
from gateway.local.journal import Attempt
from gateway.local.logbook import Served
from gateway.local.reading import settle
from gateway.local.refusals import Refusal
from gateway.local.relay import Client, RawHeaders
from gateway.local.routing import Route
from gateway.local.state import DEFAULT, PLAIN, State
from gateway.local.steps import (
    RESPONSES,
    Request,
    Step,
    cf_headers,
    forwarded,
    unified_path,
    version_headers,
)
from gateway.local.translate import Envelope, Translation
from gateway.policy import GatewayPolicy
from gateway.providers import KEY_HEADERS, Provider, by_rest_author

Json = Any
GATEWAY_ID = "cf-aig-gateway-id"
RUN = "run"
FORMATS = {
    "v1/chat/completions": "openai",
    "v1/responses": "responses",
    "v1/messages": "anthropic",
    "v1/embeddings": "embeddings",
}
"""Body format of an endpoint. Embeddings are Workers AI's own addition to the documented ones."""
MESSAGES = {"anthropic": "v1/messages", "grok": "v1/messages"}
"""Where providers take Anthropic's format. For others we translate."""
INVALID, NO_ACCESS = 7003, 10000
REJECTED = frozenset({401, 403})
"""Statuses with which a provider rejects a credential (ASSUMPTION: the contract says only that)."""
WEBHOOK_FORMATS = ("raw", "chat")

_PATH = re.compile(r"/client/v4/accounts/([^/]+)/ai/(run(?:/.+)?|v1/.+?)/?")


class RestRefusal(Refusal):
    """A refusal in the API host's envelope.

    The contract has both ``error`` (AI run path) and ``errors`` (API host): ours holds both, except
    where the API itself refuses the token before any gateway is asked.
    """

    def __init__(self, cause: Refusal) -> None:
        super().__init__(cause.code, cause.message, status=cause.status, headers=cause.headers)
        self._cause = cause

    def body(self) -> bytes:
        """Return the envelope."""
        if self.code == NO_ACCESS:
            error = {"code": self.code, "message": self.message}
            return orjson.dumps(
                {"success": False, "errors": [error], "messages": [], "result": None}
            )
        whole = orjson.loads(self._cause.body())
        error = whole["error"]
        return orjson.dumps({**whole, "errors": error if isinstance(error, list) else [error]})


class Unmarked:
    """The caller's side of a call in which no gateway has a part: without the gateway's headers."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.send = client.send
        self.end = client.end

    async def start(self, status: int, headers: RawHeaders) -> None:
        """Send status and headers."""
        kept = [pair for pair in headers if not pair[0].startswith(b"cf-aig-")]
        await self._client.start(status, kept)


def route_of(path: str, headers: Mapping[str, str]) -> Route | None:
    """Read the raw path of a URL; ``None`` where it is none of the endpoints."""
    found = _PATH.fullmatch(path)
    if found is None:
        return None
    # The Anthropic package adds its own v1 to the base URL that the docs print.
    endpoint = unquote(found[2]).replace("v1/v1/", "v1/", 1)
    if endpoint not in FORMATS and endpoint.partition("/")[0] != RUN:
        return None
    gateway = headers.get(GATEWAY_ID, "").strip()
    if not gateway:
        gateway = PLAIN.id if endpoint.startswith((f"{RUN}/@cf/", f"{RUN}/@hf/")) else DEFAULT
    return Route(account=unquote(found[1]), gateway=gateway, kind="rest", endpoint=endpoint)


def admitted(route: Route, headers: Mapping[str, str], token: str) -> dict[str, str]:
    """Return the headers of a caller who may come in: without keys, with the gateway's token.

    Raises:
        Refusal: ``authorization`` doesn't hold the token (10000).
    """
    if not same(bearer(headers.get("authorization", "")), token):
        raise Refusal(NO_ACCESS, "Authentication error", status=401)
    kept = {name: value for name, value in headers.items() if name not in KEY_HEADERS}
    if route.gateway == PLAIN.id:
        return {name: value for name, value in kept.items() if not name.startswith("cf-aig-")}
    return {**kept, AUTHORIZATION: f"Bearer {token}"}


def step_of(request: Request, policy: GatewayPolicy, headers: Mapping[str, str]) -> Step:
    """Return the only step of a call.

    Raises:
        Refusal: no such model (7003, 404), or a field isn't what it must be (7003, 400).
    """
    if request.method != "POST":
        raise Refusal(None, "This endpoint takes POST only", status=405)
    endpoint = request.route.endpoint
    body = _object(request.body)
    name, given = body.get("model"), body
    if endpoint == RUN:
        _check_options(body.get("options"))
        given = body.get("input")
    elif endpoint not in FORMATS:
        name = endpoint.removeprefix(f"{RUN}/")
    provider, model = _placed(name)
    if not isinstance(given, dict):
        raise _invalid("input must be an object")
    form = FORMATS.get(endpoint) or _form(provider, model, given)
    path, sent, translation = _asked(provider, model, given, form)
    enveloped = endpoint not in FORMATS and provider.slug != "workers-ai"
    try:
        sent_body = orjson.dumps(sent)
    except orjson.JSONEncodeError as error:
        raise _invalid("the body is nested too deeply") from error
    return Step(
        index=0,
        provider=provider,
        slug=provider.slug,
        endpoint=f"ai/{endpoint}",
        body=request.body,
        path=path,
        sent=sent_body,
        headers={
            **version_headers(provider),
            **forwarded(headers),
            "content-type": "application/json",
        },
        model=model,
        streamed=given.get("stream") is True,
        settled=settle(policy, cf_headers(headers)),
        translation=Envelope(translation) if enveloped else translation,
    )


def _placed(name: Json) -> tuple[Provider, str]:
    """Return provider and model by the name that the REST API gives to both."""
    if not isinstance(name, str) or not name:
        raise _invalid("model must be given, as text")
    found = by_rest_author(name)
    if found is None:
        raise Refusal(INVALID, f"Model not found: {name}", status=404)
    return found


def _form(provider: Provider, model: str, given: Mapping[str, Json]) -> str:
    """Return the format of an input, which is the model's own; "" where only its provider knows.

    ASSUMPTION: third-party models take their provider's body, or OpenAI's messages.
    """
    if provider.slug == "workers-ai":
        return ""
    if provider.dialect == "google" and "contents" in given:
        return "google"
    if "messages" in given:
        return "anthropic" if provider.dialect == "anthropic" else "openai"
    if "input" in given:
        return "embeddings" if "embed" in model else "responses"
    raise _invalid("input must have messages or input")


def _asked(
    provider: Provider, model: str, given: Mapping[str, Json], form: str
) -> tuple[str, Json, Translation | None]:
    """Return path and body as the provider takes them, and how its answer comes back."""
    slug, body = provider.slug, {**given, "model": model}
    match form:
        case "":
            return model, given, None
        case "google":
            streamed = given.get("stream") is True
            verb = "streamGenerateContent?alt=sse" if streamed else "generateContent"
            contents = {name: value for name, value in given.items() if name != "stream"}
            return f"v1beta/models/{model}:{verb}", contents, None
        case "embeddings" if provider.dialect in ("openai", "workers-ai"):
            return "v1/embeddings", body, None
        case "openai" if provider.dialect in ("openai", "workers-ai"):
            if not isinstance(given.get("messages"), list):
                raise _invalid("messages must be a list")
            return unified_path(provider), body, None
        case "responses" if slug in RESPONSES:
            return RESPONSES[slug], body, None
        case "anthropic" if slug in MESSAGES:
            return MESSAGES[slug], body, None
    if form not in DIALECTS or slug == "workers-ai" or provider.dialect is None:
        raise _invalid(f"The model {model} isn't available on this endpoint")
    try:
        chat = DIALECTS[form].read(body, provider=slug)
    except BadRequest as error:
        raise _invalid(str(error)) from error
    source = DIALECTS[provider.dialect]
    return source.path(chat), source.body(chat), Translation(source, chat, into=DIALECTS[form])


def _object(body: bytes) -> Json:
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise _invalid("the body isn't JSON") from error
    if not isinstance(data, dict):
        raise _invalid("the body must be an object")
    return data


def _check_options(options: Json) -> None:
    """Refuse options that don't fit together, and work in the background.

    What a background call answers is undocumented, so there is nothing to be compatible with; and
    this gateway calls no address that a request names.
    """
    if options is None:
        return
    if not isinstance(options, dict):
        raise _invalid("options must be an object")
    background = options.get("background") or False
    url, form = options.get("webhookUrl"), options.get("webhookFormat")
    if not isinstance(background, bool):
        raise _invalid("options.background must be true or false")
    if url is not None and not background:
        # The one of these mistakes that is documented has no code (contract: behaviour, 12).
        raise Refusal(None, "options.webhookUrl needs options.background", status=400)
    if url is not None and not (isinstance(url, str) and url.startswith("https://")):
        raise _invalid("options.webhookUrl must be an HTTPS URL")
    if form is not None and url is None:
        raise _invalid("options.webhookFormat needs options.webhookUrl")
    if form is not None and form not in WEBHOOK_FORMATS:
        raise _invalid("options.webhookFormat must be raw or chat")
    if background:
        raise _invalid("options.background isn't served by the local gateway")


def _invalid(words: str) -> Refusal:
    return Refusal(INVALID, f"Input validation failed: {words}", status=400)


async def check(state: State, served: Served, answer: Answer, attempt: Attempt) -> None:
    """Answer in the provider's place where it rejects the credential, or doesn't have the model.

    Raises:
        Refusal: 2009, or 503 where the credential was Cloudflare's own; 7003 for no such model
            (ASSUMPTION: a provider's 404 means that, since the path is ours).
    """
    step = served.step
    refusal = None
    if answer.status in REJECTED and step.endpoint.startswith(f"ai/{RUN}"):
        refusal = Refusal(2009, "The provider rejected the credential")
        if served.credential == "unified":
            words = "The provider rejected Cloudflare's credential"
            refusal = Refusal(None, words, status=503)
    elif answer.status == 404:
        name = step.provider.rest_model(step.model)
        refusal = Refusal(INVALID, f"Model not found: {name}", status=404)
    if refusal is not None:
        await attempts.drain(state, answer, attempt)
        served.status, served.parts = refusal.status, [RestRefusal(refusal).body()]
        raise refusal
