"""Languages: bokmål at `/`, nynorsk at `/nn/`, English at `/en/`; and where each room's translations are."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

LANGUAGES = [("nb", "Norsk bokmål"), ("nn", "Norsk nynorsk"), ("en", "English")]
DEFAULT = "nb"
PREFIXED = ("nn", "en")
SHORT_NAMES = {"nb": "Bokmål", "nn": "Nynorsk", "en": "English"}

ROOT = Path(__file__).resolve().parents[3]
# Rows whose rooms are one folder further down.
_ROWS = ("commons", "connections", "doors", "municipal")


class LanguageLink(NamedTuple):
    code: str
    name: str
    href: str
    is_current: bool


def language_of_path(path: str) -> str:
    """The language of an address: its prefix, else bokmål."""
    first = path.split("/", 2)[1] if path.startswith("/") else ""
    return first if first in PREFIXED else DEFAULT


def in_language(path: str, language: str) -> str:
    """The same address (with its query) in another language. One slash begins it: two would lead to another site."""
    current = language_of_path(path)
    bare = "/" + (path if current == DEFAULT else path.removeprefix(f"/{current}")).lstrip("/\\")
    return bare if language == DEFAULT else f"/{language}{bare}"


def language_links(full_path: str) -> list[LanguageLink]:
    """Links to the same page in each language."""
    current = language_of_path(full_path)
    return [
        LanguageLink(code, SHORT_NAMES[code], in_language(full_path, code), code == current) for code, _ in LANGUAGES
    ]


def rooms() -> list[Path]:
    """Every room's folder: where texts are extracted from, and where its `locale/` is."""
    package = ROOT / "allmenning"
    folders = [path for path in sorted(package.iterdir()) if (path / "__init__.py").exists()]
    found = [room for path in folders if path.name in _ROWS for room in sorted(path.iterdir())]
    found += [path for path in folders if path.name not in _ROWS]
    return [room for room in found if (room / "__init__.py").exists()]


def locale_paths() -> list[str]:
    """The setting `LOCALE_PATHS`: the `locale/` of each room that has one."""
    return [str(room / "locale") for room in rooms() if (room / "locale").is_dir()]
