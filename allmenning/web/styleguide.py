"""Every component in every state, on pages that people look at and that tests hold against WCAG. Not in production."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from markupsafe import Markup

from allmenning.web import errors
from allmenning.web.access import anyone

ERRORS = [*(str(status) for status in errors.STATUSES), "csrf", "csrf-held", "logged-out", "away"]

_HELD = {"held": [("name", "Kari Nordmann"), ("text", "Hei!")], "has_files": True, "again": "", "login": "/"}
_NOTHING_HELD = {"held": [], "has_files": False, "again": "", "login": "/"}


def _ask_permission() -> None:
    if not getattr(settings, "SHOW_COMPONENTS", settings.DEBUG):
        raise Http404


@anyone
def components(request: HttpRequest) -> HttpResponse:
    _ask_permission()
    return render(request, "web/styleguide/components.html", _examples())


@anyone
def desk(request: HttpRequest) -> HttpResponse:
    _ask_permission()
    return render(request, "web/styleguide/desk.html", _examples())


@anyone
def error(request: HttpRequest, name: str) -> HttpResponse:
    _ask_permission()
    if name not in ERRORS:
        raise Http404
    if name.isdecimal():
        return errors.page(request, int(name))
    template = f"web/errors/{name.removesuffix('-held').replace('-', '_')}.html"
    return render(request, template, _NOTHING_HELD if name == "csrf" else _HELD)


def _examples() -> dict[str, Any]:
    """Facts invented for the examples. Norwegian, as most content is."""
    tag = Markup('<span class="ds-tag" data-color="{}">{}</span>').format
    link = Markup('<a class="ds-link" href="#">{}</a>').format
    return {
        "errors_shown": ERRORS,
        "events": [
            {"title": "Søknaden er mottatt", "state": "done", "at": datetime(2026, 3, 2, 9, 14, tzinfo=UTC)},
            {"title": "Oppvekst og barnehage behandler saken", "state": "done", "at": date(2026, 3, 4)},
            {
                "title": "Vi trenger mer fra deg",
                "state": "attention",
                "at": date(2026, 3, 9),
                "text": "Send lønnsslipp for februar innen 23. mars.",
                "href": "#",
                "action": "Send dokumenter",
            },
            {"title": "Vedtak", "state": "upcoming", "text": "Vanligvis innen fire uker."},
        ],
        "columns": [
            {"key": "case", "label": "Sak", "header": True},
            {"key": "service", "label": "Tjeneste", "sort": "?sort=service"},
            {"key": "deadline", "label": "Frist", "nowrap": True, "sort": "?sort=-deadline", "sorted": "ascending"},
            {"key": "state", "label": "Status"},
            {"key": "fee", "label": "Beløp", "numeric": True},
        ],
        "rows": [
            {
                "case": link("2026/1204"),
                "service": "Redusert foreldrebetaling",
                "deadline": "23. mars 2026",
                "state": tag("warning", "Venter på innbygger"),
                "fee": "2 136 kr",
            },
            {
                "case": link("2026/1198"),
                "service": "Bostøtte",
                "deadline": "30. mars 2026",
                "state": tag("info", "Under behandling"),
                "fee": "3 480 kr",
            },
            {
                "case": link("2026/1175"),
                "service": "Henvendelse om vann og avløp",
                "deadline": "2. april 2026",
                "state": tag("success", "Avgjort"),
                "fee": "–",
            },
            {
                "case": link("2026/1151"),
                "service": "Bostøtte",
                "deadline": "Over fristen",
                "state": tag("danger", "Forfalt"),
                "fee": "1 050 kr",
            },
            {
                "case": "Henvendelse om vann og avløp ved den gamle kaia, som kom i tre brev og ett skjema og er samlet her",
                "service": "Henvendelse om vann og avløp",
                "deadline": "2. april 2026",
                "state": tag("success", "Avgjort"),
                "fee": "–",
            },
        ],
        "foot": {"case": "Sum", "service": "", "deadline": "", "state": "", "fee": "6 666 kr"},
        "files": [
            {"name": "lønnsslipp-februar.pdf", "kind": "PDF", "size": 184_320, "href": "#", "at": date(2026, 3, 9)},
            {
                "name": "husleiekontrakt med et veldig langt navn som ikke har noen ende.docx",
                "size": 2_450_000,
                "remove": "#",
            },
            {
                "name": "bilde.heic",
                "size": 8_400_000,
                "remove": "#",
                "error": "Filen er ikke et bilde vi kan lese. Lagre den som JPG.",
            },
        ],
        "chart": [
            ("Averøy", 18, "18 dager"),
            ("Kristiansund", 25, "25 dager"),
            ("Smøla", None, "for få til å vises"),
            ("Tingvoll", 31, "31 dager"),
        ],
    }
