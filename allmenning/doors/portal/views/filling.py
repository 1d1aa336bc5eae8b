"""Filling in a form: page by page, saved after each, looked through, sent. For one who is logged in, and for one who is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from allmenning.basics.errors import AllmenningError
from allmenning.commons.identity import sessions
from allmenning.journeys import applying, registering
from allmenning.journeys.errors import LoginNeeded
from allmenning.municipal.access.actor import RESIDENT
from allmenning.municipal.forms.errors import DraftChanged, DraftGone, NotComplete
from allmenning.rules.forms import Changes, FieldError, Page
from allmenning.tenancy import use
from allmenning.web.access import anyone, checks_its_own_text
from allmenning.web.forms import check_page, render_page, render_summary
from allmenning.web.said import said

CODES = "receipt_codes"  # in the sealed session: draft's id -> the code of one who is not logged in
CODES_KEPT = 8


@dataclass(frozen=True)
class Filler:
    """Who fills in: a resident, or somebody with a receipt code."""

    resident: sessions.Resident | None
    code: str
    municipality: str

    @property
    def keys(self) -> tuple[bytes, ...]:
        if self.resident:
            return self.resident.keys(self.municipality)
        return (registering.code_key(self.municipality, self.code),) if self.code else ()

    def applicant(self, data: dict[str, Any]) -> registering.Applicant:
        if self.resident:
            return registering.Applicant(
                self.resident.acting_kind, self.resident.acting_number, self.resident.acting_name
            )
        name = data.get("name")
        return registering.Applicant("receipt", "", name if isinstance(name, str) and name else _("Without a name"))


def _filler(request: HttpRequest, municipality: str, draft_id: UUID | None) -> Filler:
    code = request.session.get(CODES, {}).get(str(draft_id), "")
    return Filler(None if code else sessions.resident(request), code, municipality)


def of_a_draft(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The view works on one draft, as its writer. A draft that is not here leads to its receipt, or says so."""

    @anyone
    @checks_its_own_text
    @wraps(view)
    def wrapped(request: HttpRequest, municipality: str, draft_id: UUID, **kwargs: Any) -> HttpResponse:
        filler = _filler(request, municipality, draft_id)
        with use(municipality, "resident", keys=filler.keys):
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
        with use(municipality, "resident", keys=filler.keys):
            draft = applying.begin(resident, service, get_language(), owner_key=filler.keys[0])
    except LoginNeeded:
        return redirect(f"{reverse('portal:login')}?next={reverse('portal:service', args=[municipality, service])}")
    except AllmenningError as error:
        messages.error(request, said(error))
        return redirect("portal:municipality", municipality=municipality)
    if code:
        _keep_code(request, draft.id, code)
    return redirect("portal:draft", municipality=municipality, draft_id=draft.id)


def _keep_code(request: HttpRequest, draft_id: UUID, code: str) -> None:
    held = dict(list(request.session.get(CODES, {}).items())[1 - CODES_KEPT :])
    request.session[CODES] = {**held, str(draft_id): code}


@of_a_draft
@require_GET
def resume(request: HttpRequest, filler: Filler, filling: applying.Filling) -> HttpResponse:
    """Go on where one stopped."""
    pages = filling.offered.form.pages(filling.content.data, filling.content.sources)
    here = pages[min(filling.draft.page, len(pages) - 1)]
    return redirect(_page_url(filler, filling, here.id))


@of_a_draft
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, filler: Filler, filling: applying.Filling, page_id: str) -> HttpResponse:
    """One page of the form."""
    shown = filling.offered.form.page(page_id, filling.content.data, filling.content.sources)
    if shown is None:
        return redirect("portal:draft", municipality=filler.municipality, draft_id=filling.draft.id)
    if request.method == "POST":
        return _posted(request, filler, filling, shown)
    errors = [e for e in _errors(filling, shown) if e.pointer in filling.content.raw or "check" in request.GET]
    return _show(request, filler, filling, shown, errors)


def _posted(request: HttpRequest, filler: Filler, filling: applying.Filling, shown: Page) -> HttpResponse:
    changes = filling.offered.form.read_post(shown, request.POST, get_language(), filling.content.raw)
    refused = _take_files(request, filling, shown, changes)
    try:
        _save(request, filling, changes, shown)
    except DraftChanged as changed:
        return _conflict(request, filler, filling, shown, changes, changed)
    saved = applying.open_draft(filling.draft.id)
    again = saved.offered.form.page(shown.id, saved.content.data, saved.content.sources) or shown
    if refused:
        return _show(request, filler, saved, again, refused, status=422)
    if "_language" in request.POST:
        return redirect(_in_language(request.POST["_language"], _page_url(filler, saved, shown.id)))
    if changes.action is not None:
        anchor = f"#{changes.action.anchor}" if changes.action.anchor else ""
        return redirect(_page_url(filler, saved, shown.id) + anchor)
    if "_back" in request.POST:
        return redirect(_neighbour(filler, saved, shown, -1))
    if "_later" in request.POST:
        messages.success(request, _("Your draft is saved. You find it on My page."))
        return redirect("portal:my-page" if filler.resident else "portal:front")
    errors = _errors(saved, again)
    if errors:
        return _show(request, filler, saved, again, errors, status=422)
    return redirect(_neighbour(filler, saved, again, 1))


def _save(request: HttpRequest, filling: applying.Filling, changes: Changes, shown: Page) -> None:
    applying.save_page(
        filling,
        changes.data,
        changes.raw,
        changes.sources,
        page=shown.number - 1,
        revision=_revision(request, filling),
        language=get_language() or "nb",
    )
    kept = {str(each) for each in _file_ids(changes.data)}
    for gone in set(filling.attachments) - kept:
        applying.remove_file(filling, UUID(gone))


def _revision(request: HttpRequest, filling: applying.Filling) -> int:
    given = request.POST.get("_revision", "")
    return int(given) if given.isdigit() and len(given) < 10 else filling.draft.revision


def _file_ids(data: Any) -> Iterator[str]:
    """Every text in the data that could be a file's id; only ids of this draft's files matter to the caller."""
    if isinstance(data, dict):
        data = list(data.values())
    if isinstance(data, list):
        for each in data:
            yield from _file_ids(each)
    elif isinstance(data, str) and len(data) == 36:
        yield data


def _take_files(request: HttpRequest, filling: applying.Filling, shown: Page, changes: Changes) -> list[FieldError]:
    """Attach what was uploaded. One that is refused is told of beside its field; the others are kept."""
    refused = []
    for pointer in request.FILES:
        for upload in request.FILES.getlist(pointer):
            try:
                held = applying.attach_file(
                    filling, pointer, upload.name or "", upload.content_type or "", upload.read()
                )
                changes.data = filling.offered.form.attach(changes.data, pointer, str(held.id))
            except AllmenningError as error:
                refused.append(FieldError(pointer, f"{upload.name}: {said(error)}", "", shown.id, code="file"))
            except KeyError:
                continue  # no such field in the form: nobody was shown a place for it
    return refused


def _errors(filling: applying.Filling, shown: Page) -> list[FieldError]:
    content = filling.content
    return filling.offered.form.errors(
        content.data, get_language() or "nb", shown, raw=content.raw, sources=content.sources
    )


def _conflict(
    request: HttpRequest,
    filler: Filler,
    filling: applying.Filling,
    shown: Page,
    changes: Changes,
    error: DraftChanged,
) -> HttpResponse:
    """Saved from elsewhere meanwhile: show what was typed here over the newest version, to be saved if it is right."""
    newest = applying.open_draft(filling.draft.id)
    content = newest.content.with_answers(changes.data, changes.raw, changes.sources)
    messages.warning(request, said(error))
    merged = applying.Filling(newest.draft, newest.offered, content, newest.attachments)
    again = merged.offered.form.page(shown.id, content.data, content.sources) or shown
    return _show(request, filler, merged, again, [], status=409)


def _show(
    request: HttpRequest,
    filler: Filler,
    filling: applying.Filling,
    shown: Page,
    errors: list[FieldError],
    status: int = 200,
) -> HttpResponse:
    content = filling.content
    pages = filling.offered.form.pages(content.data, content.sources)
    markup = render_page(
        shown,
        content.data,
        content.raw,
        errors,
        get_language() or "nb",
        content.sources,
        filling.attachments,
        {
            "check": reverse("portal:check", args=[filler.municipality, filling.draft.id, shown.id]),
            "attachment": lambda a: reverse("portal:attachment", args=[filler.municipality, filling.draft.id, a]),
        },
        heading=False,
    )
    context = {
        **_common(filler, filling),
        "page": shown,
        "pages": pages,
        "markup": markup,
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
    }


@of_a_draft
@require_POST
def check(request: HttpRequest, filler: Filler, filling: applying.Filling, page_id: str) -> HttpResponse:
    """What is wrong with the fields that were left, and the page as the answers make it look. Nothing is saved."""
    shown = filling.offered.form.page(page_id, filling.content.data, filling.content.sources)
    if shown is None:
        return JsonResponse({"errors": {}, "html": ""})
    urls = {
        "check": request.path,
        "attachment": lambda a: reverse("portal:attachment", args=[filler.municipality, filling.draft.id, a]),
    }
    answer = check_page(
        filling.offered.form,
        shown,
        request.POST,
        get_language() or "nb",
        filling.content.raw,
        filling.attachments,
        urls,
    )
    return JsonResponse(answer)


@of_a_draft
@require_GET
def attachment(request: HttpRequest, filler: Filler, filling: applying.Filling, attachment_id: UUID) -> HttpResponse:
    """One's own file back, as a download: never shown inside a page."""
    held = filling.attachments.get(str(attachment_id))
    if held is None:
        raise Http404("no such file")
    return as_download(applying.read_attachment(filling, attachment_id), held.name, held.media_type)


def as_download(content: bytes, name: str, media_type: str) -> HttpResponse:
    """A file to keep. The browser is told neither to guess its type nor to show it."""
    from django.utils.http import content_disposition_header

    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@of_a_draft
@require_http_methods(["GET", "POST"])
def review(request: HttpRequest, filler: Filler, filling: applying.Filling) -> HttpResponse:
    """Everything once more before it is sent."""
    language = get_language() or "nb"
    if request.method == "POST":
        try:
            return _send(request, filler, filling)
        except NotComplete:
            messages.error(request, _("Something is missing or wrong. It is marked below."))
    content = filling.content
    errors = filling.offered.form.errors(content.data, language, raw=content.raw, sources=content.sources)
    sections = filling.offered.form.summary(content.data, language, filling.attachments, content.raw)
    summary = render_summary(
        sections, language, change_url=lambda page_id: _page_url(filler, filling, page_id), errors=errors
    )
    context = {
        **_common(filler, filling),
        "summary": summary,
        "errors": [(f"{_page_url(filler, filling, e.page)}?check=1", e.full_message) for e in errors if e.page],
        "pages": filling.offered.form.pages(content.data, content.sources),
        "last_page": _neighbour(filler, filling, None, -1),
    }
    return render(request, "portal/review.html", context, status=422 if request.method == "POST" else 200)


def _send(request: HttpRequest, filler: Filler, filling: applying.Filling) -> HttpResponse:
    draft = applying.in_language(filling.draft, get_language() or "nb")
    sender = filler.resident.name if filler.resident else ""
    applicant = filler.applicant(filling.content.data)
    registering.submit(draft, applicant, RESIDENT, submitted_by=sender or applicant.name, code=filler.code)
    return redirect("portal:receipt", municipality=filler.municipality, draft_id=draft.id)


@anyone
@require_GET
def receipt(request: HttpRequest, municipality: str, draft_id: UUID) -> HttpResponse:
    """What the sender gets: the case number, when, what happens next, and the code of one who is not logged in."""
    filler = _filler(request, municipality, draft_id)
    with use(municipality, "resident", keys=filler.keys):
        try:
            given = registering.receipt_for(draft_id, filler.code)
            told = registering.what_happens_next(given.case_id)
        except DraftGone:
            raise Http404("no such receipt") from None
    context = {"municipality": municipality, "receipt": given, "told": told, "resident": filler.resident}
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


def _page_url(filler: Filler, filling: applying.Filling, page_id: str) -> str:
    return reverse("portal:page", args=[filler.municipality, filling.draft.id, page_id])


def _neighbour(filler: Filler, filling: applying.Filling, shown: Page | None, step: int) -> str:
    """The page before or after; after the last one, the review."""
    pages = filling.offered.form.pages(filling.content.data, filling.content.sources)
    ids = [each.id for each in pages]
    here = ids.index(shown.id) if shown and shown.id in ids else len(ids)
    there = here + step
    if there >= len(ids):
        return reverse("portal:review", args=[filler.municipality, filling.draft.id])
    return _page_url(filler, filling, ids[max(there, 0)])


def _in_language(language: str, url: str) -> str:
    from allmenning.web.i18n import LANGUAGES, in_language

    return in_language(url, language) if language in dict(LANGUAGES) else url
