"""The contact and reservation register (KRR): docs.digdir.no/docs/Kontaktregisteret/krr_attributter."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.urls import path

from demo.people import world

from .app import Request
from .tokens import bearer

MOST = 1_000
UPDATED = "2026-01-15T08:30:00+01"


def persons(request: Request) -> HttpResponse:
    bearer(request, "krr:global/kontaktinformasjon.read")
    try:
        numbers = json.loads(request.body)["personidentifikatorer"]
    except (ValueError, KeyError, TypeError):
        return JsonResponse({"error": "personidentifikatorer mangler"}, status=400)
    if not isinstance(numbers, list) or not 1 <= len(numbers) <= MOST:
        return JsonResponse({"error": f"1–{MOST} personidentifikatorer"}, status=400)
    return JsonResponse({"personer": [_person(str(number)) for number in numbers]})


def _person(number: str) -> dict[str, Any]:
    found = world().people.get(number)
    if found is None or (found.can_be_notified and not found.email):
        return {
            "personidentifikator": number,
            "reservasjon": "NEI",
            "status": "IKKE_REGISTRERT",
            "varslingsstatus": "KAN_IKKE_VARSLES",
        }
    contact = {"epostadresse": found.email, "epostadresse_oppdatert": UPDATED, "epostadresse_sist_verifisert": UPDATED}
    contact |= {"mobiltelefonnummer": found.mobile, "mobiltelefonnummer_oppdatert": UPDATED}
    return {
        "personidentifikator": number,
        "reservasjon": "JA" if found.is_reserved else "NEI",
        "status": "AKTIV",
        "varslingsstatus": "KAN_VARSLES" if found.can_be_notified else "KAN_IKKE_VARSLES",
        "kontaktinformasjon": contact,
        "spraak": found.language,
        "spraak_oppdatert": UPDATED,
    }


urlpatterns = [path("rest/v2/personer", persons)]
