"""What a caseworker does with a case before it is decided: find, open, take, hand over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import DateField, DateTimeField, Model, Q, QuerySet, TextField

from allmenning import vault
from allmenning.basics import dates
from allmenning.commons.catalogue.content import Sender
from allmenning.municipal.access import actions as access
from allmenning.municipal.access import purposes
from allmenning.municipal.access import queries as staff
from allmenning.municipal.access.actor import Actor, Working
from allmenning.municipal.access.errors import NotStaffHere, NotYours
from allmenning.municipal.access.models import Delegation, LogEntry, StaffMember, Unit
from allmenning.municipal.access.rules import DISQUALIFIED, Draft, Facts, Verdict, judge
from allmenning.municipal.access.rules import Asked as Asking
from allmenning.municipal.archive import queries as archive
from allmenning.municipal.archive.models import RegistryEntry
from allmenning.municipal.cases import actions as cases
from allmenning.municipal.cases import consents as case_consents
from allmenning.municipal.cases import queries as case_queries
from allmenning.municipal.cases import records as case_records
from allmenning.municipal.cases.errors import CaseNotFound, DueInThePast, UnitNotHere
from allmenning.municipal.cases.models import AccessRequest, Appeal, Case, Event, PhaseChange, RegisterCheck, Task
from allmenning.municipal.cases.records import OpenedRecord
from allmenning.municipal.documents.models import Document
from allmenning.municipal.documents.queries import OpenedDocument, documents_in, open_document
from allmenning.municipal.forms.actions import open_submission
from allmenning.municipal.forms.content import Content
from allmenning.municipal.forms.models import Submission
from allmenning.municipal.people import protection
from allmenning.municipal.people import queries as people
from allmenning.municipal.people.protection import Level
from allmenning.municipal.post.models import Delivery
from allmenning.municipal.post.queries import OpenedMessage, deliveries_in, messages_in, open_messages
from allmenning.tenancy import current
from allmenning.tenancy.models import IndexField
from allmenning.tenancy.read_together import Asked, Together

from . import concerned, disqualifying, hiding, previews, readings
from . import phases as moving
from .deadlines import Standing, meets_any, recount, standing
from .errors import Disqualified
from .offered import Offered, adopted_in, among, at_version
from .sender import of as of_sender

PURPOSES = purposes.CHOSEN


@dataclass(frozen=True)
class CaseView:
    """Everything about one case that its caseworker sees. Made only after the reading was logged.

    is_hidden: the applicant's address is protected, and what could tell it is left out until a need is stated.
    """

    case: Case
    working: Working
    relation: str
    offered: Offered
    applicant_name: str
    applicant_number: str
    content: Content
    submission: Submission
    documents: list[OpenedDocument]
    messages: list[OpenedMessage]
    deliveries: list[Delivery]
    timeline: list[Event]
    tasks: list[Task]
    deadlines: list[Standing]
    participants: list[case_queries.OpenedParticipant]
    notes: list[case_queries.OpenedNote]
    decisions: list[case_queries.OpenedDecision]
    results: dict[UUID, case_queries.OpenedResult]
    appeals: list[Appeal]
    journal: list[RegistryEntry]
    unit: Unit | None
    other_units: list[Unit]
    colleagues: list[StaffMember]
    checks: list[RegisterCheck]
    delegations: list[Delegation]
    looked: list[LogEntry] | None
    phases: list[moving.Passed] = field(default_factory=list)
    going_on: Mapping[str, PhaseChange] = field(default_factory=dict)
    own_cases: list[moving.OwnCase] = field(default_factory=list)
    opened_from: Case | None = None
    consents: list[case_consents.OpenedConsent] = field(default_factory=list)
    records: list[OpenedRecord] = field(default_factory=list)
    may_write: Mapping[str, bool] = field(default_factory=dict)  # records, by their kind
    may: Mapping[str, Verdict] = field(default_factory=dict)
    level: Level = Level.NONE
    is_hidden: bool = False
    access_asked: AccessRequest | None = None

    @property
    def sender(self) -> Sender:
        """What the service says of who sent it."""
        return of_sender(self.case)

    @property
    def where(self) -> moving.Where:
        """The phases that the case is in, and its steps."""
        return moving.Where(self.going_on, self.tasks)

    @property
    def open_appeal(self) -> Appeal | None:
        """The appeal of the last decision that was issued, while nothing new has been decided."""
        issued = [decision for decision in self.decisions if decision.status == "issued"]
        if not (self.appeals and issued and self.case.is_open):
            return None
        return self.appeals[-1] if self.appeals[-1].decision_id == issued[-1].id else None


@dataclass(frozen=True)
class ListedCase:
    """A row of the work list with its applicant's name opened, and how their address is protected.

    access_due: by when a request for access should be answered, in the list of those alone.
    """

    case: Case
    applicant_name: str
    level: Level = Level.NONE
    access_due: date | None = None


@dataclass(frozen=True)
class ListedPage:
    rows: list[ListedCase]
    next_after: case_queries.Key | None
    previous_before: case_queries.Key | None


def list_cases(working: Working, filters: case_queries.Filters) -> ListedPage:
    """One page of the work list. That names and titles were shown is logged, with the ids, before they are."""
    page, told = case_queries.work_list(working, filters), ["applicant-name", "title"]
    if filters.looked_up:  # that there is nothing tells something too
        whom = filters.looked_up
        access.log_lookup(working.as_actor(), area=working.area, purpose="work-list", owner_key=whom, field_kinds=told)
    if page.cases:
        shown = [case.id for case in page.cases]
        access.log_list(working.as_actor(), area=working.area, purpose="work-list", shown=shown, field_kinds=told)
    levels = protection.levels_of_owners({bytes(case.owner_key) for case in page.cases}) if page.cases else {}
    due = case_queries.access_due([case.id for case in page.cases]) if filters.view == "access" else {}
    rows = [
        ListedCase(case, case.opened_applicant_name, levels.get(bytes(case.owner_key), Level.NONE), due.get(case.id))
        for case in page.cases
    ]
    return ListedPage(rows, page.next_after, page.previous_before)


def find_filters(text: str, area: str) -> case_queries.Filters:
    """What somebody typed in the search field: a case number, an identity number, a name or words of the subject."""
    text = text.strip()
    if "/" in text and text.replace("/", "").isdecimal():
        return case_queries.Filters(number=text, sort="-received")
    by_number = people.person_ids_by_number(area, text)
    if by_number:
        whom = people.owner_key_by_number(text)
        return case_queries.Filters(person_ids=tuple(by_number), sort="-received", looked_up=whom)
    by_name, are_more = people.person_ids_by_name(area, text)
    if by_name:
        return case_queries.Filters(person_ids=tuple(by_name), of_too_many=are_more, sort="-received")
    return case_queries.Filters(words=text, sort="-received")


def open_case(
    case_id: UUID, working: Working, purpose: str, *, staff_key: bytes, found: Case | None = None
) -> CaseView:
    """Open a case. What will be shown of it, to whom and why, is committed to the log before anything is opened or shown.

    Args:
        found: the case's row, when `relation_to` has just read it.
        staff_key: the key that this person would have as a resident: nobody opens a case of their own.

    Raises:
        CaseNotFound: it is not in this area, or there is none.
        NotYours: nothing relates this person to the case, or it is their own (forvaltningsloven § 6).
    """
    case = found or case_queries.case_for(case_id)
    require(case, working, "read", purpose=purpose, staff_key=staff_key)
    sees_log = verdict(case, working, "see-log", purpose=purpose, staff_key=staff_key).allowed
    sealed = _sealed(case, working, sees_log=sees_log)
    logged = _log_reading(case, working.as_actor(case), purpose, sealed, sees_log)
    view = _view(case, working, purpose, staff_key, sealed, [logged] if sees_log else None)
    if not view.is_hidden and concerned.learn_from(case, view.content, view.offered.form):
        require(case, working, "read", purpose=purpose, staff_key=staff_key)  # a case from before those keys were kept
    return view


def relation_to(case_id: UUID, working: Working, *, staff_key: bytes) -> tuple[Case, str]:
    """A case's row and why this person has to do with it, before a purpose is stated. Nothing of it may be shown.

    Raises CaseNotFound, NotYours.
    """
    case = case_queries.case_for(case_id)
    require(case, working, "find", staff_key=staff_key)
    return case, working.relation_to(case)


def download(
    case_id: UUID, document_id: UUID, working: Working, purpose: str, *, staff_key: bytes
) -> tuple[OpenedDocument, bytes]:
    """A document of a case with its content. The reading is logged first. Raises CaseNotFound, NotYours."""
    case, document = _document(case_id, document_id, working, purpose, staff_key)
    from .rendering import content_of, make  # which knows decisions, which know this

    make(document, case)
    readings.log_document(case, document, working.as_actor(case), purpose, readings.DOCUMENTS)
    return open_document(document, case.key), content_of(document, case)


def look_at(
    case_id: UUID, document_id: UUID, working: Working, purpose: str, *, staff_key: bytes
) -> tuple[Case, OpenedDocument]:
    """An attached image for a page of its own; logged, and refused, as a download is."""
    case, document = _document(case_id, document_id, working, purpose, staff_key)
    actor = working.as_actor(case)
    return case, previews.look_at(document, case, actor, purpose)


def picture(case_id: UUID, document_id: UUID, size: str, working: Working, purpose: str, *, staff_key: bytes) -> bytes:
    """An attached image drawn anew, see `previews.draw`. Raises CaseNotFound, NotYours, UnacceptableFile."""
    case, document = _document(case_id, document_id, working, purpose, staff_key)
    return previews.draw(document, case, working.as_actor(case), purpose, size)


def _document(
    case_id: UUID, document_id: UUID, working: Working, purpose: str, staff_key: bytes
) -> tuple[Case, Document]:
    case = case_queries.case_for(case_id)
    require(case, working, "read", purpose=purpose, staff_key=staff_key)
    document = Document.objects.filter(id=document_id, case_id=case.id).first()
    if document is None:
        raise CaseNotFound()
    hiding.require_need(case, working.staff_id)
    return case, document


def verdict(
    case: Case, working: Working, action: str, *, purpose: str = "case-handling", staff_key: bytes, **facts: Any
) -> Verdict:
    """Whether this person may do this to this case, and why."""
    return judge(Facts(Asking(action, staff.with_own_key(working, staff_key), purpose), case, **facts))


def require(case: Case, working: Working, action: str, *, staff_key: bytes, **facts: Any) -> None:
    """Raises NotYours when the rules say no, with the reason; where it is disqualification the door tells the leader
    (`disqualifying.tell_of_refusal`), when what was begun has been undone.
    """
    judged = verdict(case, working, action, staff_key=staff_key, **facts)
    if not judged.allowed:
        raise NotYours(reason=judged.reason, case_id=case.id)


def assign(
    case_id: UUID,
    working: Working,
    *,
    to: UUID | None,
    unit_id: UUID | None,
    revision: int,
    staff_key: bytes,
) -> None:
    """Give a case to somebody in a unit, to another unit's queue, or take it.

    Raises SomebodyWasFirst, NotYours, Disqualified.
    """
    if to is not None:
        _require_may_be_given(case_queries.case_for(case_id), to, working, staff_key)
    with transaction.atomic():
        case = cases.locked(case_id)
        require(case, working, "handle", staff_key=staff_key)
        _require_unit(unit_id, case.area)
        name = _name_of(to, unit_id or case.unit_id)
        actor = working.as_actor(case)
        cases.assign(case, to=to, name=name, unit_id=unit_id, actor=actor, revision=revision)
        _log_change(case, actor, "assign")


def _require_may_be_given(case: Case, to: UUID, working: Working, staff_key: bytes) -> None:
    """Before the transaction, so that what the leader is told stands though the case is not given. Raises Disqualified."""
    require(case, working, "handle", staff_key=staff_key)
    try:
        judged = disqualifying.may_be_given(case, to, working)
    except NotStaffHere:
        raise NotYours(reason="not-in-unit") from None
    if judged.reason in DISQUALIFIED:
        raise Disqualified()
    if not judged.allowed:
        raise NotYours(reason=judged.reason)


def _require_unit(unit_id: UUID | None, area: str) -> None:
    """A case stays in its service area: a unit of another one would see nothing of it, and nobody else would either."""
    if unit_id is not None and not Unit.objects.filter(id=unit_id, area=area, active=True).exists():
        raise UnitNotHere()


def _name_of(to: UUID | None, unit_id: UUID | None) -> str:
    if to is None:
        return ""
    colleagues = staff.colleagues((unit_id,)) if unit_id else []
    for colleague in colleagues:
        if colleague.id == to:
            return colleague.name
    raise NotYours(reason="not-in-unit")


def ask(case_id: UUID, text: str, due: date, working: Working, *, revision: int, staff_key: bytes) -> None:
    """Ask the resident for more. Raises NotYours, TextMissing, DueInThePast, SomebodyWasFirst, CaseIsClosed."""
    from .dialogue import ask as ask_resident

    case = case_queries.case_for(case_id)
    require(case, working, "handle", staff_key=staff_key)
    if due <= dates.today():
        raise DueInThePast()
    ask_resident(case_id, text, due, working.as_actor(case), revision=revision)


def reply_for_now(
    case_id: UUID, text: str, expected: date, working: Working, *, revision: int, staff_key: bytes
) -> None:
    """Tell that the answer takes time, and when it may come. Raises as `ask` does."""
    from .dialogue import send_preliminary_reply

    case = case_queries.case_for(case_id)
    require(case, working, "handle", staff_key=staff_key)
    if expected <= dates.today():
        raise DueInThePast()
    actor = working.as_actor(case)
    send_preliminary_reply(case_id, text, expected, actor, revision=revision)


def finish_task(case_id: UUID, step: str, working: Working, *, staff_key: bytes) -> None:
    """Tick a step of the routine off. Raises ConsentMissing: the service asks for a consent before it."""
    with transaction.atomic():
        case = cases.locked(case_id)
        require(case, working, "handle", staff_key=staff_key)
        actor, offered = working.as_actor(case), at_version(case.service, case.version)
        from .consents import require_given  # which knows this

        require_given(case, offered, f"step:{step}")
        if cases.finish_task(case, step, actor):
            moving.repeated(case, offered.package, step, dates.now())
            if meets_any(offered, step):
                recount(case)
            cases.happened(case, "task-done", actor, visible=False, step=step)
            _log_change(case, actor, "task")


def _parts() -> dict[str, QuerySet]:
    """Everything about a case but its row and its applicant's."""
    case, unit, today = Asked("case"), Asked("unit"), Asked("today", DateField())
    area, service = Asked("area", TextField()), Asked("service", TextField())
    return {
        "submission": Submission.objects.filter(case_id=case),
        "documents": documents_in(case),
        "messages": messages_in(case),
        "deliveries": deliveries_in(case),
        "timeline": case_queries.timeline_in(case),
        "tasks": case_queries.tasks_in(case),
        "phases": case_queries.phases_in(case),
        "own_cases": case_queries.opened_from_in(case),
        "phases_of_own_cases": case_queries.phases_of_own_cases(case),
        "opened_from": Case.objects.filter(id=Asked("opened_from")),
        "deadlines": case_queries.deadlines_in(case),
        "deadline_reasons": case_queries.deadline_reasons_in(case),
        "participants": case_queries.participants_in(case),
        "consents": case_consents.consents_in(case),
        "notes": case_queries.notes_in(case),
        "decisions": case_queries.decisions_in(case),
        "results": case_queries.results_in(case),
        "appeals": case_queries.appeals_in(case),
        "access_requests": case_queries.access_requests_in(case),
        "checks": case_queries.checks_in(case),
        "records": case_records.of_case(case),
        "journal": archive.entries_in(case),
        "units": Unit.objects.filter(Q(area=area, active=True) | Q(id=unit)).order_by("name"),
        "colleagues": staff.colleagues_in(Q(positions__unit=unit), today),
        "adopted": adopted_in(service),
        "delegations": staff.delegations_in(service, today),
        # Of those who may not see it, nothing is asked for.
        "looked": staff.log_in(case).filter(Q(case_id=Asked("log_of")))[: staff.MOST_SHOWN],
        "protections": hiding.protections_in(case, Asked("owner", IndexField())),
        "needs": hiding.needs_in(case, Asked("staff"), Asked("since", DateTimeField()))[:1],
    }


_PARTS = Together(_parts)


@dataclass(frozen=True)
class _Sealed:
    """The rows about a case as they come from the database, and how much of them is to be opened."""

    case: Case
    rows: dict[str, list[Any]]
    level: Level
    is_hidden: bool

    @property
    def shown(self) -> list[Model]:
        """The rows whose content is shown. A draft of a decision is no record yet."""
        if self.is_hidden:
            return [self.case]
        issued = [each for each in self.rows["decisions"] if each.status == "issued"]
        decided = [*issued, *(each for each in self.rows["results"] if each.issued_at)]
        return [self.case, *(row for part in _OPENED for row in self.rows[part]), *decided]


_OPENED = (
    "submission",
    "participants",
    "consents",
    "documents",
    "messages",
    "phases",
    "deadline_reasons",
    "notes",
    "checks",
    "records",
    "journal",
)


def _sealed(case: Case, working: Working, *, sees_log: bool) -> _Sealed:
    rows = _PARTS.read(
        case=case.id,
        unit=case.unit_id,
        area=case.area,
        service=case.service,
        opened_from=case.opened_from_id,
        today=dates.today(),
        log_of=case.id if sees_log else None,
        owner=bytes(case.owner_key),
        staff=working.staff_id,
        since=dates.now() - hiding.HOLDS,
    )
    level = protection.standing(rows["protections"])
    return _Sealed(case, rows, level, is_hidden=level is not Level.NONE and not rows["needs"])


def _view(
    case: Case, working: Working, purpose: str, staff_key: bytes, sealed: _Sealed, logged: list[LogEntry] | None
) -> CaseView:
    """The case opened. `logged`: the row that tells of it, for who sees the log; None for who does not."""
    key, rows = case.key, sealed.rows
    (submission,) = rows["submission"]
    offered = among(rows["adopted"], case.service, case.version)

    def may_as(roles: frozenset[str]) -> bool:
        return verdict(case, working, "decide", staff_key=staff_key, draft=Draft(roles)).allowed

    def may_find(other: Case) -> bool:
        return verdict(other, working, "find", staff_key=staff_key).allowed

    view = CaseView(
        case=case,
        working=working,
        relation=working.relation_to(case),
        offered=offered,
        applicant_name=case.opened_applicant_name,
        applicant_number=_number_of(case),
        content=open_submission(submission, key),
        submission=submission,
        documents=[open_document(each, key) for each in rows["documents"]],
        messages=open_messages(rows["messages"], key),
        deliveries=rows["deliveries"],
        timeline=rows["timeline"],
        tasks=rows["tasks"],
        phases=moving.passed(case, rows["phases"], rows["tasks"], offered.package, may_as),
        going_on=case_queries.going_on(rows["phases"]),
        own_cases=moving.own_cases(
            [each for each in rows["own_cases"] if may_find(each)], rows["phases_of_own_cases"], offered.package
        ),
        opened_from=next((each for each in rows["opened_from"] if may_find(each)), None),
        deadlines=standing(
            case, rows["deadlines"], rows["deadline_reasons"], offered, lambda role: may_as(frozenset({role}))
        ),
        participants=[case_queries.open_participant(each, key) for each in rows["participants"]],
        consents=case_consents.opened(rows["consents"], key),
        notes=case_queries.open_notes(rows["notes"], key),
        decisions=[case_queries.open_decision(each, key) for each in rows["decisions"]],
        results={each.decision_id: case_queries.open_result(each, key) for each in rows["results"]},
        appeals=rows["appeals"],
        access_asked=next((each for each in rows["access_requests"] if each.answered_at is None), None),
        journal=rows["journal"],
        unit=next((each for each in rows["units"] if each.id == case.unit_id), None),
        other_units=[each for each in rows["units"] if each.id != case.unit_id],
        colleagues=rows["colleagues"],
        checks=rows["checks"],
        delegations=rows["delegations"],
        looked=[*logged, *rows["looked"]][: staff.MOST_SHOWN] if logged is not None else None,
        records=case_records.open_records(rows["records"], key),
        may_write={
            kind.id: verdict(
                case, working, "handle", purpose=purpose, staff_key=staff_key, let=frozenset(kind.writes)
            ).allowed
            for kind in offered.package.records
        },
        may={
            action: verdict(case, working, action, purpose=purpose, staff_key=staff_key)
            for action in ("handle", "decide")
        },
        level=sealed.level,
    )
    return hiding.hidden(view) if sealed.is_hidden else view


def _number_of(case: Case) -> str:
    return case.applicant.opened_number(current().municipality) if case.applicant else ""


def _log_reading(case: Case, actor: Actor, purpose: str, sealed: _Sealed, sees_log: bool) -> LogEntry:
    kinds = readings.kinds_shown(
        sealed.level,
        is_hidden=sealed.is_hidden,
        sees_log=sees_log,
        has_records=bool(sealed.rows["records"]),
        has_consents=bool(sealed.rows["consents"]),
    )
    return readings.log_case(case, actor, purpose, kinds, sealed.shown)


def _log_change(case: Case, actor: Actor, action: str) -> None:
    cases.log(case, actor, action, purpose="case-handling")


def staff_resident_key(municipality: str, number: str) -> bytes:
    """The key that a member of staff would have here as a resident."""
    return vault.resident_key(municipality, "person", number)
