"""Rules about where a call goes: routes, models, URLs, and what they don't go together with."""

import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

from gateway.draft import AUTO_MODEL, DYNAMIC, Draft, honours
from gateway.headers import HEADERS
from gateway.lint.finding import Fix, Rule, Trouble, drop
from gateway.providers import PROVIDERS, provider_of

_DOUBLED = re.compile(r"/(v\d\w*)/\1(?=/|$)")
_HOSTS = frozenset({"gateway.ai.cloudflare.com", "api.cloudflare.com"})
_PROVIDER_DOMAINS = (".openai.azure.com", ".googleapis.com", ".amazonaws.com")
_PROVIDER_HOSTS = frozenset(
    urlsplit(row.upstream_base_url).hostname
    for row in PROVIDERS.values()
    if row.upstream_base_url is not None
)


def workers_ai_without_gateway(draft: Draft) -> Iterator[Trouble]:
    """Without a gateway it is plain Workers AI: no cache, no log, no limits."""
    pasted = draft.url is not None
    own = draft.model.startswith(("@cf/", "@hf/"))
    if pasted and draft.route == "rest" and own and draft.options.gateway_id is None:
        name = draft.policy.id
        yield Trouble(
            "gateway_id",
            "A Workers AI model on the REST API without cf-aig-gateway-id goes past every "
            "gateway: nothing is cached, limited or logged.",
            (Fix(f"Name the gateway {name}", lambda draft: draft.stating(gateway_id=name)),),
        )


def doubled_version(draft: Draft) -> Iterator[Trouble]:
    """A base URL with a version, and an SDK that adds one."""
    if _DOUBLED.search(draft.url or ""):
        yield Trouble(
            "url",
            "The path has its version twice (/v1/v1): the base URL holds one, and the SDK adds "
            "its own. The provider answers 404.",
            (
                Fix(
                    "Keep one",
                    lambda draft: replace(draft, url=_DOUBLED.sub(r"/\1", draft.url or "")),
                ),
            ),
        )


def past_the_gateway(draft: Draft) -> Iterator[Trouble]:
    """The app works, and nothing is logged."""
    host = urlsplit(draft.url or "").hostname
    if host and host not in _HOSTS and _is_providers(host):
        yield Trouble(
            "url",
            "The URL is the provider's own: the call goes past the gateway, so nothing here has "
            "any effect, and nothing is logged.",
            (Fix("Send it through the gateway", lambda draft: replace(draft, url=None)),),
        )


def _is_providers(host: str) -> bool:
    """Whether a host belongs to a provider; another one may be the gateway's custom domain."""
    return host in _PROVIDER_HOSTS or host.endswith(_PROVIDER_DOMAINS)


def stream_with_guardrails(draft: Draft) -> Iterator[Trouble]:
    """Answers that are judged are held back."""
    guardrails = draft.policy.other.get("guardrails")
    judged = guardrails.get("response") if isinstance(guardrails, dict) else None
    if draft.stream and judged:
        yield Trouble(
            "stream",
            "The gateway's guardrails judge answers: the stream is held back and sent as one "
            "piece, so there is nothing to watch and the first words come late.",
            (Fix("Ask for a whole answer", lambda draft: replace(draft, stream=False)),),
        )


def stream_with_dlp(draft: Draft) -> Iterator[Trouble]:
    """Answers that are scanned are held back."""
    dlp = draft.policy.other.get("dlp")
    policies = dlp.get("policies") if isinstance(dlp, dict) and dlp.get("enabled") else None
    scanned = [
        policy
        for policy in (policies if isinstance(policies, list) else [])
        if isinstance(policy, dict)
        and policy.get("enabled") is not False
        and "RESPONSE" in (policy.get("check") or ())
    ]
    if draft.stream and scanned:
        yield Trouble(
            "stream",
            "The gateway scans answers for data that must not leave (DLP): the stream is held "
            "back until it is whole.",
            (Fix("Ask for a whole answer", lambda draft: replace(draft, stream=False)),),
        )


def dynamic_route_elsewhere(draft: Draft) -> Iterator[Trouble]:
    """Dynamic routes live on the unified API."""
    asked = [step for step in draft.all_steps if step.model.startswith(DYNAMIC)]
    inside = draft.route == "universal" and all(step.provider == "compat" for step in asked)
    if asked and draft.route != "compat" and not inside:
        model = asked[0].model
        yield Trouble(
            "route",
            f"The dynamic route {model[:60]!r} works on the compat route, not on {draft.route}: "
            "the gateway would look for a model of that name.",
            (
                Fix(
                    "Use the compat route",
                    lambda draft: replace(draft, route="compat", model=model, steps=()),
                ),
            ),
        )


def auto_elsewhere(draft: Draft) -> Iterator[Trouble]:
    """The Auto Router listens on the unified API over HTTP."""
    if draft.model == AUTO_MODEL and (draft.route != "compat" or draft.transport != "http"):
        yield Trouble(
            "route",
            "The Auto Router works on the compat route over HTTP only.",
            (
                Fix(
                    "Use the compat route over HTTP",
                    lambda draft: replace(draft, route="compat", transport="http"),
                ),
            ),
        )


def auto_headers_elsewhere(draft: Draft) -> Iterator[Trouble]:
    """Headers of the Auto Router choose nothing where the model is named."""
    stated = [name for name, _ in draft.options.stated() if HEADERS[name].models == AUTO_MODEL]
    if stated and draft.model != AUTO_MODEL:
        yield Trouble(
            stated[0],
            f"{HEADERS[stated[0]].name} speaks to the Auto Router. This call names its model, so "
            "nothing is chosen.",
            (drop("Drop the Auto Router's headers", *stated),),
        )


def gateway_id_elsewhere(draft: Draft) -> Iterator[Trouble]:
    """Elsewhere the URL names the gateway."""
    if draft.options.gateway_id is not None and draft.route != "rest":
        yield Trouble(
            "gateway_id",
            f"On the {draft.route} route the URL names the gateway, and cf-aig-gateway-id is not "
            "looked at.",
            (drop("Drop the header", "gateway_id"),),
        )


def unlisted_header(draft: Draft) -> Iterator[Trouble]:
    """What the documentation of a route doesn't list may do nothing."""
    for name, _ in draft.options.stated():
        honour, note = honours(draft, HEADERS[name])
        if honour == "unlisted":
            yield Trouble(
                name, f"{note} It may do nothing there.", (drop("Drop the header", name),)
            )


def steps_elsewhere(draft: Draft) -> Iterator[Trouble]:
    """Only a universal request has steps."""
    if draft.steps and draft.route != "universal":
        yield Trouble(
            "steps",
            f"There are {len(draft.steps)} fallback steps, but only the universal route takes "
            f"them: {draft.route} asks one provider.",
            (
                Fix("Use the universal route", lambda draft: replace(draft, route="universal")),
                Fix("Drop the steps", lambda draft: replace(draft, steps=())),
            ),
        )


def retiring_route(draft: Draft) -> Iterator[Trouble]:
    """compat and universal are deprecated for what the provider's own path does."""
    step = draft.all_steps[0]
    row = provider_of(step.provider)
    plain = not step.model.startswith(DYNAMIC) and step.model != AUTO_MODEL
    single = len(draft.all_steps) == 1 and row is not None and row.dialect is not None
    if draft.route in ("compat", "universal") and plain and single:
        yield Trouble(
            "route",
            f"The {draft.route} route is deprecated for a call to a single model: the provider's "
            "own path, or REST, takes its place.",
            (Fix("Use the native route", _native),),
        )


def _native(draft: Draft) -> Draft:
    step = draft.all_steps[0]
    said = {**dict(draft.options.stated()), **dict(step.options.stated())}
    moved = replace(
        draft, route="native", provider=step.provider, model=step.model, steps=(), url=None
    )
    return moved.stating(**said)


RULES = (
    Rule(
        id="workers-ai-without-gateway",
        severity="error",
        source="usage/rest-api.mdx",
        check=workers_ai_without_gateway,
    ),
    Rule(
        id="doubled-version",
        severity="error",
        source="songquanpeng/one-api#717; usage/providers/openai.mdx",
        check=doubled_version,
    ),
    Rule(
        id="past-the-gateway",
        severity="error",
        source="jorge-menjivar/unsaged#212",
        check=past_the_gateway,
    ),
    Rule(
        id="stream-with-guardrails",
        severity="warning",
        source="features/guardrails/usage-considerations.mdx; cloudflare/cloudflare-docs#22563",
        check=stream_with_guardrails,
    ),
    Rule(
        id="stream-with-dlp",
        severity="hint",
        source="features/dlp/index.mdx",
        check=stream_with_dlp,
    ),
    Rule(
        id="dynamic-route-elsewhere",
        severity="error",
        source="features/dynamic-routing/usage.mdx; cloudflare/ai#617",
        check=dynamic_route_elsewhere,
    ),
    Rule(
        id="auto-elsewhere",
        severity="error",
        source="features/auto-router.mdx",
        check=auto_elsewhere,
    ),
    Rule(
        id="auto-headers-elsewhere",
        severity="warning",
        source="features/auto-router.mdx",
        check=auto_headers_elsewhere,
    ),
    Rule(
        id="gateway-id-elsewhere",
        severity="hint",
        source="usage/rest-api.mdx",
        check=gateway_id_elsewhere,
    ),
    Rule(
        id="unlisted-header",
        severity="hint",
        source="usage/rest-api.mdx; livekit/agents#6131",
        check=unlisted_header,
    ),
    Rule(
        id="steps-elsewhere",
        severity="warning",
        source="usage/universal.mdx",
        check=steps_elsewhere,
    ),
    Rule(
        id="retiring-route",
        severity="hint",
        source="usage/chat-completion.mdx; usage/universal.mdx",
        check=retiring_route,
    ),
)
