"""Who uses what in the platform's code, read from its syntax: each name is followed through imports to where it is defined."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import allmenning

PACKAGE = Path(allmenning.__file__).parent


@cache
def modules() -> dict[str, ast.Module]:
    """The platform's modules by their dotted names below `allmenning`, without tests and migrations."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        if not {"tests", "migrations"} & set(path.parts) and path.name != "testing.py":
            parts = path.relative_to(PACKAGE).with_suffix("").parts
            found[".".join(parts)] = without_annotations(ast.parse(path.read_text("utf-8")))
    return found


def without_annotations(tree: ast.Module) -> ast.Module:
    """The same, without what parameters and results are said to be: to name a type is not to use it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            node.annotation = None
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.returns = None
    return tree


@cache
def imported(module: str) -> dict[str, str]:
    """What each imported name of a module means; imports within functions count as the module's."""
    around = module.split(".")[:-1]
    names = {}
    for node in ast.walk(modules()[module]):
        if isinstance(node, ast.ImportFrom):
            base = around[: len(around) - node.level + 1] if node.level else []
            base += (node.module or "").removeprefix("allmenning").strip(".").split(".") if node.module else []
            if node.level or (node.module or "").startswith("allmenning"):
                names |= {each.asname or each.name: ".".join([*filter(None, base), each.name]) for each in node.names}
    return names


def meant(name: str) -> str:
    """Where a name is defined, if the module it is taken from has imported it itself."""
    module, _, last = name.rpartition(".")
    for holder in (module, f"{module}.__init__"):
        if holder in modules() and imported(holder).get(last, name) != name:
            return meant(imported(holder)[last])
    return name


@cache
def defined(module: str) -> dict[str, ast.stmt]:
    """What a module defines: functions, classes (with their methods) and values."""
    found: dict[str, ast.stmt] = {}
    for node in modules()[module].body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found[node.name] = node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {each.id: node for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)}
    return found


def resolved(module: str, node: ast.AST) -> str:
    """What a name, or a name of a name, means; empty for one that is of no module."""
    if isinstance(node, ast.Name):
        own = f"{module}.{node.id}" if node.id in defined(module) else ""
        return meant(imported(module)[node.id]) if node.id in imported(module) else own
    if isinstance(node, ast.Attribute):
        held = resolved(module, node.value)
        return meant(f"{held}.{node.attr}") if held else ""
    return ""


def definitions() -> Iterator[tuple[str, str, ast.stmt]]:
    """Each definition: its module, its full name, its code."""
    for module in modules():
        for name, node in defined(module).items():
            yield module, f"{module}.{name}", node


def named_in(module: str, code: ast.AST) -> set[str]:
    """Everything that some code names."""
    return {resolved(module, node) for node in ast.walk(code) if isinstance(node, ast.Name | ast.Attribute)} - {""}


@cache
def uses() -> dict[str, frozenset[str]]:
    """What each definition names, by its full name."""
    return {name: frozenset(named_in(module, code) - {name}) for module, name, code in definitions()}


@cache
def users() -> dict[str, frozenset[str]]:
    """Who names each definition."""
    found = defaultdict(set)
    for name, several in uses().items():
        for each in several:
            found[each].add(name)
    return {name: frozenset(several) for name, several in found.items()}
