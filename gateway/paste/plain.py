"""What isn't cURL: header lines, an HTTP request as text, a HAR entry, fetch, HTTPie."""

import json
import re
from typing import Any

from gateway.draft import Pair
from gateway.paste.address import place_of
from gateway.paste.raw import RawCall, Unread, header_of, placed, with_default
from gateway.paste.words import split

Json = Any

_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
_START = re.compile(r"\s*(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)\s+(\S+)(?:\s+HTTP/[\d.]+)?\s*$")
_FETCH = re.compile(r"^[ \t]*(?:await\s+)?fetch\(\s*(?=\")", re.MULTILINE)
_HTTPIE = re.compile(r"\s*(?:\$\s+)?(?:https?|xhs?)\s+\S")
MOST_WORDS = 1000
"""Words of a command that are read; a call has some dozens."""
_ITEM = re.compile(r"([\w.\[\]-]+?)(:=|==|=@|:=@|=|:)(.*)", re.DOTALL)


def har_entry(text: str) -> dict[str, Json] | None:
    """Return the request of a HAR, of one of its entries, or of the request itself."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(value, dict) and isinstance(value.get("log"), dict):
        entries = value["log"].get("entries")
        asked = (
            [entry for entry in entries if _is_entry(entry)] if isinstance(entries, list) else []
        )
        value = max(asked, key=_likely, default=None)
    if isinstance(value, dict) and isinstance(value.get("request"), dict):
        value = value["request"]
    is_request = isinstance(value, dict) and isinstance(value.get("url"), str)
    return value if is_request and isinstance(value.get("headers"), list) else None


def _likely(entry: dict[str, Json]) -> tuple[bool, bool]:
    """How likely an entry is the call: a page's recording holds pictures and statistics too."""
    url = entry["request"].get("url")
    known = isinstance(url, str) and place_of(url, {}, []) is not None
    return known, entry["request"].get("method") == "POST"


def _is_entry(value: Json) -> bool:
    return isinstance(value, dict) and isinstance(value.get("request"), dict)


def read_har(request: dict[str, Json]) -> RawCall:
    """Read the request of a HAR entry (HTTP Archive 1.2)."""
    headers, unread = list[Pair](), list[Unread]()
    for number, row in enumerate(request["headers"], 1):
        name, value = (row.get("name"), row.get("value")) if isinstance(row, dict) else (None, None)
        if not isinstance(name, str) or not isinstance(value, str):
            unread.append(Unread(f"Header {number}", "it must have name and value, as text"))
        elif not name.startswith(":"):
            headers.append((name, value))
    data = request.get("postData")
    body = data.get("text") if isinstance(data, dict) else None
    return RawCall(
        shape="HAR",
        method=str(request.get("method", "GET")).upper(),
        url=request["url"],
        headers=tuple(headers),
        body=body if isinstance(body, str) else None,
        unread=tuple(unread),
    )


def fetch_call(text: str) -> tuple[str, dict[str, Json]] | None:
    """Return address and options of a ``fetch`` call, as browsers copy it: both are JSON."""
    found = _FETCH.search(text)
    if found is None:
        return None
    try:
        url, end = json.JSONDecoder().raw_decode(text, found.end())
        comma = re.compile(r"\s*,\s*").match(text, end)
        options = json.JSONDecoder().raw_decode(text, comma.end())[0] if comma else {}
    except (ValueError, RecursionError):
        return None
    return (url, options) if isinstance(url, str) and isinstance(options, dict) else None


def read_fetch(url: str, options: dict[str, Json]) -> RawCall:
    """Read the parts of a ``fetch`` call."""
    headers, body = options.get("headers"), options.get("body")
    return RawCall(
        shape="fetch",
        method=str(options.get("method") or ("GET" if body is None else "POST")).upper(),
        url=url,
        headers=tuple(
            (name, str(value))
            for name, value in (headers if isinstance(headers, dict) else {}).items()
        ),
        body=body if isinstance(body, str) else None,
    )


def is_httpie(text: str) -> bool:
    """Whether a text is an HTTPie command."""
    return _HTTPIE.match(text) is not None


def read_httpie(text: str) -> RawCall:
    """Read an HTTPie command: ``http POST URL Name:value member=text member:=json``."""
    headers, members, unread = list[Pair](), dict[str, Json](), list[Unread]()
    method = url = None
    words = split(text, "posix")
    for word in words[2 if words[0].text == "$" else 1 : MOST_WORDS]:
        if word.kind != "word":
            break
        item = _ITEM.fullmatch(word.text)
        if word.text.startswith("-"):
            continue
        if url is None and word.text.upper() in _METHODS:
            method = word.text.upper()
        elif url is None:
            url = word.text if "://" in word.text else f"https://{word.text}"
        elif item is None:
            unread.append(placed(text, word.at, "A word", "it is no header and no member"))
        elif item[2] == ":":
            headers.append((item[1], item[3]))
        elif item[2] == "==":
            url += f"{'&' if '?' in url else '?'}{item[1]}={item[3]}"
        elif item[2] in ("=", ":="):
            try:
                members[item[1]] = item[3] if item[2] == "=" else json.loads(item[3])
            except ValueError:
                unread.append(placed(text, word.at, item[1], "what follows := must be JSON"))
        else:
            unread.append(placed(text, word.at, item[1], "it names a file of another machine"))
    body = json.dumps(members) if members else None
    return RawCall(
        shape="HTTPie",
        method=method or ("POST" if body else "GET"),
        url=url,
        headers=with_default(headers, "Content-Type", "application/json")
        if body
        else tuple(headers),
        body=body,
        unread=tuple(unread),
    )


def is_headers(text: str) -> bool:
    """Whether a text is header lines, with or without a request line in front."""
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return bool(lines) and (_START.match(lines[0]) is not None or header_of(lines[0]) is not None)


def read_headers(text: str) -> RawCall:
    """Read header lines; after an empty line the rest is the body, where a request line leads."""
    headers, unread = list[Pair](), list[Unread]()
    method, url, body, at = "POST", None, None, 0
    led = False
    for line in text.splitlines(keepends=True):
        start = _START.match(line) if not headers and not led else None
        if start is not None:
            method, url, led = start[1], start[2], True
        elif not line.strip() and led and headers:
            body = text[at + len(line) :].strip() or None
            break
        elif line.strip():
            pair = header_of(line.strip())
            if pair is None:
                unread.append(placed(text, at, "A line", 'a header is written "Name: value"'))
            elif not pair[0].startswith(":"):
                headers.append(pair)
        at += len(line)
    host = next((value for name, value in headers if name.lower() == "host"), None)
    if url is not None and url.startswith("/") and host is not None:
        url = f"https://{host}{url}"
    return RawCall(
        shape="headers" if url is None else "HTTP",
        method=method,
        url=url,
        headers=tuple(headers),
        body=body,
        unread=tuple(unread),
    )
