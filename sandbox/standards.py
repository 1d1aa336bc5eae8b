"""Where the publishers' files lie: beside the project, or where ALLMENNING_STANDARDS says. They are not ours, and not in it."""

from __future__ import annotations

import os
from pathlib import Path


def folders() -> list[Path]:
    """Where they may be, the first first. From a worktree, they are beside the repository's own parent."""
    told = os.environ.get("ALLMENNING_STANDARDS")
    return [Path(told)] if told else [each / "shared" / "standards" for each in Path(__file__).resolve().parents]


def schemas() -> Path | None:
    """The schemas of messages over KS Fiks; None where they are not here."""
    return _found("fiks")


def schematrons() -> list[Path]:
    """The rules that an invoice is held against; none where they are not here."""
    folder = _found("peppol")
    return sorted(folder.glob("*.sch")) if folder else []


def _found(name: str) -> Path | None:
    return next((each / name for each in folders() if (each / name).is_dir()), None)
