"""Elements of a dynamic route: what makes them a route that could be walked.

    start -> conditional | percentage | rate | model -> ... -> end

The spellings of older documentation are taken too: ``condition``, ``rate_limit`` with ``interval``
and ``technique``, ``else``, an ``end`` without ``outputs``. Elements are kept as they were given.
"""

import re
from collections.abc import Mapping
from typing import Any

from gateway.local.management.asking import MESSAGE, is_number, is_text
from gateway.local.settings import Invalid

Json = Any
Element = Mapping[str, Json]
TYPES = ("start", "conditional", "percentage", "rate", "rate_limit", "model", "end")
ELEMENT_LIMIT = 200
"""Elements of one route (our bound: none is documented)."""
SHARES = 5
"""Outputs of a percentage, besides ``else``."""
ELSE = "else"
OUTPUTS: Mapping[str, tuple[set[str], set[str]]] = {
    "start": ({"next"}, set()),
    "conditional": ({"true", "false"}, set()),
    "rate": ({"success"}, {"fallback"}),
    "rate_limit": ({"success"}, {"fallback"}),
    "model": ({"success"}, {"fallback"}),
    "end": (set(), set()),
}
"""Outputs that each type must have, and those that it may have."""
_SHARE = re.compile(r"(\d{1,3}(?:\.\d+)?)%")


def check_elements(elements: Json) -> None:
    """Refuse elements that are no route.

    Raises:
        Invalid: the first thing that is wrong, with its place.
    """
    if not isinstance(elements, list) or not 0 < len(elements) <= ELEMENT_LIMIT:
        raise Invalid(MESSAGE, "body", "elements")
    ids: set[str] = set()
    for number, element in enumerate(elements):
        if not isinstance(element, dict) or element.get("type") not in TYPES:
            raise Invalid(MESSAGE, *_place(number, "type"))
        if not is_text(element.get("id")) or element["id"] in ids:
            raise Invalid(MESSAGE, *_place(number, "id"))
        ids.add(element["id"])
    if sum(element["type"] == "start" for element in elements) != 1:
        raise Invalid("A route has exactly one start", "body", "elements")
    for number, element in enumerate(elements):
        _check_properties(element, number)
        _check_outputs(element, number, ids)
    _check_way({element["id"]: element for element in elements})


def _check_properties(element: Element, number: int) -> None:
    given = element.get("properties", {})
    wanted: Mapping[str, bool] = {}
    if not isinstance(given, dict):
        raise Invalid(MESSAGE, *_place(number, "properties"))
    match element["type"]:
        case "conditional":
            conditions = given.get("conditions", given.get("condition"))
            wanted = {"conditions": isinstance(conditions, dict)}
        case "rate" | "rate_limit":
            window = given.get("window", given.get("interval"))
            wanted = {
                "key": is_text(given.get("key")),
                "limit": is_number(0)(given.get("limit")),
                "limitType": given.get("limitType") in ("count", "cost"),
                "window": is_number(1)(window),
            }
        case "model":
            wanted = {
                "provider": is_text(given.get("provider")),
                "model": is_text(given.get("model")),
                "timeout": is_number(0)(given.get("timeout", 0)),
                "retries": is_number(0)(given.get("retries", 0)),
            }
    for name, fine in wanted.items():
        if not fine:
            raise Invalid(MESSAGE, *_place(number, "properties", name))


def _check_outputs(element: Element, number: int, ids: set[str]) -> None:
    outputs = element.get("outputs", {})
    if not isinstance(outputs, dict):
        raise Invalid(MESSAGE, *_place(number, "outputs"))
    if element["type"] == "percentage":
        _check_shares(outputs, number)
    else:
        must, may = OUTPUTS[element["type"]]
        for name in sorted(must - outputs.keys()) + sorted(outputs.keys() - must - may):
            raise Invalid(MESSAGE, *_place(number, "outputs", name))
    for name, target in outputs.items():
        id = target.get("elementId") if isinstance(target, dict) else None
        if not isinstance(id, str) or id not in ids:
            raise Invalid("No element has this id", *_place(number, "outputs", name, "elementId"))


def _check_shares(outputs: Mapping[str, Json], number: int) -> None:
    shares = [name for name in outputs if name != ELSE]
    if not 0 < len(shares) <= SHARES:
        raise Invalid("A percentage has one to five outputs", *_place(number, "outputs"))
    total = 0.0
    for name in shares:
        share = _SHARE.fullmatch(name)
        if share is None:
            raise Invalid(MESSAGE, *_place(number, "outputs", name))
        total += float(share.group(1))
    # What is left over goes to ``else``, where there is one.
    if total > 100.001 or (ELSE not in outputs and total < 99.999):
        raise Invalid("The percentages must make 100 %", *_place(number, "outputs"))


def _check_way(elements: Mapping[str, Element]) -> None:
    """Refuse a route that comes back to where it was: a request would never leave it."""
    before: dict[str, set[str]] = {id: set() for id in elements}
    for id, element in elements.items():
        for target in element.get("outputs", {}).values():
            before[target["elementId"]].add(id)
    while free := {id for id, sources in before.items() if not sources}:
        before = {id: sources - free for id, sources in before.items() if id not in free}
    if before:
        raise Invalid("The route goes round in a circle", "body", "elements")


def _place(number: int, *more: str) -> tuple[str, ...]:
    return ("body", "elements", str(number), *more)
