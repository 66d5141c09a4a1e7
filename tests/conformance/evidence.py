"""Which tests show which rules: read from the sources, so that no test has to be run for it.

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
        text = path.read_text("utf-8")
        if f"@{MARK}(" in text:
            for rule, name in marks(text):
                found[rule].add(Shown(path.relative_to(TESTS).as_posix(), name))
    for probe in PROBES:
        for rule in probe.rules:
            found[rule].add(Shown("conformance/test_probes.py", probe.name, live=True))
    return {rule: sorted(shown) for rule, shown in sorted(found.items())}


def marks(text: str) -> Iterator[tuple[str, str]]:
    """Yield (rule, test function) for each rule that a file's decorators name."""
    for node in ast.parse(text).body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for decorator in node.decorator_list:
            if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == MARK:
                if not node.name.startswith("test_"):
                    raise ValueError(f"{node.name} is marked with a rule and is no test")
                for argument in decorator.args:
                    yield ast.literal_eval(argument), node.name
