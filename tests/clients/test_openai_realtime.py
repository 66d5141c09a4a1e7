"""OpenAI's own package, unchanged, in a realtime session through the gateway."""

import openai
import pytest

pytestmark = pytest.mark.anyio


async def test_text_session(gateway):
    """It finds its path, gets the events in the order that it knows, and reads them."""
    base = f"{gateway.url}/v1/someone/demo/openai"
    client = openai.AsyncOpenAI(
        api_key="sk-any", base_url=base, websocket_base_url=base.replace("http", "ws")
    )
    text, kinds = "", []
    asked = {"type": "input_text", "text": "What is the capital of France?"}

    async with client, client.realtime.connect(model="gpt-realtime") as session:
        await session.session.update(session={"type": "realtime", "output_modalities": ["text"]})
        await session.conversation.item.create(
            item={"type": "message", "role": "user", "content": [asked]}
        )
        await session.response.create()
        async for event in session:
            kinds.append(event.type)
            text += event.delta if event.type == "response.output_text.delta" else ""
            if event.type == "response.done":
                break

    assert "Paris" in text
    assert kinds[:2] == ["session.created", "session.updated"]
    assert event.response.usage.total_tokens > 0
