"""What this room needs from outside: someone who knows malicious software."""

from dataclasses import dataclass
from typing import Protocol

from allmenning.basics.errors import AllmenningError


class ScannerUnavailable(AllmenningError):
    """The file could not be checked for malicious software now. Try again later."""


@dataclass(frozen=True, slots=True)
class ScanResult:
    """What the scanner found. `finding` is its own name for it, for the log; empty when clean."""

    clean: bool
    finding: str = ""


class MalwareScanner(Protocol):
    def scan(self, content: bytes) -> ScanResult:
        """Look through a whole file. Raises ScannerUnavailable: the file is then not received."""
        ...
