"""An image that somebody attached, in a page: never as it came, but as `journeys.previews` draws it."""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _

from allmenning.journeys.previews import SIDES
from allmenning.municipal.documents.errors import UnacceptableFile
from allmenning.municipal.documents.inspection import PREVIEW_MEDIA_TYPE

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-store",
}


def as_preview(draw: Callable[[], bytes]) -> HttpResponse:
    """What `draw` draws, so that a browser does nothing but show it on our pages; 404 when it can't be drawn."""
    try:
        drawn = draw()
    except UnacceptableFile:
        return HttpResponse(
            _("This file can't be shown, only downloaded."), "text/plain; charset=utf-8", 404, headers=_HEADERS
        )
    # The file's own name is the sender's.
    named = {"Content-Disposition": 'inline; filename="preview.jpg"'}
    return HttpResponse(drawn, PREVIEW_MEDIA_TYPE, headers=_HEADERS | named)


def known_size(size: str) -> str:
    """A size that images are drawn in. Raises Http404."""
    if size not in SIDES:
        raise Http404("no such size")
    return size
