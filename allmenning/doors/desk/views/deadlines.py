"""What is due this week, and in a case: extending a deadline, and telling why one was missed."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from allmenning.basics.errors import AllmenningError
from allmenning.journeys import deadlines, leading
from allmenning.journeys.due_list import LATE_WEEKS, LATER_WEEKS, MOST, due_list
from allmenning.municipal.access.errors import NotYours
from allmenning.municipal.cases.errors import CaseNotFound, KindMissing
from allmenning.web.access import checks_its_own_text
from allmenning.web.filling import language
from allmenning.web.said import said

from .case import case_page, id_of
from .common import AtWork, at_work, show


@at_work
@require_GET
def due(request: HttpRequest, at: AtWork) -> HttpResponse:
    """Overdue, today, this week and a while after. Who leads a unit sees all of it, others first what they have or nobody has."""
    unit_id = id_of(request.GET.get("unit"))
    unit_id = unit_id if unit_id in at.working.units else None
    leads, whose = leading.leads(at.working), request.GET.get("whose", "")
    whole_unit = whose == "unit" or (whose != "mine" and (leads or unit_id is not None))
    context = {
        "at": at,
        "found": due_list(at.working, unit_id, whole_unit=whole_unit),
        "whole_unit": whole_unit,
        "leads": leads,
        "unit_id": unit_id,
        "late_weeks": LATE_WEEKS,
        "units": sorted(at.working.unit_names.items(), key=lambda unit: unit[1]),
        "most": MOST,
        "weeks": LATER_WEEKS,
        "lang": language(),
    }
    return show(request, "desk/due.html", context)


@checks_its_own_text
@at_work
@require_POST
def extend(request: HttpRequest, at: AtWork, case_id: UUID, deadline_id: UUID) -> HttpResponse:
    """Extend a deadline, with reasons."""
    reasons = request.POST.get("reasons", "")
    try:
        deadlines.extend(case_id, deadline_id, reasons, at.working, staff_key=at.key)
    except (CaseNotFound, NotYours):
        raise
    except AllmenningError as error:
        typed = {"extension": reasons}
        return case_page(request, at, case_id, typed, {f"extension-{deadline_id}": said(error)}, 422)
    messages.success(request, _("The deadline is extended."))
    return redirect(reverse("desk:case", args=[case_id]) + "#deadlines")


@checks_its_own_text
@at_work
@require_POST
def missed(request: HttpRequest, at: AtWork, case_id: UUID, deadline_id: UUID) -> HttpResponse:
    """Tell why a deadline was missed."""
    because, reason = request.POST.get("because", "")[:24], request.POST.get("reason", "")
    try:
        deadlines.explain(case_id, deadline_id, because, reason, at.working, staff_key=at.key)
    except (CaseNotFound, NotYours):
        raise
    except AllmenningError as error:
        typed = {"because": because, "missed": reason}
        field = "because" if isinstance(error, KindMissing) else "missed"
        return case_page(request, at, case_id, typed, {f"{field}-{deadline_id}": said(error)}, 422)
    messages.success(request, _("It is noted why the deadline was missed."))
    return redirect(reverse("desk:case", args=[case_id]) + "#deadlines")
