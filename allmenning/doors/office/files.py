"""Files to be saved: tables as CSV that spreadsheets in Norway read, and other bytes."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from allmenning.basics import spreadsheet


def as_csv(rows: Sequence[Sequence[object]], name: str) -> HttpResponse:
    return as_file(spreadsheet.as_csv(rows).encode(), spreadsheet.MEDIA_TYPE, name)


def as_file(content: bytes, media_type: str, name: str) -> HttpResponse:
    """Bytes to be saved, never shown on our pages."""
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response
