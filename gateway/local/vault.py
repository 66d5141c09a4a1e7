"""Secrets at rest: encrypted with a key that only the owner of the data directory can read."""

import base64
import os
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

from gateway.errors import LocalGatewayError

KEY_FILE = "vault.key"
KEY_BYTES = 32


class Vault:
    """Seals secrets for one data directory.

    The key lies beside the database, in a file of mode 0600: a copy of the database alone gives
    nothing away, and nothing has to be typed in at the start.
    """

    def __init__(self, directory: Path) -> None:
        """Read the key, or make one.

        Raises:
            LocalGatewayError: the key file is damaged, or can't be read or written.
        """
        path = directory / KEY_FILE
        try:
            self._key = _key_in(path)
        except OSError as error:
            raise LocalGatewayError(f"{path} can't be used: {error.strerror}.") from error
        except ValueError as error:
            raise LocalGatewayError(
                f"{path} is damaged. Put it back from a copy, or move it away and store the "
                "providers' keys again."
            ) from error

    @cached_property
    def _cipher(self) -> Any:
        return _fernet().Fernet(self._key)

    def seal(self, secret: str) -> str:
        """Return the secret encrypted and signed, as text."""
        sealed: bytes = self._cipher.encrypt(secret.encode())
        return sealed.decode("ascii")

    def unseal(self, sealed: str) -> str | None:
        """Return the secret; ``None`` where it was sealed with another key, or changed."""
        try:
            secret: bytes = self._cipher.decrypt(sealed.encode())
        except _fernet().InvalidToken:
            return None
        return secret.decode()


def _key_in(path: Path) -> bytes:
    """Return the key that a file holds; made where there is none, whole or not at all.

    Raises:
        OSError: the file can't be read or written.
        ValueError: it holds no key.
    """
    if path.exists():
        key = path.read_bytes().strip()
        if len(base64.urlsafe_b64decode(key)) != KEY_BYTES:
            raise ValueError
        return key
    key, draft = base64.urlsafe_b64encode(os.urandom(KEY_BYTES)), path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(key + b"\n")
    draft.replace(path)
    return key


def _fernet() -> ModuleType:
    """Import the cipher, late: it takes 7 MB, and most gateways have no secrets to seal."""
    from cryptography import fernet

    return fernet
