"""The five body formats, each written and read in one place; see ``dialect`` for what one is.

openai      chat completions: most providers, and the unified API
anthropic   messages
google      generateContent
responses   OpenAI's Responses API
workers-ai  Workers AI's native run endpoint
"""

import re
from functools import lru_cache

from gateway.dialects.anthropic import Anthropic
from gateway.dialects.dialect import Dialect, StreamWriter
from gateway.dialects.google import Google
from gateway.dialects.openai import OpenAI
from gateway.dialects.responses import Responses
from gateway.dialects.workers import WorkersAI

__all__ = ["DIALECTS", "Dialect", "StreamWriter", "dialect_for"]

DIALECTS: dict[str, Dialect] = {
    dialect.name: dialect for dialect in (OpenAI(), Anthropic(), Google(), WorkersAI(), Responses())
}
"""The formats, by the name that a provider's row gives."""

_GENERATE = re.compile(r"models/[^/]+:(?:stream)?[gG]enerateContent$")
_BEDROCK_CLAUDE = re.compile(r"^bedrock-runtime/[^/]+/model/[^/]*anthropic\.[^/]*/invoke$")


@lru_cache(maxsize=1024)
def dialect_for(slug: str, path: str) -> Dialect | None:
    """Return the format of a call by its path; ``None`` where it isn't a chat that we can read.

    One provider may serve several: Workers AI and xAI also have OpenAI's and Anthropic's paths.

    Args:
        slug: Provider slug.
        path: Provider path, with or without its query string.
    """
    place = path.partition("?")[0].strip("/")
    if place.endswith("chat/completions"):
        return DIALECTS["openai"]
    if place.rpartition("/")[2] == "responses":
        return DIALECTS["responses"]
    if place.endswith("v1/messages") or (slug == "aws-bedrock" and _BEDROCK_CLAUDE.match(place)):
        return DIALECTS["anthropic"]
    if _GENERATE.search(place):
        return DIALECTS["google"]
    if slug == "workers-ai" and place.removeprefix("run/").startswith(("@cf/", "@hf/")):
        return DIALECTS["workers-ai"]
    return None
