"""Settlements: drafted by the treasurer, commented on by the members, approved by the host's approver, issued, corrected."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from allmenning.basics import dates
from allmenning.basics.typed import Typed
from allmenning.commons.costs.issuing import BillingIncomplete
from allmenning.journeys import billing, entering_costs, offices, settling_periods
from allmenning.web.access import office_only

from .. import bill_words, words
from ..files import as_csv
from .common import acting, show_costs
from .forms import Answer, found, try_

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
    by, answer = acting(request), Answer()
    if request.method == "POST":
        answer = try_(request, lambda typed: _draft(request, agreement, typed))
        if not answer.is_refused:
            messages.success(request, _("The draft is made. The members see it now, each its own share."))
            return redirect("office:settlement", agreement=agreement, settlement=answer.made.row.id)
    shown = found(lambda: settling_periods.overview(by, agreement))
    context = {"shown": shown, "agreements": offices.agreements_of(by), "answer": answer}
    return show_costs(request, HERE, "office/settlements.html", context, answer.status)


@office_only(*READERS)
@require_http_methods(["GET", "POST"])
def settlement(request: HttpRequest, agreement: str, settlement: int) -> HttpResponse:
    """A settlement, each line opening to how it was reckoned; what is said of it; and the approval."""
    by, answer = acting(request), Answer()
    if request.method == "POST":
        answer = try_(request, lambda typed: _say(request, agreement, settlement, typed))
        if not answer.is_refused:
            messages.success(request, answer.made)
            return redirect("office:settlement", agreement=agreement, settlement=settlement)
    opened = found(lambda: settling_periods.opened(by, agreement, settlement))
    context = {"opened": opened, "answer": answer, "today": dates.today()}
    return show_costs(request, HERE, "office/settlement.html", context, answer.status)


@office_only("treasurer")
@require_http_methods(["GET", "POST"])
def issue(request: HttpRequest, agreement: str, settlement: int) -> HttpResponse:
    """The treasurer's choices, and then the bills."""
    by, answer = acting(request), Answer()
    if request.method == "POST":
        answer = try_(request, lambda typed: settling_periods.issue(by, agreement, settlement, typed))
        if not answer.is_refused:
            count = len(answer.made)
            messages.success(
                request, ngettext("%(count)s bill is issued.", "%(count)s bills are issued.", count) % {"count": count}
            )
            return redirect("office:settlement", agreement=agreement, settlement=settlement)
    asked = found(lambda: settling_periods.asked(by, agreement, settlement))
    incomplete = isinstance(answer.general, BillingIncomplete)
    context = {"asked": asked, "answer": answer, "is_incomplete": incomplete}
    return show_costs(request, HERE, "office/settlement_issue.html", context, answer.status)


@office_only("treasurer")
@require_http_methods(["GET", "POST"])
def correct(request: HttpRequest, agreement: str, settlement: int) -> HttpResponse:
    """Something was wrong in an issued settlement."""
    by, answer = acting(request), Answer()
    if request.method == "POST":
        answer = try_(request, lambda typed: settling_periods.correct(by, agreement, settlement, typed))
        if not answer.is_refused:
            messages.success(request, _("The correction is kept, and will be lines of the next settlement."))
            return redirect("office:settlements-of", agreement=agreement)
    opened = found(lambda: settling_periods.opened(by, agreement, settlement))
    return show_costs(
        request, HERE, "office/settlement_correct.html", {"opened": opened, "answer": answer}, answer.status
    )


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


def _draft(request: HttpRequest, agreement: str, typed: dict[str, str]) -> object:
    read = Typed(typed)
    day = read.day("day")
    read.done()
    with entering_costs.beside():
        return settling_periods.draft(acting(request), agreement, day)


def _say(request: HttpRequest, agreement: str, settlement: int, typed: dict[str, str]) -> str:
    """A comment, an answer or an approval, and what is said when it is kept."""
    by = acting(request)
    if "approve" in typed:
        settling_periods.approve(by, agreement, settlement, typed.get("reason", ""))
        return _("The settlement is approved. The treasurer may issue it.")
    if typed.get("comment", "").isdecimal():
        settling_periods.answer(by, agreement, int(typed["comment"][:15]), typed.get("text", ""))
        return _("The answer is kept.")
    settling_periods.comment(by, agreement, settlement, typed.get("text", ""))
    return _("The comment is kept. The treasurer answers it.")
