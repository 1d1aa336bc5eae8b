"""Looking at every file that comes from outside, before anything of it is kept."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from allmenning.municipal.documents.errors import MalwareFound
from allmenning.municipal.documents.inspection import InspectedFile, check_together
from allmenning.municipal.documents.inspection.apart import inspect_apart

from .outside import outside

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Upload:
    """A file as it came, not yet looked at."""

    name: str
    declared_type: str
    content: bytes


@dataclass(frozen=True)
class Received:
    """A file that was looked at and may be kept, by its safe name and the type that its content shows."""

    name: str
    media_type: str
    content: bytes


def receive(upload: Upload) -> Received:
    """Look at one file: what it really is, and whether it holds malicious software, where the operator has a scanner.

    Raises UnacceptableFile (MalwareFound among them), ScannerUnavailable.
    """
    found: InspectedFile = inspect_apart(upload.name, upload.declared_type, upload.content)
    scanner = outside().scanner
    if scanner is not None:
        result = scanner.scan(upload.content)
        if not result.clean:
            log.warning("a file was refused: %s", result.finding)
            raise MalwareFound()
    return Received(found.name, found.media_type, upload.content)


def receive_all(uploads: Sequence[Upload]) -> list[Received]:
    """Look at files that are sent together: one that is refused stops all, and nothing is half sent.

    Raises TooManyFiles, TooMuchTogether, and what `receive` raises.
    """
    check_together([len(upload.content) for upload in uploads])
    return [receive(upload) for upload in uploads]
