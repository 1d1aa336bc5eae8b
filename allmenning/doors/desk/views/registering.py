"""Registering what came by telephone, at the counter, by e-mail or on paper: the resident's own form, filled in by staff."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from allmenning.basics.errors import AllmenningError
from allmenning.basics.identifiers import InvalidIdentifier
from allmenning.journeys import applying, on_behalf, registering
from allmenning.journeys.errors import NameMissing
from allmenning.municipal.access.errors import NotYours
from allmenning.municipal.forms.errors import DraftGone, NotComplete
from allmenning.municipal.forms.models import SCAN
from allmenning.municipal.people.ports import (
    OrganisationNotFound,
    PersonNotFound,
    RegisterRefused,
    RegisterUnavailable,
)
from allmenning.rules.forms import FieldError, Page
from allmenning.web import filling as form_pages
from allmenning.web.access import checks_its_own_text
from allmenning.web.filling import language
from allmenning.web.limits import limited
from allmenning.web.previews import as_preview
from allmenning.web.said import said

from .common import AtWork, Problems, at_work, show, with_drafts

KINDS = ("person", "organisation", "receipt")
LANGUAGES = ("nb", "nn", "en")
_CODES = "desk_codes"  # draft's id -> the receipt code of one without a number, until it is shown
_CODES_KEPT = 4


@checks_its_own_text
@at_work
@with_drafts
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest, at: AtWork) -> HttpResponse:
    """Which service, how it came, and from whom: the register says the name before anything is begun."""
    typed = _typed(request)
    if request.method == "GET":
        return _ask(request, at, typed)
    problems = _wrong(typed, at)
    if problems:
        return _ask(request, at, typed, problems, status=422)
    try:
        applicant = _applicant(at, typed)
    except (RegisterUnavailable, RegisterRefused):
        why = _("The register does not answer. Write the name as the applicant gives it.")
        return _ask(request, at, {**typed, "by_name": "yes"}, {"name": why}, status=503)
    except (InvalidIdentifier, PersonNotFound, OrganisationNotFound) as error:
        return _ask(request, at, typed, {"number": said(error)}, status=422)
    except NotYours as error:
        return _ask(request, at, typed, {"number": _refused(error)}, status=422)
    except AllmenningError as error:
        return _ask(request, at, typed, {"name": said(error)}, status=422)
    if typed["confirmed"] != _mark(applicant):
        return _ask(request, at, typed, found=applicant)
    return _begin(request, at, typed, applicant)


def _refused(error: NotYours) -> str:
    return {
        "own-case": _("This is your own number. Apply in the portal, as any resident."),
        "role-may-not": _("Your role does not register cases."),
    }.get(
        str(error.params.get("reason")),
        _("You are disqualified (forvaltningsloven § 6): it is somebody near to you. Ask a colleague to register it."),
    )


def _typed(request: HttpRequest) -> dict[str, str]:
    names = ("service", "channel", "kind", "number", "name", "language", "by_name", "confirmed")
    typed = {name: request.POST.get(name, "")[:200] for name in names}
    return {**typed, "kind": typed["kind"] or "person", "language": typed["language"] or language()}


def _wrong(typed: dict[str, str], at: AtWork) -> dict[str, str]:
    problems = {}
    if typed["service"] not in {each.package.id for each in on_behalf.services_here(at.working.area)}:
        problems["service"] = _("Choose a service.")
    if typed["channel"] not in on_behalf.CHANNELS:
        problems["channel"] = _("Choose how it came.")
    if typed["kind"] not in KINDS or typed["language"] not in LANGUAGES:
        problems["kind"] = _("Choose one of these.")
    return problems


def _applicant(at: AtWork, typed: dict[str, str]) -> registering.Applicant:
    kind, number = typed["kind"], typed["number"]
    if kind == "receipt" or typed["by_name"]:
        return on_behalf.by_name(at.working, kind, number, typed["name"], staff_key=at.key)
    found = on_behalf.look_up(at.working, kind, number, staff_key=at.key)
    if not found.name:
        raise NameMissing()
    return found


def _mark(applicant: registering.Applicant) -> str:
    """What the page holds of the one who was found: another number or name is looked up anew."""
    return f"{applicant.kind} {applicant.number} {applicant.name}"


def _ask(
    request: HttpRequest,
    at: AtWork,
    typed: dict[str, str],
    problems: dict[str, str] | None = None,
    found: registering.Applicant | None = None,
    status: int = 200,
) -> HttpResponse:
    services = [(each.package.id, each.package.title[language()]) for each in on_behalf.services_here(at.working.area)]
    context = {
        "at": at,
        "typed": typed,
        "errors": Problems(problems or {}),
        "found": found,
        "mark": _mark(found) if found else "",
        "services": sorted(services, key=lambda each: each[1]),
        "channels": on_behalf.CHANNELS,
        "begun": on_behalf.begun(),
    }
    return show(request, "desk/register.html", context, status=status)


def _begin(request: HttpRequest, at: AtWork, typed: dict[str, str], applicant: registering.Applicant) -> HttpResponse:
    try:
        draft = on_behalf.begin(
            applicant,
            typed["service"],
            typed["language"],
            typed["channel"],
            at.working,
            owner_key=at.staff.keys()[0],
        )
    except AllmenningError as error:
        return _ask(request, at, typed, {"kind": said(error)}, status=422)
    return redirect("desk:draft", draft_id=draft.id)


def of_a_draft(view: Callable[..., HttpResponse]) -> Callable[..., Any]:
    """The view works on a draft that this person began. One that was sent leads to its receipt."""

    @wraps(view)
    def wrapped(request: HttpRequest, at: AtWork, draft_id: UUID, **kwargs: Any) -> HttpResponse:
        try:
            filling = applying.open_draft(draft_id)
        except DraftGone as gone:
            return _gone(request, draft_id, gone)
        return view(request, at, filling, **kwargs)

    return checks_its_own_text(at_work(with_drafts(wrapped)))


def _gone(request: HttpRequest, draft_id: UUID, gone: DraftGone) -> HttpResponse:
    try:
        registering.receipt_for(draft_id)
    except DraftGone:
        messages.error(request, said(gone))
        return redirect("desk:register")
    return redirect("desk:receipt", draft_id=draft_id)


@of_a_draft
@require_GET
def resume(request: HttpRequest, at: AtWork, filling: applying.Filling) -> HttpResponse:
    return redirect(_addresses(filling).page(form_pages.where_one_stopped(filling).id))


@of_a_draft
@limited("upload")
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, at: AtWork, filling: applying.Filling, page_id: str) -> HttpResponse:
    """One page of the form."""
    shown = form_pages.page_of(filling, page_id)
    if shown is None:
        return redirect("desk:draft", draft_id=filling.draft.id)
    if request.method == "GET":
        return _show_page(request, filling, shown, form_pages.errors_to_show(request, filling, shown))
    posted = form_pages.take_post(request, filling, shown, _addresses(filling), filling.draft.language)
    if posted.go_to:
        return redirect(posted.go_to)
    if posted.later:
        messages.success(request, _("What you have filled in is saved."))
        return redirect("desk:front")
    return _show_page(request, posted.filling, posted.page, posted.errors, posted.status)


def _show_page(
    request: HttpRequest, filling: applying.Filling, shown: Page, errors: list[FieldError], status: int = 200
) -> HttpResponse:
    context = {
        **_common(filling),
        "page": shown,
        "pages": form_pages.pages_of(filling),
        "markup": form_pages.markup(filling, shown, errors, _addresses(filling)),
        "has_errors": bool(errors),
        "is_first": shown.number == 1,
    }
    return show(request, "desk/register_page.html", context, status=status)


def _common(filling: applying.Filling) -> dict[str, Any]:
    return {
        "draft": filling.draft,
        "package": filling.offered.package,
        "applicant": on_behalf.applicant_of(filling),
        "unavailable": filling.content.unavailable,
        "protected": bool(filling.content.protected),
    }


def _addresses(filling: applying.Filling) -> form_pages.Addresses:
    here = filling.draft.id
    return form_pages.Addresses(
        page=lambda page_id: reverse("desk:page", args=[here, page_id]),
        check=lambda page_id: reverse("desk:check", args=[here, page_id]),
        attachment=lambda file_id: reverse("desk:attachment", args=[here, file_id]),
        picture=lambda file_id: reverse("desk:attached-picture", args=[here, file_id]),
        review=reverse("desk:review", args=[here]),
    )


@of_a_draft
@require_POST
def check(request: HttpRequest, at: AtWork, filling: applying.Filling, page_id: str) -> HttpResponse:
    return form_pages.check(request, filling, page_id, _addresses(filling))


@of_a_draft
@require_GET
def attachment(request: HttpRequest, at: AtWork, filling: applying.Filling, attachment_id: UUID) -> HttpResponse:
    held = filling.attachments.get(str(attachment_id))
    if held is None:
        raise Http404("no such file")
    return form_pages.as_download(applying.read_attachment(filling, attachment_id), held.name, held.media_type)


@of_a_draft
@limited("preview")
@require_GET
def attached_picture(request: HttpRequest, at: AtWork, filling: applying.Filling, attachment_id: UUID) -> HttpResponse:
    """An image that is attached, drawn anew."""
    return as_preview(lambda: applying.draw_attachment(filling, attachment_id))


@of_a_draft
@limited("submission")
@limited("upload")
@require_http_methods(["GET", "POST"])
def review(request: HttpRequest, at: AtWork, filling: applying.Filling) -> HttpResponse:
    """Everything once more, the scan of what came on paper, and register."""
    if request.method == "POST" and "_attach" in request.POST:
        return _attach(request, filling)
    if request.method == "POST" and "_remove" in request.POST:
        _remove(request, filling)
        return redirect("desk:review", draft_id=filling.draft.id)
    if request.method == "POST":
        try:
            return _register(request, at, filling)
        except NotComplete:
            messages.error(request, _("Something is missing or wrong. It is marked below."))
        except NotYours as error:
            messages.error(request, _refused(error))
    return _show_review(request, filling, "", 422 if request.method == "POST" else 200)


def _show_review(request: HttpRequest, filling: applying.Filling, refused: str, status: int = 200) -> HttpResponse:
    scans = [
        {"name": a.name, "size": a.size, "id": a.id, "href": reverse("desk:attachment", args=[filling.draft.id, a.id])}
        for a in filling.attachments.values()
        if a.pointer == SCAN
    ]
    context = {
        **_common(filling),
        **form_pages.review(filling, _addresses(filling)),
        "scans": scans,
        "refused": refused,
    }
    return show(request, "desk/register_review.html", context, status=status)


def _attach(request: HttpRequest, filling: applying.Filling) -> HttpResponse:
    """Attach scans. One that is refused is said beside the field; the others are kept."""
    refused = []
    for upload in request.FILES.getlist("scan"):
        try:
            on_behalf.attach_scan(filling, upload.name or "", upload.content_type or "", upload.read())
        except AllmenningError as error:
            refused.append(f"{upload.name}: {said(error)}")
    if not request.FILES.getlist("scan"):
        refused.append(_("Choose a file first."))
    if refused:
        return _show_review(request, applying.open_draft(filling.draft.id), " ".join(refused), 422)
    return redirect(reverse("desk:review", args=[filling.draft.id]) + "#scan")


def _remove(request: HttpRequest, filling: applying.Filling) -> None:
    given = request.POST.get("_remove", "")
    if given in filling.attachments:
        on_behalf.remove_scan(filling, UUID(given))


def _register(request: HttpRequest, at: AtWork, filling: applying.Filling) -> HttpResponse:
    code = registering.new_code() if on_behalf.applicant_of(filling).kind == "receipt" else ""
    on_behalf.register(filling, at.working, staff_key=at.key, code=code)
    if code:
        held = dict(list(request.session.get(_CODES, {}).items())[1 - _CODES_KEPT :])
        request.session[_CODES] = {**held, str(filling.draft.id): code}
    return redirect("desk:receipt", draft_id=filling.draft.id)


@of_a_draft
@require_http_methods(["GET", "POST"])
def delete(request: HttpRequest, at: AtWork, filling: applying.Filling) -> HttpResponse:
    """Delete what was begun, after asking."""
    if request.method == "POST":
        applying.discard(filling.draft.id)
        messages.success(request, _("What you had begun is deleted."))
        return redirect("desk:register")
    return show(request, "desk/register_delete.html", _common(filling))


@at_work
@require_GET
def receipt(request: HttpRequest, at: AtWork, draft_id: UUID) -> HttpResponse:
    """The case number, and for one without a number the code that opens the answer: shown here, and kept nowhere."""
    code = request.session.get(_CODES, {}).get(str(draft_id), "")
    try:
        given, told = on_behalf.receipt(draft_id, at.working, staff_key=at.key, code=code)
    except DraftGone:
        raise Http404("no such receipt") from None
    return show(request, "desk/register_receipt.html", {"at": at, "receipt": given, "told": told})
