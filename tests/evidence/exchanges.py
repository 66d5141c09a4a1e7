"""Exchanges for the tests of evidence."""

from gateway.chat import Chat, Completion, Cost, Exchange, Failure, Reply, Times, say

CHAT = Chat(provider="openai", model="gpt-4o-mini", messages=say("Hi"))


def answered(
    *,
    arrivals=(),
    end_s=1.0,
    status=200,
    cache=None,
    text="Hello",
    chat=CHAT,
    usd=None,
    step=None,
    stopped=False,
):
    """An exchange with what matters here."""
    headers = [("cf-aig-cache-status", cache)] if cache else []
    headers += [("cf-aig-step", str(step))] if step is not None else []
    reply = Reply(
        status=status,
        headers=tuple(headers),
        completion=Completion(text=text),
        times=Times(
            end_s=end_s,
            chunks_s=tuple(arrivals),
            first_s=arrivals[0] if arrivals else None,
        ),
        stopped=stopped,
    )
    cost = None if usd is None else Cost(usd=usd, list_usd=usd, source="test")
    return Exchange(chat=chat, target="local", reply=reply, cost=cost)


def failed():
    """An exchange without any answer."""
    failure = Failure(name="Unreachable", sentence="Nobody answers.")
    return Exchange(chat=CHAT, target="local", failure=failure)
