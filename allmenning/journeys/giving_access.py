"""A party's access to the case (forvaltningsloven §§ 18–19): a copy made anew, with parts left out, and a letter; or a refusal.

The copy is set from the case's own rows, part by part. A part that is left out never reaches the typesetter: in its place
stands a label that tells nothing, and the law. Of attached PDFs the given pages are copied one by one into a new file, and
attached images are drawn anew. Whoever gives access says of each part what becomes of it; what nobody has judged is refused.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from allmenning.basics import dates
from allmenning.basics.errors import AllmenningError
from allmenning.basics.identifiers import uuid7
from allmenning.basics.text import clean_text
from allmenning.letters import Chapter, CopyMetadata, Given, Withheld, render_case_copy
from allmenning.municipal.access.actor import Actor, Working
from allmenning.municipal.archive import queries as records
from allmenning.municipal.cases import actions as cases
from allmenning.municipal.cases import queries as case_queries
from allmenning.municipal.cases import records as case_records
from allmenning.municipal.cases.errors import CaseNotFound, SomebodyWasFirst
from allmenning.municipal.cases.models import AccessRequest, Case, Disclosure
from allmenning.municipal.cases.records import OpenedRecord
from allmenning.municipal.documents import actions as documents
from allmenning.municipal.documents.inspection import IMAGES
from allmenning.municipal.documents.inspection.apart import copy_pages_apart, draw_apart, inspect_apart
from allmenning.municipal.documents.models import Document, Origin
from allmenning.municipal.documents.queries import OpenedDocument
from allmenning.municipal.people.protection import Level
from allmenning.municipal.post import actions as post
from allmenning.municipal.post import queries as post_queries
from allmenning.municipal.post.models import Message
from allmenning.municipal.post.queries import OpenedMessage
from allmenning.rules.forms.words import register_name

from . import confirming, previews, readings, recorded, recording, sender
from .access_grounds import COMPLAINT, INTERNAL, OTHERS, SENT_ON, Ground, ground
from .casework import CaseView, require, verdict
from .dialogue import required
from .hiding import NeedNotStated, level_in
from .letterheads import letterhead_for
from .offered import day_of
from .posting import plan_letter
from .posting import send as send_letter
from .timeline import title_of

GIVE = "give"
PURPOSE = "party-inquiry"
MOST_PIECES = 40  # an attached PDF is judged page by page; one with more pages, a few pages at a time
_ATTACHED = (Origin.UPLOADED, Origin.SCANNED)
# What has happened behind the desk and may be given to the party by choice. Whatever else they don't see is no part at all:
# that something is kept from their log, a protection, an emergency that they are not told of, another party's access.
_INTERNAL_STEPS = frozenset(
    {
        "sent-for-approval",
        "returned-to-drafter",
        "not-decided-by-itself",
        "task-done",
        "sent-to-print",
        "not-sent-on-paper",
        "handover-refused",
        "declared-partial",
        "record-written",
        "record-changed",
        "record-ended",
        "payment-handed-over",
    }
)
_TIFF = "image/tiff"  # may hold several pages, of which a drawing shows the first


class NotJudged(AllmenningError):
    """Say of every part whether the party gets it. Something has come to the case since the page was made."""


class NoSuchRequest(AllmenningError):
    """There is no other case here with this number that you may handle."""


class NotForAnother(AllmenningError):
    """The applicant's address is protected, so no other party is given access here. Ask your leader."""


@dataclass(frozen=True)
class Part:
    """Something of a case that is given or left out as a whole.

    `label` is printed whatever becomes of the part, so it tells nothing of it. All texts are in the case's language.
    """

    id: str
    label: str
    text: str = ""
    source: str = ""
    proposed: str = GIVE
    document: OpenedDocument | None = None
    pages: tuple[int, ...] = ()


@dataclass(frozen=True)
class Kind:
    """Parts of one kind, under a heading."""

    title: str
    parts: list[Part]


@dataclass(frozen=True)
class Enclosure:
    """A file that goes with the copy: pages of an attached PDF, or a file that was given as it came."""

    name: str
    media_type: str
    content: bytes


class CaseForParty:
    """A case that was opened and logged, in parts. Ask inside `use(...)`."""

    def __init__(self, view: CaseView) -> None:
        if view.is_hidden:
            raise NeedNotStated()
        self.view, self.case, self.language = view, view.case, view.case.language

    @cached_property
    def kinds(self) -> list[Kind]:
        """Everything of the case that a party may have access to, and that somebody must judge. Drafts are no part of it."""
        with translation.override(self.language):
            found = [
                Kind(_("Answers in the form"), list(self._answers())),
                Kind(_("Others in the case"), list(self._participants())),
                Kind(_("Consents"), list(self._consents())),
                Kind(_("What registers say"), list(self._registers())),
                Kind(_("Messages"), list(self._messages())),
                Kind(_("Decisions"), list(self._decisions())),
                Kind(_("Kept in the case"), list(self._records())),
                Kind(_("Attachments"), list(self._attachments())),
                Kind(_("Journal"), list(self._notes())),
                Kind(_("Phases"), list(self._phases())),
                Kind(_("Deadlines"), list(self._deadlines())),
                Kind(_("What has happened"), list(self._events())),
            ]
        return [kind for kind in found if kind.parts]

    @property
    def parts(self) -> list[Part]:
        return [part for kind in self.kinds for part in kind.parts]

    def judged(self, choice: Mapping[str, str]) -> dict[str, str]:
        """The choice for each part: `GIVE`, or the id of a ground. Raises NotJudged, UnknownGround."""
        judged = {}
        for part in self.parts:
            if not choice.get(part.id):
                raise NotJudged()
            judged[part.id] = choice[part.id] if choice[part.id] == GIVE else ground(choice[part.id]).id
        return judged

    def copy(self, choice: Mapping[str, str], *, handler: str, receiver: str = "") -> bytes:
        """The case set out anew (PDF/A-2a, PDF/UA-1), with the given images drawn large, each of which is logged as read
        before any is drawn. Raises NotJudged, UnknownGround, UnacceptableFile.
        """
        judged = self.judged(choice)
        for part in self.parts:
            if part.document is not None and judged[part.id] == GIVE and _is_drawn(part.document):
                self._log_read(self._document(part.document.id))
        with translation.override(self.language):
            title = _("Access to the case")
        return render_case_copy(
            title,
            [Chapter(kind.title, [self._set(part, judged[part.id]) for part in kind.parts]) for kind in self.kinds],
            CopyMetadata(self.case.number, receiver or self.view.applicant_name, handler, dates.today()),
            letterhead_for(self.case),
            self.language,
        )

    def enclosures(self, choice: Mapping[str, str]) -> list[Enclosure]:
        """The files that go with the copy, without what is left out. Raises as `copy`."""
        judged, given = self.judged(choice), dict[UUID, list[Part]]()
        for part in self.parts:
            if part.document is not None and judged[part.id] == GIVE and not _is_drawn(part.document):
                given.setdefault(part.document.id, []).append(part)
        return [self._enclosure(parts) for parts in given.values()]

    def pages(self, document_id: UUID, numbers: Collection[int]) -> bytes:
        """Pages of an attached PDF as they would be given; logged first. Raises CaseNotFound: there is no such page."""
        known = {
            number for part in self.parts if part.document and part.document.id == document_id for number in part.pages
        }
        if not numbers or not set(numbers) <= known:
            raise CaseNotFound()
        document = self._document(document_id)
        self._log_read(document)
        return copy_pages_apart(documents.read_content(document, self.case.key), sorted(numbers))

    def _log_read(self, document: Document) -> None:
        actor = self.view.working.as_actor(self.case)
        readings.log_document(self.case, document, actor, PURPOSE, readings.DOCUMENTS)

    def _set(self, part: Part, chosen: str) -> Given | Withheld:
        if chosen != GIVE:
            return Withheld(part.label, ground(chosen).said(self.language))
        picture = None
        if part.document is not None and _is_drawn(part.document):
            picture = draw_apart(self._content(part.document.id), previews.SIDES[previews.LARGE])
        return Given(part.label, part.text, part.source, picture)

    def _enclosure(self, parts: Sequence[Part]) -> Enclosure:
        document = parts[0].document
        assert document is not None
        content = self._content(document.id)
        if not parts[0].pages:
            return Enclosure(document.file_name, document.media_type, content)
        given = [page for part in parts for page in part.pages]
        name = f"{self._name_of(document)}.pdf".lower().replace(" ", "-")
        return Enclosure(name, documents.PDF, copy_pages_apart(content, given))

    def _content(self, document_id: UUID) -> bytes:
        return documents.read_content(self._document(document_id), self.case.key)

    def _document(self, document_id: UUID) -> Document:
        return Document.objects.get(id=document_id, case_id=self.case.id)

    @cached_property
    def _attached(self) -> list[OpenedDocument]:
        return [each for each in self.view.documents if each.origin in _ATTACHED]

    @property
    def _numbers(self) -> dict[UUID, int]:
        return {each.id: number for number, each in enumerate(self._attached, start=1)}

    def _name_of(self, document: OpenedDocument) -> str:
        """An attachment by its number: its own name may tell what is in it."""
        with translation.override(self.language):
            return _("Attachment %(number)s") % {"number": self._numbers[document.id]}

    def _answers(self) -> Iterator[Part]:
        files = {str(each.id): {"name": self._name_of(each)} for each in self._attached}
        content = self.view.content
        sections = self.view.offered.form.summary(content.data, self.language, files, not_asked=content.not_asked)
        for section in sections:
            for row in section.rows:
                yield Part(f"answer:{row.pointer}", row.label, row.text, section.title)

    def _participants(self) -> Iterator[Part]:
        """Who else has to do with the case: what one party is told of another is for a person to judge."""
        for each in self.view.participants:
            kind = self.view.offered.package.party(each.row.role)
            label = kind.title[self.language] if kind else each.row.role
            yield Part(f"participant:{each.row.id}", label, each.name, proposed=OTHERS)

    def _consents(self) -> Iterator[Part]:
        """What was consented to, and taken back: of who sent the case given, of another party for a person to judge."""
        for each in self.view.consents:
            kind = self.view.offered.package.consent(each.row.scope)
            title = kind.title[self.language] if kind else each.row.scope
            told = [each.to_name, dates.format_date(each.row.given_on, self.language)]
            if each.withdrawn:
                told.append(_("withdrawn %(day)s") % {"day": dates.format_date(each.withdrawn.given_on, self.language)})
            proposed = OTHERS if each.row.participant_id else GIVE
            text = ", ".join(filter(None, told))
            yield Part(f"consent:{each.row.id}", title, text, each.by_name, proposed=proposed)

    def _registers(self) -> Iterator[Part]:
        view = self.view
        facts = confirming.facts(self.case, view.checks, view.content, view.offered, self.language)
        for number, fact in enumerate(facts, start=1):
            source = f"{register_name(fact.source, self.language)}, {self._day(fact.fetched_at)}"
            yield Part(f"register:{number}:{fact.pointer}", fact.label, fact.registered, source)

    def _messages(self) -> Iterator[Part]:
        for message in self.view.messages:
            if message.body:
                sender = message.staff_name if message.direction == "out" else self._sender_of(message)
                proposed = OTHERS if message.participant_id else GIVE
                label = f"{message.title}, {self._time(message.sent_at)}"
                yield Part(f"message:{message.id}", label, message.body, sender, proposed)

    def _sender_of(self, message: OpenedMessage) -> str:
        """Who wrote what came in: who sent the case, or another party."""
        by = next((each for each in self.view.participants if each.row.id == message.participant_id), None)
        return by.name if by else self.view.applicant_name

    def _decisions(self) -> Iterator[Part]:
        package, language = self.view.offered.package, self.language
        for decision in self.view.decisions:
            if decision.row.issued_at is None:
                continue
            when, name = self._day(decision.row.issued_at), f"decision:{decision.id}"
            outcome = package.outcome(decision.outcome).title[language]
            yield Part(f"{name}:outcome", _("Outcome, %(day)s") % {"day": when}, outcome, decision.row.legal_basis)
            for number, reason in enumerate(decision.reasons, start=1):
                label = _("Reason %(number)s, %(day)s") % {"number": number, "day": when}
                yield Part(f"{name}:reason:{number}", label, reason)
            for value in package.values:
                held = decision.values.get(value.id)
                if held:
                    text = "\n".join(map(str, held)) if isinstance(held, list) else str(held)
                    yield Part(f"{name}:value:{value.id}", f"{value.title[language]}, {when}", text)

    def _records(self) -> Iterator[Part]:
        """What is kept in the case: of what stands, answer by answer; earlier versions and what was given, each as a whole."""
        package = self.view.offered.package
        for record, is_last in self._kept:
            row, kind = record.row, package.record_kind(record.row.kind)
            form = recording.form_of(package.id, package.version, kind.id)
            proposed = GIVE if kind.is_seen_by_party else INTERNAL
            told = recorded.rows_of(form, record)
            label = f"{kind.title[self.language]}, {self._day(row.at)}"
            if is_last and not recording.is_given(kind, package):
                for answer in told:
                    name = f"record:{row.id}:{answer.pointer}"
                    yield Part(name, f"{label}: {answer.label}", answer.text, row.staff_name, proposed=proposed)
                continue
            version = _("version %(number)s") % {"number": row.version}
            text = "\n".join(f"{answer.label}: {answer.text}" for answer in told)
            yield Part(f"record:{row.id}", f"{label}, {version}", text, row.staff_name, proposed=proposed)

    @cached_property
    def _kept(self) -> list[tuple[OpenedRecord, bool]]:
        """Every version of every record, and whether it is the last one; logged before they are opened."""
        if not self.view.records:
            return []
        rows = case_records.all_versions(self.case.id)
        recording.log_shown(self.case, self.view.working, PURPOSE, rows)
        last = {row.series: row.version for row in rows}
        opened = case_records.open_records(rows, self.case.key)
        return [(each, last[each.series] == each.row.version) for each in opened]

    def _attachments(self) -> Iterator[Part]:
        for document in self._attached:
            name, label = f"document:{document.id}", self._name_of(document)
            if document.media_type != documents.PDF:
                yield Part(name, label, "" if _is_drawn(document) else _("Enclosed as a file."), document=document)
                continue
            for pages in _pieces(self._number_of_pages(document)):
                which = f"{pages[0]}–{pages[-1]}" if len(pages) > 1 else str(pages[0])
                page = _("page %(number)s") % {"number": which}
                yield Part(f"{name}:{which}", f"{label}, {page}", _("Enclosed."), document=document, pages=pages)

    def _number_of_pages(self, document: OpenedDocument) -> int:
        looked_at = inspect_apart(document.file_name, document.media_type, self._content(document.id))
        return looked_at.pages or 1

    def _notes(self) -> Iterator[Part]:
        """Every version of each note. What is about or from somebody else is a part of its own."""
        replaced = {note.row.corrects_id for note in self.view.notes}
        for note in self.view.notes:
            row, name = note.row, f"note:{note.row.id}"
            label = _("Internal note, %(time)s") % {"time": self._time(row.at)}
            if row.id in replaced:
                label = _("%(note)s (corrected later)") % {"note": label}
            if note.text:
                yield Part(name, label, note.text, row.staff_name, proposed=INTERNAL)
            if note.about_them:
                apart = _("%(note)s: about or from somebody else") % {"note": label}
                text = f"{note.whom}\n\n{note.about_them}"
                yield Part(f"{name}:third-party", apart, text, row.staff_name, proposed=OTHERS)

    def _phases(self) -> Iterator[Part]:
        """Why phases were concluded without a decision: internal, like notes."""
        for each in self.view.phases:
            if each.concluded and each.reasons:
                label = _("%(phase)s, concluded %(time)s") % {
                    "phase": each.title[self.language],
                    "time": self._time(each.concluded.at),
                }
                part = f"phase:{each.concluded.id}"
                yield Part(part, label, each.reasons, each.concluded.staff_name, proposed=INTERNAL)

    def _deadlines(self) -> Iterator[Part]:
        """Why deadlines were extended or missed: internal, like notes."""
        for each in self.view.deadlines:
            for reason in filter(None, (each.extended, each.missed)):
                label = _("%(deadline)s, %(time)s") % {
                    "deadline": each.title[self.language],
                    "time": self._time(reason.row.at),
                }
                part = f"deadline-reason:{reason.row.id}"
                yield Part(part, label, reason.text, reason.row.staff_name, proposed=INTERNAL)

    def _events(self) -> Iterator[Part]:
        """What the resident sees of the timeline, and internal steps, which are left out unless somebody gives them."""
        for event in self.view.timeline:
            if not event.visible_to_resident and event.kind not in _INTERNAL_STEPS:
                continue
            who = ", ".join(each for each in (event.staff_name, event.unit_name) if each)
            proposed = GIVE if event.visible_to_resident else INTERNAL
            yield Part(f"event:{event.id}", self._time(event.at), title_of(event.kind), who, proposed=proposed)

    def _day(self, at: datetime) -> str:
        return dates.format_date(day_of(at), self.language)

    def _time(self, at: datetime) -> str:
        return dates.format_datetime(at, self.language)


def _is_drawn(document: OpenedDocument) -> bool:
    return document.media_type in IMAGES and document.media_type != _TIFF


def _pieces(pages: int) -> Iterator[tuple[int, ...]]:
    """The pages of a file in as many pieces as one can judge, each a run of pages."""
    each = -(-pages // MOST_PIECES)
    for first in range(1, pages + 1, each):
        yield tuple(range(first, min(first + each, pages + 1)))


def asked_by_another(number: str, party: CaseForParty, working: Working, *, staff_key: bytes) -> Case:
    """The case in which somebody else who is a party asks for access to this one. Raises NoSuchRequest, NotForAnother."""
    if party.view.level is not Level.NONE:
        raise NotForAnother()
    found = case_queries.work_list(working, case_queries.Filters(number=number.strip())).cases if number.strip() else []
    if not found or found[0].id == party.case.id:
        raise NoSuchRequest()
    if not verdict(found[0], working, "handle", purpose=PURPOSE, staff_key=staff_key).allowed:
        raise NoSuchRequest()
    return found[0]


def give(
    party: CaseForParty,
    choice: Mapping[str, str],
    words: str,
    working: Working,
    *,
    revision: int,
    staff_key: bytes,
    to: Case | None = None,
) -> Disclosure:
    """Give the party access: copy, enclosures and letter become documents of the case, are registered, and are sent.

    Args:
        choice: for each part `GIVE` or the id of a ground.
        words: what the caseworker adds in the letter, if anything.
        to: the case of another party (`asked_by_another`), where they get it instead.

    Raises:
        NotJudged, UnknownGround, UnsafeText, UnacceptableFile, SomebodyWasFirst, NotYours, NotForAnother, NotForSender;
            then nothing is written.
    """
    judged, words = party.judged(choice), clean_text(words).strip()
    receiver = to.opened_applicant_name if to else ""
    copy = Enclosure(
        _file_name(party.language), documents.PDF, party.copy(judged, handler=working.name, receiver=receiver)
    )
    files = [copy, *party.enclosures(judged)]
    left_out = {part: chosen for part, chosen in judged.items() if chosen != GIVE}
    with transaction.atomic():
        locked = {each: cases.locked(each) for each in sorted({party.case.id, to.id if to else party.case.id})}
        case, receiving = locked[party.case.id], locked[to.id if to else party.case.id]
        for each in locked.values():
            require(each, working, "handle", purpose=PURPOSE, staff_key=staff_key)
        sender.require_party(receiving, may=sender.of(receiving).may_ask_for_access)
        if to and level_in(case) is not Level.NONE:  # since the page was opened, or while the copy was made
            raise NotForAnother()
        cases.change(case, revision=revision)
        actor = working.as_actor(case)
        kept = [_keep(receiving, each) for each in files]
        asked = None if to else case_queries.open_access_request(case.id)
        title = (_TITLE_OF if to else _TITLE)[receiving.language].format(number=case.number)
        message = _letter(receiving, title, letter_text(case, left_out, words, receiving.language), actor, asked)
        given = _record(case, message, left_out, kept, actor, to)
        cases.happened(receiving, "access-given", actor, at=message.sent_at, left_out=len(left_out))
        if to:
            cases.change(receiving, state=receiving.state)
            # Who else is a party is not told on the timeline: the log tells that access was given, by its own rules.
            cases.happened(case, "access-given-to-another", actor, visible=False, at=message.sent_at)
            _log_given(receiving, actor, "give-access", message, judged)
        _log_given(case, actor, "give-access-to-another" if to else "give-access", message, judged)
        outcome = AccessRequest.Outcome.IN_PART if left_out else AccessRequest.Outcome.GIVEN
        _answer(receiving, asked, message, title, outcome, kept)
    return given


def _log_given(case: Case, actor: Actor, action: str, message: Message, judged: Mapping[str, str]) -> None:
    cases.log(
        case,
        actor,
        action,
        purpose=PURPOSE,
        object_kind="message",
        object_id=message.id,
        field_kinds=[
            "submission",
            "documents",
            "messages",
            "notes",
            *([readings.RECORDS] if case_records.kinds_in(case.id) else []),
        ],
        personal=json.dumps(judged, sort_keys=True),
    )


def refuse(
    case_id: UUID, ground_id: str, words: str, working: Working, *, revision: int, staff_key: bytes
) -> AccessRequest:
    """Refuse what the party asked for, with the ground and how to complain; a complaint is sent on to who settles it.

    Raises:
        UnknownGround, TextMissing, UnsafeText, SomebodyWasFirst, NotYours; then nothing is written.
    """
    because, words = ground(ground_id), required(words)
    with transaction.atomic():
        case = cases.locked(case_id)
        require(case, working, "handle", purpose=PURPOSE, staff_key=staff_key)
        cases.change(case, revision=revision)
        asked = case_queries.open_access_request(case.id)
        if asked is None:
            raise SomebodyWasFirst()
        actor = working.as_actor(case)
        title = _TITLE[case.language]
        body = refusal_text(case, because, words, is_complaint=asked.complains_of is not None)
        message = _letter(case, title, body, actor, asked)
        cases.happened(case, "access-refused", actor, at=message.sent_at, ground=because.id)
        cases.log(
            case,
            actor,
            "refuse-access",
            purpose=PURPOSE,
            object_kind="message",
            object_id=message.id,
            personal=f"{because.id} {words}",
        )
        _answer(case, asked, message, title, AccessRequest.Outcome.REFUSED)
    return asked


def _answer(
    case: Case,
    asked: AccessRequest | None,
    message: Message,
    title: str,
    outcome: AccessRequest.Outcome,
    enclosed: Sequence[Document] = (),
) -> None:
    """The request is answered by the letter, which goes its way. Last in the transaction."""
    answered = []
    if asked:
        cases.answer_access(asked, outcome, answer_id=message.id, at=message.sent_at)
        answered = records.entries_with(post_queries.document_of(asked.message_id))
    plan_letter(case, title, source_id=message.id, document_id=message.document_id)
    send_letter(case, message, title, enclosed=enclosed, signs_off=answered)


def _keep(case: Case, file: Enclosure) -> Document:
    return documents.keep_file(
        area=case.area,
        case_id=case.id,
        key=case.key,
        origin=Origin.LETTER,
        name=file.name,
        media_type=file.media_type,
        content=file.content,
    )


def _letter(case: Case, title: str, body: str, actor: Actor, asked: AccessRequest | None) -> Message:
    return post.write_message(
        area=case.area,
        case_id=case.id,
        key=case.key,
        kind=Message.Kind.LETTER,
        direction=Message.Direction.OUT,
        title=title,
        body=body,
        at=dates.now(),
        document_id=uuid7(),
        staff_name=actor.name,
        answers=Message.objects.get(id=asked.message_id) if asked else None,
    )


def letter_text(case: Case, left_out: Mapping[str, str], words: str, language: str) -> str:
    """What the letter says: what is enclosed, on which grounds something is left out, and how to complain of it."""
    said = [_ENCLOSED[language].format(number=case.number)]
    if words:
        said.append(words)
    if left_out:
        grounds = [ground(each).said(language) for each in sorted(set(left_out.values()))]
        said += ["\n".join([_LEFT_OUT[language], *(f"– {each}" for each in grounds)]), COMPLAINT[language]]
    return "\n\n".join(said)


def refusal_text(case: Case, because: Ground, words: str, *, is_complaint: bool) -> str:
    """What the letter of a refusal says: on which ground, why, and how to complain; or that a complaint is sent on."""
    language = case.language
    first = (_KEPT if is_complaint else _REFUSED)[language].format(number=case.number, ground=because.said(language))
    return "\n\n".join([first, words, (SENT_ON if is_complaint else COMPLAINT)[language]])


def _record(
    case: Case,
    message: Message,
    left_out: Mapping[str, str],
    kept: Sequence[Document],
    actor: Actor,
    to: Case | None,
) -> Disclosure:
    assert actor.staff_id is not None
    disclosure_id = uuid7()
    return Disclosure.objects.create(
        id=disclosure_id,
        area=case.area,
        case=case,
        at=message.sent_at,
        staff_id=actor.staff_id,
        staff_name=actor.name,
        left_out=case.key.seal("cases.Disclosure.left_out", json.dumps(left_out, sort_keys=True), disclosure_id),
        message_id=message.id,
        document_ids=[str(each.id) for each in kept],
        to_case_id=to.id if to else None,
    )


def _file_name(language: str) -> str:
    return {"nb": "innsyn-i-saken.pdf", "nn": "innsyn-i-saka.pdf", "en": "access-to-the-case.pdf"}[language]


# Kept in the case and read by its party, so in the case's language.
_TITLE = {"nb": "Innsyn i saken din", "nn": "Innsyn i saka di", "en": "Access to your case"}
_TITLE_OF = {"nb": "Innsyn i sak {number}", "nn": "Innsyn i sak {number}", "en": "Access to case {number}"}
_ENCLOSED = {
    "nb": "Du får innsyn i sak {number}. Vedlagt er sakens opplysninger, satt opp på nytt for deg.",
    "nn": "Du får innsyn i sak {number}. Vedlagt er opplysningane i saka, sette opp på nytt for deg.",
    "en": "You are given access to case {number}. Enclosed is what the case holds, set out anew for you.",
}
_REFUSED = {
    "nb": "Du får ikke innsyn i sak {number}. Grunnlaget er: {ground}",
    "nn": "Du får ikkje innsyn i sak {number}. Grunnlaget er: {ground}",
    "en": "You are not given access to case {number}. The ground is: {ground}",
}
_KEPT = {
    "nb": "Vi har sett på klagen din over innsyn i sak {number}, og kommet til det samme. Grunnlaget er: {ground}",
    "nn": "Vi har sett på klaga di over innsyn i sak {number}, og kome til det same. Grunnlaget er: {ground}",
    "en": "We have looked at your complaint of access to case {number}, and come to the same. The ground is: {ground}",
}
_LEFT_OUT = {
    "nb": "Noe er utelatt, og det står på stedet hva slags lovgrunnlag vi har for det. Grunnlagene er:",
    "nn": "Noko er utelate, og det står på staden kva slags lovgrunnlag vi har for det. Grunnlaga er:",
    "en": "Something is left out, and it says in its place on what legal ground. The grounds are:",
}
