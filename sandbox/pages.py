"""The sandbox's pages for people: its front page, the people who live in it, and what pages share."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any
from urllib.parse import urlencode

from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from django.http import Http404, HttpResponse, QueryDict
from jinja2 import Environment, PackageLoader, StrictUndefined

from allmenning.basics import dates
from allmenning.basics.norwegian import fold, sort_key
from demo.people import PLACES, world

from .app import Request
from .standins import STANDINS

LANGUAGES = {"nb": "Bokmål", "nn": "Nynorsk", "en": "English"}
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
TYPES = {"sandbox.css": "text/css; charset=utf-8", "favicon.svg": "image/svg+xml"}


def page(request: Request, template: str, *, status: int = 200, **facts: Any) -> HttpResponse:
    """An HTML page in the reader's language, under a strict content security policy."""
    language = language_of(request)
    html = (
        _environment(language)
        .get_template(template)
        .render(
            language=language,
            languages=LANGUAGES,
            in_language=lambda code: _in_language(request, code),
            path=request.path_info,
            **facts,
        )
    )
    headers = {"Content-Security-Policy": POLICY, "Referrer-Policy": "no-referrer", "Vary": "Accept-Language"}
    return HttpResponse(html, status=status, headers=headers)


def language_of(request: Request) -> str:
    """What the reader chose on the page, else what the client asked for, else what the browser wants, else bokmål."""
    wanted = [request.GET.get("lang", ""), *request.GET.get("ui_locales", "").split()]
    wanted += [part.split(";")[0].strip()[:2] for part in request.headers.get("Accept-Language", "").split(",")]
    return next((code for code in ("nb" if one == "no" else one for one in wanted) if code in LANGUAGES), "nb")


def _in_language(request: Request, code: str) -> str:
    query: QueryDict = request.GET.copy()
    query["lang"] = code
    return f"{request.path_info}?{query.urlencode()}"


@cache
def _environment(language: str) -> Environment:
    environment = Environment(
        loader=PackageLoader("sandbox"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_translations(_translations(language), newstyle=True)  # type: ignore[attr-defined]
    environment.globals |= {"place_name": lambda municipality: PLACES[municipality].name, "link": _link(language)}
    environment.filters |= {
        "spaced": lambda number: f"{number[:6]} {number[6:]}",
        "when": lambda text: dates.format_datetime(datetime.fromisoformat(text), language),
    }
    return environment


def _link(language: str) -> Any:
    return lambda path, **query: f"{path}?{urlencode({**query, 'lang': language})}"


def _translations(language: str) -> NullTranslations:
    """Read from the .po file as it is, so that nothing has to be compiled before the sandbox starts."""
    if language == "en":
        return NullTranslations()
    text = resources.files("sandbox") / "locale" / language / "LC_MESSAGES" / "sandbox.po"
    with text.open("rb") as file:
        catalog = read_po(file, locale=language)
    found = Translations()
    texts: dict[Any, str] = {
        str(message.id): str(message.string) for message in catalog if message.id and message.string
    }
    found._catalog = texts
    return found


def matching_people(query: str, kind: str, without: frozenset[str] | set[str] = frozenset()) -> list[dict[str, Any]]:
    """Those to choose among: grown-up residents, or staff; by words of name, number, municipality or title."""
    today = dates.today()
    if kind == "staff":
        rows = [
            {"number": one.person.number, "name": one.person.name, "municipality": one.municipality, "about": one.title}
            for one in world().staff
        ]
    else:
        grown = [one for one in world().residents if one.age(today) >= 16 and one.status != "doed"]
        rows = [
            {"number": one.number, "name": one.name, "municipality": one.municipality, "about": ""} for one in grown
        ]
    words = fold(query).split()
    found = []
    for row in rows:
        text = fold(f"{row['name']} {row['number']} {PLACES[row['municipality']].name} {row['about']}")
        if row["number"] not in without and all(word in text for word in words):
            found.append(row)
    return sorted(found, key=lambda row: (sort_key(PLACES[row["municipality"]].name), sort_key(row["name"])))


def front(request: Request) -> HttpResponse:
    """What the sandbox stands in for, and how each is doing."""
    from .control import MODES, TARGETS

    faults = {name: asdict(fault) for name, fault in request.state.faults.items()}
    return page(
        request,
        "front.html",
        standins=STANDINS,
        faults=faults,
        targets=TARGETS,
        modes=MODES,
        base=request.state.base_url,
    )


def people(request: Request) -> HttpResponse:
    """Who lives in the sandbox: the main characters, and everyone, to look up."""
    query = request.GET.get("q", "").strip()
    residents, staff = matching_people(query, "resident"), matching_people(query, "staff")
    characters = list(world().characters.values())
    return page(request, "people.html", query=query, characters=characters, residents=residents, staff=staff)


def static(request: Request, name: str) -> HttpResponse:
    if name not in TYPES:
        raise Http404
    content = (resources.files("sandbox") / "static" / name).read_bytes()
    return HttpResponse(content, content_type=TYPES[name], headers={"Cache-Control": "max-age=60"})
