"""A draft becomes a case: everything about it is registered in one transaction, or nothing is.

What the resident gets a receipt for is durable and on record. What follows (making the PDF, telling by e-mail, deciding
by itself) is outbox rows of the same transaction: it happens even if the server stops right after the commit.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db import transaction

from allmenning import vault
from allmenning.basics import dates
from allmenning.basics.identifiers import InvalidIdentifier, new_receipt_code, parse_receipt_code, uuid7
from allmenning.basics.text import clean_text
from allmenning.commons.catalogue import package as catalogue
from allmenning.commons.catalogue.content import Text
from allmenning.commons.catalogue.package import duration_after
from allmenning.municipal.access import actions as access
from allmenning.municipal.access import queries as units
from allmenning.municipal.access.actor import Actor
from allmenning.municipal.access.models import LogEntry
from allmenning.municipal.access.queries import RoutedUnit
from allmenning.municipal.archive import actions as archive
from allmenning.municipal.archive.models import CaseFile, RegistryEntry
from allmenning.municipal.cases import actions as cases
from allmenning.municipal.cases.models import Case, Consent, Participant, ReceiptCode
from allmenning.municipal.cases.queries import timeline_for_resident
from allmenning.municipal.documents import actions as documents
from allmenning.municipal.documents.models import Document, Origin
from allmenning.municipal.forms import actions as forms
from allmenning.municipal.forms.content import Content
from allmenning.municipal.forms.errors import DraftGone, NotComplete
from allmenning.municipal.forms.models import Attachment, Channel, Draft, Submission
from allmenning.municipal.people.actions import known_person
from allmenning.municipal.people.models import NamePart, Person
from allmenning.municipal.post import actions as post
from allmenning.municipal.post.models import Outbox
from allmenning.tenancy import current
from allmenning.tenancy.together import GiveNumber, Known, TakeNumbers, insert_together

from . import consents, participants, phases, sender
from .concerned import homes_in, identity_numbers, named_in
from .deadlines import at_registration
from .errors import LoginNeededForAnswer, LoginUnwanted, WrongReceiptCode
from .jobs import wake
from .offered import Offered, at_version, day_of
from .safe_contact import held_at_registration, would_hold


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
        LoginNeededForAnswer, LoginUnwanted: an answer asks for a login, or for none. Nothing was written.
        DraftChanged: it was saved from elsewhere since it was opened; nothing was written.
        DraftGone: the draft was deleted.
    """
    offered = at_version(draft.service, draft.version)
    sending = Sending(
        id=draft.id,
        offered=offered,
        content=complete(offered, forms.open_content(draft), draft.language),
        language=draft.language,
        channel=Channel(draft.channel),
        applicant=applicant,
        actor=actor,
        submitted_by=submitted_by,
        key=forms.draft_key(draft),
        wrapped_key=bytes(draft.wrapped_key),
        code=code,
    )
    _require_login_as_asked(sending)
    with transaction.atomic():
        # First: whoever sends the same draft at the same time waits here until this commits, and then finds it sent.
        attached = forms.claim_draft(draft)
        if attached is None:
            return receipt_for(draft.id, code)
        sending = replace(sending, wrapped_key=bytes(draft.wrapped_key))
        return register(sending, [_as_document(each, sending) for each in attached])


def _require_login_as_asked(sending: Sending) -> None:
    """By the portal alone: whoever comes another way has been asked who they are by staff, or by their own system."""
    if sending.channel != Channel.PORTAL:
        return
    asked, is_nameless = sending.offered.form.login(sending.content.data), sending.applicant.kind == "receipt"
    if asked == "required" and is_nameless:
        raise LoginNeededForAnswer()
    if asked == "none" and not is_nameless:
        raise LoginUnwanted()


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
    """What happens after something was sent: who handles it, by when; and the PDF of what was sent.

    is_held: whether nothing leaves for the sender before somebody has cleared it (`contact:`). notices: the service's. says: what it
    tells of the answer, where no day is promised.
    """

    service: str
    version: str
    unit: str
    due_on: date | None
    decides_by_itself: bool
    pdf: UUID | None = None
    is_held: bool = False
    notices: tuple[Text, ...] = ()
    says: Text | None = None


def what_happens_next(case_id: UUID) -> Next:
    """For the receipt: what the sender can expect."""
    case = Case.objects.get(id=case_id)
    offered = at_version(case.service, case.version)
    package = offered.package
    theirs = sender.of(case)
    told = [] if theirs.shows_all else timeline_for_resident(case.id)
    unit = sender.unit_shown(case, sender.shown(case, told))
    held = package.contact is not None and would_hold(case, offered, _content_of(case))
    mine = Document.objects.filter(case_id=case.id, origin=Origin.SUBMISSION) if theirs.may_copy else None
    pdf = mine.values_list("id", flat=True).first() if mine is not None else None
    return Next(
        case.service,
        case.version,
        unit.name if unit else "",
        case.told_due_on if theirs.shows_all else sender.promised(told),
        package.decides_by_itself,
        pdf,
        held,
        package.notices,
        theirs.says,
    )


def _content_of(case: Case) -> Content:
    return forms.open_submission(Submission.objects.get(case_id=case.id), case.key)


def complete(offered: Offered, content: Content, language: str) -> Content:
    """What is sent in of a form's content: the answers that are asked for. Raises NotComplete with every error."""
    errors = offered.form.errors(content.data, language, raw=content.raw, sources=content.sources)
    if errors:
        raise NotComplete(errors=errors)
    return content.with_answers(offered.form.visible(content.data), {})


@dataclass(frozen=True)
class Sending:
    """What is sent in, whole and looked through, on its way to become a case."""

    id: UUID  # the submission's: the same thing sent twice has the same
    offered: Offered
    content: Content
    language: str
    channel: Channel
    applicant: Applicant
    actor: Actor
    submitted_by: str
    key: vault.CaseKey
    wrapped_key: bytes
    code: str = ""
    at: datetime = field(default_factory=dates.now)
    digest: bytes | None = None  # of what another system sent: see applying_at_once

    @property
    def area(self) -> str:
        return self.offered.package.area

    @cached_property
    def case_id(self) -> UUID:
        return uuid7()

    @cached_property
    def deadlines(self) -> list[cases.Due]:
        return at_registration(self.offered, self.content.data, self.at)


def register(sending: Sending, files: Sequence[Document]) -> Receipt:
    """Everything about a new case, in one statement: all of it or nothing. A worker is woken after the commit.

    The numbers are taken as late as can be: until the commit, nobody else gets one.

    Args:
        files: what was attached, not saved; their content lies in the file store.

    Raises:
        IntegrityError: the submission is there already.
    """
    unit = _unit(sending)
    person, name_parts = _person(sending)
    case = _new_case(sending, unit, person)
    pdf = _planned_pdf(sending)
    documents = [pdf, *files]
    case_file, entry = _journal(sending, case)
    named = _participants(sending, case)
    case.sender_is_no_party = _is_no_party(sending, case, named)
    given = consents.planned(case, sending.offered, sending.content.data, day_of(sending.at), named)
    case_first = [case] if current().login == "resident" else []  # residents add to cases that they see
    insert_together(
        [
            *([Known((person, *name_parts))] if person else []),
            *case_first,
            _submission(sending),
            *documents,
            _log_entry(sending),
            *_outbox(sending, pdf, given),
            TakeNumbers(case.area, case.year, ("case", "registry")),
            *([GiveNumber(case)] if case_first else [case]),
            cases.happening(case, "received", sending.actor, at=sending.at, **_on_receipt(sending, unit)),
            *phases.begun(case, sending.offered.package, sending.at),
            *held_at_registration(case, sending.offered, sending.content, sending.actor),
            *cases.planned_tasks(case, _planned_steps(sending)),
            *cases.planned_deadlines(case, sending.deadlines),
            *named.values(),
            *given,
            *_receipt_code(sending, case),
            case_file,
            entry,
            *archive.described(entry, _to_register(documents)),
        ]
    )
    wake(case.area)
    return Receipt(case.id, case.number, case.received_at, sending.code)


def _on_receipt(sending: Sending, unit: RoutedUnit | None) -> dict[str, Any]:
    """What is told of that it came: by which way, to which unit, and by when an answer is promised, if one is."""
    facts: dict[str, Any] = {"channel": str(sending.channel), "unit": unit.name if unit else ""}
    promise = sending.offered.package.sender.promise
    if promise is None or not _tables_of(sending).promises_sender():
        return facts
    counted = (each.counted for each in sending.deadlines)
    due = next((each.due_on for each in counted if each.key.deadline == promise.deadline), None)
    return {**facts, "due": due.isoformat()} if due else facts


def _new_case(sending: Sending, unit: RoutedUnit | None, person: Person | None) -> Case:
    package, applicant = sending.offered.package, sending.applicant
    return cases.new_case(
        case_id=sending.case_id,
        area=sending.area,
        owner_key=owner_key(applicant, sending.code),
        key=sending.key,
        wrapped_key=sending.wrapped_key,
        service=package.id,
        version=package.version,
        topic=_topic(sending.content.data),
        title=package.title["nb"],
        subject=case_subject(sending.offered, sending.content),
        is_found_by_subject=not sending.content.protected,
        language=sending.language,
        channel=sending.channel,
        unit_id=unit.id if unit else None,
        applicant=person,
        applicant_name=applicant.name,
        at=sending.at,
        counted=sending.deadlines,
        home_keys=homes_in(sending.area, sending.content.registered.values()),
        named_keys=named_in(sending.area, sending.offered.form, sending.content.data),
    )


def _participants(sending: Sending, case: Case) -> dict[tuple[str, int | None], Participant]:
    """Whom the answers name, and who sent it where that is a person whom the service counts among them."""
    applicant = sending.applicant
    is_person = applicant.kind == "person"
    return participants.planned(
        case,
        sending.offered.package,
        sending.content.data,
        day_of(sending.at),
        (applicant.name, applicant.number if is_person else ""),
    )


def _is_no_party(sending: Sending, case: Case, named: Mapping[tuple[str, int | None], Participant]) -> bool:
    """Whether the service's words on senders are about who sent this: not where they are a party of it by their own number,
    as a patient whose doctor's letter staff register in the patient's name.
    """
    own = (each for each in named.values() if each.is_party and each.owner_key)
    return _tables_of(sending).means_sender() and all(bytes(each.owner_key or b"") != case.owner_key for each in own)


def _submission(sending: Sending) -> Submission:
    package = sending.offered.package
    return forms.new_submission(
        submission_id=sending.id,
        area=sending.area,
        case_id=sending.case_id,
        service=package.id,
        version=package.version,
        channel=sending.channel,
        language=sending.language,
        key=sending.key,
        content=sending.content,
        submitted_by=sending.submitted_by,
        at=sending.at,
        digest=sending.digest,
    )


def _unit(sending: Sending) -> RoutedUnit | None:
    """Who handles it: as the municipality routes it, else the kind of unit that the service's own table names.

    In the areas that are kept apart, where the tables name another kind for this one than the service's own, such as those on
    emergency duty, and there is such a unit, it goes before where the municipality sends the service as a whole.
    """
    package, data = sending.offered.package, sending.content.data
    here = units.routing(package.area, package.id, _topic(data))
    if here.routed and (here.is_by_topic or package.area == "ordinary"):
        return here.routed
    named = _tables_of(sending).unit
    apart = here.exactly(named) if named and named != package.signing.unit else None
    return apart or here.routed or here.of_kind(named or package.signing.unit)


def _tables_of(sending: Sending) -> catalogue.Decision:
    """What the tables make of what is sent, on the day that it came."""
    offered = sending.offered
    return catalogue.decide(offered.package, sending.content.data, on=day_of(sending.at), adjusted=offered.values)


def _planned_pdf(sending: Sending) -> Document:
    package = sending.offered.package
    return documents.plan_document(
        area=sending.area,
        case_id=sending.case_id,
        key=sending.key,
        origin=Origin.SUBMISSION,
        title=package.title[sending.language],
        # Sensitive services name nothing that may be seen over a shoulder or on an envelope.
        file_name=f"{package.title[sending.language]}.pdf" if sending.area == "ordinary" else "innsending.pdf",
        source_id=sending.id,
    )


def _log_entry(sending: Sending) -> LogEntry:
    return access.entry_about_case(
        sending.actor,
        area=sending.area,
        case_id=sending.case_id,
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


def case_subject(offered: Offered, content: Content) -> str:
    """What the case is called in lists beside the service's name: the answer called `subject`, if there is one.

    A sensitive case is called by its service alone. Of one whose address is protected it is shown to them alone.
    """
    subject = content.data.get("subject")
    if offered.package.area != "ordinary" or not isinstance(subject, str):
        return ""
    return subject


def _planned_steps(sending: Sending) -> list[cases.PlannedStep]:
    """The routine's steps with their dates, those that this case asks for, and those of the phases it begins in."""
    return [*_routine_steps(sending), *phases.first_steps(sending.offered.package, sending.at)]


def _routine_steps(sending: Sending) -> list[cases.PlannedStep]:
    steps = sending.offered.package.steps
    if any(step.when is not None for step in steps):
        found = _tables_of(sending)
        steps = tuple(step for step in steps if found.asks_for(step))
    return [
        cases.PlannedStep(
            step=step.id,
            who="auto" if step.automatic else (step.role or "caseworker"),
            due_on=duration_after(step.deadline, day_of(sending.at)) if step.deadline else None,
        )
        for step in steps
    ]


def _person(sending: Sending) -> tuple[Person | None, list[NamePart]]:
    applicant = sending.applicant
    if applicant.kind == "receipt" or not applicant.number:
        return None, []
    return known_person(sending.area, applicant.kind, applicant.number, applicant.name)


def _topic(data: Mapping[str, object]) -> str:
    topic = data.get("topic", "")
    return topic[:60] if isinstance(topic, str) else ""


def _receipt_code(sending: Sending, case: Case) -> list[ReceiptCode]:
    """What opens the case of one who is not logged in, with the address to tell of an answer."""
    if not sending.code:
        return []
    email = sending.content.data.get("email")
    sealed = (
        sending.key.seal("cases.ReceiptCode.email", clean_text(email)) if isinstance(email, str) and email else None
    )
    return [ReceiptCode(area=sending.area, case=case, email=sealed)]


def _as_document(attachment: Attachment, sending: Sending) -> Document:
    """A draft's file as a document of the case: the same file under the same key, with the same id."""
    return Document(
        id=attachment.id,
        area=attachment.area,
        case_id=sending.case_id,
        origin=Origin.UPLOADED if sending.channel in (Channel.PORTAL, Channel.API) else Origin.SCANNED,
        title=bytes(attachment.title),
        file_name=bytes(attachment.file_name),
        media_type=attachment.media_type,
        size=attachment.size,
        sha256=bytes(attachment.sha256),
        path=attachment.path,
        created_at=attachment.created_at,
        rendered_at=attachment.created_at,
        source_id=sending.id,
    )


def _outbox(sending: Sending, pdf: Document, given: Sequence[Consent]) -> list[Outbox]:
    todo = [("render", pdf.id), ("presence", sending.case_id)]
    if sending.offered.package.decides_by_itself:
        todo.append(("decide", sending.case_id))
    if _was_not_asked_for(sending) or identity_numbers(sending.offered.form, sending.content.data):
        todo.append(("protect", sending.case_id))
    todo += consents.remaining(given)
    return post.remaining(sending.area, sending.case_id, *todo)


def _was_not_asked_for(sending: Sending) -> bool:
    """Whether the population register has not said if the applicant's address is protected: it is asked by a worker."""
    asked = sending.channel != Channel.API and "folkeregister" not in sending.content.unavailable
    return sending.applicant.kind == "person" and not asked


def _journal(sending: Sending, case: Case) -> tuple[CaseFile, RegistryEntry]:
    """The case's file and its first entry in the journal."""
    name, key = sending.applicant.name, sending.key
    title, public_title = case.opened_title, case.title
    case_file = archive.new_case_file(
        area=case.area,
        case_id=case.id,
        key=key,
        year=case.year,
        title=f"{title} – {name}",
        public_title=public_title,
        at=sending.at,
    )
    entry = archive.new_entry(
        case_file,
        key=key,
        kind=RegistryEntry.Kind.INCOMING,
        title=f"{title} – {name}",
        public_title=public_title,
        correspondent=name,
        at=sending.at,
    )
    return case_file, entry


def _to_register(documents: Sequence[Document]) -> list[archive.ToRegister]:
    return [archive.ToRegister(each.id, "Søknad" if n == 0 else "Vedlegg") for n, each in enumerate(documents)]
