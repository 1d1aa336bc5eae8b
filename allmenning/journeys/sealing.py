"""The log of each municipality: sealed within a second, its heads sent to witnesses, its state for operators.

No request has a part in this. The worker looks, seals what it finds, and asks the witnesses; one that is away is asked
again, and nothing waits for it.
"""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError, connections

from allmenning import vault
from allmenning.basics.errors import AllmenningError
from allmenning.commons.municipalities import queries as municipalities
from allmenning.municipal.access import sealing
from allmenning.tenancy import use
from allmenning.transparency.notes import Signer

from .witnessing import Asker, witnesses

log = logging.getLogger(__name__)

SECONDS_BETWEEN_LOOKS = 0.5
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def seal(municipality: str, back_to: datetime | None = None) -> int:
    """Seal what waits in a municipality's log. Returns how many rows. Raises LogNotWhole, KeysWithdrawn."""
    with use(municipality, "sealer"):
        return sealing.seal(signer_of(municipality), back_to)


def signer_of(municipality: str) -> Signer:
    """The key of a municipality's log, named by the log's origin. Of its own keys: gone when they are withdrawn."""
    return Signer(origin_of(municipality), vault.secret(municipality, "log", "log-signing"))


def origin_of(municipality: str) -> str:
    """What a municipality's log is called everywhere and for good, such as `tenester.example.no/log/averoy`."""
    return f"{settings.LOG_ORIGIN or urlsplit(settings.PORTAL_URL).hostname}/log/{municipality}"


class Sealer:
    """Looks through all municipalities, again and again, and seals what it finds. A thread of its own in each worker.

    Several may run at once: of those that find the same rows one seals them.
    """

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._askers = [Asker(witness) for witness in witnesses()]
        self._thread = threading.Thread(target=self._run, name="sealer", daemon=True)

    def __enter__(self) -> Sealer:
        self._thread.start()
        for asker in self._askers:
            asker.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        for asker in self._askers:
            asker.stop()

    def _run(self) -> None:
        known = set[str]()
        while not self._stop.wait(SECONDS_BETWEEN_LOOKS):
            try:
                for municipality in municipalities.live_municipalities():
                    # The first time all that was written before, and what a witness has not seen.
                    is_new = municipality.id not in known
                    known.add(municipality.id)
                    if seal_if_possible(municipality.id, BEGINNING if is_new else None) or is_new:
                        self._tell(municipality.id)
            except (DatabaseError, AllmenningError):
                log.warning("the sealer can't reach the commons, and tries again", exc_info=True)
            finally:
                connections.close_all()

    def _tell(self, municipality: str) -> None:
        for asker in self._askers:
            asker.tell(municipality)


def seal_if_possible(municipality: str, back_to: datetime | None = None) -> int:
    """Seal what waits in a municipality. One that can't be reached, or whose log is not whole, keeps no other waiting."""
    try:
        return seal(municipality, back_to)
    except (DatabaseError, AllmenningError):
        log.warning("the log of %s could not be sealed", municipality, exc_info=True)
        return 0
