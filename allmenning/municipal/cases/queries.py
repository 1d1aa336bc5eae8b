"""Reading cases: the work list, one case, a resident's own."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import BooleanField, F, Func, Q, QuerySet, Value

from allmenning import vault
from allmenning.basics import dates
from allmenning.commons.catalogue.deadlines import REPLACED, WITHDRAWN
from allmenning.tenancy import current
from allmenning.tenancy.models import IndexField
from allmenning.tenancy.read_together import Asked, Together

from ..access.actor import Working
from ..access.rules import Asked as AskedRules
from ..access.rules import condition
from ..people.models import Person, Protection
from ..people.protection import Level, levels_of_owners, said_of_any, standing
from ..people.queries import strictly_protected
from . import subjects
from .errors import CaseNotFound
from .models import (
    OPEN_STATES,
    AccessRequest,
    Appeal,
    Case,
    CaseDeadline,
    DeadlineReason,
    Decision,
    Event,
    Note,
    Participant,
    PhaseChange,
    RegisterCheck,
    Result,
    State,
    Task,
)

Key = tuple[str, str]  # what the list is sorted by in a row, and the row's id

PAGE = 50
KEYS = ArrayField(IndexField())  # whose: several keys at once
MOST_COUNTED = 10_000

VIEWS = ("mine", "unit", "unassigned", "overdue", "waiting", "approval", "access", "closed")
OF_CLOSED_TOO = ("access", "closed")  # a party may ask for access when all is decided
SORTS = {"due": "due_on", "-received": "-received_at", "received": "received_at"}


@dataclass(frozen=True)
class Filters:
    """What a work list shows. `after` is the key of the last row of the page before, `before` of the first one after."""

    view: str = "mine"
    service: str = ""
    state: str = ""
    sort: str = "due"
    words: str = ""
    number: str = ""
    person_ids: tuple[UUID, ...] | None = None
    of_too_many: bool = False  # more people have the name that was sought than `person_ids` holds
    looked_up: bytes = b""  # the key of one who was sought by their number
    after: Key | None = None
    before: Key | None = None


@dataclass(frozen=True)
class WorkListPage:
    cases: list[Case]
    next_after: Key | None = None
    previous_before: Key | None = None


def theirs(working: Working, action: str = "read", purpose: str = "work-list") -> Q:
    """The cases with which this person may do this, by the one table of rules (`access.rules`), as an SQL condition."""
    protected = Q(owner_key__in=strictly_protected().values("owner_key"))
    return condition(AskedRules(action, working, purpose, protected))


def was_registered_by(case_id: UUID, staff_id: UUID) -> bool:
    """Whether this member of staff registered the case for somebody."""
    return Event.objects.filter(case_id=case_id, kind="received", staff_id=staff_id).exists()


def work_list(working: Working, filters: Filters, on: date | None = None) -> WorkListPage:
    """One page of cases that this person may see, fetched by key so that page 1,000 costs what page 1 costs."""
    cases = _filtered(working, filters, on or dates.today())
    if filters.before:
        found = _page(cases, filters.sort, filters.before, backwards=True)
        rows = found[:PAGE][::-1]
        is_more_after, is_more_before = bool(rows), len(found) > PAGE
    else:
        found = _page(cases, filters.sort, filters.after)
        rows = found[:PAGE]
        is_more_after, is_more_before = len(found) > PAGE, bool(filters.after and rows)
    return WorkListPage(
        rows,
        _key_of(rows[-1], filters.sort) if is_more_after else None,
        _key_of(rows[0], filters.sort) if is_more_before else None,
    )


def counts(working: Working, on: date | None = None) -> dict[str, int]:
    """How many open cases each view of the work list has, at most `MOST_COUNTED` each. One statement."""
    day = on or dates.today()
    mine = Case.objects.filter(theirs(working)).exclude(wrapped_key=b"")  # erased
    still_open = mine.filter(closed_at__isnull=True)
    of_which = {view: mine if view in OF_CLOSED_TOO else still_open for view in VIEWS if view != "closed"}
    return _counted({view: rows.filter(_view(view, working, day)) for view, rows in of_which.items()})


def _counted(sets: Mapping[str, QuerySet[Case]]) -> dict[str, int]:
    """Count several sets in one statement, each up to a limit, so that a large one costs no more than a look.

    `select (select count(*) from (… limit 10000)), …`: the ORM has no such thing, so its own SQL is put together.
    """
    compiled = [_compiled(rows.order_by().values("pk")[:MOST_COUNTED]) for rows in sets.values()]
    columns = ", ".join(f"(select count(*) from ({sql}) counted)" for sql, _ in compiled)  # noqa: S608 (the ORM's own)  # nosec B608
    with connections[current().alias].cursor() as cursor:
        cursor.execute(f"select {columns}", [value for _, params in compiled for value in params])
        return dict(zip(sets, cursor.fetchone(), strict=True))


def _compiled(rows: QuerySet[Case, Any]) -> tuple[str, tuple[Any, ...]]:
    try:
        return rows.query.sql_with_params()
    except EmptyResultSet:  # the ORM won't ask what can't be: the queue of one who is in no unit
        return "select where false", ()


def _filtered(working: Working, filters: Filters, day: date) -> QuerySet[Case]:
    cases = Case.objects.filter(theirs(working)).exclude(wrapped_key=b"")  # erased: nothing is left to show
    if filters.number:
        return cases.filter(number_condition(filters.number))
    if filters.person_ids is not None:
        return cases.filter(applicant_id__in=filters.person_ids)
    if filters.words:
        # Subjects that residents wrote could answer where somebody lives: those of protected people are not searched.
        found = cases.filter(subjects.holds(working.area, filters.words))
        return found.exclude(owner_key__in=Protection.objects.values("owner_key"))
    cases = cases.filter(_view(filters.view, working, day))
    if filters.view not in OF_CLOSED_TOO:
        cases = cases.filter(closed_at__isnull=True)
    if filters.service:
        cases = cases.filter(service=filters.service)
    return cases.filter(state=filters.state) if filters.state else cases


def _view(view: str, working: Working, day: date) -> Q:
    return {
        "mine": Q(assigned_to__in=[working.staff_id, *working.substitutes_for]),
        "unit": Q(unit_id__in=working.units),
        "unassigned": Q(unit_id__in=working.units, assigned_to__isnull=True),
        "overdue": Q(due_on__lt=day),  # a deadline that pauses while the resident is asked is not there meanwhile
        "waiting": Q(state=State.WAITING),
        "approval": Q(state=State.FOR_APPROVAL),
        "access": Q(id__in=AccessRequest.objects.filter(answered_at__isnull=True).values("case")),
        "closed": Q(closed_at__isnull=False),
    }[view]


def number_condition(text: str) -> Q:
    """The case with this number, "2026/17"; none for what is no number."""
    year, _, sequence = text.partition("/")
    if not (year.isdecimal() and sequence.isdecimal() and len(year) == 4 and len(sequence) < 9):
        return Q(pk__isnull=True)
    return Q(year=int(year), sequence=int(sequence))


def _page(cases: QuerySet[Case], sort: str, key: Key | None, *, backwards: bool = False) -> list[Case]:
    """A page and one row more, after (or before) a key in the order of the list; rows without a date come last."""
    name = SORTS[sort].lstrip("-")
    is_falling = SORTS[sort].startswith("-") != backwards
    if key:
        cases = cases.filter(_beyond(name, key, is_falling, backwards))
    # As PostgreSQL orders by itself, so that the index can be read either way: nulls last upwards, first downwards.
    order = F(name).desc() if is_falling else F(name).asc()
    return list(cases.order_by(order, "-id" if is_falling else "id")[: PAGE + 1])


def _beyond(name: str, key: Key, is_falling: bool, backwards: bool) -> Q:
    value, last_id = key
    way = "lt" if is_falling else "gt"
    can_be_null = name == "due_on"
    if not value:
        beyond = Q(**{f"{name}__isnull": True, f"id__{way}": last_id})
        return beyond | Q(**{f"{name}__isnull": False}) if backwards else beyond
    beyond = Q(**{f"{name}__{way}": value}) | Q(**{name: value, f"id__{way}": last_id})
    if can_be_null and not backwards:
        return beyond | Q(**{f"{name}__isnull": True})
    # Says nothing new, but gives the index a place to begin.
    return Q(**{f"{name}__{way}e": value}) & beyond


def _key_of(case: Case, sort: str) -> Key:
    value = getattr(case, SORTS[sort].lstrip("-"))
    return (value.isoformat() if value else "", str(case.id))


def key_of_text(value: str, row: str, sort: str) -> Key:
    """A key as it stood in an address. Raises ValueError for what is no key of this order."""
    read = date if SORTS[sort] == "due_on" else datetime
    known = read.fromisoformat(value).isoformat() if value or read is datetime else ""
    return known, str(UUID(row))


def case_for(case_id: UUID) -> Case:
    """One case, if this login may see it. Raises CaseNotFound, also for one that was erased."""
    found = _ROW.read(case=case_id)
    if not found["case"]:
        raise CaseNotFound()
    case: Case = found["case"][0]
    if case.is_erased:
        raise CaseNotFound()
    applicant = found["applicant"][0] if found["applicant"] else None
    Case.applicant.field.set_cached_value(case, applicant)  # as select_related does
    case.is_strictly_protected = standing(found["protections"]) is Level.STRICT
    return case


_ROW = Together(
    lambda: {
        "case": Case.objects.filter(id=Asked("case")),
        "applicant": Person.objects.filter(id__in=Case.objects.filter(id=Asked("case")).values("applicant")),
        "protections": said_of_any(Case.objects.filter(id=Asked("case")).values("owner_key")),
    }
)


@dataclass(frozen=True)
class OpenedDecision:
    """A decision with its sealed parts opened. `reasons` are paragraphs; `values` fill the letter."""

    id: UUID
    row: Decision
    outcome: str
    status: str
    reasons: list[str]
    values: dict[str, Any]
    trace: list[dict[str, Any]] = field(default_factory=list)


def open_decision(decision: Decision, key: vault.CaseKey) -> OpenedDecision:
    from json import loads

    trace = key.open_text("cases.Decision.trace", bytes(decision.trace), decision.id) if decision.trace else "[]"
    return OpenedDecision(
        id=decision.id,
        row=decision,
        outcome=decision.outcome,
        status=decision.status,
        reasons=loads(key.open_text("cases.Decision.reasons", bytes(decision.reasons), decision.id)),
        values=loads(key.open_text("cases.Decision.values", bytes(decision.values), decision.id)),
        trace=loads(trace),
    )


@dataclass(frozen=True)
class OpenedResult:
    """What was decided apart from what the sender is told, with its reasons opened. For staff alone."""

    row: Result
    reasons: str


def results_in(case_id: UUID | Asked) -> QuerySet[Result]:
    """What was decided apart from what the sender is told, or is drafted."""
    return Result.objects.filter(case=case_id).exclude(result="").order_by("id")


def open_result(result: Result, key: vault.CaseKey) -> OpenedResult:
    return OpenedResult(result, key.open_text("cases.Result.reasons", bytes(result.reasons), result.id))


def result_of(decision: Decision) -> Result | None:
    return Result.objects.filter(decision=decision).exclude(result="").first()


def decisions_of(case_id: UUID) -> list[Decision]:
    """Decisions of a case that were not discarded, oldest first."""
    return list(decisions_in(case_id))


def decisions_in(case_id: UUID | Asked) -> QuerySet[Decision]:
    """The rows of the same."""
    return Decision.objects.filter(case=case_id).exclude(status="discarded").order_by("round")


def access_requests_in(case_id: UUID | Asked) -> QuerySet[AccessRequest]:
    """When the party asked for access to the case, or complained, oldest first."""
    return AccessRequest.objects.filter(case=case_id).order_by("asked_at", "id")


def open_access_request(case_id: UUID) -> AccessRequest | None:
    """The one that waits for an answer."""
    return AccessRequest.objects.filter(case=case_id, answered_at__isnull=True).first()


def access_due(case_ids: Sequence[UUID]) -> dict[UUID, date]:
    """By when those of the cases whose party waits for access should be answered."""
    waiting = AccessRequest.objects.filter(case__in=case_ids, answered_at__isnull=True)
    return dict(waiting.values_list("case_id", "due_on"))


def read_protection(found: Collection[Case]) -> None:
    """Read of several cases together whether their applicants are strictly protected, which each knows then. One statement."""
    levels = levels_of_owners([bytes(case.owner_key) for case in found])
    for case in found:
        case.is_strictly_protected = levels.get(bytes(case.owner_key)) is Level.STRICT


def waiting_for_access(case_ids: Collection[UUID]) -> set[UUID]:
    """Those of the cases whose party waits for access, or for the answer to a complaint."""
    waiting = AccessRequest.objects.filter(case__in=list(case_ids), answered_at__isnull=True)
    return set(waiting.values_list("case_id", flat=True))


def last_issued(case_id: UUID) -> Decision | None:
    return Decision.objects.filter(case=case_id, status="issued").order_by("-round").first()


def is_appealed(decision: Decision) -> bool:
    return Appeal.objects.filter(decision=decision).exists()


def timeline_of(case_id: UUID) -> list[Event]:
    """Events of a case that the login may see, oldest first."""
    return list(timeline_in(case_id))


def timeline_in(case_id: UUID | Asked) -> QuerySet[Event]:
    """The rows of the same."""
    return Event.objects.filter(case=case_id).order_by("at", "id")


def turns_for_senders(case_ids: Sequence[UUID], kinds: Sequence[str]) -> list[Event]:
    """Events of some kinds that the senders of these cases see, oldest first. One statement."""
    told = Event.objects.filter(case__in=case_ids, visible_to_resident=True, kind__in=kinds)
    return list(told.order_by("at", "id"))


def timeline_for_resident(case_id: UUID) -> list[Event]:
    """The events of a case that its resident sees, for whoever sees the others too, oldest first."""
    return list(Event.objects.filter(case=case_id, visible_to_resident=True).order_by("at", "id"))


class Place(NamedTuple):
    """Where an event stands among all: by when it was written (`place_in_time()` in the database), then by its id."""

    at: int
    id: UUID


class Settled(NamedTuple):
    """Below `before` nothing more will be written. `run` and `started` tell the newest run of the server: tenancy.run."""

    before: int
    run: int
    started: datetime | None


@dataclass(frozen=True)
class Change:
    """An event that a resident sees, with its case as it is now; nothing of what was written or decided."""

    place: Place
    at: datetime
    kind: str
    case_id: UUID
    case_number: str
    service: str
    version: str
    state: str
    area: str


def settled() -> Settled:
    """How far events can be told of without passing by one that is being written."""
    with connections[current().alias].cursor() as cursor:
        cursor.execute("select before, run, started from settled()")
        return Settled(*cursor.fetchone())


def knows_run(run: int, started: datetime | None) -> bool:
    """Whether the database has lived through this run of the server. A restored one may not have."""
    with connections[current().alias].cursor() as cursor:
        cursor.execute("select knows_run(%s, %s)", [run, started])
        return bool(cursor.fetchone()[0])


# The cases are the ORM's own select, by the rules' condition: PostgreSQL takes it into the join.
_CHANGES = """
    select e.place, e.id, e.at, e.kind, c.id, c.year, c.sequence, c.service, c.version, c.state
    from cases_event e join ({theirs}) c on c.id = e.case_id
    where e.area = %s and e.visible_to_resident and (e.place, e.id) > (%s, %s) and e.place < %s
    order by e.place, e.id
    limit %s
"""


def changes(area: str, theirs: Q, after: Place, before: int, limit: int) -> list[Change]:
    """What happened in an area's cases (those that the rules' condition lets one follow) between two places, in order."""
    sql, params = _compiled(Case.objects.filter(theirs).values("id", "year", "sequence", "service", "version", "state"))
    with connections[current().alias].cursor() as cursor:
        cursor.execute(_CHANGES.format(theirs=sql), [*params, area, after.at, after.id, before, limit])
        return [
            Change(Place(place, event_id), at, kind, case_id, f"{year}/{sequence}", service, version, state, area)
            for place, event_id, at, kind, case_id, year, sequence, service, version, state in cursor.fetchall()
        ]


def tasks_in(case_id: UUID | Asked) -> QuerySet[Task]:
    return Task.objects.filter(case=case_id).order_by("position")


def phases_in(case_id: UUID | Asked) -> QuerySet[PhaseChange]:
    """What was opened and concluded in a case, in the order of time: what is concluded before what that opened."""
    return PhaseChange.objects.filter(case=case_id).order_by("at", "kind", "id")


def going_on(changes: Iterable[PhaseChange]) -> dict[str, PhaseChange]:
    """The phases that a case is in, each with how it was opened."""
    over = {(each.phase, each.round) for each in changes if each.kind == PhaseChange.Kind.CONCLUDED}
    opened = [each for each in changes if each.kind == PhaseChange.Kind.OPENED]
    return {each.phase: each for each in opened if (each.phase, each.round) not in over}


def phases_of_own_cases(case_id: UUID | Asked) -> QuerySet[PhaseChange]:
    """The same of the cases that were opened from this one."""
    return PhaseChange.objects.filter(case__opened_from=case_id).order_by("at", "kind", "id")


def opened_from_in(case_id: UUID | Asked) -> QuerySet[Case]:
    """The cases that were opened from this one."""
    return Case.objects.filter(opened_from=case_id).order_by("year", "sequence")


def cases_of_person(working: Working, owner_key: bytes, most: int) -> list[Case]:
    """The cases of one person in this area that somebody at work may read, the newest first. One statement."""
    of = Case.objects.filter(theirs(working)).filter(area=working.area, owner_key=owner_key).exclude(wrapped_key=b"")
    return list(of.order_by("-received_at", "-id")[:most])


def deadlines_in(case_id: UUID | Asked) -> QuerySet[CaseDeadline]:
    """Deadlines of a case, in the order that they run out; those that stand still last."""
    return CaseDeadline.objects.filter(case=case_id).order_by("due_on", "id")


def deadline_reasons_in(case_id: UUID | Asked) -> QuerySet[DeadlineReason]:
    """Why deadlines of a case were extended or missed, oldest first."""
    return DeadlineReason.objects.filter(case=case_id).order_by("at", "id")


def unmet_deadlines(
    working: Working, until: date, most: int, unit_id: UUID | None = None, *, whole_unit: bool = True
) -> list[CaseDeadline]:
    """What is due until a day in the cases of this person's units, and those that they have themselves; or of one unit.

    First things first, each with its case. One statement.

    Args:
        whole_unit: also what colleagues have; else what this person has, or nobody.
    """
    has = _view("mine", working, until)
    theirs_to_do = Q(unit_id__in=working.units) | has
    if not whole_unit:
        theirs_to_do = has | _view("unassigned", working, until)
    if unit_id is not None:
        theirs_to_do &= Q(unit_id=unit_id)
    of = Case.objects.filter(theirs(working)).filter(theirs_to_do).exclude(wrapped_key=b"")
    due = CaseDeadline.objects.filter(area=working.area, met_at__isnull=True, due_on__lte=until, case__in=of)
    return list(due.select_related("case").order_by("due_on", "id")[:most])


def met_too_late(working: Working, units: Collection[UUID], since: date, most: int) -> list[CaseDeadline]:
    """Deadlines in these units' cases whose last day went since a day, and that were met after it: the last first, each with
    its case. What is missed and not yet met is among `unmet_deadlines`. One statement.
    """
    of = Case.objects.filter(theirs(working)).filter(unit_id__in=units).exclude(wrapped_key=b"")
    met = CaseDeadline.objects.filter(area=working.area, due_on__gte=since, met_at__date__gt=F("due_on"), case__in=of)
    met = met.exclude(met_by__in=(WITHDRAWN, REPLACED))
    return list(met.select_related("case").order_by("-due_on", "id")[:most])


def why_missed(working: Working, deadlines: Collection[UUID]) -> dict[UUID, str]:
    """What was most of the reason why each of some deadlines was missed, where somebody has told. One statement."""
    of = Case.objects.filter(theirs(working))
    told = DeadlineReason.objects.filter(deadline__in=list(deadlines), kind=DeadlineReason.Kind.MISSED, case__in=of)
    return dict(told.values_list("deadline_id", "because"))


def notes_in(case_id: UUID | Asked) -> QuerySet[Note]:
    """Notes of the journal in every version, as they were written."""
    return Note.objects.filter(case=case_id).order_by("at", "id")


@dataclass(frozen=True)
class OpenedParticipant:
    """Somebody who has to do with a case, with their name and number opened."""

    row: Participant
    name: str
    number: str = ""


def still_in(day: date) -> Q:
    """Participants who are not over by a day."""
    return Q(ends__isnull=True) | Q(ends__gte=day)


def participants_in(case_id: UUID | Asked) -> QuerySet[Participant]:
    """Who has to do with a case, and who no longer has, in the order that they were named."""
    return Participant.objects.filter(case=case_id).order_by("starts", "id")


def open_participant(row: Participant, key: vault.CaseKey) -> OpenedParticipant:
    number = key.open_text("cases.Participant.number", bytes(row.number), row.id) if row.number else ""
    return OpenedParticipant(row, key.open_text("cases.Participant.name", bytes(row.name), row.id), number)


@dataclass(frozen=True)
class OpenedNote:
    """A note of the journal with its texts opened.

    whom, about_them: what is about or from somebody who is no party, and who that is; empty where there is nothing of it.
    """

    row: Note
    text: str
    whom: str = ""
    about_them: str = ""


def open_notes(rows: Sequence[Note], key: vault.CaseKey) -> list[OpenedNote]:
    """Notes of the journal with their texts: every version of each."""
    return [_open_note(row, key) for row in rows]


def _open_note(row: Note, key: vault.CaseKey) -> OpenedNote:
    from json import loads

    apart = loads(key.open_text("cases.Note.third_party", bytes(row.third_party), row.id)) if row.third_party else {}
    text = key.open_text("cases.Note.text", bytes(row.text), row.id)
    return OpenedNote(row, text, apart.get("whom", ""), apart.get("text", ""))


@dataclass(frozen=True)
class KeptNote:
    """A note as it stands, with the versions that it corrects, the newest of those first."""

    last: OpenedNote
    earlier: tuple[OpenedNote, ...] = ()


def as_corrected(notes: Sequence[OpenedNote]) -> list[KeptNote]:
    """Notes as they stand now, by when what they tell of was: the newest first."""
    by_id = {each.row.id: each for each in notes}
    replaced = {each.row.corrects_id for each in notes}
    found = []
    for each in notes:
        if each.row.id not in replaced:
            earlier, before = [], each
            while before.row.corrects_id in by_id:
                before = by_id[before.row.corrects_id]
                earlier.append(before)
            found.append(KeptNote(each, tuple(earlier)))
    return sorted(found, key=lambda kept: (kept.last.row.happened_at, kept.last.row.at), reverse=True)


def appeals_in(case_id: UUID | Asked) -> QuerySet[Appeal]:
    return Appeal.objects.filter(case=case_id).order_by("received_at")


def checks_in(case_id: UUID | Asked) -> QuerySet[RegisterCheck]:
    """What registers said after the submission, oldest first."""
    return RegisterCheck.objects.filter(case=case_id).order_by("fetched_at", "id")


_ALL = 2**31 - 1


def cases_of_owner(keys: Sequence[bytes] | Asked) -> QuerySet[Case]:
    """A resident's own cases in this municipality, newest first: all of them."""
    # No limit, but LIMIT: so that PostgreSQL finds their cases first, and then what is of them.
    return Case.objects.filter(is_any("owner_key", keys)).order_by("-received_at")[:_ALL]


def parts_of(keys: Sequence[bytes] | Asked) -> QuerySet[Participant]:
    """By what a resident is named in cases, others' and their own, with the key that opens what is theirs in it."""
    return Participant.objects.filter(is_any("owner_key", keys)).exclude(wrapped_key=b"").order_by("starts", "id")


def is_any(column: str, keys: Sequence[bytes] | Asked) -> Func:
    """Whether a column is one of a resident's keys."""
    given = keys if isinstance(keys, Asked) else Value(list(keys), KEYS)
    # Not `in`, whose length would make another statement of it; an index is read for this as well.
    return Func(F(column), given, arg_joiner=" = any(", template="%(expressions)s)", output_field=BooleanField())


def open_states() -> tuple[str, ...]:
    return tuple(str(state) for state in OPEN_STATES)
