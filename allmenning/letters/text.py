"""Text as data for the typesetter. Nothing here is ever read as markup: it travels as JSON strings."""

from __future__ import annotations

import re
from typing import Any

from allmenning.basics.text import clean_text
from allmenning.letters.fonts import printable

Node = dict[str, Any]

# A word longer than this would run out of the page, so it may be broken between pieces. No character is added: what is
# copied out of the PDF is what was written.
LONGEST_WORD = 32
_PIECE = re.compile(r"[^-._/@]{1,12}[-._/@]{0,4}|[-._/@]{1,12}")
_SEPARATORS = re.compile(f"(\n|\\S{{{LONGEST_WORD + 1},}})")


def text_nodes(value: str) -> list[Node]:
    """A text as nodes: strings `s`, line breaks `br`, and long words `w` in pieces. Raises `UnsafeText`."""
    nodes: list[Node] = []
    for part in _SEPARATORS.split(printable(clean_text(value))):
        if part == "\n":
            nodes.append({"k": "br"})
        elif len(part) > LONGEST_WORD and not re.search(r"\s", part):
            nodes.append({"k": "w", "v": _PIECE.findall(part)})
        elif part:
            nodes.append({"k": "s", "v": part})
    return nodes


def line(value: str) -> str:
    """A text that must be one line (a name, a reference), safe and printable. Raises `UnsafeText`."""
    return printable(" ".join(clean_text(value).split()))
