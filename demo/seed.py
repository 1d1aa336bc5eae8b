"""A lived-in demo: units, staff, adopted services, and some hundred cases in every state, made by the journeys themselves.

Nothing is written around the journeys: what a case has is what the platform gave it. The clock is set back for each step,
so that cases have a past. The same seed gives the same cases.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml
from django.db import connections

from allmenning.basics import dates
from allmenning.commons.catalogue import actions as catalogue
from allmenning.commons.catalogue import package as packages
from allmenning.commons.costs import actions as costs
from allmenning.commons.identity.errors import RoleAlreadyHeld
from allmenning.commons.identity.sessions import Represented, Resident
from allmenning.journeys import (
    administering,
    applying,
    breaking_glass,
    casework,
    deciding,
    decision_letters,
    dialogue,
    figures,
    noting,
    offices,
    on_behalf,
    outbox,
    outside,
    proposing,
    registering,
    representing,
    standing_out,
    using,
)
from allmenning.journeys.offered import at_version
from allmenning.municipal.access.actor import RESIDENT
from allmenning.municipal.access.models import StaffMember, Unit
from allmenning.municipal.access.purposes import BREAK_GLASS
from allmenning.municipal.access.queries import working_as
from allmenning.municipal.cases.models import Case
from allmenning.municipal.forms.actions import open_submission
from allmenning.municipal.forms.models import Channel, Submission
from allmenning.municipal.post.models import Outbox
from allmenning.tenancy import use

from . import bills, plan, pools, registers, sensitive, welfare
from .people import PLACES, Person, Place, Staff, world
from .screen import Report

ROOT = Path(__file__).resolve().parent.parent
SERVICES = ROOT / "services"
AGREEMENTS = ROOT / "agreements"
START = date(2025, 1, 1)
BY = administering.OPERATOR

# Name, service area, and which kind of unit services may call it.
UNITS = {
    "service": ("Servicetorget", "ordinary", "service-desk"),
    "education": ("Barnehage og skole", "ordinary", "kindergarten"),
    "housing": ("Boligkontoret", "ordinary", "housing"),
    "archive": ("Dokumentsenteret", "ordinary", "administration"),
    "child-welfare": ("Barnevernstjenesten", "child-welfare", "child-welfare"),
    "child-welfare-emergency": ("Barnevernsvakta", "child-welfare", "child-welfare-emergency"),
    "social-services": ("Sosiale tjenester", "social-services", "social-services"),
    "care": ("Tildelingskontoret", "care", "care"),
    "educational-psychology": ("PP-tjenesten", "educational-psychology", "educational-psychology"),
}
SENSITIVE = ("child-welfare", "social-services", "care", "educational-psychology")
HOST, HOSTED = "averoy", "smola"  # the host's staff work for the other too, by mandates
# Units that the people of another unit have too.
SHARED = {"child-welfare": ("child-welfare-emergency",)}
# Which unit handles what, where the municipality has such a unit; everything else goes to the service desk.
ROUTES = {
    "education": [("reduced-kindergarten-fee", ""), ("inquiry", "kindergarten"), ("inquiry", "school")],
    "housing": [("housing-allowance", ""), ("inquiry", "housing")],
}
# Where the municipality's own delegation asks for a second person: for one outcome, or ("") for all.
SECOND_PERSON = {"averoy": "rejected", "kristiansund": ""}
BUSY = {"averoy": 70, "kristiansund": 34, "smola": 26, "molde": 20, "kristiansand": 20}
QUIET = 6


def load_services(report: Report) -> None:
    """Los, the state's services, the agreements, and the folders of `services/`, published."""
    catalogue.load_los()
    catalogue.load_state_services()
    for path in sorted(AGREEMENTS.glob("*.yaml")):
        costs.publish(path.read_text("utf-8"), file=path.name, by="demo")
    plan.seed()
    bills.seed()
    pools.seed()
    for done, package in enumerate(services(), start=1):
        catalogue.publish(package, by="demo")
        report(done, len(services()), package.id)
    open_offices()


def open_offices() -> None:
    """Who has which role at the cooperations' own offices."""
    for official in world().officials:
        with suppress(RoleAlreadyHeld):
            offices.let_in(official.person.number, role=official.role, scope=official.scope, party=official.party)


@cache
def services() -> tuple[packages.ServicePackage, ...]:
    """The folders of `services/`."""
    return tuple(packages.load(path.parent) for path in sorted(SERVICES.glob("*/service.yaml")))


def seed(municipality: str) -> None:
    """One municipality at work; one that was seeded before is left as it is."""
    outside.connect(registers.outside())
    place = PLACES[municipality]
    if not _is_seeded(place):
        for _ in Town(place).live():
            connections.close_all()  # back to the pool, as at the end of a request
        figures.publish_figures(municipality)
        using.publish_use(municipality)
    connections.close_all()


def _is_seeded(place: Place) -> bool:
    with use(place.id, "administration"):
        return Unit.objects.exists()


@cache
def stories() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "demo" / "stories.yaml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Worker:
    """A member of staff in the demo, with what the journeys ask for."""

    id: UUID
    number: str
    municipality: str

    @property
    def staff_key(self) -> bytes:
        return casework.staff_resident_key(self.municipality, self.number)


class Town:
    """One municipality of the demo: its organisation, and what happened there in the last half year."""

    def __init__(self, place: Place) -> None:
        self.place, self.id = place, place.id
        self.random = random.Random(f"demo {place.id}")  # noqa: S311 (repeatable on purpose)
        self.now = dates.now()
        self.units: dict[str, Unit] = {}
        self.workers: dict[str, list[Worker]] = {}
        self.residents = [p for p in world().in_municipality(self.id) if p.age(self.now.date()) >= 18]

    # --- the organisation ---

    def live(self) -> Iterator[None]:
        """Set the municipality up, and let half a year pass. Yields after each case."""
        self.set_up()
        for number in range(BUSY.get(self.id, QUIET)):
            self._case(number)
            yield
        self._who_act_for_others()
        if self.id == "averoy":
            self._emergency()
            welfare.seed(self)
        sensitive.seed(self)
        self.measured()
        if self.id == "averoy":
            with dates.clock.frozen(self.now - timedelta(hours=9)):
                standing_out.find(self.id)  # as a worker does at night

    def set_up(self) -> None:
        """Letterhead, units, staff, and the services it has adopted."""
        with use(self.id, "administration"):
            self._organise()

    def _organise(self) -> None:
        employer = world().employer(self.id)
        administering.set_letterhead(
            BY,
            name=f"{self.place.name} kommune",
            address_line=f"{employer.street} {employer.house}",
            postal_code=self.place.postal_code,
            postal_place=self.place.city,
            organisation_number=employer.number,
            phone="00 00 00 00",
            email=f"post@{self.id}.example",
            website=f"https://{self.id}.example/",
        )
        staff = [each for each in world().staff if each.municipality == self.id]
        own = {s.unit for s in staff} - {"service", "administration"}
        for key in ["service", *sorted(own | {shared for each in own for shared in SHARED.get(each, ())})]:
            name, area, kind = UNITS[key]
            self.units[key] = administering.add_unit(
                BY,
                name=name,
                area=area,
                kind=kind,
                email=f"{key}@{self.id}.example",
                phone="00 00 00 00",
                opening_hours="Mandag–fredag 9–15",
            )
        for each in staff:
            self._employ(each)
        if self.id == HOSTED:
            self._host_in_averoy()
        self._adopt()
        if self.id == HOSTED:
            self._borrow_from_averoy()

    def _employ(self, each: Staff) -> None:
        member = administering.add_staff(
            BY, number=each.person.number, name=each.person.name, title=each.title, email=each.email, start=START
        )
        for role in each.roles:
            for led in [None] if role == "administrator" else self._units_of(each, role):
                administering.add_position(BY, member.id, led, role, start=START)
        if each.area == "ordinary":
            self.workers.setdefault(each.unit, []).append(Worker(member.id, each.person.number, self.id))
        self._give_service_desk(each, member)

    def _give_service_desk(self, each: Staff, member: StaffMember) -> None:
        """Where one person is both administrator and leader, they still need a unit to work in."""
        if each.unit == "administration" and set(each.roles) - {"administrator"}:
            self.workers.setdefault("service", []).append(Worker(member.id, each.person.number, self.id))

    def _units_of(self, each: Staff, role: str) -> list[UUID]:
        """The unit one works in. Who leads the service desk leads and approves in the units that have no leader, too."""
        own = self.units.get(each.unit) or self.units["service"]
        without = [kind for kind in ROUTES if kind in self.units] if each.unit == "service" else []
        shared = [self.units[key].id for key in SHARED.get(each.unit, ())]
        return [own.id, *shared, *(self.units[kind].id for kind in without if role in ("leader", "approver"))]

    def _adopt(self) -> None:
        """Every service of the areas in which the municipality has a unit."""
        for package in services():
            unit = self.units.get("service" if package.area == "ordinary" else package.area)
            if unit is not None:
                administering.adopt(BY, package.id, package.version, {})
                administering.route(BY, package.id, "", unit.id)
        for kind, routes in ROUTES.items():
            if kind in self.units:
                for service, topic in routes:
                    administering.route(BY, service, topic, self.units[kind].id)
        if self.id in SECOND_PERSON:
            administering.delegate(
                BY,
                service="reduced-kindergarten-fee",
                outcome=SECOND_PERSON[self.id],
                role="caseworker",
                second_person=True,
                source="Delegasjonsreglement vedtatt av kommunestyret, punkt 4.2",
                start=START,
            )

    def _borrow_from_averoy(self) -> None:
        """Averøy's adviser on kindergartens works for Smøla too, by a written agreement."""
        lent = next(s for s in world().staff if s.municipality == HOST and s.unit == "education")
        self._lend(lent, self.units["service"], "Avtale om vertskommunesamarbeid av 1.1.2025, § 3")

    def _host_in_averoy(self) -> None:
        """Averøy's staff do what is kept apart for Smøla too, each by a mandate: Smøla has the units and the cases, and nobody
        of its own in them.
        """
        for area in SENSITIVE:
            name, _area, kind = UNITS[area]
            self.units[area] = administering.add_unit(
                BY,
                name=name,
                area=area,
                kind=kind,
                email=f"{area}@{self.id}.example",
                phone="00 00 00 00",
                opening_hours="Mandag–fredag 9–15",
            )
            for each in (s for s in world().staff if s.municipality == HOST and s.area == area):
                self._lend(each, self.units[area], "Avtale om vertskommunesamarbeid av 1.1.2025, § 4")

    def _lend(self, each: Staff, unit: Unit, source: str) -> None:
        member = administering.add_staff(
            BY, number=each.person.number, name=each.person.name, title=each.title, email=each.email, start=START
        )
        administering.add_mandate(BY, member.id, HOST, source, start=START, end=date(2027, 12, 31))
        for role in each.roles:
            administering.add_position(BY, member.id, unit.id, role, start=START)

    # --- what happens ---

    def _case(self, number: int) -> None:
        resident = self._who(number)
        received = self.now - timedelta(
            days=self.random.choice([1, 2, 3, 5, 8, 13, 20, 30, 45, 70, 100, 140]), minutes=self.random.randint(5, 600)
        )
        kind = self.random.choices(("inquiry", "kindergarten", "housing"), (11, 6, 3))[0]
        children = [c for c in world().children_of(resident.number) if 1 <= c.age(received.date()) <= 5]
        if kind == "kindergarten" and children:
            self._kindergarten(resident, children, received)
        elif kind == "housing":
            self._housing(resident, received)
        else:
            self._inquiry(resident, received)

    def measured(self) -> None:
        """Families that have moved in: each applies for a lower fee, which rules decide, asks something that is asked more about, and
        some telephone. So the figures that the commons are told are about five people, and not all forms are digital.
        """
        for number, mother in enumerate(world().newcomers_in(self.id)):
            received = self.now - timedelta(days=20 + 11 * number, minutes=37)
            children = world().children_of(mother.number)
            self._kindergarten(mother, children, received, changed=False)
            if self.id == "averoy":
                self._asked_more(mother, received + timedelta(days=3))
                if number < 3:
                    self._telephones(mother, received + timedelta(days=9))

    def _asked_more(self, resident: Person, received: datetime) -> None:
        story = stories()["inquiries"][3]
        case_id = self._send(resident, "inquiry", _answers_of(story, resident), received)
        steps = self._steps(case_id, received) if case_id else None
        if steps:
            steps.take()
            question, reply = stories()["questions"]["nb"][0]
            if steps.ask(question):
                steps.resident_answers(resident, reply)
                steps.decide("answered", [], {"answer": story["answer"]})

    def _telephones(self, resident: Person, received: datetime) -> None:
        """Somebody at the service desk writes down what was said."""
        story, worker = stories()["inquiries"][4], self.workers["service"][0]
        applicant = registering.Applicant("person", resident.number, resident.name)
        keys = (worker.staff_key,)
        with dates.clock.frozen(received), use(self.id, "ordinary", keys=keys):
            working = working_as(worker.id, "ordinary")
            draft = on_behalf.begin(applicant, "inquiry", "nb", Channel.PHONE, working, owner_key=keys[0])
            filling = applying.open_draft(draft.id)
            told = {**filling.content.data, **_answers_of(story, resident)}
            applying.save_page(filling, told, {}, filling.content.sources, page=0, revision=draft.revision)
            on_behalf.register(applying.open_draft(draft.id), working, staff_key=worker.staff_key)

    def _who_act_for_others(self) -> None:
        """A parent for a child, one with a power of attorney, and a guardian: each has sent something for another."""
        if self.id == "averoy":
            self._parent_for_child()
            self._holder_for_giver()
        elif self.id == "kristiansand":
            self._guardian_for_ward()

    def _parent_for_child(self) -> None:
        parent = self._resident("parent")
        child = representing.candidates(parent, self.id).children[0]
        self._for_another(parent, child, "school", days=6)

    def _holder_for_giver(self) -> None:
        giver, holder = self._resident("giver"), self._resident("holder")
        until = dates.add_months(self.now.date(), 18)
        covered = ("ordinary/inquiry", "ordinary/housing-allowance")
        power = representing.Power(holder.number, holder.name, covered, until)
        with dates.clock.frozen(self.now - timedelta(days=20)), representing.working_for(self.id, giver):
            given = representing.give(giver, power)
        self._for_another(holder, representing.choose_by_power(holder, self.id, given), "roads-and-water", days=9)

    def _guardian_for_ward(self) -> None:
        guardian, ward = self._resident("guardian"), world().characters["ward"].number
        self._for_another(guardian, representing.choose_ward(guardian, ward, self.id), "housing", days=4)

    def _emergency(self) -> None:
        """Somebody at another unit had to open a case of the service desk yesterday: its leader is to look into it."""
        at = self.now - timedelta(hours=20)
        with use(self.id, "ordinary"):
            theirs = Case.objects.filter(unit_id=self.units["service"].id, closed_at=None, received_at__lt=at)
            case = theirs.latest("received_at", "id")
        steps = Steps(self, case.id, self.workers["education"][0], at)
        steps.break_glass(stories()["emergency"])

    def _resident(self, key: str) -> Resident:
        person = world().characters[key]
        return Resident(person.number, person.name, "idporten-loa-high")

    def _for_another(self, resident: Resident, represented: Represented, topic: str, days: int) -> None:
        """An inquiry that somebody sends for whom they act for, and that a caseworker answers."""
        story = next(each for each in stories()["inquiries"] if each["topic"] == topic)
        acting, received = replace(resident, represented=represented), self.now - timedelta(days=days)
        keys = acting.keys(self.id)
        with dates.clock.frozen(received), representing.working_for(self.id, acting):
            draft = applying.begin(acting, "inquiry", "nb", owner_key=keys[0])
            filling = applying.open_draft(draft.id)
            told = {**filling.content.data, **_answers_of(story, world().people[resident.number])}
            applying.save_page(filling, told, {}, filling.content.sources, page=0, revision=draft.revision)
            applicant = registering.Applicant("person", represented.number, represented.name)
            sent = applying.open_draft(draft.id).draft
            case_id = registering.submit(sent, applicant, RESIDENT, submitted_by=resident.name).case_id
        steps = self._steps(case_id, received)
        if steps:
            steps.take()
            steps.decide("answered", [], {"answer": story["answer"]})

    def _who(self, number: int) -> Person:
        characters = world().characters
        if number < 6 and self.id in ("averoy", "smola", "kristiansund"):
            key = {
                "averoy": ["parent", "three", "paper", "parent", "three", "parent"],
                "smola": ["tenant", "three", "silent", "tenant", "three", "tenant"],
            }
            chosen = key.get(self.id, ["three"] * 6)[number]
            return world().people[characters[chosen].number]
        return self.random.choice(self.residents)

    def _inquiry(self, resident: Person, received: datetime) -> None:
        story = self.random.choice(stories()["inquiries"])
        language = story.get("language", "nb")
        answers = _answers_of(story, resident)
        case_id = self._send(resident, "inquiry", answers, received, language)
        if case_id is None:
            return
        self._handle(case_id, resident, received, story["answer"], language)

    def _handle(self, case_id: UUID, resident: Person, received: datetime, answer: str, language: str) -> None:
        age = (self.now - received).days
        worker = self._worker(case_id)
        if age < 2 or worker is None or self.random.random() < 0.15:
            return
        steps = Steps(self, case_id, worker, received)
        steps.take()
        fate = self.random.random()
        if fate < 0.2:
            question, reply = self.random.choice(stories()["questions"][language])
            if steps.ask(question) and self.random.random() < 0.5:
                steps.resident_answers(resident, reply)
            return
        if fate < 0.3:
            steps.note(self.random.choice(stories()["notes"]))
            return
        if fate < 0.36:
            steps.resident_withdraws(resident)
            return
        steps.decide("answered", [], {"answer": answer})

    def _kindergarten(
        self, resident: Person, children: list[Person], received: datetime, changed: bool | None = None
    ) -> None:
        changed = self.random.random() < 0.35 if changed is None else changed
        case_id = self._send(
            resident, "reduced-kindergarten-fee", lambda c: self._fee_answers(c, resident, received, changed), received
        )
        if case_id is None:
            return
        self.settle(case_id, received)
        steps = self._steps(case_id, received)
        if steps is None:
            return
        if steps.case().state == "decided":
            if self.random.random() < 0.4:
                steps.resident_appeals(resident, self.random.choice(stories()["appeals"]))
            return
        steps.take()
        fate = self.random.random()
        if fate < 0.3:
            if steps.ask("Kan du sende lønnsslippene for de siste tre månedene?") and fate < 0.15:
                steps.resident_answers(resident, self.random.choice(stories()["more"]))
        elif fate < 0.7:
            steps.propose_and_send_for_approval()

    def _fee_answers(
        self, content: dict[str, Any], resident: Person, received: datetime, changed: bool
    ) -> dict[str, Any]:
        answers = dict(content)
        day = received.date()
        answers.setdefault("household_kind", "spouse" if resident.spouse else "single")
        answers["children"] = [
            {
                **child,
                "lives": "here",
                "has_place": self._goes(child),
                **({"kindergarten": "Solstua barnehage", "place": "full"} if self._goes(child) else {}),
            }
            for child in content.get("children", [])
        ]
        following = dates.add_months(day.replace(day=1), 1)
        answers |= {"all_in_municipality": True, "from_month": following.strftime("%Y-%m"), "declaration": True}
        if changed:
            answers |= {
                "income_basis": "changed",
                "stated_income_ore": 31_000_000,
                "income_explanation": "Gikk ned i stilling i august.",
            }
        else:
            answers["income_basis"] = "tax-return"
            if resident.spouse:
                spouse = world().people[resident.spouse]
                answers["partner_income_ore"] = sum(spouse.income(dates.today().year - 1)) * 100
        return answers

    def _goes(self, child: dict[str, Any]) -> bool:
        born = date.fromisoformat(child["birth_date"])
        return 1 <= dates.today().year - born.year <= 5

    def _housing(self, resident: Person, received: datetime) -> None:
        assist = self.random.random() < 0.5
        answers = {
            "help": "assist" if assist else "self",
            "name": resident.name,
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
            "rent_ore": self.random.randrange(6500, 13500, 250) * 100,
            "heating_included": False,
            "income_month_ore": self.random.randrange(12000, 26000, 500) * 100,
            "income_kinds": ["benefits"],
            "wealth_ore": 0,
            "declaration": True,
        }
        if assist:
            answers |= {"phone": resident.mobile or "90000000", "assist_consent": True}
        case_id = self._send(resident, "housing-allowance", lambda c: {**c, **answers}, received)
        if case_id is None:
            return
        self.settle(case_id, received)
        steps = self._steps(case_id, received)
        if steps and steps.case().is_open and (self.now - received).days > 5:
            steps.take()
            if self.random.random() < 0.6:
                steps.decide_as_proposed("assisted")

    def _send(
        self,
        person: Person,
        service: str,
        answers: dict[str, Any] | Callable[[dict[str, Any]], dict[str, Any]],
        at: datetime,
        language: str = "nb",
    ) -> UUID | None:
        resident = Resident(person.number, person.name, "idporten-loa-high")
        keys = resident.keys(self.id)
        with dates.clock.frozen(at), use(self.id, "resident", keys=keys):
            draft = applying.begin(resident, service, language, owner_key=keys[0])
            filling = applying.open_draft(draft.id)
            told = answers(filling.content.data) if callable(answers) else {**filling.content.data, **answers}
            if told.get("income_basis") == "changed":
                held = applying.attach_file(
                    filling,
                    "/income_documents",
                    "lønnsslipp.txt",
                    "text/plain",
                    "Lønn per måned: 25 833 kroner\n".encode(),
                )
                told["income_documents"] = [str(held.id)]
            applying.save_page(
                filling, told, {}, filling.content.sources, page=0, revision=draft.revision, language=language
            )
            draft = applying.open_draft(draft.id).draft
            if self.random.random() < 0.04:
                return None  # begun and left: there is a draft to resume
            applicant = registering.Applicant("person", person.number, person.name)
            return registering.submit(draft, applicant, RESIDENT, submitted_by=person.name).case_id

    def settle(self, case_id: UUID, received: datetime, area: str = "ordinary") -> None:
        """What a worker would have done at once: everything but making the PDFs, which is done when the demo runs."""
        with dates.clock.frozen(received + timedelta(minutes=1)), use(self.id, area):
            waiting = Outbox.objects.filter(case_id=case_id, done_at__isnull=True, attempts=0).exclude(kind="render")
            while rows := list(waiting.all()):  # doing one may leave another: a decision, its delivery, its notice
                outbox.do(rows)

    def _worker(self, case_id: UUID | None) -> Worker | None:
        if case_id is None:
            return None
        with use(self.id, "ordinary"):
            unit_id = Case.objects.values_list("unit_id", flat=True).get(id=case_id)
        kind = next((k for k, u in self.units.items() if u.id == unit_id), "service")
        return self.random.choice(self.workers.get(kind) or self.workers["service"])

    def _steps(self, case_id: UUID, received: datetime) -> Steps | None:
        worker = self._worker(case_id)
        return Steps(self, case_id, worker, received) if worker else None


def _answers_of(story: dict[str, Any], sender: Person) -> dict[str, Any]:
    """What somebody answers in the form of an inquiry."""
    answers = {
        "topic": story["topic"],
        "subject": story["subject"],
        "message": story["message"],
        "is_follow_up": False,
        "sender": "self",
        "wants_notice": True,
        "email": sender.email or "post@eksempel.example",
    }
    return answers | ({"place": story["place"], "is_urgent_danger": story["danger"]} if "place" in story else {})


class Steps:
    """What one caseworker and one resident do in a case, each some hours or days after the one before."""

    def __init__(self, town: Town, case_id: UUID, worker: Worker, received: datetime) -> None:
        self.town, self.case_id, self.worker, self.at = town, case_id, worker, received

    def case(self) -> Case:
        with use(self.town.id, "ordinary"):
            return Case.objects.get(id=self.case_id)

    def _later(self) -> bool:
        """Let some time pass. False when that would be in the future."""
        ahead = self.at + timedelta(hours=self.town.random.choice([3, 7, 20, 26, 50, 75]))
        if ahead >= self.town.now:
            return False
        self.at = ahead
        return True

    def _do(self, act: Callable[[Any, Case], Any]) -> bool:
        if not self._later():
            return False
        with dates.clock.frozen(self.at), use(self.town.id, "ordinary"):
            working = working_as(self.worker.id, "ordinary")
            act(working, Case.objects.get(id=self.case_id))
        self.town.settle(self.case_id, self.at)
        return True

    def _as_resident(self, person: Person, act: Callable[[], Any]) -> None:
        if not self._later():
            return
        resident = Resident(person.number, person.name, "idporten-loa-high")
        with dates.clock.frozen(self.at), use(self.town.id, "resident", keys=resident.keys(self.town.id)):
            act()
        self.town.settle(self.case_id, self.at)

    def take(self) -> None:
        def act(working: Any, case: Case) -> None:
            key = self.worker.staff_key
            if bytes(case.owner_key) == key:
                return
            casework.assign(case.id, working, to=self.worker.id, unit_id=None, revision=case.revision, staff_key=key)
            casework.open_case(case.id, working, "case-handling", staff_key=key)

        self._do(act)

    def ask(self, question: str) -> bool:
        def act(working: Any, case: Case) -> None:
            due = dates.add_weeks(dates.today(), 2)
            dialogue.ask(case.id, question, due, working.as_actor(case), revision=case.revision)

        return self._do(act)

    def break_glass(self, reason: str) -> None:
        with dates.clock.frozen(self.at), use(self.town.id, "ordinary"):
            id, key = self.worker.id, self.worker.staff_key
            breaking_glass.break_glass(self.case_id, reason, 30, working_as(id, "ordinary"), staff_key=key)
            casework.open_case(self.case_id, working_as(id, "ordinary"), BREAK_GLASS, staff_key=key)
        self.town.settle(self.case_id, self.at)

    def note(self, text: str) -> None:
        self._do(lambda working, case: noting.write_note(case.id, text, working, staff_key=self.worker.staff_key))

    def decide(self, outcome: str, reasons: list[str], values: dict[str, Any]) -> None:
        drafted = decision_letters.Drafted(outcome, reasons, values)

        def act(working: Any, case: Case) -> None:
            key = self.worker.staff_key
            deciding.save_draft(case.id, drafted, working, revision=case.revision, staff_key=key)
            deciding.issue(case.id, working, revision=case.revision + 1, staff_key=key)

        self._do(act)

    def decide_as_proposed(self, outcome: str) -> None:
        def act(working: Any, case: Case) -> None:
            proposed = self._proposed(case)
            drafted = decision_letters.Drafted(
                outcome, proposed.reasons or ["Søknaden er komplett."], proposed.values, proposed.trace
            )
            key = self.worker.staff_key
            deciding.save_draft(case.id, drafted, working, revision=case.revision, staff_key=key)
            deciding.issue(case.id, working, revision=case.revision + 1, staff_key=key)

        self._do(act)

    def propose_and_send_for_approval(self) -> None:
        def act(working: Any, case: Case) -> None:
            proposed = self._proposed(case)
            if not proposed.outcome:
                return
            drafted = decision_letters.Drafted(proposed.outcome, proposed.reasons, proposed.values, proposed.trace)
            key = self.worker.staff_key
            deciding.save_draft(case.id, drafted, working, revision=case.revision, staff_key=key)
            deciding.send_for_approval(case.id, working, revision=case.revision + 1, staff_key=key)

        self._do(act)

    def _proposed(self, case: Case) -> proposing.Proposed:
        content = open_submission(Submission.objects.get(case_id=case.id), case.key)
        return proposing.propose(case, content, at_version(case.service, case.version))

    def resident_answers(self, person: Person, text: str) -> None:
        self._as_resident(person, lambda: dialogue.answer(self.case_id, text))

    def resident_withdraws(self, person: Person) -> None:
        self._as_resident(person, lambda: dialogue.withdraw(self.case_id))

    def resident_appeals(self, person: Person, text: str) -> None:
        self._as_resident(person, lambda: dialogue.appeal(self.case_id, text))
