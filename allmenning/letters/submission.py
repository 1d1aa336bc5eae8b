"""The PDF of what was sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from allmenning.basics.dates import OSLO
from allmenning.letters.head import common, pairs
from allmenning.letters.paper import AttachedFile, Letterhead, Row, SubmissionMetadata
from allmenning.letters.text import Node, text_nodes
from allmenning.letters.words import file_size, words, written


class SectionLike(Protocol):
    """A title and its rows: `Section`, or what `rules.forms` gives as a summary."""

    @property
    def title(self) -> str: ...
    @property
    def rows(self) -> Sequence[Any]: ...


def render_submission(
    title: str,
    sections: Iterable[SectionLike],
    metadata: SubmissionMetadata,
    letterhead: Letterhead,
    attachments: Sequence[AttachedFile] = (),
    language: str = "nb",
) -> bytes:
    """Make the PDF (PDF/A-2a and PDF/UA-1) of what was sent: answers, sources, files with SHA-256, receipt and time.

    Raises `NoTitle`, `UnknownLanguage`, and `UnsafeText` for control and bidi override characters.
    """
    from allmenning.letters.press import press  # the typesetter: 10 MB that most processes never need

    return press("submission.typ", submission_data(title, sections, metadata, letterhead, attachments, language))


def submission_data(
    title: str,
    sections: Iterable[SectionLike],
    metadata: SubmissionMetadata,
    letterhead: Letterhead,
    attachments: Sequence[AttachedFile],
    language: str,
) -> dict[str, Any]:
    """All that the layout needs, as plain data."""
    said = words(language)
    day = metadata.received_at.astimezone(OSLO).date()
    number = metadata.case_number or metadata.receipt_number
    return common(letterhead, language, text_nodes(title), day, number) | {
        "facts": pairs(
            (said["case_number"], metadata.case_number),
            (said["receipt_number"], metadata.receipt_number),
            (said["received_at"], written(metadata.received_at, language)),
            (said["submitted_by"], metadata.submitted_by),
            (said["on_behalf_of"], metadata.on_behalf_of),
            (said["channel"], metadata.channel),
            (said["form_version"], metadata.form_version),
        ),
        "sections": [
            {"title": text_nodes(one.title), "rows": [_row(row, said) for row in one.rows]} for one in sections
        ],
        "attachments": [
            {
                "name": text_nodes(file.name),
                "size": file_size(file.size, language),
                "sha256": [file.sha256[:32], file.sha256[32:]],
            }
            for file in attachments
        ],
    }


def _row(row: Any, said: dict[str, str]) -> dict[str, list[Node] | None]:
    if not isinstance(row, Row):
        row = Row(*row) if isinstance(row, tuple) else Row(row.label, row.text, getattr(row, "source", ""))
    source = text_nodes(said["source"].format(source=row.source)) if row.source else None
    return {"label": text_nodes(row.label), "text": text_nodes(row.text.strip()), "source": source}
