"""What the log says of itself, signed and sealed: that another key signs from now on, or that it is begun anew, and why.

A statement, a row of the log that tells of it, and the first head after it are one transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from allmenning import vault
from allmenning.basics import dates
from allmenning.basics.identifiers import uuid7
from allmenning.municipal.access import sealing
from allmenning.municipal.access.actions import log_object
from allmenning.municipal.access.actor import SYSTEM
from allmenning.municipal.access.errors import LogNotWhole
from allmenning.municipal.access.models import LogHead, LogStatement
from allmenning.tenancy import use
from allmenning.transparency import statements, tree
from allmenning.transparency.checkpoints import Checkpoint
from allmenning.transparency.notes import Note, Signer

from . import proving
from .errors import LogIsBusy, NoReason, NothingToBeginAnew, NoWitnessAnswers
from .proving import LOG_AREA, LOG_KEEPING
from .sealing import BEGINNING, KEY, signer_by, signer_of, signers_of
from .witnessing import witnesses

BOTH_SIGN_FOR = timedelta(days=30)
TRIES = 5


@dataclass(frozen=True)
class Stated:
    """What was stated: the log's key and name of now, which witnesses must be told; rows that were there and are lost."""

    key: str
    rows: int
    lost: int = 0
    both_sign_until: datetime | None = None


def begin_anew(municipality: str, why: str) -> Stated:
    """Go on under another name after a restored back-up: witnesses have seen rows that are no longer there.

    The old log's evidence is kept: what there is of it, and what the witnesses had cosigned. They follow the new name when
    their operators, who are others, have added it.

    Raises NoReason, NothingToBeginAnew, NoWitnessAnswers, LogNotWhole (what is here is not what was signed: restore a whole
    one first), LogIsBusy.
    """
    reason = _required(why)
    evidence = _evidence(municipality)
    seen = [Checkpoint.parse(Note.parse(each.encode()).text) for each in evidence]
    if not proving.is_whole_in_itself(municipality):
        raise LogNotWhole()
    with use(municipality, "sealer"):
        if not any(_is_another(each) for each in seen):
            raise NothingToBeginAnew(municipality=municipality)

    def state(signer: Signer, at: Checkpoint) -> LogStatement:
        note = statements.begun_anew(signer, at, seen, dates.now(), reason)
        return LogStatement(kind=LogStatement.Kind.BEGUN_ANEW, note=_written(note), evidence=evidence)

    stated = _state(municipality, "begin-log", state)
    return Stated(str(signer_of(municipality).key), stated.size, max(each.size for each in seen) - stated.size)


def change_key(municipality: str, why: str, *, at_once: bool = False) -> Stated:
    """Let another key sign the log from now on: the old one says so, and the new one too.

    Heads are signed by both for BOTH_SIGN_FOR, so that witnesses have time to add the new one.

    Args:
        at_once: the old one may be known to others: it signs no more.

    Raises NoReason, LogNotWhole, LogIsBusy; what making a key raises.
    """
    reason, now = _required(why), dates.now()
    until = None if at_once else now + BOTH_SIGN_FOR
    name = _key_to_come(municipality)

    def state(signer: Signer, at: Checkpoint) -> LogStatement:
        note = statements.new_key(signer, signer_by(municipality, name, signer.name), at, now, reason)
        return LogStatement(kind=LogStatement.Kind.NEW_KEY, note=_written(note), until=until)

    stated = _state(municipality, "change-log-key", state)
    return Stated(str(signer_of(municipality).key), stated.size, both_sign_until=until)


def _key_to_come(municipality: str) -> str:
    """A key that has signed nothing yet: one that is left of a change that was interrupted, or a new one."""
    with use(municipality, "sealer"):
        signed = {
            key.public
            for each in LogStatement.objects.filter(kind=LogStatement.Kind.NEW_KEY)
            for key in statements.keys_of(Note.parse(each.note.encode()))
        }
    newest = vault.generations(municipality, KEY)[0]
    if newest != KEY and signer_by(municipality, newest, "log").key.public not in signed:
        return newest
    return vault.add_generation(municipality, KEY)


def _state(municipality: str, action: str, make: Callable[[Signer, Checkpoint], LogStatement]) -> LogStatement:
    id = uuid7()
    made: list[LogStatement] = []

    def state(before: tree.Growing) -> None:
        signer = signers_of(municipality)[0]
        stated = make(signer, Checkpoint(signer.name, before.size, before.root()))
        stated.id, stated.size = id, before.size
        stated.save(force_insert=True)
        made.append(stated)

    for _ in range(TRIES):
        with use(municipality, LOG_AREA):
            log_object(SYSTEM, area=LOG_AREA, action=action, purpose=LOG_KEEPING, object_kind="log", object_id=id)
        with use(municipality, "sealer"):
            if sealing.seal(lambda: signers_of(municipality), BEGINNING, state):
                return made[-1]
    raise LogIsBusy(municipality=municipality)


def _evidence(municipality: str) -> list[str]:
    """What witnesses have cosigned of the log under its name of now. Raises NoWitnessAnswers."""
    heads, silent = proving.seen_by_witnesses(signer_of(municipality).name)
    if len(silent) == len(witnesses()):
        raise NoWitnessAnswers(municipality=municipality)
    return heads


def _is_another(seen: Checkpoint) -> bool:
    """Whether a witness has cosigned what is not the beginning of the log that is here."""
    newest = LogHead.objects.order_by("-size").first()
    return newest is None or seen.size > newest.size or sealing.root_at(seen.size) != seen.root


def _required(why: str) -> str:
    if not why.strip():
        raise NoReason()
    return why.strip()


def _written(note: Note) -> str:
    return note.written().decode()
