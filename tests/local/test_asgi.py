"""asgi: headers by name."""

from gateway.local.asgi import headers_of


def test_repeated_headers_are_joined():
    """As RFC 9110 says; bytes above 127 don't hurt."""
    headers = headers_of([(b"accept", b"a"), (b"x", b"\xff"), (b"accept", b"b")])

    assert headers == {"accept": "a, b", "x": "\xff"}
