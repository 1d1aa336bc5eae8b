"""What other systems send: fetched, opened by the area's own key, registered once, and answered.

The order makes it safe to stop anywhere. A message is taken away only after what it became is committed, and its answer is an
outbox row of that transaction; a message that comes again is known by its id, and what is sent again under another id by the
sender's own id of it. What can't be read is answered so and kept as it came, for an operator to look into without reading it.
Nothing of what a message holds is logged.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction
from django.utils.translation import override

from allmenning import vault
from allmenning.basics import dates
from allmenning.basics.identifiers import InvalidIdentifier, NationalIdentityNumber, uuid7
from allmenning.commons.catalogue import queries as catalogue
from allmenning.commons.catalogue.errors import UnknownService
from allmenning.commons.municipalities import queries as municipalities
from allmenning.municipal.access.actor import SYSTEM
from allmenning.municipal.cases.errors import CaseIsClosed, NothingToAppeal
from allmenning.municipal.cases.models import Case
from allmenning.municipal.documents import actions as documents
from allmenning.municipal.documents.errors import UnacceptableFile
from allmenning.municipal.documents.models import Origin
from allmenning.municipal.forms.content import Content
from allmenning.municipal.forms.errors import ServiceNotOffered
from allmenning.municipal.forms.models import Channel, Submission
from allmenning.municipal.post import actions as post
from allmenning.municipal.post.models import Outbox, OutsideCase, SystemMessage
from allmenning.municipal.post.ports import (
    Box,
    MessageUnreadable,
    Read,
    SentFile,
    SystemMessages,
    SystemRefused,
    SystemsUnavailable,
    Waiting,
)
from allmenning.rules.forms.pointers import copied
from allmenning.tenancy import current, use

from . import dialogue
from .applying_at_once import SENT_BEFORE, broken_rule, document_of
from .jobs import wake
from .offered import Offered, offered
from .outbox import handles
from .outside import outside
from .receiving import Received, Upload, receive
from .receiving_keys import private_keys
from .registering import Applicant, Sending, register

log = logging.getLogger(__name__)

LANGUAGE = "nb"  # of what other systems send: the contracts have no language
MOST_KEPT = 10_000_000  # bytes of a message that can't be read
_NAMES = UUID("5f6b0e6a-6f0f-5d0e-9d5f-0f1f6a1c9b52")  # what ids of submissions from other systems are made under


def receive_waiting(municipality: str) -> int:
    """Take in what waits for a municipality. Returns how many messages were taken away.

    A box that can't be reached, or a message that fails for a reason of ours, stops no other: it waits where it is.
    """
    systems = outside().systems
    if systems is None:
        return 0
    taken = 0
    for box in systems.boxes(municipality):
        try:
            taken += _receive_box(systems, municipality, box)
        except (SystemsUnavailable, SystemRefused, UnknownService) as error:
            log.warning("messages of other systems to %s wait: %s", municipality, error)
    return taken


def _receive_box(systems: SystemMessages, municipality: str, box: Box) -> int:
    taken = 0
    newest = catalogue.published(box.service).version
    area = catalogue.service_version(box.service, newest).area
    with use(municipality, "ordinary"):
        chosen = _offered(box.service)
    with use(municipality, area):
        for waiting in systems.waiting(municipality, box):
            try:
                take_in(systems, box, waiting, chosen)
                systems.take_away(municipality, box, waiting)
                taken += 1
            except Exception as error:
                # The class alone: what a message holds must not reach a log.
                log.warning("message %s of another system waits: %s", waiting.id, type(error).__name__)
    return taken


def _offered(service: str) -> Offered | None:
    try:
        return offered(service)
    except ServiceNotOffered:
        return None  # not yet, or no more: whoever sends is told, and finds another way


def take_in(systems: SystemMessages, box: Box, waiting: Waiting, chosen: Offered | None) -> SystemMessage:
    """Register one message, in the area of the login at hand. Again is harmless. Raises ScannerUnavailable.

    chosen: the service; None where the municipality does not offer it, and takes in only what belongs to cases that it has.
    """
    known = _known(waiting)
    if known is not None:
        return known
    if systems.is_notice(waiting.kind):
        return _note(box, waiting, SystemMessage.State.NOTED)
    content, keys = b"", private_keys(current().area)
    try:
        if chosen is None and not keys:
            raise MessageUnreadable(reason="not-offered")
        content = systems.content(current().municipality, box, waiting)
        with override(LANGUAGE):
            return _take(systems.read(box, waiting, content, keys), box, waiting, chosen)
    except MessageUnreadable as error:
        return _note(box, waiting, SystemMessage.State.REFUSED, reason=error.reason, content=content)


@handles("answer-system")
def answer_waiting(row: Outbox) -> None:
    """Outbox: tell the sender what became of a message. Sent again it has the same id, so the sender sees one."""
    message = SystemMessage.objects.get(id=row.object_id)
    systems = outside().systems
    if systems is None or message.answered_at is not None:
        return
    municipality = current().municipality
    systems.answer(municipality, message.box, message.message_id, message.kind, message.sender, reason=message.reason)
    SystemMessage.objects.filter(id=message.id).update(answered_at=dates.now())


def _take(read: Read, box: Box, waiting: Waiting, chosen: Offered | None) -> SystemMessage:
    _check_place(read)
    if read.what == "submission":
        if chosen is None:
            raise MessageUnreadable(reason="not-offered")
        return _register(read, box, waiting, chosen)
    return _add(read, box, waiting)


def _check_place(read: Read) -> None:
    """That it is for this municipality, by a number that it has or had. Raises MessageUnreadable."""
    if not read.place:
        return
    if read.place not in {each.value for each in municipalities.municipality(current().municipality).numbers}:
        raise MessageUnreadable(reason="place")


def _register(read: Read, box: Box, waiting: Waiting, chosen: Offered) -> SystemMessage:
    key, wrapped = vault.new_case_key(current().municipality, current().area)
    files, refused = _looked_at(read.files)
    ids = [uuid7() for _ in files]
    sending = Sending(
        id=_submission_id(read, box, waiting),
        offered=chosen,
        content=_content(read, files, ids, refused),
        language=LANGUAGE,
        channel=Channel.API,
        applicant=_applicant(read),
        actor=SYSTEM,
        submitted_by=read.name,
        key=key,
        wrapped_key=wrapped,
    )
    kept = [document_of(sending, id, file) for id, (_, file) in zip(ids, files, strict=True)]
    try:
        with transaction.atomic():
            receipt = register(sending, kept)
            if read.follows is not None:
                _follow(read.follows, read.reference, receipt.case_id)
            return _note(box, waiting, SystemMessage.State.TAKEN, case_id=receipt.case_id)
    except IntegrityError as error:
        for each in kept:
            vault.files.remove(current().municipality, each.path)
        if broken_rule(error) != SENT_BEFORE:
            raise
    before = Submission.objects.filter(id=sending.id).first()
    if before is None:
        raise MessageUnreadable(reason="another-area")
    return _note(box, waiting, SystemMessage.State.DUPLICATE, case_id=before.case_id)


def _submission_id(read: Read, box: Box, waiting: Waiting) -> UUID:
    """What is the same when the sender sends the same again: the id that it follows it by, or its own id of the message."""
    return uuid5(_NAMES, f"{box.key}:{read.follows or waiting.sent_as or waiting.id}")


def _follow(outside_id: UUID, reference: str, case_id: UUID) -> None:
    area = current().area
    row = OutsideCase.objects.create(area=area, case_id=case_id, outside_id=outside_id, reference=reference)
    post.put_in_outbox(area, case_id, ("tell-outside", row.id))


def _add(read: Read, box: Box, waiting: Waiting) -> SystemMessage:
    """More documents, or an appeal, in a case that came from the same system."""
    followed = OutsideCase.objects.filter(outside_id=read.follows).first() if read.follows else None
    if followed is None:
        raise MessageUnreadable(reason="not-followed")
    files, _ = _looked_at([each for each in read.files if not each.is_original])
    uploads = [Upload(file.name, file.media_type, file.content) for _, file in files]
    with transaction.atomic():
        message = _note(box, waiting, SystemMessage.State.TAKEN, case_id=followed.case_id)
        _say(read, followed.case_id, uploads)
        _keep_originals(read, followed.case_id)
    return message


def _say(read: Read, case_id: UUID, uploads: Sequence[Upload]) -> None:
    """An appeal where there is a decision to appeal, and otherwise more in the case. Raises MessageUnreadable."""
    text = read.text or _SENT_MORE
    try:
        if read.what == "appeal":
            try:
                with transaction.atomic():
                    dialogue.appeal(case_id, text, uploads)
                return
            except NothingToAppeal:
                # Nothing is decided, or it is being handled again: what they wrote is taken all the same.
                text = f"{_APPEALS}\n\n{text}"
        dialogue.send_more(case_id, text, uploads)
    except CaseIsClosed:
        raise MessageUnreadable(reason="closed") from None
    except UnacceptableFile:  # each may be kept, and all of them together are too much
        raise MessageUnreadable(reason="size") from None


def _content(
    read: Read, files: Sequence[tuple[SentFile, Received]], ids: Sequence[UUID], refused: Sequence[str]
) -> Content:
    """The answers as they were sent, with each file where the form asks for it; nothing is held against the form's rules."""
    data = copied(read.data)
    for id, (sent, _) in zip(ids, files, strict=True):
        if sent.field:
            data[sent.field] = [*data.get(sent.field, []), str(id)]
    return Content(
        data=data,
        unavailable=read.unavailable,
        not_asked=tuple(sorted(set(read.unasked) - set(data))),
        not_taken=tuple(refused),
        remarks=(*_when(read), *read.remarks),
    )


def _when(read: Read) -> list[str]:
    """When the sender says that it was sent. It is received when it is here: journals and deadlines count from that."""
    return [f"Sendt {dates.format_datetime(read.sent_at, LANGUAGE)}."] if read.sent_at else []


def _applicant(read: Read) -> Applicant:
    """Whom it is for: somebody with a number, or one who wrote without, whom nobody can log in as."""
    if not read.number:
        return Applicant("receipt", "", read.name)
    try:
        return Applicant("person", NationalIdentityNumber.parse(read.number).value, read.name)
    except InvalidIdentifier:
        raise MessageUnreadable(reason="applicant") from None


def _looked_at(sent: Sequence[SentFile]) -> tuple[list[tuple[SentFile, Received]], list[str]]:
    """The files that may be kept, and the names of those that may not: one that may not stops no message."""
    kept, refused = list[tuple[SentFile, Received]](), list[str]()
    for each in sent:
        if each.is_original:  # data that was held against its schema
            kept.append((each, Received(each.name, each.media_type, each.content)))
            continue
        try:
            kept.append((each, receive(Upload(each.name, each.media_type, each.content))))
        except UnacceptableFile:
            refused.append(each.name)
    return kept, refused


def _keep_originals(read: Read, case_id: UUID) -> None:
    case = Case.objects.get(id=case_id)
    for each in read.files:
        if each.is_original:
            documents.keep_file(
                area=case.area,
                case_id=case.id,
                key=case.key,
                origin=Origin.UPLOADED,
                name=each.name,
                media_type=each.media_type,
                content=each.content,
            )


def _known(waiting: Waiting) -> SystemMessage | None:
    return SystemMessage.objects.filter(area=current().area, message_id=waiting.id).first()


def _note(
    box: Box,
    waiting: Waiting,
    state: SystemMessage.State,
    *,
    reason: str = "",
    case_id: UUID | None = None,
    content: bytes = b"",
) -> SystemMessage:
    """That a message has come and what it became, with the answer that it is to get."""
    id, area = uuid7(), current().area
    sealed = vault.seal(current().municipality, area, content_context(id), content) if content else None
    with transaction.atomic():
        message = SystemMessage.objects.create(
            id=id,
            area=area,
            box=box.key,
            message_id=waiting.id,
            sender=waiting.sender,
            kind=waiting.kind,
            state=state,
            reason=reason,
            case_id=case_id,
            content=sealed if len(content) <= MOST_KEPT else None,
        )
        if state != SystemMessage.State.NOTED:
            post.put_in_outbox(area, case_id, ("answer-system", message.id))
            wake(area)
    return message


def content_context(id: UUID) -> str:
    """What the content of a message that can't be read is sealed as."""
    return f"post.SystemMessage.content:{id}"


_SENT_MORE = "Ettersendte dokumenter."
_APPEALS = "Dette er sendt som en klage på vedtak:"
