"""Keeping something out of a resident's own log, for a time, where it could endanger somebody or an investigation.

Whoever handles the case says on which ground, until when, and why; it holds half a year at most, ends by itself, and the leader
of the unit reviews it, and may end it before. What each ground leaves out is `access.resident_log.RULES`; that something was left
out is recorded each time the resident reads, and reviewed too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from allmenning.basics import dates
from allmenning.basics.errors import AllmenningError
from allmenning.basics.identifiers import uuid7
from allmenning.municipal.access.actor import Working
from allmenning.municipal.access.models import KeptFromLog, Review
from allmenning.municipal.access.resident_log import KEEPING, keeping_in
from allmenning.municipal.cases import actions as cases
from allmenning.municipal.cases import queries as case_queries
from allmenning.municipal.cases.models import Case

from . import hiding
from .casework import require, verdict
from .reviewing import note, reason_in

GROUNDS = tuple(KeptFromLog.Ground.values)
LONGEST = timedelta(days=180)


class GroundMissing(AllmenningError):
    """Choose why something must be kept out of the resident's own log."""


class WrongEnd(AllmenningError):
    """Choose a day that is to come, half a year ahead at most. It can be kept for longer later, if it must."""


class OnlyLeadersEnd(AllmenningError):
    """Only the leader of the unit may end it before its time."""


@dataclass(frozen=True)
class Kept:
    """What is kept from the log of one case: each with its reason opened, newest first. `may_end`: whether one leads."""

    case: Case
    rows: list[tuple[KeptFromLog, str]]
    may_end: bool


def look(case_id: UUID, working: Working, *, staff_key: bytes) -> Kept:
    """What is and was kept from the resident's own log in a case. Logged before it is opened.

    Raises NotYours, and NeedNotStated: what is written about one whose address is protected may tell where they live.
    """
    case = case_queries.case_for(case_id)
    require(case, working, "handle", staff_key=staff_key)
    hiding.require_need(case, working.staff_id)
    cases.log(case, working.as_actor(case), "read", purpose=KEEPING, field_kinds=["kept-from-log"])
    rows = [
        (row, case.key.open_text("access.KeptFromLog.reason", bytes(row.reason), row.id))
        for row in KeptFromLog.objects.filter(case_id=case.id).order_by("-at")
    ]
    return Kept(case, rows, _may_end(case, working, staff_key))


def in_force(case_id: UUID) -> QuerySet[KeptFromLog]:
    """What is kept from the log of a case today."""
    return keeping_in([case_id], dates.now())


def keep(
    case_id: UUID, ground: str, until: date | None, reason: str, working: Working, *, staff_key: bytes
) -> KeptFromLog:
    """Keep something out of the resident's own log until the end of a day. The leader reviews it.

    Raises GroundMissing, WrongEnd, ReasonTooShort, UnsafeText, NotYours.
    """
    if ground not in GROUNDS:
        raise GroundMissing()
    ends, now = _end_of(until), dates.now()
    reason = reason_in(reason)
    with transaction.atomic():
        case = cases.locked(case_id)
        require(case, working, "handle", staff_key=staff_key)
        row_id = uuid7()
        row = KeptFromLog(
            id=row_id,
            area=case.area,
            case_id=case.id,
            ground=ground,
            reason=case.key.seal("access.KeptFromLog.reason", reason, row_id),
            staff_id=working.staff_id,
            staff_name=working.name,
            at=now,
            until=ends,
        )
        row.save(force_insert=True)
        _tell(case, working, "keep-from-log", row)
        note(Review.Kind.LEFT_OUT, about=str(row.id), working=working, case=case, ground=ground, day=str(until))
    return row


def end(kept_id: UUID, case_id: UUID, working: Working, *, staff_key: bytes) -> None:
    """Show the resident again what was kept from their log: the unit's leader decides. Raises OnlyLeadersEnd, NotYours."""
    with transaction.atomic():
        case = cases.locked(case_id)
        require(case, working, "handle", staff_key=staff_key)
        if not _may_end(case, working, staff_key):
            raise OnlyLeadersEnd()
        row = in_force(case.id).filter(id=kept_id).first()
        if row is None:
            return  # it has ended already
        ended = {"ended_at": dates.now(), "ended_by": working.staff_id, "ended_name": working.name}
        KeptFromLog.objects.filter(id=row.id, ended_at__isnull=True).update(**ended)
        _tell(case, working, "show-in-log", row)


def _may_end(case: Case, working: Working, staff_key: bytes) -> bool:
    return verdict(case, working, "end-keeping", staff_key=staff_key).allowed


def _tell(case: Case, working: Working, action: str, row: KeptFromLog) -> None:
    actor = working.as_actor(case)
    cases.log(case, actor, action, purpose=KEEPING, object_kind="kept-from-log", object_id=row.id)
    cases.happened(case, action, actor, visible=False, ground=row.ground)


def _end_of(day: date | None) -> datetime:
    """The end of a day; raises WrongEnd for one that has begun, or is too far ahead."""
    today = dates.today()
    if day is None or not today < day < today + LONGEST:
        raise WrongEnd()
    return dates.end_of(day)
