"""The population register as KS Fiks hands it out. No machine-readable contract is public: this follows the text.

developers.fiks.ks.no/tjenester/register/folkeregister, skatteetaten.github.io/folkeregisteret-api-dokumentasjon: each
element is a list of versions with erGjeldende, kilde and ajourholdstidspunkt.
"""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.urls import path

from allmenning.basics import dates
from demo.people import PLACES, Person, world

from .app import Refusal, Request
from .tokens import bearer

PASSWORD = "sandbox"  # noqa: S105 - everybody may know it
UPDATED = "2026-01-15T08:30:00.000000+01:00"
ADULT = 18
MOST = 1_000  # people in one question


def integration_id(municipality: str) -> str:
    """The IntegrasjonId of a municipality: KS Fiks gives a UUID, the sandbox a name that can be read."""
    return f"sandbox-{municipality}"


def person(request: Request, role: str, number: str) -> HttpResponse:
    """One person, with the parts that were asked for."""
    _authenticate(request)
    found = world().people.get(number)
    if found is None:
        body = {"kode": "FREG-001", "melding": "Fant ikke person for gitt folkeregisteridentifikator"}
        return JsonResponse(body, status=404)
    parts = _asked(request)
    return JsonResponse({part: _PARTS[part](found) for part in parts})


def persons(request: Request, role: str) -> HttpResponse:
    """Several people in one question (bulkoppslag); whom nobody knows is not in the answer."""
    _authenticate(request)
    try:
        numbers = json.loads(request.body)["foedselsEllerDNummer"]
    except (ValueError, KeyError, TypeError):
        numbers = None
    if not isinstance(numbers, list) or not 1 <= len(numbers) <= MOST:
        return JsonResponse({"kode": "FREG-004", "melding": f"1–{MOST} foedselsEllerDNummer"}, status=400)
    parts = _asked(request)
    found = [one for number in numbers if (one := world().people.get(str(number)))]
    told = [
        {"foedselsEllerDNummer": one.number, "folkeregisterperson": {part: _PARTS[part](one) for part in parts}}
        for one in found
    ]
    return JsonResponse({"oppslag": told})


def _authenticate(request: Request) -> None:
    bearer(request, "ks:fiks")
    known = {integration_id(place) for place in PLACES}
    if request.headers.get("IntegrasjonId") not in known or request.headers.get("IntegrasjonPassord") != PASSWORD:
        raise Refusal(_fiks_error(request, 401, "Unauthorized", "Ugyldig integrasjon eller passord"))


def _asked(request: Request) -> list[str]:
    """The parts of a record that a question names."""
    asked = request.GET.getlist("part") or ["person-basis"]
    parts = set(_BASIC) if "person-basis" in asked else set()
    parts |= set(asked) - {"person-basis"}
    if unknown := parts - set(_PARTS):
        body = {"kode": "FREG-003", "melding": f"Ukjent part: {', '.join(sorted(unknown))}"}
        raise Refusal(JsonResponse(body, status=400))
    return sorted(parts)


def _fiks_error(request: Request, status: int, error: str, message: str) -> HttpResponse:
    body = {
        "timestamp": "2026-01-15T08:30:00.000+00:00",
        "status": status,
        "error": error,
        "errorId": "00000000-0000-0000-0000-000000000000",
        "path": request.path_info,
        "message": message,
        "errorCode": None,
        "errorJson": None,
    }
    return JsonResponse(body, status=status)


def _element(**facts: Any) -> dict[str, Any]:
    return {
        "ajourholdstidspunkt": UPDATED,
        "erGjeldende": True,
        "kilde": "KILDE_DSF",
        "gyldighetstidspunkt": UPDATED,
        **facts,
    }


def _number(one: Person) -> list[dict[str, Any]]:
    kind = "dNummer" if one.number[0] in "4567" else "foedselsnummer"
    return [_element(status="iBruk", foedselsEllerDNummer=one.number, identifikatortype=kind)]


def _name(one: Person) -> list[dict[str, Any]]:
    former = _element(fornavn=one.first, etternavn="Vikar") | {"erGjeldende": False}
    return [_element(fornavn=one.first, etternavn=one.last), *([former] if one.marital_status == "gift" else [])]


def _address(one: Person) -> list[dict[str, Any]]:
    if one.protection == "strengtFortrolig" or one.status == "doed":
        return []
    place = one.place
    street = {
        "kommunenummer": place.number,
        "bruksenhetsnummer": one.dwelling,
        "bruksenhetstype": "bolig",
        "adressenavn": one.street,
        "adressenummer": {"husnummer": str(one.house)},
        "adressekode": "11111",
        "poststed": {"poststedsnavn": place.city.upper(), "postnummer": place.postal_code},
    }
    return [_element(vegadresse=street, adressegradering=one.protection, flyttedato="2020-08-01", grunnkrets=101)]


def _protection(one: Person) -> list[dict[str, Any]]:
    return [] if one.protection == "ugradert" else [_element(graderingsnivaa=one.protection)]


def _marital_status(one: Person) -> list[dict[str, Any]]:
    facts = {"sivilstand": one.marital_status} | ({"relatertVedSivilstand": one.spouse} if one.spouse else {})
    return [_element(**facts)]


def _family(one: Person) -> list[dict[str, Any]]:
    found = [
        _relation(one.spouse, "ektefelleEllerPartner", "ektefelleEllerPartner"),
        _relation(one.mother, "mor", "barn"),
    ]
    found.append(_relation(one.father, "far", "barn"))
    mine = "mor" if one.sex == "kvinne" else "far"
    found += [_relation(child.number, "barn", mine) for child in world().children_of(one.number)]
    return [element for element in found if element]


def _relation(number: str | None, role: str, mine: str) -> dict[str, Any] | None:
    return _element(relatertPerson=number, relatertPersonsRolle=role, minRolleForPerson=mine) if number else None


def _responsibility(one: Person) -> list[dict[str, Any]]:
    """On a child: who is responsible (`ansvarlig`). On a parent: for whom (`ansvarssubjekt`)."""
    own = [
        _element(ansvar=_kind(one), ansvarlig=parent)
        for parent in (one.mother, one.father)
        if parent and _is_minor(one)
    ]
    children = [child for child in world().children_of(one.number) if _is_minor(child)]
    return own + [_element(ansvar=_kind(child), ansvarssubjekt=child.number) for child in children]


def _kind(child: Person) -> str:
    return "felles" if child.mother and child.father else "mor"


def _is_minor(one: Person) -> bool:
    return one.age(dates.today()) < ADULT


def _birth(one: Person) -> list[dict[str, Any]]:
    return [_element(foedselsdato=one.born.isoformat(), foedselsaar=str(one.born.year), foedeland="NOR")]


def _guardian(one: Person) -> list[dict[str, Any]]:
    if not one.guardian:
        return []
    guardian = world().people[one.guardian]
    facts = {
        "foedselsEllerDNummer": guardian.number,
        "navn": {"fornavn": guardian.first, "etternavn": guardian.last},
        "omfang": "personligeOgOekonomiskeInteresser",
    }
    return [_element(type="voksen", embete="Statsforvalteren i Agder", verge=facts)]


_BASIC = ("identifikasjonsnummer", "navn", "bostedsadresse", "adressebeskyttelse", "status", "foedsel")
_PARTS = {
    "identifikasjonsnummer": _number,
    "navn": _name,
    "foedsel": _birth,
    "status": lambda one: [_element(status=one.status)],
    "bostedsadresse": _address,
    "adressebeskyttelse": _protection,
    "sivilstand": _marital_status,
    "familierelasjon": _family,
    "foreldreansvar": _responsibility,
    "vergemaalEllerFremtidsfullmakt": _guardian,
}

urlpatterns = [
    path("api/v1/<str:role>/v1/personer/bulkoppslag", persons),
    path("api/v1/<str:role>/v1/personer/<str:number>", person),
]
