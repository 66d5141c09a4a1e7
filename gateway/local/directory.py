"""The data directory itself: one process holds it, and it keeps the local token."""

import os
import secrets
from pathlib import Path

from gateway.errors import LocalGatewayError

try:
    import fcntl
except ImportError:  # Windows
    import msvcrt

    def _hold(number: int) -> None:
        msvcrt.locking(number, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
else:

    def _hold(number: int) -> None:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)


def token_in(path: Path) -> str:
    """Return the token that a file holds, readable by its owner only.

    It is made where there is none, whole or not at all. An empty file, which a crash or a full
    disk may leave, holds none: an empty token would let everybody in.

    Raises:
        LocalGatewayError: the file holds what can't be a token.
    """
    if path.exists():
        found = path.read_bytes().strip()
        if not all(0x20 < byte < 0x7F for byte in found):
            raise LocalGatewayError(
                f"{path} is damaged: it holds no token. Delete it, and a new one is made."
            )
        if found:
            return found.decode("ascii")
    token, draft = f"local-{secrets.token_urlsafe(24)}", path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(token + "\n")
    draft.replace(path)
    return token


class Lock:
    """A file that one process holds at a time; the system lets go of it when the process ends."""

    def __init__(self, path: Path) -> None:
        """Take hold of it.

        Raises:
            LocalGatewayError: another process has it.
        """
        self._file = path.open("a+")
        try:
            _hold(self._file.fileno())
        except OSError:
            self._file.close()
            raise LocalGatewayError(
                f"The data directory {path.parent} is in use by another local gateway. "
                "Stop that one, or choose another directory with LOCAL_GATEWAY_DATA."
            ) from None

    def release(self) -> None:
        """Let the directory go."""
        self._file.close()
