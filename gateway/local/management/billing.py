"""``/billing``: Unified Billing as far as the contract knows it. No money is ever moved.

The balance is what was topped up, less what the log says Unified Billing paid; it begins with ten
dollars. Amounts are in cents. A top-up is completed at once. ``/_local/credits`` empties the
account for tests of what happens then.
"""

import asyncio
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.local.logsearch import LogSearch
from gateway.local.management.answers import NO_ACCESS, errors, missing, result
from gateway.local.management.asking import (
    Field,
    choice,
    is_number,
    is_text,
    members,
    paging,
    whole,
)
from gateway.local.state import State

Json = Any
FIRST_CENTS = 1000
LEAST_CENTS, LEAST_THRESHOLD_CENTS = 1000, 500
WINDOWS_S = {"day": 86_400, "hour": 3_600}
CONFIG_ID = "account"


def _cents(least: int) -> Field:
    accepts = is_number(least)
    return Field(lambda value: isinstance(value, int) and accepts(value), required=True)


TOPUP = {"amount": _cents(LEAST_CENTS)}
STATUS = {"payment_intent_id": Field(is_text, required=True)}
CONFIG = {"amount": _cents(LEAST_CENTS), "threshold": _cents(LEAST_THRESHOLD_CENTS)}
TROUBLE = {"error": None, "disabledReason": None, "lastFailedAt": None}


class Billing:
    """Balance, invoices, usage, top-ups and the retired spending limit."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._search = LogSearch(state.store)

    def routes(self, base: str) -> list[Route]:
        """Return the paths under the account's."""
        base = f"{base}/billing"
        return [
            Route(f"{base}/credit-balance", self.balance, methods=["GET"]),
            Route(f"{base}/invoice-history", self.invoices, methods=["GET"]),
            Route(f"{base}/invoice-preview", self.preview, methods=["GET"]),
            Route(f"{base}/usage-history", self.usage, methods=["GET"]),
            Route(f"{base}/topup", self.top_up, methods=["POST"]),
            Route(f"{base}/topup/status", self.status, methods=["POST"]),
            Route(f"{base}/topup/limits", self.limits, methods=["GET"]),
            Route(f"{base}/topup/config", self.config, methods=["GET"]),
            Route(f"{base}/topup/config", self.set_config, methods=["POST"]),
            Route(f"{base}/topup/config", self.drop_config, methods=["DELETE"]),
            Route(f"{base}/spending-limit", self.spending_limit, methods=["GET", "DELETE"]),
            Route(f"{base}/spending-limit", self.retired, methods=["POST"]),
        ]

    async def balance(self, request: Request) -> Response:
        topups = self._state.documents.all("topup")
        paid = FIRST_CENTS + sum(row["amount"] for row in topups)
        spent = await self._spent_cents()
        return result(
            {
                "balance": max(0.0, round(paid - spent, 6)) if self._state.credits else 0,
                "has_default_payment_method": False,
                "payment_method": None,
                "topup_config": self._config(),
                "first_topup_success": bool(topups),
            }
        )

    async def invoices(self, request: Request) -> Response:
        page, per_page = paging(request, low=1, high=50)
        kind = choice(request, "type", ("auto", "manual", "all"), "all")
        # Nothing is ever topped up automatically here.
        rows = [] if kind == "auto" else self._state.documents.all("topup")[::-1]
        shown = rows[(page - 1) * per_page : page * per_page]
        return result(
            {
                "invoices": [_invoice(row) for row in shown],
                "pagination": {
                    "page": page,
                    "per_page": per_page,
                    "total_count": len(rows),
                    "has_more": page * per_page < len(rows),
                },
            }
        )

    async def preview(self, request: Request) -> Response:
        """Return the draft for this month: credits were paid before, so nothing is due."""
        now = datetime.fromtimestamp(self._state.clock.now(), UTC)
        start = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        end = start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)
        return result(
            {
                "id": f"draft-{start:%Y-%m}",
                "amount_due": 0,
                "amount_paid": 0,
                "amount_remaining": 0,
                "currency": "usd",
                "period_start": int(start.timestamp()),
                "period_end": int(end.timestamp()),
                "status": "draft",
                "invoice_lines": [],
            }
        )

    async def usage(self, request: Request) -> Response:
        window = choice(request, "value_grouping_window", WINDOWS_S, "")
        since_ms, until_ms = whole(request, "start_time"), whole(request, "end_time")
        window_s = WINDOWS_S[window]
        rows = await asyncio.to_thread(
            self._search.spent,
            window_s,
            since_s=(since_ms or 0) / 1000,
            until_s=None if until_ms is None else until_ms / 1000,
        )
        return result(
            {
                "history": [
                    {
                        "id": f"{window}-{start_s:.0f}",
                        "aggregated_value": round(dollars * 100, 6),
                        "start_time": round(start_s * 1000),
                        "end_time": round((start_s + window_s) * 1000),
                    }
                    for start_s, dollars in rows
                ]
            }
        )

    async def top_up(self, request: Request) -> Response:
        amount = (await members(request, TOPUP))["amount"]
        id = self._state.ids.new()
        row = {"id": id, "amount": amount, "created_s": self._state.clock.now()}
        self._state.documents.put("topup", row)
        return result({"client_secret": None, "onboarding": True, "payment_intent_id": id})

    async def status(self, request: Request) -> Response:
        id = (await members(request, STATUS))["payment_intent_id"]
        if self._state.documents.get("topup", id) is None:
            raise missing()
        return result({"payment_intent_id": id, "status": "completed"})

    async def limits(self, request: Request) -> Response:
        """Return the least amounts; the real body isn't public."""
        return result({"min_amount": LEAST_CENTS, "min_threshold": LEAST_THRESHOLD_CENTS})

    async def config(self, request: Request) -> Response:
        return result(self._config())

    async def set_config(self, request: Request) -> Response:
        given = await members(request, CONFIG)
        self._state.documents.put("topup-config", {"id": CONFIG_ID, **given})
        return result(given)

    async def drop_config(self, request: Request) -> Response:
        self._state.documents.delete("topup-config", CONFIG_ID)
        return result({})

    async def spending_limit(self, request: Request) -> Response:
        if request.method == "DELETE":
            return result({})
        config = {"amount": None, "duration": None, "strategy": None}
        return result({"enabled": False, "config": config})

    async def retired(self, request: Request) -> Response:
        """Refuse: spend limits belong to a gateway now."""
        return errors(403, NO_ACCESS, "Account-wide spending limits are retired")

    def _config(self) -> dict[str, Json]:
        row = self._state.documents.get("topup-config", CONFIG_ID) or {}
        return {"amount": row.get("amount"), "threshold": row.get("threshold"), **TROUBLE}

    async def _spent_cents(self) -> float:
        rows = await asyncio.to_thread(self._search.spent, WINDOWS_S["day"])
        return 100 * sum(dollars for _, dollars in rows)


def _invoice(row: dict[str, Json]) -> dict[str, Json]:
    return {
        "id": row["id"],
        "amount_due": row["amount"],
        "amount_paid": row["amount"],
        "amount_remaining": 0,
        "currency": "usd",
        "status": "paid",
        "created": int(row["created_s"]),
        "description": "Top-up of the local gateway: no money was moved",
        "invoice_origin": "manual",
        "attempted": True,
        "attempt_count": 1,
        "auto_advance": False,
    }
