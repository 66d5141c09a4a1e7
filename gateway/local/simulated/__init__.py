"""Simulated providers: each speaks its own format, at its own pace, with words of its own.

Call -> player -> routes -> chats, embeddings, cohere, media ... -> Said -> player: waits -> Answer

chats   a dialect's request and answer; what is said comes from voice, tools and schema
voice   the written answer to a suggested prompt, else what intents and tasks can make
pace    when each piece is due
"""

from gateway.local.simulated.player import Simulated

__all__ = ["Simulated"]
