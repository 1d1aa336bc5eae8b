"""What every page of the portal needs: who is logged in, and which municipality was chosen."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.module_loading import import_string
from django.utils.translation import get_language

from allmenning.basics.memory import remembered
from allmenning.commons.identity import sessions
from allmenning.commons.municipalities import queries as municipalities
from allmenning.commons.municipalities.facts import KnownMunicipality
from allmenning.web.i18n import DEFAULT

CHOSEN = "municipality"  # the cookie that remembers the choice: a municipality's id, nothing of the person
CHOSEN_FOR = 365 * 24 * 3600  # seconds
SUGGESTED = "suggested_municipality"  # in the sealed session: where the register says that the resident lives


def language() -> str:
    return get_language() or DEFAULT


def show(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page with what the layout needs."""
    return render(request, template, {"resident": sessions.resident(request), **context}, status=status)


@remembered(seconds=60)
def live() -> frozenset[str]:
    """Ids of the municipalities that have a database here."""
    return frozenset(str(getattr(each, "id", each)) for each in import_string(settings.MUNICIPALITIES)())


def live_by_name() -> list[KnownMunicipality]:
    """The municipalities that have a database here, in Norwegian order."""
    return [each for each in municipalities.all_municipalities() if each.id in live()]


def chosen(request: HttpRequest) -> str | None:
    """The municipality that the cookie remembers, if it is still one of ours."""
    held = request.COOKIES.get(CHOSEN, "")
    return held if held in live() else None


def suggested(request: HttpRequest) -> str | None:
    """The municipality of the resident's registered address, as long as nothing was chosen."""
    held = request.session.get(SUGGESTED, "")
    return held if held in live() and not chosen(request) else None


def remember(response: HttpResponse, municipality: str) -> HttpResponse:
    """Remember the choice in the browser."""
    response.set_cookie(
        CHOSEN,
        municipality,
        max_age=CHOSEN_FOR,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response
