"""Another system sends a whole application in one call. Sent again with the same key, it is the same case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.utils.translation import get_language

from allmenning import vault
from allmenning.basics.identifiers import InvalidIdentifier, NationalIdentityNumber, OrganisationNumber, uuid7
from allmenning.municipal.access.actor import Actor
from allmenning.municipal.cases import actions as cases
from allmenning.municipal.cases.models import Case
from allmenning.municipal.documents import actions as documents
from allmenning.municipal.documents.errors import UnacceptableFile
from allmenning.municipal.documents.inspection import check_together
from allmenning.municipal.documents.models import Document, Origin
from allmenning.municipal.forms.content import Content
from allmenning.municipal.forms.errors import ServiceNotOffered
from allmenning.municipal.forms.models import Channel, Submission
from allmenning.rules.forms import FieldError, published
from allmenning.rules.forms.pointers import copied, get, parse
from allmenning.tenancy import current

from .errors import (
    KeyReused,
    NoSuchFileField,
    NotAccepted,
    NotForOrganisations,
    OtherVersion,
    SentApart,
    UnknownAnswer,
    Wrong,
)
from .offered import Offered, offered
from .receiving import Received, Upload, receive
from .registering import Applicant, Receipt, Sending, register


@dataclass(frozen=True)
class Incoming:
    """A file as another system sends it. `field`: the question it answers, a name or a JSON pointer in the answers."""

    field: str
    name: str
    media_type: str
    content: bytes

    @property
    def pointer(self) -> str:
        return self.field if self.field.startswith("/") else f"/{self.field}"


@dataclass(frozen=True)
class Application:
    """A whole application. `id` is made from the sender's idempotency key, `digest` (HMAC) from all that was sent."""

    id: UUID
    service: str
    version: str | None
    language: str
    applicant: Applicant
    submitted_by: str
    answers: Mapping[str, Any]
    files: Sequence[Incoming]
    digest: bytes


@dataclass(frozen=True)
class AtOnce:
    """The receipt; `replayed` when the application had been received before."""

    receipt: Receipt
    replayed: bool


@dataclass(frozen=True)
class Examined:
    """An application that nothing is wrong with. `answers` are those that count: no hidden question's, files by id."""

    offered: Offered
    answers: dict[str, Any]
    applicant: Applicant
    files: Sequence[tuple[UUID, Received]]


def apply_at_once(application: Application, actor: Actor) -> AtOnce:
    """Register an application as a case, in the area of the login at hand. Sent again, or twice at once: one case.

    Raises:
        NotAccepted: `wrong` lists what. Nothing was written.
        KeyReused: this id came with another application before.
        ServiceNotOffered: not here, or not in this area.
        ScannerUnavailable.
    """
    try:
        examined = examine(application)
    except (NotAccepted, ServiceNotOffered):
        # Sent again when the service has changed, or is gone: what was received then stands.
        sent_before = _receipt_of(application, actor)
        if sent_before is None:
            raise
        return AtOnce(sent_before, replayed=True)
    sending, files = _prepared(application, examined, actor)
    try:
        # One statement, so it needs no transaction around it. Whoever sends the same at the same time waits in it.
        return AtOnce(register(sending, files), replayed=False)
    except IntegrityError as error:
        if broken_rule(error) != SENT_BEFORE:
            raise
    for each in files:
        vault.files.remove(current().municipality, each.path)
    receipt = _receipt_of(application, actor)
    if receipt is None:
        # Not seen from here: the key belongs to an application in another area.
        raise KeyReused()
    return AtOnce(receipt, replayed=True)


SENT_BEFORE = "forms_submission_pkey"


def broken_rule(error: IntegrityError) -> str | None:
    """Name of the constraint that a statement would have broken."""
    return getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)


def examine(application: Application) -> Examined:
    """Look at everything in an application and write nothing. Raises NotAccepted, ServiceNotOffered, ScannerUnavailable."""
    chosen = offered(application.service)
    if chosen.package.area != current().area:
        raise ServiceNotOffered()
    files, wrong_files = _received(application.files)
    ids = [uuid7() for _ in application.files]
    data, misplaced = _with_files(chosen, application, ids)
    wrong = [
        *_other_version(application, chosen),
        *_wrong_applicant(application.applicant, chosen),
        *_strangers(chosen, application.answers),
        *misplaced,
        *wrong_files,
    ]
    errors, visible = chosen.form.examined(data, get_language() or "nb")
    wrong += _wrong_answers(errors, but_not={each.pointer for each in wrong})
    if wrong:
        raise NotAccepted(wrong=wrong)
    applicant = _normal(application.applicant)
    return Examined(chosen, visible, applicant, list(zip(ids, files, strict=True)))


def _wrong_answers(errors: Sequence[FieldError], *, but_not: set[str]) -> Iterator[Wrong]:
    """What the form found, where nothing was found before: a stranger among the answers is told of by itself."""
    for error in errors:
        place = f"/answers{error.pointer}"
        if not any(each == place or each.startswith(f"{place}/") for each in but_not):
            yield Wrong(place, error.full_message, error.code)


def _receipt_of(application: Application, actor: Actor) -> Receipt | None:
    """The receipt of what was sent before with this id; that it is told again is logged. Raises KeyReused: it was another."""
    sent = Submission.objects.filter(id=application.id).first()
    if sent is None:
        return None
    if sent.digest is None or bytes(sent.digest) != application.digest:
        raise KeyReused()
    case = Case.objects.get(id=sent.case_id)
    cases.log(case, actor, "read", purpose="application", object_kind="receipt", field_kinds=["case-number"])
    return Receipt(case.id, case.number, sent.submitted_at)


def _other_version(application: Application, chosen: Offered) -> Iterator[Wrong]:
    if application.version not in (None, chosen.package.version):
        yield Wrong("/version", OtherVersion(version=chosen.package.version), "version")


def _wrong_applicant(applicant: Applicant, chosen: Offered) -> Iterator[Wrong]:
    try:
        _normal(applicant)
    except InvalidIdentifier as error:
        yield Wrong("/applicant/number", error, "number")
    if applicant.kind == "organisation" and "business" not in chosen.package.audience:
        yield Wrong("/applicant/kind", NotForOrganisations(), "audience")


def _normal(applicant: Applicant) -> Applicant:
    read = OrganisationNumber if applicant.kind == "organisation" else NationalIdentityNumber
    return Applicant(applicant.kind, read.parse(applicant.number).value, applicant.name)


def _strangers(chosen: Offered, answers: Mapping[str, Any]) -> Iterator[Wrong]:
    said = {"unknown": UnknownAnswer(), "file": SentApart()}
    for place, code in published.strangers(chosen.form, answers):
        yield Wrong(f"/answers{place}", said[code], code)


def _received(files: Sequence[Incoming]) -> tuple[list[Received], list[Wrong]]:
    """Each file as it may be kept, or what is wrong with them: all of them are looked at."""
    received, wrong = list[Received](), list[Wrong]()
    try:
        check_together([len(each.content) for each in files])
    except UnacceptableFile as error:
        return [], [Wrong("/attachments", error, "file")]
    for number, each in enumerate(files):
        try:
            received.append(receive(Upload(each.name, each.media_type, each.content)))
        except UnacceptableFile as error:
            wrong.append(Wrong(f"/attachments/{number}/content", error, "file"))
    return received, wrong


def _with_files(chosen: Offered, application: Application, ids: Sequence[UUID]) -> tuple[dict[str, Any], list[Wrong]]:
    """The answers with each file's id where the form asks for it, and the files that it does not ask for."""
    data, wrong = copied(application.answers), list[Wrong]()
    for number, (each, file_id) in enumerate(zip(application.files, ids, strict=True)):
        try:
            # An item of a list must be among the answers: a file makes no child and no income.
            if not isinstance(get(data, parse(each.pointer)[:-1]), dict):
                raise KeyError(each.pointer)
            data = chosen.form.attach(data, each.pointer, str(file_id))
        except (KeyError, ValueError):
            wrong.append(Wrong(f"/attachments/{number}/field", NoSuchFileField(), "unknown"))
    return data, wrong


def _prepared(application: Application, examined: Examined, actor: Actor) -> tuple[Sending, list[Document]]:
    """What is to be registered; the files' content is in the file store when this returns."""
    key, wrapped = vault.new_case_key(current().municipality, current().area)
    sending = Sending(
        id=application.id,
        offered=examined.offered,
        content=Content(data=examined.answers),
        language=application.language,
        channel=Channel.API,
        applicant=examined.applicant,
        actor=actor,
        submitted_by=application.submitted_by,
        key=key,
        wrapped_key=wrapped,
        digest=application.digest,
    )
    return sending, [document_of(sending, file_id, file) for file_id, file in examined.files]


def document_of(sending: Sending, file_id: UUID, file: Received) -> Document:
    """A file that another system sent as a document of the case: kept, and its row not saved."""
    return documents.new_file(
        id=file_id,
        area=sending.area,
        case_id=sending.case_id,
        key=sending.key,
        origin=Origin.UPLOADED,
        name=file.name,
        media_type=file.media_type,
        content=file.content,
        source_id=sending.id,
        created_at=sending.at,
        rendered_at=sending.at,
    )
