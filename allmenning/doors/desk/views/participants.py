"""Who has to do with a case: named by hand, said to be a party or not, and ended."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from allmenning.basics import dates
from allmenning.journeys import participants
from allmenning.municipal.cases.actions import Named
from allmenning.municipal.cases.errors import DayUnreadable
from allmenning.web.access import checks_its_own_text

from .case import act_on, id_of
from .common import AtWork, at_work

_HERE = "#people"


@checks_its_own_text
@at_work
@require_POST
def add(request: HttpRequest, at: AtWork, case_id: UUID) -> HttpResponse:
    """Name somebody who has to do with the case."""

    def act() -> None:
        participants.add(case_id, _named(request), at.working, staff_key=at.key)

    return act_on(request, at, case_id, act, "name", _("They are added to the case."), _HERE)


def _named(request: HttpRequest) -> Named:
    typed = request.POST
    return Named(
        role=typed.get("role", "")[:80],
        name=typed.get("name", "")[:200],
        number=typed.get("number", "")[:20],
        is_party="is_party" in typed,
        authority=typed.get("authority", "")[:24],
        document_id=id_of(typed.get("document")),
        starts=_day(typed.get("from_day", "")),
        ends=_day(typed.get("until_day", "")),
    )


def _day(text: str) -> date | None:
    """A day as a form sends it; None for an empty field. Raises DayUnreadable."""
    day = dates.read_date(text)
    if day is None and text.strip():
        raise DayUnreadable()
    return day


@at_work
@require_POST
def change(request: HttpRequest, at: AtWork, case_id: UUID, participant_id: UUID) -> HttpResponse:
    """Say that somebody is a party, or is not; or that they have nothing more to do with the case."""
    if "end" in request.POST:
        act = lambda: participants.end(case_id, participant_id, at.working, staff_key=at.key)  # noqa: E731
        return act_on(request, at, case_id, act, "people", _("They have nothing more to do with the case."), _HERE)
    is_party = request.POST.get("party") == "yes"
    act = lambda: participants.change(case_id, participant_id, is_party, at.working, staff_key=at.key)  # noqa: E731
    return act_on(request, at, case_id, act, "people", _("It is changed who is a party."), _HERE)
