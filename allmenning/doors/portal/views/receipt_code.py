"""Opening a case by its receipt code, for one who sent without logging in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from allmenning.journeys import registering
from allmenning.journeys.errors import WrongReceiptCode
from allmenning.municipal.cases import queries as cases
from allmenning.tenancy import use
from allmenning.web import limits
from allmenning.web.access import anyone, checks_its_own_text
from allmenning.web.said import said

from ..showing import chosen, live, live_by_name, show
from .my_case import keep_opened

# Wrong codes from one address are counted. The code has 80 bits: this is only against noise.
LIMIT = "receipt code"


@anyone
@checks_its_own_text
@require_http_methods(["GET", "HEAD", "POST"])
def receipt_code(request: HttpRequest) -> HttpResponse:
    """Type the code. A wrong one is only wrong: nothing tells whether it nearly fits, or fits elsewhere."""
    typed, place = request.POST.get("code", "")[:100], _place(request)
    if request.method != "POST":
        return _form(request, typed, place, "")
    wait = limits.wait_for(request, LIMIT)
    if wait:
        error = _("Too many wrong codes.") + " " + limits.said(wait)
        response = _form(request, typed, place, error, 429)
        response["Retry-After"] = str(wait)
        return response
    if place not in live():
        return _form(request, typed, place, _("Choose the municipality that you wrote to."), 422)
    found = _open(request, place, typed)
    if found is None:
        limits.take(request, LIMIT)
        return _form(request, typed, place, said(WrongReceiptCode()), 422)
    return found


def _place(request: HttpRequest) -> str:
    return request.POST.get("municipality") or request.GET.get("municipality") or chosen(request) or ""


def _open(request: HttpRequest, municipality: str, code: str) -> HttpResponse | None:
    try:
        keys = (registering.code_key(municipality, code),)
    except WrongReceiptCode:
        return None
    with use(municipality, "resident", keys=keys):
        mine = list(cases.cases_of_owner(keys))
    if not mine:
        return None
    keep_opened(request, municipality, mine[0].id, code)
    return redirect("portal:code-case", municipality=municipality, case_id=mine[0].id)


def _form(request: HttpRequest, typed: str, place: str, error: str, status: int = 200) -> HttpResponse:
    context = {
        "typed": typed,
        "place_chosen": place,
        "error": error,
        "about_place": bool(error) and place not in live(),
        "municipalities": live_by_name(),
    }
    return show(request, "portal/receipt_code.html", context, status=status)
