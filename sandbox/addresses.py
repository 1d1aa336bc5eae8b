"""Kartverket's addresses, held by a test against the publisher's OpenAPI description: ws.geonorge.no/adresser/v1."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.urls import path

from allmenning.basics.norwegian import fold
from demo.people import PLACES, STREETS

from .app import Request

HOUSES = range(1, 41)
MOST = 1_000


@cache
def everything() -> list[dict[str, Any]]:
    """Each invented street in each municipality. Nothing here says that anyone lives there."""
    found = []
    for order, place in enumerate(PLACES.values()):
        for code, street in enumerate((*STREETS, "Linerlevegen"), start=1):
            for house in HOUSES:
                latitude = round(place.latitude + code * 0.0011 + house * 0.00004, 6)
                longitude = round(place.longitude + order * 0.0001 + house * 0.0002, 6)
                found.append(_address(place.id, street, 1000 + code, house, latitude, longitude))
    return found


def _address(
    municipality: str, street: str, code: int, house: int, latitude: float, longitude: float
) -> dict[str, Any]:
    place = PLACES[municipality]
    return {
        "adressenavn": street,
        "adressetekst": f"{street} {house}",
        "adressetilleggsnavn": None,
        "adressekode": code,
        "nummer": house,
        "bokstav": "",
        "kommunenummer": place.number,
        "kommunenavn": place.name.upper(),
        "gardsnummer": code - 990,
        "bruksnummer": house,
        "festenummer": 0,
        "undernummer": None,
        "bruksenhetsnummer": ["H0101"],
        "objtype": "Vegadresse",
        "poststed": place.city.upper(),
        "postnummer": place.postal_code,
        "adressetekstutenadressetilleggsnavn": f"{street} {house}",
        "stedfestingverifisert": True,
        "representasjonspunkt": {"epsg": "EPSG:4258", "lat": latitude, "lon": longitude},
        "oppdateringsdato": "2026-01-15T08:30:00",
    }


def search(request: Request) -> HttpResponse:
    """By words over nearly all fields, or by single fields."""
    ask = request.GET
    if not any(value for value in ask.values()):
        return JsonResponse({"message": "Minst ett søkeparameter må benyttes"}, status=400)
    words = fold(ask.get("sok", "")).replace(",", " ").split()
    found = [one for one in everything() if _fits(ask, one) and all(_has(one, word) for word in words)]
    return _listed(request, found)


def nearby(request: Request) -> HttpResponse:
    """Within a radius of a point, nearest first."""
    try:
        latitude, longitude = float(request.GET["lat"]), float(request.GET["lon"])
        radius = int(request.GET["radius"])
    except (KeyError, ValueError):
        return JsonResponse({"message": "lat, lon og radius er påkrevd"}, status=400)
    measured = ((_metres(latitude, longitude, one), one) for one in everything())
    close = sorted(((metres, one) for metres, one in measured if metres <= radius), key=lambda pair: pair[0])
    return _listed(request, [{**one, "meterDistanseTilPunkt": round(metres, 1)} for metres, one in close])


def _fits(ask: Any, one: dict[str, Any]) -> bool:
    text = ("adressenavn", "adressetekst", "kommunenummer", "kommunenavn", "postnummer", "poststed", "objtype")
    whole = ("nummer", "adressekode", "gardsnummer", "bruksnummer")
    return all(fold(ask[name]) == fold(str(one[name])) for name in (*text, *whole) if ask.get(name))


def _has(one: dict[str, Any], word: str) -> bool:
    text = fold(f"{one['adressetekst']} {one['postnummer']} {one['poststed']} {one['kommunenavn']}").split()
    if word.endswith("*"):
        return any(part.startswith(word[:-1]) for part in text)
    return word in text


def _metres(latitude: float, longitude: float, one: dict[str, Any]) -> float:
    point = one["representasjonspunkt"]
    north = (point["lat"] - latitude) * 111_320
    east = (point["lon"] - longitude) * 111_320 * math.cos(math.radians(latitude))
    return math.hypot(north, east)


def _listed(request: Request, found: list[dict[str, Any]]) -> HttpResponse:
    size = min(MOST, _whole(request, "treffPerSide", 10))
    number = _whole(request, "side", 0)
    shown = found[number * size : (number + 1) * size]
    metadata = {
        "sokeStreng": request.META.get("QUERY_STRING", ""),
        "totaltAntallTreff": len(found),
        "viserFra": number * size,
        "viserTil": number * size + len(shown),
        "treffPerSide": size,
        "side": number,
        "asciiKompatibel": True,
    }
    return JsonResponse({"metadata": metadata, "adresser": shown})


def _whole(request: Request, name: str, default: int) -> int:
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() else default


urlpatterns = [path("v1/sok", search), path("v1/punktsok", nearby)]
