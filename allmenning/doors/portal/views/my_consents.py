"""Taking a consent back, with one confirmation; and letting somebody see something of one's own case."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from allmenning.basics.errors import AllmenningError
from allmenning.basics.identifiers import InvalidIdentifier
from allmenning.journeys import consents, my_consents, my_page
from allmenning.journeys.errors import NameMissing
from allmenning.municipal.cases.consents import OpenedConsent
from allmenning.municipal.cases.errors import AlreadyWithdrawn, CaseNotFound, LastDayWrong
from allmenning.web.access import resident_only
from allmenning.web.said import said

from ..showing import show
from ..telling import consent_in_words
from .my_case import Seat, common
from .my_part import found

_PLACES: dict[type[AllmenningError], str] = {
    NameMissing: "name",
    InvalidIdentifier: "number",
    my_consents.ThatIsYou: "number",
    LastDayWrong: "until",
}


@require_http_methods(["GET", "HEAD", "POST"])
def consent(request: HttpRequest, seat: Seat, consent_id: UUID) -> HttpResponse:
    """One of my consents in my own case: what it is, and taking it back."""
    return _withdrawing(request, seat.municipality, consent_id, seat.url(), case_id=seat.case_id)


@resident_only
@require_http_methods(["GET", "HEAD", "POST"])
@found
def of_part(request: HttpRequest, municipality: str, participant_id: UUID, consent_id: UUID) -> HttpResponse:
    """The same in somebody else's case, in which I am a party."""
    back = reverse("portal:my-part", args=[municipality, participant_id])
    return _withdrawing(request, municipality, consent_id, back, participant_id=participant_id)


def _withdrawing(request: HttpRequest, municipality: str, consent_id: UUID, back: str, **seat: UUID) -> HttpResponse:
    try:
        mine = my_consents.one(consent_id, **seat)
        if request.method == "POST":
            my_consents.withdraw(consent_id, **seat)
            messages.success(request, _("The consent is withdrawn."))
            return redirect(back)
    except AlreadyWithdrawn as error:
        messages.info(request, said(error))
        return redirect(back)
    return show(request, "portal/withdraw_consent.html", _told(municipality, mine, back))


def _told(municipality: str, mine: OpenedConsent, back: str) -> dict[str, Any]:
    title, about = consent_in_words(mine)
    return {"municipality": municipality, "consent": mine, "title": title, "about": about, "back": back}


@require_http_methods(["GET", "HEAD", "POST"])
def let_see(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Let somebody see something of my case: they log in as themselves."""
    if seat.resident is None:
        raise Http404("only for one who is logged in")
    view = my_page.open_mine(seat.case_id)
    if not view.consents.may_let:
        return redirect(seat.url())
    typed = request.POST
    wrong: tuple[str, str] | None = None
    if request.method == "POST":
        try:
            my_consents.let_see(
                seat.case_id,
                typed.get("name", ""),
                typed.get("number", ""),
                typed.getlist("scope"),
                seat.resident.name,
                consents.last_day(typed.get("until", "")),
            )
            messages.success(request, _("They can see it when they log in."))
            return redirect(seat.url())
        except CaseNotFound:
            raise
        except AllmenningError as error:
            wrong = _PLACES.get(type(error), "scope"), said(error)
    context = {
        **common(seat, view),
        "kinds": view.consents.may_let,
        "typed": {name: typed.get(name, "") for name in ("name", "number", "until")}
        | {"scope": typed.getlist("scope")},
        "wrong": wrong,
    }
    return show(request, "portal/let_see.html", context, status=422 if wrong else 200)
