"""The first page of the office for who has logged in: what the role reaches, and the ways on."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from allmenning.journeys import offices
from allmenning.web.access import office_only

from .common import EVERYONE, acting, show


@office_only(*EVERYONE)
@require_GET
def front(request: HttpRequest) -> HttpResponse:
    context = {"agreements": offices.agreements_of(acting(request)), "here": "office:front"}
    return show(request, "office/front.html", context)
