"""Child welfare in the demo: reports of concern over sixteen months, assessed in time and too late, by the journeys themselves.

So that a leader's figures and the half-year's report have something to show: five and more in some places, and fewer in others.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from allmenning.basics import dates
from allmenning.commons.identity.sessions import Resident
from allmenning.journeys import (
    applying,
    casework,
    deadlines,
    deciding,
    decision_letters,
    noting,
    participants,
    proposing,
    recording,
    registering,
)
from allmenning.journeys.offered import at_version
from allmenning.municipal.access.actor import RESIDENT
from allmenning.municipal.access.models import StaffMember
from allmenning.municipal.access.queries import working_as
from allmenning.municipal.cases.actions import Named, Noted
from allmenning.municipal.cases.models import Case, CaseDeadline
from allmenning.municipal.forms.actions import open_submission
from allmenning.municipal.forms.models import Submission
from allmenning.tenancy import use

from .people import Person, world

if TYPE_CHECKING:
    from .seed import Town

AREA, SERVICE = "child-welfare", "child-welfare-concern"
CASES, EVERY = 48, 9  # reports, and the days between them
UNTAKEN = 1  # the report that lies with nobody, a few days over its deadline
# Days until each is assessed, and how; over and over. A week is in time.
ASSESSED = (
    (3, "dismissed"),
    (5, "investigation"),
    (6, "dismissed"),
    (4, "investigation"),
    (9, "dismissed"),
    (11, "investigation"),
)
LONGEST = 80  # days that an investigation goes on here
FIRST_INVESTIGATION = 330  # days ago: reports from before were dismissed, however serious
REASONS = {
    "dismissed": "Det som er meldt, gir ikke grunn til å undersøke mer.",
    "investigation": "Meldingen gir grunn til å undersøke hvordan barnet har det.",
}
SAID = (
    "Barnet viste rommet sitt og fortalte om en vanlig dag.",
    "Barnet sa at det er bedre når mormor er der.",
    "Barnet ville ikke si så mye, og tegnet mens vi snakket.",
)
MEASURE = {
    "kind": "11.6",
    "section": "3-1",
    "what": "Veiledning hjemme hver uke.",
    "aim": "At morgenene blir rolige, og at barnet kommer på skolen.",
    "agreed": "agreed",
}
CONCLUSION = {
    "findings": "Foreldrene har lite ro om morgenen, og barnet er ofte alene etter skolen.",
    "child_view": "Jeg vil at noen er hjemme når jeg kommer fra skolen.",
    "assessment": "Barnet trenger mer ro. Det barnet sier, er tillagt stor vekt.",
    "why": "Foreldrene tar imot råd, og det er nok for barnet nå.",
}
ARRIVED_AT = {"investigation-dismissed": "no-grounds", "measures": "measures"}
CONCLUDED = {
    "investigation-dismissed": "Barnet har det godt nok hjemme, og familien har fått den hjelpen den trenger.",
    "measures": "Familien trenger hjelp for å få ro i hverdagen.",
}
ANSWERED_AGAIN = {"investigation-dismissed": "concluded-dismissed", "measures": "concluded-followed-up"}
VALUES = {"investigation-dismissed": {}, "measures": {"measures": "Veiledning hjemme hver uke i et halvt år."}}
BECAUSE = (("too-few-people", "To av oss var syke."), ("waited-for-others", "Vi ventet på svar fra helsestasjonen."))
SECTORS = (
    ("school", "Lærer", "Bruhagen barneskole"),
    ("kindergarten", "Pedagogisk leder", "Solstua barnehage"),
    ("health-clinic", "Helsesykepleier", "Helsestasjonen"),
    ("police", "Politibetjent", "Politiet"),
)
CONCERNS = (
    "Barnet kommer ofte uten mat og er trøtt om morgenen.",
    "Barnet sier at det ikke tør å gå hjem.",
    "Barnet har hatt mye fravær den siste måneden, og vi får ikke tak i foreldrene.",
    "Barnet er ofte alene ute til sent på kvelden.",
)


def seed(town: Town) -> None:
    """What was reported, in a municipality with a unit of its own for it."""
    worker, leader = (_staff(town, role) for role in ("caseworker", "leader"))
    day = town.now.date()
    children = sorted(
        (p for p in world().in_municipality(town.id) if p.age(day) < 17), key=lambda person: person.number
    )
    for number in range(CASES):
        received = town.now - timedelta(days=2 + EVERY * number, hours=3)
        child = children[number % len(children)]
        case_id = _report(town, number, child, received)
        _assess(town, number, case_id, child, received, worker, leader)


def _staff(town: Town, role: str) -> tuple[UUID, str]:
    """Somebody of the unit who has a role: their id and identity number."""
    person = next(s.person for s in world().staff if s.municipality == town.id and s.area == AREA and role in s.roles)
    with use(town.id, "administration"):
        return StaffMember.objects.values_list("id", flat=True).get(name=person.name), person.number


def _report(town: Town, number: int, child: Person, received: datetime) -> UUID:
    """Somebody reports in their job, or as a private person."""
    who = town.residents[number * 7 % len(town.residents)]
    resident = Resident(who.number, who.name, "idporten-loa-high")
    keys = resident.keys(town.id)
    with dates.clock.frozen(received), use(town.id, "resident", keys=keys):
        draft = applying.begin(resident, SERVICE, "nb", owner_key=keys[0])
        filling = applying.open_draft(draft.id)
        told = {**filling.content.data, **_answers(number, who, child)}
        applying.save_page(filling, told, {}, filling.content.sources, page=0, revision=draft.revision)
        applicant = registering.Applicant("person", who.number, who.name)
        draft = applying.open_draft(draft.id).draft
        return registering.submit(draft, applicant, RESIDENT, submitted_by=who.name).case_id


def _answers(number: int, who: Person, child: Person) -> dict[str, Any]:
    about: dict[str, Any] = {"name": child.name, "address_line1": "Hjemme i Averøy"}
    answers: dict[str, Any] = {
        "immediate_danger": False,
        "urgency": ("this-week", "not-urgent", "same-day")[number % 3],
        "reporter_name": who.name,
        "concern": CONCERNS[number % len(CONCERNS)],
    }
    if number % 4 == 3:
        return answers | {"reporter_kind": "private", "family_may_know": False, "children": [about]}
    sector, position, workplace = SECTORS[number % len(SECTORS)]
    return answers | {
        "reporter_kind": "public",
        "reporter_phone": who.mobile or "90000000",
        "reporter_email": who.email or "post@eksempel.example",
        "reporter_position": position,
        "reporter_sector": sector,
        "workplace_name": workplace,
        "workplace_address": {"line1": "Bruhagen 1"},
        "children": [
            about
            | {"national_identity_number": child.number, "birth_date": child.born.isoformat()}
            | {"unborn": False, "informed": True}
        ],
        "guardians": [{"name": "Ukjent", "informed": True}],
        "history": "Vi har snakket med foreldrene to ganger.",
    }


def _assess(
    town: Town,
    number: int,
    case_id: UUID,
    child: Person,
    received: datetime,
    worker: tuple[UUID, str],
    leader: tuple[UUID, str],
) -> None:
    days, outcome = ASSESSED[number % len(ASSESSED)]
    at = received + timedelta(days=days)
    if number == UNTAKEN or at > town.now:  # still with nobody
        return
    if (town.now - at).days > FIRST_INVESTIGATION:
        outcome = "dismissed"
    _take(town, case_id, received + timedelta(hours=2), worker)
    _decide(town, case_id, at, leader, outcome)
    if days > 7:
        _explain(town, case_id, at, worker, *BECAUSE[number // len(ASSESSED) % 4 == 3])
    if outcome == "investigation" and at + timedelta(days=2) < town.now:
        _plan(town, case_id, at + timedelta(days=2), worker)
        concluded_at = at + timedelta(days=LONGEST if number % 4 == 3 else LONGEST + 30)
        if concluded_at < town.now:
            came_to = _conclude(town, number, case_id, child, concluded_at, worker, leader)
            answered_at = concluded_at + timedelta(days=6)
            if answered_at < town.now:
                _decide(town, case_id, answered_at, leader, ANSWERED_AGAIN[came_to])


def _take(town: Town, case_id: UUID, at: datetime, who: tuple[UUID, str]) -> None:
    with dates.clock.frozen(at), use(town.id, AREA):
        case, key = Case.objects.get(id=case_id), casework.staff_resident_key(town.id, who[1])
        working = working_as(who[0], AREA)
        casework.assign(case_id, working, to=who[0], unit_id=None, revision=case.revision, staff_key=key)
        casework.finish_task(case_id, "first-look", working, staff_key=key)


def _plan(town: Town, case_id: UUID, at: datetime, who: tuple[UUID, str]) -> None:
    answers = {
        "questions": "Hvordan har barnet det hjemme?",
        "sources": "Foreldrene, skolen og helsestasjonen.",
        "conversations": "Barnet får snakke med kontaktpersonen alene, på skolen.",
        "finish_by": (at + timedelta(days=80)).date().isoformat(),
        "expert": False,
    }
    with dates.clock.frozen(at), use(town.id, AREA):
        key = casework.staff_resident_key(town.id, who[1])
        for own in Case.objects.filter(opened_from=case_id):  # the child's
            recording.begin(own.id, "plan", recording.Draft(answers, "in-use"), working_as(who[0], AREA), staff_key=key)


def _conclude(
    town: Town,
    number: int,
    case_id: UUID,
    about: Person,
    at: datetime,
    worker: tuple[UUID, str],
    leader: tuple[UUID, str],
) -> str:
    """The child and the parents were spoken with, and the leader decides: help, or nothing more. Tells which."""
    outcome = "investigation-dismissed" if number % 3 else "measures"
    parents = [world().people[each] for each in (about.mother, about.father) if each]
    with use(town.id, AREA):
        own = list(Case.objects.filter(opened_from=case_id).values_list("id", flat=True))
    for child in own:
        with dates.clock.frozen(at - timedelta(days=20)), use(town.id, AREA):
            key, working = casework.staff_resident_key(town.id, worker[1]), working_as(worker[0], AREA)
            noting.write_note(child, Noted(SAID[number % len(SAID)], "conversation"), working, staff_key=key)
            for step in ("name-parties", "speak-with-child", "speak-with-parents"):
                casework.finish_task(child, step, working, staff_key=key)
            for parent in parents:
                named = Named("guardian", parent.name, parent.number, True, "parental-responsibility")
                participants.add(child, named, working, staff_key=key)
        with dates.clock.frozen(at), use(town.id, AREA):
            key, working = casework.staff_resident_key(town.id, leader[1]), working_as(leader[0], AREA)
            day = at.date().isoformat()
            concluded = CONCLUSION | {"concluded_on": day, "conclusion": ARRIVED_AT[outcome]}
            recording.begin(child, "conclusion", recording.Draft(concluded), working, staff_key=key)
            if outcome == "measures":
                measure = MEASURE | {
                    "starts": day,
                    "evaluate_on": max(at + timedelta(days=90), town.now + timedelta(days=number)).date().isoformat(),
                }
                recording.begin(child, "measure", recording.Draft(measure, "running"), working, staff_key=key)
            case = Case.objects.get(id=child)
            drafted = decision_letters.Drafted(outcome, [CONCLUDED[outcome]], VALUES[outcome])
            deciding.save_draft(child, drafted, working, revision=case.revision, staff_key=key)
            deciding.issue(child, working, revision=case.revision + 1, staff_key=key)
    return outcome


def _decide(town: Town, case_id: UUID, at: datetime, who: tuple[UUID, str], outcome: str) -> None:
    """Decide it, and tell the sender what follows from who they are; nothing where their answer has closed the case."""
    with dates.clock.frozen(at), use(town.id, AREA):
        case, key = Case.objects.get(id=case_id), casework.staff_resident_key(town.id, who[1])
        if not case.is_open:
            return
        proposed, result = _proposed(case), at_version(case.service, case.version).package.result(outcome)
        answer = result.answers[str(proposed.told_as)] if result else outcome
        drafted = decision_letters.Drafted(
            answer, [], proposed.values, result=outcome if result else "", result_reasons=REASONS.get(outcome, "")
        )
        working = working_as(who[0], AREA)
        deciding.save_draft(case_id, drafted, working, revision=case.revision, staff_key=key)
        deciding.issue(case_id, working, revision=case.revision + 1, staff_key=key)


def _proposed(case: Case) -> proposing.Proposed:
    content = open_submission(Submission.objects.get(case_id=case.id), case.key)
    return proposing.propose(case, content, at_version(case.service, case.version))


def _explain(town: Town, case_id: UUID, at: datetime, who: tuple[UUID, str], because: str, words: str) -> None:
    with dates.clock.frozen(at + timedelta(hours=2)), use(town.id, AREA):
        missed = CaseDeadline.objects.get(case_id=case_id, deadline="assessment")
        key = casework.staff_resident_key(town.id, who[1])
        deadlines.explain(case_id, missed.id, because, words, working_as(who[0], AREA), staff_key=key)
