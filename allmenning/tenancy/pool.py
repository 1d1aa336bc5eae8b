"""One pool of connections for the whole process, however many municipalities it meets.

A psycopg pool for each alias would cost threads by the hundred. Here all share one cap, and the connection that has
rested longest is closed first. No thread, no ping: a connection that the server has closed is seen on its socket.
"""

from __future__ import annotations

import os
import select
import threading
import time
import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

from django.conf import settings
from psycopg.pq import TransactionStatus

from .errors import TooManyConnections

# Less than the server's idle_session_timeout (300 s), so that it rarely closes one before we do.
REST_SECONDS = 240
WAIT_SECONDS = 10


class Pool:
    """Connections that rest, by what they are connected to. `cap` counts those in use too."""

    def __init__(self, cap: int) -> None:
        self.cap = cap
        self.opened = 0  # since the process began, for the metrics
        self._opening = 0
        # Weakly: a thread that ends without closing its connection must not take the room with it.
        self._used: weakref.WeakSet[Any] = weakref.WeakSet()
        self._resting: OrderedDict[Any, tuple[Hashable, float]] = OrderedDict()  # oldest first
        self._changed = threading.Condition()

    @property
    def size(self) -> int:
        """Connections that are open now, in use or resting."""
        return self._opening + len(self._used) + len(self._resting)

    def take(self, key: Hashable, connect: Callable[[], Any]) -> Any:
        """A resting connection to `key`, or a new one made by connect(). Raises TooManyConnections after 10 s."""
        dropped: list[Any] = []
        try:
            connection = self._resting_or_room(key, dropped)
        finally:
            for each in dropped:
                each.close()
        return connection if connection is not None else self._connected(connect)

    def _connected(self, connect: Callable[[], Any]) -> Any:
        connection = None
        try:
            connection = connect()
        finally:
            with self._changed:
                self._opening -= 1
                if connection is not None:
                    self._used.add(connection)
                    self.opened += 1
                self._changed.notify()
        return connection

    def give_back(self, key: Hashable, connection: Any) -> None:
        """Let a connection rest. One that is broken, or inside a transaction, is closed."""
        if connection.closed or connection.info.transaction_status != TransactionStatus.IDLE:
            connection.close()
        with self._changed:
            self._used.discard(connection)
            if not connection.closed:
                self._resting[connection] = (key, time.monotonic())
            self._changed.notify()

    def close(self, wanted: Callable[[Hashable], bool] = lambda key: True) -> None:
        """Close the resting connections whose key is wanted; those in use close when they come back broken."""
        with self._changed:
            closing = [connection for connection, (key, _) in self._resting.items() if wanted(key)]
            for connection in closing:
                self._resting.pop(connection)
            self._changed.notify(len(closing))
        for connection in closing:
            connection.close()

    def _resting_or_room(self, key: Hashable, dropped: list[Any]) -> Any | None:
        give_up = time.monotonic() + WAIT_SECONDS
        with self._changed:
            while True:
                self._drop_rested(dropped)
                if (connection := self._resting_for(key, dropped)) is not None:
                    return connection
                if self.size >= self.cap and self._resting:
                    dropped.append(self._resting.popitem(last=False)[0])
                if self.size < self.cap:
                    self._opening += 1
                    return None
                if time.monotonic() >= give_up:
                    raise TooManyConnections(cap=self.cap)
                # Not for ever: nobody is told of a connection whose thread has ended.
                self._changed.wait(min(0.5, WAIT_SECONDS))

    def _resting_for(self, key: Hashable, dropped: list[Any]) -> Any | None:
        # The youngest first: the others may then rest until they are closed.
        for connection in [c for c in reversed(self._resting) if self._resting[c][0] == key]:
            self._resting.pop(connection)
            if not _has_something_to_read(connection):
                self._used.add(connection)
                return connection
            dropped.append(connection)
        return None

    def _drop_rested(self, dropped: list[Any]) -> None:
        before = time.monotonic() - REST_SECONDS
        while self._resting and next(iter(self._resting.values()))[1] < before:
            dropped.append(self._resting.popitem(last=False)[0])


def _has_something_to_read(connection: Any) -> bool:
    """A server says nothing to a resting connection but that it closes it."""
    poll = select.poll()  # select() can't watch descriptors above 1023
    poll.register(connection.pgconn.socket, select.POLLIN)
    return bool(poll.poll(0))


_pool: Pool | None = None
_making = threading.Lock()


def pool() -> Pool:
    """This process's pool, with room for settings.DATABASE_POOL_CAP connections."""
    global _pool
    if _pool is None:
        with _making:
            _pool = _pool or Pool(settings.DATABASE_POOL_CAP)
    return _pool


def _forget_parents_connections() -> None:
    # A forked child must not use, nor close, the sockets that it shares with its parent.
    global _pool
    _pool = None


os.register_at_fork(after_in_child=_forget_parents_connections)
