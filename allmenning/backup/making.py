"""Making a back-up: files, then databases, then the files that came meanwhile, and the commons last.

So every row's file is in it (files are written before their rows, and one that is removed was packed before), and
every service version that a case names is in the commons. What is in `writing` may be thrown away at any moment; the
signed page is written when everything has been read back.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

from django.conf import settings

from allmenning import vault
from allmenning.basics import dates
from allmenning.commons.municipalities import queries
from allmenning.tenancy import placement
from allmenning.tenancy.placement import Placement

from . import databases
from .errors import Damaged, NoOperator, NoRecipient, OnlyToLookAt, SignedByAnother
from .folder import Folder, Generation, Kept, Pack, Signer
from .packs import Packing
from .sealing import Part, Sealer

Progress = Callable[[int, int, str], None]  # how many steps are done, of how many, and what is done now


@dataclass(frozen=True)
class Made:
    """A finished back-up: what was written by this run (bytes, files, seconds), and what was left out.

    not_pruned: why no old one was removed, "unreadable" or "refused" (by the folder); else nothing.
    """

    generation: str
    signer: str
    municipalities: tuple[str, ...]
    withdrawn: tuple[str, ...]
    new_bytes: int
    new_files: int
    seconds: float
    removed: int
    not_pruned: str


def back_up(
    root: Path,
    recipients: Sequence[str] = (),
    municipality: str | None = None,
    generations: int | None = None,
    progress: Progress | None = None,
) -> Made:
    """Back everything up, or one municipality, into a folder; only new files are added to what is there already.

    recipients: public keys of age; settings.BACKUP_RECIPIENTS if left out. generations: how many to keep.
    Raises NoRecipient, NotAPublicKey, NoOperator, DiskFull, AnotherIsRunning, ToolFailed, Damaged (what was written
    could not be read back), NotPlaced.
    """
    recipients = tuple(recipients) or tuple(settings.BACKUP_RECIPIENTS)
    if not recipients:
        raise NoRecipient
    if not settings.DATABASE_ADMIN:
        raise NoOperator
    if settings.RESTORED_COPY:
        raise OnlyToLookAt
    making = _Making(Folder(root), recipients, progress or (lambda done, total, what: None))
    with making.folder.locked():
        return making.make(municipality, generations or settings.BACKUP_GENERATIONS)


class _Making:
    """One run."""

    def __init__(self, folder: Folder, recipients: tuple[str, ...], tell: Progress) -> None:
        self.folder, self._tell = folder, tell
        self._signer, self._sealer = Signer(), Sealer(recipients)
        self._packing = Packing(folder, self._sealer, self._signer)
        self._done = self._steps = self._bytes = self._files = 0

    def make(self, only: str | None, generations: int) -> Made:
        begun, at = time.monotonic(), dates.now()
        ids, withdrawn = _to_back_up(only)
        self._steps = 3 * len(ids) + 1
        packs = self._known_packs()
        for id in ids:
            packs[id] = self._files_of(id, packs.get(id, []))
        kept = {id: self._municipality(id) for id in ids}
        commons = None if only else self._commons()
        # Somebody who has joined meanwhile is in the commons: in the municipalities as well, then.
        for id in [] if only else [new for new in _to_back_up(None)[0] if new not in kept]:
            kept[id] = self._municipality(id)
        whole = {id: _with(each, self._files_of(id, packs.get(id, []))) for id, each in kept.items()}
        name = f"{at:%Y-%m-%dT%H-%M-%S.%fZ}"
        generation = Generation(name, at.isoformat(), self._sealer.recipients, self._signer.public, commons, whole)
        self.folder.write(generation, self._signer)
        removed, not_pruned = self._prune(generations)
        return Made(
            name, self._signer.public, tuple(whole), withdrawn, self._bytes, self._files,
            time.monotonic() - begun, removed, not_pruned,
        )  # fmt: skip

    # --- what is kept ---

    def _municipality(self, id: str) -> Kept:
        with self._step(f"{id}: database"):
            placed = placement.placement_of(id)
            return Kept(placed.database, self._dump(placed), self._keys(id), server=placed.server)

    def _commons(self) -> Kept:
        with self._step("commons"):
            placed = Placement(*settings.COMMONS_PLACEMENT)
            return Kept(placed.database, self._dump(placed), self._keys(vault.COMMONS), server=placed.server)

    def _files_of(self, id: str, known: list[Pack]) -> list[Pack]:
        with self._step(f"{id}: files"):
            packs = self._packing.bring_up_to_date(
                id, known, lambda count: self._tell(self._done, self._steps, f"{id}: {count} files")
            )
            new = [pack for pack in packs if pack not in known]
            self._bytes += sum(pack.files.size for pack in new)
            self._files += sum(pack.count for pack in new)
            return packs

    def _dump(self, placed: Placement) -> Part:
        with databases.dumped(placed) as archive:
            path, part = self._sealer.seal(archive, self.folder.writing)
        with self._sealer.read_back(path, part) as archive:
            databases.read_through(archive)
        self._bytes += part.size
        return self.folder.keep(path, part)

    def _keys(self, id: str) -> Part:
        """A part of their own, so that they can be told from the rest, and handed out alone.

        Each key in it is sealed by the keeper: whoever makes the back-up is not told it.
        """
        sealed = vault.exported(id, self._sealer.recipients)
        keys = {name: base64.b64encode(key).decode() for name, key in sealed.items()}
        path, part = self._sealer.seal(BytesIO(json.dumps(keys).encode()), self.folder.writing)
        with self._sealer.read_back(path, part):
            pass
        return self.folder.keep(path, part)

    # --- what is there already ---

    def _known_packs(self) -> dict[str, list[Pack]]:
        """Packs that can be used again: of each municipality's newest back-up, and of a run that was interrupted."""
        known: dict[str, list[Pack]] = {}
        for id in reversed(self.folder.ids()):
            try:
                generation = self.folder.read(id, self._signer.public)
            except (Damaged, SignedByAnother):
                continue  # found when it is restored or checked; here it only means that more is copied
            if generation.recipients == self._sealer.recipients:
                for municipality, kept in generation.municipalities.items():
                    known.setdefault(municipality, list(kept.packs))
        for recipients, municipality, pack in self.folder.finished(self._signer.public):
            if recipients == self._sealer.recipients:
                known.setdefault(municipality, []).append(pack)
        return known

    def _prune(self, generations: int) -> tuple[int, str]:
        """How many generations were removed, and why none was: one can't be read, or the folder refuses.

        The back-up is whole by then, so neither fails it.
        """
        try:
            return self.folder.prune(generations, self._signer.public), ""
        except (Damaged, SignedByAnother):
            return 0, "unreadable"
        except PermissionError:
            return 0, "refused"

    @contextmanager
    def _step(self, what: str) -> Iterator[None]:
        self._tell(self._done, self._steps, what)
        yield
        self._done += 1
        self._tell(self._done, self._steps, what)


def _to_back_up(only: str | None) -> tuple[list[str], tuple[str, ...]]:
    """Municipalities that have a database and keys here; and those that have taken their keys back."""
    placement.forget()
    queries.forget()
    ids = [only] if only else queries.live_ids()
    if only:
        placement.placement_of(only)  # or NotPlaced
    there = [id for id in ids if vault.has_keys(id)]
    return there, tuple(id for id in ids if id not in there)


def _with(kept: Kept, packs: list[Pack]) -> Kept:
    return replace(kept, packs=tuple(packs))
