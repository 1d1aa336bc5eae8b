"""Telling other processes that something was written in a municipality, so that they need not look all the time.

    waking.start()                  # in a process that writes: from now on `written` is told, by a thread of its own
    waking.written("averoy")        # costs the one who writes nothing
    for ids in waking.heard(stop):  # in a process that waits for it

PostgreSQL's NOTIFY, in the commons: one for all that a process wrote in a tenth of a second, never one for each commit,
since a commit that notifies waits for every other that does. Nothing depends on it: what was not told is found later.
"""

from __future__ import annotations

import atexit
import logging
import threading
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
from django.conf import settings
from django.db import DatabaseError, connections

from . import placement
from .errors import TooManyConnections
from .routing import COMMONS

log = logging.getLogger(__name__)

CHANNEL = "allmenning_written"
GATHERED_SECONDS = 0.1
AT_ONCE = 200  # municipalities in one message: PostgreSQL takes 8,000 bytes
HEARS_WITHIN = 0.5  # seconds after which a listener sees that it should stop
# A connection that only listens would never learn by itself that the server is gone.
_PATIENCE: dict[str, Any] = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "options": "-c idle_session_timeout=0",
}


class Telling:
    """Gathers the municipalities in which this process wrote, and tells of them."""

    def __init__(self, tell: Callable[[list[str]], None] | None = None) -> None:
        self._tell = tell or notify
        self._written: set[str] = set()
        self._changed = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="telling what was written", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def add(self, municipality: str) -> None:
        if municipality in self._written:  # most of the time: without the lock
            return
        with self._changed:
            self._written.add(municipality)
            self._changed.notify()

    def stop(self) -> None:
        """Tell of the last ones, and end."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._written or self._stopping)
                if not self._stopping:
                    self._changed.wait_for(lambda: self._stopping, GATHERED_SECONDS)
                told, self._written = sorted(self._written), set()
            if told:
                self._tell(told)
            if self._stopping:
                return


def notify(municipalities: list[str]) -> None:
    """Tell whoever listens. A failure is noted, and loses nothing."""
    try:
        with connections[COMMONS].cursor() as cursor:
            for first in range(0, len(municipalities), AT_ONCE):
                some = " ".join(municipalities[first : first + AT_ONCE])
                cursor.execute("select pg_notify(%s, %s)", [CHANNEL, some])
    except (DatabaseError, TooManyConnections):
        log.warning("nobody could be told that something was written", exc_info=True)
    finally:
        connections[COMMONS].close()


_telling: Telling | None = None


def start() -> None:
    """Tell from now on of what this process writes; the last of it when the process ends."""
    global _telling
    if _telling is None and settings.TELLS_WHAT_IS_WRITTEN:
        _telling = Telling()
        _telling.start()
        atexit.register(_telling.stop)


def written(municipality: str) -> None:
    """Something was, or is about to be, committed in a municipality. Nothing where `start` was not called."""
    if _telling is not None:
        _telling.add(municipality)


def heard(stop: Callable[[], bool]) -> Iterator[list[str]]:
    """The municipalities in which something was written, as it is told; an empty list now and then. Until `stop`.

    Raises psycopg.Error when the commons can't be reached: from then on nobody is heard.
    """
    parameters = placement.connection_parameters(COMMONS, placement.target(COMMONS))
    with psycopg.connect(**parameters, **_PATIENCE, autocommit=True) as connection:
        connection.execute(f"listen {CHANNEL}")
        yield []  # from here on everything is heard
        while not stop():
            told = connection.notifies(timeout=HEARS_WITHIN, stop_after=1)
            yield [each for message in told for each in message.payload.split()]
