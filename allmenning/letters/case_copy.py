"""The PDF of a case for its party: what is given, and in place of each part that is left out the law that allows it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from allmenning.letters.head import common, pairs
from allmenning.letters.paper import Letterhead
from allmenning.letters.text import text_nodes
from allmenning.letters.words import words, written


@dataclass(frozen=True)
class Given:
    """A part that the party gets. `picture` is a JPEG that was drawn anew; `source` says where the text is from."""

    label: str
    text: str = ""
    source: str = ""
    picture: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Withheld:
    """A part that is left out, and the law. It holds nothing of what it stands for, so nothing of that can be printed."""

    label: str
    ground: str


@dataclass(frozen=True)
class Chapter:
    """Parts of one kind: answers, messages, decisions."""

    title: str
    parts: Sequence[Given | Withheld]


@dataclass(frozen=True)
class CopyMetadata:
    """The case, whom the copy is for, and the day that it is made. `note` stands under the title; None: that of a copy."""

    case_number: str
    party: str
    handler: str
    on: date
    note: str | None = None


def render_case_copy(
    title: str, chapters: Iterable[Chapter], metadata: CopyMetadata, letterhead: Letterhead, language: str = "nb"
) -> bytes:
    """Make the PDF (PDF/A-2a and PDF/UA-1). Raises `NoTitle`, `UnknownLanguage`, `UnsafeText`."""
    from allmenning.letters.press import press  # the typesetter: 10 MB that most processes never need

    return press("case_copy.typ", case_copy_data(title, chapters, metadata, letterhead, language))


def case_copy_data(
    title: str,
    chapters: Iterable[Chapter],
    metadata: CopyMetadata,
    letterhead: Letterhead,
    language: str,
) -> dict[str, Any]:
    """All that the layout needs, as plain data."""
    said = words(language)
    return common(letterhead, language, text_nodes(title), metadata.on, metadata.case_number) | {
        "facts": pairs(
            (said["case_number"], metadata.case_number),
            (said["copy_for"], metadata.party),
            (said["date"], written(metadata.on, language)),
            (said["handler"], metadata.handler),
        ),
        "note": said["copy_note"] if metadata.note is None else metadata.note,
        "chapters": [
            {"title": text_nodes(each.title), "parts": [_part(part) for part in each.parts]} for each in chapters
        ],
    }


def _part(part: Given | Withheld) -> dict[str, Any]:
    if isinstance(part, Withheld):
        return {"label": text_nodes(part.label), "ground": text_nodes(part.ground)}
    return {
        "label": text_nodes(part.label),
        "text": text_nodes(part.text.strip()),
        "source": text_nodes(part.source) if part.source else None,
        "picture": list(part.picture) if part.picture else None,
        "alt": part.label,
    }
