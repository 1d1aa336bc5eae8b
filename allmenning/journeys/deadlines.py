"""By when a case should be done: counted anew from what has happened, as the service's deadlines say.

A deadline runs from the day that the case was received, or opened again by an appeal or a follow-up. While the resident
is asked, only a deadline that the service lets pause stands still; no general rule says that it does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from allmenning.commons.catalogue.content import Deadline
from allmenning.commons.catalogue.package import duration_after
from allmenning.municipal.cases import actions as cases
from allmenning.municipal.cases.models import Case
from allmenning.municipal.post.models import Message, Outbox

from .offered import at_version, day_of
from .outbox import handles

PRELIMINARY_REPLY = "preliminary-reply"  # the id by which services name the deadline of forvaltningsloven § 11 a
Waiting = tuple[date, date | None]  # from the day of the question to the day of the answer; None: it still waits

_OPENS = (Message.Kind.APPEAL, Message.Kind.FOLLOW_UP)


@handles("deadline")
def recount_after(row: Outbox) -> None:
    """Outbox: a resident did something that moves the deadline. Residents themselves can't write it."""
    recount(cases.locked(_case_of(row)))


def _case_of(row: Outbox) -> UUID:
    assert row.case_id is not None
    return row.case_id


def recount(case: Case) -> None:
    """Set the case's deadline from its messages. Again is harmless."""
    messages = list(Message.objects.filter(case_id=case.id).order_by("sent_at"))
    opened = [m.sent_at for m in messages if m.kind in _OPENS]
    began = max([case.received_at, *opened])
    since = [m for m in messages if m.sent_at >= began]
    has_replied = any(m.kind == Message.Kind.PRELIMINARY_REPLY for m in since)
    deadlines = at_version(case.service, case.version).package.deadlines
    cases.set_deadline(case, due_on(deadlines, day_of(began), _waits(since), has_replied=has_replied))


def due_on(
    deadlines: Iterable[Deadline], began: date, waits: Sequence[Waiting] = (), *, has_replied: bool = False
) -> date | None:
    """The first deadline that runs, from the day it began; None when none does.

    Args:
        waits: when the resident was asked and answered.
        has_replied: a preliminary reply was sent, so its deadline is met.
    """
    is_paused = any(answered is None for _, answered in waits)
    paused = len(
        {day for asked, answered in waits for day in range(asked.toordinal(), (answered or asked).toordinal())}
    )
    running = [
        (duration_after(d.duration, began), d.pauses)
        for d in deadlines
        if d.starts == "received" and not (d.pauses and is_paused) and not (has_replied and d.id == PRELIMINARY_REPLY)
    ]
    return min((date.fromordinal(day.toordinal() + pauses * paused) for day, pauses in running), default=None)


def _waits(messages: Sequence[Message]) -> list[Waiting]:
    answered = {m.answers_id: day_of(m.sent_at) for m in messages if m.answers_id}
    return [(day_of(m.sent_at), answered.get(m.id)) for m in messages if m.kind == Message.Kind.QUESTION]
