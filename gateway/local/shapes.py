"""Settings of a gateway that are objects: what they must look like, and what is filled in.

Each function returns the value as it is kept, and raises ``ValueError`` for what isn't one. Where
``None`` is taken, it switches the setting off (contract: management-api, 3.1).
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import orjson

from gateway.local.hazards import HAZARDS

Json = Any
ACTIONS = ("FLAG", "BLOCK")
RULE_LIMIT = 20
KEY_LENGTHS = range(16, 1025)
"""Characters of a public key for Logpush."""
Check = Callable[[Json], bool]


def dlp(value: Json) -> Json:
    """Data loss prevention: one action for all profiles, or policies with actions of their own."""
    if value is None:
        return None
    simple = {"enabled": _flag, "action": _action, "profiles": _texts}
    policy: Mapping[str, Check] = {
        "id": _text,
        "enabled": _flag,
        "action": _action,
        "check": lambda given: (
            _list(given) and all(part in ("REQUEST", "RESPONSE") for part in given)
        ),
        "profiles": _texts,
    }
    if isinstance(value, dict) and "policies" in value:
        _object(value, {"enabled": _flag, "policies": _list})
        for each in value["policies"]:
            _object(each, policy)
    else:
        _object(value, simple)
    return value


def guardrails(value: Json) -> Json:
    """Hazards of prompts and responses with what is done about them; one left out is off."""
    if value is None:
        return None
    _object(value, {"prompt": _hazards, "response": _hazards})
    return value


def otel(value: Json) -> Json:
    """Exporters of traces; they write JSON unless they say protobuf."""
    if value is None:
        return None
    if not isinstance(value, list):
        raise ValueError("must be a list")
    kept = []
    for each in value:
        _object(
            each,
            {"url": _url},
            {
                "headers": _texts_by_name,
                "authorization": _nullable(_text),
                "content_type": lambda given: given in ("json", "protobuf"),
            },
        )
        kept.append({"headers": {}, "content_type": "json", **each})
    return kept


def spend_limits(value: Json) -> Json:
    """Budgets in dollars: rules that are all checked before a call."""
    if value is None:
        return None
    _object(value, {}, {"enabled": _flag, "rules": _list})
    rules = value.get("rules", [])
    if len(rules) > RULE_LIMIT:
        raise ValueError(f"takes at most {RULE_LIMIT} rules")
    kept = [_rule(rule, number) for number, rule in enumerate(rules)]
    if len({rule["id"] for rule in kept}) < len(kept):
        raise ValueError("two rules have the same id")
    return {"enabled": value.get("enabled", False), "rules": kept}


def stripe(value: Json) -> Json:
    """Usage events for Stripe; what they do isn't documented."""
    if value is None:
        return None
    _object(value, {"authorization": _text, "usage_events": _list})
    for event in value["usage_events"]:
        _object(event, {"payload": _text})
    return value


def public_key(value: Json) -> Json:
    """The key that Logpush encrypts with, in text."""
    if value is not None and not (isinstance(value, str) and len(value) in KEY_LENGTHS):
        raise ValueError("must be 16 to 1024 characters")
    return value


def switch(value: Json) -> Json:
    """On or off."""
    if not _flag(value):
        raise ValueError("must be true or false")
    return value


def store_id(value: Json) -> Json:
    """The Secrets Store of stored keys."""
    if value is not None and not _text(value):
        raise ValueError("must be text")
    return value


def billing_mode(value: Json) -> Json:
    """How Workers AI is paid."""
    if value not in ("postpaid", "unified"):
        raise ValueError("must be postpaid or unified")
    return value


SHAPES: Mapping[str, Callable[[Json], Json]] = {
    "dlp": dlp,
    "guardrails": guardrails,
    "log_classification": switch,
    "logpush": switch,
    "logpush_public_key": public_key,
    "otel": otel,
    "spend_limits": spend_limits,
    "store_id": store_id,
    "stripe": stripe,
    "workers_ai_billing_mode": billing_mode,
}
"""Settings that are objects. ``checks`` has those that hold calls back; others are only kept."""
STANDARD: Mapping[str, Json] = {
    **dict.fromkeys(SHAPES),
    "log_classification": False,
    "logpush": False,
    "workers_ai_billing_mode": "postpaid",
}
"""What they are where nobody has set them."""


def _rule(rule: Json, number: int) -> dict[str, Json]:
    _object(
        rule,
        {
            "limit": _number,
            "limitType": lambda given: given == "cost",
            "window": lambda given: isinstance(given, int) and _number(given),
        },
        {
            "id": _text,
            "enabled": _flag,
            "technique": lambda given: given in ("fixed", "sliding"),
            "model": _split,
            "provider": _split,
            "metadata": lambda given: (
                isinstance(given, dict) and all(_split(each) for each in given.values())
            ),
        },
    )
    # Made from the rule itself: nothing here reads a random source.
    made = hashlib.sha256(orjson.dumps([number, rule])).hexdigest()[:8]
    return {"id": made, "enabled": True, "technique": "sliding", **rule}


def _object(value: Json, must: Mapping[str, Check], may: Mapping[str, Check] | None = None) -> None:
    """Refuse what isn't an object of these members and no others."""
    checks = {**must, **(may or {})}
    if not isinstance(value, dict) or not must.keys() <= value.keys() <= checks.keys():
        raise ValueError("has other members")
    for name, given in value.items():
        if not checks[name](given):
            raise ValueError(f"{name} isn't what it must be")


def _flag(value: Json) -> bool:
    return isinstance(value, bool)


def _text(value: Json) -> bool:
    return isinstance(value, str) and bool(value)


def _list(value: Json) -> bool:
    return isinstance(value, list)


def _number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def _action(value: Json) -> bool:
    return value in ACTIONS


def _texts(value: Json) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _texts_by_name(value: Json) -> bool:
    return isinstance(value, dict) and all(isinstance(each, str) for each in value.values())


def _nullable(check: Check) -> Check:
    return lambda value: value is None or check(value)


def _hazards(value: Json) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() <= {hazard.code for hazard in HAZARDS}
        and all(action in ACTIONS for action in value.values())
    )


def _filter(value: Json) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == {"mode", "values"}
        and value["mode"] == "filter"
        and _texts(value["values"])
    )


def _split(value: Json) -> bool:
    return value == {"mode": "partition"} or _filter(value)


def _url(value: Json) -> bool:
    if not isinstance(value, str) or re.search(r"[\s\x00-\x1f]", value):
        return False
    try:
        url = urlsplit(value)
        return url.scheme in ("http", "https") and bool(url.hostname)
    except ValueError:
        return False
