"""What one service needs is data in its folder: code that knows a service by its id makes every other one second-class."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SERVICES = frozenset(folder.parent.name for folder in ROOT.glob("services/*/service.yaml"))


def of_tests(path: Path) -> bool:
    return "tests" in path.parts or path.name == "testing.py"


def texts(code: str) -> Iterator[tuple[int, str]]:
    """Every text in the code but docstrings, which may tell of a service as an example."""
    tree = ast.parse(code)
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.lineno, node.value


def named(text: str) -> bool:
    """The id itself, or, where it is no common word, a text that holds it, such as an address."""
    return text in SERVICES or any(service in text for service in SERVICES if "-" in service)


def test_no_code_names_a_service():
    assert SERVICES
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in (ROOT / "allmenning").rglob("*.py")
        if not of_tests(path)
        for line, text in texts(path.read_text("utf-8"))
        if named(text)
    ]
    assert found == []
