"""A draft becomes a case: everything about it is registered in one transaction, or nothing is.

What the resident gets a receipt for is durable and on record. What follows (making the PDF, telling by e-mail, deciding
by itself) is outbox rows of the same transaction: it happens even if the server stops right after the commit.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from uuid import UUID

from django.db import transaction

from allmenning import vault
from allmenning.basics import dates
from allmenning.basics.identifiers import InvalidIdentifier, new_receipt_code, parse_receipt_code, uuid7
from allmenning.basics.text import clean_text
from allmenning.commons.catalogue import package as catalogue
from allmenning.commons.catalogue.package import duration_after
from allmenning.municipal.access import actions as access
from allmenning.municipal.access import queries as units
from allmenning.municipal.access.actor import Actor
from allmenning.municipal.access.models import Unit
from allmenning.municipal.archive import actions as archive
from allmenning.municipal.archive.models import RegistryEntry
from allmenning.municipal.cases import actions as cases
from allmenning.municipal.cases.models import Case, ReceiptCode
from allmenning.municipal.documents import actions as documents
from allmenning.municipal.documents.models import Document, Origin
from allmenning.municipal.forms import actions as forms
from allmenning.municipal.forms.content import Content
from allmenning.municipal.forms.errors import DraftGone, NotComplete
from allmenning.municipal.forms.models import Attachment, Channel, Draft, Submission
from allmenning.municipal.people.actions import register_person
from allmenning.municipal.people.models import Person
from allmenning.municipal.post import actions as post
from allmenning.tenancy import current

from .errors import WrongReceiptCode
from .jobs import wake
from .offered import Offered, at_version, day_of


@dataclass(frozen=True)
class Applicant:
    """Whom a case is for. `number` is empty for one who wrote without logging in."""

    kind: str  # "person", "organisation" or "receipt"
    number: str
    name: str


@dataclass(frozen=True)
class Receipt:
    """What the sender is given. `code` opens a case that was sent without login; it is shown once, and kept nowhere."""

    case_id: UUID
    case_number: str
    submitted_at: datetime
    code: str = ""


def submit(draft: Draft, applicant: Applicant, actor: Actor, *, submitted_by: str, code: str = "") -> Receipt:
    """Send a draft in. Sending the same draft twice, or twice at once, gives the same case.

    Args:
        submitted_by: name of the person who sent it (another than the applicant when staff or a manager did).
        code: the receipt code of a case without login.

    Raises:
        NotComplete: something is missing or wrong; `errors` lists it. Nothing was written, the draft is kept.
        DraftChanged: it was saved from elsewhere since it was opened; nothing was written.
        DraftGone: the draft was deleted.
    """
    offered = at_version(draft.service, draft.version)
    content = _complete(draft, offered)
    with transaction.atomic():
        # First: whoever sends the same draft at the same time waits here until this commits, and then finds it sent.
        attached = forms.claim_draft(draft)
        if attached is None:
            return receipt_for(draft.id, code)
        case = _register(_Sending(draft, offered, content, applicant, actor, submitted_by, code, dates.now()), attached)
        wake(case.area)
    return Receipt(case.id, case.number, case.received_at, code)


def receipt_for(draft_id: UUID, code: str = "") -> Receipt:
    """The receipt of a draft that was sent before. Raises DraftGone when it never was."""
    submission = Submission.objects.filter(id=draft_id).first()
    if submission is None:
        raise DraftGone()
    case = Case.objects.get(id=submission.case_id)
    return Receipt(case.id, case.number, submission.submitted_at, code)


def new_code() -> str:
    """A receipt code for one who is not logged in."""
    return new_receipt_code()


def code_key(municipality: str, code: str) -> bytes:
    """The key that a receipt code gives to its own rows, however the code was typed. Raises WrongReceiptCode."""
    try:
        return vault.resident_key(municipality, "receipt", parse_receipt_code(code))
    except InvalidIdentifier:
        raise WrongReceiptCode() from None


@dataclass(frozen=True)
class Next:
    """What happens after something was sent: who handles it, by when; and the PDF of what was sent."""

    service: str
    version: str
    unit: str
    due_on: date | None
    decides_by_itself: bool
    pdf: UUID | None = None


def what_happens_next(case_id: UUID) -> Next:
    """For the receipt: what the sender can expect."""
    case = Case.objects.get(id=case_id)
    unit = Unit.objects.filter(id=case.unit_id).first() if case.unit_id else None
    package = at_version(case.service, case.version).package
    pdf = Document.objects.filter(case_id=case.id, origin=Origin.SUBMISSION).values_list("id", flat=True).first()
    return Next(case.service, case.version, unit.name if unit else "", case.due_on, package.decides_by_itself, pdf)


def _complete(draft: Draft, offered: Offered) -> Content:
    content = forms.open_content(draft)
    errors = offered.form.errors(content.data, draft.language, raw=content.raw, sources=content.sources)
    if errors:
        raise NotComplete(errors=errors)
    return content.with_answers(offered.form.visible(content.data), {})


@dataclass(frozen=True)
class _Sending:
    """One draft on its way to become a case."""

    draft: Draft
    offered: Offered
    content: Content
    applicant: Applicant
    actor: Actor
    submitted_by: str
    code: str
    at: datetime

    @property
    def area(self) -> str:
        return self.draft.area

    @cached_property
    def key(self) -> vault.CaseKey:
        return forms.draft_key(self.draft)


def _register(sending: _Sending, attached: list[Attachment]) -> Case:
    """Everything about a new case, in the caller's transaction. The numbers come last: they stay locked to its end."""
    unit = _unit(sending)
    case = _open_case(sending, unit)
    draft, package = sending.draft, sending.offered.package
    forms.keep_submission(
        draft,
        key=sending.key,
        case_id=case.id,
        content=sending.content,
        submitted_by=sending.submitted_by,
        at=sending.at,
    )
    pdf = _planned_pdf(sending, case)
    kept = Document.objects.bulk_create([pdf, *(_as_document(each, case) for each in attached)])
    if sending.code:
        email = _sealed_email(sending.key, sending.content.data)
        ReceiptCode.objects.create(area=sending.area, case=case, email=email)
    unit_name = unit.name if unit else ""
    cases.happened(case, "received", sending.actor, at=sending.at, channel=draft.channel, unit=unit_name)
    cases.plan_tasks(case, planned_steps(sending.offered, sending.at))
    _log(sending, case)
    post.put_in_outbox(case.area, case.id, *_what_remains(case, pdf, decides=package.decides_by_itself))
    _number_and_journal(sending, case, [each.id for each in kept])
    return case


def _open_case(sending: _Sending, unit: Unit | None) -> Case:
    draft, package, applicant = sending.draft, sending.offered.package, sending.applicant
    return cases.open_case(
        case_id=uuid7(),
        area=sending.area,
        owner_key=owner_key(applicant, sending.code),
        key=sending.key,
        wrapped_key=bytes(draft.wrapped_key),
        service=package.id,
        version=package.version,
        topic=_topic(sending.content.data),
        title=case_title(sending.offered, sending.content.data),
        language=draft.language,
        channel=draft.channel,
        unit_id=unit.id if unit else None,
        applicant=_person(sending.area, applicant),
        applicant_name=applicant.name,
        at=sending.at,
        due_on=case_deadline(sending.offered, sending.at),
    )


def _unit(sending: _Sending) -> Unit | None:
    """Who handles it: as the municipality routes it, else the kind of unit that the service's own table names."""
    package, data = sending.offered.package, sending.content.data
    routed = units.unit_for(package.id, _topic(data))
    if routed is not None:
        return routed
    kind = catalogue.decide(package, data, on=day_of(sending.at)).unit or package.signing.unit
    return units.unit_of_kind(package.area, kind)


def _planned_pdf(sending: _Sending, case: Case) -> Document:
    package = sending.offered.package
    return documents.plan_document(
        area=case.area,
        case_id=case.id,
        key=sending.key,
        origin=Origin.SUBMISSION,
        title=package.title[case.language],
        # Sensitive services name nothing that may be seen over a shoulder or on an envelope.
        file_name=f"{package.title[case.language]}.pdf" if case.area == "ordinary" else "innsending.pdf",
        source_id=sending.draft.id,
    )


def _log(sending: _Sending, case: Case) -> None:
    access.log_case(
        sending.actor,
        area=case.area,
        case_id=case.id,
        key=sending.key,
        action="submit",
        purpose="application",
        personal=sending.applicant.number or sending.applicant.name,
        field_kinds=["submission"],
    )


def owner_key(applicant: Applicant, code: str = "") -> bytes:
    """The key by which the applicant, and no other resident, sees the case."""
    municipality = current().municipality
    if applicant.number and applicant.kind != "receipt":
        return vault.resident_key(municipality, applicant.kind, applicant.number)
    # Somebody without a number who came to the counter: a key that nobody has, so that no two of them share one.
    return code_key(municipality, code) if code else secrets.token_bytes(32)


def case_title(offered: Offered, data: Mapping[str, object]) -> str:
    """What the case is called in lists and in the journal: the answer called `subject`, or the service's name.

    A form that asks for a subject says there that it may be seen in the public journal.
    """
    subject = data.get("subject")
    name = offered.package.title["nb"]
    return f"{name}: {subject}" if isinstance(subject, str) and offered.package.area == "ordinary" else name


def case_deadline(offered: Offered, at: datetime) -> date | None:
    """The first deadline that runs from the day the case was received, or None."""
    running = [d for d in offered.package.deadlines if d.starts == "received"]
    return min((duration_after(d.duration, day_of(at)) for d in running), default=None)


def planned_steps(offered: Offered, at: datetime) -> list[cases.PlannedStep]:
    """The routine's steps with their dates in a case that is received at `at`."""
    return [
        cases.PlannedStep(
            step=step.id,
            who="auto" if step.automatic else (step.role or "caseworker"),
            due_on=duration_after(step.deadline, day_of(at)) if step.deadline else None,
        )
        for step in offered.package.steps
    ]


def _person(area: str, applicant: Applicant) -> Person | None:
    if applicant.kind == "receipt" or not applicant.number:
        return None
    return register_person(area, applicant.kind, applicant.number, applicant.name)


def _topic(data: Mapping[str, object]) -> str:
    topic = data.get("topic", "")
    return topic[:60] if isinstance(topic, str) else ""


def _sealed_email(key: vault.CaseKey, data: Mapping[str, object]) -> bytes | None:
    email = data.get("email")
    return key.seal("cases.ReceiptCode.email", clean_text(email)) if isinstance(email, str) and email else None


def _as_document(attachment: Attachment, case: Case) -> Document:
    """A draft's file as a document of the case: the same file under the same key, with the same id."""
    return Document(
        id=attachment.id,
        area=attachment.area,
        case_id=case.id,
        origin=Origin.UPLOADED if case.channel == Channel.PORTAL else Origin.SCANNED,
        title=bytes(attachment.title),
        file_name=bytes(attachment.file_name),
        media_type=attachment.media_type,
        size=attachment.size,
        sha256=bytes(attachment.sha256),
        path=attachment.path,
        created_at=attachment.created_at,
        rendered_at=attachment.created_at,
    )


def _what_remains(case: Case, pdf: Document, *, decides: bool) -> list[tuple[str, UUID]]:
    todo = [("render", pdf.id), ("presence", case.id)]
    return [*todo, ("decide", case.id)] if decides else todo


def _number_and_journal(sending: _Sending, case: Case, document_ids: list[UUID]) -> None:
    """The case's number and its first entry in the journal."""
    name, key, title = sending.applicant.name, sending.key, case.title
    number, entry_number = archive.next_numbers(case.area, case.year, "case", "registry")
    cases.give_number(case, number)
    case_file = archive.open_case_file(
        area=case.area,
        case_id=case.id,
        key=key,
        year=case.year,
        sequence=number,
        title=f"{title} – {name}",
        public_title=title,
        at=sending.at,
    )
    archive.register_entry(
        case_file,
        key=key,
        sequence=entry_number,
        kind=RegistryEntry.Kind.INCOMING,
        title=f"{title} – {name}",
        public_title=title,
        correspondent=name,
        documents=[archive.ToRegister(d, "Søknad" if n == 0 else "Vedlegg") for n, d in enumerate(document_ids)],
        at=sending.at,
    )
