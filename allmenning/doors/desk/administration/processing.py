"""The register of processing activities (GDPR art. 30): a page, and the same as CSV and PDF."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from allmenning.basics import dates, spreadsheet
from allmenning.journeys import administered, processing
from allmenning.journeys.administering import Administrator
from allmenning.journeys.letterheads import letterhead_of
from allmenning.web.filling import as_download, language

from .common import administers, show


@administers
@require_GET
def register(request: HttpRequest, by: Administrator) -> HttpResponse:
    context = {
        "controller": administered.letterhead(),
        "activities": [(each, processing.rows(each, language())) for each in processing.activities()],
        "security": [each[language()] for each in processing.security()],
        "lang": language(),
    }
    return show(request, "processing", context)


@administers
@require_GET
def as_csv(request: HttpRequest, by: Administrator) -> HttpResponse:
    content = processing.as_csv(administered.letterhead().name, language())
    return as_download(content.encode(), "processing.csv", spreadsheet.MEDIA_TYPE)


@administers
@require_GET
def as_pdf(request: HttpRequest, by: Administrator) -> HttpResponse:
    content = processing.as_pdf(letterhead_of(administered.letterhead()), language(), dates.today())
    return as_download(content, "processing.pdf", "application/pdf")
