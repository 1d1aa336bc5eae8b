"""What another system tells the applicant about a case that came from it: the whole history, made anew from our rows.

Nothing is patched, so that what is told is never more than what stands here. A case whose revision is another than the one that
was told, or in which something was written since, is told again; whoever changes a case need not know that somebody follows it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from allmenning.basics import dates
from allmenning.commons.catalogue.content import ServicePackage
from allmenning.commons.catalogue.phases import settles
from allmenning.municipal.access.actor import SYSTEM
from allmenning.municipal.cases import actions as cases
from allmenning.municipal.cases import records
from allmenning.municipal.cases.models import Appeal, Case, Closure, Decision, Event, Record
from allmenning.municipal.documents.models import Document
from allmenning.municipal.post import actions as post
from allmenning.municipal.post.models import Message, Outbox, OutsideCase, OutsideFile
from allmenning.municipal.post.ports import HandedFile, Happening, Kept, OutsideStatus
from allmenning.tenancy import AREAS, current, use

from . import readings
from .jobs import wake
from .offered import Offered, of_case
from .outbox import handles
from .outside import outside
from .recording import form_of
from .rendering import content_of

NOT_OURS = ("hand-over", "forwarding")  # outcomes that give the case to others
MANY = 200  # cases in one look
SETTLING = timedelta(seconds=30)  # what was written a moment before it was told may have been committed after
LANGUAGE = "nb"  # of what is told: the format has no language


def note_changed(municipality: str) -> int:
    """Put in the outbox every case that has changed since it was told. Returns how many."""
    if outside().status is None:
        return 0
    return sum(_note_changed(municipality, area) for area in AREAS)


def _note_changed(municipality: str, area: str) -> int:
    with use(municipality, area):
        rows = OutsideCase.objects.values_list("case_id", "told_revision", "told_at")
        followed = {id: (revision, at) for id, revision, at in rows}
        revisions = Case.objects.filter(id__in=followed).exclude(wrapped_key=b"").values_list("id", "revision")
        written = records.last_written(followed)
        changed = [id for id, revision in revisions if _is_behind(*followed[id], revision, written.get(id))][:MANY]
        for row in OutsideCase.objects.filter(case_id__in=changed):
            post.put_back_in_outbox(area, row.case_id, "tell-outside", row.id)
        if changed:
            wake(area)
        return len(changed)


def _is_behind(told: int | None, told_at: datetime | None, revision: int, written: datetime | None) -> bool:
    return told != revision or told_at is None or (written is not None and written > told_at - SETTLING)


@handles("tell-outside")
def tell(row: Outbox) -> None:
    """Outbox: send the whole history of a case, with the letters that it names handed over before. Again is harmless."""
    status = outside().status
    followed = OutsideCase.objects.get(id=row.object_id)
    case = Case.objects.get(id=followed.case_id)
    if status is None or case.is_erased:
        return
    revision, at = case.revision, dates.now()  # what is written from here on is told the next time
    kept = _told_of(case, status)
    # Before anything is opened: that it was tried is known, also when it fails.
    kinds = ["status", *([readings.RECORDS] if kept else [])]
    cases.log(case, SYSTEM, "tell-outside", purpose="integration", object_kind="status", field_kinds=kinds)
    history = list(history_of(case, _HandedOver(status, case, followed.outside_id), kept))
    status.replace(current().municipality, followed.outside_id, history)
    OutsideCase.objects.filter(id=followed.id).update(told_revision=revision, told_at=at)


class _HandedOver:
    """The letters of a case at the other system, each handed over when it is first named."""

    def __init__(self, status: OutsideStatus, case: Case, outside_id: UUID) -> None:
        self._status, self._case, self._outside_id = status, case, outside_id
        self._known = dict(OutsideFile.objects.filter(case_id=case.id).values_list("document_id", "outside_id"))

    def id_of(self, message: Message | None) -> UUID | None:
        """A letter's id at the other system."""
        document = Document.objects.filter(id=message.document_id).first() if message and message.document_id else None
        if document is None:
            return None
        if document.id not in self._known:
            name = self._case.key.open_text("documents.Document.file_name", bytes(document.file_name), document.id)
            file = HandedFile(name, document.media_type, content_of(document, self._case))
            given = self._status.hand_over(current().municipality, self._outside_id, file)
            OutsideFile.objects.create(
                area=self._case.area, case_id=self._case.id, document_id=document.id, outside_id=given
            )
            self._known[document.id] = given
        return self._known[document.id]


def history_of(case: Case, files: _HandedOver, kept: Sequence[Record] = ()) -> Iterator[Happening]:
    """Everything in a case that the applicant may know, in order of time. `kept`: the records that are told, not opened yet."""
    done = [*_said(case, files), *_decided(case, files), *_kept(case, kept), *_ended(case)]
    found = [Happening("received", case.received_at), *_handling(case, done), *done]
    yield from sorted(found, key=lambda each: each.at)  # what is of one time stays in this order


def _handling(case: Case, done: Sequence[Happening]) -> Iterator[Happening]:
    """Since when somebody works with it: the first time that something was done, and after each appeal."""
    assigned = Event.objects.filter(case=case, kind="assigned").values_list("at", flat=True)
    ours = [each.at for each in done if each.kind in ("asked", "preliminary-reply", "decision")]
    first = min((*assigned, *ours), default=None)
    if first is not None:
        yield Happening("handling", first, str(case.id), case.title)
    package = of_case(case.service, case.version).package
    for appeal in Appeal.objects.filter(case=case).select_related("decision"):
        yield Happening("handling", appeal.received_at, _subject(case, appeal.decision, package), case.title)


def _said(case: Case, files: _HandedOver) -> Iterator[Happening]:
    for message in Message.objects.filter(case_id=case.id).order_by("sent_at", "id"):
        if message.kind == Message.Kind.QUESTION:
            yield Happening(
                "asked", message.sent_at, str(message.id), file=files.id_of(message), due=message.answer_due
            )
        elif message.kind == Message.Kind.ANSWER:
            yield Happening("answered", message.sent_at)
        elif message.kind == Message.Kind.PRELIMINARY_REPLY:
            yield Happening("preliminary-reply", message.sent_at, file=files.id_of(message))


def _decided(case: Case, files: _HandedOver) -> Iterator[Happening]:
    """Each decision. One that does not answer what was applied for, such as help that could not wait, is a matter of its own."""
    package = of_case(case.service, case.version).package
    for issued_at, decision in _issued(case, package):
        letter = Message.objects.filter(id=decision.message_id).first() if decision.message_id else None
        subject = _subject(case, decision, package)
        yield Happening("decision", issued_at, subject, case.title, decision.outcome, files.id_of(letter))


def _told_of(case: Case, status: OutsideStatus) -> list[Record]:
    """Every version of what the applicant sees of the kinds that are told there, first to last."""
    kinds = {
        each.id for each in of_case(case.service, case.version).package.records if status.tells(each.id, each.shows)
    }
    return [row for row in records.visible_versions(case.id) if row.kind in kinds] if kinds else []


def _kept(case: Case, rows: Sequence[Record]) -> Iterator[Happening]:
    """What follows from a decision, once there is one: as it stood in the letter, and each version after that.

    It belongs to the first decision after it was first written, whose letter shows it, or else to the last before: new versions
    of it change neither that nor its reference.
    """
    offered = of_case(case.service, case.version)
    decided = _issued(case, offered.package)
    versions = defaultdict[UUID, list[Record]](list)
    for row in rows:
        versions[row.series].append(row)
    for each in versions.values() if decided else ():
        issued_at, decision = next((one for one in decided if one[0] >= each[0].at), decided[-1])
        in_letter = sum(row.at <= issued_at for row in each)
        for row in each[max(in_letter - 1, 0) :]:
            at = max(row.at, issued_at)
            yield Happening("kept", at, _subject(case, decision, offered.package), kept=_opened(case, offered, row))


def _opened(case: Case, offered: Offered, row: Record) -> Kept:
    opened = records.open_record(row, case.key)
    form = form_of(offered.package.id, offered.package.version, row.kind)
    shown = [line for section in form.summary(opened.answers, LANGUAGE) for line in section.rows if line.answered]
    return Kept(
        kind=row.kind,
        shows=row.shows,
        reference=str(row.series),
        status=row.status,
        answers=opened.answers,
        words={line.pointer.removeprefix("/"): line.text for line in shown},
        applicant=case.opened_applicant_name,
        starts=row.starts,
        ends=row.ends,
        due_on=row.due_on,
    )


def _issued(case: Case, package: ServicePackage) -> list[tuple[datetime, Decision]]:
    """Decisions of ours that the applicant has, in order of time."""
    found = Decision.objects.filter(case=case, status=Decision.Status.ISSUED).order_by("issued_at")
    ours = [each for each in found if package.outcome(each.outcome).kind not in NOT_OURS]
    return [(each.issued_at, each) for each in ours if each.issued_at is not None]


def _subject(case: Case, decision: Decision, package: ServicePackage) -> str:
    """What a decision is about, by the same name each time it is told: the case, or the decision itself."""
    return str(case.id if settles(package, decision.outcome) else decision.id)


def _ended(case: Case) -> Iterator[Happening]:
    """How it ended, each time: decided, or not handled here since it was withdrawn or sent on to others."""
    package = of_case(case.service, case.version).package
    handed_over = {
        each.issued_at
        for each in Decision.objects.filter(case=case, status=Decision.Status.ISSUED)
        if package.outcome(each.outcome).kind in NOT_OURS
    }
    answered = [at for at, each in _issued(case, package) if settles(package, each.outcome)]
    yield from (Happening("done", at) for at in answered)
    for closure in Closure.objects.filter(case=case):
        if any(at <= closure.at for at in answered) and closure.reason in ("decided", "concluded"):
            continue
        is_ours = closure.reason == "decided" and closure.at not in handed_over
        yield Happening("done" if is_ours else "not-handled", closure.at)
