"""Declaring that one is partial: in a case, or to a person (forvaltningsloven §§ 6 and 8)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from allmenning.basics import dates
from allmenning.basics.identifiers import InvalidIdentifier
from allmenning.journeys import disqualifying
from allmenning.journeys.errors import NotDeclared, NotThatLong
from allmenning.web.access import checks_its_own_text
from allmenning.web.said import said

from .common import AtWork, Problems, at_work, show


@at_work
@require_http_methods(["GET", "POST"])
def in_case(request: HttpRequest, at: AtWork, case_id: UUID) -> HttpResponse:
    """Asked once more before it is done: it can't be taken back."""
    if request.method == "POST":
        disqualifying.declare_in_case(case_id, at.working, staff_key=at.key)
        messages.success(request, _("Your leader is told that you are partial in the case. It is closed to you now."))
        return redirect("desk:front")
    return show(request, "desk/partial_case.html", {"here": "work-list", "at": at, "case_id": case_id})


@checks_its_own_text
@at_work
@require_http_methods(["GET", "POST"])
def towards(request: HttpRequest, at: AtWork) -> HttpResponse:
    """Partial to a person: a friend, a rival, an in-law. Their cases are closed to one from then on."""
    errors = Problems()
    if request.method == "POST":
        until = _day(request.POST.get("until", ""))
        if until is not None and until <= dates.today():
            errors["until"] = _("Choose a day that is to come, or leave it empty.")
        else:
            try:
                disqualifying.declare_towards(request.POST.get("number", ""), until, at.working)
            except InvalidIdentifier as error:
                errors["number"] = said(error)
            except NotThatLong as error:
                errors["until"] = said(error)
            else:
                messages.success(request, _("It is noted. Cases of this person are closed to you now."))
                return redirect("desk:partial")
    context = {
        "here": "partial",
        "at": at,
        "declared": disqualifying.declared(at.working),
        "errors": errors,
        "typed": {name: request.POST.get(name, "") for name in ("number", "until")},
    }
    return show(request, "desk/partial.html", context, status=422 if errors else 200)


@at_work
@require_POST
def end(request: HttpRequest, at: AtWork, declared_id: UUID) -> HttpResponse:
    """Partial to somebody no longer."""
    try:
        disqualifying.end_declared(declared_id, at.working)
    except NotDeclared as error:
        messages.warning(request, said(error))
    else:
        messages.success(
            request, _("It is ended, and noted in the log. Cases of this person are no longer closed to you.")
        )
    return redirect("desk:partial")


def _day(text: str) -> date | None:
    """No day when none is given; today, which is refused, for what is no day."""
    if not text.strip():
        return None
    return dates.day_in(text) or dates.today()
