"""Links that carry what they show: a JSON document packed into one short token of a URL.

    pack(document)  ->  "1eNqrVkr..."  ->  unpack(token)  ==  document

A token is the version and base64url of zlib of JSON. It is no cipher: whoever has the link can
read it. So a document that names a secret header, or holds something shaped like a key, is
refused.
"""

import base64
import binascii
import json
import re
import zlib
from collections.abc import Iterator
from typing import Any

from gateway.errors import BadDocument
from gateway.masking import SECRET_HEADERS, holds_key

Json = Any
VERSION = "1"
TOKEN_LIMIT = 6000
"""Characters of a token; servers and chat programs begin to cut addresses at 8 KB."""
DOCUMENT_LIMIT = 262_144
"""Bytes of a document when unpacked: a hostile token must not fill the memory."""


def pack(document: Json) -> str:
    """Return the token of a JSON document: letters, digits, ``-`` and ``_`` only.

    Raises:
        BadDocument: it holds a secret or something that isn't JSON, or is too large for a link.
    """
    try:
        text = json.dumps(document, separators=(",", ":"), allow_nan=False)
        secret = next(_secrets(document, ""), None)
    except (TypeError, ValueError, RecursionError) as error:
        raise BadDocument(
            "This can't be put into a link: it holds more than JSON can say"
        ) from error
    if secret is not None:
        raise BadDocument(f"A link must not carry keys: take the one in {secret} out and try again")
    raw = text.encode()
    token = VERSION + base64.urlsafe_b64encode(zlib.compress(raw, 9)).decode().rstrip("=")
    if len(token) > TOKEN_LIMIT or len(raw) > DOCUMENT_LIMIT:
        raise BadDocument(
            f"This is too large for a link: {len(token):,} characters, of which {TOKEN_LIMIT:,} "
            "fit; export it as a file instead"
        )
    return token


def unpack(token: str) -> Json:
    """Return the document of a token.

    Raises:
        BadDocument: the token is cut off, changed, of another version, or too large.
    """
    token = token.strip()
    if not token or not re.fullmatch(r"[\w-]+", token, re.ASCII):
        raise BadDocument("This link can't be read: it holds characters that none of ours has")
    if token[0] != VERSION:
        raise BadDocument("This link is of another version of the app: ask for a new one")
    if len(token) > TOKEN_LIMIT:
        raise BadDocument(f"This link is too long: ours have at most {TOKEN_LIMIT:,} characters")
    return _document(_unzipped(token[1:]))


def _unzipped(text: str) -> bytes:
    unzip = zlib.decompressobj()
    try:
        packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        raw = unzip.decompress(packed, DOCUMENT_LIMIT + 1)
    except (binascii.Error, zlib.error) as error:
        raise BadDocument("This link was changed on its way: copy it once more") from error
    if len(raw) > DOCUMENT_LIMIT:
        raise BadDocument("This link holds more than a link of ours may")
    if not unzip.eof:
        raise BadDocument("This link is cut off at its end: copy it once more")
    return raw


def _document(raw: bytes) -> Json:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise BadDocument("This link can't be read: it holds no document of ours") from error


def _secrets(value: Json, place: str) -> Iterator[str]:
    """Yield the place of each secret, for example ``headers.authorization``."""
    if isinstance(value, dict):
        for name, inside in value.items():
            if holds_key(str(name)):
                yield f"a name in {place or 'the document'}"
                return
            here = f"{place}.{name}" if place else str(name)
            if str(name).lower() in SECRET_HEADERS and inside and isinstance(inside, str):
                yield here
            yield from _secrets(inside, here)
    elif isinstance(value, list | tuple):
        for number, inside in enumerate(value, 1):
            yield from _secrets(inside, f"{place}[{number}]")
    elif isinstance(value, str) and holds_key(value):
        yield place or "the text"
