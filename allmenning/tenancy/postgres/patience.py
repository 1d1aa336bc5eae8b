"""A connection that does not wait for ever: a server that is frozen, or a network that is cut, answers nothing at all."""

from __future__ import annotations

from typing import Any

import psycopg
from django.conf import settings
from psycopg.errors import OperationalError, _WaitTimeout


class PatientConnection(psycopg.Connection[Any]):
    """Gives up on a server that has not answered for settings.DATABASE_PATIENCE_SECONDS, and is closed then.

    The server's own time limits (`statement_timeout`) are of no use where it is the server that has stopped. Whether
    what was asked for was done is not known: whoever asks again must be able to do so without harm.
    """

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        patience = settings.DATABASE_PATIENCE_SECONDS if timeout is None else timeout
        try:
            return super().wait(gen, interval, patience)
        except _WaitTimeout:
            if timeout is not None:
                raise  # psycopg itself asked for it
            self.close()
            raise OperationalError(f"the database has not answered for {patience} seconds") from None
