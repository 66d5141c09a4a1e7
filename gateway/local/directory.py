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
    """Return the token that a file holds; made where there is none, readable by its owner only."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text("ascii").strip()
    with os.fdopen(descriptor, "w") as file:
        token = f"local-{secrets.token_urlsafe(24)}"
        file.write(token + "\n")
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
