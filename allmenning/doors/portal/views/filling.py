"""Filling in a form: page by page, saved after each, looked through, sent. For one who is logged in, and for one who is not."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from allmenning.basics.errors import AllmenningError
from allmenning.commons.identity import sessions
from allmenning.journeys import applying, registering
from allmenning.journeys.errors import LoginNeeded, LoginNeededForAnswer, LoginUnwanted, NotForOrganisations
from allmenning.journeys.representing import working_for
from allmenning.municipal.access.actor import RESIDENT
from allmenning.municipal.forms.errors import DraftChanged, DraftGone, NotComplete
from allmenning.rules.forms import FieldError, Page
from allmenning.rules.forms.pointers import get, parse
from allmenning.tenancy import use
from allmenning.web import filling as form_pages
from allmenning.web.access import NOT_FOR_ANOTHER, anyone, checks_its_own_text
from allmenning.web.filling import as_download
from allmenning.web.limits import limited
from allmenning.web.previews import as_preview
from allmenning.web.said import said

from .my_case import Seat, keep_opened

CODES = "receipt_codes"  # in the sealed session: draft's id -> the code of one who is not logged in
CODES_KEPT = 8


@dataclass(frozen=True)
class Filler:
    """Who fills in: a resident, or somebody with a receipt code."""

    resident: sessions.Resident | None
    code: str
    municipality: str

    @property
    def owner_key(self) -> bytes:
        """The key that a draft of theirs gets. Only one who has a code or is logged in has one."""
        return self.resident.keys(self.municipality)[0] if self.resident else self._code_keys[0]

    def working(self) -> AbstractContextManager[object]:
        """Work as whoever this is. Raises what `working_for` raises for one who acts for another person."""
        if self.resident:
            return working_for(self.municipality, self.resident)
        return use(self.municipality, "resident", keys=self._code_keys)

    @property
    def _code_keys(self) -> tuple[bytes, ...]:
        return (registering.code_key(self.municipality, self.code),) if self.code else ()

    def applicant(self, filling: applying.Filling) -> registering.Applicant:
        """Who sends it: as they log in, or as they answer that they are called."""
        if self.resident:
            return registering.Applicant(
                self.resident.acting_kind, self.resident.acting_number, self.resident.acting_name
            )
        return registering.Applicant("receipt", "", _name_in(filling) or _("Without a name"))


def _name_in(filling: applying.Filling) -> str:
    """What one who is not logged in answers where the form asks for the name that a login would have given; else empty."""
    form = filling.offered.form
    asked = [each.pointer for each in form.sources() if (each.register, each.field) == ("folkeregister", "navn")]
    answered = form.visible(filling.content.data)  # a name written before they chose to be anonymous is nobody's
    answers = (get(answered, parse(pointer)) for pointer in asked if "*" not in pointer)
    return next((answer for answer in answers if isinstance(answer, str) and answer), "")


def _filler(request: HttpRequest, municipality: str, draft_id: UUID | None) -> Filler:
    code = request.session.get(CODES, {}).get(str(draft_id), "")
    return Filler(None if code else sessions.resident(request), code, municipality)


def of_a_draft(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponseBase]:
    """The view works on one draft, as its writer. A draft that is not here leads to its receipt, or says so."""

    @anyone
    @checks_its_own_text
    @wraps(view)
    def wrapped(request: HttpRequest, municipality: str, draft_id: UUID, **kwargs: Any) -> HttpResponse:
        filler = _filler(request, municipality, draft_id)
        with filler.working():
            try:
                filling = applying.open_draft(draft_id)
            except DraftGone:
                return _gone(request, municipality, draft_id)
            return view(request, filler, filling, **kwargs)

    return wrapped


def _gone(request: HttpRequest, municipality: str, draft_id: UUID) -> HttpResponse:
    try:
        registering.receipt_for(draft_id)
    except DraftGone:
        return render(request, "portal/draft_gone.html", {"municipality": municipality}, status=404)
    return redirect("portal:receipt", municipality=municipality, draft_id=draft_id)


@anyone
@require_POST
def start(request: HttpRequest, municipality: str, service: str) -> HttpResponse:
    """Begin. One who is not logged in gets a receipt code, which the session keeps until the form is sent."""
    resident, code = sessions.resident(request), ""
    if resident is None:
        code = registering.new_code()
    filler = Filler(resident, code, municipality)
    try:
        with filler.working():
            draft = applying.begin(resident, service, get_language(), owner_key=filler.owner_key)
    except NOT_FOR_ANOTHER:
        raise
    except (LoginNeeded, NotForOrganisations) as error:
        # Not straight to the login: the policy lets no form lead to another site. The page has a link.
        messages.warning(request, said(error))
        return redirect("portal:service", municipality=municipality, service=service)
    except AllmenningError as error:
        messages.error(request, said(error))
        return redirect("portal:municipality", municipality=municipality)
    if code:
        _keep_code(request, draft.id, code)
    return redirect("portal:draft", municipality=municipality, draft_id=draft.id)


def _keep_code(request: HttpRequest, draft_id: UUID, code: str) -> None:
    held = dict(list(request.session.get(CODES, {}).items())[1 - CODES_KEPT :])
    request.session[CODES] = {**held, str(draft_id): code}


def _forget_code(request: HttpRequest, draft_id: UUID) -> None:
    held = request.session.get(CODES, {})
    request.session[CODES] = {each: code for each, code in held.items() if each != str(draft_id)}


@of_a_draft
@require_GET
def resume(request: HttpRequest, filler: Filler, filling: applying.Filling) -> HttpResponse:
    """Go on where one stopped."""
    return redirect(_addresses(filler, filling).page(form_pages.where_one_stopped(filling).id))


def _to_login(filler: Filler, filling: applying.Filling) -> HttpResponse:
    return redirect("portal:draft-login", municipality=filler.municipality, draft_id=filling.draft.id)


@of_a_draft
@require_http_methods(["GET", "POST"])
def as_whom(request: HttpRequest, filler: Filler, filling: applying.Filling) -> HttpResponse:
    """An answer asks for a login, or for none: log in and go on, go on without, or choose another answer."""
    asked, status = applying.login_asked(filling, filler.resident), 200
    if not asked:
        return redirect("portal:draft", municipality=filler.municipality, draft_id=filling.draft.id)
    resident = sessions.resident(request)
    if request.method == "POST" and (asked == "none" or (resident and not resident.represented)):
        try:
            return _go_on_as(request, filler, filling, resident if asked == "required" else None)
        except DraftChanged as changed:
            messages.warning(request, said(changed))
            filling, status = applying.open_draft(filling.draft.id), 409
    context = {
        **_common(filler, filling),
        "asked": asked,
        "resident": resident,
        "question": form_pages.page_of(filling, filling.offered.form.page_about_login),
    }
    return render(request, "portal/draft_login.html", context, status=status)


def _go_on_as(
    request: HttpRequest, filler: Filler, filling: applying.Filling, resident: sessions.Resident | None
) -> HttpResponse:
    """The draft becomes the resident's who has logged in, or that of a new code. Raises DraftChanged."""
    code = "" if resident else registering.new_code()
    after = Filler(resident, code, filler.municipality)
    with use(filler.municipality, "resident", keys=(filler.owner_key, after.owner_key)):
        revision = form_pages.revision_of(request, filling)
        applying.go_on_as(filling, resident, owner_key=after.owner_key, revision=revision)
    if code:
        _keep_code(request, filling.draft.id, code)
    else:
        _forget_code(request, filling.draft.id)
    return redirect("portal:draft", municipality=filler.municipality, draft_id=filling.draft.id)


@of_a_draft
@limited("upload")
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, filler: Filler, filling: applying.Filling, page_id: str) -> HttpResponse:
    """One page of the form."""
    shown = form_pages.page_of(filling, page_id)
    if shown is None:
        return redirect("portal:draft", municipality=filler.municipality, draft_id=filling.draft.id)
    if request.method == "GET":
        return _show(request, filler, filling, shown, form_pages.errors_to_show(request, filling, shown))
    posted = form_pages.take_post(request, filling, shown, _addresses(filler, filling))
    if posted.onward and applying.login_asked(posted.filling, filler.resident):
        return _to_login(filler, filling)
    if posted.go_to:
        return redirect(posted.go_to)
    if posted.later:
        return _later(request, filler)
    return _show(request, filler, posted.filling, posted.page, posted.errors, posted.status)


def _show(
    request: HttpRequest,
    filler: Filler,
    filling: applying.Filling,
    shown: Page,
    errors: list[FieldError],
    status: int = 200,
) -> HttpResponse:
    context = {
        **_common(filler, filling),
        "page": shown,
        "pages": form_pages.pages_of(filling),
        "markup": form_pages.markup(filling, shown, errors, _addresses(filler, filling)),
        "has_errors": bool(errors),
        "is_first": shown.number == 1,
    }
    return render(request, "portal/page.html", context, status=status)


def _common(filler: Filler, filling: applying.Filling) -> dict[str, Any]:
    return {
        "municipality": filler.municipality,
        "draft": filling.draft,
        "package": filling.offered.package,
        "resident": filler.resident,
        "unavailable": filling.content.unavailable,
        "protected": filling.content.protected == "self",
    }


def _addresses(filler: Filler, filling: applying.Filling) -> form_pages.Addresses:
    here = [filler.municipality, filling.draft.id]
    return form_pages.Addresses(
        page=lambda page_id: reverse("portal:page", args=[*here, page_id]),
        check=lambda page_id: reverse("portal:check", args=[*here, page_id]),
        attachment=lambda file_id: reverse("portal:attachment", args=[*here, file_id]),
        picture=lambda file_id: reverse("portal:attached-picture", args=[*here, file_id]),
        review=reverse("portal:review", args=here),
    )


def _later(request: HttpRequest, filler: Filler) -> HttpResponse:
    """Saved, to go on with another day; without login, only as long as the browser holds the code."""
    if filler.resident:
        messages.success(request, _("Your draft is saved. You find it on My page."))
        return redirect("portal:my-page")
    messages.success(
        request, _("Your draft is saved in this browser until you close it. Open the service again to go on.")
    )
    return redirect("portal:front")


@of_a_draft
@require_POST
def check(request: HttpRequest, filler: Filler, filling: applying.Filling, page_id: str) -> HttpResponse:
    """What is wrong with the fields that were left, and the page as the answers make it look. Nothing is saved."""
    return form_pages.check(request, filling, page_id, _addresses(filler, filling))


@of_a_draft
@require_GET
def attachment(request: HttpRequest, filler: Filler, filling: applying.Filling, attachment_id: UUID) -> HttpResponse:
    """One's own file back, as a download: never shown inside a page."""
    held = filling.attachments.get(str(attachment_id))
    if held is None:
        raise Http404("no such file")
    return as_download(applying.read_attachment(filling, attachment_id), held.name, held.media_type)


@of_a_draft
@limited("preview")
@require_GET
def attached_picture(
    request: HttpRequest, filler: Filler, filling: applying.Filling, attachment_id: UUID
) -> HttpResponse:
    """One's own image, drawn anew to stand beside its name."""
    return as_preview(lambda: applying.draw_attachment(filling, attachment_id))


@of_a_draft
@limited("submission")
@require_http_methods(["GET", "POST"])
def review(request: HttpRequest, filler: Filler, filling: applying.Filling) -> HttpResponse:
    """Everything once more before it is sent."""
    status = 200
    if request.method == "POST":
        try:
            return _send(request, filler, filling)
        except (LoginNeededForAnswer, LoginUnwanted) as error:
            messages.warning(request, said(error))
            return _to_login(filler, filling)
        except NotComplete:
            messages.error(request, _("Something is missing or wrong. It is marked below."))
            status = 422
        except DraftChanged as changed:
            messages.warning(request, said(changed))
            filling, status = applying.open_draft(filling.draft.id), 409
    context = {**_common(filler, filling), **form_pages.review(filling, _addresses(filler, filling))}
    return render(request, "portal/review.html", context, status=status)


def _send(request: HttpRequest, filler: Filler, filling: applying.Filling) -> HttpResponse:
    form_pages.require_newest(request, filling)
    draft = applying.in_language(filling.draft, get_language() or "nb")
    sender = filler.resident.name if filler.resident else ""
    applicant = filler.applicant(filling)
    registering.submit(draft, applicant, RESIDENT, submitted_by=sender or applicant.name, code=filler.code)
    return redirect("portal:receipt", municipality=filler.municipality, draft_id=draft.id)


@anyone
@require_GET
def receipt(request: HttpRequest, municipality: str, draft_id: UUID) -> HttpResponse:
    """What the sender gets: the case number, when, a PDF, what happens next, and the code of one who is not logged in."""
    filler = _filler(request, municipality, draft_id)
    with filler.working():
        try:
            given = registering.receipt_for(draft_id, filler.code)
            told = registering.what_happens_next(given.case_id)
        except DraftGone:
            raise Http404("no such receipt") from None
    if filler.code:
        keep_opened(request, municipality, given.case_id, filler.code)
    seat = Seat(municipality, given.case_id, filler.resident)
    context = {"municipality": municipality, "receipt": given, "told": told, "resident": filler.resident, "seat": seat}
    return render(request, "portal/receipt.html", context)


@of_a_draft
@require_http_methods(["GET", "POST"])
def delete(request: HttpRequest, filler: Filler, filling: applying.Filling) -> HttpResponse:
    """Delete a draft for good, after asking."""
    if request.method == "POST":
        applying.discard(filling.draft.id)
        messages.success(request, _("The draft is deleted."))
        return redirect("portal:my-page" if filler.resident else "portal:front")
    return render(request, "portal/delete_draft.html", _common(filler, filling))
