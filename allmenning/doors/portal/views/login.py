"""Logging in with ID-porten, and acting for an organisation."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from allmenning.commons.identity import sessions
from allmenning.connections.idporten import errors as logins
from allmenning.connections.idporten.errors import LoginFailed
from allmenning.journeys import welcoming
from allmenning.municipal.people.ports import RegisterRefused, RegisterUnavailable
from allmenning.web import limits
from allmenning.web.access import anyone, local_path, resident_only
from allmenning.web.i18n import DEFAULT, PREFIXED, in_language
from allmenning.web.jinja import with_query
from allmenning.web.said import said

from ..showing import SUGGESTED, chosen, language, live, show
from .filling import CODES

PENDING, ID_TOKEN = "login_pending", "id_token"  # in the sealed session
SUBSTANTIAL = "idporten-loa-substantial"
FAILURES = {
    name: each for name, each in vars(logins).items() if isinstance(each, type) and issubclass(each, LoginFailed)
}


def client() -> Any:
    """The client that settings.LOGIN_CLIENT makes; it knows the issuer and its own key."""
    return import_string(settings.LOGIN_CLIENT)("idporten")


def _address_of(name: str) -> str:
    """An address of ours as the issuer knows it: one for all languages."""
    with translation.override(DEFAULT):
        return settings.PORTAL_URL.rstrip("/") + reverse(name)


@anyone
@limits.limited("login")
@require_safe
def login(request: HttpRequest) -> HttpResponse:
    """Send the browser to ID-porten. A link leads here, since the policy lets no form lead to another site."""
    there = local_path(request.GET.get("next"), reverse("portal:my-page"))
    if sessions.resident(request):
        return redirect(there)
    try:
        address, pending = client().start(_address_of("portal:login-callback"), language(), SUBSTANTIAL)
    except LoginFailed as error:
        return _failed(error, there, language())
    request.session[PENDING] = {**pending, "next": there, "language": language()}
    return redirect(address)


@anyone
@require_safe
def callback(request: HttpRequest) -> HttpResponse:
    """Back from ID-porten. What was kept for this login is used once, whatever comes of it."""
    pending = request.session.pop(PENDING, None)
    there, spoken = _kept(pending)
    try:
        claims = client().finish(request.GET.dict(), pending)
    except LoginFailed as error:
        return _failed(error, there, spoken)
    if wait := limits.take(request, "login", f"resident {claims.pid}"):
        return limits.too_many(request, wait)
    known = welcoming.welcome(claims.pid, _asks(request, there))
    codes = request.session.get(CODES)
    sessions.log_in_resident(request, sessions.Resident(claims.pid, claims.name or known.name, claims.acr))
    request.session[ID_TOKEN] = claims.id_token
    if known.municipality in live():
        request.session[SUGGESTED] = known.municipality
    if codes:
        request.session[CODES] = codes  # what was begun without login is not lost by logging in
    return redirect(there)


def _kept(pending: dict[str, Any] | None) -> tuple[str, str]:
    held = pending or {}
    return local_path(held.get("next"), reverse("portal:my-page")), held.get("language", DEFAULT)


def _asks(request: HttpRequest, there: str) -> str:
    """In whose name the register is asked: the municipality one is on the way to, or chose, else the first of ours."""
    on_the_way = set(urlsplit(there).path.split("/")) & live()
    return next(iter(on_the_way), None) or chosen(request) or min(live(), default="")


def _failed(error: LoginFailed, there: str, spoken: str) -> HttpResponse:
    """To a page that says it, at an address that holds nothing of the login."""
    address = in_language(reverse("portal:login-failed"), spoken)
    return redirect(with_query(address, why=type(error).__name__, next=there))


@anyone
@require_safe
def failed(request: HttpRequest) -> HttpResponse:
    """Why the login did not succeed, and the way to try again."""
    error = FAILURES.get(request.GET.get("why", ""), LoginFailed)()
    there = local_path(request.GET.get("next"), reverse("portal:my-page"))
    context = {
        "message": said(error),
        "cancelled": isinstance(error, logins.LoginAbandoned),
        "next": there,
    }
    return show(request, "portal/login_failed.html", context, status=200 if context["cancelled"] else 403)


@anyone
@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """End the session here, then at ID-porten: the page leads on by itself, since no form may lead to another site."""
    id_token = request.session.get(ID_TOKEN)
    sessions.log_out(request)
    if not id_token:
        return redirect("portal:logged-out")
    try:
        onward = client().logout_url(id_token, _address_of("portal:logged-out"), state=language())
    except LoginFailed:
        return redirect("portal:logged-out")
    return show(request, "portal/logging_out.html", {"onward": onward, "resident": None})


@anyone
@require_safe
def logged_out(request: HttpRequest) -> HttpResponse:
    """Back from ID-porten, which knows one address for all languages: `state` says which one was spoken."""
    spoken = request.GET.get("state", "")
    if spoken in PREFIXED and spoken != language():
        return redirect(in_language(reverse("portal:logged-out"), spoken))
    return show(request, "portal/logged_out.html", {})


@resident_only
@require_http_methods(["GET", "HEAD", "POST"])
def act_for(request: HttpRequest) -> HttpResponse:
    """Choose whom to act for: oneself, or an organisation where one's role allows it, asked of the register anew."""
    resident, problem = request.resident, ""  # type: ignore[attr-defined]
    may: list[sessions.ActingFor] = []
    try:
        may = welcoming.may_act_for(resident.number)
    except (RegisterUnavailable, RegisterRefused):
        problem = _("We can't see which organisations you may act for: the register does not answer. Try again later.")
    if request.method == "POST":
        answer = _act(request, may)
        if answer:
            return answer
        problem = problem or _("You no longer have a role that lets you act for that organisation.")
    context = {"may": may, "problem": problem, "next": local_path(request.GET.get("next"), "")}
    return show(request, "portal/act_for.html", context, status=422 if request.method == "POST" else 200)


def _act(request: HttpRequest, may: list[sessions.ActingFor]) -> HttpResponse | None:
    """Act for the chosen one. None when the register does not allow it now."""
    wanted = request.POST.get("organisation", "")
    found = next((each for each in may if each.number == wanted), None)
    if wanted and found is None:
        return None
    sessions.act_for(request, found)
    name = found.name if found else request.resident.name  # type: ignore[attr-defined]
    messages.success(
        request, _("You now act for %(name)s.") % {"name": name} if found else _("You now act for yourself.")
    )
    return redirect(local_path(request.POST.get("next"), reverse("portal:my-page")))
