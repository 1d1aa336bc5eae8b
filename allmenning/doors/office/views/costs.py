"""What a cooperation costs: the lines, their files, grants and use, and the budget beside them. For its treasurer."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from allmenning.basics import dates
from allmenning.basics.dates import read_date
from allmenning.commons.costs.entering import ATTACHED_TYPES, LARGEST_ATTACHMENT, MEASURES
from allmenning.commons.costs.errors import Ended, NotInForce, TooFarAhead
from allmenning.journeys import billing, entering_costs, measured_use, offices
from allmenning.web.access import office_only

from ..files import as_file
from ..forms import ALL, Form, file_of, found, upload_of, whole
from .common import acting, show_costs

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
    return _costs(request, agreement, Form(request))


def _costs(request: HttpRequest, agreement: str, form: Form) -> HttpResponse:
    by = acting(request)
    year = whole(request.GET.get("year", ""), 0)
    year = year if 1900 < year < 9000 else found(lambda: entering_costs.newest_year(by, agreement))
    page = whole(request.GET.get("page", ""), 1)
    shown = found(lambda: entering_costs.costs(by, agreement, year=year, page=page))
    context = {"shown": shown, "agreements": offices.agreements_of(by), "years": range(year - 1, year + 2)}
    return show_costs(request, HERE, "office/costs.html", context, form)


@office_only("treasurer")
@require_http_methods(["GET", "POST"])
def enter(request: HttpRequest, agreement: str) -> HttpResponse:
    """One cost by hand, with the supplier's invoice if it is at hand."""
    by, form = acting(request), Form(request, day=dates.today().isoformat())
    agreed = found(lambda: offices.agreement_for(by, agreement)).agreement
    if form.do(lambda: entering_costs.enter(by, agreement, form.values, upload_of(request))):
        messages.success(request, _("The cost is entered."))
        return redirect("office:cost", agreement=agreement, cost=form.made.id)
    context = {"agreement": agreed, "limit": LARGEST_ATTACHMENT // 1_000_000}
    return show_costs(request, HERE, "office/cost_enter.html", context, form)


@office_only("treasurer")
@require_http_methods(["GET", "POST"])
def enter_file(request: HttpRequest, agreement: str) -> HttpResponse:
    """A ledger as CSV: all of it, or none and why."""
    by, form = acting(request), Form(request)
    agreed = found(lambda: offices.agreement_for(by, agreement)).agreement
    if form.do(lambda: entering_costs.enter_file(by, agreement, *file_of(request), late=bool(form["late"]))):
        messages.success(
            request,
            ngettext("%(num)s line is entered.", "%(num)s lines are entered.", form.made.lines)
            % {"num": form.made.lines},
        )
        return redirect("office:costs-of", agreement=agreement)
    return show_costs(request, HERE, "office/cost_file.html", {"agreement": agreed}, form)


@office_only(*READERS)
@require_http_methods(["GET", "POST"])
def cost(request: HttpRequest, agreement: str, cost: int) -> HttpResponse:
    """One line: its files, and taking it out."""
    by, form, upload = acting(request), Form(request), upload_of(request)
    if form.do(
        lambda: (
            entering_costs.attach(by, agreement, cost, upload)
            if upload
            else entering_costs.take_out(by, agreement, cost, form["reason"])
        )
    ):
        messages.success(request, _("The file is kept.") if upload else _("The line is taken out."))
        return redirect("office:cost", agreement=agreement, cost=cost)
    opened = found(lambda: entering_costs.one(by, agreement, cost))
    context = {"opened": opened, "types": ",".join(ATTACHED_TYPES)}
    return show_costs(request, HERE, "office/cost.html", context, form)


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
    by, today = acting(request), dates.today()
    form = Form(request, day=today.isoformat(), year=str(today.year))
    agreed = found(lambda: offices.agreement_for(by, agreement)).agreement
    act = ACTS.get(form["do"], entering_costs.set_budget)
    if form.do(lambda: act(by, agreement, form.values)):
        late = _("The period is settled, so the grant is a correction, and reduces the next settlement.")
        messages.success(request, late if hasattr(form.made, "correction") else _("It is entered."))
        return redirect("office:costs-of", agreement=agreement)
    context = {"agreement": agreed, "measures": MEASURES, "parties": billing.parties(by, agreement)}
    return show_costs(request, HERE, "office/cost_besides.html", context, form)


@office_only("treasurer")
@require_http_methods(["GET", "POST"])
def use(request: HttpRequest, agreement: str) -> HttpResponse:
    """What the platform measured of each party in a period, to be taken over."""
    by, form = acting(request), Form(request)
    day = read_date(request.GET.get("day", "")) or dates.today()
    if form.do(lambda: measured_use.take_over(by, agreement, day, form["seen"])):
        messages.success(request, _("What the platform measured is taken over."))
        return redirect("office:costs-of", agreement=agreement)
    try:
        proposed = found(lambda: measured_use.proposal(by, agreement, day))
    except (NotInForce, Ended, TooFarAhead) as error:
        proposed, form.errors[ALL] = None, error
    agreed = found(lambda: offices.agreement_for(by, agreement)).agreement
    context = {"agreement": agreed, "proposed": proposed, "day": day}
    return show_costs(request, HERE, "office/cost_use.html", context, form)


@office_only("treasurer")
@require_http_methods(["POST"])
def take_out_grant(request: HttpRequest, agreement: str, grant: int) -> HttpResponse:
    form = Form(request)
    if form.do(lambda: entering_costs.take_out_grant(acting(request), agreement, grant, form["reason"])):
        return redirect("office:costs-of", agreement=agreement)
    return _costs(request, agreement, form)
