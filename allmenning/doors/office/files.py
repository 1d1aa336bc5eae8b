"""Tables as files: CSV as spreadsheets in Norway read it."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from allmenning.basics import spreadsheet


def as_file(rows: list[list[object]], name: str) -> HttpResponse:
    response = HttpResponse(spreadsheet.as_csv(rows), content_type=spreadsheet.MEDIA_TYPE)
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response
