"""Texts and JSON values as source code: quoted for Python, JavaScript and the shell.

Every quoting takes a text in parts, so that a key inside a longer text becomes a variable there.
What can't be seen (control characters, marks that turn the direction of writing) is escaped.
"""

import json
import re
from collections.abc import Callable
from typing import Any

from gateway.snippets.call import Call, Part, Variable

Json = Any

WIDTH = 92
"""A list or object that fits into a line of this length isn't broken."""

SAFEST_INTEGER = 2**53 - 1
"""Larger whole numbers lose digits in JavaScript."""

_PLAIN = re.compile(r"[A-Za-z0-9 _./:=@%+,-]*")


def python_text(parts: tuple[Part, ...]) -> str:
    """Return a Python expression: a string, ``os.environ["X"]``, or an f-string of both."""
    match parts:
        case (Variable(name),):
            return f'os.environ["{name}"]'
    if not any(isinstance(part, Variable) for part in parts):
        return _quoted("".join(map(str, parts)), wide=True)
    inside = "".join(
        f"{{os.environ['{part.name}']}}"
        if isinstance(part, Variable)
        else _escaped(part, wide=True).replace("{", "{{").replace("}", "}}")
        for part in parts
    )
    return f'f"{inside}"'


def javascript_text(parts: tuple[Part, ...], variables: str = "process.env") -> str:
    """Return a JavaScript expression: a string, ``process.env.X``, or a template of both.

    Args:
        variables: The object that has the variables as members.
    """
    match parts:
        case (Variable(name),):
            return f"{variables}.{name}"
    if not any(isinstance(part, Variable) for part in parts):
        return _quoted("".join(map(str, parts)))
    inside = "".join(
        f"${{{variables}.{part.name}}}"
        if isinstance(part, Variable)
        else _escaped(part).replace("`", "\\`").replace("$", "\\$")
        for part in parts
    )
    return f"`{inside}`"


def shell_text(parts: tuple[Part, ...]) -> str:
    """Return one word of a POSIX shell; it stands in quotes whatever it holds."""
    if all(isinstance(part, Variable) or _PLAIN.fullmatch(part) for part in parts):
        inside = "".join(
            f"${{{part.name}}}" if isinstance(part, Variable) else part for part in parts
        )
        return f'"{inside}"'
    return "".join(
        f'"${{{part.name}}}"'
        if isinstance(part, Variable)
        else "'" + part.replace("'", "'\\''") + "'"
        for part in parts
    )


def python_value(value: Json, call: Call, indent: int = 0) -> str:
    """Return a JSON value as a Python expression, broken into lines where it is long."""

    def text(given: str) -> str:
        return python_text(call.parts(given))

    return _value(value, text, text, ("None", "True", "False"), 4, indent)


def javascript_value(
    value: Json, call: Call, indent: int = 0, variables: str = "process.env"
) -> str:
    """Return a JSON value as a JavaScript expression; ``is_exact`` says whether it may be one."""

    def text(given: str) -> str:
        return javascript_text(call.parts(given), variables)

    def key(given: str) -> str:
        if given == "__proto__":
            return '["__proto__"]'  # without brackets it would set the object's prototype
        return given if re.fullmatch(r"[A-Za-z_]\w*", given, re.ASCII) else text(given)

    return _value(value, text, key, ("null", "true", "false"), 2, indent, room=" ")


def is_exact(value: Json) -> bool:
    """Whether JavaScript keeps every number of a JSON value."""
    if isinstance(value, dict):
        return all(map(is_exact, value.values()))
    if isinstance(value, list):
        return all(map(is_exact, value))
    return isinstance(value, bool) or not isinstance(value, int) or abs(value) <= SAFEST_INTEGER


def json_text(value: Json) -> str:
    """Return a JSON value as JSON, indented; what can't be seen is escaped."""

    def text(given: str) -> str:
        return f'"{_escaped(given)}"'

    return _value(value, text, text, ("null", "true", "false"), 2, 0, comma="")


def _value(
    value: Json,
    text: Callable[[str], str],
    key: Callable[[str], str],
    words: tuple[str, str, str],
    step: int,
    indent: int,
    comma: str = ",",
    room: str = "",
) -> str:
    """Return a value on one line where it fits, else one member a line.

    Args:
        words: What null, true and false are called.
        comma: What follows the last member of a broken list: JSON wants nothing there.
        room: What stands inside the braces of an object on one line.
    """

    def inner(item: Json) -> str:
        return _value(item, text, key, words, step, indent + step, comma, room)

    match value:
        case None:
            return words[0]
        case True | False:
            return words[1] if value else words[2]
        case str():
            return text(value)
        case dict():
            items, (opened, closed) = [f"{key(k)}: {inner(v)}" for k, v in value.items()], "{}"
        case list():
            items, (opened, closed) = [inner(item) for item in value], "[]"
        case _:
            return json.dumps(value)
    inside = ", ".join(items)
    line = f"{{{room}{inside}{room}}}" if items and opened == "{" else f"{opened}{inside}{closed}"
    if "\n" not in line and len(line) + indent <= WIDTH:
        return line
    gap = "\n" + " " * (indent + step)
    return f"{opened}{gap}{f',{gap}'.join(items)}{comma}\n{' ' * indent}{closed}"


def _quoted(text: str, *, wide: bool = False) -> str:
    """Return a string literal: in single quotes where it holds double ones only, as JSON does."""
    inside = _escaped(text, wide=wide)
    if '"' in text and "'" not in text:
        return "'" + inside.replace('\\"', '"') + "'"
    return f'"{inside}"'


def _escaped(text: str, *, wide: bool = False) -> str:
    """Return a text as it stands between double quotes.

    Args:
        wide: Python's spelling of what lies beyond 16 bits; else JavaScript's and JSON's.
    """
    quoted = json.dumps(text, ensure_ascii=False)[1:-1]
    return "".join(letter if letter.isprintable() else _code(letter, wide) for letter in quoted)


def _code(letter: str, wide: bool) -> str:
    if ord(letter) <= 0xFFFF:
        return f"\\u{ord(letter):04x}"
    if wide:
        return f"\\U{ord(letter):08x}"
    units = letter.encode("utf-16-be").hex()
    return f"\\u{units[:4]}\\u{units[4:]}"
