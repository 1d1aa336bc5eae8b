"""Which municipality, as which login, the work at hand is done for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple
from uuid import UUID

from .errors import NoMunicipalityChosen, WrongMunicipality

AREAS = ("ordinary", "child-welfare", "social-services", "care", "educational-psychology")
LOGINS = (*AREAS, "resident", "administration")
# Reads the log's rows and adds seals and heads, and nothing else; never used by a request.
SEALER = "sealer"
# Owns the tables and migrates them; never used by a request.
OWNER = "owner"
EVERY_LOGIN = (*LOGINS, SEALER, OWNER)

_MUNICIPALITY = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_SCOPE = re.compile(r"[a-z-]+(?:/[a-z0-9_-]+)?")
_KEY_BYTES = 32


class Behalf(NamedTuple):
    """On whose authority somebody acts for a resident whose key they were given, and how far it goes.

    scope: areas (`ordinary`) and services of areas (`ordinary/inquiry`); the database shows nothing outside it.
    parent: the index of a parent (`people.representing.parent_index`), to whom the database shows nothing that another
    parent began; empty for anybody else.
    """

    representation: UUID
    kind: str
    scope: tuple[str, ...]
    parent: bytes = b""


class Acting(NamedTuple):
    """A municipality's id, one of its logins and, for the login `resident`, the keys of whom it acts for."""

    municipality: str
    login: str
    keys: tuple[bytes, ...] = ()
    behalf: Behalf | None = None

    @property
    def shown(self) -> tuple[str, ...]:
        """What the database is shown: the keys, and of one who acts for somebody else the scope, and which parent it is."""
        keys = tuple(key.hex() for key in self.keys)
        if self.behalf is None:
            return keys
        parent = (f"parent={self.behalf.parent.hex()}",) if self.behalf.parent else ()
        return (*keys, "scope=", *(f"scope={each}" for each in self.behalf.scope), *parent)

    @property
    def parent(self) -> bytes | None:
        """The mark of what is begun now, where a parent begins it for a child."""
        return self.behalf.parent or None if self.behalf else None

    @property
    def alias(self) -> str:
        """Name of the Django connection. Ids hold no underscore, so the parts can be told from each other."""
        return f"m_{self.municipality}_{self.login}"

    @property
    def area(self) -> str:
        """The service area that the login works in. Raises NoMunicipalityChosen for a login that has none."""
        if self.login not in AREAS:
            raise NoMunicipalityChosen(f"the login {self.login} works in no service area")
        return self.login


_acting: ContextVar[Acting | None] = ContextVar("allmenning_acting", default=None)


def acting() -> Acting | None:
    """Whom the work at hand is done for; None when no municipality is chosen."""
    return _acting.get()


def current() -> Acting:
    """Whom the work at hand is done for. Raises NoMunicipalityChosen."""
    chosen = _acting.get()
    if chosen is None:
        raise NoMunicipalityChosen()
    return chosen


@contextmanager
def use(
    municipality: str, login: str, *, keys: tuple[bytes, ...] = (), behalf: Behalf | None = None
) -> Iterator[Acting]:
    """Do the work inside for one municipality, connected to its database as one of its logins.

    keys: 32-byte keys (vault.resident_key). For the login `resident`, of the person or organisation acted for: the
    database shows only their rows. For an area's login, of the member of staff: the database shows only their drafts.
    behalf: the keys are another resident's, for whom somebody acts: the database shows what is in its scope alone.
    Raises ValueError for a name that can't be, WrongMunicipality inside an open transaction of another connection.
    """
    chosen = _checked(municipality, login, tuple(keys), behalf)
    outer = _acting.get()
    if outer is not None and outer != chosen:
        _refuse_open_transaction(outer, chosen)
    token = _acting.set(chosen)
    try:
        yield chosen
    finally:
        _acting.reset(token)


def alias_parts(alias: str) -> tuple[str, str] | None:
    """(municipality, login) that a connection's alias stands for; None when it is no municipality's."""
    prefix, _, rest = alias.partition("_")
    municipality, _, login = rest.partition("_")
    if prefix != "m" or login not in EVERY_LOGIN or not _MUNICIPALITY.fullmatch(municipality):
        return None
    return municipality, login


def _checked(municipality: str, login: str, keys: tuple[bytes, ...], behalf: Behalf | None) -> Acting:
    if not isinstance(municipality, str) or not _MUNICIPALITY.fullmatch(municipality):
        raise ValueError(f"not a municipality's id: {municipality!r}")
    if login not in EVERY_LOGIN:
        raise ValueError(f"not a login of a municipality's database: {login!r}")
    if keys and login not in ("resident", *AREAS):
        raise ValueError(f"the login {login} takes no keys")
    if any(not isinstance(key, bytes) or len(key) != _KEY_BYTES for key in keys):
        raise ValueError(f"a resident's key is {_KEY_BYTES} bytes")
    if behalf is not None and (login != "resident" or not all(_SCOPE.fullmatch(each) for each in behalf.scope)):
        raise ValueError("only the login resident acts on behalf of somebody, within areas and services")
    if behalf is not None and behalf.parent and len(behalf.parent) != _KEY_BYTES:
        raise ValueError(f"a parent's index is {_KEY_BYTES} bytes")
    return Acting(municipality, login, keys, behalf)


def _refuse_open_transaction(outer: Acting, chosen: Acting) -> None:
    from django.db import connections  # Django may not be set up when this module is imported

    # What is about to be written inside would not be guarded by the transaction that is open outside.
    if any(not getattr(block, "_from_testcase", False) for block in connections[outer.alias].atomic_blocks):
        raise WrongMunicipality(
            f"a transaction of {outer.alias} is open: leave atomic() before choosing {chosen.alias}"
        )
