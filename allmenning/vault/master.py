"""The master key, which wraps the keys of municipalities and areas and does nothing else.

Which class answers is settings.VAULT_MASTER_KEY: a file (here), the keeper's socket (keeper/client.py), or PKCS#11
(pkcs11.py). In production web servers and workers ask the keeper, and only the keeper has one of the other two.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from . import disk, sealing
from .errors import CannotOpen, VaultError

IDENTITY_BYTES = 8
_CURRENT = "master.key"


class KeyName(NamedTuple):
    """Which key of which municipality is meant. Sealed with it: under another name it does not open."""

    municipality: str
    name: str  # area or login
    identity: bytes  # 8 bytes

    def context(self) -> bytes:
        return sealing.joined("area-key", *self)


class MasterKey(Protocol):
    """What wraps keys. What wrap() returns begins with 8 bytes that name the master key, so that it can be replaced."""

    def wrap(self, key: bytes, of: KeyName) -> bytes:
        """Seal a key."""

    def unwrap(self, wrapped: bytes, of: KeyName) -> bytes:
        """The key itself: for back-ups and for comparing. Raises CannotOpen."""

    def derive(self, wrapped: bytes, of: KeyName, purpose: Sequence[str]) -> bytes:
        """32 bytes for one purpose, made from the key, which itself is not told. Raises CannotOpen."""

    def withdraw(self, municipality: str) -> None:
        """Note that a municipality has taken its keys back: none of them is opened any more."""


class FileMasterKey:
    """A file that its owner alone may read (mode 0600), made on first use.

    Args:
        folder: where it is; None: settings.VAULT_DIR.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = Path(settings.VAULT_DIR) if folder is None else folder
        self._key = _read_or_make(self._folder / _CURRENT)
        self._identity = _identity_of(self._key)

    def wrap(self, key: bytes, of: KeyName) -> bytes:
        return self._identity + sealing.seal(self._key, key, of.context())

    def unwrap(self, wrapped: bytes, of: KeyName) -> bytes:
        master, sealed = wrapped[:IDENTITY_BYTES], wrapped[IDENTITY_BYTES:]
        if master != self._identity:
            raise CannotOpen(f"the key {of.name} of {of.municipality} was wrapped by another master key")
        return sealing.unseal(self._key, sealed, of.context())

    def derive(self, wrapped: bytes, of: KeyName, purpose: Sequence[str]) -> bytes:
        return sealing.derive(self.unwrap(wrapped, of), *purpose)

    def withdraw(self, municipality: str) -> None:
        """Nothing: the vault itself notes it, and removes what this key could open."""


def master_key() -> MasterKey:
    """The installation's master key."""
    return _made(settings.VAULT_MASTER_KEY, str(settings.VAULT_DIR))


@cache
def _made(path: str, folder: str) -> MasterKey:
    made: MasterKey = import_string(path)()
    return made


def _identity_of(key: bytes) -> bytes:
    return sealing.derive(key, "identity")[:IDENTITY_BYTES]


def _read_or_make(path: Path) -> bytes:
    with contextlib.suppress(FileExistsError):
        if not path.exists():
            disk.make_private_folder(path.parent)
            disk.write_new(path, sealing.new_key())
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        raise VaultError(f"{path} may be read by others (mode {mode:o}): chmod 600 it, and consider the key known")
    if path.stat().st_uid != os.geteuid() and os.geteuid() != 0:
        raise VaultError(f"{path} belongs to another user")
    key = path.read_bytes()
    if len(key) != sealing.KEY_BYTES:
        raise VaultError(f"{path} does not hold a key of {sealing.KEY_BYTES} bytes")
    return key
