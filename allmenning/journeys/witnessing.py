"""Asking witnesses to cosign the heads of our logs. Each is asked in a thread of its own; nothing waits for any of them."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connections, transaction
from django.db.models import Count, Max, Q
from django.utils.module_loading import import_string

from allmenning.basics import dates
from allmenning.basics.errors import AllmenningError
from allmenning.municipal.access import sealing
from allmenning.municipal.access.models import LogCosignature, LogHead
from allmenning.tenancy import use
from allmenning.transparency.checkpoints import size_of
from allmenning.transparency.errors import NotAKey, NotANote, NotSigned
from allmenning.transparency.notes import Key, Note, Signature
from allmenning.transparency.witness import body_of

from .errors import LogRolledBack, WitnessRefused
from .models import LogSealing
from .ports import LogWitness, WitnessAway

log = logging.getLogger(__name__)

NEEDED = 2  # cosignatures that make a head good
SECONDS_BETWEEN_TRIES = 5.0  # to reach a witness that is away
SECONDS_AFTER_REFUSAL = 30.0  # of a log: somebody has to look at it
SECONDS_BETWEEN_ASKING = 2.0  # about one log: its head covers what was sealed meanwhile


@dataclass(frozen=True)
class Named:
    """A witness that this installation asks: its key, and where it answers."""

    key: Key
    url: str

    @property
    def client(self) -> LogWitness:
        return _client(self.url)


@cache
def _client(url: str) -> LogWitness:
    made: LogWitness = import_string(settings.LOG_WITNESS)(url)
    return made


def witnesses() -> list[Named]:
    """Those that settings.LOG_WITNESSES_FILE names, a key and an address on each line. Raises NotAKey, OSError."""
    path = Path(settings.LOG_WITNESSES_FILE)
    lines = path.read_text(encoding="utf-8").splitlines() if settings.LOG_WITNESSES_FILE and path.exists() else []
    return [_named(line) for line in lines if line.strip() and not line.startswith("#")]


def _named(line: str) -> Named:
    key, _, url = line.strip().partition(" ")
    if not url.strip().startswith(("https://", "http://")):
        raise NotAKey(why="a line of the witnesses' file should be a key, a space and an address")
    return Named(Key.parse(key), url.strip())


def ask(municipality: str, witness: Named) -> bool:
    """Have the newest head cosigned. False when the witness has done so already, or there is none.

    Raises WitnessAway, WitnessRefused, LogRolledBack.
    """
    with use(municipality, "sealer"):
        head = LogHead.objects.order_by("-size").first()
        since = sealing.begun_anew_after()
        last = (
            LogCosignature.objects.filter(witness=witness.key.name, head__size__gt=since)
            .order_by("-head__size")
            .select_related("head")
            .first()
        )
    old = last.head.size if last else 0
    if head is None or (last and old == head.size):
        return False
    status, said = _asked(municipality, witness, old, head)
    if status == 409 and (theirs := size_of(said.strip())) is not None:
        # It has seen more than we remember, as when its answer was lost.
        if theirs > head.size:
            raise LogRolledBack(witness=witness.key.name, ours=head.size, theirs=theirs)
        status, said = _asked(municipality, witness, theirs, head)
    if status != 200:
        raise WitnessRefused(witness=witness.key.name, status=status, said=said.strip()[:200])
    line = _verified(witness, head, said)
    with use(municipality, "sealer"):
        LogCosignature.objects.bulk_create(
            [LogCosignature(head=head, witness=witness.key.name, line=line)], ignore_conflicts=True
        )
    return True


def _asked(municipality: str, witness: Named, old: int, head: LogHead) -> tuple[int, str]:
    with use(municipality, "sealer"):
        proof = sealing.consistency_proof(old, head.size)
    return witness.client.add_checkpoint(body_of(old, proof, Note.parse(head.note.encode())))


def _verified(witness: Named, head: LogHead, said: str) -> str:
    """The witness's signature line; other keys' lines are left out. Raises WitnessRefused when it has none that is right."""
    try:
        text = Note.parse(head.note.encode()).text
        signature: Signature = Note.parse(f"{text}\n{said}".encode()).signed_by([witness.key])[0]
    except (NotANote, NotSigned) as error:
        raise WitnessRefused(witness=witness.key.name, status=200, said=str(error)) from None
    return signature.line


def note(municipality: str) -> None:
    """Count how far the log is sealed and witnessed, at each sweep. The commons get numbers, times and witnesses' names."""
    names = [witness.key.name for witness in witnesses()]
    with use(municipality, "sealer"):
        newest = LogHead.objects.order_by("-size").first()
        cosigned = Count("cosignatures", filter=Q(cosignatures__witness__in=names))
        good = LogHead.objects.annotate(cosigned=cosigned).filter(cosigned__gte=NEEDED).order_by("-size").first()
        later = LogHead.objects.filter(size__gt=good.size if good else -1).order_by("size").first()
        silent = _silent_since(names)
        unsealed = sealing.oldest_unsealed()
    LogSealing.objects.update_or_create(
        municipality=municipality,
        defaults={
            "rows": newest.size if newest else 0,
            "witnessed": good.size if good else 0,
            "unsealed_since": unsealed,
            "unwitnessed_since": later.at if later else None,
            "silent_since": {name: since.isoformat() for name, since in silent.items()},
            "counted_at": dates.now(),
        },
    )


def _silent_since(names: Sequence[str]) -> dict[str, datetime]:
    """Which of these witnesses have not cosigned the newest head, and when the oldest head after their last was signed.

    Heads of more than a week are thinned out: then the hour or the day of it.
    """
    last = dict(LogCosignature.objects.values_list("witness").annotate(Max("head__size")))
    after = {name: LogHead.objects.filter(size__gt=last.get(name, -1)).order_by("size").first() for name in names}
    return {name: head.at for name, head in after.items() if head}


def note_refusal(municipality: str, witness: str, said: str) -> bool:
    """Note why a witness does not cosign a log, or (nothing) that it does. False where nobody has counted it yet."""
    try:
        with transaction.atomic(using="commons"):
            row = LogSealing.objects.select_for_update().filter(municipality=municipality).first()
            if row is None:
                return False
            others = {name: why for name, why in row.refused.items() if name != witness}
            row.refused = {**others, witness: said} if said else others
            row.save(update_fields=["refused"])
            return True
    except DatabaseError:
        log.warning("what %s said of %s could not be noted", witness, municipality, exc_info=True)
        return False


class Asker:
    """Asks one witness about the logs that have grown, and again about those that it did not cosign.

    While the witness is away all wait; a log that it refuses keeps no other waiting.
    """

    def __init__(self, witness: Named) -> None:
        self.witness = witness
        self._due: dict[str, float] = {}  # when to ask about each log that has grown
        self._asked: dict[str, float] = {}
        self._noted: dict[str, str] = {}
        self._changed = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name=f"witness {witness.key.name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def tell(self, municipality: str) -> None:
        """A log has grown."""
        with self._changed:
            soonest = self._asked.get(municipality, -SECONDS_BETWEEN_ASKING) + SECONDS_BETWEEN_ASKING
            self._due.setdefault(municipality, soonest)
            self._changed.notify()

    def stop(self) -> None:
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        while (municipality := self._next()) is not None:
            try:
                ask(municipality, self.witness)
                self._note(municipality, "")
            except (AllmenningError, DatabaseError) as error:
                log.warning("%s has not cosigned the log of %s: %s", self.witness.key.name, municipality, error)
                self._ask_again(municipality, SECONDS_AFTER_REFUSAL)
                if isinstance(error, WitnessRefused | LogRolledBack):
                    self._note(municipality, str(error))
                if isinstance(error, WitnessAway):
                    self._ask_again(municipality, 0)
                    self._rest()
            finally:
                connections.close_all()

    def _note(self, municipality: str, refusal: str) -> None:
        """For operators, at once: a witness that refuses has seen another log. Not again while nothing changes."""
        if self._noted.get(municipality) != refusal and note_refusal(municipality, self.witness.key.name, refusal):
            self._noted[municipality] = refusal

    def _ask_again(self, municipality: str, seconds: float) -> None:
        with self._changed:
            self._due[municipality] = time.monotonic() + seconds

    def _rest(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._stopping, SECONDS_BETWEEN_TRIES)

    def _next(self) -> str | None:
        """The log to ask about that has waited the longest, when it is due; None at the end."""
        with self._changed:
            while not self._stopping:
                municipality = min(self._due, key=self._due.__getitem__, default=None)
                now = time.monotonic()
                if municipality is not None and self._due[municipality] <= now:
                    del self._due[municipality]
                    self._asked[municipality] = now
                    return municipality
                self._changed.wait(None if municipality is None else self._due[municipality] - now)
            return None
