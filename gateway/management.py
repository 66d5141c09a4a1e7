"""The management API of one gateway, hosted or local: its settings, its log, feedback.

Paths and envelopes: contract, management-api. What the API turns down is raised here, with a
sentence: unlike an answer to a chat, nobody counts it.
"""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from gateway.chat import Target
from gateway.client import AGENT
from gateway.errors import BadAnswer, BadRequest, Refused
from gateway.logs import LogEntry
from gateway.masking import mask_text
from gateway.policy import GatewayPolicy
from gateway.wire import Wire

Json = Any
PATIENCE_S = 15.0
READ_ONLY = frozenset(
    {
        "id",
        "created_at",
        "modified_at",
        "is_default",
        "internal_id",
        "account_id",
        "account_tag",
        "internal",
        "wholesale",
    }
)
"""Members of a gateway that can't be set (contract: management-api, 3.1)."""

SCORES = (-1, 0, 1)
MESSAGE_LIMIT = 200


class Management:
    """Speaks with the management API of one gateway.

    Args:
        wire: Sends and receives. Whoever made it closes it.
        target: The gateway; its ``rest_url`` and ``token`` are used.
    """

    def __init__(self, wire: Wire, target: Target) -> None:
        self._wire = wire
        self._target = target

    async def policy(self) -> GatewayPolicy:
        """Return the gateway's settings.

        Raises:
            Refused: the token doesn't allow it, or there is no such gateway.
            BadRequest: the target has no management API, or no token for it.
            Unreachable, BadAnswer: no answer, or not in the promised format.
        """
        return _policy(await self._settings())

    async def change(self, settings: Mapping[str, Json]) -> GatewayPolicy:
        """Change some of the gateway's settings; the others stay as they are.

        What a PUT does to settings that are left out is not public (contract: 3.1), so the whole
        is read, changed and sent back. Two that change at once: the later one wins.

        Args:
            settings: By their names on the wire, for example ``{"cache_ttl": 60}``.

        Returns:
            The settings that are in force now.

        Raises:
            Refused: as in ``policy``, or a value isn't accepted; then ``field`` names it.
            BadRequest, Unreachable, BadAnswer: as in ``policy``.
        """
        whole = {**await self._settings(), **settings}
        body = {name: value for name, value in whole.items() if name not in READ_ONLY}
        return _policy(_result(await self._ask("PUT", "", body)))

    async def log(self, log_id: str) -> LogEntry | None:
        """Return one row of the gateway's log; ``None`` where there is none, or none yet.

        Raises:
            Refused, BadRequest, Unreachable, BadAnswer: as in ``policy``.
        """
        try:
            row = _result(await self._ask("GET", f"/logs/{quote(log_id, safe='')}"))
        except Refused as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return None
            raise
        try:
            return LogEntry.from_json(row)
        except (KeyError, ValueError, TypeError) as error:
            raise BadAnswer("The gateway's log row isn't as the API describes it.") from error

    async def rate(self, log_id: str, score: int) -> None:
        """Set the feedback of a log row.

        Args:
            score: 1 is good, -1 is bad, 0 takes the feedback back.

        Raises:
            ValueError: another score.
            Refused, BadRequest, Unreachable, BadAnswer: as in ``policy``.
        """
        if score not in SCORES:
            raise ValueError(f"score must be one of {SCORES}, not {score!r}")
        try:
            await self._ask("PATCH", f"/logs/{quote(log_id, safe='')}", {"feedback": score or None})
        except Refused as error:
            if error.status == HTTPStatus.NOT_FOUND:
                raise Refused(
                    "The gateway has no log row for this answer: try again in a moment, or switch "
                    "its logs on.",
                    status=error.status,
                ) from error
            raise

    async def why(self, log_id: str) -> Mapping[str, Json] | None:
        """Return why a request was a hit or a miss; only a local gateway knows.

        Returns:
            The account that the local gateway gives: ``cache_status``, ``reason``, ``sentence``,
            ``key``, ``ttl``, ``nearest``...; ``None`` where it isn't known (any more).

        Raises:
            Unreachable, BadAnswer: no answer, or not in the promised format.
        """
        if self._target.local_url is None:
            return None
        url = f"{self._target.local_url}/_local/requests/{quote(log_id, safe='')}"
        status, body = await self._send("GET", url, ())
        if status != HTTPStatus.OK:
            return None
        account: Mapping[str, Json] = _object(body)
        return account

    async def _settings(self) -> Mapping[str, Json]:
        return _result(await self._ask("GET", ""))

    async def _ask(self, method: str, path: str, body: Json = None) -> Mapping[str, Json]:
        """Return the envelope of a successful answer."""
        target = self._target
        if target.rest_url is None:
            raise BadRequest(f"There is no management API at {target.name}.")
        if target.token is None:
            variable = "LOCAL_GATEWAY_TOKEN" if target.local_url else "CLOUDFLARE_API_KEY"
            raise BadRequest(f"The gateway's management API needs a token: set {variable} in .env.")
        url = f"{target.rest_url}/ai-gateway/gateways/{quote(target.gateway, safe='')}{path}"
        headers = (("Authorization", f"Bearer {target.token}"),)
        status, answer = await self._send(method, url, headers, body)
        if not 200 <= status < 300:
            raise self._refusal(status, answer, method)
        return _object(answer)

    async def _send(
        self, method: str, url: str, headers: tuple[tuple[str, str], ...], body: Json = None
    ) -> tuple[int, bytes]:
        common = (("User-Agent", AGENT), ("Accept-Encoding", "identity"))
        kind = (("Content-Type", "application/json"),) if body is not None else ()
        incoming = await self._wire.open(
            method,
            url,
            headers=(*common, *headers, *kind),
            body=None if body is None else json.dumps(body).encode(),
            timeout_s=PATIENCE_S,
        )
        try:
            return incoming.status, await incoming.read()
        finally:
            await incoming.aclose()

    def _refusal(self, status: int, answer: bytes, method: str) -> Refused:
        """Return what an error of the API means, and what to do."""
        message, field = _error(answer)
        said = mask_text(message, [self._target.token or ""])[:MESSAGE_LIMIT]
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            permission = "Read" if method == "GET" else "Edit"
            sentence = (
                f"The gateway's management API refuses the token ({status}): it needs the "
                f"permission AI Gateway {permission}."
            )
        elif status == HTTPStatus.NOT_FOUND:
            sentence = f"The management API finds nothing there ({status}): {said}."
        elif field is not None:
            sentence = f"The gateway doesn't accept this value of {field}: {said}."
        else:
            sentence = f"The gateway's management API answered {status}: {said}."
        return Refused(sentence, status=status, field=field)


def _policy(settings: Mapping[str, Json]) -> GatewayPolicy:
    try:
        return GatewayPolicy.from_json(settings)
    except KeyError as error:
        raise BadAnswer("The gateway's settings aren't as the API describes them.") from error


def _object(answer: bytes) -> Mapping[str, Json]:
    try:
        value = json.loads(answer)
    except ValueError as error:
        raise BadAnswer("The management API's answer isn't JSON.") from error
    if not isinstance(value, dict):
        raise BadAnswer("The management API's answer isn't a JSON object.")
    return value


def _result(envelope: Mapping[str, Json]) -> Mapping[str, Json]:
    result = envelope.get("result")
    if not isinstance(result, dict):
        raise BadAnswer("The management API's answer holds no result.")
    return result


def _error(answer: bytes) -> tuple[str, str | None]:
    """Return the message of an error envelope, and the field it names: ``["body", "x"]``."""
    try:
        error = _object(answer)["errors"][0]
        match error.get("path"):
            case ["body", str(field), *_]:
                return str(error["message"]).rstrip("."), field
        return str(error["message"]).rstrip("."), None
    except (BadAnswer, KeyError, IndexError, TypeError, AttributeError):
        return "without a message that can be read", None
