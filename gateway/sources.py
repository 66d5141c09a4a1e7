"""Where a fact comes from, as links: the short sources of the data tables, spelled out.

features/caching.mdx              the page of the product's documentation
changelog 2026-09-14              the product's changelog
cloudflare/cloudflare-docs#33517  an issue or a pull request
live test, September 2026         no link: the words themselves
"""

import re
from dataclasses import dataclass

DOCS = "https://developers.cloudflare.com/ai-gateway"
GLOSSARY = "https://github.com/cloudflare/cloudflare-docs/blob/production/src/content/glossary"

_PAGE = re.compile(r"(?:[\w-]+/)*[\w*-]+\.mdx")
_ISSUE = re.compile(r"([\w.-]+/[\w.-]+)#(\d+)")
_RFC = re.compile(r"RFC (\d+)(?:, ([\d.]+))?")
_GLOSSARY = re.compile(r"src/content/glossary/([\w-]+\.yaml)")


@dataclass(frozen=True, slots=True)
class Link:
    """One source.

    Attributes:
        text: How the table names it.
        url: ``None`` for what has no address of its own.
    """

    text: str
    url: str | None


def links(source: str) -> tuple[Link, ...]:
    """Return the links of a source column; its entries are separated by semicolons."""
    return tuple(Link(text, _url(text)) for part in source.split(";") if (text := part.strip()))


def _url(text: str) -> str | None:
    if issue := _ISSUE.search(text):
        return f"https://github.com/{issue[1]}/issues/{issue[2]}"
    if glossary := _GLOSSARY.search(text):
        return f"{GLOSSARY}/{glossary[1]}"
    if standard := _RFC.match(text):
        section = f"#section-{standard[2]}" if standard[2] else ""
        return f"https://www.rfc-editor.org/rfc/rfc{standard[1]}{section}"
    if page := _PAGE.search(text):
        return f"{DOCS}/{_folder(page[0])}/".replace("//", "/").replace(":/", "://", 1)
    return f"{DOCS}/changelog/" if text.startswith("changelog") else None


def _folder(page: str) -> str:
    """Return the path of a page: an index, or a pattern of several pages, is its folder."""
    folder, _, name = page.removesuffix(".mdx").rpartition("/")
    return folder if name == "index" or "*" in name else f"{folder}/{name}".lstrip("/")
