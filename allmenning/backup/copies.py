"""Restored copies of a municipality: beside the running one, to look at, and to take its place by an explicit step.

A copy is a database that no placement names, and a folder of files with a note, below FILES_DIR/.restored. With
ALLMENNING_COPY set, a web server shows the copy instead of the municipality's own.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from django.conf import settings

from allmenning.basics import dates
from allmenning.commons.municipalities import actions, queries
from allmenning.tenancy import create, placement
from allmenning.tenancy.placement import Placement
from allmenning.vault import disk, files

from .errors import IsLive, NoSuchCopy, NotWhole


@dataclass(frozen=True)
class Copy:
    """A municipality's database that is not, or not yet, the one that it works in.

    generation: the back-up that it is from; empty for one that another has taken the place of.
    """

    municipality: str
    server: str
    database: str
    generation: str
    made_at: str
    whole: bool = False

    @property
    def placed(self) -> Placement:
        return Placement(self.server, self.database)

    @property
    def files(self) -> Path:
        """Its files, under the paths that the store has."""
        return _folder(self.database) / "files"


def begin(municipality: str, placed: Placement, generation: str) -> Copy:
    """Note a copy before anything of it is made, so that what an interruption leaves is found again."""
    copy = Copy(municipality, placed.server, placed.database, generation, dates.now().isoformat())
    _note(copy)
    return copy


def finish(copy: Copy) -> Copy:
    """Note that a copy is whole."""
    whole = replace(copy, whole=True)
    _note(whole)
    return whole


def all_copies() -> list[Copy]:
    """Every copy on this machine, oldest first."""
    notes = [json.loads(path.read_bytes()) for path in _root().glob("*/copy.json")]
    return sorted((Copy(**note) for note in notes), key=lambda copy: copy.made_at)


def copy(database: str) -> Copy:
    """Raises NoSuchCopy."""
    found = next((each for each in all_copies() if each.database == database), None)
    if found is None:
        raise NoSuchCopy(database=database)
    return found


def keep_file(copy: Copy, path: str, sealed: bytes) -> None:
    """Keep a file of a copy. One that the municipality has too takes no room: files never change, so it is shared."""
    place, live = copy.files / path, Path(settings.FILES_DIR) / path
    disk.make_private_folder(place.parent)
    if live.is_file() and live.read_bytes() == sealed:
        place.unlink(missing_ok=True)
        os.link(live, place)
    else:
        disk.write(place, sealed)


def use_copy(database: str) -> Copy:
    """Let a copy take its municipality's place. Returns what it worked in until now, as a copy to go back to or drop.

    Nobody can reach the municipality from the moment its old database is closed until every process has asked where
    it is again, a minute at most: nothing that is written is lost in the old one. Raises NoSuchCopy, NotWhole.
    """
    chosen = copy(database)
    if not chosen.whole:
        raise NotWhole(database=database)
    _move_in(chosen)
    before = queries.placement_of(chosen.municipality)
    left = chosen
    if before is not None:
        left = finish(begin(chosen.municipality, Placement(before.server, before.database), ""))
        create.close_database(left.placed)
    create.open_filled(chosen.municipality, chosen.placed)
    actions.place(chosen.municipality, chosen.server, chosen.database)
    placement.forget(chosen.municipality)
    forget(chosen)
    return left


def drop_copy(database: str) -> None:
    """Remove a copy, whole or not: its database, its logins and its files. Raises NoSuchCopy, IsLive."""
    chosen = copy(database)
    live = queries.placement_of(chosen.municipality)
    if live is not None and live.database == database:
        raise IsLive(database=database, municipality=chosen.municipality)
    discard(chosen)


def discard(copy: Copy) -> None:
    """Remove what there is of a copy, without asking the register, which may not be here yet."""
    create.drop_database(copy.placed)
    forget(copy)


def forget(copy: Copy) -> None:
    """Remove a copy's note and files; its database stays."""
    # The note first: without it the rest is rubbish, with it and nothing else a copy that is not whole.
    disk.remove(_folder(copy.database) / "copy.json")
    shutil.rmtree(_folder(copy.database), ignore_errors=True)


# --- a process that shows a copy: settings.MUNICIPAL_PLACEMENT and settings.VAULT_FILES then name these ---


def placement_of(municipality: str) -> Placement | None:
    """Where a municipality's database is, with settings.RESTORED_COPY in its municipality's place."""
    shown = copy(settings.RESTORED_COPY)
    if shown.municipality == municipality:
        return shown.placed
    found = queries.placement_of(municipality)
    return Placement(found.server, found.database) if found else None


class Files(files.Folder):
    """The files of the copy that is shown."""

    def __init__(self) -> None:
        self._root = copy(settings.RESTORED_COPY).files


# --- notes ---


def _root() -> Path:
    return Path(settings.FILES_DIR) / ".restored"


def _folder(database: str) -> Path:
    return _root() / database


def _note(copy: Copy) -> None:
    disk.make_private_folder(_folder(copy.database))
    disk.write(_folder(copy.database) / "copy.json", json.dumps(asdict(copy)).encode())


def _move_in(copy: Copy) -> None:
    """Give the municipality every file of a copy that it lacks, or has otherwise than the back-up."""
    for file in sorted(copy.files.glob("*/??/*")):
        path = str(file.relative_to(copy.files))
        live = Path(settings.FILES_DIR) / path
        if not (live.exists() and live.samefile(file)):
            files.put_back(copy.municipality, path, file.read_bytes())
