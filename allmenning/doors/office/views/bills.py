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
from allmenning.commons.identity.offices import OfficeActing
from allmenning.journeys import billing, offices
from allmenning.web.access import office_only

from ..files import as_file
from ..forms import Form, file_of, found
from .common import acting, show_costs

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
    by, form = acting(request), Form(request, day=dates.today().isoformat())
    if form.is_sent and (told := _pay(by, form, bill)):
        messages.success(request, told)
        return redirect("office:bill", bill=bill)
    shown = found(lambda: billing.bill(by, bill))
    return show_costs(request, HERE, "office/bill.html", {"shown": shown, "today": dates.today()}, form)


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
    by, form = acting(request), Form(request)
    if form.do(lambda: billing.enter_payments(by, *file_of(request), host=form["host"])):
        count = len(form.made)
        said = ngettext("%(count)s payment is entered.", "%(count)s payments are entered.", count)
        messages.success(request, said % {"count": count})
        return redirect("office:bills")
    return show_costs(request, HERE, "office/payments.html", {"hosts": billing.hosts(by)}, form)


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
    form = Form(request, **held)
    if form.do(lambda: billing.keep_details(by, agreement, party, _details(form))):
        messages.success(request, _("What bills need to know of %(party)s is kept.") % {"party": shown.name})
        if by.scope:
            return redirect("office:bill-parties", agreement=agreement)
        return redirect("office:bills")
    agreed = offices.agreement_for(by, agreement).agreement
    context = {
        "shown": shown,
        "known": shown.details,
        "agreement": agreed,
        "may_keep": by.role in billing.KEEPS_DETAILS,
    }
    return show_costs(request, HERE, "office/bill_party.html", context, form)


def _details(form: Form) -> Details:
    texts = ("organisation", "name", "street", "postcode", "city", "account", "buyer_reference")
    return Details(
        **{name: form[name] for name in texts},
        is_registered=bool(form["is_registered"]),
        language=form.values.get("language", "nb"),
    )


def _pay(by: OfficeActing, form: Form, bill: int) -> str:
    """A payment is entered or taken out: what is said of it; nothing where it is refused."""
    if "payment" in form.values:
        payment = form.number("payment")
        done = form.do(lambda: billing.take_out_payment(by, bill, payment, form["reason"]))
        return _("The payment is taken out.") if done else ""
    done = form.do(lambda: billing.enter_payment(by, bill, form.values))
    return _("The payment is entered.") if done else ""
