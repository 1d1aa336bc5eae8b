"""What every page of the desk has: who works, in what, and the words for a refusal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render

from allmenning import tenancy
from allmenning.commons.identity.sessions import Staff
from allmenning.journeys import casework, disqualifying
from allmenning.journeys.hiding import NeedNotStated
from allmenning.municipal.access import queries as access
from allmenning.municipal.access.actor import Working
from allmenning.municipal.access.errors import NotStaffHere, NotYours
from allmenning.municipal.cases.errors import CaseNotFound
from allmenning.web.access import staff_only
from allmenning.web.said import said

from .. import words


@dataclass(frozen=True)
class AtWork:
    """Somebody at the desk: the session's staff, and what they are and may today."""

    staff: Staff
    working: Working

    @cached_property
    def key(self) -> bytes:
        """The key that they would have as a resident here: nobody handles a case of their own."""
        return casework.staff_resident_key(str(self.staff.municipality), self.staff.number)


def at_work(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponseBase]:
    """The view runs as staff who work here today. A case that is not theirs, or not here, is refused in words."""

    @staff_only
    @wraps(view)
    def wrapped(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        staff: Staff = request.staff  # type: ignore[attr-defined]
        try:
            at = _at_work(staff)
        except NotStaffHere as error:
            return show(request, "desk/not_staff.html", {"message": said(error)}, status=403)
        try:
            return view(request, at, **kwargs)
        except CaseNotFound as error:
            return show(request, "desk/refused.html", {"message": said(error), "reason": ""}, status=404)
        except NeedNotStated as error:
            if "case_id" not in kwargs:
                raise
            messages.info(request, said(error))
            return redirect("desk:protected", case_id=kwargs["case_id"])
        except NotYours as error:
            disqualifying.tell_of_refusal(error, at.working)
            reason = str(error.params.get("reason", ""))
            return show(
                request,
                "desk/refused.html",
                {"message": said(error), "reason": reason, "case_id": kwargs.get("case_id")},
                status=403,
            )

    return wrapped


def _at_work(staff: Staff) -> AtWork:
    """What this person is and may today. One statement, but for the first page of a month: then the register is asked."""
    assert staff.staff_id is not None
    at = AtWork(staff, access.working_as(staff.staff_id, str(staff.area)))
    if disqualifying.learns_near_ones(at.working, staff.number):
        at = AtWork(staff, access.working_as(staff.staff_id, str(staff.area)))
    return AtWork(staff, access.with_own_key(at.working, at.key))


def with_drafts(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Within `at_work`, for a view that opens drafts: the database is shown the key of whose drafts they are."""

    @wraps(view)
    def wrapped(request: HttpRequest, at: AtWork, **kwargs: Any) -> HttpResponse:
        with tenancy.use(str(at.staff.municipality), str(at.staff.area), keys=at.staff.keys()):
            return view(request, at, **kwargs)

    return wrapped


class Problems(dict[str, str]):
    """What is wrong, by field; a field without a problem has an empty one."""

    def __missing__(self, field: str) -> str:
        return ""


def show(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page of the desk, with the words that its templates use."""
    return render(request, template, {"staff": None, "words": words, **_of(request), **context}, status=status)


def _of(request: HttpRequest) -> dict[str, Any]:
    return {"staff": request.staff} if hasattr(request, "staff") else {}


def revision_of(request: HttpRequest, field: str = "revision") -> int:
    """The revision of the case (or the version of a record) that the person looked at, as the form says it; -1, which is
    none, for what is no number.
    """
    text = request.POST.get(field, "")
    return int(text) if text.isdecimal() and len(text) < 10 else -1
