"""The typefaces of letters, and which characters they have.

Inter (Latin with all of Latin Extended, Greek, Cyrillic) and Noto Sans Arabic come as hash-pinned packages with their
licences (SIL OFL 1.1). PDF/A forbids a character that no embedded font can draw, and a resident may well write one, so
what is missing is printed by its number: the letter is made, and nothing is silently lost.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from importlib import resources
from pathlib import Path

MAIN = "Inter"
FAMILIES = {MAIN: "fontpkg_inter", "Noto Sans Arabic": "fontpkg_noto_sans_arabic"}

# These draw nothing, so no font needs them; variation selectors and the byte order mark carry nothing in a letter.
_INVISIBLE = frozenset("\n\t\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\u061c")
_DROPPED = frozenset("\ufeff" + "".join(map(chr, range(0xFE00, 0xFE10))))


def folders() -> list[Path]:
    """Where the font files are."""
    return [Path(str(resources.files(package) / "files")) for package in FAMILIES.values()]


@lru_cache(maxsize=2)
def _characters(main_only: bool) -> frozenset[str]:
    from fontTools.ttLib import TTFont  # heavy, and needed once

    found: set[str] = set()
    for folder in folders()[: 1 if main_only else None]:
        for file in folder.glob("*.ttf"):
            if "Italic" not in file.name:  # same repertoire as the upright
                with TTFont(file, lazy=True) as font:
                    found.update(map(chr, font.getBestCmap()))
    # Inter has letterforms of its own in the private use area; PDF/A forbids those code points.
    return frozenset(one for one in found - _DROPPED if unicodedata.category(one) not in ("Co", "Cc"))


def printable(text: str, *, main_only: bool = False) -> str:
    """The text with every character that no font of ours has replaced by its plain form or its number, `[U+1F600]`.

    `main_only`: as if there were no font but Inter (an Arabic mark on a Latin letter can be drawn by neither font).
    """
    known = _characters(main_only)
    if known.issuperset(text):
        return text
    return "".join(_printable(character, known) for character in text)


def _printable(character: str, known: frozenset[str]) -> str:
    if character in known or character in _INVISIBLE:
        return character
    if character in _DROPPED:
        return ""
    plain = unicodedata.normalize("NFKC", character)
    if known.issuperset(plain):
        return plain
    return f"[U+{ord(character):04X}]"
