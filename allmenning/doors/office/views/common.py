"""What every page of the office has: in what role one acts and for whom, and the words for a refusal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from allmenning.commons.costs import saying
from allmenning.commons.identity.offices import OF_A_COOPERATION, OF_A_PARTY, OfficeActing
from allmenning.web import offices
from allmenning.web.said import said

from .. import bill_words, ways, words
from ..forms import Form

EVERYONE = (*OF_A_COOPERATION, *OF_A_PARTY)


def acting(request: HttpRequest) -> OfficeActing:
    """In what role a view that is `office_only` is opened."""
    found: OfficeActing = request.office  # type: ignore[attr-defined]
    return found


def by_field(texts: object, names: Iterable[str]) -> dict[str, str]:
    """Texts in three languages, by the fields that they are written in (`Form.words`)."""
    data = {name: getattr(texts, name).as_data() for name in names}
    return {f"{name}_{language}": text for name, of in data.items() for language, text in of.items()}


def show(request: HttpRequest, template: str, context: dict[str, Any], form: Form | None = None) -> HttpResponse:
    """A page of the office, with the words that its templates use. `here` in the context marks the current way.

    form: the page's; one that is refused is answered as a bad request.
    """
    by = acting(request)
    staff = request.staff  # type: ignore[attr-defined]
    shared = {"staff": staff, "acting": by, "words": words, "offices": offices, "ways": ways.of(by), "said": said}
    return render(request, template, {**shared, "form": form, **context}, status=form.status if form else 200)


def show_costs(
    request: HttpRequest, here: str, template: str, context: dict[str, Any], form: Form | None = None
) -> HttpResponse:
    """A page about costs, settlements or bills, with their words. here: the current way."""
    is_treasurer = acting(request).role == "treasurer"
    shared = {"here": here, "w": bill_words, "saying": saying, "is_treasurer": is_treasurer}
    return show(request, template, {**shared, **context}, form)
