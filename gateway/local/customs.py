"""Custom providers: which ``custom-{slug}`` there are, and where their calls go."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import orjson

from gateway.local.documents import Document, Documents
from gateway.local.refusals import Refusal
from gateway.local.steps import OWN_HEADERS, Step
from gateway.local.upstreams import Upstreams
from gateway.local.vault import Vault
from gateway.providers import CUSTOM

Json = Any
SEALED = "sealed_headers"


class Customs:
    """The account's custom providers. They are real upstreams, never simulated.

    Extra headers can hold credentials, so they are encrypted at rest.
    """

    def __init__(self, documents: Documents, vault: Vault, upstreams: Upstreams) -> None:
        self._documents = documents
        self._vault = vault
        self._upstreams = upstreams
        self._rows: dict[str, Document] = {}
        self._bases: dict[str, str] = {}
        for row in documents.all("custom-provider"):
            sealed = row.pop(SEALED, None)
            self._keep({**row, "headers": sealed and vault.unseal(sealed)})

    def all(self) -> list[Document]:
        """Return them all, oldest first."""
        return list(self._rows.values())

    def get(self, id: str) -> Document | None:
        """Return one by its id."""
        return self._rows.get(id)

    def put(self, row: Document) -> None:
        """Keep one, in place of an older one with its id. It counts from the next call on."""
        plain = {name: value for name, value in row.items() if name != "headers"}
        sealed = {SEALED: self._vault.seal(row["headers"])} if row["headers"] else {}
        self._documents.put("custom-provider", {**plain, **sealed})
        known = self._rows.get(row["id"])
        if known is not None:
            self._drop(known["slug"])
        self._keep(row)

    def remove(self, row: Document) -> None:
        """Forget one."""
        self._documents.delete("custom-provider", row["id"])
        self._rows.pop(row["id"], None)
        self._drop(row["slug"])

    def check(self, provider: str) -> None:
        """Refuse a custom provider that isn't there, or isn't enabled; others pass.

        Raises:
            Refusal: 2008.
        """
        if provider.startswith(CUSTOM) and provider not in self._bases:
            raise Refusal(2008)

    def placed(self, step: Step) -> Step:
        """Return a step as it is sent; only a unified call to a custom provider changes.

        ASSUMPTION (contract: endpoints, 9): its path is ``/v1/chat/completions`` where the base URL
        has no path, else ``/chat/completions``.

        Raises:
            Refusal: the custom provider isn't there (2008).
        """
        if not step.slug.startswith(CUSTOM):
            return step
        self.check(step.slug)
        if step.endpoint.startswith("compat/") and urlsplit(self._bases[step.slug]).path.strip("/"):
            return replace(step, path="chat/completions")
        return step

    def _keep(self, row: Document) -> None:
        self._rows[row["id"]] = row
        if row["enable"]:
            provider = CUSTOM + row["slug"]
            self._bases[provider] = row["base_url"]
            self._upstreams.place(provider, row["base_url"], extra_headers(row["headers"]))

    def _drop(self, slug: str) -> None:
        self._bases.pop(CUSTOM + slug, None)
        self._upstreams.displace(CUSTOM + slug)


def extra_headers(text: str | None) -> dict[str, str]:
    """Read the headers of a custom provider: JSON text of an object of texts.

    Raises:
        ValueError: it is something else.
    """
    if not text:
        return {}
    found = orjson.loads(text)
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise ValueError("headers must be a JSON object of texts")
    for name, value in found.items():
        # What could end a header line would be a request of its own.
        if not name or not all(33 <= ord(letter) < 127 for letter in name) or ":" in name:
            raise ValueError("a header has no usable name")
        if name.lower() in OWN_HEADERS:
            raise ValueError(f"{name} is the gateway's own to set")
        if not all(32 <= ord(letter) < 127 for letter in value):
            raise ValueError("a header has no usable value")
    return {name.lower(): value for name, value in found.items()}
