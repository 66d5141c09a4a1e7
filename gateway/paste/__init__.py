"""A pasted call becomes a draft: cURL for three shells, PowerShell, fetch, HTTPie, HAR, headers.

    words, curl, powershell, plain     text -> RawCall: method, URL, headers, body
    meaning                            RawCall -> Pasted: provider, model, route, Options, Chat

What can't be read is said with its place, and the rest is used. Secrets are kept apart: nothing
else that comes back holds one.
"""

from dataclasses import replace

from gateway.paste.curl import is_curl, read_curl
from gateway.paste.meaning import Pasted, meaning
from gateway.paste.plain import (
    fetch_call,
    har_entry,
    is_headers,
    is_httpie,
    read_fetch,
    read_har,
    read_headers,
    read_httpie,
)
from gateway.paste.powershell import is_powershell, read_powershell
from gateway.paste.raw import RawCall, Unread, located

__all__ = ["LONGEST", "Pasted", "RawCall", "Unread", "read", "read_raw"]

LONGEST = 1_000_000
"""Characters of a text that we look at."""
MOST_UNREAD = 20
"""Things that are said one by one; what is pasted by mistake has thousands."""


def read(text: str) -> Pasted:
    """Read what was pasted. Never fails: what isn't understood is in ``unread``."""
    found = meaning(read_raw(text))
    unread = [located(text, one) for one in found.unread[:MOST_UNREAD]]
    if len(found.unread) > MOST_UNREAD:
        more = len(found.unread) - MOST_UNREAD
        unread.append(Unread("The rest", f"{more:,} more things couldn't be read"))
    return replace(found, unread=tuple(unread))


def read_raw(text: str) -> RawCall:
    """Return the call as it stands there, before it means anything."""
    if len(text) > LONGEST:
        return _nothing(f"it has {len(text):,} characters, of which we read {LONGEST:,}")
    if not text.strip():
        return _nothing("it is empty")
    if (entry := har_entry(text)) is not None:
        return read_har(entry)
    if (fetch := fetch_call(text)) is not None:
        return read_fetch(*fetch)
    if is_powershell(text):
        return read_powershell(text)
    if is_httpie(text):
        return read_httpie(text)
    if is_curl(text):
        return read_curl(text)
    if is_headers(text):
        return read_headers(text)
    return _nothing("it is no cURL command, no PowerShell, no headers and no HAR entry")


def _nothing(reason: str) -> RawCall:
    return RawCall(shape="nothing", unread=(Unread("The text", reason),))
