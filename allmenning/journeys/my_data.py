"""A resident's own data as one export: everything about them in each municipality (GDPR art. 15 and 20).

Made as the resident, so the database shows nothing of anybody else's. Rows of the log are those of the resident's own log;
others are named in it only where they acted for the resident, and no number of theirs is given.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile

from django.db import DatabaseError

from allmenning.basics import dates
from allmenning.basics.errors import AllmenningError
from allmenning.commons.identity import queries as identity
from allmenning.commons.identity.sessions import Resident
from allmenning.municipal.access.actor import RESIDENT
from allmenning.municipal.cases import actions as case_actions
from allmenning.municipal.cases import queries as cases
from allmenning.municipal.cases.models import Case
from allmenning.municipal.documents.models import Document
from allmenning.municipal.documents.queries import documents_in, open_document
from allmenning.municipal.forms import actions as forms
from allmenning.municipal.forms.models import Draft, Submission
from allmenning.municipal.people import representing as people
from allmenning.municipal.post.queries import messages_of

from .errors import OnlyOwnData
from .my_log import Line, whole
from .my_page import OWN_CASE
from .rendering import content_of
from .representing import working_for

log = logging.getLogger(__name__)

MOST_BYTES = 200 * 1024**2  # of files together: what is over is named in the export, and fetched from its case
JSON_NAME, PAGE_NAME = "data.json", "index.html"


@dataclass
class MyData:
    """`told` is the whole as JSON-able values; `files` are its documents, by their path in the export."""

    told: dict[str, Any]
    files: dict[str, bytes] = field(default_factory=dict)
    bytes_held: int = 0


def collect(resident: Resident) -> MyData:
    """Everything about this resident, after it is logged in each case. Raises OnlyOwnData for one who acts for another."""
    if resident.acts_for_another:
        raise OnlyOwnData()
    person = {"number": resident.number, "name": resident.name}
    data = MyData({"made_at": _at(dates.now()), "person": person, "municipalities": [], "unreachable": []})
    for municipality in identity.municipalities_of(resident.person_key):
        try:
            with working_for(municipality, resident):
                data.told["municipalities"].append(_municipality(municipality, resident, data))
        except (DatabaseError, AllmenningError, OSError):
            log.warning("%s could not be asked for an export", municipality, exc_info=True)
            data.told["unreachable"].append(municipality)
    return data


def as_zip(data: MyData, page: Callable[[dict[str, Any]], str]) -> bytes:
    """The export as a ZIP: `data.json` for machines, `index.html` for people, and the documents. Held in memory alone."""
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        archive.writestr(JSON_NAME, json.dumps(data.told, ensure_ascii=False, indent=2, default=str))
        archive.writestr(PAGE_NAME, page(data.told))
        for path, content in data.files.items():
            archive.writestr(path, content)
    return buffer.getvalue()


def _municipality(municipality: str, resident: Resident, data: MyData) -> dict[str, Any]:
    keys = resident.keys(municipality)
    held = list(cases.cases_of_owner(keys))
    for case in held:  # before anything of it is opened
        case_actions.log(case, RESIDENT, "export", purpose=OWN_CASE)
    return {
        "id": municipality,
        "cases": [_case(municipality, case, data) for case in held],
        "drafts": [_draft(each) for each in Draft.objects.order_by("-updated_at")],
        "powers_of_attorney": [_power(each) for each in people.given(keys[0])],
        "powers_held": [_power(each) for each in people.held(keys[0])],
        "log": [_line(line) for line in whole(keys)],
    }


def _case(municipality: str, case: Case, data: MyData) -> dict[str, Any]:
    submission = Submission.objects.get(case_id=case.id)
    content = forms.open_submission(submission, case.key)
    return {
        "number": case.number,
        "service": case.service,
        "version": case.version,
        "title": case.title,
        "state": case.state,
        "outcome": case.outcome,
        "received_at": _at(case.received_at),
        "closed_at": _at(case.closed_at),
        "answers": content.data,
        "from_registers": content.sources,
        "events": [{"at": _at(each.at), "kind": each.kind} for each in cases.timeline_of(case.id)],
        "messages": [_message(each) for each in messages_of(case.id, case.key)],
        "decisions": [_decision(cases.open_decision(each, case.key)) for each in cases.decisions_of(case.id)],
        "documents": [_document(municipality, each, case, data) for each in documents_in(case.id)],
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


def _document(municipality: str, document: Document, case: Case, data: MyData) -> dict[str, Any]:
    """What is told of a document; its content goes beside, as long as there is room."""
    opened = open_document(document, case.key)
    told = {"title": opened.title, "file_name": opened.file_name, "media_type": opened.media_type, "path": ""}
    if data.bytes_held + (document.size or 0) > MOST_BYTES:
        return told
    content = content_of(document, case)
    told["path"] = _path(municipality, case, document.id, opened.file_name)
    data.files[told["path"]] = content
    data.bytes_held += len(content)
    return told


def _path(municipality: str, case: Case, document_id: UUID, name: str) -> str:
    """Names of files were cleaned when they came; the id keeps two of one name apart."""
    return f"{municipality}/{case.year}-{case.sequence}/{document_id.hex[-8:]}-{name.replace('/', '_')}"


def _draft(draft: Draft) -> dict[str, Any]:
    content = forms.open_content(draft)
    return {"service": draft.service, "saved_at": _at(draft.updated_at), "answers": content.data, "typed": content.raw}


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
