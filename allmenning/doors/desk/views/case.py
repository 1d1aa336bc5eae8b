"""One case: everything about it on one page, and what is done with it before it is decided."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from allmenning.basics import dates
from allmenning.basics.errors import AllmenningError
from allmenning.basics.identifiers import InvalidIdentifier
from allmenning.journeys import casework, confirming, deciding, due_records, recorded, recording, safe_contact
from allmenning.journeys import letter_language as choosing
from allmenning.journeys.deadlines import PRELIMINARY_REPLY
from allmenning.journeys.errors import NameMissing
from allmenning.journeys.previews import SMALL
from allmenning.municipal.access.errors import NotYours, OverlappingDates
from allmenning.municipal.cases.errors import (
    CaseNotFound,
    ConsentKindMissing,
    DayUnreadable,
    DueInThePast,
    GivenInTheFuture,
    GiverMissing,
    HappenedInTheFuture,
    HeardByMissing,
    LastDayWrong,
    LetMissing,
    NoteKindMissing,
    RoleMissing,
    SomebodyWasFirst,
    WhomMissing,
)
from allmenning.municipal.cases.models import DeadlineReason, Participant
from allmenning.municipal.documents.queries import OpenedDocument
from allmenning.web.access import checks_its_own_text, local_path
from allmenning.web.filling import as_download, language
from allmenning.web.forms import render_summary
from allmenning.web.said import said

from .. import happenings, journal, standing, words
from . import phases
from .common import AtWork, Problems, at_work, revision_of, show
from .purposes import purpose_and_case, purpose_of

_RECEIVED = ("uploaded", "scanned")
_PARTICIPANT = ("role", "name", "number", "is_party", "authority", "from_day", "until_day")
_DEADLINE = ("extension", "because", "missed", "concluded")
_CONSENT = ("consent_by", "consent_to", "consent_day", "consent_until", "consent_how", "consent_document", "heard_by")
_TYPED = (*journal.FIELDS, *_PARTICIPANT, *_DEADLINE, *_CONSENT, "question", "due", "reply", "expected")
ANSWER_WEEKS = 2  # proposed, and changed as one likes


@at_work
@require_GET
def case(request: HttpRequest, at: AtWork, case_id: UUID) -> HttpResponse:
    return case_page(request, at, case_id)


def case_page(
    request: HttpRequest,
    at: AtWork,
    case_id: UUID,
    typed: dict[str, str] | None = None,
    errors: Mapping[str, str | AllmenningError] | None = None,
    status: int = 200,
    correcting: UUID | None = None,
) -> HttpResponse:
    """The page, logged as read before it is made; with what was typed and could not be taken, if there is any.

    correcting: the note that was being corrected when it was not taken.
    """
    purpose, found = purpose_and_case(request, at, case_id)
    if purpose is None:
        return redirect("desk:purpose", case_id=case_id)
    view = casework.open_case(case_id, at.working, purpose, staff_key=at.key, found=found)
    context = {
        "at": at,
        "view": view,
        "reasons_missed": DeadlineReason.Because.values,
        "case": view.case,
        "purpose": purpose,
        "subject": words.titles_of(view.case, hide=view.is_hidden)[1],
        "typed": {**dict.fromkeys(_TYPED, ""), **_proposed(), **(typed or {})},
        "errors": Problems(phases.problems_said(errors or {}, view.offered.package)),
        **_content(view),
        **_around(view),
        **journal.shown(view, request.GET.get("notes", ""), str(correcting or request.GET.get("correct", ""))),
        "as_typed": journal.as_typed,
    }
    return show(request, "desk/case.html", context, status=status)


def _proposed() -> dict[str, str]:
    day = dates.add_weeks(dates.today(), ANSWER_WEEKS).isoformat()
    return {"due": day, "expected": day, "happened": journal.field_of(dates.now())}


def _content(view: casework.CaseView) -> dict[str, Any]:
    """What was sent, in the language it was sent in, with what registers said beside it."""
    case_language = view.submission.language
    form, data = view.offered.form, view.content.data
    facts = confirming.facts(view.case, view.checks, view.content, view.offered, language())
    files = {str(d.id): _named(d) for d in view.documents}
    differences = form.differences(data, view.content.registered, case_language)
    is_part = view.case.is_own_case
    sections = form.summary(data, case_language, files, not_asked=view.content.not_asked, is_part=is_part)
    if is_part:  # it holds their line alone: nobody left the rest unanswered
        sections = phases.answered(sections)
    return {
        "summary": render_summary(sections, case_language, level=3, differences=differences),
        "facts": facts,
        "differing": [fact for fact in facts if fact.agrees is False],
        "attachments": [_file(view.case.id, d) for d in view.documents if d.origin in _RECEIVED],
        "letters": [_file(view.case.id, d) for d in view.documents if d.origin not in _RECEIVED],
    }


def _file(case_id: UUID, document: OpenedDocument) -> dict[str, Any]:
    here = [case_id, document.id]
    return {
        "id": document.id,
        "name": document.file_name if document.origin in _RECEIVED else document.title,
        "href": reverse("desk:document", args=here),
        "picture": reverse("desk:picture", args=[*here, SMALL]) if document.is_image else None,
        "look": reverse("desk:preview", args=here),
        "size": document.size,
        "at": document.created_at,
        "kind": _("Scanned") if document.origin == "scanned" else None,
    }


def _named(document: OpenedDocument) -> dict[str, Any]:
    return {"name": document.file_name, "size": document.size}


def _around(view: casework.CaseView) -> dict[str, Any]:
    draft = next((d for d in reversed(view.decisions) if d.status != "issued"), None)
    issued = [d for d in view.decisions if d.status == "issued"]
    package = view.offered.package
    return {
        "stand": standing.stand_of(view),
        "steps": package.all_steps,
        "phase_lines": phases.lines(view),
        "own_cases": phases.own_cases(view),
        "draft": draft,
        "issued": issued,
        "deadlines": view.deadlines,
        "due_for": due_records.in_case(view),
        "people": [each for each in view.participants if not each.row.is_over_on(dates.today())],
        "people_before": [each for each in view.participants if each.row.is_over_on(dates.today())],
        "people_names": {each.row.id: each.name for each in view.participants},
        "roles": {each.id: each.title[language()] for each in package.parties},
        "authorities": Participant.Authority.values,
        **_consents(view),
        "contact": safe_contact.standing(view.case, view.offered, view.content, view.timeline),
        "met_titles": {each.id: each.title[language()] for each in package.outcomes}
        | {step: each.title[language()] for step, each in package.all_steps.items()}
        | {each.id: each.title[language()] for each in package.phases}
        | {f"record:{each.id}": each.title[language()] for each in package.records},
        "shelves": (shelves := recording.on_case(view)),
        "kept_in_all": sum(len(shelf.going_on) for shelf in shelves),
        "recorded": recorded,
        "outcomes": {o.id: o.title for o in view.offered.package.outcomes},
        "events": [happenings.as_shown(event, package, view.sender) for event in reversed(view.timeline)],
        "for_a_person": happenings.why_for_a_person(view.timeline, view.offered.package),
        "journal": happenings.journal(view.journal, view.case),
        "looked": view.looked,
        "colleagues": view.colleagues,
        "units": view.other_units,
        "may_reply": any(t.step == PRELIMINARY_REPLY and not t.done_at for t in view.tasks),
        "open_question": next((m for m in reversed(view.messages) if m.kind == "question" and not m.is_answered), None),
        "needs_second": bool(draft and deciding.needs_second_person(view.offered, draft.outcome, view.delegations)),
    }


def _consents(view: casework.CaseView) -> dict[str, Any]:
    from .consents import shown  # which answers with this page

    return shown(view)


def act_on(
    request: HttpRequest,
    at: AtWork,
    case_id: UUID,
    act: Callable[[], Any],
    field: str,
    done: str,
    anchor: str = "",
    correcting: UUID | None = None,
) -> HttpResponse:
    """Do something with a case. What is refused is said at its place, and what was typed stays."""
    back = local_path(request.POST.get("next"), reverse("desk:case", args=[case_id]) + anchor)
    try:
        act()
    except (CaseNotFound, NotYours):
        raise
    except AllmenningError as error:
        if "next" in request.POST:  # from the list: it is said there, and the case stays closed
            messages.warning(request, said(error))
            return redirect(back)
        typed = {name: str(request.POST[name]) for name in _TYPED if name in request.POST}
        status = 409 if isinstance(error, SomebodyWasFirst) else 422
        return case_page(request, at, case_id, typed, {_place_of(error, field): said(error)}, status, correcting)
    messages.success(request, done)
    return redirect(back)


# Where on the page it is said what is wrong, when that is another field than the one that was written in.
_PLACES: dict[type[AllmenningError], str] = {
    NoteKindMissing: "kind",
    HappenedInTheFuture: "happened",
    WhomMissing: "whom",
    RoleMissing: "role",
    ConsentKindMissing: "scope",
    GiverMissing: "consent_by",
    LetMissing: "consent_to",
    GivenInTheFuture: "consent_day",
    HeardByMissing: "heard_by",
    NameMissing: "name",
    InvalidIdentifier: "number",
    DayUnreadable: "from_day",
    LastDayWrong: "consent_until",
    OverlappingDates: "until_day",
}


def _place_of(error: AllmenningError, field: str) -> str:
    if isinstance(error, DueInThePast):
        return "expected" if field == "reply" else "due"
    return _PLACES.get(type(error), field)


@at_work
@require_POST
def assign(request: HttpRequest, at: AtWork, case_id: UUID) -> HttpResponse:
    """Take a case, give it to a colleague, put it back in the queue, or hand it over to another unit."""
    to, unit = id_of(request.POST.get("to")), id_of(request.POST.get("unit"))
    done = _("You have the case now.") if to == at.staff.staff_id else _("The case is handed on.")

    def act() -> None:
        casework.assign(case_id, at.working, to=to, unit_id=unit, revision=revision_of(request), staff_key=at.key)

    if unit and unit not in at.working.units:
        return _handed_over(request, at, case_id, act)
    return act_on(request, at, case_id, act, "assign", done)


def _handed_over(request: HttpRequest, at: AtWork, case_id: UUID, act: Callable[[], None]) -> HttpResponse:
    """Handed over to a unit that one is not in: the case can't be opened after it, so one goes back to the list."""
    try:
        act()
    except (CaseNotFound, NotYours):
        raise
    except AllmenningError as error:
        return case_page(request, at, case_id, None, {"assign": said(error)}, 409)
    messages.success(request, _("The case is handed over to the other unit."))
    return redirect("desk:front")


@at_work
@require_POST
def letter_language(request: HttpRequest, at: AtWork, case_id: UUID) -> HttpResponse:
    """Choose the language that the case's letters are written in."""
    chosen = request.POST.get("language", "")[:2]

    def act() -> None:
        choosing.choose(case_id, chosen, at.working, revision=revision_of(request), staff_key=at.key)

    return act_on(
        request, at, case_id, act, "letter_language", _("Letters are written in that language now."), "#parties"
    )


@at_work
@require_POST
def finish(request: HttpRequest, at: AtWork, case_id: UUID) -> HttpResponse:
    """Tick a step of the routine off."""
    step = request.POST.get("step", "")[:60]
    act = lambda: casework.finish_task(case_id, step, at.working, staff_key=at.key)  # noqa: E731
    return act_on(request, at, case_id, act, "tasks", _("The step is done."), "#tasks")


@checks_its_own_text
@at_work
@require_POST
def ask(request: HttpRequest, at: AtWork, case_id: UUID) -> HttpResponse:
    """Ask the resident for more, with a day to answer by."""

    def act() -> None:
        text, due = request.POST.get("question", ""), _day(request.POST.get("due", ""))
        casework.ask(case_id, text, due, at.working, revision=revision_of(request), staff_key=at.key)

    return act_on(request, at, case_id, act, "question", _("The question is sent."), "#messages")


@checks_its_own_text
@at_work
@require_POST
def reply(request: HttpRequest, at: AtWork, case_id: UUID) -> HttpResponse:
    """A preliminary reply: why it takes time, and when the answer may come (forvaltningsloven § 11 a)."""

    def act() -> None:
        text, expected = request.POST.get("reply", ""), _day(request.POST.get("expected", ""))
        casework.reply_for_now(case_id, text, expected, at.working, revision=revision_of(request), staff_key=at.key)

    return act_on(request, at, case_id, act, "reply", _("The preliminary reply is sent."), "#messages")


@at_work
@require_GET
def document(request: HttpRequest, at: AtWork, case_id: UUID, document_id: UUID) -> HttpResponse:
    """A file of the case, as a download: never shown inside a page."""
    purpose = purpose_of(request, at, case_id)
    if purpose is None:
        return redirect("desk:purpose", case_id=case_id)
    opened, content = casework.download(case_id, document_id, at.working, purpose, staff_key=at.key)
    return as_download(content, opened.file_name, opened.media_type)


def _day(text: str) -> date:
    day = dates.day_in(text)
    if day is None:
        raise DueInThePast()
    return day


def id_of(text: str | None) -> UUID | None:
    """An id as it stood in a form or an address; None for what is none."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
