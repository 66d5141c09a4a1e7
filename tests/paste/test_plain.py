"""plain: header lines, requests as text, HAR and HTTPie."""

import json

import pytest

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

REQUEST = {"method": "POST", "url": "https://x.com", "headers": [{"name": "a", "value": "b"}]}


@pytest.mark.parametrize(
    "value", [REQUEST, {"request": REQUEST}, {"log": {"entries": [{"request": REQUEST}]}}]
)
def test_har_is_found_at_three_depths(value):
    """One request, one entry, or a whole recording."""
    assert har_entry(json.dumps(value)) == REQUEST


@pytest.mark.parametrize(
    "text", ["", "x", "[]", "{}", '{"request": 5}', '{"url": "x"}', '{"log": {"entries": []}}']
)
def test_other_json_is_no_har(text):
    """An error body, for example, belongs to the reference page."""
    assert har_entry(text) is None


def test_har_request_is_read():
    """HTTP/2's own fields are no headers."""
    call = read_har(
        {
            **REQUEST,
            "headers": [{"name": ":path", "value": "/"}, *REQUEST["headers"], 5],
            "postData": {"text": "{}"},
        }
    )

    assert (call.method, call.url, call.headers, call.body) == (
        "POST",
        "https://x.com",
        (("a", "b"),),
        "{}",
    )
    assert [unread.what for unread in call.unread] == ["Header 3"]


def test_header_lines_are_read_with_their_places():
    """Empty lines don't matter where no request line leads."""
    call = read_headers("a: 1\n\nnonsense here\nb: 2\n")

    assert call.headers == (("a", "1"), ("b", "2"))
    assert (call.unread[0].line, call.unread[0].at) == (3, 7)
    assert call.url is None


def test_request_as_text_is_read():
    """From a log or a proxy: request line, headers, empty line, body."""
    call = read_headers("POST /v1/a HTTP/1.1\r\nHost: x.com\r\nA: b\r\n\r\n{\r\n}\r\n")

    assert (call.method, call.url) == ("POST", "https://x.com/v1/a")
    assert call.headers == (("Host", "x.com"), ("A", "b"))
    assert call.body == "{\r\n}"


@pytest.mark.parametrize(
    ("text", "found"),
    [("a: b", True), ("GET / HTTP/1.1", True), ("hello there", False), ('{"a": 1}', False)],
)
def test_headers_are_recognised(text, found):
    """Prose and JSON are none."""
    assert is_headers(text) is found


@pytest.mark.parametrize(
    ("text", "found"),
    [("http x.com", True), ("https POST x.com", True), ("https://x.com", False), ("http", False)],
)
def test_httpie_is_recognised(text, found):
    """By its name in front."""
    assert is_httpie(text) is found


def test_httpie_items_are_read():
    """Headers, text, JSON, members of the query; files stay out."""
    call = read_httpie("http --timeout x.com A:b name=text n:=1 q==2 f:=@file bad:={ word | jq")

    assert (call.method, call.url) == ("POST", "https://x.com?q=2")
    assert call.headers == (("A", "b"), ("Content-Type", "application/json"))
    assert json.loads(call.body) == {"name": "text", "n": 1}
    assert [unread.what for unread in call.unread] == ["f", "bad", "A word"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('fetch("https://x.com");', ("https://x.com", {})),
        ('await fetch("x", {"method": "GET"})', ("x", {"method": "GET"})),
        ('const r = "fetch(1)"', None),
        ("fetch(url, options)", None),
        ('fetch("x", {method: 1})', None),
    ],
)
def test_fetch_is_recognised(text, found):
    """As browsers copy it; a program's own has variables, which only it knows."""
    assert fetch_call(text) == found


def test_fetch_is_read():
    """A body makes it a POST."""
    call = read_fetch("https://x.com", {"headers": {"a": "b"}, "body": "{}"})

    assert (call.method, call.headers, call.body) == ("POST", (("a", "b"),), "{}")
