"""Files of cases into parts: many sealed files together, each file once, however many back-ups it is in.

Files never change and their paths are never used twice, so a path that is in a pack is backed up.
"""

from __future__ import annotations

import io
import sqlite3
import tarfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from allmenning.vault import files

from .errors import Damaged
from .folder import Folder, Pack, Signer
from .sealing import Sealer

PACK_BYTES = 64 * 1024**2
PACK_FILES = 20_000
Tell = Callable[[int], None]  # how many files have been written


class Packing:
    """Brings a municipality's packs up to date in a back-up's folder."""

    def __init__(self, folder: Folder, sealer: Sealer, signer: Signer) -> None:
        self._folder, self._sealer, self._signer = folder, sealer, signer

    def bring_up_to_date(self, municipality: str, known: Iterable[Pack], tell: Tell) -> list[Pack]:
        """Packs with every file that the municipality has now: known ones, and new ones for what they lack.

        A pack of which less than half is left is not used: what has been deleted goes out of the back-ups too.
        Paths are compared on disk, since a large municipality has millions of them.
        """
        with closing(_scratch(self._folder.writing)) as paths:
            packs = [pack for pack in known if self._folder.has(pack.files)]
            for number, pack in enumerate(packs):
                listed = ((path, number) for path in self._folder.read_list(pack.list))
                paths.executemany("insert or ignore into known values (?, ?)", listed)
            # Those that are written while we look are whole: a file is renamed into its place.
            there = files.written_before(municipality, datetime.now(UTC) + timedelta(seconds=1))
            paths.executemany("insert or ignore into there values (?)", ((path,) for path in there))
            gone = {number for (number,) in paths.execute(_MOSTLY_GONE)}
            paths.executemany("delete from known where pack = ?", ((number,) for number in gone))
            kept = [pack for number, pack in enumerate(packs) if number not in gone]
            return kept + self._pack_all(municipality, (path for (path,) in paths.execute(_NEW)), tell)

    def _pack_all(self, municipality: str, paths: Iterator[str], tell: Tell) -> list[Pack]:
        made = []
        for first in paths:
            pack = self._pack(municipality, chain([first], paths))
            if pack is not None:
                self._folder.note_finished(self._sealer.recipients, municipality, pack, self._signer)
                made.append(pack)
                tell(sum(each.count for each in made))
        return made

    def _pack(self, municipality: str, paths: Iterator[str]) -> Pack | None:
        """One pack of the next paths, read back. None if none of them is there any more."""
        names: list[str] = []
        path, part = self._sealer.seal(_Stream(_tar(municipality, paths, names)), self._folder.writing)
        with self._sealer.read_back(path, part) as stream:
            if [name for name, _ in unpacked(stream)] != names:
                raise Damaged(what=part.name)
        if not names:
            path.unlink()
            return None
        return Pack(self._folder.keep(path, part), self._folder.keep_list(names), len(names))


def unpacked(stream: BinaryIO) -> Iterator[tuple[str, bytes]]:
    """(path, sealed content) of each file in a pack. Raises Damaged."""
    try:
        with tarfile.open(fileobj=stream, mode="r|") as tar:
            for member in tar:
                content = tar.extractfile(member)
                if content is None:
                    raise Damaged(what="a pack of files")
                yield member.name, content.read()
    except tarfile.TarError:
        raise Damaged(what="a pack of files") from None


def _tar(municipality: str, paths: Iterator[str], names: list[str]) -> Iterator[bytes]:
    """A tar archive of the next paths, as it is made; `names` is filled with those that are in it."""
    written = 0
    for path in paths:
        try:
            content = files.read_sealed(municipality, path)
        except FileNotFoundError:
            continue  # removed meanwhile, with its row
        member = tarfile.TarInfo(path)
        member.size = len(content)
        yield member.tobuf(tarfile.PAX_FORMAT)
        yield content
        yield bytes(-len(content) % tarfile.BLOCKSIZE)
        names.append(path)
        written += len(content)
        if written >= PACK_BYTES or len(names) >= PACK_FILES:
            break
    yield bytes(2 * tarfile.BLOCKSIZE)


class _Stream(io.RawIOBase):
    """Pieces as a stream."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        super().__init__()
        self._pieces = pieces

    def read(self, size: int = -1) -> bytes:
        return next((piece for piece in self._pieces if piece), b"")


def _scratch(folder: Path) -> sqlite3.Connection:
    database = sqlite3.connect(folder / "paths")
    database.execute("pragma journal_mode = off")
    database.execute("pragma synchronous = off")
    database.executescript(
        """
        drop table if exists known; drop table if exists there;
        create table known (path text primary key, pack integer not null) without rowid;
        create table there (path text primary key) without rowid;
        """
    )
    return database


_MOSTLY_GONE = """
    select known.pack from known left join there on there.path = known.path
    group by known.pack having 2 * count(there.path) < count(*)
"""
_NEW = "select path from there where not exists (select 1 from known k where k.path = there.path) order by path"
