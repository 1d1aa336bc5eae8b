"""Keys of municipalities and areas: wrapped by the master key, a file each below settings.VAULT_DIR."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from . import disk, sealing
from .errors import CannotOpen, KeysWithdrawn, NoKeys
from .master import master_key

COMMONS = "commons"
# Service areas and logins of a municipality's database, and the municipality as such. (Rooms on one row do not
# import each other, so tenancy's names are repeated here; a test over the whole holds them together.)
NAMES = (
    "ordinary",
    "child-welfare",
    "social-services",
    "care",
    "educational-psychology",
    "resident",
    "administration",
    "owner",
    "municipality",
    "protection",  # protected addresses, whatever the area
)
_NAMES_OF_COMMONS = ("commons", "application", "owner")
_WITHDRAWN = "withdrawn"
_ID_BYTES = 8
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


class Key(NamedTuple):
    """A key in the clear, and the id by which wrapped blobs name it."""

    identity: bytes  # 8 bytes
    value: bytes  # 32 bytes


def create_keys(municipality: str) -> None:
    """Make the keys of a municipality (or of `commons`) that are missing. Raises KeysWithdrawn if it took them back."""
    folder = _folder(municipality)
    if (folder / _WITHDRAWN).exists():
        raise KeysWithdrawn(municipality=municipality)
    disk.make_private_folder(folder)
    for name in _names(municipality):
        path = folder / f"{name}.key"
        if path.exists():
            continue
        identity = os.urandom(_ID_BYTES)
        wrapped = master_key().wrap(sealing.new_key(), _context(municipality, name, identity))
        with contextlib.suppress(FileExistsError):  # another process was first: its key is the key
            disk.write_new(path, master_key().identity + identity + wrapped)


def has_keys(municipality: str) -> bool:
    """Whether a municipality's keys are here, all of them."""
    return all((_folder(municipality) / f"{name}.key").exists() for name in _names(municipality))


def taken_out(municipality: str) -> dict[str, Key]:
    """All keys of a municipality (or of `commons`), in the clear: to be sealed to a back-up's recipient at once.

    Raises NoKeys, KeysWithdrawn.
    """
    return {name: key_of(municipality, name) for name in _names(municipality)}


def put_back(municipality: str, keys: Mapping[str, Key]) -> None:
    """Keep the keys of a back-up, wrapped by this installation's master key, where there are none.

    Raises CannotOpen when a key that is here is another one, KeysWithdrawn when the municipality took them back.
    """
    folder = _folder(municipality)
    if (folder / _WITHDRAWN).exists():
        raise KeysWithdrawn(municipality=municipality)
    disk.make_private_folder(folder)
    missing = [name for name in _names(municipality) if not (folder / f"{name}.key").exists()]
    for name in _names(municipality):
        if name not in missing and key_of(municipality, name) != keys[name]:
            raise CannotOpen(f"{municipality} has another key {name} here")
    for name in missing:
        wrapped = master_key().wrap(keys[name].value, _context(municipality, name, keys[name].identity))
        disk.write_new(folder / f"{name}.key", master_key().identity + keys[name].identity + wrapped)


def withdraw(municipality: str) -> None:
    """Remove a municipality's keys: nothing that they sealed can be read here any more, by any process, at once.

    Can't be undone from here: back-ups of the vault, and any copy that the municipality holds, are its own affair.
    """
    folder = _folder(municipality)
    if not folder.exists():
        raise NoKeys(municipality=municipality)
    disk.write(folder / _WITHDRAWN, datetime.now(UTC).isoformat().encode())
    for path in folder.glob("*.key"):
        disk.remove(path)
    _opened.cache_clear()


def secret(municipality: str, login_or_area: str, purpose: str) -> bytes:
    """32 bytes for one purpose, the same each time, from the key of a login or area. Raises NoKeys, KeysWithdrawn."""
    return _derived(key_of(municipality, login_or_area), purpose)


def key_of(municipality: str, name: str) -> Key:
    """The key of an area or login. Raises NoKeys, KeysWithdrawn."""
    path = _path(municipality, name)
    try:
        written = os.stat(path).st_mtime_ns  # 1 µs: so a withdrawn key is forgotten by every process at once
    except FileNotFoundError:
        withdrawn = (_folder(municipality) / _WITHDRAWN).exists()
        raise (KeysWithdrawn if withdrawn else NoKeys)(municipality=municipality) from None
    return _opened(path, municipality, name, written)


@lru_cache(maxsize=4096)
def _opened(path: str, municipality: str, name: str, written: int) -> Key:
    content = Path(path).read_bytes()
    master, identity, wrapped = content[:8], content[8:16], content[16:]
    if master != master_key().identity:
        raise CannotOpen(f"the key {name} of {municipality} was wrapped by another master key")
    return Key(identity, master_key().unwrap(wrapped, _context(municipality, name, identity)))


@lru_cache(maxsize=16384)
def _derived(key: Key, *purpose: str) -> bytes:
    return sealing.derive(key.value, *purpose)


@lru_cache(maxsize=4096)
def _path_below(root: str, municipality: str, name: str) -> str:
    if name not in _names(municipality):
        raise ValueError(f"not an area or login: {name!r}")
    return str(_folder(municipality) / f"{name}.key")


def _path(municipality: str, name: str) -> str:
    return _path_below(str(settings.VAULT_DIR), municipality, name)


def _folder(municipality: str) -> Path:
    if not _NAME.fullmatch(municipality):
        raise ValueError(f"not a municipality's id: {municipality!r}")
    return Path(settings.VAULT_DIR) / municipality


def _names(municipality: str) -> tuple[str, ...]:
    return _NAMES_OF_COMMONS if municipality == COMMONS else NAMES


def _context(municipality: str, name: str, identity: bytes) -> bytes:
    return sealing.joined("area-key", municipality, name, identity)
