"""What a row of the log says that a reading showed: kinds of fields, which rows of the case, and a commitment to them.

Rows about a case come sealed from the database. Who reads, why, and how the address is protected then tell what will be shown
of them; that is logged, and only then is anything opened. `is_as_shown` tells later, while the case's key lives, whether the
case still holds what was shown: docs/log.md says what is hashed.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Model

from allmenning.municipal.access.actions import commitment, entry_about_case
from allmenning.municipal.access.actor import Actor
from allmenning.municipal.access.models import LogEntry
from allmenning.municipal.archive.models import RegistryEntry
from allmenning.municipal.cases import actions as cases
from allmenning.municipal.cases.models import (
    Case,
    Consent,
    DeadlineReason,
    Decision,
    Event,
    Note,
    Participant,
    PhaseChange,
    Record,
    RegisterCheck,
    Result,
)
from allmenning.municipal.documents.models import Document
from allmenning.municipal.forms.models import Submission
from allmenning.municipal.people.protection import Level
from allmenning.municipal.post.models import Message

from . import hiding

PREVIEWS, DOCUMENTS, LOG, RECORDS, CONSENTS = "previews", "documents", "log", "records", "consents"
ALWAYS = ("case-number", "applicant-name", "identity-number", "state", "timeline")
UNLESS_HIDDEN = (
    "submission",
    "participants",
    "register-checks",
    DOCUMENTS,
    PREVIEWS,
    "messages",
    "phases",
    "deadlines",
    "notes",
    "decisions",
    "journal",
)

# What a row's hash is over: fields that are never written again. A decision is among them once it is issued.
_HELD: dict[type[Model], tuple[str, ...]] = {
    Case: ("applicant_name", "applicant_id"),
    Submission: ("content", "submitted_by"),
    Document: ("title", "file_name"),
    Message: ("title", "body"),
    Participant: ("role", "name", "number"),
    Consent: ("scope", "participant_id", "to_id", "given_on", "valid_until", "how", "withdraws_id"),
    Note: ("text",),
    PhaseChange: ("phase", "kind", "because", "reasons"),
    DeadlineReason: ("text",),
    Record: ("kind", "status", "starts", "ends", "due_on", "data"),
    RegisterCheck: ("pointer", "value"),
    Decision: ("outcome", "reasons", "values", "trace"),
    Result: ("result", "reasons"),
    RegistryEntry: ("title", "correspondent"),
    Event: ("kind",),
}
# What came to be held later is in the hash where there is any: so what was logged before still holds.
_HELD_TOO: dict[type[Model], tuple[str, ...]] = {Note: ("third_party",)}
_CONTENT = ("sha256",)  # of a document that was read itself, and not only listed


def kinds_shown(
    level: Level, *, is_hidden: bool, sees_log: bool, has_records: bool = False, has_consents: bool = False
) -> list[str]:
    """The kinds of fields that the page of a case shows to staff, whether or not there is any of each in this case; records
    and consents where there are some, since few services have any.
    """
    kinds = [*ALWAYS, *(() if is_hidden else UNLESS_HIDDEN)]
    if has_records and not is_hidden:
        kinds.append(RECORDS)
    if has_consents and not is_hidden:
        kinds.append(CONSENTS)
    if sees_log:
        kinds.append(LOG)
    if level is not Level.NONE and not is_hidden:
        kinds.append(hiding.ADDRESS)
    return kinds


def log_case(case: Case, actor: Actor, purpose: str, kinds: Sequence[str], shown: Collection[Model]) -> LogEntry:
    """Log that these rows of a case (and the case's own, where it is among them) are shown. Before anything is opened."""
    return cases.log(
        case,
        actor,
        "read",
        purpose=purpose,
        field_kinds=kinds,
        shown=[row.pk for row in shown],
        personal=_told(shown) if shown else None,
    )


def entry_of(
    case: Case, actor: Actor, action: str, purpose: str, kinds: Sequence[str], shown: Collection[Model]
) -> LogEntry:
    """A row of the log as `log_case` writes it, of another action and not saved: for many cases at once."""
    return entry_about_case(
        actor,
        area=case.area,
        case_id=case.id,
        key=case.key,
        action=action,
        purpose=purpose,
        field_kinds=kinds,
        shown=[row.pk for row in shown],
        personal=_told(shown),
    )


def log_document(case: Case, document: Document, actor: Actor, purpose: str, kind: str) -> LogEntry:
    """Log that one document is read. It is made, and its checksum known: `rendering.make`. Before anything is opened."""
    return cases.log(
        case,
        actor,
        "read",
        purpose=purpose,
        object_kind="document",
        object_id=document.id,
        field_kinds=[kind],
        personal=_told([document], *_CONTENT),
    )


def is_as_shown(entry: LogEntry, case: Case) -> bool:
    """Whether the case holds today what a row of the log says was shown of it.

    False where a row is gone or holds something else, and for a row of the log that commits to nothing shown (of an
    earlier version, or of no reading). Raises CannotOpen: the case is erased, and nobody can tell.
    """
    if entry.action not in ("read", "report") or entry.case_id != case.id or entry.commitment is None:
        return False
    is_document = entry.object_kind == "document"
    ids: set[UUID | None] = {*entry.shown_ids, *([entry.object_id] if is_document else [])}
    rows: list[Model] = [case] if case.id in ids else []
    for model in _HELD:
        if model is not Case:
            rows += model._default_manager.filter(case_id=case.id, id__in=ids)
    told = commitment(case.key, entry.id, _told(rows, *(_CONTENT if is_document else ())))
    return len(rows) == len(ids) and hmac.compare_digest(told, bytes(entry.commitment))


def _told(rows: Collection[Model], *more: str) -> list[list[str]]:
    """Each row as table, id and hash of what it holds, in the order of table and id."""
    return sorted([row._meta.label, str(row.pk), _hash(row, *more)] for row in rows)


def _hash(row: Model, *more: str) -> str:
    """SHA-256 over each field's length (8 bytes) and value: sealed as it lies in the database, or its text in UTF-8."""
    hashed = hashlib.sha256()
    too = (name for name in _HELD_TOO.get(type(row), ()) if getattr(row, name) is not None)
    for name in (*_HELD[type(row)], *more, *too):
        value = _bytes(getattr(row, name))
        hashed.update(len(value).to_bytes(8, "big") + value)
    return hashed.hexdigest()


def _bytes(value: Any) -> bytes:
    if value is None:
        return b""
    return bytes(value) if isinstance(value, bytes | bytearray | memoryview) else str(value).encode()
