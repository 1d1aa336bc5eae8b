"""From a template and a case's values to a letter."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from allmenning.letters.head import common, pairs
from allmenning.letters.markdown import Filler, Problem, problems
from allmenning.letters.paper import Letterhead, Metadata
from allmenning.letters.text import Node, line
from allmenning.letters.words import words, written


def render_letter(
    template_markdown: str,
    fields: Mapping[str, Any],
    letterhead: Letterhead,
    language: str,
    metadata: Metadata,
) -> bytes:
    """Make a letter: one PDF that is both PDF/A-2a and PDF/UA-1. The same input gives the same bytes.

    The template is Markdown (headings, paragraphs, lists, tables, strong, emphasis, links) with `{{ named.fields }}`;
    its first line, `# …`, is the title. A value is text, a whole number, a date (written in words), a list (bullets
    when it is alone in its paragraph or item, else `a, b og c`) or a `FieldTable`. Values are printed as they are.

    Raises `LetterError`s (`UnknownField`, `MissingField`, `BrokenField`, `UnsuitableValue`, `NotAllowedInLetter`,
    `NoTitle`, `UnknownLanguage`) and `UnsafeText` for control and bidi override characters.
    """
    from allmenning.letters.press import press  # the typesetter: 10 MB that most processes never need

    return press("letter.typ", letter_data(template_markdown, fields, letterhead, language, metadata))


def check_letter_template(markdown: str, allowed_fields: Collection[str]) -> list[Problem]:
    """What is wrong with a template: unknown fields, stray braces, HTML, images, code, bad links or headings."""
    return list(problems(markdown, frozenset(allowed_fields)))


# Regards, the name, and the paragraph above them: what ends a letter whose template closes it in its own words.
OWN_WORDS = 3


def letter_data(
    template: str, fields: Mapping[str, Any], letterhead: Letterhead, language: str, metadata: Metadata
) -> dict[str, Any]:
    """All that the layout needs, as plain data."""
    said = words(language)
    heading, blocks = _title_and_body(Filler(fields, language), template, metadata.title)
    data = common(letterhead, language, heading, metadata.date, metadata.reference)
    together = 1 if metadata.signers else OWN_WORDS
    return data | {
        "blocks": blocks[:-together],
        "last": blocks[-together:],
        "recipient": [line(part) for part in metadata.recipient if part.strip()],
        "facts": pairs(
            (said["date"], written(metadata.date, language)),
            (said["our_reference"], metadata.reference),
            (said["your_reference"], metadata.your_reference),
            (said["handler"], metadata.handler),
            (said["exempt"], metadata.exempt),
        ),
        "is_approved": metadata.is_approved,
        "signers": [{"name": line(one.name), "title": line(one.title)} for one in metadata.signers],
        "endings": [
            [said[name], [line(item) for item in items]]
            for name, items in (("enclosures", metadata.enclosures), ("copies", metadata.copies))
            if items
        ],
    }


def _title_and_body(filler: Filler, template: str, fallback: str) -> tuple[list[Node], list[Node]]:
    blocks = _stepwise(filler.document(template))
    if blocks and blocks[0]["k"] == "h" and blocks[0]["level"] == 1:
        return blocks[0]["c"], blocks[1:]
    return filler.title(fallback), blocks


def _stepwise(blocks: list[Node]) -> list[Node]:
    """Headings after the title begin at level 2 and never skip one: PDF/UA-1 forbids it, and it confuses readers."""
    level = 1
    for index, block in enumerate(blocks):
        if block["k"] == "h" and not (index == 0 and block["level"] == 1):
            level = block["level"] = max(2, min(block["level"], level + 1))
    return blocks
