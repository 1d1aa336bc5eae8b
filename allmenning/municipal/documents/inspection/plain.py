"""Text files."""

from __future__ import annotations

import re

from allmenning.municipal.documents.errors import TypeNotAccepted
from allmenning.municipal.documents.inspection.types import refuse_web_content

_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")


def check_text(content: bytes) -> None:
    """UTF-8, UTF-16 with its mark, or Windows' old encoding; no control characters, and nothing a browser would run."""
    refuse_web_content(content)
    text = _decoded(content)
    if text is None or _CONTROLS.search(text):
        raise TypeNotAccepted()


def _decoded(content: bytes) -> str | None:
    encodings = ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None
