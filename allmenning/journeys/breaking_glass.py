"""Opening a case in an emergency, without an ordinary relation to it: said why, for an hour at most, and told of.

The leader of the case's unit finds it in the queue to review, and the resident gets a message by the ordinary channel.
It is for reading alone, within one area of one municipality: the walls between those are the database's, and stand.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from allmenning.basics import dates
from allmenning.basics.identifiers import uuid7
from allmenning.municipal.access.actor import Working
from allmenning.municipal.access.models import BreakGlass, Review
from allmenning.municipal.access.purposes import BREAK_GLASS
from allmenning.municipal.access.resident_log import keeping_in
from allmenning.municipal.cases import actions as cases
from allmenning.municipal.cases import queries as case_queries
from allmenning.municipal.cases.errors import CaseNotFound
from allmenning.municipal.cases.models import Case

from . import sender
from .casework import require
from .dialogue import tell_of_emergency
from .reviewing import note, reason_in

MINUTES = (15, 30, 60)


def case_by_number(text: str) -> UUID:
    """The id of the case with this number in the area at hand, of which nothing is shown. Raises CaseNotFound."""
    filters = case_queries.number_condition(text.strip())
    found = Case.objects.filter(filters).exclude(wrapped_key=b"").values_list("id", flat=True).first()
    if found is None:
        raise CaseNotFound()
    return found


def break_glass(case_id: UUID, reason: str, minutes: int, working: Working, *, staff_key: bytes) -> BreakGlass:
    """Let this person read a case for some minutes. The reading itself is logged when the case is opened.

    Args:
        minutes: one of `MINUTES`; anything else is the shortest of them.

    Raises:
        ReasonTooShort: it must be said in words why this can't wait.
        NotYours: their role may not, or they are disqualified (forvaltningsloven § 6).
        CaseNotFound: there is no such case in this area.
    """
    reason = reason_in(reason)
    now = dates.now()
    until = now + timedelta(minutes=minutes if minutes in MINUTES else MINUTES[0])
    with transaction.atomic():
        case = cases.locked(case_id)
        require(case, working, "break-glass", staff_key=staff_key)
        pk = uuid7()
        broken = BreakGlass(
            id=pk,
            area=case.area,
            case_id=case.id,
            staff_id=working.staff_id,
            staff_name=working.name,
            at=now,
            until=until,
        )
        broken.reason = case.key.seal("access.BreakGlass.reason", reason, pk)
        broken.save(force_insert=True)
        actor = replace(working.as_actor(case), relation=BREAK_GLASS)
        cases.log(
            case, actor, "break-glass", purpose=BREAK_GLASS, object_kind="break-glass", object_id=pk, personal=reason
        )
        # Where that could endanger somebody the resident is not told now: the leader sees that they are not.
        # Nor in a case that nobody sees in the portal: a letter would tell that there is one.
        is_told = not case.is_own_case and sender.of(case).shows_all and not keeping_in([case.id], now).exists()
        cases.happened(case, "glass-broken", actor, at=now, visible=is_told, until=until.isoformat())
        note(Review.Kind.BREAK_GLASS, about=str(pk), working=working, case=case, told=is_told)
        if is_told:
            tell_of_emergency(case, actor)
    return broken
