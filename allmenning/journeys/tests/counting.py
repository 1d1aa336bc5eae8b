"""Counting the SQL statements of a journey, on every connection that it uses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import Mock, patch
from uuid import UUID

from django.db.backends.utils import CursorWrapper

from allmenning.basics import memory
from allmenning.commons.identity import sessions

NOBODYS = UUID(int=0)  # session


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements sent inside, in order. Beginning, committing and savepoints do not go through a cursor's text.

    Which sessions were ended is asked by the clock, twice a minute, and never inside; and nothing that is remembered grows
    old inside: a slow machine would count it.
    """
    sessions.is_revoked(NOBODYS)
    sent: list[str] = []
    execute, many = CursorWrapper.execute, CursorWrapper.executemany

    def noted(self, sql, params=None):  # type: ignore[no-untyped-def]
        sent.append(str(sql))
        return execute(self, sql, params)

    def noted_many(self, sql, param_list):  # type: ignore[no-untyped-def]
        sent.append(str(sql))
        return many(self, sql, param_list)

    with (
        patch.object(CursorWrapper, "execute", noted),
        patch.object(CursorWrapper, "executemany", noted_many),
        patch.object(sessions, "REVOCATION_POLL_SECONDS", float("inf")),
        patch.object(memory, "time", Mock(monotonic=lambda: 0.0)),
    ):
        yield sent
