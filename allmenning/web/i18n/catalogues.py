"""The translations of each room: `bin/messages extract | compile | check`.

`extract` brings `allmenning/<room>/locale/{nb,nn}/LC_MESSAGES/django.po` in step with the texts in code and templates
(English msgids); `compile` writes the `.mo` files that are read at run time; `check` fails on what is missing, fuzzy or
out of step.
The files carry no dates and no line numbers, so that two branches seldom meet in them.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from allmenning.web.i18n import ROOT, rooms

TRANSLATED = ("nb", "nn")  # English is the msgid

_METHODS = [
    ("**/tests/**", "ignore"),
    ("**/migrations/**", "ignore"),
    ("**.py", "python"),
    ("**/templates/**.html", "jinja2"),
]
_OPTIONS = {
    "**/templates/**.html": {
        "silent": "false",
        "trimmed": "true",
        "newstyle_gettext": "true",
        "extensions": "jinja2.ext.do",
    }
}
_KEYWORDS: dict = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
_FAILURE = "AllmenningError"
# Their failures are met by operators and by those who write services, in the terminal; what a person sees is said elsewhere.
_FOR_PROGRAMS = ("project", "rules", "backup", "transparency")
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
_GLUED = re.compile(r"\b\w[a-zæøå]{2,}[A-ZÆØÅ][a-zæøå]+")


def path_of(room: Path, language: str) -> Path:
    return room / "locale" / language / "LC_MESSAGES" / "django.po"


def texts_of(room: Path) -> Catalog:
    """Every text of a room that a person may see, with the files it is in."""
    found = Catalog(project=room.name, fuzzy=False)
    for name, _line, message, comments, context in extract_from_dir(
        room,
        _METHODS,
        _OPTIONS,
        keywords=_KEYWORDS,
        comment_tags=("Translators:",),
        directory_filter=_is_of_this_room(room),
    ):
        found.add(message, locations=[(f"{room.relative_to(ROOT)}/{name}", 0)], auto_comments=comments, context=context)
    for path in sorted(room.rglob("*.py")):
        if _is_of_this_room(room)(str(path.parent)) or path.parent == room:
            for message in _failures(path) if room.name not in _FOR_PROGRAMS else ():
                found.add(message, locations=[(str(path.relative_to(ROOT)), 0)])
    return found


def _failures(path: Path) -> list[str]:
    """Messages of the expected failures in a file: the first line of each class's docstring."""
    said = [
        ast.get_docstring(node)
        for node in _classes(path)
        if node.name == _FAILURE or (path.name == "errors.py" and node.bases) or _bases(node) & _failure_names()
    ]
    return [text.partition("\n")[0].strip() for text in said if text]


@cache
def _failure_names() -> frozenset[str]:
    """Names of AllmenningError and of everything that stands on it, wherever in the rooms it is declared."""
    classes = [node for room in rooms() for path in room.rglob("*.py") for node in _classes(path)]
    names, before = {_FAILURE}, 0
    while len(names) > before:
        before = len(names)
        names |= {node.name for node in classes if _bases(node) & names}
    return frozenset(names)


def _classes(path: Path) -> list[ast.ClassDef]:
    text = path.read_text(encoding="utf-8")
    if "class " not in text or {"tests", "migrations"} & set(path.parts):
        return []
    return [node for node in ast.parse(text).body if isinstance(node, ast.ClassDef)]


def _bases(node: ast.ClassDef) -> set[str]:
    return {base.id for base in node.bases if isinstance(base, ast.Name)} | {
        base.attr for base in node.bases if isinstance(base, ast.Attribute)
    }


def _is_of_this_room(room: Path) -> Callable[[str], bool]:
    others = {str(other) for other in rooms() if other != room}
    skipped = {"__pycache__", "static", "locale", "node_modules", "tests", "migrations"}
    return lambda folder: str(folder) not in others and Path(folder).name not in skipped


def extract() -> None:
    """Bring every catalogue in step with the texts; what is no longer used is dropped.

    A text that another room has translated already is said in the same way.
    """
    known = _known()
    for room in rooms():
        texts = texts_of(room)
        for language in TRANSLATED:
            path = path_of(room, language)
            if len(texts) or path.exists():
                _write(_in_step(path, deepcopy(texts), language, known), path)


def _known() -> dict[tuple[str, object, str | None], object]:
    """Every translation there is, by language, text and context."""
    messages = (
        (language, message) for room, language in _catalogues() for message in _read(path_of(room, language), language)
    )
    return {
        (language, message.id, message.context): message.string
        for language, message in messages
        if _is_translated(message)
    }


def _is_translated(message: Message) -> bool:
    forms = message.string if isinstance(message.string, list | tuple) else (message.string,)
    return bool(message.id) and all(forms)


def _in_step(path: Path, texts: Catalog, language: str, known: dict) -> Catalog:
    catalogue = _read(path, language)
    catalogue.update(texts, no_fuzzy_matching=True, update_header_comment=False)
    catalogue.obsolete.clear()
    for message in catalogue:
        if message.id and not _is_translated(message):
            message.string = known.get((language, message.id, message.context), message.string)
    return catalogue


def _read(path: Path, language: str) -> Catalog:
    if not path.exists():
        return Catalog(locale=language, fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def _write(catalogue: Catalog, path: Path) -> None:
    buffer = BytesIO()
    write_po(buffer, catalogue, sort_output=True, include_lineno=False, omit_header=True, width=120)
    header = (
        'msgid ""\nmsgstr ""\n'
        f'"Language: {catalogue.locale}\\n"\n'
        '"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n'
        '"MIME-Version: 1.0\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n\n'
    )
    content = header + buffer.getvalue().decode()
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text("utf-8") != content:
        path.write_text(content, "utf-8")


def compile_all() -> None:
    """Write the `.mo` files of every catalogue that is newer than its `.mo`."""
    for room, language in _catalogues():
        path = path_of(room, language)
        compiled = path.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < path.stat().st_mtime:
            with compiled.open("wb") as file:
                write_mo(file, _read(path, language))


def _catalogues() -> Iterator[tuple[Path, str]]:
    return ((room, language) for room in rooms() for language in TRANSLATED if path_of(room, language).exists())


def problems() -> list[str]:
    """What keeps the translations from being complete, one line for each."""
    found: list[str] = []
    said: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for room in rooms():
        texts = texts_of(room)
        for language in TRANSLATED if len(texts) else ():
            catalogue = _read(path_of(room, language), language)
            found += _problems_of(room, language, texts, catalogue)
            for message in catalogue:
                if message.id and message.string and not message.context:
                    said[language, str(message.id)][str(message.string)] = room.name
    for (language, text), translations in said.items():
        if len(translations) > 1:
            # Django merges the catalogues, so only one of them would be shown.
            found.append(f"{language}: {text!r} is translated in two ways: {' | '.join(translations)}")
    return found


def _problems_of(room: Path, language: str, texts: Catalog, catalogue: Catalog) -> Iterator[str]:
    where = f"{room.relative_to(ROOT)} {language}"
    for text in texts:
        if not text.id:
            continue
        held = catalogue.get(text.id[0] if text.pluralizable else text.id, context=text.context)
        if held is None:
            yield f"{where}: not in the catalogue (run bin/messages extract): {text.id!r}"
        elif held.fuzzy:
            yield f"{where}: fuzzy: {text.id!r}"
        elif not _is_translated(held):
            yield f"{where}: not translated: {text.id!r}"
        elif _placeholders(held) is not None:
            yield f"{where}: other placeholders than in {text.id!r}: {_placeholders(held)}"
        elif glued := _glued(held):
            yield f"{where}: two words run together in {text.id!r}: {glued}"


def _placeholders(message: Message) -> str | None:
    """The translation whose placeholders are not those of its text; None if there is none.

    A singular may leave out the number, so only the plural is held against its text.
    """
    text, translation = (each[-1] if isinstance(each, list | tuple) else each for each in (message.id, message.string))
    same = set(_PLACEHOLDER.findall(str(text))) == set(_PLACEHOLDER.findall(str(translation)))
    return None if same else str(translation)


def _glued(message: Message) -> str:
    """Two words of a translation that run together, as when something was pasted into it; names with two capitals stand in
    the text too.
    """
    texts = message.string if isinstance(message.string, list | tuple) else [message.string]
    words = (word for text in texts for word in _GLUED.findall(str(text)))
    return next((word for word in words if word not in str(message.id)), "")


def main(arguments: list[str]) -> int:
    command = arguments[0] if arguments else "extract"
    if command == "extract":
        extract()
    elif command == "compile":
        compile_all()
    elif command == "check":
        found = problems()
        print("\n".join(found), file=sys.stderr) if found else print("The translations are complete.")
        return 1 if found else 0
    else:
        print("usage: bin/messages [extract | compile | check]", file=sys.stderr)
        return 2
    return 0
