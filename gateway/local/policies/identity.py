"""Whom a request speaks for, as policies see it.

cf.user.id, .email, .groups   claims of a Cloudflare Access token: sub, email, groups
cf.custom.*                   its custom claims
cf.country                    the header cf-ipcountry
metadata.*                    cf-aig-metadata

ASSUMPTION: there is no Access in front of a local gateway, so that a token's claims are taken as
they are, without looking at its signature: anybody can try any identity here.
"""

import base64
import binascii
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Any

import orjson

Json = Any
TOKEN, COOKIE, COUNTRY = "cf-access-jwt-assertion", "CF_Authorization", "cf-ipcountry"


def identity_of(headers: Mapping[str, str], metadata: Mapping[str, Json]) -> dict[str, Json]:
    """Return what is known of the one who asks; what isn't known is absent.

    Args:
        headers: Names in lower case.
    """
    claims = _claims(headers.get(TOKEN) or _cookie(headers.get("cookie", "")))
    named = {"id": claims.get("sub"), "email": claims.get("email"), "groups": claims.get("groups")}
    user = {name: value for name, value in named.items() if value is not None}
    cf: dict[str, Json] = {}
    if user:
        cf["user"] = user
    if isinstance(claims.get("custom"), dict):
        cf["custom"] = claims["custom"]
    if headers.get(COUNTRY):
        cf["country"] = headers[COUNTRY]
    return {"cf": cf, "metadata": dict(metadata)}


def _cookie(text: str) -> str:
    try:
        found = SimpleCookie(text).get(COOKIE)
    except CookieError:
        return ""
    return "" if found is None else found.value


def _claims(token: str) -> dict[str, Json]:
    """Return the claims of a JSON Web Token; none where it isn't one."""
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        claims = orjson.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError):
        return {}
    return claims if isinstance(claims, dict) else {}
