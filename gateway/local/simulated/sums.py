"""Sums in words or signs: "what is 17 * 23", "12 % of 250", "the square root of 2"."""

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping

LONGEST = 200
LARGEST = 10**15
_ASKED = re.compile(
    r"^(?:please\s+)?"
    r"(?:what(?:'s| is| does)|how much is|calculate|compute|evaluate|solve|work out)?\s*"
    r"(?P<sum>.*?\d.*?)(?:\s+(?:make|equal)s?)?\s*[=?.!]*$",
    re.IGNORECASE | re.DOTALL,
)
_OPERATOR = re.compile(
    r"(?=.*\d)(?:[-+*/^%:\u00d7\u00f7\u00b7\u221a]|\d\s*x\s*\d|\b(?:plus|added|minus|less|times|multiplied"
    r"|divided|over|power|squared|root|sqrt|per ?cent)\b)",
    re.IGNORECASE | re.DOTALL,
)
_WORDS: tuple[tuple[str, str], ...] = (
    (r"\bplus\b|\badded to\b", "+"),
    (r"\bminus\b|\bless\b", "-"),
    (r"\btimes\b|\bmultiplied by\b|[\u00d7\u00b7]|(?<=\d)\s*x\s*(?=\d)", "*"),
    (r"\bdivided by\b|\bover\b|\u00f7|(?<=\d)\s*:\s*(?=\d)", "/"),
    (r"\bto the power of\b|\^", "**"),
    (r"\bsquared\b", "**2"),
    (r"\bthe square root of\b|\bsquare root of\b|\bsqrt\b|\u221a", "sqrt "),
    (r"(?:%|\bper ?cent)\s*of\b", "/100*"),
    (r"(?<=\d),(?=\d{3}\b)", ""),
)
_READY = tuple((re.compile(pattern, re.IGNORECASE), sign) for pattern, sign in _WORDS)
_SQRT = re.compile(r"sqrt\s*\(?\s*(\d+(?:\.\d+)?)\s*\)?")
_SIGNS = re.compile(r"[\d\s.+*/()%-]+(?:sqrt[\d\s.+*/()%-]*)*")
_OPERATORS: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
    ast.FloorDiv: operator.floordiv,
    ast.Pow: operator.pow,
}


def result_of(prompt: str) -> tuple[str, str] | None:
    """Return a sum as it was understood, and its result; ``None`` where the prompt isn't one."""
    if len(prompt) > LONGEST or not _OPERATOR.search(prompt):
        return None
    asked = _ASKED.match(prompt)
    if asked is None:
        return None
    text = asked["sum"]
    for pattern, sign in _READY:
        text = pattern.sub(sign, text)
    shown = " ".join(text.split())
    text = _SQRT.sub(lambda found: f"({found[1]}**0.5)", text)
    if not _SIGNS.fullmatch(text) or not re.search(r"\d\)?\s*[-+*/%]|\*\*0\.5", text):
        return None
    try:
        return _shown(shown), _number(_value(ast.parse(text.strip(), mode="eval").body))
    except ZeroDivisionError:
        return _shown(shown), "undefined: nothing can be divided by zero"
    except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError):
        return None


def _value(node: ast.expr) -> float:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        value = _value(node.operand)
        return -value if isinstance(node.op, ast.USub) else value
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        left, right = _value(node.left), _value(node.right)
        if isinstance(node.op, ast.Pow) and (abs(left) > 1e6 or abs(right) > 64):
            raise ValueError("too large to compute")
        value = _OPERATORS[type(node.op)](left, right)
        if isinstance(value, complex) or abs(value) > LARGEST**4:
            raise ValueError("too large to show")
        return value
    raise ValueError("not a sum")


def _shown(text: str) -> str:
    text = text.replace("/100*", " % of ").replace("**", "^").replace("sqrt ", "\u221a")
    text = re.sub(r"\s*([+*/])\s*", r" \1 ", text)
    return " ".join(text.replace("*", "\u00d7").split())


def _number(value: float) -> str:
    if not math.isfinite(value):
        raise ValueError("not a number")
    if isinstance(value, int) or (value == int(value) and abs(value) < LARGEST):
        return f"{int(value):,}"
    return f"{value:,.6f}".rstrip("0").rstrip(".") if abs(value) >= 1e-4 else f"{value:.3g}"
