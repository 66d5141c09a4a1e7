"""Which code a run ran with: digests of the sources, so that equal names mean equal code."""

from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from pathlib import Path

PACKAGE = Path(__file__).parent.parent
DIGITS = 12


@cache
def app() -> str:
    """Return the digest of the whole package."""
    return digest(PACKAGE.rglob("*"))


@cache
def emulator() -> str:
    """Return the digest of the local gateway with the facts that it is made of."""
    return digest([*(PACKAGE / "local").rglob("*"), *(PACKAGE / "data").rglob("*")])


def digest(files: Iterable[Path]) -> str:
    """Return a digest of the names and contents of Python and JSON files, whatever their order."""
    found = sha256()
    for path in sorted(files):
        if path.suffix in (".py", ".json"):
            found.update(f"{path.name}\0".encode())
            found.update(path.read_bytes())
    return f"sha256:{found.hexdigest()[:DIGITS]}"
