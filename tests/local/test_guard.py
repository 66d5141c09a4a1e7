"""guard: foreign web pages get nothing from a gateway that may hold real keys."""

import pytest

from gateway.local.guard import is_foreign, is_loopback
from tests.local.conftest import HELLO, OPENAI

HERE = {"host": "127.0.0.1:8787"}


@pytest.mark.parametrize(
    ("headers", "public", "foreign"),
    [
        (HERE, False, False),
        ({"host": "localhost"}, False, False),
        ({"host": "[::1]:8787"}, False, False),
        (HERE | {"origin": "http://localhost:3000"}, False, False),
        (HERE | {"origin": "https://evil.example"}, False, True),
        (HERE | {"origin": "null"}, False, True),
        (HERE | {"origin": "http://[broken"}, False, True),
        ({"host": "evil.example:8787"}, False, True),
        ({}, False, True),
        ({"host": "gateway.lan"}, True, False),
        ({"host": "gateway.lan", "origin": "https://evil.example"}, True, True),
    ],
)
def test_host_and_origin_tell(headers, public, foreign):
    """A page can choose neither of the two."""
    assert is_foreign(headers, public=public) == foreign


@pytest.mark.parametrize(
    ("host", "here"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("10.0.0.1", False), ("", False)],
)
def test_loopback_is_this_machine(host, here):
    """The whole 127/8 block is."""
    assert is_loopback(host) == here


def test_page_of_another_site_can_not_spend_our_keys(gateway):
    """A plain-text POST needs no preflight, so the browser would send it."""
    answer = gateway.http.post(
        f"/v1/a/demo/{OPENAI}", json=HELLO, headers={"origin": "https://evil.example"}
    )

    assert answer.status_code == 403
    assert answer.json()["success"] is False
