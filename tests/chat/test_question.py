"""question: what we ask, of one provider or of several in turn."""

from dataclasses import replace

from gateway.chat import Chat, Message, Step, say

HELLO = Chat(provider="openai", model="gpt-5-mini", messages=say("Hello", system="Be brief"))


def test_first_turn():
    """A system prompt is a message too."""
    assert say("Hello", system="Be brief") == (
        Message(role="system", text="Be brief"),
        Message(role="user", text="Hello"),
    )
    assert say("Hello") == (Message(role="user", text="Hello"),)


def test_prompt_is_the_newest_question():
    """What is shown as the question."""
    chat = replace(HELLO, messages=(*HELLO.messages, Message(role="assistant", text="Hi")))

    assert (chat.prompt, replace(chat, messages=()).prompt) == ("Hello", "")


def test_steps_are_never_empty():
    """Without a list, the chat itself is the one step."""
    step = Step(provider="anthropic", model="claude-haiku-4-5")
    chat = replace(HELLO, steps=(step,))

    assert HELLO.all_steps == (Step(provider="openai", model="gpt-5-mini"),)
    assert chat.all_steps == (step,)
    assert chat.at(step) == replace(HELLO, provider="anthropic", model="claude-haiku-4-5")
