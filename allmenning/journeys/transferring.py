"""A case goes to another municipality that works here: everything in it, once, sealed anew with the receiver's own keys.

What goes is a copy; the case here is closed, and stays as its archive's rules say. The receiver's deadlines run from when it was
first received, as the service's folder says (`on_transfer`). Whoever follows the case here follows it there too, except
where the outcome says that the sender is told of neither place nor case (barnevernsloven § 13-1: a reporter is no party).

Each municipality is its own database, and no login may connect to two: an outbox row of the one is done in two turns, first
as the one and then as the other, and what was sent is known there by its id. It may stop anywhere, and is tried again.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction

from allmenning import vault
from allmenning.basics import dates
from allmenning.basics.identifiers import uuid7
from allmenning.basics.norwegian import fold
from allmenning.commons.catalogue import queries as catalogue
from allmenning.commons.catalogue.checks import MUNICIPALITY
from allmenning.commons.catalogue.content import OutcomeKind, ServicePackage, Value
from allmenning.commons.municipalities import queries as municipalities
from allmenning.municipal.access import queries as units
from allmenning.municipal.access.actor import SYSTEM
from allmenning.municipal.access.queries import named_key
from allmenning.municipal.archive import actions as archive
from allmenning.municipal.archive.models import RegistryEntry
from allmenning.municipal.cases import actions as cases
from allmenning.municipal.cases.models import (
    Case,
    CaseDeadline,
    Consent,
    Decision,
    Event,
    Participant,
    PhaseChange,
    Record,
    State,
    Task,
    Transfer,
)
from allmenning.municipal.cases.queries import open_participant
from allmenning.municipal.cases.records import PAYMENTS
from allmenning.municipal.documents.models import Document
from allmenning.municipal.forms import actions as forms
from allmenning.municipal.forms.errors import ServiceNotOffered
from allmenning.municipal.forms.models import Submission
from allmenning.municipal.people.actions import known_person
from allmenning.municipal.people.protection import Level
from allmenning.municipal.post import actions as post
from allmenning.municipal.post.models import Message, Outbox
from allmenning.tenancy import current, use
from allmenning.tenancy.models import IndexField, MunicipalModel, SealedField
from allmenning.tenancy.together import Known, TakeNumbers, insert_together
from allmenning.tenancy.walls import municipal_models

from . import hiding, safe_contact
from .concerned import homes_in, named_in
from .deadlines import recount
from .jobs import wake
from .offered import at_version, offered
from .outbox import handles
from .rendering import content_of
from .returning import back_to_a_person
from .sender import of as of_sender

# Rows about a case that go along, in the order of what they refer to. Every other model about a case is below, with the
# reason why it stays; a guard holds that none is forgotten.
GOES = (
    "forms.Submission documents.Document post.Message cases.Event cases.PhaseChange cases.Task cases.CaseDeadline cases.DeadlineReason"
    " cases.Participant cases.Consent cases.Note cases.Record cases.Decision cases.Result cases.Appeal cases.RegisterCheck"
).split()
STAYS = {
    "access.BreakGlass": "who opened the case in an emergency here is in this municipality's log",
    "access.KeptFromLog": "what a log leaves out is decided by the municipality whose log it is",
    "access.LogEntry": "this municipality's own log of who has read",
    "access.PartialInCase": "about staff of this municipality",
    "access.Review": "a leader's look at what staff did here",
    "archive.CaseFile": "the case is journalled there as it came",
    "archive.DocumentDescription": "the same",
    "archive.RegistryEntry": "the same",
    "archive.Disposal": "whether it is erased here is decided here",
    "cases.AccountLine": "paid by this municipality, and the other must not pay it again",
    "cases.AccessRequest": "was asked of this municipality, which answers it",
    "cases.Closure": "the case is open there",
    "cases.Disclosure": "what this municipality gave access to",
    "cases.Handover": "was handed to another authority by this municipality",
    "cases.ReceiptCode": "opens the case here alone: nobody has its code there",
    "cases.Transfer": "each municipality has its own row of it",
    "post.OutsideCase": "another system follows the case here",
    "post.OutsideFile": "the same",
    "post.SystemMessage": "how it came is known here",
    "post.Delivery": "how a letter was brought is known where it was sent",
    "post.Outbox": "what remains to be done here",
}
_FILE = "documents.Document.content"
_NAMES = UUID("2f9a7f5e-9a43-5c07-8d0b-6b7c1c1f0c11")  # what ids of rows in another municipality are made under
_IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
LETTER = "Overført sak"  # M139 tittel of the entry in the receiver's journal


@dataclass(frozen=True)
class Parcel:
    """A case as it goes: rows of the sender's, their key, and what the receiver needs of the sender's own rows.

    decided_at: when it was decided to send it. What that ended here goes on there. is_held: nothing may leave in it before somebody
    has cleared it, by what a case that it was opened from says: that case does not go along.
    """

    transfer: Transfer
    sender: str
    case: Case
    key: vault.CaseKey
    rows: Mapping[str, Sequence[MunicipalModel]]
    applicant: tuple[str, str] | None  # kind and number; None where nobody follows it
    name: str
    decided_at: datetime
    is_held: bool


def receiving_value(package: ServicePackage, outcome: OutcomeKind) -> Value | None:
    """The value that names the municipality which a case goes to; None for an outcome that sends it to none."""
    if outcome.hand_over_to != MUNICIPALITY:
        return None
    return next(each for each in package.values if each.is_municipality and outcome.id in each.outcomes)


def receivers(service: str, language: str) -> dict[str, str]:
    """Who takes cases of a service here: names by id, in Norwegian order of name."""
    others = [each for each in municipalities.live_municipalities() if each.id != current().municipality]
    offering = catalogue.offered_by([each.id for each in others])
    return {each.id: each.name_in(language) for each in others if service in offering[each.id]}


def receiver_named(service: str, name: str) -> str:
    """The id of the municipality that somebody wrote, in any language; empty where it takes no such cases here."""
    wanted = fold(name)
    for id in receivers(service, "nb"):
        if wanted in {fold(each.value) for each in municipalities.municipality(id).names}:
            return id
    return ""


def plan(case: Case, decision: Decision, package: ServicePackage, outcome: OutcomeKind) -> list[tuple[str, UUID]]:
    """In the transaction that issues the decision: the case is to go to whom the decision names. What remains to be done.

    To one that takes no cases here a person sends it; the timeline says so.
    """
    asked = receiving_value(package, outcome)
    if asked is None:
        return []
    values = json.loads(case.key.open_text("cases.Decision.values", bytes(decision.values), decision.id))
    name = str(values.get(asked.id, "")).strip()
    receiver = receiver_named(case.service, name)
    if not receiver:
        cases.happened(case, "to-be-sent-by-hand", SYSTEM, visible=False, to=name[:80])
        return []
    Transfer.objects.create(
        id=uuid7(),
        area=case.area,
        case=case,
        direction=Transfer.Direction.OUT,
        municipality=receiver,
        decision=decision,
    )
    return [("transfer", case.id)]


@handles("transfer", opens=("submission", "documents", "notes"), purpose="transfer", alone=True)
def transfer(row: Outbox) -> None:
    """Outbox: the whole case goes to the other municipality, once. Again is harmless.

    Of one whose address is protected, or where the receiver takes no such cases any more, a person sends it.
    """
    waiting = Transfer.objects.filter(case_id=row.object_id, direction=Transfer.Direction.OUT, received_at__isnull=True)
    sent = waiting.select_related("case__applicant", "decision").order_by("-at").first()
    if sent is None or sent.case.is_erased:
        return
    if hiding.level_in(sent.case) is not Level.NONE:
        back_to_a_person(sent.case, "protected-address")
        return
    parcel = _packed(sent)
    try:
        number = _receive(parcel)
    except ServiceNotOffered:
        back_to_a_person(sent.case, "not-offered")
        return
    with transaction.atomic():
        Transfer.objects.filter(id=sent.id).update(received_at=dates.now(), number=number)
        name = municipalities.name_of(sent.municipality)
        cases.happened(sent.case, "transferred", SYSTEM, visible=False, receiver=name, receipt=number)


def _packed(sent: Transfer) -> Parcel:
    """Everything that goes, read as the sender: but for the decision to send it, with its letters and what came of it."""
    case, decision = sent.case, sent.decision
    assert decision is not None
    assert decision.issued_at is not None
    letters = Document.objects.filter(case_id=case.id, source_id=decision.id).values_list("id", flat=True)
    kept_here = {decision.id, *letters, *Message.objects.filter(document_id__in=letters).values_list("id", flat=True)}
    rows = {
        label: [
            row
            for row in _rows_of(label, case)
            if not kept_here & {row.id, *_refers_to(row)} and not _came_of_it(row, decision.issued_at)
        ]
        for label in GOES
    }
    outcome = at_version(case.service, case.version).package.outcome(decision.outcome)
    # An own case is of whom it is about.
    is_party = case.parent_index is None and of_sender(case).shows_all  # where it goes tells where somebody lives
    follows = case.is_own_case or (is_party and outcome.sender_follows)
    person = case.applicant if follows else None
    applicant = (person.kind, person.opened_number(current().municipality)) if person else None
    is_held = case.opened_from_id is not None and safe_contact.is_held(case)
    sender, name = current().municipality, case.opened_applicant_name
    return Parcel(sent, sender, case, case.key, rows, applicant, name, decision.issued_at, is_held)


def _came_of_it(row: MunicipalModel, decided_at: datetime) -> bool:
    """Whether a row tells what the decision to send the case ended here: a phase, and the case itself."""
    return isinstance(row, Event | PhaseChange) and row.at >= decided_at


def _rows_of(label: str, case: Case) -> list[MunicipalModel]:
    model = apps.get_model(label)
    rows = model._default_manager.filter(case_id=case.id).order_by("id")
    # What one municipality has granted and pays, the other must not pay again.
    return list(rows.exclude(shows=PAYMENTS) if model is Record else rows)


def _refers_to(row: MunicipalModel) -> Iterator[UUID]:
    """The rows that a row is about, other than the case."""
    for column in row._meta.concrete_fields:
        value = getattr(row, column.attname)
        if isinstance(column, models.ForeignKey) and column.name != "case" and value is not None:
            yield value


def _receive(parcel: Parcel) -> str:
    """Register the case as the receiver. The number that it has there. Raises ServiceNotOffered."""
    to, area, case = parcel.transfer.municipality, parcel.case.area, parcel.case
    with use(to, area):
        known = Transfer.objects.filter(id=_there(parcel, parcel.transfer.id)).select_related("case").first()
        if known is not None:
            return known.case.number
        offered(case.service)
        key, wrapped = vault.new_case_key(to, area)
    files = dict(_carried(parcel, key))
    try:
        with use(to, area), transaction.atomic():
            number = _register(parcel, key, wrapped, files)
            wake(area)
            return number
    except Exception:
        for each in files.values():
            with suppress(OSError):
                vault.files.remove(to, each.path)
        raise


def _carried(parcel: Parcel, key: vault.CaseKey) -> Iterator[tuple[UUID, vault.files.StoredFile]]:
    """The files, one at a time, as the receiver keeps them. What was not made yet is made by the sender first."""
    for document in parcel.rows["documents.Document"]:
        assert isinstance(document, Document)
        content = content_of(document, parcel.case)
        yield document.id, vault.files.write(parcel.transfer.municipality, key, _FILE, content)


def _register(parcel: Parcel, key: vault.CaseKey, wrapped: bytes, files: Mapping[UUID, vault.files.StoredFile]) -> str:
    """Case, journal and every row, in the caller's transaction."""
    case, name_there = _case(parcel, key, wrapped), municipalities.name_of(parcel.sender)
    person, parts = known_person(case.area, *parcel.applicant, parcel.name) if parcel.applicant else (None, [])
    case.applicant = person
    case_file = archive.new_case_file(
        area=case.area,
        case_id=case.id,
        key=key,
        year=case.year,
        title=f"{LETTER} – {parcel.name}",
        public_title=case.title if case.area == "ordinary" else LETTER,
        at=dates.now(),
    )
    entry = archive.new_entry(
        case_file,
        key=key,
        kind=RegistryEntry.Kind.INCOMING,
        title=f"{LETTER} – {parcel.name}",
        public_title=LETTER,
        correspondent=name_there,
        at=dates.now(),
    )
    documents = [each.id for each in parcel.rows["documents.Document"]]
    insert_together(
        [
            *([Known((person, *parts))] if person else []),
            TakeNumbers(case.area, case.year, ("case", "registry")),
            case,
            *(each for label in GOES for each in _moved(parcel.rows[label], parcel, key, files, wrapped)),
            case_file,
            entry,
            *archive.described(entry, [archive.ToRegister(_there(parcel, each), "Vedlegg") for each in documents]),
            Transfer(
                id=_there(parcel, parcel.transfer.id),
                area=case.area,
                case=case,
                direction=Transfer.Direction.IN,
                municipality=parcel.sender,
                number=parcel.case.number,
                received_at=dates.now(),
            ),
            cases.happening(case, "came-from", SYSTEM, visible=False, sender=name_there, number=parcel.case.number),
            *([cases.happening(case, safe_contact.HELD, SYSTEM, visible=False)] if parcel.is_held else ()),
            *post.remaining(case.area, case.id, *_remaining(case), *_to_find(parcel)),
        ]
    )
    cases.log(case, SYSTEM, "receive", purpose="transfer", field_kinds=["submission", "documents", "notes"])
    recount(cases.locked(case.id))
    return case.number


def _remaining(case: Case) -> list[tuple[str, UUID]]:
    """Registers are asked of the applicant; and whose case it is finds it, where residents see such a case at all."""
    asked = [("protect", case.id)]
    return asked if case.is_own_case else [("presence", case.id), *asked]


def _to_find(parcel: Parcel) -> list[tuple[str, UUID]]:
    """Who has consented to something that holds, or is let see something today, or is a party for whom something is kept, finds it
    on their page there too. Nobody else is told that the case, and with it the person, is there.
    """
    given, today = [each for each in parcel.rows["cases.Consent"] if isinstance(each, Consent)], dates.today()
    people = [each for each in parcel.rows["cases.Participant"] if isinstance(each, Participant)]
    back, over = {each.withdraws_id for each in given}, {each.id for each in people if each.is_over_on(today)}
    holds = [each for each in given if each.withdraws_id is None and each.id not in back and each.holds_on(today)]
    is_kept = any(isinstance(each, Record) and each.visible_to_parties for each in parcel.rows["cases.Record"])
    return [
        *(("consent-given", _there(parcel, each.id)) for each in holds if not {each.participant_id, each.to_id} & over),
        *([("parties-find", _there(parcel, parcel.case.id))] if is_kept else ()),
    ]


def _case(parcel: Parcel, key: vault.CaseKey, wrapped: bytes) -> Case:
    """The case as the receiver's: in the queue of the unit that handles the service there."""
    was, package = parcel.case, at_version(parcel.case.service, parcel.case.version).package
    submission = next(iter(parcel.rows["forms.Submission"]), None)
    assert isinstance(submission, Submission)
    content = forms.open_submission(submission, parcel.key)
    form = at_version(was.service, was.version).form
    routing = units.routing(was.area, was.service, was.topic)
    unit = routing.routed or routing.of_kind(package.signing.unit)
    municipality = parcel.transfer.municipality
    follower = vault.resident_key(municipality, *parcel.applicant) if parcel.applicant else secrets.token_bytes(32)
    case = cases.new_case(
        case_id=_there(parcel, was.id),
        area=was.area,
        owner_key=follower,
        key=key,
        wrapped_key=wrapped,
        service=was.service,
        version=was.version,
        topic=was.topic,
        title=was.title,
        subject=parcel.key.open_text("cases.Case.subject", bytes(was.subject)) if was.subject else "",
        is_found_by_subject=not content.protected,
        language=was.language,
        channel=was.channel,
        unit_id=unit.id if unit else None,
        applicant=None,
        applicant_name=parcel.name,
        at=was.received_at,
        counted=(),
        home_keys=homes_in(was.area, content.registered.values()),
        named_keys={*named_in(was.area, form, content.data), *_named_keys(parcel)},
        opened_for=was.opened_for,
    )
    case.year = dates.today().year  # it is numbered among those that come now
    case.state = State.IN_PROGRESS
    case.sender_is_no_party = was.sender_is_no_party
    return case


def _named_keys(parcel: Parcel) -> Iterator[bytes]:
    """Of whom staff added to the case: who is near to them does not see it there either."""
    for row in parcel.rows["cases.Participant"]:
        assert isinstance(row, Participant)
        key = _party_key(row, parcel)
        if key is not None:
            yield named_key(parcel.case.area, key)


def _there(parcel: Parcel, id: UUID) -> UUID:
    """The id that a row has at the receiver: made from this transfer, so that a case may come back some day."""
    return uuid5(_NAMES, f"{parcel.transfer.id}:{id}")


def _moved(
    rows: Iterable[MunicipalModel],
    parcel: Parcel,
    key: vault.CaseKey,
    files: Mapping[UUID, vault.files.StoredFile],
    wrapped: bytes,
) -> Iterator[MunicipalModel]:
    gone = {parcel.case.id} | {each.id for some in parcel.rows.values() for each in some}
    for row in rows:
        copy = type(row)(**{each.attname: _value(row, each, parcel, key, gone) for each in row._meta.concrete_fields})
        if isinstance(copy, Document):
            copy.path = files[row.id].path
            copy.rendered_at = copy.rendered_at or dates.now()
            copy.size = files[row.id].size
            copy.sha256 = key.seal("documents.Document.sha256", files[row.id].sha256, copy.id)
        _go_on(copy, parcel.decided_at)
        yield _addressed(row, copy, parcel, wrapped)


def _go_on(copy: MunicipalModel, decided_at: datetime) -> None:
    """A step and a deadline that the decision to send the case ended are as they were before it."""
    if isinstance(copy, Task) and copy.skipped and copy.done_at and copy.done_at >= decided_at:
        copy.done_at, copy.done_by, copy.skipped = None, "", False
    if isinstance(copy, CaseDeadline) and copy.met_at and copy.met_at >= decided_at:
        copy.met_at, copy.met_by = None, ""


def _addressed(row: MunicipalModel, copy: MunicipalModel, parcel: Parcel, wrapped: bytes) -> MunicipalModel:
    """A row whose reader among residents is named by an index: made anew. What was a party's is never the sender's there."""
    if isinstance(row, Participant) and isinstance(copy, Participant):
        copy.owner_key = _party_key(row, parcel)
        copy.wrapped_key = wrapped if copy.owner_key else b""
    elif isinstance(row, Consent) and isinstance(copy, Consent):
        by, to = (_participant(each, parcel) for each in (row.participant_id, row.to_id))
        if row.participant_id:  # who is not shown it here is not there
            known = _party_key(by, parcel) if by and by.owner_key == row.party_key else None
            copy.party_key = known or secrets.token_bytes(32)
        copy.to_key = _party_key(to, parcel) if to else None
    elif isinstance(row, Message | Document) and row.party_key is not None and isinstance(copy, Message | Document):
        letters = parcel.rows["post.Message"]
        named = row.participant_id if isinstance(row, Message) else _named_by(row, letters)
        party = _participant(named, parcel)
        known = _party_key(party, parcel) if party else None
        copy.party_key = known or secrets.token_bytes(32)
    return copy


def _participant(id: UUID | None, parcel: Parcel) -> Participant | None:
    found = next((each for each in parcel.rows["cases.Participant"] if each.id == id), None)
    return found if isinstance(found, Participant) else None


def _party_key(row: Participant, parcel: Parcel) -> bytes | None:
    number = open_participant(row, parcel.key).number
    return vault.resident_key(parcel.transfer.municipality, "person", number) if number else None


def _named_by(document: Document, letters: Iterable[MunicipalModel]) -> UUID | None:
    found = (each for each in letters if isinstance(each, Message) and each.document_id == document.id)
    return next((each.participant_id for each in found), None)


def _value(row: MunicipalModel, column: models.Field, parcel: Parcel, key: vault.CaseKey, gone: set[UUID]) -> Any:
    """A column of a row as the receiver has it: sealed with the new key, and pointing at rows that went along."""
    value = getattr(row, column.attname)
    if isinstance(column, IndexField) or (isinstance(column, ArrayField) and isinstance(column.base_field, IndexField)):
        # An index is one municipality's alone. Who finds rows by it must make it anew, as `_case` does.
        return [] if isinstance(column, ArrayField) else None
    if isinstance(column, SealedField):
        if not value:
            return value
        field = f"{row._meta.app_label}.{type(row).__name__}.{column.name}"
        return key.seal(
            field, _renamed(parcel.key.open(field, bytes(value), row.id), parcel, gone), _there(parcel, row.id)
        )
    if isinstance(column, ArrayField) and isinstance(column.base_field, models.UUIDField):
        return [_there(parcel, each) for each in value if each in gone]
    if isinstance(value, UUID):
        return _there(parcel, value) if value in gone else (None if column.null else value)
    if isinstance(column, models.JSONField):
        return json.loads(_renamed(json.dumps(value).encode(), parcel, gone))
    return value


def _renamed(text: bytes, parcel: Parcel, gone: set[UUID]) -> bytes:
    """Ids of rows that went along, wherever they stand in what was written: answers name files, and facts name messages."""
    try:
        clear = text.decode()
    except UnicodeDecodeError:
        return text

    def there(named: re.Match[str]) -> str:
        id = UUID(named[0])
        return str(_there(parcel, id)) if id in gone else named[0]

    return _IDS.sub(there, clear).encode()


def about_cases() -> set[str]:
    """Every model with rows about one case, for whoever must choose what becomes of them."""
    return {
        each._meta.label
        for each in municipal_models()
        if each.__module__.startswith("allmenning.municipal.")
        and any(column.attname == "case_id" for column in each._meta.concrete_fields)
    }
