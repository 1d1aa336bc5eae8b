"""The master key, which wraps the keys of municipalities and areas and does nothing else.

Which class answers is settings.VAULT_MASTER_KEY: a file (here), the keeper's socket (keeper/client.py), or PKCS#11
(pkcs11.py). In production web servers and workers ask the keeper, and only the keeper has one of the other two.
"""

from __future__ import annotations

import abc
import contextlib
import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from . import disk, leaving, sealing
from .errors import CannotOpen, VaultError

IDENTITY_BYTES = 8
_CURRENT = "master.key"
_NEXT = "master.next.key"  # while keys are wrapped again by it


class KeyName(NamedTuple):
    """Which key of which municipality is meant. Sealed with it: under another name it does not open."""

    municipality: str
    name: str  # area or login
    identity: bytes  # 8 bytes

    def context(self) -> bytes:
        return sealing.joined("area-key", *self)


class MasterKey(Protocol):
    """What wraps keys. What wrap() returns begins with 8 bytes that name the master key, so that it can be replaced."""

    def make(self, of: KeyName) -> bytes:
        """A new key, wrapped, and not told."""

    def wrap(self, key: bytes, of: KeyName) -> bytes:
        """Seal a key that comes from a back-up."""

    def export(self, wrapped: bytes, of: KeyName, recipients: Sequence[str]) -> bytes:
        """The key, sealed to whoever may restore a back-up (see leaving.py). Raises CannotOpen, OtherRecipients."""

    def derive(self, wrapped: bytes, of: KeyName, purpose: Sequence[str]) -> bytes:
        """32 bytes for one purpose, made from the key, which itself is not told. Raises CannotOpen."""

    def withdraw(self, municipality: str) -> None:
        """Note that a municipality has taken its keys back: none of them is opened any more."""

    def renew(self) -> bytes:
        """Make a new master key, which wraps from now on; the one before still opens. Returns its id (8 bytes).

        Where that has begun already, the same id: it is to be ended first.
        """

    def wrap_again(self, wrapped: bytes, of: KeyName) -> bytes:
        """The same key, wrapped by the newest master key, and not told. Raises CannotOpen."""

    def retire(self, newest: bytes) -> None:
        """Destroy the master key before the newest, whose id is given. Raises CannotOpen when that is not the newest."""


class HeldMasterKey(MasterKey):
    """A master key that this process can use, and so can open keys: the keeper's, or a test's."""

    @abc.abstractmethod
    def unwrap(self, wrapped: bytes, of: KeyName) -> bytes:
        """The key itself. Nobody is told it over the keeper's socket. Raises CannotOpen."""

    def make(self, of: KeyName) -> bytes:
        return self.wrap(sealing.new_key(), of)

    def derive(self, wrapped: bytes, of: KeyName, purpose: Sequence[str]) -> bytes:
        return sealing.derive(self.unwrap(wrapped, of), *purpose)

    def export(self, wrapped: bytes, of: KeyName, recipients: Sequence[str]) -> bytes:
        return leaving.seal(self.unwrap(wrapped, of), of, recipients)

    def wrap_again(self, wrapped: bytes, of: KeyName) -> bytes:
        return self.wrap(self.unwrap(wrapped, of), of)


class FileMasterKey(HeldMasterKey):
    """A file that its owner alone may read (mode 0600), made on first use.

    Args:
        folder: where it is; None: settings.VAULT_DIR.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = Path(settings.VAULT_DIR) if folder is None else folder
        self._read()

    def wrap(self, key: bytes, of: KeyName) -> bytes:
        self._read()
        return self._newest + sealing.seal(self._keys[self._newest], key, of.context())

    def unwrap(self, wrapped: bytes, of: KeyName) -> bytes:
        master, sealed = wrapped[:IDENTITY_BYTES], wrapped[IDENTITY_BYTES:]
        if master not in self._keys:
            self._read()  # another process may have renewed it
        if master not in self._keys:
            raise CannotOpen(f"the key {of.name} of {of.municipality} was wrapped by another master key")
        return sealing.unseal(self._keys[master], sealed, of.context())

    def withdraw(self, municipality: str) -> None:
        """Nothing: the vault itself notes it, and removes what this key could open."""

    def renew(self) -> bytes:
        with contextlib.suppress(FileExistsError):
            disk.write_new(self._folder / _NEXT, sealing.new_key())
        self._read()
        return self._newest

    def retire(self, newest: bytes) -> None:
        self._read()
        if newest != self._newest:
            raise CannotOpen("that is not the newest master key")
        if len(self._keys) > 1:
            # One step: whoever is stopped here has both keys, or the new one alone under its last name.
            os.replace(self._folder / _NEXT, self._folder / _CURRENT)
            disk.sync_folder(self._folder)
            self._read()

    def destroy(self) -> None:
        """Remove it for good: another master key has taken its place."""
        for name in (_NEXT, _CURRENT):
            disk.remove(self._folder / name)

    @staticmethod
    def is_in(folder: Path) -> bool:
        """Whether there is a master key in a folder."""
        return (folder / _CURRENT).exists()

    def _read(self) -> None:
        _make_if_missing(self._folder / _CURRENT)
        keys = [_checked(self._folder / name) for name in (_CURRENT, _NEXT) if (self._folder / name).exists()]
        self._keys = {_identity_of(key): key for key in keys}
        self._newest = list(self._keys)[-1]


class MovedMasterKey(HeldMasterKey):
    """A master key that takes another one's place, such as a hardware module's the file's. Both open; the new one wraps.

    Until `retire`, which destroys the old one, this is a renewal that has begun.
    """

    def __init__(self, old: FileMasterKey, new: HeldMasterKey) -> None:
        self._old: FileMasterKey | None = old
        self._new = new

    def wrap(self, key: bytes, of: KeyName) -> bytes:
        return self._new.wrap(key, of)

    def unwrap(self, wrapped: bytes, of: KeyName) -> bytes:
        try:
            return self._new.unwrap(wrapped, of)
        except CannotOpen:
            if self._old is None:
                raise
            return self._old.unwrap(wrapped, of)

    def withdraw(self, municipality: str) -> None:
        self._new.withdraw(municipality)

    def renew(self) -> bytes:
        if self._old is None:
            return self._new.renew()
        return self._new.wrap(sealing.new_key(), KeyName("", "", b""))[
            :IDENTITY_BYTES
        ]  # what it wraps begins with its id

    def retire(self, newest: bytes) -> None:
        if self._old is None:
            self._new.retire(newest)
            return
        if newest != self.renew():
            raise CannotOpen("that is not the newest master key")
        self._old.destroy()
        self._old = None


def master_key() -> MasterKey:
    """The installation's master key."""
    return _made(settings.VAULT_MASTER_KEY, str(settings.VAULT_DIR))


@cache
def _made(path: str, folder: str) -> MasterKey:
    made: MasterKey = import_string(path)()
    return made


def _identity_of(key: bytes) -> bytes:
    return sealing.derive(key, "identity")[:IDENTITY_BYTES]


def _make_if_missing(path: Path) -> None:
    with contextlib.suppress(FileExistsError):
        if not path.exists():
            disk.make_private_folder(path.parent)
            disk.write_new(path, sealing.new_key())


def _checked(path: Path) -> bytes:
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        raise VaultError(f"{path} may be read by others (mode {mode:o}): chmod 600 it, and consider the key known")
    if path.stat().st_uid != os.geteuid() and os.geteuid() != 0:
        raise VaultError(f"{path} belongs to another user")
    key = path.read_bytes()
    if len(key) != sealing.KEY_BYTES:
        raise VaultError(f"{path} does not hold a key of {sealing.KEY_BYTES} bytes")
    return key
