"""The first page of the office for who has logged in: what the role reaches, and the ways on."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from allmenning.journeys import offices, waiting_at_office
from allmenning.web.access import office_only

from .. import waiting_words
from .common import EVERYONE, acting, show


@office_only(*EVERYONE)
@require_GET
def front(request: HttpRequest) -> HttpResponse:
    by = acting(request)
    waits = waiting_at_office.waits_for(by)
    context = {
        "agreements": offices.agreements_of(by),
        "waits": waits,
        "waiting": waiting_words,
        "here": "office:front",
    }
    return show(request, "office/front.html", context)
