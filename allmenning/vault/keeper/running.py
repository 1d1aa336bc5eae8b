"""`allmenning keeper`: from its command line to a keeper that answers."""

from __future__ import annotations

import grp
import logging
import os
import pwd
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .. import disk, leaving
from ..master import FileMasterKey, MasterKey, MovedMasterKey
from .policy import Callers, Limits, Rates
from .server import CannotKeep, Keeper, serve

if TYPE_CHECKING:
    from ..pkcs11 import Token


def run(
    home: Path,
    socket: Path,
    users: Sequence[str],
    workers: Sequence[str],
    operators: Sequence[str],
    restorers: Sequence[str] = (),
    recipients: Sequence[str] = (),
    group: str | None = None,
    rates: Rates | None = None,
    token: Token | None = None,
) -> None:
    """Answer until asked to stop. Raises CannotKeep, VaultError.

    Args:
        home: the keeper's own folder: master key, grants' log, who has withdrawn.
        users: names or numbers of the users that web servers run as.
        workers: of those that workers run as.
        operators: of those who set up municipalities, back up, and withdraw keys.
        restorers: of those who put keys back from a back-up; nobody, but for as long as that lasts.
        recipients: public keys of age, to which keys are sealed for a back-up; none: none leaves.
        group: whose members may connect at all; None: everybody, to be refused by the lists above.
        token: the hardware module that has the master key; None: the file `master.key` in `home`. With both, what the file
            wrapped is opened still, until `allmenning keys rotate-master` has wrapped it by the module's.
    """
    logging.basicConfig(level=logging.INFO, format="{asctime} {levelname} {name} {message}", style="{")
    disk.make_private_folder(home)
    _check_private(home)
    callers = Callers(*(frozenset(map(_uid, some)) for some in (users, workers, operators, restorers)))
    if callers == Callers():
        raise CannotKeep(why="nobody may ask it: give --user, --worker and --operator")
    keeper = Keeper(home, _master(home, token), callers, Limits(rates or Rates()), _recipients(recipients))
    serve(keeper, socket, None if group is None else _gid(group))


def _recipients(given: Sequence[str]) -> frozenset[str]:
    try:
        return frozenset(str(leaving.recipient(each)) for each in given)
    except ValueError as error:
        raise CannotKeep(why=str(error)) from None


def _master(home: Path, token: Token | None) -> MasterKey:
    if token is None:
        return FileMasterKey(home)
    from ..pkcs11 import Pkcs11MasterKey  # whose library most keepers do without

    module = Pkcs11MasterKey(token)
    return MovedMasterKey(FileMasterKey(home), module) if FileMasterKey.is_in(home) else module


def _check_private(home: Path) -> None:
    found = home.stat()
    if found.st_uid != os.geteuid():
        raise CannotKeep(why=f"{home} belongs to another user")
    if found.st_mode & 0o077:
        raise CannotKeep(why=f"others may enter {home}: chmod 700 it, and consider the master key known")


def _uid(user: str) -> int:
    if user.isdecimal():
        return int(user)
    try:
        return pwd.getpwnam(user).pw_uid
    except KeyError:
        raise CannotKeep(why=f"there is no user {user}") from None


def _gid(group: str) -> int:
    if group.isdecimal():
        return int(group)
    try:
        return grp.getgrnam(group).gr_gid
    except KeyError:
        raise CannotKeep(why=f"there is no group {group}") from None
