"""Following cases: one of them, its documents, and what is new."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

from allmenning.journeys import following
from allmenning.journeys.errors import WrongCursor
from allmenning.journeys.sender import Shown
from allmenning.municipal.cases.models import Case, Event
from allmenning.municipal.documents.queries import OpenedDocument
from allmenning.web.said import said

from ..answering import Answer, Call, answers
from ..problems import Problem

# Of what an event holds, what another system may build on. The rest is for our own pages.
FACTS = ("automatic", "channel", "due", "expected", "files", "late", "outcome")


@answers("getCase")
def get_case(call: Call) -> Answer:
    """A case as it is now, and what has happened in it."""
    found = following.follow(call.by, UUID(call.parameters["case"]))
    return Answer(
        {**_case(found.case, found.shown), "unit": found.unit, "timeline": [_event(each) for each in found.timeline]}
    )


def _case(case: Case, shown: Shown) -> dict[str, Any]:
    address = f"/api/v1/cases/{case.id}"
    return {
        "id": str(case.id),
        "number": case.number,
        "service": case.service,
        "version": case.version,
        "area": case.area,
        "language": case.language,
        "channel": case.channel,
        "state": shown.state,
        "open": shown.is_open,
        "outcome": shown.outcome or None,
        "received_at": case.received_at.isoformat(),
        "due_on": _day(shown.due_on),
        "decided_at": _time(shown.decided_at),
        "closed_at": _time(shown.closed_at),
        "documents": f"{address}/documents",
    }


def _event(event: Event) -> dict[str, Any]:
    facts = {name: event.facts[name] for name in FACTS if event.facts.get(name) is not None}
    told = {"id": str(event.id), "at": event.at.isoformat(), "kind": event.kind, "actor": event.actor}
    return {**told, "unit": event.unit_name, "facts": facts}


@answers("listDocuments")
def list_documents(call: Call) -> Answer:
    """The documents of a case."""
    case_id = UUID(call.parameters["case"])
    found = following.documents(call.by, case_id)
    return Answer({"documents": [_document(each, case_id) for each in found]})


def _document(document: OpenedDocument, case_id: UUID) -> dict[str, Any]:
    return {
        "id": str(document.id),
        "title": document.title,
        "file_name": document.file_name,
        "media_type": document.media_type,
        "size": document.size,
        "origin": document.origin,
        "created_at": document.created_at.isoformat(),
        "content": f"/api/v1/cases/{case_id}/documents/{document.id}",
    }


@answers("getDocument")
def get_document(call: Call) -> Answer:
    """The content of a document, as a file to keep and never a page to show."""
    document, content = following.download(call.by, UUID(call.parameters["case"]), UUID(call.parameters["document"]))
    headers = {
        "Content-Type": document.media_type,
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(document.file_name, safe='')}",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "no-store",
    }
    return Answer(content, headers=headers)


@answers("listChanges")
def list_changes(call: Call) -> Answer:
    """What is new since a cursor."""
    try:
        news = following.news(call.by, call.parameters.get("after"), call.parameters["limit"])
    except WrongCursor as error:
        errors = [{"parameter": "after", "detail": said(error), "code": "cursor"}]
        raise Problem(422, type="wrong-cursor", detail=said(error), errors=errors) from None
    changes = [
        {
            "id": str(each.place.id),
            "at": each.at.isoformat(),
            "kind": each.kind,
            "case_id": str(each.case_id),
            "case_number": each.case_number,
            "service": each.service,
            "state": each.state,
            "case": f"/api/v1/cases/{each.case_id}",
        }
        for each in news.changes
    ]
    return Answer({"changes": changes, "next": news.cursor, "more": news.is_more})


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None


def _time(value: datetime | None) -> str | None:
    return value.isoformat() if value else None
