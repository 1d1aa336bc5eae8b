"""A letter like those that are sent, and how to read one."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pikepdf
import pytest
from pypdf import PdfReader

from allmenning.letters import Letterhead, Metadata, Signer, render_letter


class Read:
    """A PDF, as a reader, an archive and a screen reader see it."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.pdf = pikepdf.open(io.BytesIO(content))
        self.pages = [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]
        self.text = re.sub(r"\s+", " ", " ".join(self.pages))
        self.xmp = self.pdf.Root.Metadata.read_bytes().decode()
        self.title = str(self.pdf.docinfo["/Title"])
        self.language = str(self.pdf.Root.Lang)

    @property
    def tags(self) -> list[str]:
        found: list[str] = []
        self._walk(self.pdf.Root.StructTreeRoot, found)
        return found

    def _walk(self, node: Any, found: list[str]) -> None:
        if isinstance(node, pikepdf.Array):
            for item in node:
                self._walk(item, found)
        elif isinstance(node, pikepdf.Dictionary):
            if "/S" in node:
                found.append(str(node["/S"])[1:])
            if "/K" in node:
                self._walk(node["/K"], found)

    def squeezed(self) -> str:
        """The text without any white space: lines and pages break where they like."""
        return re.sub(r"\s+", "", "".join(self.pages))


@pytest.fixture
def letterhead() -> Letterhead:
    return Letterhead(
        "Averøy kommune", "Oppvekst", ("Postboks 152", "6538 Averøy"), "71 51 35 00", "post@averoy.example"
    )


@pytest.fixture
def metadata() -> Metadata:
    return Metadata(
        date(2026, 3, 10),
        "2026/1042-7",
        ("Kari Østby", "Havnegata 12 B", "6530 Averøy"),
        signers=(Signer("Ola Hansen", "Rådgiver"),),
    )


@pytest.fixture
def write(letterhead: Letterhead, metadata: Metadata) -> Callable[..., Read]:
    def write(template: str, language: str = "nb", **fields: Any) -> Read:
        return Read(render_letter(template, fields, letterhead, language, metadata))

    return write
