"""The gateway's settings that no header changes: which there are, and what each accepts.

Those that stand behind a header are in the header table. Bounds: contract, management-api 3.1.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from gateway.form.durations import parse_duration, spell_duration
from gateway.policy import GatewayPolicy

Json = Any
Kind = Literal["switch", "number", "duration", "choice", "object"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewaySetting:
    """One setting of a gateway.

    Attributes:
        name: Its name on the wire.
        words: What can be chosen, where it is a choice: value and how it is said.
        low, high: Bounds of a number; ``None`` for none.
        example: A value that is accepted, where it is typed.
    """

    name: str
    kind: Kind
    label: str
    help: str
    words: Mapping[str, str] | None = None
    low: int = 0
    high: int | None = None
    example: str = ""

    def value(self, policy: GatewayPolicy) -> Json:
        """Return what a gateway has it set to."""
        return policy.other.get(self.name, getattr(policy, self.name, None))

    def show(self, policy: GatewayPolicy) -> Any:
        """Return what its widget holds; ``read`` takes it back unchanged."""
        value = self.value(policy)
        match self.kind:
            case "duration":
                return spell_duration(value, "s") if value else None
            case "object":
                return "" if value is None else json.dumps(value, indent=2)
            case "number":
                return value or None
        return value

    def read(self, given: Any) -> Json:
        """Return the value that was given; ``None`` or 0 where nothing was, which is "off".

        Raises:
            ValueError: what would be accepted, for JSON with the position.
        """
        match self.kind:
            case "duration":
                return parse_duration(given, "s") if given and given.strip() else 0
            case "number":
                return self._number(given)
            case "object":
                return _object(given)
        return given

    def _number(self, given: int | None) -> int | None:
        if given is None:
            return None if self.low else 0
        if given < self.low or (self.high is not None and given > self.high):
            upper = f" to {self.high:,}" if self.high is not None else " upwards"
            raise ValueError(f"must be from {self.low:,}{upper}")
        return given


def _object(given: str | None) -> Json:
    if not given or not given.strip():
        return None
    try:
        value = json.loads(given)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, character {error.colno}"
        raise ValueError(f"must be JSON: {error.msg} ({where})") from error
    except RecursionError:
        raise ValueError("must be JSON, and not nested this deeply") from None
    if not isinstance(value, dict):
        raise ValueError("must be a JSON object, or empty for off")
    return value


SETTINGS: tuple[GatewaySetting, ...] = (
    GatewaySetting(
        name="authentication",
        kind="switch",
        label="Authentication",
        help="Callers must send cf-aig-authorization.",
    ),
    GatewaySetting(
        name="rate_limiting_limit",
        kind="number",
        label="Rate limit (requests)",
        help="So many requests are let through in each interval; empty is no limit.",
    ),
    GatewaySetting(
        name="rate_limiting_interval",
        kind="duration",
        label="Rate limit interval",
        help="A duration such as 1 min or 60 (seconds); empty is no limit.",
        example="1 min",
    ),
    GatewaySetting(
        name="rate_limiting_technique",
        kind="choice",
        label="Rate limit technique",
        help="Fixed counts from the start of each interval, sliding over the last one.",
        words={"fixed": "Fixed", "sliding": "Sliding"},
    ),
    GatewaySetting(
        name="cache_invalidate_on_update",
        kind="switch",
        label="Forget cached answers on a change",
        help="Every change of the gateway's settings empties its cache.",
    ),
    GatewaySetting(
        name="log_management",
        kind="number",
        label="Log rows kept",
        help="From 10,000 to 10,000,000; empty leaves it to the plan.",
        low=10_000,
        high=10_000_000,
    ),
    GatewaySetting(
        name="log_management_strategy",
        kind="choice",
        label="When the log is full",
        help="What happens to the next row.",
        words={"DELETE_OLDEST": "Delete the oldest", "STOP_INSERTING": "Keep no more"},
    ),
    GatewaySetting(
        name="guardrails",
        kind="object",
        label="Guardrails",
        help="Hazards of prompts and responses, each FLAG or BLOCK; empty is off.",
        example='{"prompt": {"S1": "BLOCK"}, "response": {}}',
    ),
    GatewaySetting(
        name="dlp",
        kind="object",
        label="Data loss prevention",
        help="Profiles that are looked for, and what is done; empty is off.",
        example='{"enabled": true, "action": "BLOCK", "profiles": ["Financial Information"]}',
    ),
    GatewaySetting(
        name="spend_limits",
        kind="object",
        label="Spend limits",
        help="Budgets in dollars over seconds; empty is off.",
        example='{"enabled": true, "rules": [{"limit": 1, "limitType": "cost", "window": 3600}]}',
    ),
)
"""In the order of the form. A setting behind a header isn't among them."""
