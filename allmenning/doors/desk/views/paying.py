"""What is to be paid in the cases that somebody handles, and the files of it for the accounts."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from allmenning.basics import dates
from allmenning.basics.errors import AllmenningError
from allmenning.basics.spreadsheet import MEDIA_TYPE
from allmenning.journeys import hiding, paying
from allmenning.municipal.cases.errors import NothingToHandOver
from allmenning.web.filling import as_download
from allmenning.web.said import said

from .common import AtWork, at_work, show


@at_work
@require_GET
def payments(request: HttpRequest, at: AtWork) -> HttpResponse:
    """What is due by a day, with its sum, and the last files."""
    return _page(request, at, _until(request.GET.get("until", "")))


@at_work
@require_POST
def hand_over(request: HttpRequest, at: AtWork) -> HttpResponse:
    """Make a file for the accounts of what is due by a day: each payment once."""
    until = _until(request.POST.get("until", ""))
    try:
        paying.make_file(at.working, until)
    except AllmenningError as error:
        return _page(request, at, until, said(error), 409)
    messages.success(request, _("The file is made. Fetch it below and give it to the accounts."))
    return redirect("desk:payments")


@at_work
@require_GET
def file(request: HttpRequest, at: AtWork, file_id: UUID) -> HttpResponse:
    """A file for the accounts, as a download."""
    try:
        content = paying.file_of(file_id, at.working)
    except NothingToHandOver:
        raise Http404("no such file") from None
    except hiding.NeedNotStated:
        why = _(
            "The file has payments of one whose address is protected. Say in the case why you need to see it first."
        )
        return _page(request, at, _until(""), why, 403)
    return as_download(content.encode(), f"{_('payments')}-{file_id.hex[-8:]}.csv", MEDIA_TYPE)


def _page(request: HttpRequest, at: AtWork, until: date, refused: str = "", status: int = 200) -> HttpResponse:
    due = paying.to_pay(at.working, until)
    context = {
        "at": at,
        "until": until,
        "due": due,
        "sum": sum(each.amount_ore for each in due),
        "hidden": [each for each in due if each.opened is None],
        "files": paying.files_made(at.working),
        "refused": refused,
    }
    return show(request, "desk/payments.html", context, status=status)


def _until(text: str) -> date:
    return dates.day_in(text) or dates.add_weeks(dates.today(), paying.AHEAD_WEEKS)
