"""Secrets at rest: encrypted with a key that only the owner of the data directory can read."""

import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

KEY_FILE = "vault.key"


class Vault:
    """Seals secrets for one data directory.

    The key lies beside the database, in a file of mode 0600: a copy of the database alone gives
    nothing away, and nothing has to be typed in at the start.
    """

    def __init__(self, directory: Path) -> None:
        self._cipher = Fernet(_key_in(directory / KEY_FILE))

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
    """Return the key that a file holds; made where there is none."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes().strip()
    with os.fdopen(descriptor, "wb") as file:
        key = Fernet.generate_key()
        file.write(key + b"\n")
    return key
