"""File names: what people chose, without what could harm or deceive."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 120

_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\.|$)", re.I)
_NOT_IN_NAMES = re.compile(r'[<>:"|?*/\\]')


def safe_name(name: str) -> str:
    """A name that is safe to show, to store and to download with on every system; `file` if nothing is left.

    Takes away folders, control and invisible characters (bidi overrides too) and what Windows forbids, joins spaces,
    and shortens to 120 characters, keeping the extension.
    """
    name = unicodedata.normalize("NFC", name.encode("utf-8", "ignore").decode())
    # A path's last part; what follows a NUL was meant to be cut off by somebody else.
    name = re.split(r"[/\\]", name.partition("\0")[0])[-1]
    name = "".join(" " if character.isspace() else character for character in name)
    name = "".join(character for character in name if unicodedata.category(character) not in ("Cc", "Cf", "Co", "Cn"))
    name = re.sub(r" +", " ", _NOT_IN_NAMES.sub("_", name)).strip(". ")
    if _RESERVED.match(name):
        name = f"_{name}"
    return _shortened(name) or "file"


def extension_of(name: str) -> str:
    """The extension in lower case, with its dot; empty if there is none. The end of `Brev 12.03.2026` is not one."""
    _, dot, last = name.rpartition(".")
    return f".{last.lower()}" if dot and re.fullmatch(r"(?=.*[A-Za-z])\w{1,10}", last) else ""


def _shortened(name: str) -> str:
    extension = extension_of(name)
    stem = name[: len(name) - len(extension)] if extension else name
    # File systems count bytes (255), and a stored name may get a prefix.
    room = min(LONGEST - len(extension), len(stem))
    while len(stem[:room].encode()) > 200:
        room -= 1
    return stem[:room].rstrip(". ") + extension if stem[:room].strip(". ") else extension.lstrip(".")
