"""For tests of the portal: somebody who is logged in, and things that they have sent."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.test import Client

from allmenning.commons.identity import sessions
from allmenning.commons.identity.sessions import ActingFor, Resident
from allmenning.journeys import applying, casework, deciding, dialogue, registering
from allmenning.municipal.access.actor import RESIDENT
from allmenning.municipal.cases.models import Case
from allmenning.tenancy import use

INQUIRY = {
    "topic": "culture",
    "subject": "Hull i veien ved skolen",
    "message": "Det er et dypt hull i veien ved skolen.",
    "is_follow_up": False,
    "sender": "self",
    "wants_notice": True,
}
BAKERY = ActingFor("310000006", "Tindved Bakeri AS", "DAGL")


def browser_of(resident: Resident, **held: Any) -> Client:
    """A browser in which somebody is logged in; `held` is put in the session besides."""
    request = HttpRequest()
    request.session = sessions.SessionStore()
    sessions.log_in_resident(request, resident)
    if resident.organisation:
        sessions.act_for(request, resident.organisation)
    request.session.update(held)
    request.session.save()
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = request.session.session_key
    return client


def sent_inquiry(place: Any, resident: Resident | None, **answers: Any) -> registering.Receipt:
    """An inquiry that somebody has sent; without a resident by a receipt code."""
    code = "" if resident else registering.new_code()
    keys = resident.keys(place.id) if resident else (registering.code_key(place.id, code),)
    with use(place.id, "resident", keys=keys):
        draft = applying.begin(resident, "inquiry", "nb", owner_key=keys[0])
        filling = applying.open_draft(draft.id)
        applying.save_page(filling, {**filling.content.data, **INQUIRY, **answers}, {}, page=1, revision=draft.revision)
        draft = applying.open_draft(draft.id).draft
        kind = resident.acting_kind if resident else "receipt"
        applicant = registering.Applicant(
            kind, resident.acting_number if resident else "", resident.acting_name if resident else "Navnløs"
        )
        return registering.submit(draft, applicant, RESIDENT, submitted_by=applicant.name, code=code)


def asked(place: Any, case_id: Any, text: str, due: Any) -> None:
    """Alice asks the resident something."""
    with use(place.id, "ordinary"):
        case = Case.objects.get(id=case_id)
        dialogue.ask(case.id, text, due, place.working("alice").as_actor(case.unit_id, None), revision=case.revision)


def answered(place: Any, case_id: Any, number: str) -> None:
    """Alice answers the inquiry."""
    key = casework.staff_resident_key(place.id, number)
    with use(place.id, "ordinary"):
        case = Case.objects.get(id=case_id)
        drafted = deciding.Drafted("answered", [], {"answer": "Vi fyller hullet i dag."})
        deciding.save_draft(case.id, drafted, place.working("alice"), revision=case.revision, staff_key=key)
        case.refresh_from_db()
        deciding.issue(case.id, place.working("alice"), revision=case.revision, staff_key=key)
