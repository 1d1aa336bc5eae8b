"""The journal of a case: what a caseworker notes, and corrects. Nothing that was written is changed or removed."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from django.db import transaction

from allmenning.basics import dates
from allmenning.basics.text import clean_text
from allmenning.commons.catalogue.content import ServicePackage
from allmenning.commons.catalogue.notes import kinds_of
from allmenning.municipal.access.actor import Working
from allmenning.municipal.cases import actions as cases
from allmenning.municipal.cases import queries as case_queries
from allmenning.municipal.cases.actions import Noted
from allmenning.municipal.cases.errors import HappenedInTheFuture, NoteKindMissing, TextMissing, WhomMissing
from allmenning.municipal.cases.models import Case, Note, Participant

from .casework import require
from .offered import at_version


def write_note(case_id: UUID, noted: Noted | str, working: Working, *, staff_key: bytes) -> Note:
    """Write a note in the journal of a case.

    Raises TextMissing, NoteKindMissing, HappenedInTheFuture, WhomMissing, UnsafeText, NotYours, CaseNotFound.
    """
    with transaction.atomic():
        case = case_queries.case_for(case_id)
        require(case, working, "handle", staff_key=staff_key)
        cleaned = _cleaned(Noted(noted) if isinstance(noted, str) else noted, case)
        actor = working.as_actor(case)
        cases.log(case, actor, "note", purpose="case-handling")
        return cases.write_note(case, cleaned, actor)


def correct_note(case_id: UUID, note_id: UUID, noted: Noted, working: Working, *, staff_key: bytes) -> Note:
    """Write a new version of a note; the one before stays, and is shown as corrected.

    Raises as `write_note`, and SomebodyWasFirst: another has corrected it.
    """
    with transaction.atomic():
        case = cases.locked(case_id)
        require(case, working, "handle", staff_key=staff_key)
        before = cases.note_in(case, note_id)
        cleaned = _cleaned(replace(noted, happened_at=noted.happened_at or before.happened_at), case)
        actor = working.as_actor(case)
        cases.log(case, actor, "correct-note", purpose="case-handling", object_kind="note", object_id=before.id)
        return cases.write_note(case, cleaned, actor, corrects=before)


def _cleaned(noted: Noted, case: Case) -> Noted:
    text, whom, about_them = (clean_text(each).strip() for each in (noted.text, noted.whom, noted.about_them))
    if not text and not about_them:
        raise TextMissing()
    if about_them and not whom:
        raise WhomMissing()
    if whom and not about_them:
        raise TextMissing()
    if noted.kind not in kinds_of(_package(case)):
        raise NoteKindMissing()
    if noted.happened_at is not None and noted.happened_at > dates.now():
        raise HappenedInTheFuture()
    known = set(Participant.objects.filter(case=case, id__in=noted.concerns).values_list("id", flat=True))
    concerns = tuple(each for each in noted.concerns if each in known)
    return replace(noted, text=text, whom=whom, about_them=about_them, concerns=concerns)


def _package(case: Case) -> ServicePackage:
    return at_version(case.service, case.version).package
