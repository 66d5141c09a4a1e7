"""talk: a chat seen as a conversation."""

from gateway.chat import Chat, Image, Message
from gateway.local.simulated.persona import persona_of
from gateway.local.simulated.subject import MOST_READ
from gateway.local.simulated.talk import talk_of

TURNS = (
    Message(role="system", text="Be kind."),
    Message(role="user", text="What is jitter?"),
    Message(role="assistant", text="Randomness."),
    Message(role="user", text=" And TTL? ", images=(Image(media_type="image/png", data="aGk="),)),
)


def talking(messages, seed=0):
    chat = Chat(provider="openai", model="gpt-4o", messages=messages)
    return talk_of(chat, persona_of("openai", "gpt-4o"), seed)


def test_turns_are_told_apart():
    """Follow-ups need what was asked and answered before."""
    talk = talking(TURNS)

    assert (talk.prompt, talk.earlier, talk.answers) == (
        "And TTL?",
        ("What is jitter?",),
        ("Randomness.",),
    )
    assert (talk.system, talk.before, talk.images) == ("Be kind.", "jitter", ("image/png",))
    assert {"ttl", "kind"} <= talk.words


def test_number_stands_for_chance():
    """It depends on the seed and on every word that was said."""
    numbers = {talking(TURNS).number, talking(TURNS, seed=1).number, talking(TURNS[:2]).number}

    assert len(numbers) == 3
    assert talking(TURNS).number in numbers


def test_only_the_beginning_of_a_long_prompt_is_read():
    """Megabytes of text cost no megabytes of searching."""
    talk = talking((Message(role="user", text="word " * 100_000),))

    assert len(talk.prompt) <= MOST_READ
    assert len(talk.whole) == 500_000
