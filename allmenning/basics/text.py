"""Text as it may be stored: no character that hides, breaks or reverses what a reader sees."""

from __future__ import annotations

import re
import unicodedata

from allmenning.basics.errors import AllmenningError

# Control characters but tab and line feed; lone surrogates; the embedding, override and isolate characters that turn
# text around; U+FFFE and U+FFFF, which XML (and so an archive deposit) can't hold.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
_LINE_ENDS = re.compile("\r\n|\r|\u2028|\u2029|\x85|\x0b|\x0c")


class UnsafeText(AllmenningError):
    """The text has a character that can't be stored: {character}. Remove it and try again."""


def clean_text(value: str) -> str:
    """Normalise (NFC, line ends as line feeds) and return a text; raise `UnsafeText` for what should not be stored."""
    if value.isascii() and value.isprintable():  # nearly all of what machines send
        return value
    lines = _LINE_ENDS.sub("\n", value)
    found = _UNSAFE.search(lines)
    if found:
        raise UnsafeText(character=f"U+{ord(found.group()):04X}")
    return unicodedata.normalize("NFC", lines)
