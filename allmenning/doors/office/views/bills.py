"""Invoices and credit notes: the cooperation's treasurer sees all, a member its own; payments, and whom bills go to."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from allmenning.basics import dates
from allmenning.commons.costs.billing import Details
from allmenning.journeys import billing, offices
from allmenning.web.access import office_only

from ..files import as_file
from .common import acting, show_costs
from .forms import Answer, file_of, found, try_

READERS = ("treasurer", "approver", "board", "member-treasurer")
WHO_KEEP = ("treasurer", "approver", "member-treasurer")
HERE = "office:bills"


@office_only(*READERS)
@require_GET
def bills(request: HttpRequest) -> HttpResponse:
    by = acting(request)
    rows = billing.bills_of(by)
    context = {"shown": rows, "overdue": billing.overdue(rows), "today": dates.today(), "by": by}
    return show_costs(request, HERE, "office/bills.html", context)


@office_only(*READERS)
@require_http_methods(["GET", "POST"])
def bill(request: HttpRequest, bill: int) -> HttpResponse:
    """A bill with its lines and payments; the treasurer enters or takes out a payment."""
    by, answer = acting(request), Answer({"day": dates.today().isoformat()})
    if request.method == "POST":
        answer = try_(request, lambda typed: _pay(request, bill, typed))
        if not answer.is_refused:
            messages.success(request, answer.made)
            return redirect("office:bill", bill=bill)
    shown = found(lambda: billing.bill(by, bill))
    return show_costs(
        request, HERE, "office/bill.html", {"shown": shown, "answer": answer, "today": dates.today()}, answer.status
    )


@office_only(*READERS)
@require_GET
def file(request: HttpRequest, bill: int, kind: str) -> HttpResponse:
    """The bill as it was issued: `ehf` or `pdf`."""
    if kind not in ("ehf", "pdf"):
        raise Http404("no such file")
    row, files = found(lambda: billing.files(acting(request), bill))
    if kind == "ehf":
        return as_file(bytes(files.xml), "application/xml", f"{row.number}.xml")
    return as_file(bytes(files.pdf), "application/pdf", f"{row.number}.pdf")


@office_only("treasurer")
@require_http_methods(["GET", "POST"])
def payments(request: HttpRequest) -> HttpResponse:
    """Payments from the bank as CSV: all of them, or none and why."""
    by, answer = acting(request), Answer()
    if request.method == "POST":
        raw, name = file_of(request)
        answer = try_(request, lambda typed: billing.enter_payments(by, raw, name, host=typed.get("host", "")))
        if not answer.is_refused:
            count = len(answer.made)
            said_ = ngettext("%(count)s payment is entered.", "%(count)s payments are entered.", count)
            messages.success(request, said_ % {"count": count})
            return redirect("office:bills")
    return show_costs(
        request, HERE, "office/payments.html", {"answer": answer, "hosts": billing.hosts(by)}, answer.status
    )


@office_only("treasurer", "approver")
@require_GET
def parties(request: HttpRequest, agreement: str) -> HttpResponse:
    """Whom bills come from and go to, and what is missing."""
    by = acting(request)
    shown = found(lambda: billing.parties(by, agreement))
    agreed = offices.agreement_for(by, agreement).agreement
    return show_costs(request, HERE, "office/bill_parties.html", {"shown": shown, "agreement": agreed})


@office_only(*WHO_KEEP)
@require_http_methods(["GET", "POST"])
def party(request: HttpRequest, agreement: str, party: str) -> HttpResponse:
    """What bills need to know of one party: kept by the cooperation's treasurer, or its own."""
    by = acting(request)
    shown = found(lambda: billing.details(by, agreement, party))
    names = Details.__dataclass_fields__
    held = {name: getattr(shown.details, name) for name in names} if shown.details else {"name": shown.name}
    answer = Answer(held)
    if request.method == "POST":
        answer = try_(request, lambda typed: billing.keep_details(by, agreement, party, _details(typed)))
        if not answer.is_refused:
            messages.success(request, _("What bills need to know of %(party)s is kept.") % {"party": shown.name})
            if by.scope:
                return redirect("office:bill-parties", agreement=agreement)
            return redirect("office:bills")
    agreed = offices.agreement_for(by, agreement).agreement
    return show_costs(
        request, HERE, "office/bill_party.html", {"shown": shown, "agreement": agreed, "answer": answer}, answer.status
    )


def _details(typed: dict[str, str]) -> Details:
    texts = ("organisation", "name", "street", "postcode", "city", "account", "buyer_reference")
    return Details(
        **{name: typed.get(name, "") for name in texts},
        is_registered=bool(typed.get("is_registered")),
        language=typed.get("language", "nb"),
    )


def _pay(request: HttpRequest, bill: int, typed: dict[str, str]) -> str:
    by = acting(request)
    if typed.get("payment", "").isdecimal():
        billing.take_out_payment(by, bill, int(typed["payment"][:15]), typed.get("reason", ""))
        return _("The payment is taken out.")
    billing.enter_payment(by, bill, typed)
    return _("The payment is entered.")
