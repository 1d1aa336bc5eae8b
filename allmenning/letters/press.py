"""The press: layouts, fonts and the typesetter, loaded once for each thread."""

from __future__ import annotations

import json
import threading
from functools import lru_cache
from importlib import resources
from typing import Any

import typst

from allmenning.letters.fonts import FAMILIES, MAIN, folders, printable

# One file that is both: archivable with its structure (ISO 19005-2, level A) and accessible (ISO 14289-1).
STANDARDS: Any = ["a-2a", "ua-1"]

_own = threading.local()


def _compiler() -> typst.Compiler:
    # The compiler holds fonts and parsed layouts and can't be used by two threads at once.
    if not hasattr(_own, "compiler"):
        _own.compiler = typst.Compiler(font_paths=[str(folder) for folder in folders()], ignore_system_fonts=True)
    return _own.compiler


@lru_cache
def _layout(name: str) -> dict[str, bytes]:
    folder = resources.files("allmenning.letters") / "layout"
    return {"main.typ": (folder / name).read_bytes(), "common.typ": (folder / "common.typ").read_bytes()}


def press(layout: str, data: dict[str, Any]) -> bytes:
    """Typeset `data` by a layout file, as a PDF that follows both standards."""
    try:
        return _set(layout, data | {"fonts": list(FAMILIES)})
    except typst.TypstError as error:
        if "could not be displayed" not in str(error):
            raise
    # A cluster that mixes the scripts of two fonts can be drawn by neither: fall back to one font and numbers.
    return _set(layout, _in_one_font(data) | {"fonts": [MAIN]})


def _set(layout: str, data: dict[str, Any]) -> bytes:
    inputs = {"data": json.dumps(data, ensure_ascii=False, separators=(",", ":"))}
    files: Any = _layout(layout)  # several files at once: the package's type hints do not know it
    content = _compiler().compile(input=files, sys_inputs=inputs, pdf_standards=STANDARDS)
    assert isinstance(content, bytes)
    return content


def _in_one_font(value: Any) -> Any:
    match value:
        case str():
            return printable(value, main_only=True)
        case dict():
            return {key: _in_one_font(item) for key, item in value.items()}
        case list():
            return [_in_one_font(item) for item in value]
    return value
