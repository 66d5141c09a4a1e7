"""Which endpoint a call means: one row for each, the first that fits is used."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from gateway.dialects import dialect_for
from gateway.local.simulated import chats, models
from gateway.local.simulated.denials import denial
from gateway.local.simulated.said import Asked, Said

Endpoint = Callable[..., Said]


@dataclass(frozen=True, slots=True)
class Row:
    """One endpoint.

    Attributes:
        providers: Pattern of the slugs.
        method: The only method it takes.
        path: Pattern of the whole path; its groups are handed to the endpoint.
    """

    providers: re.Pattern[str]
    method: str
    path: re.Pattern[str]
    endpoint: Endpoint


def _row(providers: str, method: str, path: str, endpoint: Endpoint) -> Row:
    return Row(re.compile(providers), method, re.compile(path), endpoint)


ROWS: tuple[Row, ...] = (
    _row("anthropic", "GET", r"v1/models", models.anthropic_list),
    _row("google-.*", "GET", r"v1(?:beta)?/models", models.google_list),
    _row("google-.*", "GET", r"v1(?:beta)?/models/([^/:]+)", models.google_one),
    _row(".*", "GET", r"(?:openai/)?(?:v1/)?models", models.openai_list),
    _row(".*", "GET", r"(?:openai/)?(?:v1/)?models/(.+)", models.openai_one),
)


def answered(asked: Asked, method: str) -> Said:
    """Hand a call to its endpoint.

    Raises:
        BadRequest: the body isn't what the endpoint takes.
    """
    slug, path = asked.provider.slug, asked.path
    dialect = dialect_for(slug, path)
    if dialect is not None:
        return chats.chat(asked, dialect) if method == "POST" else denial(slug, path, 405)
    status = 404
    for row in ROWS:
        if row.providers.fullmatch(slug) and (found := row.path.fullmatch(path)):
            if row.method == method:
                return row.endpoint(asked, *found.groups())
            status = 405
    return denial(slug, path, status)
