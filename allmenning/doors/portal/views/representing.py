"""Acting for somebody else, and powers of attorney: whom one may act for, and who may act for oneself."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from allmenning.basics import dates
from allmenning.basics.errors import AllmenningError
from allmenning.basics.identifiers import InvalidIdentifier
from allmenning.commons.identity import sessions
from allmenning.commons.municipalities import queries as municipalities
from allmenning.commons.municipalities.facts import KnownMunicipality
from allmenning.journeys import representing, welcoming
from allmenning.journeys.errors import MayNotRepresent, NobodyElse, NothingChosen, NotThatLong
from allmenning.municipal.people.ports import RegisterRefused, RegisterUnavailable
from allmenning.municipal.people.representing import NoSuchRepresentation
from allmenning.web.access import checks_its_own_text, local_path, resident_only
from allmenning.web.limits import limited
from allmenning.web.said import said

from .. import telling
from ..showing import chosen, language, live, live_by_name, show, suggested

LONGEST_QUERY, LONGEST_NAME = 100, 200


@resident_only
@limited("acting for another")
@require_http_methods(["GET", "HEAD", "POST"])
def act_for(request: HttpRequest) -> HttpResponse:
    """Choose whom to act for: oneself, a child, somebody by power of attorney, a ward, or an organisation."""
    resident, problem = request.resident, ""  # type: ignore[attr-defined]
    number, error = _typed(request, "number"), ""
    if request.method == "POST":
        try:
            return _act(request, resident)
        except (RegisterUnavailable, RegisterRefused):
            problem = _no_register()
        except (InvalidIdentifier, MayNotRepresent) as failure:
            error = said(failure)
        except AllmenningError as failure:
            problem = said(failure)
    organisations: list[sessions.ActingFor] = []
    try:
        organisations = welcoming.may_act_for(resident.number)
    except (RegisterUnavailable, RegisterRefused):
        problem = problem or _no_register()
    found = representing.candidates(resident, _asked_by(request))
    context = {
        "organisations": organisations,
        "found": found,
        "children": [(representing.token(each.number), each) for each in found.children],
        "wards": [(representing.token(each.number), each) for each in found.wards],
        "problem": problem,
        "error": error,
        "number": number,
        "next": local_path(request.GET.get("next"), ""),
    }
    return show(request, "portal/act_for.html", context, status=422 if request.method == "POST" else 200)


def _no_register() -> str:
    return _("We can't see which organisations you may act for: the register does not answer. Try again later.")


def _asked_by(request: HttpRequest) -> str:
    """In whose name the register is asked: the municipality that one chose, else the first of ours."""
    return chosen(request) or min(live(), default="")


def _act(request: HttpRequest, resident: sessions.Resident) -> HttpResponse:
    """Act for the chosen one, as the registers tell now."""
    if request.POST.get("organisation"):
        _act_for_organisation(request, resident, request.POST["organisation"])
    elif "known" in request.POST:
        _represent(request, representing.choose_known(resident, request.POST["known"], _asked_by(request)))
    elif "number" in request.POST:
        _represent(request, representing.choose_ward(resident, _typed(request, "number"), _asked_by(request)))
    elif "power" in request.POST:
        municipality, _slash, power = request.POST["power"].partition("/")
        if municipality not in live():
            raise NoSuchRepresentation()
        _represent(request, representing.choose_by_power(resident, municipality, _uuid(power)))
    else:
        sessions.act_for(request, None)
        messages.success(request, _("You now act for yourself."))
    return redirect(local_path(request.POST.get("next"), reverse("portal:my-page")))


def _represent(request: HttpRequest, found: sessions.Represented) -> None:
    sessions.represent(request, found)
    messages.success(request, _("You now act for %(name)s.") % {"name": found.name})


def _act_for_organisation(request: HttpRequest, resident: sessions.Resident, wanted: str) -> None:
    may = welcoming.may_act_for(resident.number)
    found = next((each for each in may if each.number == wanted), None)
    if found is None:
        raise NoRoleThere()
    sessions.act_for(request, found)
    messages.success(request, _("You now act for %(name)s.") % {"name": found.name})


class NoRoleThere(AllmenningError):
    """You no longer have a role that lets you act for that organisation."""


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NoSuchRepresentation() from None


@resident_only
@require_safe
def powers(request: HttpRequest) -> HttpResponse:
    """Who may act for me, and who could; where to give another a power of attorney."""
    resident = request.resident  # type: ignore[attr-defined]
    if resident.acts_for_another:
        messages.warning(request, said(NobodyElse()))
        return redirect("portal:act-for")
    given = representing.all_given(resident)
    named = [(each, _covered(each.scope), telling.AUTHORITIES[each.kind]) for each in given.powers]
    query = request.GET.get("q", "")[:LONGEST_QUERY].strip()
    near = {*given.municipalities, chosen(request), suggested(request)}
    context = {
        "standing": [each for each in named if each[0].holds],
        "ended": [each for each in named if not each[0].holds],
        "unreachable": given.unreachable,
        "places": [each for each in live_by_name() if each.id in near],
        "query": query,
        "found": _places(query) if query else [],
    }
    return show(request, "portal/powers.html", context)


def _places(query: str) -> list[KnownMunicipality]:
    """The municipalities here that are, or were, called so."""
    found = {one.id for each in municipalities.search_municipality(query) for one in each.today}
    return [each for each in live_by_name() if each.id in found]


def _covered(scope: tuple[str, ...]) -> list[str]:
    """What a scope covers, in words: the titles of services, and areas as such."""
    return [telling.covered(each) for each in scope]


# Which field a failure stands beside.
_BESIDE = {InvalidIdentifier: "number", NothingChosen: "scope", NotThatLong: "last_day"}


@resident_only
@checks_its_own_text
@limited("acting for another")
@require_http_methods(["GET", "HEAD", "POST"])
def give(request: HttpRequest, municipality: str) -> HttpResponse:
    """Give a power of attorney in one municipality: to whom, for which services, until when."""
    resident = request.resident  # type: ignore[attr-defined]
    if resident.acts_for_another:
        messages.warning(request, said(NobodyElse()))
        return redirect("portal:act-for")
    typed: dict[str, Any] = {
        "number": _typed(request, "number"),
        "name": _typed(request, "name", LONGEST_NAME),
        "scope": request.POST.getlist("scope"),
        "last_day": _typed(request, "last_day"),
    }
    field, error = "", ""
    if request.method == "POST":
        try:
            power = representing.Power(typed["number"], typed["name"], typed["scope"], dates.day_in(typed["last_day"]))
            representing.give(resident, power)
        except AllmenningError as failure:
            field = next((name for kind, name in _BESIDE.items() if isinstance(failure, kind)), "number")
            error = said(failure)
        else:
            messages.success(request, _("The power of attorney is given. You can end it here whenever you like."))
            return redirect("portal:powers")
    context = {
        "municipality": municipality,
        "services": [(each.scope, each.title[language()]) for each in representing.coverable()],
        "typed": typed,
        "wrong_field": field,
        "error": error,
        "today": dates.today().isoformat(),
    }
    return show(request, "portal/give_power.html", context, status=422 if error else 200)


def _typed(request: HttpRequest, name: str, longest: int = 40) -> str:
    """What was typed on one line, as far as it can be shown again."""
    return "".join(each for each in request.POST.get(name, "")[:longest] if each.isprintable())


@resident_only
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, municipality: str, representation_id: UUID) -> HttpResponse:
    """End what lets somebody act for me, after asking. It ends at once."""
    resident = request.resident  # type: ignore[attr-defined]
    try:
        if request.method == "POST":
            representing.revoke(resident, representation_id)
            messages.success(request, _("It has ended. From now on they see nothing."))
            return redirect("portal:powers")
        given = representing.given(resident, municipality)
        found = next((each for each in given if each.id == representation_id and each.holds), None)
        if found is None or resident.acts_for_another:
            raise NoSuchRepresentation()
    except (NoSuchRepresentation, NobodyElse) as failure:
        messages.warning(request, said(failure))
        return redirect("portal:powers")
    context = {"municipality": municipality, "power": found, "covered": _covered(found.scope)}
    return show(request, "portal/end_power.html", context)
