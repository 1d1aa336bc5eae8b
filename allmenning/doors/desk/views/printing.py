"""The print queue: letters for those who are not reached digitally."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from allmenning.basics.errors import AllmenningError
from allmenning.journeys import printing
from allmenning.journeys.hiding import NeedNotStated
from allmenning.municipal.access.errors import NotYours
from allmenning.municipal.people.ports import RegisterRefused, RegisterUnavailable
from allmenning.municipal.post.models import Delivery
from allmenning.web.said import said

from .common import AtWork, at_work, show

State = Delivery.State


@at_work
@require_GET
def queue(request: HttpRequest, at: AtWork) -> HttpResponse:
    """Letters that wait, or (with ?state=failed) those that could not be sent."""
    return _queue(request, at)


def _queue(request: HttpRequest, at: AtWork, error: str = "", letter: UUID | None = None) -> HttpResponse:
    state = State.FAILED if request.GET.get("state") == State.FAILED else State.WAITING
    context = {
        "here": "print",
        "letters": printing.queue(at.working, state),
        "counts": printing.counts(at.working),
        "state": state,
        "reasons": [(code, reason(code)) for code in printing.REASONS],
        "reason": reason,
        "error": error,
        "wrong": letter,
    }
    return show(request, "desk/print.html", context, status=422 if error else 200)


@at_work
@require_POST
def letter(request: HttpRequest, at: AtWork, delivery_id: UUID) -> HttpResponse:
    """The letter with the address, to print. A POST: it asks the register for an address, and that is logged."""
    try:
        pdf = printing.open_letter(delivery_id, at.working, staff_key=at.key)
    except NotYours:
        raise
    except NeedNotStated as error:
        messages.info(request, said(error))
        return redirect("desk:protected", case_id=printing.case_of(delivery_id))
    except (RegisterUnavailable, RegisterRefused):
        message = _("The population register does not answer, so the address can't be fetched. Try again in a while.")
        return _queue(request, at, message, delivery_id)
    except AllmenningError as error:
        return _queue(request, at, said(error), delivery_id)
    response = HttpResponse(pdf, content_type="application/pdf")
    # The name of the file tells nothing, as the envelope does not.
    response["Content-Disposition"] = 'inline; filename="letter.pdf"'
    response["Cache-Control"] = "no-store"
    return response


@at_work
@require_POST
def sent(request: HttpRequest, at: AtWork, delivery_id: UUID) -> HttpResponse:
    done = _("The letter is noted as sent.")
    return _done(request, at, lambda: printing.mark_sent(delivery_id, at.working, staff_key=at.key), done, delivery_id)


@at_work
@require_POST
def failed(request: HttpRequest, at: AtWork, delivery_id: UUID) -> HttpResponse:
    why = request.POST.get("reason", "")
    done = _("It is noted that the letter could not be sent.")
    return _done(
        request, at, lambda: printing.mark_failed(delivery_id, why, at.working, staff_key=at.key), done, delivery_id
    )


@at_work
@require_POST
def again(request: HttpRequest, at: AtWork, delivery_id: UUID) -> HttpResponse:
    done = _("The letter waits to be printed again.")
    return _done(request, at, lambda: printing.try_again(delivery_id, at.working, staff_key=at.key), done, delivery_id)


def _done(
    request: HttpRequest, at: AtWork, act: Callable[[], None], said_when_done: str, delivery_id: UUID
) -> HttpResponse:
    try:
        act()
    except NotYours:
        raise
    except AllmenningError as error:
        return _queue(request, at, said(error), delivery_id)
    messages.success(request, said_when_done)
    return redirect("desk:print")


def reason(code: str) -> str:
    """Why a letter is on paper, or could not be sent."""
    return {
        "reserved": _("Has said no to digital mail"),
        "cannot-be-notified": _("Can't be notified digitally"),
        "protected-address": _("The address is protected"),
        "no-address": _("No postal address"),
        "recipient-dead": _("The recipient is dead"),
        "returned": _("Came back in the post"),
        "consent-gone": _("The consent to it no longer holds"),
        "other": _("Another reason"),
    }.get(code, "")
