"""LogEntry: one row of the gateway's own log, to and from the JSON of the logs API.

An ``Exchange`` is our view of a call; a ``LogEntry`` is the gateway's.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from datetime import UTC, datetime
from typing import Any, Self

Json = Any
HEAD_LIMIT = 1024
"""Characters of a body that a detail row shows as its head (ASSUMPTION: not documented)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One call as the gateway logged it (contract: logs-and-analytics, section 2).

    Attributes:
        duration: Milliseconds that this answer took.
        timings: ``total`` and ``latency`` in ms; on a cache hit also ``original_total``, what the
            answer took when it was fresh. The last one is ours, not Cloudflare's.
        cost: US dollars; 0 for a cache hit.
        dlp_action: FLAG or BLOCK, where data loss prevention found something.
        dlp_profiles: What it found, as in the header ``cf-aig-dlp``.
        guardrails: What guardrails found, by phase; not documented, so the members are ours.
        metadata: What the caller attached, at most five entries.
    """

    id: str
    created_at: datetime
    provider: str
    model: str
    path: str
    duration: int
    success: bool
    cached: bool
    status_code: int
    step: int = 0
    tokens_in: int | None = None
    tokens_out: int | None = None
    cost: float | None = None
    custom_cost: bool = False
    metadata: Mapping[str, Json] = field(default_factory=dict)
    model_type: str = "chat"
    request_type: str = ""
    request_content_type: str = "application/json"
    response_content_type: str = "application/json"
    request_size: int = 0
    response_size: int = 0
    event_id: str = ""
    feedback: int | None = None
    score: float | None = None
    user_agent: str = ""
    authentication: bool = False
    wholesale: bool = False
    byok: bool = False
    usage_metadata: Mapping[str, int] = field(default_factory=dict)
    timings: Mapping[str, float] = field(default_factory=dict)
    dlp_action: str | None = None
    dlp_profiles: Sequence[Json] | None = None
    guardrails: Mapping[str, Json] | None = None

    def to_json(self) -> dict[str, Json]:
        """Spell the row as the logs API lists it."""
        row = {column.name: getattr(self, column.name) for column in fields(self)}
        row["created_at"] = self.created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        return row

    @classmethod
    def from_json(cls, row: Mapping[str, Json]) -> Self:
        """Read a row of the logs API; unknown members are skipped.

        Raises:
            KeyError: a member that every row has is missing.
        """
        known = {column.name for column in fields(cls)}
        values = {name: value for name, value in row.items() if name in known and value is not None}
        at = datetime.fromisoformat(row["created_at"])
        values["created_at"] = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
        values["metadata"] = _metadata(values.get("metadata"))
        missing = [name for name in REQUIRED if name not in values]
        if missing:
            raise KeyError(f"The log row lacks {', '.join(missing)}")
        return cls(**values)


REQUIRED = tuple(
    column.name
    for column in fields(LogEntry)
    if column.default is MISSING and column.default_factory is MISSING
)
"""Members that every row has."""


def _metadata(value: Json) -> Mapping[str, Json]:
    """Read metadata: an object, or the same as text (the API's schema says text)."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except json.JSONDecodeError:
            return {}
    return value if isinstance(value, dict) else {}
