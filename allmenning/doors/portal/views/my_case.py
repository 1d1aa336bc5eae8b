"""One case: what has happened and what comes, what I sent, letters, who has looked; and what I can do about it.

The same pages for one who is logged in (`portal:my-case`) and for one who holds a receipt code (`portal:code-case`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from allmenning.basics import dates
from allmenning.basics.errors import AllmenningError
from allmenning.commons.identity import sessions
from allmenning.journeys import asking_for_access, dialogue, my_page, recorded, registering, sender
from allmenning.journeys.sender import NotForSender
from allmenning.municipal.access.models import LET_SEE
from allmenning.municipal.cases.errors import CaseIsClosed, CaseNotFound, NothingToAnswer, NothingToAppeal
from allmenning.municipal.documents.errors import UnacceptableFile
from allmenning.tenancy import use
from allmenning.vault import FilesUnavailable
from allmenning.web.access import anyone, checks_its_own_text, resident_only
from allmenning.web.filling import as_download
from allmenning.web.forms import render_summary
from allmenning.web.limits import limited
from allmenning.web.previews import as_preview, known_size
from allmenning.web.said import said

from .. import telling, telling_log
from ..showing import language, show

OPENED = "opened_by_code"  # in the sealed session: case's id -> (municipality, receipt code)
OPENED_KEPT = 4
LONGEST_TEXT = 20_000
LOOKED_SHOWN = 5


@dataclass(frozen=True)
class Seat:
    """From where a case is seen: logged in, or by a receipt code. `url` leads to the case's other pages from there."""

    municipality: str
    case_id: UUID
    resident: sessions.Resident | None

    def url(self, page: str = "", *args: Any) -> str:
        prefix = "portal:my-case" if self.resident else "portal:code-case"
        return reverse(f"{prefix}-{page}" if page else prefix, args=[self.municipality, self.case_id, *args])


View = Callable[..., HttpResponse]


def logged_in(view: View) -> Callable[..., HttpResponseBase]:
    """The view of a resident who is logged in. Somebody else's case is not found: the database shows no such row."""

    @resident_only
    @checks_its_own_text
    @wraps(view)
    def wrapped(request: HttpRequest, municipality: str, case_id: UUID, **kwargs: Any) -> HttpResponse:
        resident = request.resident  # type: ignore[attr-defined]
        return _served(view, request, Seat(municipality, case_id, resident), **kwargs)

    return wrapped


def by_code(view: View) -> Callable[..., HttpResponseBase]:
    """The view of one who has opened the case by its receipt code."""

    @anyone
    @checks_its_own_text
    @wraps(view)
    def wrapped(request: HttpRequest, municipality: str, case_id: UUID, **kwargs: Any) -> HttpResponse:
        held = request.session.get(OPENED, {}).get(str(case_id))
        if held is None or held[0] != municipality:
            return redirect("portal:receipt-code")
        keys = (registering.code_key(municipality, held[1]),)
        with use(municipality, "resident", keys=keys):
            return _served(view, request, Seat(municipality, case_id, None), **kwargs)

    return wrapped


def keep_opened(request: HttpRequest, municipality: str, case_id: UUID, code: str) -> None:
    """Let this browser see a case by its receipt code, until it is closed. The code stays in the sealed session."""
    held = dict(list(request.session.get(OPENED, {}).items())[1 - OPENED_KEPT :])
    request.session[OPENED] = {**held, str(case_id): [municipality, code]}


def _served(view: View, request: HttpRequest, seat: Seat, **kwargs: Any) -> HttpResponse:
    try:
        return view(request, seat, **kwargs)
    except CaseNotFound:
        return show(request, "portal/case_not_found.html", {"municipality": seat.municipality}, status=404)


@require_safe
def case(request: HttpRequest, seat: Seat) -> HttpResponse:
    """The case's page."""
    view = my_page.open_mine(seat.case_id)
    package = view.offered.package
    state, kind = telling.state_of(view.shown.state, view.shown.outcome, package, waits=view.question is not None)
    if view.question and view.question.read_at is None:
        my_page.read_letter(seat.case_id, view.question.id)  # its text stands on this page
        view = my_page.open_mine(seat.case_id)
    seen = _looked(view, kinds=("staff", "client"))
    context = {
        **common(seat, view),
        "state": state,
        "kind": kind,
        "unit": view.unit,
        "timeline": telling.timeline(view, seat.municipality, seat.url("answer")),
        "question": view.question,
        "letters": [each for each in reversed(view.messages) if each.direction == "out"],
        "written": [each for each in view.messages if each.direction == "in"],
        "documents": [each for each in view.documents if each.origin != "letter"],
        "appeal": telling.appeal_notice(view),
        "no_appeal": telling.why_no_appeal(view),
        "sender": sender.of(view.case),
        "may_send_more": dialogue.may_send_more(view.case),
        "access": asking_for_access.standing(seat.case_id),
        "shelves": view.shelves,
        "recorded": recorded,
        "consents": view.consents,
        "consent_in_words": telling.consent_in_words,
        "consent_url": lambda consent_id: seat.url("consent", consent_id),
        "looked": seen[:LOOKED_SHOWN],
    }
    return show(request, "portal/case.html", context)


def _looked(view: my_page.MyCaseView, kinds: tuple[str, ...] = ()) -> list[telling_log.Occasion]:
    entries = [each for each in view.looked if not kinds or each.actor_kind in kinds or each.purpose == LET_SEE]
    return telling_log.occasions(entries, view.by_names, my_page.reader_now())


def common(seat: Seat, view: my_page.MyCaseView) -> dict[str, Any]:
    return {
        "municipality": seat.municipality,
        "seat": seat,
        "case": view.case,
        "is_open": view.shown.is_open,
        "package": view.offered.package,
        "title": telling.titled(view.offered.package, view.case.opened_subject),
    }


@require_safe
def sent(request: HttpRequest, seat: Seat) -> HttpResponse:
    """What I sent, as the form that it answered showed it."""
    view = my_page.open_mine(seat.case_id)
    files = {str(each.id): _Named(each.file_name, each.size or 0) for each in view.documents}
    sections = view.offered.form.summary(view.content.data, language(), files, not_asked=view.content.not_asked)
    context = {
        **common(seat, view),
        "summary": render_summary(sections, language()),
        "pdf": next((each for each in view.documents if each.origin == "submission"), None),
        "files": [each for each in view.documents if each.origin == "uploaded"],
    }
    return show(request, "portal/sent.html", context)


@dataclass(frozen=True)
class _Named:
    """A file as a form's summary names it."""

    name: str
    size: int


@require_safe
def letter(request: HttpRequest, seat: Seat, message_id: UUID) -> HttpResponse:
    """One letter or question. Opening it is noted, for the sender to see."""
    view = my_page.open_mine(seat.case_id)
    found = my_page.read_letter(seat.case_id, message_id)
    if found.direction != "out":
        raise CaseNotFound()
    waits = view.question is not None and view.question.id == found.id
    return show(request, "portal/letter.html", {**common(seat, view), "letter": found, "waits": waits})


@require_safe
def document(request: HttpRequest, seat: Seat, document_id: UUID) -> HttpResponse:
    """A document to keep: always a download, never shown inside a page."""
    found, content = my_page.download(seat.case_id, document_id)
    return as_download(content, found.file_name, found.media_type)


@require_safe
def preview(request: HttpRequest, seat: Seat, document_id: UUID) -> HttpResponse:
    """An image of the case as large as the window, and the way to the file as it came."""
    found, opened = my_page.look_at(seat.case_id, document_id)
    context = {"municipality": seat.municipality, "seat": seat, "case": found, "document": opened}
    return show(request, "portal/preview.html", context)


@limited("preview")
@require_safe
def picture(request: HttpRequest, seat: Seat, document_id: UUID, size: str) -> HttpResponse:
    """The image itself, drawn anew."""
    drawn_in = known_size(size)
    return as_preview(lambda: my_page.picture(seat.case_id, document_id, drawn_in))


@require_safe
def who_looked(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Everyone who has had to do with the case: when, which role and unit, for what purpose."""
    if seat.resident is None:
        raise Http404("only for one who is logged in")
    view = my_page.open_mine(seat.case_id)
    return show(request, "portal/looked.html", {**common(seat, view), "looked": _looked(view)})


@dataclass(frozen=True)
class Writing:
    """A page where the resident writes: what it is called, and what becomes of it."""

    template: str
    send: Callable[[UUID, str, list[dialogue.Upload]], object]
    done: Callable[[], str]
    fits: Callable[[my_page.MyCaseView], bool]
    refusal: type[AllmenningError]


def _writes(writing: Writing) -> View:
    @limited("submission")
    @limited("upload")
    @require_http_methods(["GET", "HEAD", "POST"])
    def view(request: HttpRequest, seat: Seat) -> HttpResponse:
        text, field, error = request.POST.get("text", ""), "text", ""
        if request.method == "POST":
            field, error = _sent_or_why_not(request, seat, writing, text)
            if not error:
                messages.success(request, writing.done())
                return redirect(seat.url())
        opened = my_page.open_mine(seat.case_id)
        if not error and not writing.fits(opened):
            messages.warning(request, said(writing.refusal()))
            return redirect(seat.url())
        context = {
            **common(seat, opened),
            "question": opened.question,
            "appeal": telling.appeal_notice(opened),
            "text": text,
            "error": error,
            "wrong_field": field,
            "had_files": bool(request.FILES),
        }
        return show(request, writing.template, context, status=422 if error else 200)

    return view


def _sent_or_why_not(request: HttpRequest, seat: Seat, writing: Writing, text: str) -> tuple[str, str]:
    """Send it. Returns the field that something is wrong with, and what; ("", "") when it is sent."""
    if len(text) > LONGEST_TEXT:
        return "text", _too_long(text)
    uploads = [
        dialogue.Upload(each.name or "", each.content_type or "", each.read())
        for each in request.FILES.getlist("files")
    ]
    try:
        writing.send(seat.case_id, text, uploads)
    except CaseNotFound:
        raise
    except (UnacceptableFile, FilesUnavailable) as error:
        return "files", said(error)
    except AllmenningError as error:
        return "text", said(error)
    return "", ""


answer = _writes(
    Writing(
        "portal/answer.html",
        dialogue.answer,
        lambda: _("Your answer is sent. We go on with the case."),
        lambda view: view.question is not None,
        NothingToAnswer,
    )
)
send_more = _writes(
    Writing(
        "portal/send_more.html",
        dialogue.send_more,
        lambda: _("It is sent, and is with your case."),
        lambda view: dialogue.may_send_more(view.case),
        CaseIsClosed,
    )
)
withdraw = _writes(
    Writing(
        "portal/withdraw.html",
        lambda case_id, text, _uploads: dialogue.withdraw(case_id, text),
        lambda: _("You have withdrawn it. The case is closed."),
        lambda view: view.case.is_open and sender.of(view.case).may_withdraw,
        CaseIsClosed,
    )
)
appeal = _writes(
    Writing(
        "portal/appeal.html",
        dialogue.appeal,
        lambda: _("Your appeal is received. The case is open again."),
        lambda view: telling.appeal_notice(view) is not None,
        NothingToAppeal,
    )
)


@limited("submission")
@require_http_methods(["GET", "HEAD", "POST"])
def access(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Ask for access to the case, see how it stands, and complain of what was kept back."""
    text, error = request.POST.get("text", ""), ""
    if request.method == "POST":
        error = _asked_or_why_not(seat.case_id, text, is_complaint="complain" in request.POST)
        if not error:
            messages.success(request, _("It is received. The answer comes as a letter here."))
            return redirect(seat.url("access"))
    view, held = my_page.open_mine(seat.case_id), asking_for_access.standing(seat.case_id)
    if not error and not sender.of(view.case).may_ask_for_access:
        messages.warning(request, said(NotForSender()))
        return redirect(seat.url())
    context = {
        **common(seat, view),
        "access": held,
        "outcomes": telling.ACCESS_OUTCOMES,
        "promised": asking_for_access.answer_due(dates.today()),
        "is_late": bool(held.complain_until and dates.today() > held.complain_until),
        "text": text if error else "",
        "error": error,
    }
    return show(request, "portal/access.html", context, status=422 if error else 200)


def _asked_or_why_not(case_id: UUID, text: str, *, is_complaint: bool) -> str:
    if len(text) > LONGEST_TEXT:
        return _too_long(text)
    try:
        (asking_for_access.complain if is_complaint else asking_for_access.ask)(case_id, text)
    except CaseNotFound:
        raise
    except AllmenningError as error:
        return said(error)
    return ""


def _too_long(text: str) -> str:
    return _("The text is too long: %(count)s characters of at most %(limit)s.") % {
        "count": len(text),
        "limit": LONGEST_TEXT,
    }


def _asks_for_a_person(view: my_page.MyCaseView) -> bool:
    notice = telling.appeal_notice(view)
    return notice is not None and notice.automatic


ask_for_a_person = _writes(
    Writing(
        "portal/ask_for_a_person.html",
        lambda case_id, text, _uploads: dialogue.ask_for_a_person(case_id, text),
        lambda: _("A person now looks at the case again."),
        _asks_for_a_person,
        NothingToAppeal,
    )
)
