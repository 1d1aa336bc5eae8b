"""The business register (Enhetsregisteret), held by a test against the publisher's OpenAPI description.

data.brreg.no/enhetsregisteret/api/dokumentasjon/no/index.html
"""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, JsonResponse
from django.urls import path

from allmenning.basics.norwegian import fold
from demo.people import PLACES, Organisation, world

from .app import Refusal, Request
from .tokens import bearer

FORMS = {
    "AS": "Aksjeselskap",
    "ENK": "Enkeltpersonforetak",
    "BEDR": "Underenhet til næringsdrivende og offentlig forvaltning",
    "KOMM": "Kommune",
}
ROLES = {"DAGL": "Daglig leder", "LEDE": "Styrets leder", "INNH": "Innehaver"}
GROUPS = {"DAGL": ("DAGL", "Daglig leder"), "LEDE": ("STYR", "Styre"), "INNH": ("INNH", "Innehaver")}
DEEPEST = 10_000


def root(request: Request) -> HttpResponse:
    base = _base(request)
    names = ("enheter", "underenheter", "organisasjonsformer")
    return JsonResponse({"_links": {name: {"href": f"{base}/{name}"} for name in names}})


def search(request: Request, kind: str) -> HttpResponse:
    """Search by name, number, municipality or form, a page at a time."""
    size, number = _count(request, "size", 20), _count(request, "page", 0)
    if size * number > DEEPEST or size > DEEPEST:
        return _bad(request, "Totalt antall treff (size * page) kan ikke overstige 10 000")
    found = [
        unit
        for unit in world().organisations.values()
        if _is_sub(unit) == (kind == "underenheter") and _fits(request, unit)
    ]
    shown = found[number * size : (number + 1) * size]
    link = f"{_base(request)}/{kind}?size={size}&page="
    last = max(0, (len(found) - 1) // size) if size else 0
    body: dict[str, Any] = {
        "_links": {name: {"href": f"{link}{to}"} for name, to in (("first", 0), ("self", number), ("last", last))},
        "page": {"size": size, "totalElements": len(found), "totalPages": last + 1 if found else 0, "number": number},
    }
    if shown:
        body["_embedded"] = {kind: [_unit(request, unit) for unit in shown]}
    return JsonResponse(body)


def unit(request: Request, kind: str, number: str) -> HttpResponse:
    return JsonResponse(_unit(request, _find(request, kind, number)))


def roles(request: Request, number: str) -> HttpResponse:
    """Who holds roles there: names and birth dates, as anybody may know."""
    found = _find(request, "enheter", number)
    return JsonResponse(_roles(request, found, with_numbers=False))


def authorised_roles(request: Request, number: str) -> HttpResponse:
    """The same with identity numbers, for those who have a Maskinporten scope for it."""
    bearer(request, "brreg:enhetsregisteret/roller.read")
    return JsonResponse(_roles(request, _find(request, "enheter", number), with_numbers=True))


def updates(request: Request, kind: str) -> HttpResponse:
    """Changes since an id: everything new once, and the deleted ones."""
    least, size = max(1, _count(request, "oppdateringsid", 1)), _count(request, "size", 20)
    wanted = set(filter(None, request.GET.get("organisasjonsnummer", "").split(",")))
    units = [one for one in world().organisations.values() if _is_sub(one) == (kind == "underenheter")]
    rows = [(number, one) for number, one in enumerate(units, start=1) if not wanted or one.number in wanted]
    rows = [(number, one) for number, one in rows if number >= least]
    shown = [
        {
            "oppdateringsid": number,
            "dato": "2026-01-15T06:00:00.000Z",
            "organisasjonsnummer": one.number,
            "endringstype": "Sletting" if one.deleted_on else "Ny",
            "_links": {"enhet": {"href": f"{_base(request)}/{kind}/{one.number}"}},
        }
        for number, one in rows[:size]
    ]
    total = {"size": size, "totalElements": len(rows), "totalPages": -(-len(rows) // size) if size else 0, "number": 0}
    embedded = {f"oppdaterte{kind.capitalize()}": shown}
    return JsonResponse({"_embedded": embedded, "_links": {"self": {"href": request.get_full_path()}}, "page": total})


def forms(request: Request) -> HttpResponse:
    found = [_form(request, code) for code in sorted(FORMS)]
    return JsonResponse(
        {
            "_embedded": {"organisasjonsformer": found},
            "_links": {"self": {"href": f"{_base(request)}/organisasjonsformer"}},
        }
    )


def _base(request: Request) -> str:
    return f"{request.state.base_url}/enhetsregisteret/api"


def _count(request: Request, name: str, default: int) -> int:
    text = request.GET.get(name, str(default))
    if not text.isdecimal():
        raise Refusal(_bad(request, f"{name} må være et tall"))
    return int(text)


def _bad(request: Request, message: str) -> HttpResponse:
    body = {"status": 400, "feilmelding": message, "sti": request.path_info, "antallFeil": 1, "valideringsfeil": []}
    return JsonResponse(body, status=400)


def _is_sub(one: Organisation) -> bool:
    return one.form == "BEDR"


def _fits(request: Request, one: Organisation) -> bool:
    ask = request.GET
    place = PLACES[one.municipality]
    return (
        all(word in fold(one.name) for word in fold(ask.get("navn", "")).split())
        and (not ask.get("kommunenummer") or place.number in ask["kommunenummer"].split(","))
        and (not ask.get("organisasjonsform") or one.form in ask["organisasjonsform"].split(","))
        and (not ask.get("organisasjonsnummer") or one.number in ask["organisasjonsnummer"].split(","))
        and (not ask.get("overordnetEnhet") or one.parent == ask["overordnetEnhet"])
        and (not ask.get("konkurs") or one.is_bankrupt == (ask["konkurs"] == "true"))
        and one.deleted_on is None
    )


def _find(request: Request, kind: str, number: str) -> Organisation:
    found = world().organisations.get(number)
    if found is None or _is_sub(found) != (kind == "underenheter"):
        raise Refusal(HttpResponse(status=404))
    return found


def _form(request: Request, code: str) -> dict[str, Any]:
    return {
        "kode": code,
        "beskrivelse": FORMS[code],
        "_links": {"self": {"href": f"{_base(request)}/organisasjonsformer/{code}"}},
    }


def _unit(request: Request, one: Organisation) -> dict[str, Any]:
    kind = "underenheter" if _is_sub(one) else "enheter"
    links = {"_links": {"self": {"href": f"{_base(request)}/{kind}/{one.number}"}}}
    body: dict[str, Any] = {
        "organisasjonsnummer": one.number,
        "navn": one.name.upper(),
        "organisasjonsform": _form(request, one.form),
    }
    if one.deleted_on:
        return {**body, "slettedato": one.deleted_on.isoformat(), **links}
    address = _address(one)
    body |= {
        "registreringsdatoEnhetsregisteret": one.founded.isoformat(),
        "registrertIMvaregisteret": one.form == "AS",
        "naeringskode1": {"kode": one.industry[0], "beskrivelse": one.industry[1]},
        "antallAnsatte": one.employees,
        "harRegistrertAntallAnsatte": True,
    }
    if _is_sub(one):
        return {**body, "overordnetEnhet": one.parent, "beliggenhetsadresse": address, **links}
    return {
        **body,
        "forretningsadresse": address,
        "stiftelsesdato": one.founded.isoformat(),
        "registrertIForetaksregisteret": one.form == "AS",
        "registrertIStiftelsesregisteret": False,
        "registrertIFrivillighetsregisteret": False,
        "konkurs": one.is_bankrupt,
        "underAvvikling": False,
        "underTvangsavviklingEllerTvangsopplosning": False,
        "maalform": "Nynorsk" if PLACES[one.municipality].language == "nn" else "Bokmål",
        **links,
    }


def _address(one: Organisation) -> dict[str, Any]:
    place = PLACES[one.municipality]
    return {
        "land": "Norge",
        "landkode": "NO",
        "postnummer": place.postal_code,
        "poststed": place.city.upper(),
        "adresse": [f"{one.street} {one.house}"],
        "kommune": place.name.upper(),
        "kommunenummer": place.number,
    }


def _roles(request: Request, one: Organisation, with_numbers: bool) -> dict[str, Any]:
    base = _base(request)
    groups = []
    for order, (code, holder) in enumerate(one.roles):
        group, title = GROUPS[code]
        groups.append(
            {
                "type": _typed(base, "rollegruppetyper", group, title),
                "sistEndret": one.founded.isoformat(),
                "roller": [
                    {
                        "type": _typed(base, "rolletyper", code, ROLES[code]),
                        "person": _holder(holder, with_numbers),
                        "fratraadt": False,
                        "rekkefolge": order,
                    }
                ],
            }
        )
    unit_link = f"{base}/enheter/{one.number}"
    return {"rollegrupper": groups, "_links": {"self": {"href": f"{unit_link}/roller"}, "enhet": {"href": unit_link}}}


def _typed(base: str, kind: str, code: str, title: str) -> dict[str, Any]:
    return {"kode": code, "beskrivelse": title, "_links": {"self": {"href": f"{base}/roller/{kind}/{code}"}}}


def _holder(number: str, with_number: bool) -> dict[str, Any]:
    person = world().people[number]
    name = {"fornavn": person.first, "etternavn": person.last}
    facts = {"fodselsdato": person.born.isoformat(), "navn": name, "erDoed": person.status == "doed"}
    return facts | ({"fodselsnummer": number} if with_number else {})


urlpatterns = [
    path("api", root),
    path("api/organisasjonsformer", forms),
    path("api/enheter", search, {"kind": "enheter"}),
    path("api/underenheter", search, {"kind": "underenheter"}),
    path("api/enheter/<str:number>", unit, {"kind": "enheter"}),
    path("api/underenheter/<str:number>", unit, {"kind": "underenheter"}),
    path("api/enheter/<str:number>/roller", roles),
    path("api/oppdateringer/enheter", updates, {"kind": "enheter"}),
    path("api/oppdateringer/underenheter", updates, {"kind": "underenheter"}),
    path("autorisert-api/enheter/<str:number>/roller", authorised_roles),
]
