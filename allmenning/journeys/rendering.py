"""Making the PDFs that the platform itself writes: by a worker after the commit, or when somebody first opens one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from allmenning.basics import dates
from allmenning.letters import AttachedFile, Row, Section, SubmissionMetadata, render_letter, render_submission
from allmenning.municipal.cases.models import Case, Decision, Disclosure
from allmenning.municipal.cases.queries import open_decision
from allmenning.municipal.documents import actions as documents
from allmenning.municipal.documents.inspection.apart import join_apart
from allmenning.municipal.documents.models import Document, Origin
from allmenning.municipal.forms.actions import open_submission
from allmenning.municipal.forms.content import Content
from allmenning.municipal.forms.models import Submission
from allmenning.municipal.post.models import Message, Outbox
from allmenning.rules.forms import Section as Summarised
from allmenning.rules.forms.words import register_name

from .decision_letters import Drafted, make_letter, records_for
from .letterheads import letter_metadata, letterhead_for
from .offered import Offered, day_of, of_case
from .outbox import handles
from .participants import Receiver, of_message

_MESSAGE = "# {{ message.title }}\n\n{{ message.body }}\n"


@handles("render")
def render_waiting(row: Outbox) -> None:
    """Outbox: a document that was planned gets its content."""
    document = Document.objects.get(id=row.object_id)
    if not document.is_rendered:
        make(document, Case.objects.get(id=document.case_id))


def make(document: Document, case: Case) -> None:
    """Make and keep a document that the platform makes itself, unless it is made: the log commits to what is kept."""
    if not document.is_rendered:
        documents.keep_rendered(document, case.key, _render(document, case))


def content_of(document: Document, case: Case) -> bytes:
    """The bytes of any document of a case; one that is not made yet is made and kept now."""
    make(document, case)
    return documents.read_content(document, case.key)


def _render(document: Document, case: Case) -> bytes:
    assert document.source_id is not None
    if document.origin == Origin.SUBMISSION:
        return _submission(document.source_id, case)
    decision = Decision.objects.filter(id=document.source_id).first()
    if decision is None:
        return _message(document.source_id, case)
    return _decision(decision, case, to=_party_of(document, case))


def _party_of(document: Document, case: Case) -> Receiver | None:
    """To whom the letter of a decision is, where that is not who sent the case."""
    message = Message.objects.filter(document_id=document.id, participant_id__isnull=False).first()
    return of_message(message.participant_id, case) if message else None


def for_paper(message: Message, case: Case, address: Sequence[str]) -> bytes:
    """A letter as it goes in the envelope, with the recipient's address. Made anew each time, and kept nowhere."""
    document = Document.objects.filter(id=message.document_id).first() if message.document_id else None
    decision = Decision.objects.filter(id=document.source_id).first() if document and document.source_id else None
    to = of_message(message.participant_id, case)
    letter = _decision(decision, case, address, to) if decision else _message(message.id, case, address)
    enclosed = _enclosed(message, case)
    return join_apart([letter, *enclosed]) if enclosed else letter  # with pages of strangers' files among them


def _enclosed(message: Message, case: Case) -> list[bytes]:
    """What goes in the envelope with a letter: the copy of a case that a party was given, and pages of attachments.

    The copy of another's case is kept in the party's own.
    """
    given = Disclosure.objects.filter(message_id=message.id).first()
    kept = Document.objects.filter(case_id=case.id).in_bulk(given.document_ids) if given else {}
    pdfs = (kept[UUID(each)] for each in given.document_ids) if given else ()
    return [documents.read_content(each, case.key) for each in pdfs if each.media_type == documents.PDF]


def _submission(submission_id: UUID, case: Case) -> bytes:
    submission = Submission.objects.get(id=submission_id)
    offered, language = of_case(case.service, case.version), submission.language
    content = open_submission(submission, case.key)
    files = _files_of(submission, case)
    sender = case.key.open_text("forms.Submission.submitted_by", bytes(submission.submitted_by), submission.id)
    applicant = case.opened_applicant_name
    return render_submission(
        offered.package.title[language],
        [
            *_with_sources(_summary(offered, content, language, files), content, language),
            *_besides(content, language),
        ],
        SubmissionMetadata(
            received_at=submission.submitted_at,
            case_number=case.number,
            submitted_by=sender,
            on_behalf_of=applicant if applicant != sender else "",
            channel=CHANNELS[submission.channel][language],
            form_version=f"{offered.package.title[language]} {submission.version}",
        ),
        letterhead_for(case),
        [AttachedFile(f.name, f.size, f.sha256) for f in files],
        language,
    )


def _summary(offered: Offered, content: Content, language: str, files: Sequence[_File]) -> list[Summarised]:
    named = {str(each.id): each for each in files}
    return offered.form.summary(content.data, language, named, not_asked=content.not_asked)


def _besides(content: Content, language: str) -> list[Section]:
    """What came from another system beside the answers: its remarks, and the files that may not be kept, by name."""
    remarks = [Row(REMARKS[language], each) for each in content.remarks]
    refused = [Row(name, NOT_TAKEN["why"][language]) for name in content.not_taken]
    both = (REMARKS[language], remarks), (NOT_TAKEN["title"][language], refused)
    return [Section(title, rows) for title, rows in both if rows]


def _with_sources(sections: list[Summarised], content: Content, language: str) -> list[Section]:
    """The answers, with the register and the day beside those that stand as a register gave them."""
    return [
        Section(part.title, [Row(row.label, row.text, _source(row.pointer, content, language)) for row in part.rows])
        for part in sections
    ]


def _source(pointer: str, content: Content, language: str) -> str:
    parts = pointer.split("/")
    for end in range(len(parts), 1, -1):
        mark = content.sources.get("/".join(parts[:end]))
        if mark:
            day = dates.format_date(datetime.fromisoformat(mark["fetched_at"]).date(), language)
            return f"{register_name(mark['source'], language)}, {day}"
    return ""


class _File:
    """A file that came with the submission, with its names opened."""

    def __init__(self, document: Document, case: Case) -> None:
        self.id, self.size = document.id, document.size or 0
        self.name = case.key.open_text("documents.Document.file_name", bytes(document.file_name), document.id)
        sealed = document.sha256
        self.sha256 = case.key.open_text("documents.Document.sha256", bytes(sealed), document.id) if sealed else ""


def _files_of(submission: Submission, case: Case) -> list[_File]:
    """The files that were sent with the form, not those that came later."""
    sent_with_it = Document.objects.filter(case_id=case.id, source_id=submission.id).exclude(origin=Origin.SUBMISSION)
    return [_File(each, case) for each in sent_with_it.order_by("created_at", "id")]


def _decision(decision: Decision, case: Case, address: Sequence[str] = (), to: Receiver | None = None) -> bytes:
    opened = open_decision(decision, case.key)
    assert decision.issued_at is not None
    offered = of_case(case.service, case.version)
    return make_letter(
        case,
        Drafted(opened.outcome, opened.reasons, opened.values),
        offered,
        on=day_of(decision.issued_at),
        caseworker="" if decision.automatic else decision.drafted_name,
        address=address,
        approved_by=decision.approved_name,
        kept=records_for(case, offered, opened.outcome, decision.issued_at),
        to=to,
    )


def _message(message_id: UUID, case: Case, address: Sequence[str] = ()) -> bytes:
    """What was written: by the municipality on its letterhead, by the resident as a copy of what came."""
    message = Message.objects.get(id=message_id)
    title = case.key.open_text("post.Message.title", bytes(message.title), message.id)
    body = case.key.open_text("post.Message.body", bytes(message.body), message.id)
    if message.direction == Message.Direction.IN:
        return _received(message, title, body, case)
    return render_letter(
        _MESSAGE,
        {"message.title": title, "message.body": body or "–"},
        letterhead_for(case),
        case.language,
        letter_metadata(
            case,
            on=day_of(message.sent_at),
            handler=message.staff_name,
            address=address,
            recipient=_name_of(message, case),
        ),
    )


def _name_of(message: Message, case: Case) -> str:
    """Of the party that a message is to or from; empty where that is who sent the case."""
    party = of_message(message.participant_id, case)
    return party.name if party else ""


def _received(message: Message, title: str, body: str, case: Case) -> bytes:
    return render_submission(
        title,
        [Section(TEXT[case.language], [Row(TEXT[case.language], body or "–")])],
        SubmissionMetadata(
            received_at=message.sent_at,
            case_number=case.number,
            submitted_by=_name_of(message, case) or case.opened_applicant_name,
        ),
        letterhead_for(case),
        language=case.language,
    )


# Printed in the language of the case, which need not be that of whoever opens it.
REMARKS = {"nb": "Merknad fra avsenderen", "nn": "Merknad frå avsendaren", "en": "Remark by the sender"}
NOT_TAKEN = {
    "title": {
        "nb": "Filer som ikke kunne tas imot",
        "nn": "Filer som ikkje kunne takast imot",
        "en": "Files not taken",
    },
    "why": {
        "nb": "Filen kan være skadelig, eller er av en type som ikke tas imot. Be om den på nytt.",
        "nn": "Fila kan vere skadeleg, eller er av ein type som ikkje blir teken imot. Be om ho på nytt.",
        "en": "The file may be harmful, or is of a kind that is not taken. Ask for it again.",
    },
}
TEXT = {"nb": "Tekst", "nn": "Tekst", "en": "Text"}
CHANNELS = {
    "portal": {"nb": "Nettsiden", "nn": "Nettsida", "en": "The web site"},
    "phone": {"nb": "Telefon", "nn": "Telefon", "en": "Telephone"},
    "email": {"nb": "E-post", "nn": "E-post", "en": "E-mail"},
    "paper": {"nb": "Brev", "nn": "Brev", "en": "Letter"},
    "counter": {"nb": "Oppmøte", "nn": "Oppmøte", "en": "In person"},
    "api": {"nb": "Fra et annet system", "nn": "Frå eit anna system", "en": "From another system"},
}
