"""A case that could not be handed over is a person's again."""

from __future__ import annotations

from django.db import transaction

from allmenning.municipal.access.actor import SYSTEM
from allmenning.municipal.archive import actions as archive
from allmenning.municipal.cases import actions as cases
from allmenning.municipal.cases.models import Case, State


def back_to_a_person(case: Case, reason: str) -> None:
    """It was not handed over after all: the case is open again, in its caseworker's list, and the timeline says why.

    reason: a code, with nothing personal in it.
    """
    with transaction.atomic():
        case = cases.locked(case.id)
        if not case.is_open:
            cases.change(case, state=State.IN_PROGRESS, closed_at=None)
            archive.reopen_case_file(case.id)
        cases.happened(case, "handover-refused", SYSTEM, visible=False, reason=reason[:80])
