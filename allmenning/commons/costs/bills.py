"""Reading bills: those of a settlement, of a payer, what is paid, and what is overdue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet, Sum
from django.db.models.functions import Coalesce

from allmenning.basics.norwegian import sort_key

from . import vouchers
from .agreement import Account, Accounts
from .errors import NoSuchBill
from .models import BillFile, BillLine, IssuedBill, Payment, SettlementIssue
from .vouchers import Billed, Posted


@dataclass(frozen=True)
class Standing:
    """A bill, and how much of it is paid, in øre; of a credit note: how much went back."""

    bill: IssuedBill
    paid_ore: int

    @property
    def left_ore(self) -> int:
        """Øre that are still to be paid, or to go back."""
        return abs(self.bill.gross_ore) - self.paid_ore

    def is_overdue(self, on: date) -> bool:
        """Whether it should have been paid: a credit note is nothing to pay."""
        return self.bill.kind == IssuedBill.Kind.INVOICE and self.left_ore > 0 and self.bill.due < on


def standing(bills: QuerySet[IssuedBill]) -> list[Standing]:
    """Bills and what is paid of them, the newest first."""
    rows = list(bills.select_related("settlement", "credits").defer("settlement__content").order_by("-serial"))
    return _with_payments(rows)


def of_agreements(agreements: Iterable[str]) -> list[Standing]:
    return standing(IssuedBill.objects.filter(agreement__in=list(agreements)))


def of_settlement(settlement_id: int) -> list[Standing]:
    return standing(IssuedBill.objects.filter(settlement=settlement_id))


def bill(id: int, agreements: Iterable[str]) -> Standing:
    """One of them. Raises NoSuchBill, also for one of another agreement."""
    found = standing(IssuedBill.objects.filter(id=id, agreement__in=list(agreements)))
    if not found:
        raise NoSuchBill()
    return found[0]


def lines(bill: IssuedBill) -> list[BillLine]:
    return list(bill.lines.select_related("corrects").defer("corrects__content").order_by("place"))


def payments(bill: IssuedBill) -> list[Payment]:
    """Those that count, as they came."""
    return list(bill.payments.filter(taken_out=None).order_by("day", "id"))


def files(bill: IssuedBill) -> BillFile:
    """What was issued, byte for byte."""
    return BillFile.objects.get(bill=bill)


def paid(bill_ids: Sequence[int]) -> dict[int, int]:
    """Øre that were paid, by bill."""
    rows = Payment.objects.filter(bill__in=bill_ids, taken_out=None).values("bill")
    return {each["bill"]: int(each["ore__sum"]) for each in rows.annotate(ore__sum=Coalesce(Sum("ore"), 0))}


def vouchers_of(settlement_id: int) -> list[Posted]:
    """Vouchers of every bill of a settlement: the host's, and then each payer's, by name."""
    issue = SettlementIssue.objects.filter(settlement=settlement_id).first()
    if issue is None:
        return []
    accounts = accounts_from(issue.accounts)
    found = [_billed(each) for each in _with_lines(settlement_id)]
    return [
        *(row for each in found for row in vouchers.of_host(each, accounts)),
        *(row for each in found for row in vouchers.of_payer(each, accounts)),
    ]


def accounts_from(data: dict[str, dict[str, str]]) -> Accounts:
    """As an issue keeps them."""
    host, payer = (Account(data[side]["art"], data[side]["function"]) for side in ("host", "payer"))
    return Accounts(host, payer)


def _with_lines(settlement_id: int) -> list[IssuedBill]:
    rows = IssuedBill.objects.filter(settlement=settlement_id).prefetch_related("lines")
    return sorted(rows, key=lambda each: sort_key(each.name))


def _billed(bill: IssuedBill) -> Billed:
    rows = sorted(bill.lines.all(), key=lambda line: line.place)
    return Billed(
        bill.number, bill.issued, bill.party, [(each.text, each.project, each.ore) for each in rows], bill.vat_ore
    )


def _with_payments(rows: Sequence[IssuedBill]) -> list[Standing]:
    sums = paid([row.id for row in rows])
    return [Standing(row, sums.get(row.id, 0)) for row in rows]
