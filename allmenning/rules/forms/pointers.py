"""Where in the data something is: a tuple of names and item numbers, written as a JSON Pointer (RFC 6901)."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from allmenning.rules.forms import limits

Path = tuple[str | int, ...]
EACH = "*"  # stands for every item, in the path of a declaration
MISSING: Any = type("Missing", (), {"__repr__": lambda self: "MISSING", "__bool__": lambda self: False})()


def pointer(path: Path) -> str:
    """`("children", 0, "name")` as `/children/0/name`."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def parse(text: str) -> Path:
    """`/children/0/name` as `("children", 0, "name")`. Raises `ValueError` for what is not a pointer."""
    if text == "":
        return ()
    if not text.startswith("/"):
        raise ValueError("a pointer starts with a slash")
    return tuple(_step(step) for step in text[1:].split("/"))


def _step(text: str) -> str | int:
    if text.isascii() and text.isdigit() and len(text) <= 6:
        return int(text)
    return text.replace("~1", "/").replace("~0", "~")


def get(data: Any, path: Path) -> Any:
    """The value there, or `MISSING`."""
    for step in path:
        if isinstance(step, int):
            if not isinstance(data, list) or step >= len(data):
                return MISSING
            data = data[step]
        elif isinstance(data, Mapping) and step in data:
            data = data[step]
        else:
            return MISSING
    return data


def put(data: dict[str, Any], path: Path, value: Any) -> None:
    """Set the value there, making the objects and items on the way."""
    here: Any = data
    for step, following in pairwise(path):
        here = _enter(here, step, [] if isinstance(following, int) else {})
    if isinstance(path[-1], int):
        _enter(here, path[-1], None)
    here[path[-1]] = value


def _enter(here: Any, step: str | int, empty: Any) -> Any:
    if isinstance(step, int):
        while len(here) <= step:
            here.append({})
        if empty is not None and not isinstance(here[step], type(empty)):
            here[step] = empty
    elif empty is not None and not isinstance(here.get(step), type(empty)):
        here[step] = empty
    return here[step]


def copied(data: Any, depth: int = limits.NESTING) -> Any:
    """A copy of JSON data. What is nested deeper than any form goes becomes null, so that nobody runs out of stack."""
    if isinstance(data, Mapping):
        return {key: copied(value, depth - 1) for key, value in data.items()} if depth else None
    if isinstance(data, list | tuple):
        return [copied(value, depth - 1) for value in data] if depth else None
    return data


def drop(data: dict[str, Any], path: Path) -> None:
    """Remove the value there, if it is there."""
    parent = get(data, path[:-1])
    if isinstance(path[-1], int):
        if isinstance(parent, list) and path[-1] < len(parent):
            del parent[path[-1]]
    elif isinstance(parent, dict):
        parent.pop(path[-1], None)


def without_item(marks: Mapping[str, Any], item: Path) -> dict[str, Any]:
    """What is kept by pointer (raw texts, sources) after the item is removed: the following items move up."""
    group, number = item[:-1], item[-1]
    kept: dict[str, Any] = {}
    for key, value in marks.items():
        path = parse(key)
        at = path[len(group)] if len(path) > len(group) and path[: len(group)] == group else None
        if isinstance(at, int) and isinstance(number, int):
            if at == number:
                continue
            if at > number:
                key = pointer((*group, at - 1, *path[len(group) + 1 :]))
        kept[key] = value
    return kept


def template_of(path: Path) -> tuple[str, ...]:
    """The declaration's path: item numbers as `*`."""
    return tuple(EACH if isinstance(step, int) else step for step in path)


def concrete(template: tuple[str, ...], at: Path) -> Path | None:
    """The declaration's path within the items that `at` is in; None where it needs an item that `at` does not give."""
    result: list[str | int] = []
    for place, step in enumerate(template):
        if step != EACH:
            result.append(step)
        elif place < len(at) and isinstance(at[place], int) and result == list(at[:place]):
            result.append(at[place])
        else:
            return None
    return tuple(result)
