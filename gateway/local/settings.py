"""Gateway settings as the management API takes them: which fields, which bounds (contract: 3.1)."""

import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from gateway.headers import HEADERS, Whole
from gateway.local.shapes import SHAPES, STANDARD
from gateway.policy import ID_LIMIT, ID_PATTERN, GatewayPolicy

Json = Any
REQUIRED = (
    "cache_invalidate_on_update",
    "cache_ttl",
    "collect_logs",
    "rate_limiting_interval",
    "rate_limiting_limit",
)
"""Fields that create and PUT both need."""
READ_ONLY = (
    "created_at",
    "modified_at",
    "is_default",
    "internal_id",
    "account_id",
    "account_tag",
    "internal",
    "wholesale",
)
"""Members of what is given back that may come along, and mean nothing then."""


class Invalid(ValueError):
    """A field of a management request that can't be accepted.

    Attributes:
        path: Where it stands, for example ``["body", "cache_ttl"]``.
    """

    def __init__(self, reason: str, *path: str) -> None:
        self.path = list(path)
        super().__init__(reason)


def _whole(low: int, high: int | None = None, *, null: bool = True) -> Callable[[Json], bool]:
    rule = Whole(low, high)

    def accepts(value: Json) -> bool:
        try:
            rule.check(value)
        except ValueError:
            return null and value is None
        return True

    return accepts


def _flag(value: Json) -> bool:
    return isinstance(value, bool)


def _one_of(*words: str) -> Callable[[Json], bool]:
    return lambda value: value is None or value in words


_DELAY = HEADERS["retry_delay"].rule
_ATTEMPTS = HEADERS["max_attempts"].rule
_TTL = HEADERS["cache_ttl"].rule
assert isinstance(_DELAY, Whole) and isinstance(_ATTEMPTS, Whole) and isinstance(_TTL, Whole)  # noqa: PT018

ACCEPTED: Mapping[str, Callable[[Json], bool]] = {
    "cache_ttl": _whole(0, _TTL.high),
    "cache_invalidate_on_update": _flag,
    "collect_logs": _flag,
    "rate_limiting_interval": _whole(0),
    "rate_limiting_limit": _whole(0),
    "rate_limiting_technique": _one_of("fixed", "sliding"),
    "authentication": _flag,
    "retry_max_attempts": _whole(_ATTEMPTS.low or 1, _ATTEMPTS.high),
    "retry_delay": _whole(0, _DELAY.high),
    "retry_backoff": _one_of("constant", "linear", "exponential"),
    "byok_only": _flag,
    "zdr": _flag,
    "log_management": _whole(10_000, 10_000_000),
    "log_management_strategy": _one_of("STOP_INSERTING", "DELETE_OLDEST"),
}


def policy_from(body: Json, *, id: str | None = None) -> GatewayPolicy:
    """Read the settings of a create (``id`` is in the body) or of a PUT (it is in the path).

    Raises:
        Invalid: a field is missing, unknown, or outside its bounds.
    """
    if not isinstance(body, dict):
        raise Invalid("Input Validation Error", "body")
    given = {name: value for name, value in body.items() if name not in READ_ONLY}
    name = id if id is not None else given.get("id")
    if not isinstance(name, str) or len(name) > ID_LIMIT or not re.fullmatch(ID_PATTERN, name):
        raise Invalid("Input Validation Error", "body", "id")
    given.pop("id", None)
    for field in REQUIRED:
        if field not in given:
            raise Invalid("Input Validation Error", "body", field)
    for field, value in given.items():
        accepts = ACCEPTED.get(field)
        if (accepts is not None and not accepts(value)) or (
            accepts is None and field not in SHAPES
        ):
            raise Invalid("Input Validation Error", "body", field)
    stated = {field: value for field, value in given.items() if field in ACCEPTED}
    other = {field: _kept(field, value) for field, value in given.items() if field in SHAPES}
    if not given["collect_logs"] and other.get("log_classification"):
        # Without logs there is nothing to classify (contract: logs, 11).
        other["log_classification"] = False
    return GatewayPolicy(id=name, **stated, other=other)


def _kept(field: str, value: Json) -> Json:
    try:
        return SHAPES[field](value)
    except ValueError:
        raise Invalid("Input Validation Error", "body", field) from None


def to_json(policy: GatewayPolicy) -> dict[str, Json]:
    """Spell the settings as the management API gives them."""
    plain = {
        column.name: getattr(policy, column.name)
        for column in fields(policy)
        if column.name != "other"
    }
    return {**STANDARD, **plain, **policy.other}
