"""Settlements: drafted by the treasurer, commented on by the members, approved by the host's approver, issued, corrected."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from allmenning.basics import dates
from allmenning.commons.costs.agreement import Accounts
from allmenning.commons.identity.offices import OfficeActing
from allmenning.journeys import billing, offices, settling_periods
from allmenning.web.access import office_only

from .. import bill_words, words
from ..files import as_csv
from ..forms import Form, found
from .common import acting, show_costs

READERS = ("treasurer", "approver", "board", "member-treasurer")
HERE = "office:settlements"


@office_only(*READERS)
@require_GET
def first(request: HttpRequest) -> HttpResponse:
    """The settlements of the first agreement that the role reaches."""
    agreements = offices.agreements_of(acting(request))
    if not agreements:
        return redirect("office:front")
    return redirect("office:settlements-of", agreement=agreements[0].agreement.id)


@office_only(*READERS)
@require_http_methods(["GET", "POST"])
def settlements(request: HttpRequest, agreement: str) -> HttpResponse:
    """Every settlement of an agreement; the treasurer drafts a period from here."""
    by, form = acting(request), Form(request)
    if "correction" in form.values:
        if _take_out(by, form, agreement):
            messages.success(request, _("The correction is taken out."))
            return redirect("office:settlements-of", agreement=agreement)
    elif form.is_sent and _draft(by, form, agreement):
        messages.success(request, _("The draft is made. The members see it now, each its own share."))
        return redirect("office:settlement", agreement=agreement, settlement=form.made.row.id)
    shown = found(lambda: settling_periods.overview(by, agreement))
    context = {"shown": shown, "agreements": offices.agreements_of(by)}
    return show_costs(request, HERE, "office/settlements.html", context, form)


@office_only(*READERS)
@require_http_methods(["GET", "POST"])
def settlement(request: HttpRequest, agreement: str, settlement: int) -> HttpResponse:
    """A settlement, each line opening to how it was reckoned; what is said of it; and the approval."""
    by, form = acting(request), Form(request)
    if form.is_sent and (told := _say(by, form, agreement, settlement)):
        messages.success(request, told)
        return redirect("office:settlement", agreement=agreement, settlement=settlement)
    opened = found(lambda: settling_periods.opened(by, agreement, settlement))
    return show_costs(request, HERE, "office/settlement.html", {"opened": opened, "today": dates.today()}, form)


@office_only("treasurer")
@require_http_methods(["GET", "POST"])
def issue(request: HttpRequest, agreement: str, settlement: int) -> HttpResponse:
    """The treasurer's choices, and then the bills."""
    by, form = acting(request), Form(request)
    if form.do(lambda: settling_periods.issue(by, agreement, settlement, form.values)):
        count = len(form.made)
        said = ngettext("%(count)s bill is issued.", "%(count)s bills are issued.", count)
        messages.success(request, said % {"count": count})
        return redirect("office:settlement", agreement=agreement, settlement=settlement)
    asked = found(lambda: settling_periods.asked(by, agreement, settlement))
    form.proposed = {"due": asked.due.isoformat(), **_codes(asked.accounts)}
    return show_costs(request, HERE, "office/settlement_issue.html", {"asked": asked}, form)


@office_only("treasurer")
@require_http_methods(["GET", "POST"])
def correct(request: HttpRequest, agreement: str, settlement: int) -> HttpResponse:
    """Something was wrong in an issued settlement."""
    by, form = acting(request), Form(request)
    if form.do(lambda: settling_periods.correct(by, agreement, settlement, form.values)):
        messages.success(request, _("The correction is kept, and will be lines of the next settlement."))
        return redirect("office:settlements-of", agreement=agreement)
    opened = found(lambda: settling_periods.opened(by, agreement, settlement))
    return show_costs(request, HERE, "office/settlement_correct.html", {"opened": opened}, form)


@office_only(*READERS)
@require_GET
def shares(request: HttpRequest, agreement: str, settlement: int) -> HttpResponse:
    """Each one's share as CSV, exact too: a member's own."""
    opened = found(lambda: settling_periods.opened(acting(request), agreement, settlement))
    rows: list[list[object]] = [
        [_("What"), _("Municipality number"), _("Party"), _("Inhabitants"), _("Exact share in øre"), _("Sum in kroner")]
    ]
    pots = [*((pot, "") for pot in opened.pots), *((pot, each.start) for each, pot in opened.corrected)]
    for pot, of in pots:
        what = bill_words.project(opened.agreement, pot.project) + (f" ({of:%Y})" if of else "")
        for share in pot.shares:
            people = "" if share.party.population is None else share.party.population
            sums = [words.exact(share), words.kroner(share.ore)]
            rows.append([what, share.party.number, share.party.name, people, *sums])
    return as_csv(rows, f"{agreement}-{opened.known.row.start}-{opened.known.row.number}.csv")


@office_only("treasurer", "approver", "member-treasurer")
@require_GET
def vouchers(request: HttpRequest, agreement: str, settlement: int) -> HttpResponse:
    """What the bills are in the accounts of host and payer, as CSV that balances."""
    found_rows = found(lambda: billing.vouchers(acting(request), agreement, settlement))
    head = [_("Whose"), _("Party"), _("Invoice number"), _("Date"), _("Entered as"), _("Art"), _("Function")]
    rows: list[list[object]] = [[*head, _("Project"), _("Text"), _("Debit"), _("Credit")]]
    for each in found_rows:
        account = [each.account.art, each.account.function] if each.account else ["", ""]
        sums = [words.kroner(ore) if ore else "" for ore in (each.debit, each.credit)]
        whose = [bill_words.side(each.side), bill_words.party(each.party), each.document, each.day.isoformat()]
        rows.append([*whose, bill_words.posted(each.kind), *account, each.project, each.text, *sums])
    name = _("vouchers")
    return as_csv(rows, f"{agreement}-{settlement}-{name}.csv")


def _draft(by: OfficeActing, form: Form, agreement: str) -> bool:
    day = form.day("day")
    return form.do(lambda: settling_periods.draft(by, agreement, day))


def _take_out(by: OfficeActing, form: Form, agreement: str) -> bool:
    correction = form.number("correction")
    return form.do(lambda: settling_periods.take_out_correction(by, agreement, correction, form["reason"]))


def _say(by: OfficeActing, form: Form, agreement: str, settlement: int) -> str:
    """A comment, an answer or an approval: what is said when it is kept; nothing where it is refused."""
    if "approve" in form.values:
        done = form.do(lambda: settling_periods.approve(by, agreement, settlement, form["reason"]))
        return _("The settlement is approved. The treasurer may issue it.") if done else ""
    if "comment" in form.values:
        comment = form.number("comment")
        done = form.do(lambda: settling_periods.answer(by, agreement, comment, form["text"]))
        return _("The answer is kept.") if done else ""
    done = form.do(lambda: settling_periods.comment(by, agreement, settlement, form["text"]))
    return _("The comment is kept. The treasurer answers it.") if done else ""


def _codes(accounts: Accounts) -> dict[str, str]:
    """The accounts of host and payer, by the fields that ask for them."""
    sides = {"host": accounts.host, "payer": accounts.payer}
    return {f"{side}_{what}": getattr(one, what) for side, one in sides.items() for what in ("art", "function")}
