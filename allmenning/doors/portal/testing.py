"""For tests of the portal: somebody who is logged in, and things that they have sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.test import Client

from allmenning.basics import dates
from allmenning.commons.identity import sessions
from allmenning.commons.identity.sessions import ActingFor, Resident
from allmenning.journeys import applying, casework, deciding, decision_letters, dialogue, outbox, registering
from allmenning.journeys.representing import working_for
from allmenning.journeys.testing import NAMES, OMAR, number
from allmenning.municipal.access.actor import RESIDENT
from allmenning.municipal.cases.models import Case
from allmenning.municipal.people.models import Representation
from allmenning.municipal.people.ports import MaritalStatus, Name, Person
from allmenning.tenancy import use

INQUIRY = {
    "topic": "culture",
    "subject": "Hull i veien ved skolen",
    "message": "Det er et dypt hull i veien ved skolen.",
    "is_follow_up": False,
    "sender": "self",
    "wants_notice": True,
}
FEE = {
    "household_kind": "single",
    "all_in_municipality": True,
    "income_basis": "tax-return",
    "applicant_income_ore": 700_000_00,
    "declaration": True,
    "from_month": f"{dates.add_months(dates.today(), 1):%Y-%m}",
}
PLACE = {"lives": "here", "has_place": True, "kindergarten": "Solstua barnehage", "place": "full"}
BAKERY = ActingFor("310000000", "Tindved Bakeri AS", "DAGL")


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
    client.cookies[settings.SESSION_COOKIE_NAME] = str(request.session.session_key)
    return client


def let_act(place: Any, rita_: Client, omar_: Client) -> UUID:
    """Rita gives Omar a power of attorney for inquiries, and he acts by it from now on. Returns its id."""
    last_day = dates.add_months(dates.today(), 1).isoformat()
    given = {"number": OMAR, "name": NAMES[OMAR], "scope": "ordinary/inquiry", "last_day": last_day}
    rita_.post(f"/my/powers/{place.id}/give/", given)
    with use(place.id, "owner"):
        power = Representation.objects.get().id
    omar_.post("/act-for/", {"power": f"{place.id}/{power}"})
    return power


def sent_inquiry(
    place: Any, resident: Resident | None, *, service: str = "inquiry", code: str = "", **answers: Any
) -> registering.Receipt:
    """An inquiry that somebody has sent; without a resident by a receipt code."""
    code = "" if resident else code or registering.new_code()
    keys = resident.keys(place.id) if resident else (registering.code_key(place.id, code),)
    working = working_for(place.id, resident) if resident else use(place.id, "resident", keys=keys)
    with working:
        draft = applying.begin(resident, service, "nb", owner_key=keys[0])
        filling = applying.open_draft(draft.id)
        who = {} if resident else {"sender": "anonymous", "wants_notice": False}
        data = {**filling.content.data, **INQUIRY, **who, **answers}
        applying.save_page(filling, data, {}, page=1, revision=draft.revision)
        applicant = registering.Applicant("receipt", "", "Navnløs")
        if resident:
            applicant = registering.Applicant(resident.acting_kind, resident.acting_number, resident.acting_name)
        draft = applying.open_draft(draft.id).draft
        return registering.submit(draft, applicant, RESIDENT, submitted_by=applicant.name, code=code)


def rejected_fee(place: Any, registers: Any, resident: Resident) -> registering.Receipt:
    """A reduced kindergarten fee that was applied for, and rejected by itself: the income is high, and confirmed."""
    child = number(200, date(2022, 3, 4))
    now = dates.now()
    person = registers.people[resident.number]
    registers.people[resident.number] = replace(person, children=(child,), marital_status=MaritalStatus.UNMARRIED)
    registers.people[child] = Person(
        child, now, name=Name("Anna", "Rogn"), birth_date=date(2022, 3, 4), status="bosatt"
    )
    registers.incomes[resident.number] = 700_000_00
    keys = resident.keys(place.id)
    with use(place.id, "resident", keys=keys):
        draft = applying.begin(resident, "reduced-kindergarten-fee", "nb", owner_key=keys[0])
        filling = applying.open_draft(draft.id)
        data = {**filling.content.data, **FEE}
        data["children"] = [{**each, **PLACE} for each in filling.content.data["children"]]
        applying.save_page(filling, data, {}, page=1, revision=draft.revision)
        applicant = registering.Applicant("person", resident.number, resident.name)
        draft = applying.open_draft(draft.id).draft
        receipt = registering.submit(draft, applicant, RESIDENT, submitted_by=resident.name)
    outbox.drain(place.id, "ordinary")
    return receipt


def sent_image(
    place: Any, case_id: Any, resident: Resident | None, content: bytes, name: str = "hull.jpg", code: str = ""
) -> None:
    """An image that somebody sends besides, to a case of theirs; without a resident by the receipt code."""
    keys = resident.keys(place.id) if resident else (registering.code_key(place.id, code),)
    with use(place.id, "resident", keys=keys):
        dialogue.send_more(case_id, "", [dialogue.Upload(name, "", content)])


def asked(place: Any, case_id: Any, text: str, due: Any) -> None:
    """Alice asks the resident something."""
    with use(place.id, "ordinary"):
        case = Case.objects.get(id=case_id)
        dialogue.ask(case.id, text, due, place.working("alice").as_actor(case), revision=case.revision)


def answered(place: Any, case_id: Any, number: str) -> None:
    """Alice answers the inquiry."""
    key = casework.staff_resident_key(place.id, number)
    with use(place.id, "ordinary"):
        case = Case.objects.get(id=case_id)
        drafted = decision_letters.Drafted("answered", [], {"answer": "Vi fyller hullet i dag."})
        deciding.save_draft(case.id, drafted, place.working("alice"), revision=case.revision, staff_key=key)
        case.refresh_from_db()
        deciding.issue(case.id, place.working("alice"), revision=case.revision, staff_key=key)
