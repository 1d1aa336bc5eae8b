"""Restoring: everything on an empty machine, or one municipality as a copy beside the running one.

Everything that is needed is looked at before anything is made, and what is made is reached by nobody until it is whole:
an interruption leaves databases that no register names, which the next run removes.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from psycopg import sql

from allmenning import vault
from allmenning.basics import dates
from allmenning.commons.municipalities.models import Placement as Row
from allmenning.tenancy import OWNER, create, migrate, placement, server
from allmenning.tenancy.placement import Placement
from allmenning.vault import files

from . import copies, databases
from .copies import Copy
from .errors import (
    Damaged,
    NoOperator,
    NotABackup,
    NotEmpty,
    NotInBackup,
    OtherKeys,
    UnknownServer,
    UnknownSigner,
    WrongKey,
)
from .folder import Folder, Generation, Kept, Signer
from .packs import unpacked
from .sealing import opened, read_key, told_when_full

Progress = Callable[[int, int, str], None]  # how many bytes are done, of how many, and what is done now


@dataclass(frozen=True)
class Restored:
    """What was restored: from which back-up, and a copy for each municipality (live already, if all was restored)."""

    generation: str
    made_at: str
    copies: tuple[Copy, ...]


class Restoring:
    """One generation of a back-up, with the key that opens it.

    generation: the newest one that holds what is asked for, if left out. signer: who has to have made it; this
    installation, if left out. server: where databases go; where they were, if left out. Raises NotAKeyFile, NotABackup,
    NoSuchGeneration, NotInBackup, SignedByAnother, UnknownSigner, UnknownServer, WrongKey, Damaged.
    """

    def __init__(
        self,
        root: Path,
        key: Path,
        municipality: str | None = None,
        generation: str | None = None,
        signer: str | None = None,
        progress: Progress | None = None,
        server: str | None = None,
    ) -> None:
        self._folder, self._identities = Folder(root), read_key(key)
        self._only, self._server = municipality, server
        if server is not None and server not in settings.DATABASE_SERVERS:
            raise UnknownServer(server=server, known=", ".join(settings.DATABASE_SERVERS))
        self.generation = self._chosen(generation, signer)
        _may_open(self._identities, self.generation)
        self._tell = progress or (lambda done, total, what: None)
        self._done = self._total = 0

    def check(self) -> int:
        """Look at everything that would be restored, make nothing, and return how many parts there are.

        Every part is opened, and compared with what was written; dumps are read through. Raises Damaged, ToolFailed.
        """
        with self._folder.reading():
            self._look()
            for id, kept in self._kept_by_id().items():
                self._open(kept)
                self._opened_keys(id, kept)
        return sum(1 for kept in self._kept() for _ in kept.parts())

    def restore(self) -> Restored:
        """Restore everything, or the one municipality that was asked for, which is then a copy that nobody works in.

        Raises NoOperator, NotEmpty, OtherKeys, KeysWithdrawn, Damaged, ToolFailed, DiskFull.
        """
        if not settings.DATABASE_ADMIN:
            raise NoOperator
        if not self._only and _commons_exist():
            raise NotEmpty
        with self._folder.reading():
            self._look()
            for left in filter(self._is_left_over, copies.all_copies()):
                copies.discard(left)
            made = [self._municipality(self._only)] if self._only else self._everything()
        return Restored(self.generation.id, self.generation.made_at, tuple(made))

    def _is_left_over(self, copy: Copy) -> bool:
        """Of a restore that was interrupted. Where there are no commons, no copy is anybody's."""
        return self._only is None or (copy.municipality == self._only and not copy.whole)

    def _open(self, kept: Kept) -> None:
        in_the_clear = {pack.list for pack in kept.packs}
        for part in kept.parts():
            if part not in in_the_clear:
                with opened(self._folder.path(part), part, self._identities) as stream:
                    if part == kept.dump:
                        databases.read_through(stream)
            self._tell_of(part.size, "opening")

    # --- which generation ---

    def _chosen(self, id: str | None, signer: str | None) -> Generation:
        ids = [id] if id else list(reversed(self._folder.ids()))
        if not ids:
            raise NotABackup(folder=self._folder.root)
        for each in ids:
            generation = self._folder.read(each, signer or self._own_signer(each))
            if self._only in generation.municipalities or (self._only is None and generation.commons):
                return generation
        raise NotInBackup(generation=id or "of this folder", wanted=self._only or "everything")

    def _own_signer(self, id: str) -> str:
        if not vault.has_keys(vault.COMMONS):
            raise UnknownSigner(signer=self._folder.claimed_signer(id))
        return Signer().public

    def _wanted(self) -> list[str]:
        return [self._only] if self._only else list(self.generation.municipalities)

    def _kept(self) -> list[Kept]:
        return list(self._kept_by_id().values())

    def _kept_by_id(self) -> dict[str, Kept]:
        kept = {id: self.generation.municipalities[id] for id in self._wanted()}
        return (
            kept if self._only or self.generation.commons is None else {**kept, vault.COMMONS: self.generation.commons}
        )

    # --- looking before anything is made ---

    def _look(self) -> None:
        """Every sealed byte is as it was written, and no key here is another one."""
        parts = {part for kept in self._kept() for part in kept.parts()}
        self._total = sum(part.size for part in parts)
        for part in parts:
            if not self._folder.is_there(part):
                raise Damaged(what=part.name)
            self._tell_of(part.size, "looking")
        self._done = 0

    def _tell_of(self, size: int, what: str) -> None:
        self._done += size
        self._tell(self._done, self._total, what)

    # --- making ---

    def _everything(self) -> list[Copy]:
        commons = self.generation.commons
        if commons is None:
            raise NotInBackup(generation=self.generation.id, wanted="everything")
        self._keys(vault.COMMONS, commons)
        made = [self._municipality(id) for id in self._wanted()]
        self._commons(commons, made)
        migrate.migrate_all()
        for each in made:
            copies.forget(each)
        return made

    def _municipality(self, id: str) -> Copy:
        """A whole copy, its logins let in: nobody is led there while no placement names it."""
        kept = self.generation.municipalities[id]
        self._keys(id, kept)
        copy = copies.begin(id, Placement(self._server_for(kept), f"m_{secrets.token_hex(6)}"), self.generation.id)
        try:
            owner = create.create_to_fill(copy.placed)
            self._fill(kept, copy.placed, owner, id)
            with server.connected(*copy.placed) as inside:
                # What the code says of functions, rights and walls is put up anew, whatever the dump had of it.
                inside.execute("delete from tenancy.applied")
            create.open_filled(id, copy.placed, [OWNER])
            with placement.instead(id, copy.placed):
                migrate.migrate_municipality(id)
            # On an empty machine for good; beside a running one, apart from what that one keeps and sweeps.
            self._files(kept, partial(copies.keep_file, copy) if self._only else partial(files.put_back, id), id)
            create.open_filled(id, copy.placed)
        except BaseException:
            with suppress(Exception):
                copies.discard(copy)
            raise
        return copies.finish(copy)

    def _server_for(self, kept: Kept) -> str:
        """The one that was asked for, the one of the same name, or the first."""
        servers = list(settings.DATABASE_SERVERS)
        return self._server or (kept.server if kept.server in servers else servers[0])

    def _commons(self, kept: Kept, made: Iterable[Copy]) -> None:
        """Restored under another name, and renamed at the very end: from then on the installation is there."""
        placed = Placement(*settings.COMMONS_PLACEMENT)
        beside = Placement(placed.server, f"{placed.database}_restoring")
        with server.connected(beside.server) as connection:
            connection.execute(sql.SQL("drop database if exists {}").format(sql.Identifier(beside.database)))
        owner = create.create_to_fill(beside, commons=True)
        self._fill(kept, beside, owner, "commons")
        with server.connected(*beside) as inside, inside.transaction():
            table = sql.Identifier(Row._meta.db_table)
            inside.execute(sql.SQL("delete from {}").format(table))
            rows = [(each.municipality, each.server, each.database, dates.now()) for each in made]
            with inside.cursor() as cursor:
                columns = "(municipality_id, server, database, since) values (%s, %s, %s, %s)"
                cursor.executemany(sql.SQL("insert into {} " + columns).format(table), rows)
        create.rename_database(beside, placed.database)

    def _fill(self, kept: Kept, placed: Placement, owner: str, what: str) -> None:
        with opened(self._folder.path(kept.dump), kept.dump, self._identities) as archive:
            databases.restore(archive, placed, owner)
        create.end_filling(placed, owner)
        self._tell_of(kept.dump.size, what)

    def _files(self, kept: Kept, keep: Callable[[str, bytes], None], id: str) -> None:
        for pack in kept.packs:
            sealed_pack = opened(self._folder.path(pack.files), pack.files, self._identities)
            with told_when_full(Path(settings.FILES_DIR)), sealed_pack as stream:
                for path, sealed in unpacked(stream):
                    keep(path, sealed)
            self._tell_of(pack.files.size + pack.list.size, f"{id}: files")

    def _keys(self, id: str, kept: Kept) -> None:
        keys = self._opened_keys(id, kept)
        try:
            vault.put_back(id, keys)
        except vault.CannotOpen:
            raise OtherKeys(municipality=id) from None
        self._tell_of(kept.keys.size, f"{id}: keys")

    def _opened_keys(self, id: str, kept: Kept) -> dict[str, vault.Key]:
        with opened(self._folder.path(kept.keys), kept.keys, self._identities) as stream:
            held: dict[str, Any] = json.load(stream)
        try:
            return {name: _opened_key(id, name, key, self._identities) for name, key in held.items()}
        except vault.CannotOpen:
            raise Damaged(what=kept.keys.name) from None


def _opened_key(id: str, name: str, key: str | Sequence[str], identities: Sequence[Any]) -> vault.Key:
    if isinstance(key, str):
        return vault.open_exported(base64.b64decode(key), id, name, identities)
    identity, value = key  # of a back-up from before the keeper sealed them
    return vault.Key(bytes.fromhex(identity), bytes.fromhex(value))


def _may_open(identities: Sequence[Any], generation: Generation) -> None:
    """Raises WrongKey."""
    if not {str(identity.to_public()) for identity in identities} & set(generation.recipients):
        raise WrongKey(recipient=", ".join(generation.recipients))


def _commons_exist() -> bool:
    name, database = settings.COMMONS_PLACEMENT
    with server.connected(name) as connection:
        return server.database_exists(connection, database)
