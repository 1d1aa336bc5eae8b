"""Keys of municipalities and areas: wrapped by the master key, a file each below settings.VAULT_DIR."""

from __future__ import annotations

import contextlib
import hmac
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import NamedTuple, TypeVar

from django.conf import settings

from . import disk, sealing
from .errors import CannotOpen, KeeperAway, KeysWithdrawn, NoKeys
from .leaving import Key
from .master import IDENTITY_BYTES, KeyName, master_key

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
    "sealer",
    "owner",
    "municipality",
    "log",  # signs the heads of the log
    "protection",  # protected addresses, whatever the area
)
_NAMES_OF_COMMONS = ("commons", "application", "owner")
_WITHDRAWN = "withdrawn"
_COMPARISON = "comparison"
# Seconds after which what was derived from a key is asked for again, and after which it is used no longer.
RENEWED_AFTER = 300.0
KEPT_FOR = 900.0
_BETWEEN_TRIES = 5.0  # while the keeper is away
_MOST_KEPT = 16384
_TRIES, _BETWEEN_QUESTIONS = 120, 1.0  # while keys are wrapped again; seconds
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_T = TypeVar("_T")
Report = Callable[[int, int], None]


def create_keys(municipality: str) -> None:
    """Make the keys of a municipality (or of `commons`) that are missing. Raises KeysWithdrawn if it took them back."""
    with _written_by_us_alone():
        _create_missing(municipality)


def _create_missing(municipality: str) -> None:
    folder = _folder_to_write(municipality)
    for name in _names(municipality):
        path = folder / f"{name}.key"
        if not path.exists():
            of = KeyName(municipality, name, os.urandom(IDENTITY_BYTES))
            disk.write_new(path, _content(of, master_key().make(of)))


def _folder_to_write(municipality: str) -> Path:
    folder = _folder(municipality)
    if (folder / _WITHDRAWN).exists():
        raise KeysWithdrawn(municipality=municipality)
    disk.make_private_folder(folder)
    return folder


@contextlib.contextmanager
def _written_by_us_alone() -> Iterator[None]:
    """No key is written or removed by anybody else: none is missed by a change of the master key."""
    root = Path(settings.VAULT_DIR)
    disk.make_private_folder(root)
    with disk.locked(root):
        yield


def has_keys(municipality: str) -> bool:
    """Whether a municipality's keys are here, all of them."""
    return all((_folder(municipality) / f"{name}.key").exists() for name in _names(municipality))


def exported(municipality: str, recipients: Sequence[str]) -> dict[str, bytes]:
    """All keys of a municipality (or of `commons`) by name, each sealed to whoever may restore, and told to nobody here.

    recipients: public keys of age. Those that the keeper was started with: OtherRecipients for any other. NoKeys,
    KeysWithdrawn, KeeperRefuses.
    """
    names = [name for area in _names(municipality) for name in (area, *generations(municipality, area)[:-1])]
    keys = {name: key_of(municipality, name) for name in names}
    return {name: master_key().export(key.wrapped, key.of, recipients) for name, key in keys.items()}


def put_back(municipality: str, keys: Mapping[str, Key]) -> None:
    """Keep the keys of a back-up, wrapped by this installation's master key, where there are none.

    Names that the back-up is older than (`protection` was added later) get new keys: nothing in it was sealed by them.
    Raises CannotOpen when a key that is here is another one, KeeperRefuses, KeysWithdrawn when the municipality took them back.
    """
    with _written_by_us_alone():
        folder = _folder_to_write(municipality)
        missing = [name for name in keys if not (folder / f"{name}.key").exists()]
        for name in keys:
            if name not in missing and not _is_the_same(key_of(municipality, name), keys[name]):
                raise CannotOpen(f"{municipality} has another key {name} here")
        for name in missing:
            of = KeyName(municipality, name, keys[name].identity)
            disk.write_new(folder / f"{name}.key", _content(of, master_key().wrap(keys[name].value, of)))
        _create_missing(municipality)


def withdraw(municipality: str) -> None:
    """Remove a municipality's keys: nothing that they sealed can be read here any more, by any process, at once.

    Can't be undone from here: back-ups of the vault, and any copy that the municipality holds, are its own affair.
    """
    folder = _folder(municipality)
    if not folder.exists():
        raise NoKeys(municipality=municipality)
    disk.write(folder / _WITHDRAWN, datetime.now(UTC).isoformat().encode())
    with _written_by_us_alone():
        for path in folder.glob("*.key"):
            disk.remove(path)
    _forget()
    master_key().withdraw(municipality)  # last: nothing is opened here any more, even if the keeper is away


def replace_master_key(report: Report = lambda done, total: None) -> int:
    """Give the installation a new master key, or go on with what was begun: every key is wrapped again by it, and the
    one before is destroyed. Everybody works on. Returns how many keys were wrapped again.

    Safe to interrupt anywhere and to run again. Raises CannotOpen for a key that is damaged: the others are wrapped again
    then, and the master key before stays. KeeperAway.
    """
    with _written_by_us_alone():
        newest = _patiently(master_key().renew)  # what is written after this is wrapped by it
    files, done = sorted(_key_files()), 0
    for number, file in enumerate(files, 1):
        with _written_by_us_alone(), contextlib.suppress(CannotOpen, FileNotFoundError):  # withdrawn meanwhile
            done += _wrap_again(file, newest)
        report(number, len(files))
    with _written_by_us_alone():
        done += sum(_wrap_again(file, newest) for file in _key_files())
        _patiently(partial(master_key().retire, newest))
    _forget()
    return done


def _key_files() -> list[Path]:
    return list(Path(settings.VAULT_DIR).glob("*/*.key"))


def _wrap_again(file: Path, newest: bytes) -> int:
    """One key's file: 1 if it was wrapped by another master key than the newest."""
    key = _parsed(file.read_bytes(), file.parent.name, file.stem)
    if key.wrapped[:IDENTITY_BYTES] == newest:
        return 0
    try:
        again = _patiently(partial(master_key().wrap_again, key.wrapped, key.of))
    except KeysWithdrawn:  # a copy that somebody put back: it opens for nobody, and need not
        return 0
    disk.write(file, _content(key.of, again))
    return 1


def _patiently(ask: Callable[[], _T]) -> _T:
    """Asked too often, or not running for a moment: the keeper is asked again."""
    for _ in range(_TRIES):
        with contextlib.suppress(KeeperAway):
            return ask()
        time.sleep(_BETWEEN_QUESTIONS)
    return ask()


def secret(municipality: str, login_or_area: str, purpose: str) -> bytes:
    """32 bytes for one purpose, the same each time, from the key of a login or area. Raises NoKeys, KeysWithdrawn."""
    return derived(key_of(municipality, login_or_area), purpose)


class WrappedKey(NamedTuple):
    """A key as it lies on the disk: which one it is, and what only the master key opens."""

    of: KeyName
    wrapped: bytes

    @property
    def identity(self) -> bytes:
        return self.of.identity


class _Granted(NamedTuple):
    value: bytes
    renew_at: float
    until: float


_granted: dict[tuple[WrappedKey, tuple[str, ...]], _Granted] = {}


def key_of(municipality: str, name: str) -> WrappedKey:
    """The key of an area or login. Raises NoKeys, KeysWithdrawn."""
    path = _path(municipality, name)
    try:
        written = os.stat(path).st_mtime_ns  # 1 µs: so a withdrawn key is forgotten by every process at once
    except FileNotFoundError:
        withdrawn = (_folder(municipality) / _WITHDRAWN).exists()
        raise (KeysWithdrawn if withdrawn else NoKeys)(municipality=municipality) from None
    return _read(path, municipality, name, written)


def generations(municipality: str, area: str) -> tuple[str, ...]:
    """Names of an area's keys that wrap the keys of cases, the one that wraps new ones first: `care.2`, `care.1`, `care`.

    The last is the area's first key, from which passwords and indexes are derived as well: it always stays.
    """
    folder = str(_folder(municipality))
    try:
        changed = os.stat(folder).st_mtime_ns  # 1 µs: a new key is known to every process at once
    except FileNotFoundError:
        return (area,)
    return _generations(folder, area, changed)


@lru_cache(maxsize=4096)
def _generations(folder: str, area: str, changed: int) -> tuple[str, ...]:
    later = sorted((int(path.name.split(".")[1]) for path in Path(folder).glob(f"{area}.*.key")), reverse=True)
    return (*(f"{area}.{number}" for number in later), area)


def add_generation(municipality: str, area: str) -> str:
    """Make a new key for an area, which from now on wraps the keys of new cases. Returns its name.

    Raises NoKeys, KeysWithdrawn.
    """
    key_of(municipality, area)
    with _written_by_us_alone():
        newest, _, number = generations(municipality, area)[0].partition(".")
        name = f"{newest}.{int(number or 0) + 1}"
        of = KeyName(municipality, name, os.urandom(IDENTITY_BYTES))
        disk.write_new(_folder(municipality) / f"{name}.key", _content(of, master_key().make(of)))
    _forget()
    return name


def remove_generation(municipality: str, name: str) -> None:
    """Destroy a key that wraps nothing any more. An area's first key can't be: ValueError."""
    if "." not in name:
        raise ValueError(f"{name} is more than a key of cases")
    with _written_by_us_alone():
        disk.remove(Path(_path(municipality, name)))
    _forget()


def made_at(municipality: str, name: str) -> datetime:
    """When a key was written to the disk of this machine."""
    return datetime.fromtimestamp(os.stat(_path(municipality, name)).st_mtime, UTC)


def derived(key: WrappedKey, *purpose: str) -> bytes:
    """32 bytes for one purpose, the same each time.

    Kept for RENEWED_AFTER seconds; while the keeper is away for KEPT_FOR at most. Raises CannotOpen, KeysWithdrawn,
    KeeperAway.
    """
    kept, now = _granted.get((key, purpose)), time.monotonic()
    if kept is not None and now < kept.renew_at:
        return kept.value
    if kept is not None and now < kept.until:
        # One thread asks; the others go on with what they have.
        _granted[key, purpose] = kept._replace(renew_at=min(now + _BETWEEN_TRIES, kept.until))
    try:
        value = _derive(key, purpose)
    except KeeperAway:
        if kept is None or now >= kept.until:
            raise
        return kept.value
    except BaseException:
        _granted.pop((key, purpose), None)
        raise
    if len(_granted) >= _MOST_KEPT or now > _next_sweep[0]:
        _sweep(now)
    _granted[key, purpose] = _Granted(value, now + RENEWED_AFTER, now + KEPT_FOR)
    return value


def _derive(key: WrappedKey, purpose: tuple[str, ...]) -> bytes:
    try:
        return master_key().derive(key.wrapped, key.of, purpose)
    except CannotOpen:
        # It was read before, and asked for after, the end of a change of the master key: it lies there wrapped anew.
        now = key_of(key.of.municipality, key.of.name)
        if now == key:
            raise
        return master_key().derive(now.wrapped, now.of, purpose)


_next_sweep = [0.0]


def _sweep(now: float) -> None:
    """Let no key stay in memory after its time, used or not."""
    _next_sweep[0] = now + 60
    for asked, kept in list(_granted.items()):
        if now >= kept.until or len(_granted) >= _MOST_KEPT:
            _granted.pop(asked, None)


def _forget() -> None:
    _read.cache_clear()
    _generations.cache_clear()
    _granted.clear()


@lru_cache(maxsize=4096)
def _read(path: str, municipality: str, name: str, written: int) -> WrappedKey:
    return _parsed(Path(path).read_bytes(), municipality, name)


def _parsed(content: bytes, municipality: str, name: str) -> WrappedKey:
    master, identity, sealed = content[:8], content[8:16], content[16:]
    return WrappedKey(KeyName(municipality, name, identity), master + sealed)


def _content(of: KeyName, wrapped: bytes) -> bytes:
    """What lies on the disk: id of the master key | id of the key | sealed key."""
    return wrapped[:IDENTITY_BYTES] + of.identity + wrapped[IDENTITY_BYTES:]


def _is_the_same(here: WrappedKey, key: Key) -> bool:
    """Whether a key of a back-up is the one here, which is not told: both are asked for something that opens nothing."""
    return here.identity == key.identity and hmac.compare_digest(
        master_key().derive(here.wrapped, here.of, [_COMPARISON]), sealing.derive(key.value, _COMPARISON)
    )


@lru_cache(maxsize=4096)
def _path_below(root: str, municipality: str, name: str) -> str:
    area, _, generation = name.partition(".")
    if area not in _names(municipality) or not (generation.isdecimal() or name == area):
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
