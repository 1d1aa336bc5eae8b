"""The resident's own log: who did or read what in their cases, when and why, in every municipality, newest first."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import UUID

from django.db import DatabaseError
from django.db.models import DateTimeField, Q, QuerySet

from allmenning import vault
from allmenning.basics import dates
from allmenning.basics.errors import AllmenningError
from allmenning.commons.identity import queries as identity
from allmenning.commons.identity.sessions import Resident
from allmenning.municipal.access.actions import entry_about_case
from allmenning.municipal.access.actor import RESIDENT
from allmenning.municipal.access.models import LET_SEE, LogEntry
from allmenning.municipal.access.resident_log import (
    LEFT_OUT,
    NOBODY,
    OTHER_PARENT,
    OWN_LOG,
    Reader,
    Rule,
    grounds_by_case,
    keeping_in,
    own_readings,
    shown_to,
)
from allmenning.municipal.cases import consents
from allmenning.municipal.cases import queries as cases
from allmenning.municipal.cases.models import Case, Consent, Participant
from allmenning.municipal.people import representing as people
from allmenning.municipal.people.models import Representation
from allmenning.tenancy import current, use
from allmenning.tenancy.read_together import Asked, Together

from . import my_part
from .errors import NoLongerRepresents, NotCoveredHere, RegisterMustAnswer, WorksThere
from .my_page import OWN_CASE, areas_apart, reader_now
from .representing import working_for

log = logging.getLogger(__name__)

MOST_READ = 200  # rows of each municipality at a time

Key = tuple[datetime, UUID]  # a row's place in the log: when, and its id
NEWEST: Key = (datetime.max.replace(tzinfo=UTC), UUID(int=2**128 - 1))


@dataclass(frozen=True)
class Line:
    """One row of the log, with the case that it is about; none, of a list that showed one of theirs among others', and of what
    they let somebody see of another's case: then participant_id is their part in it.

    by_name: of whoever acted for the resident, or was let see something by them.
    """

    municipality: str
    entry: LogEntry
    reader: Reader
    case_id: UUID | None = None
    case_number: str = ""
    service: str = ""
    version: str = ""
    subject: str = ""
    by_name: str = ""
    participant_id: UUID | None = None


@dataclass
class MyLog:
    """`unreachable`: ids of municipalities that did not answer; the page names them. `older`: where the rest begins."""

    lines: list[Line] = field(default_factory=list)
    unreachable: list[str] = field(default_factory=list)
    older: Key | None = None


@dataclass(frozen=True)
class Read:
    """Some rows of one municipality's log, newest first. `older`: the last one's place, where there may be more."""

    lines: list[Line]
    older: Key | None


@dataclass(frozen=True)
class _Theirs:
    """What rows of the log are told by: their cases, their parts in others', their consents by whom they let see something, and
    the names of who acts for them.
    """

    cases: Mapping[UUID, Case]
    parts: Mapping[UUID, Participant]
    let: Mapping[UUID | None, Consent]
    names: Mapping[UUID, str]

    def parts_in(self, entries: Sequence[LogEntry]) -> Iterable[Participant]:
        """One part in each of the others' cases that rows are of."""
        told = {entry.case_id for entry in entries} - self.cases.keys()
        return {part.case_id: part for part in self.parts.values() if part.case_id in told}.values()


def my_log(resident: Resident, before: Key = NEWEST) -> MyLog:
    """The log of everything that this resident, or whom they act for, has in every municipality: the newest rows.

    What is left out by rule is recorded before the rest is shown. Raises NoLongerRepresents, RegisterMustAnswer.

    Args:
        before: rows before this place alone, as `older` told it.
    """
    found, ends = MyLog(), list[Key]()
    for municipality in identity.municipalities_of(resident.person_key):
        try:
            with working_for(municipality, resident):
                read = of_municipality(resident.keys(municipality), before)
            found.lines.extend(read.lines)
            ends.extend([read.older] if read.older else [])
        except (NotCoveredHere, WorksThere):
            continue
        except (NoLongerRepresents, RegisterMustAnswer):
            raise
        except (DatabaseError, AllmenningError):
            log.warning("%s could not be asked for a resident's log", municipality, exc_info=True)
            found.unreachable.append(municipality)
    # Where one municipality has more, nothing of another's that is older is shown before it.
    found.older = max(ends, default=None)
    if found.older:
        found.lines = [line for line in found.lines if _place(line.entry) >= found.older]
    found.lines.sort(key=lambda line: _place(line.entry), reverse=True)
    return found


def whole(keys: Sequence[bytes]) -> Iterator[Line]:
    """Every row of the log in the municipality at hand, newest first."""
    before: Key | None = NEWEST
    while before:
        read = of_municipality(keys, before)
        yield from read.lines
        before = read.older


def of_municipality(keys: Sequence[bytes], before: Key = NEWEST) -> Read:
    """The newest rows before a place, in the municipality at hand. One statement, and one that logs it and what is left out."""
    reader, (at, row) = reader_now(), before
    found = _LOG.read(keys=list(keys), at=at, row=row, by=reader.representation or NOBODY, now=dates.now())
    kept, apart = grounds_by_case(found["kept"]), areas_apart(found["cases"])
    entries, reader = found["entries"], replace(reader, kept=kept, apart=apart)
    theirs = _Theirs(
        {case.id: case for case in found["cases"]},
        {part.id: part for part in found["parts"]},
        {consent.to_id: consent for consent in found["let"]},
        {each.id: each.representative.name for each in people.opened(found["representations"])},
    )
    shown, left_out = shown_to(entries, reader)
    older = _place(entries[-1]) if len(entries) == MOST_READ else None
    _record_other_parents(keys, before, older)
    _record(theirs, entries, left_out, reader)
    return Read([line for entry in shown if (line := _line(entry, theirs, reader))], older)


def _place(entry: LogEntry) -> Key:
    return entry.at, entry.id


def _line(entry: LogEntry, theirs: _Theirs, reader: Reader) -> Line | None:
    """A row as it is told; None where nothing of it is theirs any more."""
    here, case = current().municipality, theirs.cases.get(entry.case_id or NOBODY)
    let = theirs.let.get(entry.object_id) if entry.purpose == LET_SEE else None
    if case is not None:
        name = theirs.names.get(entry.representation_id or entry.id) or _name(let, case.key)
        return Line(here, entry, reader, case.id, case.number, case.service, case.version, case.opened_subject, name)
    if entry.case_id is None:
        return Line(here, entry, reader)
    part = theirs.parts.get(let.participant_id or NOBODY) if let else None
    if part is None:
        return None
    return Line(here, entry, reader, by_name=_name(let, my_part.key_of(part)), participant_id=part.id)


def _name(let: Consent | None, key: vault.CaseKey) -> str:
    """Of whom a consent lets see something."""
    return consents.opened([let], key)[0].to_name if let else ""


def record_left_out(case: Case, left_out: Sequence[tuple[LogEntry, Rule]]) -> LogEntry:
    """The row that records what one case's log left out; not saved."""
    return _left_out(case, [entry.id for entry, _ in left_out], sorted({rule.id for _, rule in left_out}))


def _left_out(case: Case, entries: list[UUID], rules: list[str]) -> LogEntry:
    row = _about(case, LEFT_OUT)
    row.shown_ids, row.field_kinds = entries, rules
    return row


def _record(
    theirs: _Theirs, entries: Sequence[LogEntry], left_out: Sequence[tuple[LogEntry, Rule]], reader: Reader
) -> None:
    """Rows that record what was left out, one for each case, and that the log was read, by whom."""
    own, rows = theirs.cases, [my_part.read_log(part) for part in theirs.parts_in(entries)]
    by_case: dict[UUID, list[tuple[LogEntry, Rule]]] = {}
    for entry, rule in left_out:
        if case := _recorded_in(entry, own, reader):
            by_case.setdefault(case.id, []).append((entry, rule))
    rows.extend(record_left_out(own[case_id], hidden) for case_id, hidden in by_case.items())
    if own:
        row = _about(next(iter(own.values())), "read", OWN_LOG if reader.kind else OWN_CASE)
        # What residents see of their own is known by what is theirs.
        row.shown_ids = [entry.id for entry in entries] if reader.kind else [*own]
        row.field_kinds = ["log"]
        rows.append(row)
    if rows:
        LogEntry.objects.bulk_create(rows)


def _record_other_parents(keys: Sequence[bytes], before: Key, older: Key | None) -> None:
    """Record what a parent is not told of what another parent began for the child, in this part of the log.

    The database shows a parent nothing of it, so it is found, and recorded, as the child; nothing of it is opened.
    """
    behalf = current().behalf
    if behalf is None or not behalf.parent:
        return
    with use(current().municipality, "resident", keys=tuple(keys)):
        begun = Case.objects.filter(owner_key__in=keys, area__in=behalf.scope, parent_index__isnull=False)
        others = {case.id: case for case in begun.exclude(parent_index=behalf.parent)}
        part = _earlier(*before) & (~_earlier(*older) if older else Q())
        told = LogEntry.objects.filter(part, case_id__in=others).exclude(action=LEFT_OUT)
        hidden = told.only("case_id") if others else []
        ids: dict[UUID, list[UUID]] = {}
        for entry in hidden:
            ids.setdefault(entry.case_id or NOBODY, []).append(entry.id)
        rows = [_left_out(others[case_id], entries, [OTHER_PARENT]) for case_id, entries in ids.items()]
        for row in rows:  # by whom the log was read
            row.representation_id, row.relation = behalf.representation, behalf.kind
        LogEntry.objects.bulk_create(rows)


def _recorded_in(entry: LogEntry, own: Mapping[UUID, Case], reader: Reader) -> Case | None:
    """The case in which it is recorded that a row was left out. Of a list: one that something is kept of, or of its area."""
    if entry.case_id:
        return own.get(entry.case_id)
    kept = [case for case in own.values() if case.id in reader.kept]
    return next((case for case in (*kept, *own.values()) if case.area == entry.area), None) or next(iter(kept), None)


def _about(case: Case, action: str, purpose: str = OWN_LOG) -> LogEntry:
    """A row about the log of a case; no commitment is needed, since nothing personal is in it."""
    return entry_about_case(
        RESIDENT, area=case.area, case_id=case.id, key=case.key, action=action, purpose=purpose, object_kind="log"
    )


def _earlier(at: datetime | Asked, row: UUID | Asked) -> Q:
    """The rows before a place in the log."""
    return Q(at__lt=at) | Q(at=at, id__lt=row)


def _log() -> dict[str, QuerySet]:
    keys = Asked("keys", cases.KEYS)
    held, parts = cases.cases_of_owner(keys), cases.parts_of(keys)
    let = Consent.objects.filter(to_id__isnull=False, withdraws__isnull=True)
    earlier = _earlier(Asked("at", DateTimeField()), Asked("row"))
    # Of no case are the lists that showed one of theirs: the database shows a resident no others, and of these not which.
    by_part = Q(purpose=LET_SEE, case_id__in=parts.values("case_id"))
    theirs = Q(case_id__in=held.values("id")) | Q(case_id__isnull=True) | by_part
    entries = LogEntry.objects.filter(earlier, theirs).exclude(own_readings(Asked("by")))
    return {
        "cases": held,
        "entries": entries.defer("shown_ids").order_by("-at", "-id")[:MOST_READ],
        "parts": parts,
        "let": let.filter(Q(case_id__in=held.values("id")) | Q(case_id__in=parts.values("case_id"))),
        "representations": Representation.objects.all(),
        "kept": keeping_in(held.values("id"), Asked("now", DateTimeField())),
    }


_LOG = Together(_log)
