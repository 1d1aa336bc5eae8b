"""Everything that a resident has in all municipalities, in one list. The municipalities are asked one by one."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import DatabaseError
from django.db.models import Q, QuerySet

from allmenning.basics import dates
from allmenning.basics.errors import AllmenningError
from allmenning.commons.catalogue.content import Text
from allmenning.commons.identity import queries as identity
from allmenning.commons.identity.sessions import Resident
from allmenning.municipal.access import queries as access_queries
from allmenning.municipal.access.actions import entry_about_case
from allmenning.municipal.access.actor import RESIDENT
from allmenning.municipal.access.models import LogEntry, Unit
from allmenning.municipal.access.resident_log import (
    NOBODY,
    OWN_CASE,
    Reader,
    Rule,
    grounds_by_case,
    keeping_in,
    own_readings,
    shown_to,
)
from allmenning.municipal.cases import actions as case_actions
from allmenning.municipal.cases import consents, records
from allmenning.municipal.cases import queries as cases
from allmenning.municipal.cases.errors import CaseNotFound
from allmenning.municipal.cases.models import Case, Consent, Event, Participant, Record
from allmenning.municipal.documents.models import Document
from allmenning.municipal.documents.queries import OpenedDocument, documents_of, open_document
from allmenning.municipal.forms.actions import open_submission
from allmenning.municipal.forms.content import Content
from allmenning.municipal.forms.models import Draft, Submission
from allmenning.municipal.people import representing as people
from allmenning.municipal.people.models import Representation
from allmenning.municipal.post import actions as post
from allmenning.municipal.post.models import Message
from allmenning.municipal.post.queries import OpenedMessage, messages_of, open_message
from allmenning.tenancy import current
from allmenning.tenancy.read_together import Asked, Together

from . import my_consents, my_part, previews, readings, sender
from .appealing import last_day_to_appeal
from .errors import NoLongerRepresents, NotCoveredHere, RegisterMustAnswer, WorksThere
from .offered import Offered, of_case
from .recording import Shelf, shelves_for_party
from .rendering import content_of, make
from .representing import working_for
from .sender import Shown

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class MyCase:
    """A case in the list. `subject`: what the resident called it, if anything. `waits_for_me_until`: a question is open."""

    municipality: str
    id: UUID
    number: str
    service: str
    version: str
    subject: str
    state: str
    outcome: str
    received_at: datetime
    due_on: date | None
    unit: str
    unread: int
    waits_for_me_until: date | None
    waits_for_me: bool
    says: Text | None = None  # of the answer, where the service says it


@dataclass(frozen=True)
class MyDraft:
    municipality: str
    id: UUID
    service: str
    version: str
    updated_at: datetime


@dataclass(frozen=True)
class MyLetter:
    """A letter or a question in the mailbox. participant_id: to a party of somebody else's case, of which no more is told."""

    municipality: str
    message: OpenedMessage
    case_number: str
    service: str
    version: str
    subject: str
    participant_id: UUID | None = None


@dataclass(frozen=True)
class MyOtherPart:
    """Somebody else's case in which the resident has given a consent, is let see something (is_let), or is shown what is kept as a
    party of it (is_party); nothing of it is told in the list.
    """

    municipality: str
    participant_id: UUID
    is_let: bool = False
    is_party: bool = False


@dataclass(frozen=True)
class MyPage:
    """`unreachable`: ids of municipalities that did not answer; the page names them."""

    cases: list[MyCase] = field(default_factory=list)
    drafts: list[MyDraft] = field(default_factory=list)
    letters: list[MyLetter] = field(default_factory=list)
    parts: list[MyOtherPart] = field(default_factory=list)
    unreachable: list[str] = field(default_factory=list)


def my_page(resident: Resident) -> MyPage:
    """Cases, drafts and letters in every municipality where the resident has something, newest first.

    Raises NoLongerRepresents, RegisterMustAnswer for one who acts for another person.
    """
    page = MyPage()
    for municipality in identity.municipalities_of(resident.person_key):
        try:
            found = _asked(municipality, resident)
        except (NotCoveredHere, WorksThere):
            continue  # a power of attorney holds in one municipality
        except (NoLongerRepresents, RegisterMustAnswer):
            raise
        except (DatabaseError, AllmenningError):
            # Away, moved, or its keys are withdrawn: the others are shown, and this one is named.
            log.warning("%s could not be asked for my page", municipality, exc_info=True)
            page.unreachable.append(municipality)
            continue
        page.cases.extend(found.cases)
        page.drafts.extend(found.drafts)
        page.parts.extend(found.parts)
        page.letters.extend(found.letters)
    page.cases.sort(key=lambda case: case.received_at, reverse=True)
    page.letters.sort(key=lambda letter: letter.message.sent_at, reverse=True)
    page.drafts.sort(key=lambda draft: draft.updated_at, reverse=True)
    return page


def _asked(municipality: str, resident: Resident) -> MyPage:
    """What one municipality has: all of it, or an error and nothing."""
    page = MyPage()
    with working_for(municipality, resident):
        _collect(page, municipality, resident.keys(municipality))
    return page


def _collect(page: MyPage, municipality: str, keys: tuple[bytes, ...]) -> None:
    found = _MINE.read(keys=list(keys))
    _log_list(found["cases"])
    units = {unit.id: unit.name for unit in found["units"]}
    shown = sender.shown_together(found["cases"])
    by_case: dict[UUID, list[Message]] = {}
    for message in found["messages"]:
        by_case.setdefault(message.case_id, []).append(message)
    for case in found["cases"]:
        sent = by_case.get(case.id, [])
        now_in = units.get(case.unit_id, "") if case.unit_id else ""
        unit = now_in if (received_in := shown[case.id].received_in) is None else received_in
        page.cases.append(_case(municipality, case, shown[case.id], unit, sent))
        page.letters.extend(_letters(municipality, case, sent))
    page.letters.extend(_as_party(municipality, found["parts"], found["to_party"]))
    page.parts.extend(_other_parts(municipality, found, keys))
    page.drafts.extend(MyDraft(municipality, d.id, d.service, d.version, d.updated_at) for d in found["drafts"])


def _log_list(found: Sequence[Case]) -> None:
    """That a list of cases and letters is shown, to the resident or who acts for them: a row of each area, before it is."""
    by_area: dict[str, list[Case]] = {}
    for case in found:
        by_area.setdefault(case.area, []).append(case)
    rows = []
    for area, listed in by_area.items():
        first = listed[0]
        row = entry_about_case(
            RESIDENT,
            area=area,
            case_id=first.id,
            key=first.key,
            action="list",
            purpose=OWN_CASE,
            field_kinds=["title", "letter"],
        )
        row.shown_ids = [case.id for case in listed]
        rows.append(row)
    if rows:
        LogEntry.objects.bulk_create(rows)


def _mine() -> dict[str, QuerySet]:
    """What a resident has in one municipality."""
    held, parts = cases.cases_of_owner(Asked("keys", cases.KEYS)), cases.parts_of(Asked("keys", cases.KEYS))
    return {
        "cases": held,
        "messages": Message.objects.filter(case_id__in=held.values("id")).order_by("sent_at"),
        "units": Unit.objects.filter(id__in=held.values("unit_id")),
        "parts": parts,
        "kept": records.for_parties(parts.values("case_id")),
        "consents": Consent.objects.filter(Q(to_key__isnull=False) | Q(party_key__isnull=False)).order_by("at", "id"),
        "to_party": Message.objects.filter(
            cases.is_any("party_key", Asked("keys", cases.KEYS)), direction="out"
        ).order_by("sent_at"),
        "drafts": Draft.objects.filter(channel="portal").order_by("-updated_at")[:100],
    }


_MINE = Together(_mine)


def _as_party(municipality: str, parts: Sequence[Participant], rows: Sequence[Message]) -> Iterable[MyLetter]:
    """Letters to the resident as a party of somebody else's case, logged in it before their names are shown."""
    by_id = {part.id: part for part in parts}
    listed = [row for row in rows if row.participant_id in by_id]
    logged = {row.participant_id for row in listed}
    LogEntry.objects.bulk_create(my_part.listed(part) for part in parts if part.id in logged)
    for row in listed:
        opened = open_message(row, my_part.key_of(by_id[row.participant_id]))  # type: ignore[index]
        yield MyLetter(municipality, opened, "", "", "", "", participant_id=row.participant_id)


def _other_parts(municipality: str, found: Mapping[str, Sequence[Any]], keys: Sequence[bytes]) -> Iterable[MyOtherPart]:
    """Where the resident is shown what is kept, is let see something today, or has a consent that holds; by the database, of
    nobody else's.
    """
    parts: Sequence[Participant] = found["parts"]
    rows: Sequence[Consent] = found["consents"]
    kept = {row.case_id for row in found["kept"]}
    back, today = {row.withdraws_id for row in rows}, dates.today()
    let = {row.to_id for row in consents.letting_among(rows, keys, today)}
    given = {
        row.participant_id for row in rows if row.id not in back and row.withdraws_id is None and row.holds_on(today)
    }
    for part in parts:
        if part.case_id in kept and my_part.is_party_today(part):
            yield MyOtherPart(municipality, part.id, is_party=True)
        elif part.id in let:
            yield MyOtherPart(municipality, part.id, is_let=True)
        elif part.id in given:
            yield MyOtherPart(municipality, part.id)


def _case(municipality: str, case: Case, shown: Shown, unit: str, messages: list[Message]) -> MyCase:
    answered = {m.answers_id for m in messages}
    asked = [m for m in messages if m.kind == Message.Kind.QUESTION and m.id not in answered]
    unread = [m for m in messages if m.direction == Message.Direction.OUT and m.read_at is None]
    return MyCase(
        municipality=municipality,
        id=case.id,
        number=case.number,
        service=case.service,
        version=case.version,
        subject=case.opened_subject,
        state=shown.state,
        outcome=shown.outcome,
        received_at=case.received_at,
        due_on=shown.due_on,
        unit=unit,
        unread=len(unread),
        waits_for_me_until=asked[-1].answer_due if asked and case.is_open else None,
        waits_for_me=bool(asked) and case.is_open,
        says=shown.says,
    )


def _letters(municipality: str, case: Case, messages: Iterable[Message]) -> list[MyLetter]:
    return [
        MyLetter(municipality, open_message(m, case.key), case.number, case.service, case.version, case.opened_subject)
        for m in messages
        if m.direction == Message.Direction.OUT
    ]


@dataclass(frozen=True)
class MyCaseView:
    """One case as its resident sees it.

    shown: where it is, as the folder lets the sender be shown it; not as it is in `case`.
    appeal_until: the last day to appeal the last decision, when it can be.
    by_names: who acted for the resident, by the representation in a row of the log.
    """

    case: Case
    shown: Shown
    offered: Offered
    unit: Unit | None
    content: Content
    timeline: list[Event]
    messages: list[OpenedMessage]
    documents: list[OpenedDocument]
    decisions: list[cases.OpenedDecision]
    looked: list[LogEntry]
    by_names: Mapping[UUID, str]
    question: OpenedMessage | None
    appeal_until: date | None
    consents: my_consents.Mine = field(default_factory=lambda: my_consents.Mine([]))
    shelves: list[Shelf] = field(default_factory=list)  # of what is kept in the case, what they may see


# The kinds of fields on the page of one's own case.
SHOWN = (
    "case-number",
    "state",
    "timeline",
    "submission",
    readings.DOCUMENTS,
    readings.PREVIEWS,
    "messages",
    "decisions",
    readings.LOG,
)


def open_mine(case_id: UUID) -> MyCaseView:
    """One of the resident's own cases, after the reading is logged.

    Raises CaseNotFound for anybody else's: the database shows no such row.
    """
    case = cases.case_for(case_id)
    offered = of_case(case.service, case.version)
    kept = _kept(case, offered)
    asks_consent = [readings.CONSENTS] if offered.package.consents else []
    _log_reading(case, field_kinds=[*SHOWN, *([readings.RECORDS] if kept else []), *asks_consent])
    submission = Submission.objects.get(case_id=case.id)
    messages = messages_of(case.id, case.key)
    decided = cases.decisions_of(case.id)
    reader = reader_now()
    of_others = access_queries.who_has_looked(case.id, but_not=own_readings(reader.representation or NOBODY))
    reader = replace(reader, kept=grounds_by_case(keeping_in([case.id], dates.now())), apart=areas_apart([case]))
    looked, left_out = shown_to(of_others, reader)
    if left_out:
        _record_left_out(case, left_out)
    open_questions = [m for m in messages if m.kind == "question" and not m.is_answered]
    timeline, consented = cases.timeline_of(case.id), my_consents.in_my_case(case, offered)
    shown = sender.shown(case, timeline)
    return MyCaseView(
        case=case,
        shown=shown,
        offered=offered,
        unit=sender.unit_shown(case, shown),
        content=open_submission(submission, case.key),
        timeline=timeline,
        messages=messages,
        documents=[each for each in documents_of(case.id, case.key) if sender.has(case, each)],
        decisions=[cases.open_decision(d, case.key) for d in decided],
        looked=looked,
        by_names={**_names_of_representatives(looked), **consented.names},
        question=open_questions[-1] if open_questions and case.is_open else None,
        appeal_until=last_day_to_appeal(case, decided[-1]) if decided else None,
        consents=consented,
        shelves=shelves_for_party(case, offered, kept),
    )


def _kept(case: Case, offered: Offered) -> list[Record]:
    """The rows that the database shows the resident, sealed. A statement only where the service lets them see some."""
    return records.visible_in(case.id) if any(kind.is_seen_by_party for kind in offered.package.records) else []


def areas_apart(held: Iterable[Case]) -> dict[UUID | None, str]:
    """The cases whose sender is shown no more than that they are answered, with their areas: for who reads the log."""
    return {case.id: case.area for case in held if not sender.of(case).shows_all}


def _record_left_out(case: Case, left_out: Sequence[tuple[LogEntry, Rule]]) -> None:
    from .my_log import record_left_out  # which knows this

    record_left_out(case, left_out).save(force_insert=True)


def reader_now() -> Reader:
    """Who is connected: the resident, or somebody who acts for them."""
    behalf = current().behalf
    return Reader(behalf.kind, behalf.representation) if behalf else Reader()


def _names_of_representatives(entries: Iterable[LogEntry]) -> dict[UUID, str]:
    """Asked for only when somebody has acted for the resident. Who acts for them is not shown who else does."""
    ids = {entry.representation_id for entry in entries if entry.representation_id}
    rows = people.opened(Representation.objects.filter(id__in=ids)) if ids else []
    return {each.id: each.representative.name for each in rows}


def read_letter(case_id: UUID, message_id: UUID) -> OpenedMessage:
    """Open a letter: the first time is noted, for the sender to see."""
    case = cases.case_for(case_id)
    message = Message.objects.filter(id=message_id, case_id=case.id).first()
    if message is None:
        raise CaseNotFound()
    _log_reading(case, "message", message_id, ["message"])
    post.mark_read(message_id)
    return next(m for m in messages_of(case.id, case.key) if m.id == message_id)


def download(case_id: UUID, document_id: UUID) -> tuple[OpenedDocument, bytes]:
    """A document of the resident's own case, with its content. Opening a letter's PDF counts as reading the letter."""
    case, document = _document(case_id, document_id)
    make(document, case)
    readings.log_document(case, document, RESIDENT, OWN_CASE, readings.DOCUMENTS)
    opened, content = open_document(document, case.key), content_of(document, case)
    for message in Message.objects.filter(case_id=case.id, document_id=document_id):
        post.mark_read(message.id)
    return opened, content


def look_at(case_id: UUID, document_id: UUID) -> tuple[Case, OpenedDocument]:
    """An image of the resident's own case for a page of its own, after the reading is logged. Raises CaseNotFound."""
    case, document = _document(case_id, document_id)
    return case, previews.look_at(document, case, RESIDENT, OWN_CASE)


def picture(case_id: UUID, document_id: UUID, size: str) -> bytes:
    """An attached image drawn anew, see `previews.draw`. Raises CaseNotFound, UnacceptableFile."""
    case, document = _document(case_id, document_id)
    return previews.draw(document, case, RESIDENT, OWN_CASE, size)


def _document(case_id: UUID, document_id: UUID) -> tuple[Case, Document]:
    case = cases.case_for(case_id)
    document = Document.objects.filter(id=document_id, case_id=case.id).first()
    if document is None or not sender.has(case, document):
        raise CaseNotFound()
    return case, document


def _log_reading(
    case: Case, object_kind: str = "case", object_id: UUID | None = None, field_kinds: Sequence[str] = ()
) -> None:
    """The resident's own reading, committed before anything is opened."""
    case_actions.log(
        case,
        RESIDENT,
        "read",
        purpose=OWN_CASE,
        object_kind=object_kind,
        object_id=object_id,
        field_kinds=field_kinds,
    )
