"""The catalogue of providers: one row each, read from ``data/providers.json``.

A row says where a provider sits under the gateway and on the internet, how it is asked for a
chat, which header carries its key, and which models one can choose.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from importlib import resources
from typing import Any, Literal

from gateway.errors import Unreachable

DialectName = Literal["openai", "anthropic", "google", "workers-ai"]

KEY_HEADERS = ("authorization", "x-api-key", "x-goog-api-key", "api-key", "xi-api-key")
"""Headers that clients really put a provider key into, whichever one the provider names."""

CUSTOM = "custom-"
"""What the slugs of custom providers begin with."""

_SCHEME = re.compile(r"(?i)^(?:Bearer|Token|Key|Bot)(?:\s+|$)")
_HOST_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,62}")
_VERSION = re.compile(r"v\d+[a-z0-9]*")


@dataclass(frozen=True, slots=True)
class Model:
    """A model that one can choose. Newer ones can be typed in by hand.

    Attributes:
        sampling: Whether it takes temperature and top_p; the newest reasoning models refuse them.
    """

    id: str
    label: str
    vision: bool = False
    tools: bool = True
    sampling: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One row of the table (contract: providers).

    Attributes:
        base_path: Path under the gateway, with a slash at the front.
        upstream_base_url: What the base path stands for; ``{name}`` is filled in from the path.
            ``None`` where it isn't documented.
        upstream_evidence: DOC, API or OBS, as in the wire contract.
        scheme: Word before the key in ``auth_header``; empty where there is none.
        chat_endpoint: Path of a chat after the base path; ``None`` where there is no native chat.
        compat_prefix: What stands before the slash in a model of ``/compat``.
        unified_billing: Whether Cloudflare serves it without a key of the caller.
        rest_author: Its name in models of the REST API.
        dialect: Body format of its native chat; ``None`` where we don't speak it.
        env_key: Variable of ``.env`` that holds its key.
        price_provider: Its id in genai-prices.
        date: Day on which the source was read.
    """

    slug: str
    name: str
    base_path: str
    upstream_base_url: str | None
    upstream_evidence: str | None
    auth_header: str
    auth_format: str
    scheme: str
    extra_headers: tuple[tuple[str, str], ...]
    chat_endpoint: str | None
    other_endpoints: tuple[str, ...]
    openai_compatible: bool
    compat_prefix: str | None
    example_model: str
    websocket_realtime: bool
    websocket_path: str | None
    unified_billing: bool
    rest_author: str | None
    status: str
    notes: str | None
    source: str
    date: str
    dialect: DialectName | None
    env_key: str | None
    price_provider: str | None
    models: tuple[Model, ...]

    def credential(self, headers: Mapping[str, str]) -> str | None:
        """Return the provider key among request headers, without its scheme.

        Clients don't always use the header that the provider names, so all usual ones count; the
        provider's own comes first.

        Args:
            headers: Names in lower case.
        """
        for name in (self.auth_header.lower(), *KEY_HEADERS):
            if name in headers and (key := _SCHEME.sub("", headers[name].strip(), count=1)):
                return key
        return None

    def auth(self, key: str) -> tuple[str, str]:
        """Return the header, name and value, that carries a key to this provider."""
        return self.auth_header, f"{self.scheme} {key}" if self.scheme else key

    def takes_sampling(self, model: str) -> bool:
        """Whether a model takes temperature and top_p. Models that aren't in the table do."""
        return next((row.sampling for row in self.models if row.id == model), True)

    def compat_model(self, model: str) -> str | None:
        """Return how ``/compat`` calls a model; ``None`` where it doesn't serve this provider."""
        if self.compat_prefix is None:
            return None
        if self.slug == "google-vertex-ai" and "/" not in model:
            model = f"google/{model}"
        return f"{self.compat_prefix}/{model}"

    def rest_model(self, model: str) -> str | None:
        """Return how the REST API calls a model; ``None`` where it doesn't serve this provider."""
        if self.rest_author is None:
            return None
        return model if self.rest_author.startswith("@") else f"{self.rest_author}/{model}"

    def upstream_url(self, path: str, *, account: str = "", base: str | None = None) -> str:
        """Return the address that a provider path stands for.

        Args:
            path: What follows the base path, with its query string.
            account: Cloudflare account id, for Workers AI.
            base: Stands in for the provider's own base: a test's, or a custom provider's.

        Raises:
            Unreachable: the address isn't known, or the path lacks a part of it.
        """
        path = path.lstrip("/")
        if base is None:
            base, path = self._place(path, account)
        if self.slug.startswith(CUSTOM):
            return f"{base.rstrip('/')}/{path}"
        return _joined(base, path)

    def _place(self, path: str, account: str) -> tuple[str, str]:
        """Return the real base and the path after it (contract: providers, upstream mapping)."""
        first, _, rest = path.partition("/")
        match self.slug:
            case "workers-ai":
                root = f"https://api.cloudflare.com/client/v4/accounts/{_label(account, 'account')}"
                base = f"{root}/ai/v1" if first == "v1" else f"{root}/ai/run"
                return base, rest if first in ("v1", "run") else path
            case "google-vertex-ai":
                found = re.search(r"/locations/([^/?]+)", path)
                region = found.group(1) if found else "global"
                prefix = "" if region == "global" else f"{_label(region, 'region')}-"
                return f"https://{prefix}aiplatform.googleapis.com", path
            case "aws-bedrock":
                region, _, rest = rest.partition("/")
                host = f"{_label(first, 'service')}.{_label(region, 'region')}"
                # Mantle lives on another domain than the runtime (anthropic package, 2026-11).
                domain = "api.aws" if first == "bedrock-mantle" else "amazonaws.com"
                return f"https://{host}.{domain}", rest
            case "azure-openai":
                deployment, _, rest = rest.partition("/")
                root = f"https://{_label(first, 'resource')}.openai.azure.com/openai/deployments"
                return f"{root}/{deployment}", rest
            case "cohere" if first == "compatibility":
                return "https://api.cohere.ai", path
            case "baseten" if first == "model":
                model = _label(re.split(r"[/?]", rest, maxsplit=1)[0], "model id")
                return f"https://model-{model}.api.baseten.co/production", "predict"
            case _:
                if self.upstream_base_url is None or "://" not in self.upstream_base_url:
                    raise Unreachable(f"No address is known for {self.name}.")
                return self.upstream_base_url, path


def _label(text: str, what: str) -> str:
    """Return text that goes into a host or an account path, or refuse it.

    The caller chose it and a key travels there: anything else could lead to a foreign host.
    """
    if not _HOST_LABEL.fullmatch(text):
        raise Unreachable(f"The path holds no usable {what}: letters, digits and hyphens only.")
    return text


def _joined(base: str, path: str) -> str:
    """Join a base and a path; what both have in common at the seam, such as ``v1``, stays once."""
    base = base.rstrip("/")
    before = base.partition("://")[2].split("/")[1:]
    after = path.split("?", 1)[0].split("/")
    for length in range(min(len(before), len(after)), 0, -1):
        if before[-length:] == after[:length]:
            return base + path[len("/".join(after[:length])) :]
    if before and _VERSION.fullmatch(before[-1]) and _VERSION.fullmatch(after[0]):
        # The path names another version than the base: the path's is the one that is meant.
        base = base[: -len(before[-1]) - 1]
    return f"{base}/{path}"


def _table() -> dict[str, Provider]:
    text = resources.files("gateway").joinpath("data/providers.json").read_text("utf-8")
    return {row["slug"]: _row(row) for row in json.loads(text)}


def _row(row: dict[str, Any]) -> Provider:
    values = {column.name: row[column.name] for column in fields(Provider)}
    values["extra_headers"] = tuple((name, value) for name, value in row["extra_headers"])
    values["other_endpoints"] = tuple(row["other_endpoints"])
    values["models"] = tuple(Model(**model) for model in row["models"])
    return Provider(**values)


PROVIDERS: dict[str, Provider] = _table()
"""The table, by slug. Custom providers share the row ``custom-{slug}``."""

_CUSTOM_ROW = PROVIDERS["custom-{slug}"]
_BY_AUTHOR = {row.rest_author: row for row in PROVIDERS.values() if row.rest_author}
_BY_PREFIX = {row.compat_prefix: row for row in PROVIDERS.values() if row.compat_prefix}


def provider_of(slug: str) -> Provider | None:
    """Return a row by slug; for ``custom-x`` the custom row with that slug filled in."""
    row = PROVIDERS.get(slug)
    if row is None and slug.startswith(CUSTOM) and len(slug) > len(CUSTOM):
        return replace(_CUSTOM_ROW, slug=slug, base_path=f"/{slug}", compat_prefix=slug)
    return row


def by_compat_prefix(model: str) -> tuple[Provider, str] | None:
    """Return the provider that a model of ``/compat`` names, and its own name for the model.

    Only the first slash separates: ``"workers-ai/@cf/meta/llama"`` is ``"@cf/meta/llama"`` there.
    ``None`` where no provider of that name is served.
    """
    prefix, _, rest = model.partition("/")
    row = _BY_PREFIX.get(prefix) or (provider_of(prefix) if prefix.startswith(CUSTOM) else None)
    return (row, rest) if row is not None and rest else None


def by_rest_author(model: str) -> tuple[Provider, str] | None:
    """Return the provider that a model of the REST API names, and its own name for the model.

    Authors aren't slugs: ``google`` is ``google-ai-studio``. Workers AI keeps its whole name.
    """
    author, _, rest = model.partition("/")
    row = _BY_AUTHOR.get("@cf" if author == "@hf" else author)
    if row is None or not rest:
        return None
    return row, model if author.startswith("@") else rest
