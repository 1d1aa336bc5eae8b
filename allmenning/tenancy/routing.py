"""Which database a model lives in, and how `default` becomes the chosen municipality's."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections, models, utils

from .context import acting, alias_parts, current
from .errors import WrongMunicipality

COMMONS = "commons"
COMMONS_OWNER = "commons_owner"
_POSTGRES = "allmenning.tenancy.postgres"
_lock = threading.Lock()
_commons: ContextVar[str] = ContextVar("allmenning_commons", default=COMMONS)


def is_municipal(module: str) -> bool:
    """Whether models of a Python module live in each municipality's database: its folder says so."""
    return any(module == room or module.startswith(room + ".") for room in settings.MUNICIPAL_ROOMS)


class Connections(utils.ConnectionHandler):
    """Django's connections, where `m_<municipality>_<login>` is made on first use and `default` is the chosen one.

    `default` has to be the municipality's: a bare atomic() then guards the database that is written to.
    """

    def __getitem__(self, alias: str) -> Any:
        if alias == DEFAULT_DB_ALIAS and (chosen := acting()) is not None:
            alias = chosen.alias
        if alias not in self.settings and (alias == COMMONS_OWNER or alias_parts(alias)):
            self._add(alias)
        return super().__getitem__(alias)

    def _add(self, alias: str) -> None:
        # Where the database is, and as whom, the backend asks when it connects; here is nothing to go stale.
        new = self.configure_settings({DEFAULT_DB_ALIAS: {}, alias: {"ENGINE": _POSTGRES}})[alias]
        with _lock:
            # A new dictionary, since other threads may be walking the old one.
            self.__dict__["settings"] = {**self.settings, alias: new}

    def all(self, initialized_only: bool = False) -> Any:
        if not initialized_only:
            return super().all()
        # Django asks three times a request. Only this thread's own, not the hundreds that the process may know.
        held = dict(vars(self._connections._storage))  # type: ignore[attr-defined]
        # Where an event loop runs in the thread (a browser test's does), asgiref keeps them one level further in.
        inside = held.pop("cvar", None)
        return [*held.values(), *(inside._storage().data.values() if inside is not None else ())]


def forget_in_this_thread(most: int = 8) -> None:
    """Drop what Django holds for each alias that this thread has met, where that is more than `most`.

    A server's threads are many, and so are aliases: together they would be a hundred thousand. Between two requests, when
    every connection has gone back to the pool; what is dropped is made anew when it is asked for (10 µs).
    """
    met = connections.all(initialized_only=True)
    if len(met) > most:
        for connection in met:
            connection.close()
            del connections[connection.alias]


def install() -> None:
    """Let Django's connections know the municipalities' aliases. May be called again."""
    connections.__class__ = Connections


class Router:
    """A model under `allmenning.municipal` lives in the chosen municipality's database, all others in the commons."""

    def _database(self, model: type[models.Model], instance: models.Model | None = None, **hints: Any) -> str:
        # By label, since a migration's historical models have no module of their own.
        if model._meta.app_label not in municipal_labels():
            return _commons.get()
        alias = current().alias
        found_in = None if instance is None else instance._state.db
        if found_in not in (None, alias) and not _same_municipality(found_in, alias):
            raise WrongMunicipality(f"{model.__name__} of {found_in} used while {alias} is chosen")
        return alias

    db_for_read = db_for_write = _database

    def allow_relation(self, one: models.Model, other: models.Model, **hints: Any) -> bool:
        first, second = one._state.db, other._state.db
        return first is None or second is None or first == second or _same_municipality(first, second)

    def allow_migrate(self, db: str, app_label: str, model_name: str | None = None, **hints: Any) -> bool:
        if db == DEFAULT_DB_ALIAS:
            return False
        municipal = app_label in municipal_labels()
        return municipal == (alias_parts(db) is not None)


def _same_municipality(one: str, other: str) -> bool:
    """Two logins of one municipality reach the same rows, as far as the walls let each of them."""
    first, second = alias_parts(one), alias_parts(other)
    return first is not None and second is not None and first[0] == second[0]


@cache
def municipal_labels() -> frozenset[str]:
    """Labels of the Django apps whose models live in each municipality's database."""
    from django.apps import apps

    return frozenset(config.label for config in apps.get_app_configs() if is_municipal(config.name))


@contextmanager
def owning_commons() -> Iterator[str]:
    """Reach the commons as the login that owns its tables. For migrations alone."""
    token = _commons.set(COMMONS_OWNER)
    try:
        yield COMMONS_OWNER
    finally:
        _commons.reset(token)
