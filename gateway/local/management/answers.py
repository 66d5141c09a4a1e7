"""The envelopes of the v4 API, written in one place: results, lists, errors.

success   {"success": true, "errors": [], "messages": [], "result": ...}, lists: + "result_info"
error     {"success": false, "errors": [{"code", "message", "path"?}], ..., "result": null}
plain     the few answers that Cloudflare's clients don't unwrap: no "result" in them
"""

import logging
import math
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from gateway.local.management.asking import paging
from gateway.local.settings import Invalid

log = logging.getLogger(__name__)
Json = Any
INVALID, NOT_FOUND, NO_ACCESS, NO_ROUTE = 7001, 7002, 10000, 7000


def result(value: Json) -> Response:
    """Return the success envelope of the v4 API."""
    return plain({"success": True, "errors": [], "messages": [], "result": value})


def listing(
    rows: Sequence[Json],
    *,
    page: int,
    per_page: int,
    total: int,
    more: Mapping[str, Json] | None = None,
) -> Response:
    """Return one page; clients stop at an empty one.

    Args:
        more: What ``result_info`` says besides.
    """
    return plain(
        {
            "success": True,
            "errors": [],
            "messages": [],
            "result": rows,
            "result_info": {
                "page": page,
                "per_page": per_page,
                "count": len(rows),
                "total_count": total,
                **(more or {}),
            },
        }
    )


def listed(
    request: Request, rows: Sequence[Json], *, high: int = 50, pages: bool = False
) -> Response:
    """Return the page of these rows that a request asks for.

    Args:
        high: Most rows of a page.
        pages: Whether this list says how many pages there are.
    """
    page, per_page = paging(request, low=1, high=high)
    start = (page - 1) * per_page
    return listing(
        rows[start : start + per_page],
        page=page,
        per_page=per_page,
        total=len(rows),
        more={"total_pages": math.ceil(len(rows) / per_page)} if pages else {},
    )


def errors(status: int, code: int, message: str, *path: str) -> Response:
    """Return the error envelope of the v4 API: ``errors``, plural."""
    error: dict[str, Json] = {"code": code, "message": message}
    if path:
        error["path"] = list(path)
    return plain(
        {"success": False, "errors": [error], "messages": [], "result": None}, status=status
    )


def missing() -> HTTPException:
    """Return what to raise where nothing of that name is there."""
    return HTTPException(404)


def plain(value: Json, *, status: int = 200) -> Response:
    """Return JSON as it is."""
    return Response(orjson.dumps(value), status, media_type="application/json")


def http_error(request: Request, error: Exception) -> Response:
    """Answer for a path or a thing that isn't there."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status == 405:
        return errors(405, INVALID, "Method not allowed")
    known = request.url.path.startswith(("/client/v4/accounts/", "/_local/"))
    if request.scope.get("endpoint") is None and not known:
        return errors(404, NO_ROUTE, "No route for that URI")
    return errors(status, NOT_FOUND, "Not Found")


def invalid(request: Request, error: Exception) -> Response:
    """Answer for a field that can't be accepted."""
    path = error.path if isinstance(error, Invalid) else []
    return errors(400, INVALID, str(error), *path)


def bad_request(request: Request, error: Exception) -> Response:
    """Answer for a body that a part of ours can't use."""
    return errors(400, INVALID, str(error), "body")


def broken(request: Request, error: Exception) -> Response:
    """Answer where the mistake is ours; the log says which."""
    log.error("A management request ended in an error of the local gateway itself.", exc_info=error)
    return errors(500, INVALID, "Internal error of the local gateway")


def unwritable(request: Request, error: Exception) -> Response:
    """Answer where the data directory refuses."""
    return errors(503, INVALID, str(error))
