"""A resident's own data as one export: everything about them in each municipality (GDPR art. 15 and 20).

Made as the resident, so the database shows nothing of anybody else's. Rows of the log are those of the resident's own log;
others are named in it only where they acted for the resident, or were let see something by them, and no number of theirs is
given. What is small is made at once; `exporting` makes the rest while nobody waits.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any, Protocol
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile

from django.db import DatabaseError
from django.db.models import QuerySet, Sum

from allmenning import vault
from allmenning.basics import dates
from allmenning.basics.errors import AllmenningError
from allmenning.commons.identity import queries as identity
from allmenning.commons.identity.sessions import Resident
from allmenning.municipal.access.actor import RESIDENT
from allmenning.municipal.cases import actions as case_actions
from allmenning.municipal.cases import queries as cases
from allmenning.municipal.cases import records
from allmenning.municipal.cases.consents import OpenedConsent
from allmenning.municipal.cases.models import AccessRequest, Case, Handover, Participant, Task
from allmenning.municipal.documents import actions as documents
from allmenning.municipal.documents.models import Document
from allmenning.municipal.documents.queries import documents_in, open_document
from allmenning.municipal.forms import actions as forms
from allmenning.municipal.forms.models import Attachment, Draft, Submission
from allmenning.municipal.people import representing as people
from allmenning.municipal.people.models import Person
from allmenning.municipal.post.models import Delivery
from allmenning.municipal.post.queries import deliveries_in, messages_of
from allmenning.tenancy import current

from . import applying, my_consents, my_part, sender
from .errors import OnlyOwnData
from .my_log import Line, whole
from .my_page import OWN_CASE
from .rendering import content_of
from .representing import working_for

log = logging.getLogger(__name__)

AT_ONCE = 20 * 1024**2  # bytes of files together: more is made by a worker
JSON_NAME, PAGE_NAME = "data.json", "index.html"
Page = Callable[[dict[str, Any]], str]  # what was collected, as a page that stands alone


class Files(Protocol):
    """Where the documents of an export go, one by one, by their path in it."""

    def put(self, path: str, content: bytes) -> None: ...


class Apart:
    """The files of one municipality, in memory, until all of it is collected: then they go together, or none of them."""

    def __init__(self) -> None:
        self._held: list[tuple[str, bytes]] = []

    def put(self, path: str, content: bytes) -> None:
        self._held.append((path, content))

    def move_to(self, files: Files) -> None:
        for path, content in self._held:
            files.put(path, content)


class Zip:
    """One ZIP, in memory."""

    def __init__(self) -> None:
        self._buffer = BytesIO()
        self._archive = ZipFile(self._buffer, "w", ZIP_DEFLATED)

    def put(self, path: str, content: bytes) -> None:
        self._archive.writestr(path, content)

    @property
    def size(self) -> int:
        return self._buffer.tell()

    def content(self) -> bytes:
        """The whole; nothing can be put in afterwards."""
        self._archive.close()
        return self._buffer.getvalue()


def size_of(resident: Resident) -> int:
    """How many bytes the resident's files are together. Raises OnlyOwnData; a municipality that is away counts nothing."""
    _require_own(resident)
    size = 0
    for municipality in identity.municipalities_of(resident.person_key):
        try:
            with working_for(municipality, resident):
                of_cases = Document.objects.filter(
                    case_id__in=cases.cases_of_owner(resident.keys(municipality)).values("id")
                )
                for rows in (of_cases, Attachment.objects.all()):
                    size += rows.aggregate(size=Sum("size"))["size"] or 0
        except (DatabaseError, AllmenningError):
            log.warning("%s could not be asked how much there is", municipality, exc_info=True)
    return size


def at_once(resident: Resident, page: Page) -> bytes:
    """Everything as one ZIP: `data.json` for machines, `index.html` for people, and the documents. Held in memory alone.

    Each case's log tells of it before anything of it is opened. Raises OnlyOwnData for one who acts for another.
    """
    _require_own(resident)
    files, told, unreachable = Zip(), [], []
    for municipality in identity.municipalities_of(resident.person_key):
        here = Apart()
        try:
            with working_for(municipality, resident):
                told.append(of_municipality(resident, here))
        except (DatabaseError, AllmenningError, OSError):
            log.warning("%s could not be asked for an export", municipality, exc_info=True)
            unreachable.append(municipality)
        else:
            here.move_to(files)
    put_told(files, whole_of(resident, told, unreachable), page)
    return files.content()


def whole_of(resident: Resident, told: list[dict[str, Any]], unreachable: list[str]) -> dict[str, Any]:
    """What was collected of some municipalities, as JSON-able values."""
    person = {"number": resident.number, "name": resident.name}
    return {"made_at": _at(dates.now()), "person": person, "municipalities": told, "unreachable": unreachable}


def put_told(files: Files, told: dict[str, Any], page: Page) -> None:
    """Put what was collected beside the documents: for machines, and to read."""
    files.put(JSON_NAME, json.dumps(told, ensure_ascii=False, indent=2, default=str).encode())
    files.put(PAGE_NAME, page(told).encode())


def _require_own(resident: Resident) -> None:
    if resident.acts_for_another:
        raise OnlyOwnData()


# What is told of a resident in each municipality, by model. Every other model that holds anything of a resident's is below,
# with the reason why not; a guard holds that none is forgotten.
EXPORTED = (
    "access.LogEntry cases.AccessRequest cases.Appeal cases.Case cases.Consent cases.Decision cases.Event cases.Handover cases.Record"
    " cases.Task documents.Document forms.Attachment forms.Draft forms.Submission people.Person people.Representation post.Delivery"
    " post.Message"
).split()
NOT_EXPORTED = {
    "archive.Disposal": "whether a case is to be erased is decided by staff, and tells nothing of the resident",
    "archive.RetentionRule": "what becomes of a service's records, whoever's they are",
    "access.BreakGlass": "who opened a case in an emergency is in the log, with the reason",
    "access.KeptFromLog": "what the resident's own log leaves out, which would tell that it does",
    "access.NearOne": "about staff, who told of it",
    "access.PartialInCase": "about staff, who declared it",
    "access.Review": "a leader's look at what staff did; what they did is in the log",
    "archive.CaseFile": "the journal's cover of a case: its title and dates are the case's",
    "archive.DocumentDescription": "the journal's numbers of documents that are exported",
    "archive.RegistryEntry": "the journal's entry for each message and letter that is exported; public by offentleglova",
    "cases.AccountLine": "in which file a payment went to the accounts; the payment is exported where the resident sees it",
    "cases.Closure": "when and why a case was closed is told with the case",
    "cases.Disclosure": "what was kept back of a copy, and why, would tell what it is; the copy is exported",
    "cases.PhaseChange": "how the municipality works; why somebody concluded one: given by a request for access",
    "cases.Participant": "who else has to do with a case is not for who sent it; what is one's own as a party is exported with letters and consents",
    "cases.CaseDeadline": "how the municipality works: by when an answer comes is told with the case",
    "cases.Result": "what is decided may be about somebody else than the sender, who is told the answer, which is exported",
    "cases.DeadlineReason": "why something took time: given by a request for access, which a person judges",
    "cases.Transfer": "to whom a case went may tell where somebody lives: given by a request for access, which a person judges",
    "cases.Note": "internal (forvaltningsloven § 18 a): given by a request for access, which a person judges",
    "cases.ReceiptCode": "an address that one without login gave; nobody who is logged in has such a row",
    "cases.RegisterCheck": "may be about another in the household: given by a request for access, which a person judges",
    "people.Export": "this export",
    "people.ExportPart": "this export",
    "people.NamePart": "words of the name as hashes; the name is exported",
    "people.Protection": "that an address is protected may stand by a child or a spouse, from whom it is kept: shown in the"
    " portal to whom it may be, and else by a person",
    "post.Outbox": "what remains to be done, as ids",
    "post.OutsideCase": "that another system follows the case: its id there; what was sent is exported",
    "post.OutsideFile": "the id of a letter at another system; the letter is exported",
    "post.SystemMessage": "that a message of another system came: what it became is exported with the case",
    "identity.Presence": "in which municipalities one has something: they are listed",
}


def of_municipality(resident: Resident, files: Files) -> dict[str, Any]:
    """Everything in the municipality at hand, after it is logged in each case; its documents are put in `files`."""
    municipality = current().municipality
    keys = resident.keys(municipality)
    held = list(cases.cases_of_owner(keys))
    for case in held:  # before anything of it is opened
        case_actions.log(case, RESIDENT, "export", purpose=OWN_CASE)
    return {
        "id": municipality,
        "known_as": [_person(each) for each in _known_as()],
        "cases": [_case(municipality, case, files) for case in held],
        "in_others_cases": [part for each in _parts(keys, held) if (part := _part(municipality, each, files))],
        "drafts": [_draft(municipality, each, files) for each in Draft.objects.order_by("-updated_at")],
        "powers_of_attorney": [_power(each) for each in people.given(keys[0])],
        "powers_held": [_power(each) for each in people.ever_held(keys[0])],
        "log": [_line(line) for line in whole(keys)],
    }


def _known_as() -> QuerySet[Person]:
    """How they are known in the cases that they see. That a case was opened for them from another's is not told here."""
    return Person.objects.filter(id__in=Case.objects.values("applicant")).order_by("created_at")


def _person(row: Person) -> dict[str, Any]:
    municipality = current().municipality
    return {
        "area": row.area,
        "number": row.opened_number(municipality),
        "name": row.opened_name(municipality),
        "since": _at(row.created_at),
    }


def _case(municipality: str, case: Case, files: Files) -> dict[str, Any]:
    submission = Submission.objects.get(case_id=case.id)
    content, theirs = forms.open_submission(submission, case.key), sender.of(case)
    events = cases.timeline_of(case.id)
    shown = sender.shown(case, events)
    return {
        "number": case.number,
        "service": case.service,
        "version": case.version,
        "title": case.opened_title,
        "state": shown.state,
        "outcome": shown.outcome,
        "received_at": _at(case.received_at),
        "answer_by": shown.due_on,
        "closed_at": _at(shown.closed_at),
        "answers": content.data if theirs.may_copy else {},
        "from_registers": content.sources if theirs.may_copy else {},
        "events": [{"at": _at(each.at), "kind": each.kind} for each in events],
        "steps": [_step(each) for each in cases.tasks_in(case.id)] if theirs.shows_all else [],
        "messages": [_message(each) for each in messages_of(case.id, case.key)],
        "deliveries": [_delivery(each) for each in deliveries_in(case.id)],
        # Of one who is no party, what they were answered is the letter; the rest of it is about somebody else.
        "decisions": [_decision(cases.open_decision(each, case.key)) for each in cases.decisions_of(case.id)]
        if theirs.shows_all
        else [],
        "kept": [_record(each) for each in records.open_records(records.visible_versions(case.id), case.key)],
        "consents": [_consent(each) for each in my_consents.all_of_mine(case)],
        "appeals": [{"at": _at(each.received_at), "late": each.late} for each in cases.appeals_in(case.id)],
        "access": [_access(each) for each in cases.access_requests_in(case.id)],
        "handed_over": [_handover(each, case) for each in Handover.objects.filter(case=case)]
        if theirs.shows_all
        else [],
        "documents": [
            _document(municipality, each, case, files) for each in documents_in(case.id) if sender.has(case, each)
        ],
    }


def _parts(keys: Sequence[bytes], held: Sequence[Case]) -> list[Participant]:
    """By what they are named in cases that somebody else sent, or they sent as no party and are one now."""
    return list(cases.parts_of(keys).exclude(case_id__in=[case.id for case in held if sender.of(case).shows_all]))


def _part(municipality: str, part: Participant, files: Files) -> dict[str, Any]:
    """What is theirs in somebody else's case: letters to them and from them, what they have consented to, and what is kept that
    they may see. Empty where there is none: that they are named in it, and since when, is not told them in the portal either.
    """
    theirs = my_part.for_export(part)
    if not (theirs.letters or theirs.consents or theirs.kept):
        return {}
    return {
        "messages": [_message(each) for each in theirs.letters],
        "kept": [_record(each) for each in theirs.kept],
        "consents": [_consent(each) for each in theirs.consents],
        "documents": [_letter(municipality, part, each, files) for each in theirs.made],
    }


def _letter(municipality: str, part: Participant, document: Document, files: Files) -> dict[str, Any]:
    key = my_part.key_of(part)
    opened = open_document(document, key)
    path = _path(municipality, f"part-{part.id.hex[-8:]}", document.id, opened.file_name)
    told = {"title": opened.title, "file_name": opened.file_name, "media_type": opened.media_type}
    try:
        files.put(path, documents.read_content(document, key))
    except _UNREADABLE:
        log.exception("a letter to a party could not be opened for an export of %s", municipality)
        return {**told, "path": None, "unreadable": True}
    return {**told, "path": path}


def _consent(consent: OpenedConsent) -> dict[str, Any]:
    row = consent.row
    return {
        "to": row.scope,
        "given_on": row.given_on,
        "until": row.valid_until,
        "how": row.how,
        "lets_see": consent.to_name or None,
        "withdrawn_on": consent.withdrawn.given_on if consent.withdrawn else None,
    }


def _step(task: Task) -> dict[str, Any]:
    return {"step": task.step, "due_on": task.due_on, "done_at": _at(task.done_at), "skipped": task.skipped}


def _delivery(delivery: Delivery) -> dict[str, Any]:
    return {"channel": delivery.channel, "state": delivery.state, "sent_at": _at(delivery.sent_at)}


def _access(asked: AccessRequest) -> dict[str, Any]:
    return {
        "asked_at": _at(asked.asked_at),
        "due_on": asked.due_on,
        "is_complaint": asked.complains_of_id is not None,
        "answered_at": _at(asked.answered_at),
        "outcome": asked.outcome,
    }


def _handover(handover: Handover, case: Case) -> dict[str, Any]:
    return {
        "to": handover.receiver,
        "at": _at(handover.handed_over_at),
        "receipt": handover.receipt,
        "package": json.loads(case.key.open_text("cases.Handover.package", bytes(handover.package), handover.id)),
    }


def _message(message: Any) -> dict[str, Any]:
    return {
        "at": _at(message.sent_at),
        "direction": message.direction,
        "kind": message.kind,
        "title": message.title,
        "text": message.body,
    }


def _decision(decision: cases.OpenedDecision) -> dict[str, Any]:
    return {
        "at": _at(decision.row.issued_at),
        "outcome": decision.outcome,
        "automatic": decision.row.automatic,
        "legal_basis": decision.row.legal_basis,
        "reasons": decision.reasons,
        "values": decision.values,
    }


def _record(record: records.OpenedRecord) -> dict[str, Any]:
    """A version of what is kept in the case, of what the resident sees."""
    row = record.row
    return {
        "kind": row.kind,
        "series": str(row.series),
        "version": row.version,
        "at": _at(row.at),
        "by": row.staff_name,
        "state": row.status,
        "from": row.starts,
        "until": row.ends,
        "answers": record.answers,
        "why": record.why,
    }


def _document(municipality: str, document: Document, case: Case, files: Files) -> dict[str, Any]:
    """What is told of a document; its content goes beside."""
    opened = open_document(document, case.key)
    path = _path(municipality, f"{case.year}-{case.sequence}", document.id, opened.file_name)
    told = {"title": opened.title, "file_name": opened.file_name, "media_type": opened.media_type}
    try:
        content = content_of(document, case)
    except _UNREADABLE:
        log.exception("a document could not be opened for an export of %s", municipality)
        return {**told, "path": None, "unreadable": True}
    files.put(path, content)
    return {**told, "path": path}


# One file that was changed or is gone is said to be, and the rest is given. A vault or a disk that is away is tried again.
_UNREADABLE = (vault.CannotOpen, FileNotFoundError)


def _path(municipality: str, where: str, row_id: UUID, name: str) -> str:
    """Names of files were cleaned when they came; the id keeps two of one name apart."""
    return f"{municipality}/{where}/{row_id.hex[-8:]}-{name.replace('/', '_')}"


def _draft(municipality: str, draft: Draft, files: Files) -> dict[str, Any]:
    filling = applying.open_draft(draft.id)
    content, attached = filling.content, []
    for name, each in filling.attachments.items():
        path = _path(municipality, f"drafts/{draft.id.hex[-8:]}", UUID(name), each.name)
        try:
            files.put(path, applying.read_attachment(filling, UUID(name)))
        except _UNREADABLE:
            log.exception("a draft's file could not be opened for an export of %s", municipality)
            attached.append({"file_name": each.name, "path": None, "unreadable": True})
        else:
            attached.append({"file_name": each.name, "path": path})
    return {
        "service": draft.service,
        "saved_at": _at(draft.updated_at),
        "answers": content.data,
        "typed": content.raw,
        "documents": attached,
    }


def _power(each: people.Opened) -> dict[str, Any]:
    return {
        "kind": each.kind,
        "scope": list(each.scope),
        "by": each.represented.name,
        "to": each.representative.name,
        "given_at": _at(each.given_at),
        "last_day": each.last_day.isoformat() if each.last_day else None,
        "ended_at": _at(each.ended_at),
    }


def _line(line: Line) -> dict[str, Any]:
    entry = line.entry
    return {
        "at": _at(entry.at),
        "case": line.case_number,
        "who": line.by_name or entry.role or entry.actor_kind,
        "unit": entry.unit_name,
        "action": entry.action,
        "purpose": entry.purpose,
    }


def _at(moment: Any) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
