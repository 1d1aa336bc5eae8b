"""The log of each municipality: sealed within a second, its heads sent to witnesses, its state for operators.

No request has a part in this. The worker looks, seals what it finds, and asks the witnesses; one that is away is asked
again, and nothing waits for it.
"""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from urllib.parse import urlsplit

import psycopg
from django.conf import settings
from django.db import DatabaseError, connections

from allmenning import vault
from allmenning.basics.errors import AllmenningError
from allmenning.commons.municipalities import queries as municipalities
from allmenning.municipal.access import sealing
from allmenning.tenancy import use, waking
from allmenning.transparency.notes import Signer

from .attention import Attention, Look
from .errors import LogKeyGone
from .witnessing import Asker, witnesses

log = logging.getLogger(__name__)

KEY = "log"  # in the vault
SECONDS_BETWEEN_ASKING = 5.0  # which municipalities there are
SECONDS_BETWEEN_TRIES = 2.0  # to hear what is written
SECONDS_UNTIL_STOPPED = 0.5
AT_ONCE = 4  # municipalities: most of the time goes by waiting for the disk
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def seal(municipality: str, back_to: datetime | None = None) -> int:
    """Seal what waits in a municipality's log. Returns how many rows. Raises LogNotWhole, KeysWithdrawn."""
    with use(municipality, "sealer"):
        return sealing.seal(lambda: signers_of(municipality), back_to)


def signer_of(municipality: str) -> Signer:
    """The key of a municipality's log, named by the log's name of now. Of its own keys: gone when they are withdrawn.

    Raises LogKeyGone, NoKeys, KeysWithdrawn.
    """
    with use(municipality, "sealer"):
        return signers_of(municipality)[0]


def signers_of(municipality: str) -> list[Signer]:
    """The keys that sign heads now: the log's, and for a while after a change the one before. As the sealer."""
    standing = sealing.standing(origin_of(municipality))
    there = [signer_by(municipality, name, standing.origin) for name in vault.generations(municipality, KEY)]
    if not standing.keys:
        return there[-1:]
    by_public = {each.key.public: each for each in there}
    found = [by_public[public] for public in standing.keys if public in by_public]
    if not found or found[0].key.public != standing.key:
        raise LogKeyGone(municipality=municipality)
    return found


def signer_by(municipality: str, key: str, origin: str) -> Signer:
    """A key of the vault as a log's."""
    return Signer(origin, vault.secret(municipality, key, "log-signing"))


def origin_of(municipality: str) -> str:
    """What a municipality's log was called first, such as `tenester.example.no/log/averoy`: for good, unless begun anew."""
    return f"{settings.LOG_ORIGIN or urlsplit(settings.PORTAL_URL).hostname}/log/{municipality}"


class Sealer:
    """Seals the logs of all municipalities, in threads of its own in each worker.

    Several may run at once: of those that find the same rows one seals them.
    """

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._attention = Attention()
        self._askers = [Asker(witness) for witness in witnesses()]
        self._threads = [
            threading.Thread(target=self._run, name="sealer", daemon=True),
            threading.Thread(target=self._listen, name="sealer, listening", daemon=True),
        ]

    def __enter__(self) -> Sealer:
        for thread in self._threads:
            thread.start()
        for asker in self._askers:
            asker.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        for asker in self._askers:
            asker.stop()

    def _run(self) -> None:
        asked = -SECONDS_BETWEEN_ASKING
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="sealer") as threads:
            while not self._stop.is_set():
                now = time.monotonic()
                if now - asked >= SECONDS_BETWEEN_ASKING:
                    asked = now
                    self._ask_who_there_is(now)
                for look in self._attention.take(now):
                    threads.submit(self._look, look)
                self._attention.wait(now, SECONDS_UNTIL_STOPPED)

    def _ask_who_there_is(self, now: float) -> None:
        try:
            self._attention.know([each.id for each in municipalities.live_municipalities()], now)
        except (DatabaseError, AllmenningError):
            log.warning("the sealer can't reach the commons, and tries again", exc_info=True)
        finally:
            connections.close_all()

    def _listen(self) -> None:
        while not self._stop.is_set():
            try:
                for written in waking.heard(self._stop.is_set):
                    self._attention.hear(True, time.monotonic())
                    if written:
                        self._attention.wake(written, time.monotonic())
            except (psycopg.Error, AllmenningError):
                log.warning("nobody can tell the sealer what is written, so it looks everywhere", exc_info=True)
            self._attention.hear(False, time.monotonic())
            self._stop.wait(SECONDS_BETWEEN_TRIES)

    def _look(self, look: Look) -> None:
        municipality, found = look.municipality, None
        try:
            # The first time all that was written before, and what a witness has not seen.
            found = seal_if_possible(municipality, BEGINNING if look.is_new else None)
            # Another process may have sealed what was written: a worker, or a command that makes a statement.
            if found or (found is not None and (look.is_new or look.is_woken)):
                for asker in self._askers:
                    asker.tell(municipality)
        finally:
            self._attention.looked(municipality, found, time.monotonic())
            connections.close_all()


def seal_if_possible(municipality: str, back_to: datetime | None = None) -> int | None:
    """Seal what waits in a municipality; None for one that can't be reached, or whose log is not whole."""
    try:
        return seal(municipality, back_to)
    except (DatabaseError, AllmenningError):
        log.warning("the log of %s could not be sealed", municipality, exc_info=True)
        return None
