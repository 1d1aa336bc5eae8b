"""What every page of the administration has: who administers, the menu, and a form whose refusals stand by their field."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from allmenning.basics.errors import AllmenningError
from allmenning.commons.catalogue.errors import UnknownService
from allmenning.commons.identity.sessions import Staff
from allmenning.journeys.administering import Administrator
from allmenning.municipal.access import queries as access
from allmenning.web.access import administrator_only, checks_its_own_text

from . import words
from .fields import Form


def administers(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponseBase]:
    """The view runs as somebody who administers the municipality today, whatever the session says of yesterday."""

    @administrator_only
    @wraps(view)
    def wrapped(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        staff: Staff = request.staff  # type: ignore[attr-defined]
        if staff.staff_id is None or not access.is_administrator(staff.staff_id):
            raise PermissionDenied("not an administrator today")
        try:
            return view(request, Administrator(staff.staff_id, staff.name), **kwargs)
        except (ObjectDoesNotExist, UnknownService) as error:
            raise Http404("no such thing here") from error

    return checks_its_own_text(wrapped)


def show(request: HttpRequest, name: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page of the administration: `desk/administration/<name>.html`."""
    form = context.get("form")
    if isinstance(form, Form) and form.is_refused:
        status = 422
    common = {"staff": request.staff, "words": words, "here": "administration", "name": name}  # type: ignore[attr-defined]
    return render(request, f"desk/administration/{name}.html", {**common, **context}, status=status)


def saved(form: Form, act: Callable[..., Any]) -> bool:
    """Do what the form asks for, with its values by name. False when something is wrong, which is then in the form."""
    if not form.is_valid():
        return False
    try:
        act(**form.cleaned_data)
    except AllmenningError as error:
        form.refuse(error)
        return False
    return True
