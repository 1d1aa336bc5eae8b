"""Django's PostgreSQL backend, over the process's one pool, showing the database the keys of whom is acted for."""

from __future__ import annotations

from typing import Any

import psycopg
from django.db.backends.postgresql import base
from django.db.backends.postgresql.psycopg_any import IsolationLevel
from django.utils.asyncio import async_unsafe
from psycopg.pq import TransactionStatus

from .. import placement
from ..context import OWNER, acting, alias_parts
from ..errors import WrongMunicipality
from ..pool import pool
from ..routing import COMMONS_OWNER
from .patience import PatientConnection

_OPTIONS = {
    "application_name": "allmenning",
    "server_side_binding": True,
    "prepare_threshold": 2,
    "connect_timeout": 5,
    # At the start of the connection, so that no statement is spent on it and DISCARD ALL keeps it.
    "options": "-c TimeZone=UTC",
}
_SHOW_KEYS = "select set_config('allmenning.resident', %s, false)"
_HIDE_KEYS = "reset allmenning.resident"


class OneStatement(base.ServerBindingCursor):
    """Sends one statement at a time: after a semicolon there is nothing, whatever was slipped into the text.

    psycopg sends a statement without parameters by a protocol that takes several; EXPLAIN, COPY or DO could follow it.
    """

    def _execute_send(self, query: Any, *, force_extended: bool = False, binary: bool | None = None) -> None:
        super()._execute_send(query, force_extended=True, binary=binary)  # type: ignore[misc]


class DatabaseWrapper(base.DatabaseWrapper):
    """One alias: one login of one municipality's database (or of the commons)."""

    def __init__(self, settings_dict: dict[str, Any], alias: str = "default") -> None:
        settings_dict = {**settings_dict, "NAME": settings_dict["NAME"] or "placed"}
        settings_dict["OPTIONS"] = {**_OPTIONS, **settings_dict["OPTIONS"]}
        municipality, login = alias_parts(alias) or ("", "")
        self._is_municipal = bool(municipality)
        self._is_residents = login == "resident"
        # A migration's statement may take as long as it needs, and be many.
        self._is_owners = login == OWNER or alias == COMMONS_OWNER
        if self._is_residents:
            # They would not outlive the DISCARD ALL that parts two residents, and psycopg would not notice.
            settings_dict["OPTIONS"]["prepare_threshold"] = None
        super().__init__(settings_dict, alias)

    # --- connections come from the process's pool and go back there ---

    @property
    def pool(self) -> None:
        return None

    def close_pool(self) -> None:
        pool().close(lambda key: key[0] == self.alias)  # type: ignore[index]

    def get_connection_params(self) -> dict[str, Any]:
        # Asked for at each request: the password and the rest are worked out only when a connection is opened.
        return {}

    @async_unsafe
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        self.isolation_level = IsolationLevel.READ_COMMITTED
        placed = placement.target(self.alias)
        # A municipality that was moved has another key, so nobody is given a connection to where it was.
        connection = pool().take((self.alias, placed), lambda: self._open(placed))
        connection.key = (self.alias, placed)
        connection.autocommit = True  # whoever had it may have left it inside a transaction that never began
        return connection

    def _open(self, placed: placement.Placement) -> Any:
        parameters = super().get_connection_params() | placement.connection_parameters(self.alias, placed)
        if not self._is_owners:
            parameters["cursor_factory"] = OneStatement
        kind: Any = self.Database if self._is_owners else PatientConnection
        connection = kind.connect(**parameters, autocommit=True)
        connection.shown_keys = ()
        return connection

    def _close(self) -> None:
        if self.connection is None:
            return
        connection, self.connection = self.connection, None
        with self.wrap_database_errors:
            if self._is_residents:
                _wipe(connection, "discard all")
            elif connection.shown_keys:
                _wipe(connection, _HIDE_KEYS)
            pool().give_back(connection.key, connection)

    # --- whose rows the database shows ---

    def ensure_connection(self) -> None:
        super().ensure_connection()
        if self._is_municipal:
            self._show_keys()

    def _show_keys(self) -> None:
        chosen = acting()
        shown = chosen.shown if chosen is not None and chosen.alias == self.alias else ()
        connection = self.connection
        if connection is None or connection.shown_keys == shown:
            return
        if not connection.autocommit or connection.info.transaction_status != TransactionStatus.IDLE:
            # A rollback would undo the setting, and one transaction must not serve two people.
            raise WrongMunicipality("a transaction for somebody else is open")
        with self.wrap_database_errors:
            connection.execute(_SHOW_KEYS, [",".join(shown)])
        connection.shown_keys = shown


def _wipe(connection: Any, how: str) -> None:
    """Leave nothing of one person to the next: the keys, and for residents every setting, cursor and statement too."""
    if connection.closed or connection.info.transaction_status != TransactionStatus.IDLE:
        return  # the pool closes it
    try:
        connection.autocommit = True
        connection.execute(how, prepare=False)
        connection.shown_keys = ()
    except psycopg.Error:
        connection.close()
