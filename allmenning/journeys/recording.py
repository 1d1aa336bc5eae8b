"""The records that a service keeps in a case: reading what stands, writing a new one or a new version, ending one.

Whoever may handle the case, in a role that the kind lets write, writes. Nothing is changed: what was written stays as a
version, with who and when. Where the applicant's address is protected, records are hidden like the rest of the case until
somebody states a need, for a plan of visits tells where somebody lives.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import transaction

from allmenning import vault
from allmenning.basics.text import clean_text
from allmenning.commons.catalogue import queries as catalogue
from allmenning.commons.catalogue.content import NoSuchRecordKind, ServicePackage
from allmenning.commons.catalogue.records import RecordKind, applies
from allmenning.municipal.access.actor import Working
from allmenning.municipal.cases import actions as cases
from allmenning.municipal.cases import queries as case_queries
from allmenning.municipal.cases import records
from allmenning.municipal.cases.errors import (
    EndNotExplained,
    EndsBeforeItStarts,
    HandedToAccounts,
    RecordEndsNot,
    RecordIsOver,
    RecordNotFound,
    RecordThereAlready,
    SomebodyWasFirst,
    TextMissing,
)
from allmenning.municipal.cases.models import Case, Record
from allmenning.municipal.cases.records import OpenedRecord, Written
from allmenning.municipal.forms.errors import NotComplete
from allmenning.municipal.post import actions as post
from allmenning.rules.forms import Form
from allmenning.rules.forms.declared import Spec

from . import deadlines, hiding, readings, sender
from .casework import CaseView, require, verdict
from .dated_records import follow_records
from .jobs import wake
from .offered import Offered, of_case

LONGEST_WHY = 2000


@dataclass(frozen=True)
class Shelf:
    """The records of one kind in a case: the last version of each. `may_write`: whether this person may, today."""

    kind: RecordKind
    form: Form
    records: list[OpenedRecord]
    may_write: bool

    @property
    def going_on(self) -> list[OpenedRecord]:
        return [each for each in self.records if not each.row.is_over]

    @property
    def may_begin(self) -> bool:
        """Whether another one may be written: of a kind that is one, when there is none that goes on."""
        return self.may_write and (self.kind.many or not self.going_on)


@dataclass(frozen=True)
class KindView:
    """One kind in one case, opened and logged. `inner`: the kinds that belong to it, as evaluations to a measure."""

    case: Case
    offered: Offered
    shelf: Shelf
    inner: list[Shelf] = field(default_factory=list)
    outer: list[OpenedRecord] = field(default_factory=list)  # those that one of this kind may belong to
    handed_over: Mapping[UUID, Any] = field(default_factory=dict)  # payments: by series

    @property
    def kind(self) -> RecordKind:
        return self.shelf.kind


@dataclass(frozen=True)
class Draft:
    """What somebody wrote: the answers, the state that it goes on in, and why it is changed."""

    answers: Mapping[str, Any]
    status: str = ""
    why: str = ""


@lru_cache(maxsize=512)
def form_of(service: str, version: str, kind: str) -> Form:
    """The form of a kind, parsed once for each version of a service."""
    found = catalogue.service_version(service, version).record_kind(kind)
    return Form(found.schema, found.ui)


def kind_in(package: ServicePackage, kind: str, case: Case) -> RecordKind:
    """Raises RecordNotFound: the service keeps no such record in this case."""
    try:
        found = package.record_kind(kind)
    except NoSuchRecordKind:
        raise RecordNotFound() from None
    if not belongs_in(found, case):
        raise RecordNotFound()
    return found


def belongs_in(kind: RecordKind, case: Case) -> bool:
    """Whether a kind is kept in this case: some are kept in the cases that are opened from a report, and not in the report."""
    return case.is_own_case or not kind.is_of_own_case


def is_given(kind: RecordKind, package: ServicePackage) -> bool:
    """Whether it tells what was given of a weekly plan: there are many of them, and the week shows them."""
    return kind.of is not None and package.record_kind(kind.of).shows == records.WEEK


def on_case(view: CaseView) -> list[Shelf]:
    """What the case's own page shows, from what was opened with it: a shelf for each kind that stands by itself."""
    kinds = [kind for kind in view.offered.package.records if kind.of is None and belongs_in(kind, view.case)]
    shelves = [shelf_of(view, kind) for kind in kinds]
    return [each for each in shelves if each.records or applies(each.kind, view.content.data)]


def shelf_of(view: CaseView, kind: RecordKind) -> Shelf:
    """The records of a kind that were opened with the case; of what was given week by week there are none."""
    package = view.offered.package
    return Shelf(
        kind,
        form_of(package.id, package.version, kind.id),
        [each for each in view.records if each.row.kind == kind.id],
        view.may_write.get(kind.id, False),
    )


def shelves_for_party(case: Case, offered: Offered, rows: Sequence[Record]) -> list[Shelf]:
    """What the party sees: the kinds of which there is something, opened. Log that they are shown first."""
    return shelves(offered, rows, case.key)


def shelves(offered: Offered, rows: Sequence[Record], key: vault.CaseKey) -> list[Shelf]:
    """Records by their kind, opened, for who only reads them. Log that they are shown first."""
    package = offered.package
    return [
        Shelf(kind, form_of(package.id, package.version, kind.id), records.open_records(of_kind, key), False)
        for kind in package.records
        if (of_kind := [row for row in rows if row.kind == kind.id])
    ]


@dataclass(frozen=True)
class Readable:
    """A case that this person may read, and one kind of its records. Log what is to be shown; then open it."""

    case: Case
    offered: Offered
    kind: RecordKind
    working: Working
    purpose: str
    staff_key: bytes

    def log(self, rows: Sequence[Record]) -> None:
        log_shown(self.case, self.working, self.purpose, rows)

    def shelf(self, kind: RecordKind, rows: Sequence[Record]) -> Shelf:
        """Some records of a kind, opened, and whether this person may write there."""
        form = form_of(self.offered.package.id, self.offered.package.version, kind.id)
        let = frozenset(kind.writes)
        may = verdict(self.case, self.working, "handle", staff_key=self.staff_key, let=let).allowed
        return Shelf(kind, form, records.open_records(rows, self.case.key), may)


def readable(case_id: UUID, kind_id: str, working: Working, purpose: str, *, staff_key: bytes) -> Readable:
    """Before anything is logged or opened. Raises CaseNotFound, NotYours, RecordNotFound, NeedNotStated."""
    case = case_queries.case_for(case_id)
    require(case, working, "read", purpose=purpose, staff_key=staff_key)
    offered = of_case(case.service, case.version)
    kind = kind_in(offered.package, kind_id, case)
    hiding.require_need(case, working.staff_id)
    return Readable(case, offered, kind, working, purpose, staff_key)


def open_kind(found: Readable) -> KindView:
    """The records of the kind, with those that belong to them. The reading is logged before anything is opened."""
    case, kind, package = found.case, found.kind, found.offered.package
    within = [each for each in package.records if each.of == kind.id and not is_given(each, package)]
    rows = {each.id: list(records.of_kind(case.id, each.id)) for each in (kind, *within)}
    outer = list(records.of_kind(case.id, kind.of)) if kind.of else []
    found.log([*(row for of_kind in rows.values() for row in of_kind), *outer])
    shelves = [found.shelf(each, rows[each.id]) for each in (kind, *within)]
    paid = records.handed_over([row.series for row in rows[kind.id]]) if kind.shows == records.PAYMENTS else {}
    return KindView(case, found.offered, shelves[0], shelves[1:], records.open_records(outer, case.key), paid)


def open_versions(found: Readable, series: UUID) -> tuple[KindView, list[OpenedRecord]]:
    """One record with every version of it, first to last; logged first. Raises RecordNotFound."""
    rows = records.versions(found.case.id, found.kind.id, series)
    if not rows:
        raise RecordNotFound()
    found.log(rows)
    paid = records.handed_over([series]) if found.kind.shows == records.PAYMENTS else {}
    view = KindView(found.case, found.offered, found.shelf(found.kind, rows[-1:]), handed_over=paid)
    return view, records.open_records(rows, found.case.key)


def log_shown(case: Case, working: Working, purpose: str, rows: Sequence[Record]) -> None:
    """Log that records of a case are shown, before they are opened."""
    readings.log_case(case, working.as_actor(case), purpose, ["case-number", readings.RECORDS], rows)


def begin(
    case_id: UUID, kind_id: str, draft: Draft, working: Working, *, staff_key: bytes, of_series: UUID | None = None
) -> Record:
    """Write a new record.

    Raises NotYours, NeedNotStated, RecordNotFound, NotComplete, RecordThereAlready, EndsBeforeItStarts; then nothing is
    written.
    """
    with transaction.atomic():
        case, offered, kind = _writable(case_id, kind_id, working, staff_key)
        if not kind.many and any(not row.is_over for row in records.of_kind(case.id, kind.id)):
            raise RecordThereAlready()
        if kind.of is not None:
            _require_belongs(case, kind.of, of_series)
        written = _written(case, offered, kind, draft, of_series if kind.of else None)
        return _keep(case, offered, kind, written, working)


def revise(
    case_id: UUID,
    kind_id: str,
    series: UUID,
    draft: Draft,
    working: Working,
    *,
    version: int,
    staff_key: bytes,
) -> Record:
    """Write the version after one that was read. Raises SomebodyWasFirst, RecordIsOver, HandedToAccounts, and as `begin`."""
    with transaction.atomic():
        case, offered, kind = _writable(case_id, kind_id, working, staff_key)
        before = _last(case, kind, series, version)
        written = _written(case, offered, kind, draft, None)
        if kind.shows == records.PAYMENTS and records.handed_over([series]):
            raise HandedToAccounts()
        return _keep(case, offered, kind, written, working, after=before.row)


def end(
    case_id: UUID,
    kind_id: str,
    series: UUID,
    working: Working,
    *,
    status: str,
    day: date | None,
    why: str,
    version: int,
    staff_key: bytes,
    answer: str = "",
) -> Record:
    """End a record, in a state that ends it, on a day, with a reason, and with the answer to what the state asks.

    Raises RecordEndsNot, EndNotExplained, TextMissing, and as `revise`.
    """
    why = clean_text(why).strip()[:LONGEST_WHY]
    with transaction.atomic():
        case, offered, kind = _writable(case_id, kind_id, working, staff_key)
        before = _last(case, kind, series, version)
        starts = before.row.starts
        if status not in {state.id for state in kind.over} or day is None or (starts is not None and day < starts):
            raise RecordEndsNot()
        explained = _explained(offered, kind, status, answer)
        if not why:
            raise TextMissing()
        written = Written(
            kind=kind.id,
            shows=before.row.shows,
            answers={**before.answers, **explained},
            why=why,
            status=status,
            is_over=True,
            starts=starts,
            ends=day,
            due_on=before.row.due_on if kind.shows == records.PAYMENTS else None,
            visible_to_resident=_is_shown(kind, case),
            visible_to_parties=_is_for_parties(kind, case),
            seen_by=kind.seen_by_others,
        )
        return _keep(case, offered, kind, written, working, after=before.row)


def asked_at_end(form: Form, kind: RecordKind) -> dict[str, Spec]:
    """What ends a record, and the choice that it asks, where it asks one."""
    return {state.id: form.specs[state.asks,] for state in kind.over if state.asks}


def _explained(offered: Offered, kind: RecordKind, status: str, answer: str) -> dict[str, Any]:
    asked = asked_at_end(form_of(offered.package.id, offered.package.version, kind.id), kind).get(status)
    if asked is None:
        return {}
    chosen = next((option for option in asked.options if option.key == answer), None)
    if chosen is None:
        raise EndNotExplained()
    return {asked.name: chosen.value}


def _writable(case_id: UUID, kind_id: str, working: Working, staff_key: bytes) -> tuple[Case, Offered, RecordKind]:
    case = cases.locked(case_id)
    require(case, working, "handle", staff_key=staff_key)
    offered = of_case(case.service, case.version)
    kind = kind_in(offered.package, kind_id, case)
    require(case, working, "handle", staff_key=staff_key, let=frozenset(kind.writes))
    hiding.require_need(case, working.staff_id)
    return case, offered, kind


def _last(case: Case, kind: RecordKind, series: UUID, version: int) -> OpenedRecord:
    """The last version of a record that goes on, which must be the one that was read."""
    found = records.versions(case.id, kind.id, series)
    if not found:
        raise RecordNotFound()
    if found[-1].version != version:
        raise SomebodyWasFirst()
    if found[-1].is_over:
        raise RecordIsOver()
    return records.open_record(found[-1], case.key)


def _require_belongs(case: Case, kind: str, series: UUID | None) -> None:
    if series is None or not records.versions(case.id, kind, series):
        raise RecordNotFound()


def _is_shown(kind: RecordKind, case: Case) -> bool:
    """Whether the portal shows it: whom a case is of, and not somebody who sent it for another."""
    return kind.is_seen_by_party and sender.of(case).shows_all


def _is_for_parties(kind: RecordKind, case: Case) -> bool:
    """Whether the portal shows it to those who are parties, where who sent the case is none."""
    return kind.is_seen_by_party and sender.shows_parties(case)


def _written(case: Case, offered: Offered, kind: RecordKind, draft: Draft, of_series: UUID | None) -> Written:
    """What is kept of what was typed. Raises NotComplete, EndsBeforeItStarts, UnsafeText."""
    form = form_of(offered.package.id, offered.package.version, kind.id)
    wrong, answers = form.examined(draft.answers, "nb")
    if wrong:
        raise NotComplete()
    going_on = {state.id for state in kind.going_on}
    dated = {role: _day(answers, getattr(kind.dates, role)) for role in ("starts", "ends", "due")}
    if dated["starts"] and dated["ends"] and dated["ends"] < dated["starts"]:
        raise EndsBeforeItStarts()
    return Written(
        kind=kind.id,
        shows=records.WEEK if is_given(kind, offered.package) else kind.shows,
        answers=answers,
        why=clean_text(draft.why).strip()[:LONGEST_WHY],
        status=draft.status if draft.status in going_on else kind.begins_as,
        starts=dated["starts"],
        ends=dated["ends"],
        due_on=dated["due"],
        of_series=of_series,
        visible_to_resident=_is_shown(kind, case),
        visible_to_parties=_is_for_parties(kind, case),
        seen_by=kind.seen_by_others,
    )


def _day(answers: Mapping[str, Any], name: str | None) -> date | None:
    found = answers.get(name) if name else None
    return date.fromisoformat(found) if found else None


def _keep(
    case: Case, offered: Offered, kind: RecordKind, written: Written, working: Working, after: Record | None = None
) -> Record:
    """Write it with its row of the log and its event. What was given day by day makes no events: there are many."""
    actor = working.as_actor(case)
    row = records.write(case, written, actor, after=after)
    did = "end-record" if written.is_over else "write-record"
    if row.visible_to_parties:
        post.put_in_outbox(case.area, case.id, ("parties-find", row.id))
        wake(case.area)
    if not is_given(kind, offered.package):
        happened = "record-ended" if written.is_over else "record-changed" if after else "record-written"
        cases.happened(case, happened, actor, visible=kind.is_seen_by_party, at=row.at, record=kind.id)
        if follow_records(offered.package):
            deadlines.recount(case)
    cases.log(
        case,
        actor,
        did,
        purpose="case-handling",
        object_kind="record",
        object_id=row.id,
        personal=[written.kind, written.status, dict(written.answers), written.why],
    )
    return row
