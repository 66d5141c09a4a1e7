"""The house stands: imports go down, each library has one home, each module has its tests."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = [
    path
    for path in sorted((ROOT / "gateway").rglob("*.py"))
    if path.name not in ("__init__.py", "__main__.py")
]
PAGES = sorted((ROOT / "pages").rglob("*.py"))

FLOORS = [
    {"errors"},
    {"headers", "providers", "codes", "limits", "masking", "plain", "sse", "showcase", "sources"},
    {"chat", "policy", "sharing"},
    {"form"},
    {"dialects", "pricing", "logs", "evidence"},
    {"wire"},
    {"settings", "loop", "client", "records", "local"},
    {"draft"},  # asks the local gateway's stages what they would do
    {"websocket", "management", "realtime"},  # the gateway over other wires than the client's
    {"frames", "lint", "paste", "presets", "snippets"},
    {"experiments"},
    {"ratings", "workbench"},
    {"conversation"},
    {"sessions"},
]
HOMES = {
    "cel": {"local"},
    "cryptography": {"local"},
    "distributed": {"experiments"},
    "dotenv": {"settings"},
    "genai_prices": {"pricing"},
    "graphql": {"local"},
    "httptools": {"local", "wire"},
    "httpx": {"wire"},
    "httpx_sse": {"sse"},
    "orjson": {"dialects", "local"},
    "pandas": {"frames", "workbench", "experiments"},
    "scipy": {"experiments", "ratings"},
    "sqlalchemy": {"records", "local"},
    "starlette": {"local"},
    "streamlit": set(),
    "uvicorn": {"local"},
    "websockets": {"websocket", "realtime", "local"},
}
TESTED_ELSEWHERE = {"errors"}  # by everything that raises
LONGEST_MODULE, LONGEST_PAGE = 400, 90
FOR_PARTS_ONLY = {"asyncio", "httpx", "json", "pandas", "sqlalchemy", "time"}

each_module = pytest.mark.parametrize(
    "path", MODULES, ids=lambda path: str(path.relative_to(ROOT / "gateway"))
)
each_page = pytest.mark.parametrize(
    "path",
    [path for path in PAGES if "parts" not in path.parts],
    ids=lambda path: path.stem,
)


def room(path):
    """The part of the package a file belongs to: a module, or a folder such as ``local``."""
    return path.relative_to(ROOT / "gateway").parts[0].removesuffix(".py")


def floor(name):
    return next(number for number, rooms in enumerate(FLOORS) if name in rooms)


def imported(path):
    """Yield the dotted name of everything that a file imports."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@each_module
def test_imports_go_down(path):
    """A module imports only from lower floors; within a folder, from its neighbours."""
    here = room(path)
    there = {name.split(".")[1] for name in imported(path) if name.startswith("gateway.")}

    assert all(floor(name) < floor(here) for name in there - {here})


@each_module
def test_library_is_used_at_home(path):
    """HTTP is known to the wire only, Streamlit to no module of the package, and so on."""
    strangers = [
        name
        for name in imported(path)
        if room(path) not in HOMES.get(name.split(".")[0], {room(path)})
    ]

    assert not strangers


@each_module
def test_module_has_its_tests(path):
    """gateway/local/cache.py is tested in tests/local/test_cache.py, and so on."""
    mirror = path.relative_to(ROOT / "gateway")
    tests = ROOT / "tests" / mirror.parent / f"test_{mirror.name}"

    assert room(path) in TESTED_ELSEWHERE or tests.is_file()


@each_module
def test_module_can_be_read_in_one_go(path):
    """A module that grows past the limit has two ideas and becomes a folder."""
    assert len(path.read_text("utf-8").splitlines()) <= LONGEST_MODULE


@each_page
def test_page_is_a_storyboard(path):
    """A page draws: it is short, and neither computes nor waits nor catches errors."""
    text = path.read_text("utf-8")
    tree = ast.parse(text)

    assert len(text.splitlines()) <= LONGEST_PAGE
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Try)]
    assert not {name.split(".")[0] for name in imported(path)} & FOR_PARTS_ONLY


def test_no_page_lies_directly_in_pages():
    """There a cold deep link would run the page alone, without its frame."""
    assert not list((ROOT / "pages").glob("*.py"))
