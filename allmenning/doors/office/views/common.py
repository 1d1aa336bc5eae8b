"""What every page of the office has: in what role one acts and for whom, and the words for a refusal."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from allmenning.commons.costs import saying
from allmenning.commons.identity.offices import OF_A_COOPERATION, OF_A_PARTY, OfficeActing
from allmenning.web import offices
from allmenning.web.said import said

from .. import bill_words, ways, words

EVERYONE = (*OF_A_COOPERATION, *OF_A_PARTY)


def acting(request: HttpRequest) -> OfficeActing:
    """In what role a view that is `office_only` is opened."""
    found: OfficeActing = request.office  # type: ignore[attr-defined]
    return found


def show(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page of the office, with the words that its templates use. `here` in the context marks the current way."""
    by = acting(request)
    staff = request.staff  # type: ignore[attr-defined]
    shared = {"staff": staff, "acting": by, "words": words, "offices": offices, "ways": ways.of(by)}
    return render(request, template, {**shared, **context}, status=status)


def show_costs(
    request: HttpRequest, here: str, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """A page about costs, settlements or bills, with their words. here: the current way."""
    is_treasurer = acting(request).role == "treasurer"
    shared = {"here": here, "w": bill_words, "saying": saying, "said": said, "is_treasurer": is_treasurer}
    return show(request, template, {**shared, **context}, status)
