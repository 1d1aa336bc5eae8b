"""The pages of a form, whoever fills it in and at whichever door: shown, posted, checked, looked through.

A door says where its pages are (`Addresses`), who may open them, and what they look like around the form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from markupsafe import Markup

from allmenning.basics.errors import AllmenningError
from allmenning.journeys import applying
from allmenning.municipal.forms.errors import DraftChanged
from allmenning.municipal.forms.models import SCAN
from allmenning.rules.forms import Changes, FieldError, Page
from allmenning.web.forms import check_page, render_page, render_summary
from allmenning.web.said import said


@dataclass(frozen=True)
class Addresses:
    """Where one draft's pages are in a door."""

    page: Callable[[str], str]  # of the page's id
    check: Callable[[str], str]  # of the page's id
    attachment: Callable[[str], str]  # of the file's id
    picture: Callable[[str], str]  # of the id of a file that is an image
    review: str

    def of_files(self, held: Mapping[str, applying.AttachedFile]) -> dict[str, Callable[[str], str]]:
        """Where each file, and the picture of each image, is; no picture of other files."""
        shown = {each for each, file in held.items() if file.is_image}
        return {"attachment": self.attachment, "picture": lambda file_id: self.picture(file_id) * (file_id in shown)}


@dataclass(frozen=True)
class Posted:
    """What became of a posted page: on to `go_to`, put aside for `later`, or shown again with what is wrong.

    onward: they meant to go on to the next page, whether or not something is wrong on this one.
    """

    filling: applying.Filling
    page: Page
    errors: list[FieldError]
    status: int = 200
    go_to: str = ""
    later: bool = False
    onward: bool = False


def pages_of(filling: applying.Filling) -> list[Page]:
    return filling.offered.form.pages(filling.content.data, filling.content.sources)


def page_of(filling: applying.Filling, page_id: str) -> Page | None:
    """One page, or None when the answers hide it or the form has none of that name."""
    return filling.offered.form.page(page_id, filling.content.data, filling.content.sources)


def where_one_stopped(filling: applying.Filling) -> Page:
    pages = pages_of(filling)
    return pages[min(filling.draft.page, len(pages) - 1)]


def neighbour(filling: applying.Filling, shown: Page | None, step: int, addresses: Addresses) -> str:
    """The address of the page before or after; after the last one, the review."""
    ids = [each.id for each in pages_of(filling)]
    here = ids.index(shown.id) if shown and shown.id in ids else len(ids)
    there = here + step
    return addresses.review if there >= len(ids) else addresses.page(ids[max(there, 0)])


def errors_to_show(request: HttpRequest, filling: applying.Filling, shown: Page) -> list[FieldError]:
    """What to say about a page that is opened: of what could not be read, and of everything when asked for."""
    return [e for e in _errors(filling, shown) if e.pointer in filling.content.raw or "check" in request.GET]


def take_post(
    request: HttpRequest, filling: applying.Filling, shown: Page, addresses: Addresses, case_language: str = ""
) -> Posted:
    """Save what was posted, right or wrong, and say where to go. Raises DraftGone.

    Args:
        case_language: the applicant's, where somebody else fills in; else the page's own is taken.
    """
    changes = filling.offered.form.read_post(shown, request.POST, language(), filling.content.raw)
    refused = _take_files(request, filling, shown, changes)
    try:
        _save(request, filling, changes, shown, case_language or language())
    except DraftChanged as changed:
        return _conflict(request, filling, shown, changes, changed)
    saved = applying.open_draft(filling.draft.id)
    again = page_of(saved, shown.id) or shown
    if refused:
        return Posted(saved, again, _beside(refused, request, saved, again, changes), 422)
    if "_language" in request.POST:
        return Posted(saved, again, [], go_to=_in_language(request.POST["_language"], addresses.page(shown.id)))
    if changes.action is not None:
        anchor = f"#{changes.action.anchor}" if changes.action.anchor else ""
        return Posted(saved, again, [], go_to=addresses.page(shown.id) + anchor)
    if "_back" in request.POST:
        return Posted(saved, again, [], go_to=neighbour(saved, shown, -1, addresses))
    if "_later" in request.POST:
        return Posted(saved, again, [], later=True)
    errors = _errors(saved, again)
    if errors:
        return Posted(saved, again, errors, 422, onward=True)
    return Posted(saved, again, [], go_to=neighbour(saved, again, 1, addresses), onward=True)


def markup(filling: applying.Filling, shown: Page, errors: list[FieldError], addresses: Addresses) -> Markup:
    """The fields of a page, without the form element and its buttons."""
    content = filling.content
    urls = {"check": addresses.check(shown.id), **addresses.of_files(filling.attachments)}
    return render_page(
        shown,
        content.data,
        content.raw,
        errors,
        language(),
        content.sources,
        filling.attachments,
        urls,
        heading=False,
    )


def check(request: HttpRequest, filling: applying.Filling, page_id: str, addresses: Addresses) -> JsonResponse:
    """What is wrong with the fields that were left, and the page as the answers make it look. Nothing is saved."""
    shown = page_of(filling, page_id)
    if shown is None:
        return JsonResponse({"errors": {}, "html": ""})
    urls = {"check": request.path, **addresses.of_files(filling.attachments)}
    form, raw = filling.offered.form, filling.content.raw
    return JsonResponse(check_page(form, shown, request.POST, language(), raw, filling.attachments, urls))


def review(filling: applying.Filling, addresses: Addresses) -> dict[str, Any]:
    """Everything once more: `summary`, `errors` (address, message), `pages`, `last_page`."""
    content, form = filling.content, filling.offered.form
    errors = form.errors(content.data, language(), raw=content.raw, sources=content.sources)
    sections = form.summary(content.data, language(), filling.attachments, content.raw)
    return {
        "summary": render_summary(sections, language(), change_url=addresses.page, errors=errors),
        "errors": [(f"{addresses.page(e.page)}?check=1", e.full_message) for e in errors if e.page],
        "pages": pages_of(filling),
        "last_page": neighbour(filling, None, -1, addresses),
    }


def as_download(content: bytes, name: str, media_type: str) -> HttpResponse:
    """A file to keep. The browser is told neither to guess its type nor to show it."""
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def language() -> str:
    return get_language() or "nb"


def _errors(filling: applying.Filling, shown: Page) -> list[FieldError]:
    content = filling.content
    return filling.offered.form.errors(content.data, language(), shown, raw=content.raw, sources=content.sources)


def _beside(
    refused: list[FieldError], request: HttpRequest, saved: applying.Filling, again: Page, changes: Changes
) -> list[FieldError]:
    """Refused files, and what else is wrong for one who meant to go on: all of it is said at once."""
    if changes.action is not None or {"_language", "_back", "_later"} & request.POST.keys():
        return refused
    fields = {error.pointer for error in refused}
    return [*(error for error in _errors(saved, again) if error.pointer not in fields), *refused]


def _save(request: HttpRequest, filling: applying.Filling, changes: Changes, shown: Page, case_language: str) -> None:
    applying.save_page(
        filling,
        changes.data,
        changes.raw,
        changes.sources,
        page=shown.number - 1,
        revision=revision_of(request, filling),
        language=case_language,
    )
    kept = {str(each) for each in _file_ids(changes.data)}
    for held in filling.attachments.values():
        if str(held.id) not in kept and held.pointer != SCAN:
            applying.remove_file(filling, held.id)


def require_newest(request: HttpRequest, filling: applying.Filling) -> None:
    """What is sent must be what was looked through. Raises DraftChanged when another window saved meanwhile."""
    if revision_of(request, filling) != filling.draft.revision:
        raise DraftChanged()


def revision_of(request: HttpRequest, filling: applying.Filling) -> int:
    """The revision of the draft that the page was made from."""
    given = request.POST.get("_revision", "")
    return int(given) if given.isdecimal() and len(given) < 10 else filling.draft.revision


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
        if not _has_place(filling, changes, pointer):
            continue  # nobody was shown a place for it
        for upload in request.FILES.getlist(pointer):
            try:
                held = applying.attach_file(
                    filling, pointer, upload.name or "", upload.content_type or "", upload.read()
                )
                changes.data = filling.offered.form.attach(changes.data, pointer, str(held.id))
            except AllmenningError as error:
                refused.append(FieldError(pointer, f"{upload.name}: {said(error)}", "", shown.id, code="file"))
    return refused


def _has_place(filling: applying.Filling, changes: Changes, pointer: str) -> bool:
    try:
        filling.offered.form.attach(changes.data, pointer, "")
    except (KeyError, ValueError):
        return False
    return True


def _conflict(
    request: HttpRequest, filling: applying.Filling, shown: Page, changes: Changes, error: DraftChanged
) -> Posted:
    """Saved from elsewhere meanwhile: show what was typed here over the newest version, to be saved if it is right."""
    newest = applying.open_draft(filling.draft.id)
    content = newest.content.with_answers(changes.data, changes.raw, changes.sources)
    messages.warning(request, said(error))
    merged = applying.Filling(newest.draft, newest.offered, content, newest.attachments)
    return Posted(merged, page_of(merged, shown.id) or shown, [], 409)


def _in_language(code: str, url: str) -> str:
    from allmenning.web.i18n import LANGUAGES, in_language

    return in_language(url, code) if code in dict(LANGUAGES) else url
