"""Which tests show which rules: read from the sources, so that no test has to be run for it, nor
collected: some need an environment of their own.

@pytest.mark.rule("cache.ttl_bounds")  above a test function, and the rules of each probe
"""

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.conformance.probes import PROBES

TESTS = Path(__file__).parent.parent
MARK = "pytest.mark.rule"


@dataclass(frozen=True, slots=True, order=True)
class Shown:
    """A test that shows a rule.

    Attributes:
        path: Of its file, below ``tests``.
        name: Of its function, or what its probe is about.
        live: It can be asked of a real gateway too.
    """

    path: str
    name: str
    live: bool = False


def evidence() -> dict[str, list[Shown]]:
    """Return rule id -> tests, in the order of files and names."""
    found = defaultdict(set)
    for path in TESTS.rglob("test_*.py"):
        if "node_modules" in path.parts:
            continue
        text = path.read_text("utf-8")
        if f"{MARK}(" in text:
            for rule, name in marks(text):
                found[rule].add(Shown(path.relative_to(TESTS).as_posix(), name))
    for probe in PROBES:
        for rule in probe.rules:
            found[rule].add(Shown("conformance/test_probes.py", probe.name, live=True))
    return {rule: sorted(shown) for rule, shown in sorted(found.items())}


def marks(text: str) -> Iterator[tuple[str, str]]:
    """Yield (rule, test function) for each rule that a file's decorators name.

    Raises:
        ValueError: a mark stands elsewhere, where no test would be found to show its rule.
    """
    tree = ast.parse(text)
    everywhere = [node for node in ast.walk(tree) if _is_mark(node)]
    found = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name[:5] == "test_":
            for decorator in node.decorator_list:
                if _is_mark(decorator):
                    found.append(decorator)
                    yield from ((ast.literal_eval(each), node.name) for each in decorator.args)
    stray = next((mark for mark in everywhere if mark not in found), None)
    if stray is not None:
        raise ValueError(f"Line {stray.lineno} marks with a rule what is no test function")


def _is_mark(node: ast.AST) -> bool:
    """Whether a node is a call of ``pytest.mark.rule``."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    return node.func.attr == "rule" and ast.unparse(node.func) == MARK
