"""What a cooperation costs: the lines, their files, grants and use, and the budget beside them. For its treasurer."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from allmenning.basics import dates
from allmenning.basics.dates import read_date
from allmenning.commons.costs.entering import ATTACHED_TYPES, LARGEST_ATTACHMENT, MEASURES
from allmenning.commons.costs.errors import Ended, NotInForce, TooFarAhead
from allmenning.journeys import billing, entering_costs, measured_use, offices
from allmenning.web.access import office_only
from allmenning.web.said import said

from ..files import as_file
from .common import acting, show_costs
from .forms import Answer, file_of, found, try_, upload_of, whole

READERS = ("treasurer", "approver", "board")
HERE = "office:costs"
ACTS = {"budget": entering_costs.set_budget, "grant": entering_costs.enter_grant, "use": entering_costs.enter_use}


@office_only(*READERS)
@require_GET
def first(request: HttpRequest) -> HttpResponse:
    """The costs of the first agreement that the role reaches."""
    agreements = offices.agreements_of(acting(request))
    if not agreements:
        return redirect("office:front")
    return redirect("office:costs-of", agreement=agreements[0].agreement.id)


@office_only(*READERS)
@require_GET
def costs(request: HttpRequest, agreement: str) -> HttpResponse:
    by = acting(request)
    year = whole(request.GET.get("year", ""), 0)
    year = year if 1900 < year < 9000 else found(lambda: entering_costs.newest_year(by, agreement))
    page = whole(request.GET.get("page", ""), 1)
    shown = found(lambda: entering_costs.costs(by, agreement, year=year, page=page))
    context = {"shown": shown, "agreements": offices.agreements_of(by), "years": range(year - 1, year + 2)}
    return show_costs(request, HERE, "office/costs.html", context)


@office_only("treasurer")
@require_http_methods(["GET", "POST"])
def enter(request: HttpRequest, agreement: str) -> HttpResponse:
    """One cost by hand, with the supplier's invoice if it is at hand."""
    by, answer = acting(request), Answer({"day": dates.today().isoformat()})
    agreed = found(lambda: offices.agreement_for(by, agreement)).agreement
    if request.method == "POST":
        answer = try_(request, lambda typed: entering_costs.enter(by, agreement, typed, upload_of(request)))
        if not answer.is_refused:
            messages.success(request, _("The cost is entered."))
            return redirect("office:cost", agreement=agreement, cost=answer.made.id)
    context = {"agreement": agreed, "answer": answer, "limit": LARGEST_ATTACHMENT // 1_000_000}
    return show_costs(request, HERE, "office/cost_enter.html", context, answer.status)


@office_only("treasurer")
@require_http_methods(["GET", "POST"])
def enter_file(request: HttpRequest, agreement: str) -> HttpResponse:
    """A ledger as CSV: all of it, or none and why."""
    by, answer = acting(request), Answer()
    agreed = found(lambda: offices.agreement_for(by, agreement)).agreement
    if request.method == "POST":
        raw, name = file_of(request)
        late = bool(request.POST.get("late"))
        answer = try_(request, lambda typed: entering_costs.enter_file(by, agreement, raw, name, late=late))
        if not answer.is_refused:
            messages.success(request, _("%(lines)s lines are entered.") % {"lines": answer.made.lines})
            return redirect("office:costs-of", agreement=agreement)
    return show_costs(request, HERE, "office/cost_file.html", {"agreement": agreed, "answer": answer}, answer.status)


@office_only(*READERS)
@require_http_methods(["GET", "POST"])
def cost(request: HttpRequest, agreement: str, cost: int) -> HttpResponse:
    """One line: its files, and taking it out."""
    by, answer = acting(request), Answer()
    if request.method == "POST":
        upload = upload_of(request)
        answer = try_(
            request,
            lambda typed: (
                entering_costs.attach(by, agreement, cost, upload)
                if upload
                else entering_costs.take_out(by, agreement, cost, typed.get("reason", ""))
            ),
        )
        if not answer.is_refused:
            messages.success(request, _("The file is kept.") if upload else _("The line is taken out."))
            return redirect("office:cost", agreement=agreement, cost=cost)
    opened = found(lambda: entering_costs.one(by, agreement, cost))
    context = {"opened": opened, "answer": answer, "types": ",".join(ATTACHED_TYPES)}
    return show_costs(request, HERE, "office/cost.html", context, answer.status)


@office_only(*READERS)
@require_GET
def attachment(request: HttpRequest, agreement: str, attachment: int) -> HttpResponse:
    """A supplier's invoice, to be saved."""
    row, content = found(lambda: entering_costs.attachment(acting(request), agreement, attachment))
    return as_file(content, row.media_type, row.name)


@office_only("treasurer")
@require_http_methods(["GET", "POST"])
def besides(request: HttpRequest, agreement: str) -> HttpResponse:
    """A budget, a grant, or what somebody used."""
    by, proposed = acting(request), {"day": dates.today().isoformat(), "year": str(dates.today().year)}
    answer = Answer(proposed)
    agreed = found(lambda: offices.agreement_for(by, agreement)).agreement
    if request.method == "POST":
        act = ACTS.get(request.POST.get("what", ""), entering_costs.set_budget)
        answer = try_(request, lambda typed: act(by, agreement, typed))
        if not answer.is_refused:
            is_late = hasattr(answer.made, "correction")
            late = _("The period is settled, so the grant is a correction, and reduces the next settlement.")
            messages.success(request, late if is_late else _("It is entered."))
            return redirect("office:costs-of", agreement=agreement)
    context = {"agreement": agreed, "answer": answer, "proposed": proposed, "measures": MEASURES}
    context["parties"] = billing.parties(by, agreement)
    return show_costs(request, HERE, "office/cost_besides.html", context, answer.status)


@office_only("treasurer")
@require_http_methods(["GET", "POST"])
def use(request: HttpRequest, agreement: str) -> HttpResponse:
    """What the platform measured of each party in a period, to be taken over."""
    by, answer = acting(request), Answer()
    day = read_date(request.GET.get("day", "")) or dates.today()
    if request.method == "POST":
        answer = try_(request, lambda typed: measured_use.take_over(by, agreement, day, typed.get("seen", "")))
        if not answer.is_refused:
            messages.success(request, _("What the platform measured is taken over."))
            return redirect("office:costs-of", agreement=agreement)
    try:
        proposed = found(lambda: measured_use.proposal(by, agreement, day))
    except (NotInForce, Ended, TooFarAhead) as error:
        proposed, answer.general = None, error
    agreed = found(lambda: offices.agreement_for(by, agreement)).agreement
    context = {"agreement": agreed, "proposed": proposed, "answer": answer, "day": day}
    return show_costs(request, HERE, "office/cost_use.html", context, answer.status)


@office_only("treasurer")
@require_http_methods(["POST"])
def take_out_grant(request: HttpRequest, agreement: str, grant: int) -> HttpResponse:
    answer = try_(
        request,
        lambda typed: entering_costs.take_out_grant(acting(request), agreement, grant, typed.get("reason", "")),
    )
    if answer.general:
        messages.error(request, said(answer.general))
    return redirect("office:costs-of", agreement=agreement)
