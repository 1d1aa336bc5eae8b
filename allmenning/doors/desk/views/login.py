"""In through Ansattporten, the choice of municipality and area, and out again."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.module_loading import import_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from allmenning.commons.identity import sessions
from allmenning.connections.idporten.errors import LoginFailed
from allmenning.journeys.workplaces import Workplace, workplaces_of
from allmenning.web import limits, offices
from allmenning.web.access import anyone, local_path
from allmenning.web.i18n import in_language
from allmenning.web.jinja import with_query
from allmenning.web.said import said

from .common import show

log = logging.getLogger(__name__)

_PENDING = "desk_login"
ADMINISTRATION = "administration"


@anyone
@require_GET
def login(request: HttpRequest) -> HttpResponse:
    """The way in. A link, not a form: the login is at another site, and a form's target is held to our own."""
    go_on = local_path(request.GET.get("next"), reverse("desk:front"))
    if sessions.staff(request):
        return redirect(with_query(reverse("desk:choose"), next=go_on))
    start_at = with_query(reverse("desk:login-start"), next=go_on)
    return show(request, "desk/login.html", {"start": start_at, "failure": ""})


@anyone
@limits.limited("login by staff")
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """Over to Ansattporten, with what belongs to this login kept sealed in the session."""
    language = get_language() or "nb"
    go_on = local_path(request.GET.get("next"), reverse("desk:front"))
    try:
        url, pending = _client().start(_callback(request), language)
    except LoginFailed as failure:
        return _failed(request, failure, go_on)
    request.session[_PENDING] = {**pending, "next": go_on, "language": language}
    return redirect(url)


@anyone
@require_GET
def callback(request: HttpRequest) -> HttpResponse:
    """Back from Ansattporten. What was pending is used once, whatever comes of it."""
    pending: dict[str, Any] = request.session.pop(_PENDING, None) or {}
    go_on = local_path(pending.get("next"), reverse("desk:front"))
    try:
        claims = _client().finish(request.GET, pending or None)
    except LoginFailed as failure:
        log.info("A login to the desk failed: %s", failure)
        with translation.override(pending.get("language", "nb")):
            return _failed(request, failure, go_on)
    if wait := limits.take(request, "login by staff", f"staff {claims.pid}"):
        return limits.too_many(request, wait)
    sessions.log_in_staff(request, sessions.Staff(number=claims.pid, name=claims.name))
    choose_at = in_language(reverse("desk:choose"), pending.get("language", "nb"))
    return redirect(with_query(choose_at, next=go_on))


def _client() -> Any:
    return import_string(settings.LOGIN_CLIENT)("ansattporten")


def _callback(request: HttpRequest) -> str:
    """One address for all languages: it is registered with the issuer."""
    with translation.override("nb"):
        return request.build_absolute_uri(reverse("desk:login-callback"))


def _failed(request: HttpRequest, failure: LoginFailed, go_on: str) -> HttpResponse:
    start_at = with_query(reverse("desk:login-start"), next=go_on)
    return show(request, "desk/login.html", {"start": start_at, "failure": said(failure)}, status=403)


@anyone
@require_http_methods(["GET", "POST"])
def choose(request: HttpRequest) -> HttpResponse:
    """Which municipality and area one acts for. Kept in the session alone, and asked for at each login."""
    staff = sessions.staff(request)
    go_on = local_path(request.POST.get("next") or request.GET.get("next"), reverse("desk:front"))
    if staff is None:
        return redirect(with_query(reverse("desk:login"), next=go_on))
    if request.method == "POST":
        return _act(request, staff, go_on)
    found = workplaces_of(staff.number)
    context = {"found": found, "staff": staff, "next": go_on, "offices": offices, "office": sessions.office(request)}
    return show(request, "desk/choose.html", context, status=200 if found.places or found.offices else 403)


def _act(request: HttpRequest, staff: sessions.Staff, go_on: str) -> HttpResponse:
    """Checked anew: what the page offered may have ended meanwhile, and a form may say anything."""
    if "office" in request.POST:
        return _act_at_office(request, staff, go_on)
    municipality, _slash, area = request.POST.get("place", "").partition("/")
    place = _place(municipality, staff)
    if place is None or not (area in place.units or (area == ADMINISTRATION and place.is_administrator)):
        messages.error(request, _("You can't act there today. Choose one of the places below."))
        return redirect(with_query(reverse("desk:choose"), next=go_on))
    sessions.choose_acting(request, _acting(staff, place, area))
    if area == ADMINISTRATION:
        return redirect(reverse("desk:front") + "administration/")
    return redirect(reverse("desk:front") if go_on.startswith(reverse("office:front")) else go_on)


def _act_at_office(request: HttpRequest, staff: sessions.Staff, go_on: str) -> HttpResponse:
    """In a role at a cooperation's office: checked anew here too."""
    chosen = next(
        (each for each in workplaces_of(staff.number).offices if str(each.id) == request.POST["office"]), None
    )
    if chosen is None:
        messages.error(request, _("You can't act there today. Choose one of the places below."))
        return redirect(with_query(reverse("desk:choose"), next=go_on))
    sessions.choose_office(request, chosen.id)
    front = reverse("office:front")
    return redirect(go_on if go_on.startswith(front) else front)


def _place(municipality: str, staff: sessions.Staff) -> Workplace | None:
    """The place that was chosen, if it is one of theirs today."""
    return next((each for each in workplaces_of(staff.number).places if each.municipality == municipality), None)


def _acting(staff: sessions.Staff, place: Workplace, area: str) -> sessions.Staff:
    return sessions.Staff(
        number=staff.number,
        name=place.name,
        municipality=place.municipality,
        area=None if area == ADMINISTRATION else area,
        staff_id=place.staff_id,
        is_administrator=place.is_administrator,
        home_municipality=place.home_municipality,
    )


@anyone
@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    sessions.log_out(request)
    messages.success(request, _("You are logged out."))
    return redirect("desk:login")
