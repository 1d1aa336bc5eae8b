"""Altinn's list of the parties that a person may act for, with the roles that the business register gives.

docs.altinn.studio/authorization/guides/resource-owner/integrating-link-service: a Maskinporten token is exchanged for
Altinn's own, and the list asked for with that.
"""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.urls import path

from demo.people import Organisation, world

from .app import Request
from .tokens import bearer, sign

SCOPE = "altinn:accessmanagement/authorizedparties.resourceowner"


def exchange(request: Request) -> HttpResponse:
    claims = bearer(request, SCOPE)
    return HttpResponse(
        sign(request.state, {**claims, "iss": f"{request.state.base_url}/altinn"}), content_type="text/plain"
    )


def parties(request: Request) -> HttpResponse:
    claims = bearer(request, SCOPE)
    if claims["iss"] != f"{request.state.base_url}/altinn":
        return JsonResponse({"title": "Unauthorized", "status": 401}, status=401)
    try:
        ask = json.loads(request.body)
        number = ask["value"] if ask["type"] == "urn:altinn:person:identifier-no" else None
    except (ValueError, KeyError, TypeError):
        number = None
    if number not in world().people:
        return JsonResponse({"title": "One or more validation errors occurred.", "status": 400}, status=400)
    held: dict[str, list[str]] = {}
    for unit, code in world().organisations_of(number):
        held.setdefault(unit.number, []).append(code)
    return JsonResponse([_party(world().organisations[unit], codes) for unit, codes in held.items()], safe=False)


def _party(unit: Organisation, roles: list[str]) -> dict[str, Any]:
    subunits = [one for one in world().organisations.values() if one.parent == unit.number]
    return {
        "partyUuid": str(uuid.uuid5(uuid.NAMESPACE_URL, f"sandbox:{unit.number}")),
        "name": unit.name.upper(),
        "organizationNumber": unit.number,
        "personId": None,
        "partyId": int(unit.number[-8:]),
        "type": "Organization",
        "unitType": unit.form,
        "isDeleted": unit.deleted_on is not None,
        "onlyHierarchyElementWithNoAccess": False,
        "authorizedResources": [],
        "authorizedRoles": roles,
        "subunits": [_party(one, roles) for one in subunits],
    }


urlpatterns = [
    path("authentication/api/v1/exchange/maskinporten", exchange),
    path("accessmanagement/api/v1/resourceowner/authorizedparties", parties),
]
