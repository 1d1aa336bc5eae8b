"""The demo's two witnesses, who cosign what the municipalities' logs say: told of each other's keys, as by a letter."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from allmenning.transparency import states

HOST = "127.0.0.1"


def folder_of(data: Path, name: str) -> Path:
    return data / "witnesses" / name


def logs_of(data: Path) -> Path:
    """The logs that the witnesses follow."""
    return data / "witnesses" / "logs"


def prepare(data: Path, witnesses: Sequence[tuple[str, int]]) -> None:
    """Make those that are missing; write down whom the logs ask, and whom the witnesses follow. Django is set up."""
    from allmenning.commons.municipalities import queries as municipalities
    from allmenning.journeys import sealing

    asked = []
    for name, port in witnesses:
        folder = folder_of(data, name)
        if not folder.exists():
            states.make_folder(folder, f"{name}-witness.example")
        asked.append(f"{states.cosigner_in(folder).key} http://{HOST}:{port}")
    (data / "witnesses" / "asked").write_text("\n".join(asked) + "\n", encoding="utf-8")
    followed = [str(sealing.signer_of(each.id).key) for each in municipalities.live_municipalities()]
    logs_of(data).write_text("\n".join(followed) + "\n", encoding="utf-8")


if __name__ == "__main__":
    import django

    django.setup()
    prepare(Path(sys.argv[1]), [(name, int(port)) for name, port in zip(sys.argv[2::2], sys.argv[3::2], strict=True)])
