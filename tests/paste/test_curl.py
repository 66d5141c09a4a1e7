"""curl: options, methods, bodies and addresses, as the tool itself combines them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.paste import read
from gateway.paste.curl import is_curl, read_curl

CALLS = [
    ("curl x.com", "GET", "https://x.com", None),
    ("curl -d a x.com", "POST", "https://x.com", "a"),
    ("curl -d a -d b=c x.com", "POST", "https://x.com", "a&b=c"),
    ("curl -G -d a=1 -d b=2 'x.com?c=3'", "GET", "https://x.com?c=3&a=1&b=2", None),
    ("curl -I x.com", "HEAD", "https://x.com", None),
    ("curl -XPUT -d a x.com", "PUT", "https://x.com", "a"),
    ("curl --json '{\"a\":' --json '1}' x.com", "POST", "https://x.com", '{"a":1}'),
    ("curl --data-urlencode 'q=a b&c' x.com", "POST", "https://x.com", "q=a%20b%26c"),
    ("curl --data-urlencode 'a b' x.com", "POST", "https://x.com", "a%20b"),
    ("curl --data-urlencode '=a b' x.com", "POST", "https://x.com", "a%20b"),
    ("curl --data-raw @me x.com", "POST", "https://x.com", "@me"),
    ("curl --url http://x.com -d a", "POST", "http://x.com", "a"),
    ("curl --request=PATCH --data=a x.com", "PATCH", "https://x.com", "a"),
    ("curl -kfsSo out.txt x.com", "GET", "https://x.com", None),
    ("curl --compressed --http2 -L x.com", "GET", "https://x.com", None),
    ("time curl x.com && echo done", "GET", "https://x.com", None),
]
UNREAD = [
    ("curl -d @file x.com", "--data (line 1, character 9): it reads from a file"),
    ("curl -d @- x.com", "it reads from standard input"),
    ("curl -F a=b x.com", "no chat is sent as a form"),
    ("curl -K conf x.com", "file of another machine"),
    ("curl x.com y.com", "there is an address already"),
    ("curl -H", "its value is missing"),
    ("curl --max-time soon x.com", "must be a number"),
    ("curl -s", "The address: there is none"),
]


@pytest.mark.parametrize(("text", "method", "url", "body"), CALLS)
def test_call_is_the_one_curl_would_make(text, method, url, body):
    """Its manual, option by option."""
    call = read_curl(text)

    assert (call.method, call.url, call.body) == (method, url, body)
    assert call.unread == ()


@pytest.mark.parametrize(("text", "sentence"), UNREAD)
def test_unread_part_is_said_with_its_place(text, sentence):
    """What the clipboard doesn't hold can't be taken over."""
    assert sentence in read_curl(text).unread[0].sentence


def test_headers_stand_in_order():
    """Repeated ones too; ``Name:`` takes a header away, ``Name;`` sends an empty one."""
    call = read_curl("curl -H 'a: 1' -H 'A: 2' -H 'b:' -H 'c;' -A me -e you x.com")

    assert call.headers == (
        ("a", "1"),
        ("A", "2"),
        ("c", ""),
        ("User-Agent", "me"),
        ("Referer", "you"),
    )


def test_user_becomes_an_authorization():
    """-u is a header in the end."""
    assert read_curl("curl -u a:b x.com").headers == (("Authorization", "Basic YTpi"),)
    assert read_curl("curl --oauth2-bearer t x.com").headers == (("Authorization", "Bearer t"),)


def test_quotes_escaped_once_too_often_are_mended():
    """Old PowerShell wants that; only where it makes JSON of what is none."""
    assert read_curl("""curl.exe -d '{\\"a\\":1}' x.com""").body == '{"a":1}'
    assert read_curl("""curl -d '{"a":"\\"b\\""}' x.com""").body == '{"a":"\\"b\\""}'


@pytest.mark.parametrize(
    ("text", "found"), [("curl x", True), ("CURL.EXE x", True), ("curly", False)]
)
def test_curl_is_recognised(text, found):
    """A word of its own."""
    assert is_curl(text) is found


MARKS = st.sampled_from(["'", '"', "$'", "\\", "^", "`", "\n", " ", "@{", "}", "{", "<<EOF\n"])
WORDS = st.sampled_from(["curl", "-d", "-H", "irm", "-Uri", "http", "a: b", "cf-aig-cache-ttl: 1"])
URLS = st.sampled_from(["https://gateway.ai.cloudflare.com/v1/a/g", "/openai/x"])
PIECES = MARKS | WORDS | URLS


@given(st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=60))
def test_nothing_pasted_is_an_error(text):
    """Whatever is in the clipboard, the page stays alive and says something."""
    found = read(text)

    assert found.shape
    assert all(unread.sentence.endswith(".") for unread in found.unread)


HOSTILE = {
    "quotes": "curl '" * 15_000,
    "here-documents": "curl <<EOF " * 10_000,
    "tables": "irm -Body " + "@{a=" * 50_000,
    "calls in tables": "irm -Body @{a=@{" * 20_000,
    "backslashes": 'curl ^"' + "\\" * 200_000,
    "brackets": "curl x -d " + "[" * 200_000,
    "words": "curl " + "a " * 50_000,
    "too long": "a" * 1_000_001,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_read_in_time(name):
    """Neither depth nor length stops the page, and only the first troubles are told."""
    found = read(HOSTILE[name])

    assert 1 <= len(found.unread) <= 21


def test_large_picture_is_pasted():
    """A chat with an image has hundreds of kilobytes."""
    picture = "A" * 300_000
    image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{picture}"}}
    body = {"model": "m", "messages": [{"role": "user", "content": [image]}]}
    text = f"curl https://ai.example.com/openai/chat/completions -d '{json.dumps(body)}'"

    found = read(text)

    assert not found.unread
    assert found.chat.messages[0].images[0].data == picture
