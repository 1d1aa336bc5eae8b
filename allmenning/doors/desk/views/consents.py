"""Consents on a case's page: what was given and taken back; written down, and noted as taken back, by staff."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from allmenning.basics import dates
from allmenning.commons.catalogue.content import ConsentKind
from allmenning.journeys import casework, consents, sender
from allmenning.municipal.cases.consents import OpenedConsent
from allmenning.web.access import checks_its_own_text
from allmenning.web.filling import language

from .case import act_on, id_of
from .common import AtWork, at_work

_HERE = "#consents"


@dataclass(frozen=True)
class Line:
    """A consent as the page shows it. title, about: in the service's words, or its id where the service has it no more."""

    consent: OpenedConsent
    title: str
    about: str
    is_in_force: bool


def shown(view: casework.CaseView) -> dict[str, Any]:
    """What the page shows of consents; nothing where the service asks for none."""
    package, today = view.offered.package, dates.today()
    kinds = {kind.id: kind for kind in package.consents}
    lines = [_line(each, kinds.get(each.row.scope), today) for each in view.consents]
    return {
        "consent_kinds": package.consents,
        "consents_now": [each for each in lines if each.is_in_force],
        "consents_before": [each for each in lines if not each.is_in_force],
        "consents_to_look_at": [task for task in view.tasks if task.step == consents.LOOK and not task.done_at],
        "consent_givers": _givers(view),
        "consents_are_told": sender.tells_others(view.case),
        "consent_lets": [
            each
            for each in view.participants
            if not each.row.is_over_on(dates.today()) and _is_let(view, each.row.role)
        ],
    }


def _line(each: OpenedConsent, kind: ConsentKind | None, today: date) -> Line:
    title = kind.title[language()] if kind else each.row.scope
    return Line(each, title, kind.about[language()] if kind else "", each.is_in_force(today))


def _is_let(view: casework.CaseView, role: str) -> bool:
    return any(kind.lets == role for kind in view.offered.package.consents)


def _givers(view: casework.CaseView) -> list[tuple[str, str]]:
    """Who may give some consent of the service, as (id, name): nobody's id is who sent the case."""
    package, there = (
        view.offered.package,
        [each for each in view.participants if not each.row.is_over_on(dates.today())],
    )
    roles = {role for kind in package.consents for role in kind.given_by}
    own = consents.roles_of(None, view.case, [each.row for each in there])
    sender = [("", view.applicant_name or _("Who sent it"))] if own & roles else []
    others = [each for each in there if each.row.role in roles and consents.giver(each.row, view.case)]
    return [*sender, *((str(each.row.id), each.name) for each in others)]


@checks_its_own_text
@at_work
@require_POST
def register(request: HttpRequest, at: AtWork, case_id: UUID) -> HttpResponse:
    """Write down a consent that was given in writing or by word of mouth."""
    typed = request.POST
    heard = consents.Heard(
        scopes=[each[:80] for each in typed.getlist("scope")[:50]],
        given_on=dates.day_in(typed.get("consent_day", "")),
        how=typed.get("consent_how", "")[:10],
        by=id_of(typed.get("consent_by")),
        to=id_of(typed.get("consent_to")),
        document_id=id_of(typed.get("consent_document")),
        heard_by=typed.get("heard_by", "")[: consents.LONGEST],
    )

    def act() -> None:
        until = consents.last_day(typed.get("consent_until", ""))
        consents.register(case_id, replace(heard, valid_until=until), at.working, staff_key=at.key)

    return act_on(request, at, case_id, act, "scope", _("The consent is written down."), _HERE)


@at_work
@require_POST
def withdrawn(request: HttpRequest, at: AtWork, case_id: UUID, consent_id: UUID) -> HttpResponse:
    """Note that somebody has taken a consent back."""
    how = request.POST.get("how", "")[:10]
    act = lambda: consents.note_withdrawn(case_id, consent_id, how, at.working, staff_key=at.key)  # noqa: E731
    return act_on(request, at, case_id, act, "consents", _("It is noted that the consent is withdrawn."), _HERE)
