"""The master key, which wraps the keys of municipalities and areas and does nothing else.

A file here; PKCS#11, a cloud's key service or the keeper's socket by another class in settings.VAULT_MASTER_KEY.
"""

from __future__ import annotations

import contextlib
import os
from functools import cache
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from . import disk, sealing
from .errors import VaultError


class MasterKey(Protocol):
    """What wraps keys. `identity` goes with each wrapped key, so that a master key can be replaced."""

    identity: bytes  # 8 bytes

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """Seal a key for a context."""

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """Open what wrap() returned. Raises CannotOpen."""


class FileMasterKey:
    """A file that its owner alone may read (mode 0600), made on first use."""

    def __init__(self) -> None:
        self._key = _read_or_make(Path(settings.VAULT_DIR) / "master.key")
        self.identity = sealing.derive(self._key, "identity")[:8]

    def wrap(self, key: bytes, context: bytes) -> bytes:
        return sealing.seal(self._key, key, context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        return sealing.unseal(self._key, wrapped, context)


def master_key() -> MasterKey:
    """The installation's master key."""
    return _made(settings.VAULT_MASTER_KEY, str(settings.VAULT_DIR))


@cache
def _made(path: str, folder: str) -> MasterKey:
    return import_string(path)()


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
