"""Erasing a case that two persons have decided to erase: its key is destroyed, and with it all that the key sealed.

What remains tells of no person: that there was a case of a service, its numbers, dates and events, the entries of the journal
under public titles, and the log of who did what. The log's proofs hold: only the salt of its commitments is gone, which came
from the key. Back-ups from before have the key until they are removed (BACKUP_GENERATIONS).
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from uuid import UUID

from django.db import models, transaction

from allmenning import vault
from allmenning.basics import dates
from allmenning.municipal.access import actions as access
from allmenning.municipal.access.actor import SYSTEM
from allmenning.municipal.archive.models import Disposal
from allmenning.municipal.cases.errors import CaseNotFound
from allmenning.municipal.cases.models import Case, Participant
from allmenning.municipal.people.models import Person
from allmenning.tenancy import current, use, walls
from allmenning.tenancy.models import IndexField, SealedField

from . import retaining
from .disposing import PURPOSE, has_fallen, require_disposable
from .errors import NotApproved
from .sweeping import forget_people

log = logging.getLogger(__name__)

AT_ONCE = 1000
_KEY_BYTES = 32


def erase_approved(municipality: str) -> int:
    """Each hour: erase what two persons have approved. Returns how many cases.

    Where the rule was changed since, or the case was opened again, the approval falls away. One that can't be erased now is
    tried again in an hour, and stops no other.
    """
    with use(municipality, "owner"):
        _fall_away()
        waiting = Disposal.objects.filter(outcome=Disposal.Outcome.APPROVED, erased_at__isnull=True)
        case_ids = list(waiting.order_by("decided_at").values_list("case_id", flat=True)[:AT_ONCE])
    erased = 0
    for case_id in case_ids:
        try:
            erase_case(municipality, case_id)
            erased += 1
        except Exception as error:  # whatever is wrong with this one, others wait
            log.warning("%s: an approved case was not erased: %s", municipality, type(error).__name__)
    return erased


def _fall_away() -> None:
    """Mark the approvals that count no more, so that the case can be proposed anew."""
    rows = list(Disposal.objects.filter(outcome=Disposal.Outcome.APPROVED, erased_at__isnull=True))
    case_of = Case.objects.in_bulk([row.case_id for row in rows])
    for area in {row.area for row in rows}:
        here = [row for row in rows if row.area == area]
        rules = retaining.standing(area, (case_of[row.case_id].service for row in here))
        fallen = [row.id for row in here if has_fallen(row, case := case_of[row.case_id], rules.get(case.service))]
        Disposal.objects.filter(id__in=fallen).update(outcome=Disposal.Outcome.FALLEN)


def erase_case(municipality: str, case_id: UUID) -> int:
    """Destroy an approved case's key, what it sealed, and its files. Returns how many files were removed.

    Again is harmless: it finishes the work.

    Raises:
        CaseNotFound: there is none.
        NotApproved: two persons have not decided so, of the case and by the rule as they are now.
        What `require_disposable` raises: something may wait in it.
        OSError: a file could not be removed. The case is as good as erased, but not yet said to be.
    """
    from . import making_exports  # which knows how cases are registered, which knows the jobs, which know this

    with use(municipality, "owner"):
        with transaction.atomic():
            case = Case.objects.select_for_update().select_related(None).filter(id=case_id).first()
            if case is None:
                raise CaseNotFound()
            person_id = case.applicant_id
            if not case.is_erased:
                _require_approved(case)
                making_exports.withdraw(bytes(case.owner_key))
                _destroy(case)
        # After the commit: what is in them can't be opened any more. If we are stopped here, the next hour goes on, since
        # the case stands as erased only when its files are gone.
        removed = sum(1 for path in _paths(case_id) if _remove(path))
        approved = Disposal.objects.filter(case_id=case_id, outcome=Disposal.Outcome.APPROVED, erased_at__isnull=True)
        approved.update(erased_at=dates.now())
        making_exports.remove_old(municipality)
        if person_id is not None:
            forget_people(Person.objects.filter(id=person_id))
        return removed


def _require_approved(case: Case) -> None:
    row = Disposal.objects.filter(case_id=case.id, outcome=Disposal.Outcome.APPROVED).first()
    if row is None:
        raise NotApproved()
    rule = require_disposable(case.area, [case])[case.id]
    if has_fallen(row, case, rule):
        raise NotApproved()


def _destroy(case: Case) -> None:
    access.log_case(
        SYSTEM,
        area=case.area,
        case_id=case.id,
        key=case.key,
        action="erase",
        purpose=PURPOSE,
    )
    for model in _about_cases():
        _empty(model, case.id)
    # The resident's key on it too, and the mark of a parent who began it, so that it is nobody's.
    Case.objects.filter(id=case.id).update(
        wrapped_key=b"",
        applicant=None,
        applicant_name=b"",
        owner_key=os.urandom(_KEY_BYTES),
        parent_index=None,
        subject=b"",
        subject_words=[],
        home_keys=[],
        named_keys=[],
    )


def _about_cases() -> Iterator[type[models.Model]]:
    """Every table with rows about a case, but the log, which is sealed and holds nothing that opens."""
    for model in walls.municipal_models():
        if any(field.column == "case_id" for field in model._meta.concrete_fields):
            yield model


def _empty(model: type[models.Model], case_id: UUID) -> None:
    """Take away what was sealed, so that not even a key from a back-up opens it here, and indexes of what was typed.

    What was never filled in stays so: a finding that nobody has closed has no comment to take away.
    """
    if model is Participant:
        Participant.objects.filter(case_id=case_id).update(wrapped_key=b"")
    for field in model._meta.concrete_fields:
        if isinstance(field, SealedField | IndexField):
            emptied = b"" if isinstance(field, SealedField) else os.urandom(_KEY_BYTES)
            filled = model._default_manager.filter(case_id=case_id, **{f"{field.name}__isnull": False})
            filled.update(**{field.name: emptied})


def _paths(case_id: UUID) -> Iterator[str]:
    for model in _about_cases():
        if "path" in {field.name for field in model._meta.concrete_fields}:
            yield from model._default_manager.filter(case_id=case_id).exclude(path="").values_list("path", flat=True)


def _remove(path: str) -> bool:
    municipality = current().municipality
    there = vault.files.is_there(municipality, path)
    vault.files.remove(municipality, path)
    return there
