"""Logging in with ID-porten, and out again."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.module_loading import import_string
from django.views.decorators.http import require_POST, require_safe

from allmenning.commons.identity import sessions
from allmenning.connections.idporten import errors as logins
from allmenning.connections.idporten.errors import LoginFailed
from allmenning.journeys import welcoming
from allmenning.web import limits
from allmenning.web.access import anyone, local_path
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
