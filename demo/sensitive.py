"""What goes on in the areas that are kept apart, as `sensitive.yaml` tells it: sent, handled and decided by the journeys."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import yaml

from allmenning.basics import dates
from allmenning.commons.catalogue.content import ServicePackage
from allmenning.commons.identity.sessions import Resident
from allmenning.journeys import (
    applying,
    casework,
    consents,
    deadlines,
    deciding,
    decision_letters,
    dialogue,
    noting,
    participants,
    paying,
    proposing,
    recording,
    registering,
    weeks,
)
from allmenning.journeys.offered import at_version
from allmenning.municipal.access.actor import RESIDENT, Working
from allmenning.municipal.access.models import StaffMember
from allmenning.municipal.access.queries import working_as
from allmenning.municipal.cases.actions import Named, Noted
from allmenning.municipal.cases.models import Case, CaseDeadline, Participant, Record
from allmenning.municipal.forms.actions import open_submission
from allmenning.municipal.forms.models import Submission
from allmenning.tenancy import use

from .people import Person, world

if TYPE_CHECKING:
    from .seed import Town

FOLDER = Path(__file__).resolve().parent
HOURS = (9, 11, 13, 15)  # when on a day one thing after another is done


def seed(town: Town) -> None:
    """Every story of a municipality, each by itself."""
    for told in stories().get(town.id, ()):
        Story(town, told).happen()


@cache
def stories() -> Mapping[str, list[dict[str, Any]]]:
    """By municipality."""
    told: dict[str, list[dict[str, Any]]] = yaml.safe_load((FOLDER / "sensitive.yaml").read_text(encoding="utf-8"))
    return told


@dataclass(frozen=True)
class Worker:
    """Somebody of the area, for as long as they work in it here."""

    id: UUID
    key: bytes


def staff_in(town: Town, area: str, role: str) -> Worker:
    """Who has a role in an area: the municipality's own, or lent to it."""
    person = next(s.person for s in world().staff if s.area == area and role in s.roles)
    with use(town.id, "administration"):
        id = StaffMember.objects.values_list("id", flat=True).get(name=person.name)
    return Worker(id, casework.staff_resident_key(town.id, person.number))


@dataclass
class Story:
    """One case from when it is sent to where it is today."""

    town: Town
    told: Mapping[str, Any]
    case_id: UUID = field(init=False)
    written: dict[str, UUID] = field(default_factory=dict)  # series of records, by what the story calls them

    def happen(self) -> None:
        self.case_id = self._send()
        for number, step in enumerate(self.told.get("then", ())):
            self._take_step(step, self._at(step["ago"], 1 + number))

    @property
    def package(self) -> ServicePackage:
        from .seed import services

        return next(each for each in services() if each.id == self.told["service"])

    @property
    def sender(self) -> Person:
        return _named(self.told["by"])

    def _at(self, ago: int, number: int) -> datetime:
        """Some time of a day, later for what comes later; never in the future."""
        day = dates.start_of(self.town.now.date() - timedelta(days=ago))
        return min(day + timedelta(hours=HOURS[number % len(HOURS)], minutes=number), self.town.now)

    # --- what is sent ---

    def _send(self) -> UUID:
        who = self.sender
        resident = Resident(who.number, who.name, "idporten-loa-high")
        keys = resident.keys(self.town.id)
        with dates.clock.frozen(self._at(self.told["ago"], 0)), use(self.town.id, "resident", keys=keys):
            draft = applying.begin(resident, self.package.id, "nb", owner_key=keys[0])
            filling = applying.open_draft(draft.id)
            answers = {**filling.content.data, **self._answers()}
            told = {name: self._attached(filling, name, given) for name, given in answers.items()}
            applying.save_page(filling, told, {}, filling.content.sources, page=0, revision=draft.revision)
            draft = applying.open_draft(draft.id).draft
            applicant = registering.Applicant("person", who.number, who.name)
            sent = registering.submit(draft, applicant, RESIDENT, submitted_by=who.name).case_id
        self.town.settle(sent, self._at(self.told["ago"], 0), self.package.area)
        return sent

    def _answers(self) -> dict[str, Any]:
        example = yaml.safe_load(self.package.files[f"examples/{self.told['like']}.yaml"])["form"]
        return {k: v for k, v in {**example, **self._said(self.told.get("answers", {}))}.items() if v is not None}

    def _attached(self, filling: applying.Filling, name: str, given: Any) -> Any:
        """The examples name files that are not there: each is a short text here."""
        if not isinstance(given, list) or not all(str(each).startswith("file-") for each in given):
            return given
        text = "Vedlegg til søknaden.\n".encode()
        files = [applying.attach_file(filling, f"/{name}", "vedlegg.txt", "text/plain", text) for _ in given]
        return [str(each.id) for each in files]

    def _said(self, told: Any) -> Any:
        """What a story tells, with names and days."""
        if isinstance(told, Mapping):
            return {name: self._said(each) for name, each in told.items()}
        if isinstance(told, list):
            return [self._said(each) for each in told]
        if not isinstance(told, str):
            return told
        if found := re.fullmatch(r"(day|monday)([+-]\d+)", told):
            return self._day(found[1], int(found[2])).isoformat()
        return re.sub(r"\{(\w+?)([+-]\d+)?\}", lambda found: self._word(found[1], found[2]), told)

    def _word(self, name: str, days: str | None) -> str:
        if days is not None:
            return dates.format_date(self._day(name, int(days)), "nb")
        child = _named(self.told["child"]) if "child" in self.told else self.sender
        return {
            "name": self.sender.name,
            "child": child.name,
            "child_number": child.number,
            "child_born": child.born.isoformat(),
        }[name]

    def _day(self, since: str, days: int) -> date:
        today = self.town.now.date()
        return (weeks.monday_of(today) if since == "monday" else today) + timedelta(days=days)

    # --- what is done ---

    def _take_step(self, step: Mapping[str, Any], at: datetime) -> None:
        """One thing that a story tells; `own`: in the child's own case."""
        case_id = self._own_case() if step.get("own") else self.case_id
        if "answer" in step or "appeal" in step:
            self._as_sender(step, at)
        else:
            who = staff_in(self.town, self.package.area, step.get("role", "caseworker"))
            (does,) = (done for name, done in _DOES.items() if name in step)
            with dates.clock.frozen(at), use(self.town.id, self.package.area):
                done = Doing(self, Case.objects.get(id=case_id), who, working_as(who.id, self.package.area), step)
                does(done)
        self.town.settle(case_id, at, self.package.area)

    def _own_case(self) -> UUID:
        with use(self.town.id, self.package.area):
            return Case.objects.values_list("id", flat=True).get(opened_from=self.case_id)

    def _as_sender(self, step: Mapping[str, Any], at: datetime) -> None:
        resident = Resident(self.sender.number, self.sender.name, "idporten-loa-high")
        with dates.clock.frozen(at), use(self.town.id, "resident", keys=resident.keys(self.town.id)):
            if "answer" in step:
                dialogue.answer(self.case_id, step["answer"])
            else:
                dialogue.appeal(self.case_id, step["appeal"])


@dataclass(frozen=True)
class Doing:
    """One thing that a member of staff does in a case."""

    story: Story
    case: Case
    who: Worker
    working: Working
    step: Mapping[str, Any]

    def take(self) -> None:
        revision, key = self.case.revision, self.who.key
        casework.assign(self.case.id, self.working, to=self.who.id, unit_id=None, revision=revision, staff_key=key)
        casework.open_case(self.case.id, self.working, "case-handling", staff_key=key)

    def note(self) -> None:
        told = dict(self.step["note"])
        if told.pop("concerns", False):
            told["concerns"] = list(Participant.objects.filter(case=self.case).values_list("id", flat=True))
        noting.write_note(self.case.id, Noted(**told), self.working, staff_key=self.who.key)

    def party(self) -> None:
        told = self.step["party"]
        named = Named(**{"number": _named(told["name"]).number, **told})
        participants.add(self.case.id, named, self.working, staff_key=self.who.key)

    def consent(self) -> None:
        """Whoever sent it, and others who have a role, consent by word of mouth; also to what somebody is let see."""
        told = self.step["consent"]
        there = list(Participant.objects.filter(case=self.case, ends=None).order_by("id"))
        others = [each.id for each in there if each.role in told.get("by", ()) and consents.giver(each, self.case)]
        lets = next((each.id for each in there if each.role == told.get("lets")), None)
        for by in (None, *others):
            heard = consents.Heard(told["to"], dates.today(), "oral", by, lets, heard_by=self.working.name)
            consents.register(self.case.id, heard, self.working, staff_key=self.who.key)

    def ask(self) -> None:
        due, revision = dates.add_weeks(dates.today(), 2), self.case.revision
        casework.ask(self.case.id, self.step["ask"], due, self.working, revision=revision, staff_key=self.who.key)

    def tick(self) -> None:
        casework.finish_task(self.case.id, self.step["tick"], self.working, staff_key=self.who.key)

    def record(self) -> None:
        draft = recording.Draft(self.story._said(self.step["answers"]), self.step.get("status", ""))
        within = self.story.written.get(self.step.get("of", ""))
        row: Record = recording.begin(
            self.case.id, self.step["record"], draft, self.working, staff_key=self.who.key, of_series=within
        )
        if "as" in self.step:
            self.story.written[self.step["as"]] = row.series

    def pay(self) -> None:
        """Everything that is due is handed over to the accounts."""
        paying.make_file(self.working, dates.today())

    def explain(self) -> None:
        missed = CaseDeadline.objects.get(case=self.case, deadline=self.step["explain"])
        because, why = self.step["because"], self.step["why"]
        deadlines.explain(self.case.id, missed.id, because, why, self.working, staff_key=self.who.key)

    def decide(self) -> None:
        told, case = self.story._said(self.step["decide"]), self.case
        package = at_version(case.service, case.version).package
        content = open_submission(Submission.objects.get(case_id=case.id), case.key)
        proposed = proposing.propose(case, content, at_version(case.service, case.version))
        result = package.result(told.get("result", ""))
        drafted = decision_letters.Drafted(
            result.answers[str(proposed.told_as)] if result else told["outcome"],
            told.get("reasons", [] if result else proposed.reasons),
            {**proposed.values, **told.get("values", {})},
            proposed.trace,
            result=result.id if result else "",
            result_reasons=told.get("why", ""),
        )
        key = self.who.key
        deciding.save_draft(case.id, drafted, self.working, revision=case.revision, staff_key=key)
        if self.step.get("approved"):
            deciding.send_for_approval(case.id, self.working, revision=case.revision + 1, staff_key=key)
        else:
            deciding.issue(case.id, self.working, revision=case.revision + 1, staff_key=key)

    def approve(self) -> None:
        deciding.issue(self.case.id, self.working, revision=self.case.revision, staff_key=self.who.key)


_DOES: Mapping[str, Callable[[Doing], None]] = {
    name: getattr(Doing, name)
    for name in ("take", "note", "party", "consent", "ask", "tick", "record", "pay", "explain", "decide", "approve")
}


def _named(name: str) -> Person:
    return next(each for each in world().people.values() if each.name == name)
