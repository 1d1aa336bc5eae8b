"""What is written to a party of somebody else's case: their letters, and their appeal."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from allmenning.basics.errors import AllmenningError
from allmenning.journeys import my_part, recorded
from allmenning.municipal.cases.errors import CaseNotFound
from allmenning.web.access import checks_its_own_text, resident_only
from allmenning.web.filling import as_download
from allmenning.web.said import said

from ..showing import show
from ..telling import consent_in_words

LONGEST_TEXT = 20_000


def found(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Another's letters are not found: the database shows no such row."""

    @wraps(view)
    def wrapped(request: HttpRequest, municipality: str, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, municipality, **kwargs)
        except CaseNotFound:
            return show(request, "portal/case_not_found.html", {"municipality": municipality}, status=404)

    return wrapped


@resident_only
@require_safe
@found
def part(request: HttpRequest, municipality: str, participant_id: UUID) -> HttpResponse:
    """The letters, with an appeal where the newest can be appealed."""
    return _page(request, municipality, participant_id)


def _page(
    request: HttpRequest, municipality: str, participant_id: UUID, typed: str = "", error: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "municipality": municipality,
        "part": my_part.open_part(participant_id),
        "consent_in_words": consent_in_words,
        "consent_url": lambda consent_id: reverse(
            "portal:my-part-consent", args=[municipality, participant_id, consent_id]
        ),
        "recorded": recorded,
        "typed": typed,
        "error": error,
        "longest": LONGEST_TEXT,
    }
    return show(request, "portal/my_part.html", context, status=status)


@resident_only
@require_safe
@found
def document(request: HttpRequest, municipality: str, participant_id: UUID, document_id: UUID) -> HttpResponse:
    """A letter as PDF."""
    opened, content = my_part.download(participant_id, document_id)
    return as_download(content, opened.file_name, opened.media_type)


@resident_only
@checks_its_own_text
@require_POST
@found
def appeal(request: HttpRequest, municipality: str, participant_id: UUID) -> HttpResponse:
    """Appeal the decision that the newest letter tells of."""
    text = request.POST.get("text", "")[:LONGEST_TEXT]
    try:
        my_part.appeal(participant_id, text)
    except CaseNotFound:
        raise
    except AllmenningError as refused:
        return _page(request, municipality, participant_id, text, said(refused), 422)
    messages.success(request, _("Your appeal is sent."))
    return redirect("portal:my-part", municipality, participant_id)
