"""All that one person has in an area, on one page: what goes on, by when, who is responsible, who else there is, what was decided.

Each case is behind the table of rules, as in lists: what somebody may not see is neither shown nor counted. It is logged once, as
the person's overview with the cases that it showed, before anything is opened.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from allmenning.basics import dates
from allmenning.commons.catalogue import queries as catalogue
from allmenning.commons.catalogue.content import ServicePackage, Text
from allmenning.municipal.access import actions as access
from allmenning.municipal.access.actor import Working
from allmenning.municipal.access.models import Unit
from allmenning.municipal.cases import queries as case_queries
from allmenning.municipal.cases.models import (
    Case,
    CaseDeadline,
    Decision,
    Participant,
    PhaseChange,
    Record,
    Result,
    Task,
)
from allmenning.municipal.people import protection
from allmenning.municipal.people.protection import Level
from allmenning.tenancy import current
from allmenning.tenancy.models import IndexField
from allmenning.tenancy.read_together import Asked, Together

from .casework import require
from .hiding import is_open_for

MOST = 100
KINDS = (
    "applicant-name",
    "identity-number",
    "state",
    "decisions",
    "deadlines",
    "phases",
    "tasks",
    "records",
    "participants",
)


@dataclass(frozen=True)
class Decided:
    """Something that was decided in a case: what the letter said, and what was decided apart from it, if anything."""

    case: Case
    row: Decision
    title: Text
    result: Text | None


@dataclass(frozen=True)
class Due:
    """A deadline that is not met."""

    case: Case
    row: CaseDeadline
    title: Text


@dataclass(frozen=True)
class InCase:
    """What somebody is in a case."""

    case: Case
    role: Text
    is_party: bool


@dataclass(frozen=True)
class Other:
    """Somebody else who has to do with the person's cases, and in what role in each."""

    name: str
    roles: list[InCase]


@dataclass(frozen=True)
class OneCase:
    """A case of the person. unit_name: empty where the address is protected, for it may tell where they live.

    kept: the kinds of records that stand in it, and how many of each; what they say is read in the case.
    """

    case: Case
    title: Text
    phases: tuple[Text, ...]
    next_step: Text | None
    due: Due | None
    unit_name: str
    kept: tuple[tuple[Text, int], ...]


@dataclass(frozen=True)
class Overview:
    """What one person has in this area, as far as the one who looks may see. case: the one that it was opened from.

    is_hidden: somebody's address is protected, and no need was stated: neither units nor others are told.
    """

    case: Case
    name: str
    number: str
    level: Level
    is_hidden: bool
    is_cut: bool
    cases: list[OneCase]
    due: list[Due]
    others: list[Other]
    decided: list[Decided]

    @property
    def open_cases(self) -> list[OneCase]:
        """Those that go on, the one that is due first first."""
        far = date.max
        found = [each for each in self.cases if each.case.is_open]
        return sorted(found, key=lambda each: (each.due.row.due_on or far) if each.due else far)

    @property
    def closed_cases(self) -> list[OneCase]:
        return [each for each in self.cases if not each.case.is_open]


def overview(case_id: UUID, working: Working, purpose: str, *, staff_key: bytes, found: Case | None = None) -> Overview:
    """All that the person of a case has here. Raises CaseNotFound, NotYours: as opening that case does."""
    case = found or case_queries.case_for(case_id)
    require(case, working, "read", purpose=purpose, staff_key=staff_key)
    owner_key = bytes(case.owner_key)
    theirs = case_queries.cases_of_person(working, owner_key, MOST + 1)
    shown = theirs[:MOST]
    access.log_overview(
        working.as_actor(case),
        area=working.area,
        purpose=purpose,
        owner_key=owner_key,
        shown=[each.id for each in shown],
        field_kinds=KINDS,
    )
    rows = _PARTS.read(owner=owner_key)
    level = protection.standing(rows["protections"])
    is_hidden = level is not Level.NONE and not is_open_for(case, working.staff_id)
    by_case = _by_case(rows)
    packages = {each.id: catalogue.service_version(each.service, each.version) for each in shown}
    due = _due(shown, packages, by_case["deadlines"])
    units = {each.id: each.name for each in rows["units"]}
    return Overview(
        case=case,
        name=case.opened_applicant_name,
        number=case.applicant.opened_number(current().municipality) if case.applicant else "",
        level=level,
        is_hidden=is_hidden,
        is_cut=len(theirs) > MOST,
        cases=[
            OneCase(
                each,
                packages[each.id].title,
                _phases(packages[each.id], by_case["phases"][each.id]) if each.is_open else (),
                _next_step(packages[each.id], by_case["tasks"][each.id]) if each.is_open else None,
                next((one for one in due if one.case.id == each.id), None),
                "" if is_hidden or each.unit_id is None else units.get(each.unit_id, ""),
                _kept(packages[each.id], by_case["records"][each.id]),
            )
            for each in shown
        ],
        due=due,
        others=_others(_told_of(shown, case, level, is_hidden=is_hidden), packages, by_case["participants"], owner_key),
        decided=_decided(shown, packages, by_case["decisions"], by_case["results"]),
    )


def _parts() -> dict[str, QuerySet]:
    """Rows of all cases of one person; of those that are not shown, none is used."""
    owner = Asked("owner", IndexField())
    here = {"case__owner_key": owner}
    return {
        "phases": PhaseChange.objects.filter(**here).order_by("at", "kind", "id"),
        "tasks": Task.objects.filter(**here, done_at__isnull=True).exclude(who="auto").order_by("position"),
        "deadlines": CaseDeadline.objects.filter(**here, met_at__isnull=True, due_on__isnull=False).order_by(
            "due_on", "id"
        ),
        "records": Record.objects.filter(**here).defer("data").order_by("series", "version"),
        "decisions": Decision.objects.filter(**here, status=Decision.Status.ISSUED).order_by("-issued_at"),
        "results": Result.objects.filter(**here, issued_at__isnull=False),
        "participants": Participant.objects.filter(case_queries.still_in(dates.today()), **here).order_by(
            "starts", "id"
        ),
        "units": Unit.objects.order_by("name"),
        "protections": protection.said_of_any(
            Participant.objects.filter(**here, owner_key__isnull=False).values("owner_key"), owner
        ),
    }


_PARTS = Together(_parts)


def _by_case(rows: Mapping[str, Sequence[Any]]) -> dict[str, dict[UUID, list[Any]]]:
    found: dict[str, dict[UUID, list[Any]]] = {}
    for part in ("phases", "tasks", "deadlines", "records", "decisions", "results", "participants"):
        found[part] = defaultdict(list)
        for row in rows[part]:
            found[part][row.case_id].append(row)
    return found


def _told_of(shown: Sequence[Case], case: Case, level: Level, *, is_hidden: bool) -> Sequence[Case]:
    """The cases whose others are told: all; where an address is protected, the one in which a need was stated, if it was."""
    if level is Level.NONE:
        return shown
    return [] if is_hidden else [each for each in shown if each.id == case.id]


def _others(
    cases: Iterable[Case],
    packages: Mapping[UUID, ServicePackage],
    rows: Mapping[UUID, Sequence[Participant]],
    owner_key: bytes,
) -> list[Other]:
    """Who else there is, each once: by their number where it is known, else by their name."""
    found: dict[bytes | str, Other] = {}
    for case in cases:
        roles = {each.id: each.title for each in packages[case.id].parties}
        for row in rows[case.id]:
            if row.owner_key is not None and bytes(row.owner_key) == owner_key:
                continue
            name = case_queries.open_participant(row, case.key).name
            other = found.setdefault(bytes(row.owner_key) if row.owner_key else name, Other(name, []))
            other.roles.append(InCase(case, roles.get(row.role, Text.of(row.role)), row.is_party))
    return list(found.values())


def _phases(package: ServicePackage, changes: Sequence[PhaseChange]) -> tuple[Text, ...]:
    going_on = case_queries.going_on(changes)
    return tuple(each.title for each in package.phases if each.id in going_on)


def _kept(package: ServicePackage, rows: Sequence[Record]) -> tuple[tuple[Text, int], ...]:
    """What stands: the last version of each record, unless that ended it. What was given of a week is in the week."""
    last = {each.series: each for each in rows}
    numbers = Counter(each.kind for each in last.values() if not each.is_over)
    return tuple((kind.title, numbers[kind.id]) for kind in package.records if kind.of is None and numbers[kind.id])


def _next_step(package: ServicePackage, tasks: Sequence[Task]) -> Text | None:
    """The first step that is not done."""
    steps = package.all_steps
    return next((steps[each.step].title for each in tasks if each.step in steps), None)


def _due(
    shown: Iterable[Case], packages: Mapping[UUID, ServicePackage], rows: Mapping[UUID, Sequence[CaseDeadline]]
) -> list[Due]:
    """What is not met in cases that go on, the first first."""
    found = [
        Due(case, row, title)
        for case in shown
        for row in rows[case.id]
        for title in [next((d.title for d in packages[case.id].deadlines if d.id == row.deadline), None)]
        if title is not None
    ]
    return sorted(found, key=lambda each: (each.row.due_on, each.row.id))


def _decided(
    shown: Iterable[Case],
    packages: Mapping[UUID, ServicePackage],
    decisions: Mapping[UUID, Sequence[Decision]],
    results: Mapping[UUID, Sequence[Result]],
) -> list[Decided]:
    """What was decided, the last first. Why, one reads in the case."""
    found = []
    for case in shown:
        package, apart = packages[case.id], {each.decision_id: each.result for each in results[case.id]}
        for row in decisions[case.id]:
            result = package.result(apart.get(row.id, ""))
            found.append(Decided(case, row, package.outcome(row.outcome).title, result.title if result else None))
    return sorted(found, key=lambda each: (each.row.issued_at, each.row.id), reverse=True)
