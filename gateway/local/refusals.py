"""Answers that the gateway makes itself: errors in its own envelope (contract: behaviour, 12)."""

from typing import Any

import orjson

from gateway.codes import CODES

_ROWS = {row.code: row for row in reversed(CODES) if row.code is not None}


class Refusal(Exception):
    """The gateway answers this call itself, with an error.

    Attributes:
        status: HTTP status.
        code: The gateway's number, or ``None`` where none is documented.
        message: The words that the client sees.
        headers: What the answer has besides its content's own.
    """

    def __init__(
        self,
        code: int | None,
        message: str = "",
        *,
        status: int = 0,
        headers: tuple[tuple[bytes, bytes], ...] = (),
    ) -> None:
        row = _ROWS.get(code) if code is not None else None
        self.code = code
        self.status = status or (row.status if row else 400)
        self.message = message or (row.message if row else "")
        self.headers = headers
        super().__init__(self.message)

    def body(self) -> bytes:
        """Return the envelope of the data plane: ``error``, singular."""
        number: dict[str, Any] = {} if self.code is None else {"code": self.code}
        return orjson.dumps(
            {
                "success": False,
                "result": [],
                "messages": [],
                "error": [{**number, "message": self.message}],
                "name": "AiGatewayError",
                "httpCode": self.status,
                **({} if self.code is None else {"internalCode": self.code}),
                "message": self.message,
            }
        )
