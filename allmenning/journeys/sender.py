"""What the sender of a case is shown of it, and may do with it, as the service's folder says (`sender:`).

One who is no party, such as who reports a concern about a child, is shown that the case is received, and then that they are
answered: neither what is decided, whether it goes on, nor by when. Every door shows a sender's case by this; staff see it as
it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from allmenning.basics.errors import AllmenningError
from allmenning.commons.catalogue.content import Sender, Text
from allmenning.municipal.access.models import Unit
from allmenning.municipal.cases import queries
from allmenning.municipal.cases.models import Case, Event, State
from allmenning.municipal.documents.models import Document, Origin
from allmenning.municipal.documents.queries import OpenedDocument

from .offered import at_version

_RECEIVED = "received"
_OPENS_ANEW = ("follow-up", "appealed")


class NotForSender(AllmenningError):
    """This case is about somebody else, so it can't be withdrawn, and you can't be given access to it."""


@dataclass(frozen=True)
class Shown:
    """Where a case is, as its sender is shown it.

    received_in: the name of the unit that the case came to, for a sender who is shown no other; None: where it is now. says: what
    the service tells of the answer, in place of that one comes as soon as can be.
    """

    state: str
    is_open: bool
    outcome: str
    due_on: date | None
    decided_at: datetime | None
    closed_at: datetime | None
    received_in: str | None = None
    says: Text | None = None


def of(case: Case) -> Sender:
    """What the folder says of who sent this case."""
    return at_version(case.service, case.version).package.sender.in_case(is_no_party=case.sender_is_no_party)


def tells_others(case: Case) -> bool:
    """Whether others than its sender find on their page what they consented to in it. In a report on those who get a case of their
    own they don't: that somebody reported a concern, and when, would be told by it. In that case, or by a letter, they are told.
    """
    phases = at_version(case.service, case.version).package.phases
    return case.is_own_case or of(case).shows_all or not any(phase.for_each for phase in phases)


def shows_parties(case: Case) -> bool:
    """Whether those who are parties see what is kept in a case that somebody sent for them. In a case that was opened for one of
    them nobody does: what they may know of it, a person gives them.
    """
    return not case.is_own_case and not of(case).shows_all and tells_others(case)


def shown(case: Case, told: Iterable[Event]) -> Shown:
    """Where a case is, from the events that its sender sees, oldest first."""
    if of(case).shows_all:
        return Shown(case.state, case.is_open, case.outcome, case.told_due_on, case.decided_at, case.closed_at)
    told = list(told)
    unit = str(_received(told).get("unit") or "")  # a later one tells what came of it
    if case.state == State.WITHDRAWN:  # which they did themselves, before the folder said that they can't
        return Shown(case.state, False, case.outcome, None, None, case.closed_at, unit)
    last = _last_turn(told)
    if last is None:
        return Shown(State.RECEIVED, True, "", promised(told), None, None, unit, of(case).says)
    if last.kind in _OPENS_ANEW:
        return Shown(State.RECEIVED, True, "", None, None, None, unit, of(case).says)
    return Shown(State.DECIDED, False, "", None, last.at, None, unit)


def promised(told: Iterable[Event]) -> date | None:
    """By when the sender was promised an answer when the case came, where they were promised anything."""
    due = _received(told).get("due")
    return date.fromisoformat(str(due)) if due else None


def unit_shown(case: Case, shown: Shown) -> Unit | None:
    """The unit that has the case, as its sender is shown it. One statement at most."""
    if shown.received_in is not None:
        return Unit.objects.filter(area=case.area, name=shown.received_in).first()
    return Unit.objects.filter(id=case.unit_id).first() if case.unit_id else None


def shown_together(held: Sequence[Case]) -> dict[UUID, Shown]:
    """The same of several cases. One statement, where a sender of any of them is no party; else none."""
    apart = [case.id for case in held if not of(case).shows_all]
    told: dict[UUID, list[Event]] = {}
    for event in queries.turns_for_senders(apart, (_RECEIVED, "decided", *_OPENS_ANEW)) if apart else ():
        told.setdefault(event.case_id, []).append(event)
    return {case.id: shown(case, told.get(case.id, ())) for case in held}


def without_outcomes(case: Case, told: Iterable[Event]) -> list[Event]:
    """The events as other systems are told them: which of the folder's outcomes they were answered with, and which unit did
    it, are left out where they would tell more than the letter does. Not to be saved.
    """
    held = list(told)
    if not of(case).shows_all:
        for event in held:
            event.unit_name = ""
            event.facts = {name: fact for name, fact in event.facts.items() if name != "outcome"}
    return held


def _received(told: Iterable[Event]) -> Mapping[str, Any]:
    """The facts of that the case came; none where it did not come from its sender."""
    return next((each.facts for each in told if each.kind == _RECEIVED), {})


def _last_turn(told: Iterable[Event]) -> Event | None:
    turns = [each for each in told if each.kind == "decided" or each.kind in _OPENS_ANEW]
    return turns[-1] if turns else None


def has(case: Case, document: Document | OpenedDocument) -> bool:
    """Whether a document is one that the sender may have with them: letters to them always are."""
    return document.origin == Origin.LETTER or of(case).may_copy


def require_party(case: Case, *, may: bool) -> None:
    """Raise NotForSender where the folder does not let the sender."""
    if not may:
        raise NotForSender()
