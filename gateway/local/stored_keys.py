"""Stored keys (BYOK): one for each provider and alias of a gateway, encrypted at rest."""

from collections.abc import Mapping
from typing import Any

from gateway.local.documents import Document, Documents
from gateway.local.vault import Vault

Json = Any
SEALED = "sealed"
PREVIEW = 4
"""Last characters of a secret that are shown."""


class StoredKeys:
    """The provider configs of all gateways. Their secrets never leave it but for a provider."""

    def __init__(self, documents: Documents, vault: Vault) -> None:
        self._documents = documents
        self._vault = vault
        self._secrets: dict[tuple[str, str, str], str | None] = {
            (row["gateway_id"], row["provider_slug"], row["alias"]): self._unsealed(row)
            for row in documents.all("provider-config", None)
        }

    def secret(self, gateway: str, provider: str, alias: str) -> str | None:
        """Return the key that a call is made with, or ``None``."""
        return self._secrets.get((gateway, provider, alias))

    def aliases(self, gateway: str, provider: str) -> set[str]:
        """Return the aliases under which a provider has keys."""
        return {
            alias for place, slug, alias in self._secrets if (place, slug) == (gateway, provider)
        }

    def list(self, gateway: str) -> list[Document]:
        """Return a gateway's configs, without any secret."""
        return [_shown(row) for row in self._documents.all("provider-config", gateway)]

    def get(self, gateway: str, id: str) -> Document | None:
        """Return one config, without its secret."""
        row = self._documents.get("provider-config", id, gateway)
        return None if row is None else _shown(row)

    def put(self, config: Mapping[str, Json], secret: str | None) -> Document:
        """Keep a config and, sealed, its secret. ``None``: it lies in a store that isn't here."""
        # A key so short that its end would give it away is no key of a provider.
        long = secret is not None and len(secret) >= 2 * PREVIEW
        row = {**config, "secret_preview": secret[-PREVIEW:] if secret and long else ""}
        sealed = {} if secret is None else {SEALED: self._vault.seal(secret)}
        self._documents.put("provider-config", {**row, **sealed}, config["gateway_id"])
        place = (config["gateway_id"], config["provider_slug"], config["alias"])
        self._secrets[place] = secret
        return row

    def remove(self, config: Mapping[str, Json]) -> None:
        """Forget a config with its secret."""
        self._documents.delete("provider-config", config["id"], config["gateway_id"])
        self._secrets.pop((config["gateway_id"], config["provider_slug"], config["alias"]), None)

    def forget_gateway(self, gateway: str) -> None:
        """Forget the secrets of a gateway that is deleted; its documents go with it."""
        self._secrets = {
            place: secret for place, secret in self._secrets.items() if place[0] != gateway
        }

    def _unsealed(self, row: Document) -> str | None:
        return self._vault.unseal(row[SEALED]) if SEALED in row else None


def _shown(row: Document) -> Document:
    return {name: value for name, value in row.items() if name != SEALED}
