"""Writing in a case's journal, and correcting what was written."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from allmenning.basics import dates
from allmenning.journeys import noting
from allmenning.municipal.cases.actions import Noted
from allmenning.municipal.cases.errors import HappenedInTheFuture
from allmenning.web.access import checks_its_own_text

from .case import act_on, id_of
from .common import AtWork, at_work


@checks_its_own_text
@at_work
@require_POST
def note(request: HttpRequest, at: AtWork, case_id: UUID) -> HttpResponse:
    """Write a note."""

    def act() -> None:
        noting.write_note(case_id, _noted(request), at.working, staff_key=at.key)

    return act_on(request, at, case_id, act, "note", _("The note is saved."), "#notes")


@checks_its_own_text
@at_work
@require_POST
def correct(request: HttpRequest, at: AtWork, case_id: UUID, note_id: UUID) -> HttpResponse:
    """Write a note anew; what it said before stays, and is shown as corrected."""

    def act() -> None:
        noting.correct_note(case_id, note_id, _noted(request), at.working, staff_key=at.key)

    done = _("The note is corrected. What it said before can still be read.")
    return act_on(request, at, case_id, act, "note", done, "#notes", correcting=note_id)


def _noted(request: HttpRequest) -> Noted:
    typed = request.POST
    return Noted(
        text=typed.get("note", ""),
        kind=typed.get("kind", "other")[:80],
        happened_at=_moment(typed.get("happened", "")),
        whom=typed.get("whom", ""),
        about_them=typed.get("about_them", ""),
        concerns=tuple(filter(None, map(id_of, typed.getlist("concerns")))),
    )


def _moment(text: str) -> datetime | None:
    """A day and a time as a form sends them, in Norway; None for an empty field. Raises HappenedInTheFuture for what is none."""
    if not text.strip():
        return None
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=dates.OSLO)
    except ValueError:
        raise HappenedInTheFuture() from None
