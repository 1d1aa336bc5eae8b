"""Letters: Markdown and fields to a PDF that can be archived and read by everyone."""

from allmenning.letters.case_copy import Chapter, CopyMetadata, Given, Withheld, render_case_copy
from allmenning.letters.errors import (
    BrokenField,
    LetterError,
    MissingField,
    NotAllowedInLetter,
    NoTitle,
    UnknownField,
    UnknownLanguage,
    UnsuitableValue,
    UnusableLogo,
)
from allmenning.letters.letter import check_letter_template, render_letter
from allmenning.letters.markdown import Problem, fields_used
from allmenning.letters.paper import (
    AttachedFile,
    FieldTable,
    Letterhead,
    Metadata,
    Row,
    Section,
    Signer,
    SubmissionMetadata,
)
from allmenning.letters.submission import render_submission

__all__ = [
    "AttachedFile",
    "BrokenField",
    "Chapter",
    "CopyMetadata",
    "FieldTable",
    "Given",
    "LetterError",
    "Letterhead",
    "Metadata",
    "MissingField",
    "NoTitle",
    "NotAllowedInLetter",
    "Problem",
    "Row",
    "Section",
    "Signer",
    "SubmissionMetadata",
    "UnknownField",
    "UnknownLanguage",
    "UnsuitableValue",
    "UnusableLogo",
    "Withheld",
    "check_letter_template",
    "fields_used",
    "prepare_logo",
    "render_case_copy",
    "render_letter",
    "render_submission",
]


def prepare_logo(content: bytes) -> bytes:
    """Draw a PNG, JPEG or SVG anew as a small PNG; an SVG may hold shapes alone. Raises `UnusableLogo`."""
    from allmenning.letters.logo import prepare_logo as prepare  # what draws: 12 MB that most processes never need

    return prepare(content)
