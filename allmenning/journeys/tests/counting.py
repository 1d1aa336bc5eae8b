"""Counting the SQL statements of a journey, on every connection that it uses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from django.db.backends.utils import CursorWrapper


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements sent inside, in order. Beginning, committing and savepoints do not go through a cursor's text."""
    sent: list[str] = []
    execute, many = CursorWrapper.execute, CursorWrapper.executemany

    def noted(self, sql, params=None):  # type: ignore[no-untyped-def]
        sent.append(str(sql))
        return execute(self, sql, params)

    def noted_many(self, sql, param_list):  # type: ignore[no-untyped-def]
        sent.append(str(sql))
        return many(self, sql, param_list)

    with patch.object(CursorWrapper, "execute", noted), patch.object(CursorWrapper, "executemany", noted_many):
        yield sent
