"""wording: which words of a request or an answer are looked through."""

import orjson
import pytest

from gateway.local.reading import settle
from gateway.local.steps import Step
from gateway.local.wording import answer_of, prompt_of, texts_in
from gateway.policy import GatewayPolicy
from gateway.providers import PROVIDERS

JSON = "application/json"
STREAM = "text/event-stream; charset=utf-8"
PICTURE = "A" * 300
FORM = (
    b'--x\r\nContent-Disposition: form-data; name="prompt"\r\n\r\na cat\r\n'
    b'--x\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\n'
    b"Content-Type: text/plain\r\n\r\nnotes\r\n"
    b'--x\r\nContent-Disposition: form-data; name="i"; filename="a.png"\r\n'
    b"Content-Type: image/png\r\n\r\nPNG\r\n--x--\r\n"
)
PROMPTS = [
    (
        "openai",
        "chat/completions",
        {
            "model": "m",
            "messages": [
                {"role": "system", "content": "Be kind"},
                {
                    "role": "user",
                    "content": [
                        {"type": "text", "text": "Look"},
                        {
                            "type": "image_url",
                            "image_url": {"url": f"data:image/png;base64,{PICTURE}"},
                        },
                    ],
                },
            ],
        },
        "Be kind\nLook",
    ),
    (
        "anthropic",
        "v1/messages",
        {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]},
        "Hi",
    ),
    (
        "google-ai-studio",
        "v1beta/models/m:generateContent",
        {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}]},
        "Hi",
    ),
    ("openai", "responses", {"model": "m", "input": "Hi"}, "Hi"),
    ("openai", "embeddings", {"model": "m", "input": ["one", "two"]}, "m\none\ntwo"),
    ("openai", "chat/completions", {"messages": "no chat"}, "no chat"),
]
TEXTS = [
    (b'{"a":["b",{"c":"d"}],"e":1}', JSON, ["b", "d"]),
    (orjson.dumps([PICTURE, "https://example.com/x", "data:;base64,QQ=="]), JSON, []),
    (b'data: {"a":"b"}\n\ndata: [DONE]\n\n', STREAM, ["b", "[DONE]"]),
    (b"plain words", "text/plain", ["plain words"]),
    (b"{broken", JSON, ["{broken"]),
    (b"{broken", "", ["{broken"]),
    (b"\x89PNG", "image/png", []),
    (b"[" * 900 + b'"deep"' + b"]" * 900, JSON, ["deep"]),
]


def step(slug, path, body):
    return Step(
        index=0,
        provider=PROVIDERS[slug],
        slug=slug,
        endpoint=path,
        body=body,
        path=path,
        sent=body,
        headers={"content-type": JSON},
        model="m",
        streamed=False,
        settled=settle(GatewayPolicy(id="g"), ()),
    )


@pytest.mark.parametrize(("slug", "path", "body", "words"), PROMPTS)
def test_prompt_is_read_in_every_format(slug, path, body, words):
    """What isn't a chat is looked through as it is."""
    assert prompt_of(step(slug, path, orjson.dumps(body))) == words


@pytest.mark.parametrize(("body", "kind", "texts"), TEXTS)
def test_texts_of_a_body(body, kind, texts):
    """No base64, no addresses, nothing binary; nesting has no end."""
    assert list(texts_in(body, kind)) == texts


def test_text_parts_of_a_form():
    """A picture's bytes aren't words."""
    texts = "".join(texts_in(FORM, "multipart/form-data; boundary=x"))

    assert "a cat" in texts
    assert "notes" in texts
    assert "PNG" not in texts


def test_answer_holds_reasoning_and_tool_calls():
    """Whatever a model may have written."""
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": '{"to":"me"}'}}
    message = {"role": "assistant", "content": "Hi", "tool_calls": [call]}
    body = orjson.dumps({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})

    assert answer_of(step("openai", "chat/completions", b"{}"), JSON, body) == 'Hi\n{"to":"me"}'


def test_streamed_answer_is_read_across_its_pieces():
    """A word may be cut anywhere."""
    events = [{"choices": [{"index": 0, "delta": {"content": part}}]} for part in ("sec", "ret")]
    body = b"".join(b"data: " + orjson.dumps(event) + b"\n\n" for event in events)

    assert answer_of(step("openai", "chat/completions", b"{}"), STREAM, body) == "secret"


def test_answer_that_is_no_text_of_a_model_is_none():
    """Embeddings are numbers; of other calls nobody knows what they answer."""
    assert answer_of(step("openai", "embeddings", b"{}"), JSON, b"{}") is None


def test_answer_that_cant_be_read_is_looked_through_as_it_is():
    """Nothing gets past by being odd."""
    odd = step("openai", "chat/completions", b"{}")

    assert answer_of(odd, JSON, b'{"choices":"odd"}') == "odd"
    assert answer_of(odd, JSON, b"not JSON") == "not JSON"
