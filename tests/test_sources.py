"""sources: every entry of a source column leads to the page that it means."""

import pytest

from gateway.codes import CODES
from gateway.headers import TABLE
from gateway.sources import Link, links

DOCS = "https://developers.cloudflare.com/ai-gateway"
ENTRIES = [
    ("features/caching.mdx", f"{DOCS}/features/caching/"),
    ("glossary.mdx", f"{DOCS}/glossary/"),
    ("observability/logging/index.mdx", f"{DOCS}/observability/logging/"),
    ("usage/websockets-api/*.mdx", f"{DOCS}/usage/websockets-api/"),
    ("configuration/authentication.mdx (strict rule)", f"{DOCS}/configuration/authentication/"),
    ("changelog 2026-09-14", f"{DOCS}/changelog/"),
    (
        "src/content/glossary/ai-gateway.yaml",
        "https://github.com/cloudflare/cloudflare-docs/blob/production/src/content/glossary/"
        "ai-gateway.yaml",
    ),
    (
        "cloudflare/cloudflare-docs#33517",
        "https://github.com/cloudflare/cloudflare-docs/issues/33517",
    ),
    ("RFC 9110, 5.5", "https://www.rfc-editor.org/rfc/rfc9110#section-5.5"),
    ("RFC 9110", "https://www.rfc-editor.org/rfc/rfc9110"),
    ("live tests by third parties", None),
]


@pytest.mark.parametrize(("text", "url"), ENTRIES)
def test_entry_leads_to_its_page(text, url):
    """A claim can be checked with one click."""
    assert links(text) == (Link(text, url),)


def test_column_with_several_entries_gives_several_links():
    """Many rows rest on two pages."""
    found = links("features/caching.mdx; usage/rest-api.mdx;")

    assert [link.text for link in found] == ["features/caching.mdx", "usage/rest-api.mdx"]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_every_header_has_a_source(row):
    """No row without a place to look it up, but for what isn't in the product's documentation."""
    assert links(row.source)


@pytest.mark.parametrize("row", CODES, ids=lambda row: row.name)
def test_every_code_has_a_source(row):
    """The words of a source without an address are shown as they are."""
    assert all(link.text for link in links(row.source))
