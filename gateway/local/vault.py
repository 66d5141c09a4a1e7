"""Secrets at rest: encrypted with a key that only the owner of the data directory can read."""

import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from gateway.errors import LocalGatewayError

KEY_FILE = "vault.key"


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
            self._cipher = Fernet(_key_in(path))
        except OSError as error:
            raise LocalGatewayError(f"{path} can't be used: {error.strerror}.") from error
        except ValueError as error:
            raise LocalGatewayError(
                f"{path} is damaged. Put it back from a copy, or move it away and store the "
                "providers' keys again."
            ) from error

    def seal(self, secret: str) -> str:
        """Return the secret encrypted and signed, as text."""
        return self._cipher.encrypt(secret.encode()).decode("ascii")

    def unseal(self, sealed: str) -> str | None:
        """Return the secret; ``None`` where it was sealed with another key, or changed."""
        try:
            return self._cipher.decrypt(sealed.encode()).decode()
        except InvalidToken:
            return None


def _key_in(path: Path) -> bytes:
    """Return the key that a file holds; made where there is none, whole or not at all."""
    if path.exists():
        return path.read_bytes().strip()
    key, draft = Fernet.generate_key(), path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(key + b"\n")
    draft.replace(path)
    return key
