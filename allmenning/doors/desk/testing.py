"""For tests of the desk: somebody at work, by the same login and choice as in life."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.test import Client

from allmenning.commons.identity import sessions
from allmenning.journeys import administering, applying, registering
from allmenning.journeys.testing import NAMES, RITA
from allmenning.municipal.access.actor import RESIDENT
from allmenning.municipal.access.models import Unit
from allmenning.tenancy import use


def logged_in(number: str) -> Client:
    """Somebody who has logged in as staff and chosen nothing yet."""
    request = HttpRequest()
    request.session = sessions.SessionStore()
    sessions.log_in_staff(request, sessions.Staff(number, NAMES.get(number, "Dora Dill")))
    request.session.save()
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = str(request.session.session_key)
    return client


def at_desk(place: Any, number: str, area: str = "ordinary") -> Client:
    """Somebody who acts in a place and an area."""
    client = logged_in(number)
    client.post("/desk/choose/", {"place": f"{place.id}/{area}"})
    return client


INQUIRY = {
    "topic": "culture",
    "subject": "Hull i veien ved skolen",
    "message": "Det er et dypt hull i veien ved skolen.",
    "is_follow_up": False,
    "sender": "self",
    "wants_notice": True,
}

HOUSING = {
    "help": "assist",
    "age": "adult",
    "situation": "ordinary",
    "lives_with_others": False,
    "registered_here": True,
    "tenure": "rented",
    "year_round": True,
    "own_entrance": True,
    "own_bathroom": True,
    "own_kitchen": True,
    "room_for_rest": True,
    "rent_ore": 700000,
    "heating_included": False,
    "income_month_ore": 1500000,
    "income_kinds": ["benefits"],
    "wealth_ore": 0,
    "declaration": True,
    "phone": "90000000",
    "assist_consent": True,
}


def send_inquiry(place: Any, by: str = RITA, **answers: Any) -> registering.Receipt:
    """Somebody sends an inquiry in the portal."""
    return send(place, "inquiry", {**INQUIRY, **answers}, by)


def send(place: Any, service: str, data: dict[str, Any], by: str = RITA) -> registering.Receipt:
    """Somebody fills in and sends a form; what registers know of them is filled in first."""
    resident = sessions.Resident(by, NAMES[by], "idporten-loa-high")
    keys = resident.keys(place.id)
    with use(place.id, "resident", keys=keys):
        draft = applying.begin(resident, service, "nb", owner_key=keys[0])
        filling = applying.open_draft(draft.id)
        applying.save_page(filling, {**filling.content.data, **data}, {}, page=1, revision=draft.revision)
        applicant = registering.Applicant("person", by, resident.name)
        draft = applying.open_draft(draft.id).draft
        return registering.submit(draft, applicant, RESIDENT, submitted_by=resident.name)


def hire(place: Any, number: str, role: str, unit: str = "", area: str = "ordinary", name: str = "Dora Dill") -> Unit:
    """Somebody more works in the place, in a unit that is made if it is not there."""
    by, start = administering.OPERATOR, date(2026, 1, 1)
    with use(place.id, "administration"):
        held = administering.add_unit(by, name=unit, area=area) if unit else place.unit
        member = administering.add_staff(by, number=number, name=name, title="", email="", start=start)
        administering.add_position(by, member.id, held.id, role, start=start)
        place.staff[name.split()[0].lower()] = member
    return held
