"""What a case shows of one whose address is protected, until somebody has stated why they need more.

Anything that was written in such a case may tell where the person lives: an answer, a file and its name, a message, a note,
a title, a unit. So all of it is left out, not searched through for what tells. Who states a need (`protecting.state_need`)
sees it for a while; that row of the log is what opens it, and there is no other key.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import QuerySet

from allmenning.basics import dates
from allmenning.basics.errors import AllmenningError
from allmenning.municipal.access.models import LogEntry
from allmenning.municipal.cases.models import Case, Event, Participant
from allmenning.municipal.forms.content import Content
from allmenning.municipal.people import protection
from allmenning.municipal.people.models import Protection
from allmenning.municipal.people.protection import Level
from allmenning.tenancy.read_together import Asked

if TYPE_CHECKING:
    from .casework import CaseView
    from .deadlines import Standing

OPENED = "open-protected"  # the log's name of stating a need
ADDRESS = "protected-address"  # the kind of field that is shown then
HOLDS = timedelta(minutes=15)  # then it is stated again


class NeedNotStated(AllmenningError):
    """The applicant's address is protected. Say why you need to see where they live before you open this."""


def level_in(case: Case) -> Level:
    """How the address of a case's owner is protected, or of anybody else who has to do with it: the strictest. One statement."""
    return protection.standing(list(protections_in(case.id, bytes(case.owner_key))))


def protections_in(case_id: UUID | Asked, owner_key: bytes | Asked) -> QuerySet[Protection]:
    """What is said of whoever has to do with a case, as `protection.standing` takes it."""
    others = Participant.objects.filter(case=case_id, owner_key__isnull=False).values("owner_key")
    return protection.said_of_any(others, owner_key)


def needs_in(case_id: UUID | Asked, staff_id: UUID | Asked, since: datetime | Asked) -> QuerySet[LogEntry]:
    """The needs that somebody has stated in a case since then."""
    return LogEntry.objects.filter(case_id=case_id, at__gte=since, staff_id=staff_id, action=OPENED)


def is_open_for(case: Case, staff_id: UUID) -> bool:
    """Whether this member of staff has stated a need in the case that still holds."""
    return needs_in(case.id, staff_id, dates.now() - HOLDS).exists()


def require_need(case: Case, staff_id: UUID) -> Level:
    """The level; raises NeedNotStated where the address is protected and this person has stated no need."""
    level = level_in(case)
    if level is not Level.NONE and not is_open_for(case, staff_id):
        raise NeedNotStated()
    return level


def hidden(view: CaseView) -> CaseView:
    """The same case without anything that could tell where its applicant lives."""
    return replace(
        view,
        is_hidden=True,
        content=Content(),
        documents=[],
        messages=[replace(message, title="", body="") for message in view.messages],
        participants=[replace(each, name="", number="") for each in view.participants],
        consents=[replace(each, by_name="", to_name="", heard_by="") for each in view.consents],
        notes=[replace(note, text="", whom="", about_them="") for note in view.notes],
        phases=[replace(each, reasons="") for each in view.phases],
        deadlines=[_wordless(each) for each in view.deadlines],
        decisions=[replace(each, reasons=[], values={}, trace=[]) for each in view.decisions],
        results={each: replace(result, reasons="") for each, result in view.results.items()},
        checks=[],
        records=[],
        journal=[],
        timeline=placeless(view.timeline),
        unit=None,
        looked=without_units(view.looked) if view.looked is not None else None,
    )


def _wordless(each: Standing) -> Standing:
    """A deadline without why it was extended or missed."""
    extended = replace(each.extended, text="") if each.extended else None
    return replace(each, extended=extended, missed=replace(each.missed, text="") if each.missed else None)


def placeless(events: Iterable[Event]) -> list[Event]:
    """Events that do not say which unit or office they happened in. The rows themselves stay as they are."""
    shown = list(events)
    for event in shown:
        event.unit_name = ""
        event.facts = {name: fact for name, fact in event.facts.items() if name not in ("unit", "to")}
    return shown


def without_units(entries: Iterable[LogEntry]) -> list[LogEntry]:
    """Rows of the log that do not say in which unit somebody works. The rows themselves stay as they are."""
    shown = list(entries)
    for entry in shown:
        entry.unit_name = ""
    return shown
