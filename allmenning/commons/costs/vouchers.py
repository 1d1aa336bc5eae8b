"""What a bill is in the accounts of who sends it and of who pays it: vouchers that balance.

Art and function are the treasurer's choice. Balance accounts (receivables, payables, VAT) have the names and numbers of each one's own
chart of accounts, so they are told by what they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from .agreement import Account, Accounts

Side = Literal["host", "payer"]
Kind = Literal["income", "cost", "receivable", "payable", "vat-out", "vat-in"]


@dataclass(frozen=True)
class Posted:
    """A line of a voucher, in øre: one of debit and credit is 0. art, function: empty for balance accounts."""

    side: Side
    party: str
    document: str
    day: date
    kind: Kind
    text: str
    account: Account | None
    project: str
    debit: int
    credit: int


@dataclass(frozen=True)
class Billed:
    """What a voucher is of: a bill's number, day, payer, its lines as text, project and øre, and its VAT in øre."""

    document: str
    day: date
    party: str
    lines: Sequence[tuple[str, str, int]]
    vat: int


def of_host(bill: Billed, accounts: Accounts) -> list[Posted]:
    """The host's voucher: a claim on the payer, against the refund and the VAT that is owed."""
    net = sum(ore for _text, _project, ore in bill.lines)
    rows = [_row("host", bill, "receivable", net + bill.vat)]
    rows += [_row("host", bill, "income", -ore, text, project, accounts.host) for text, project, ore in bill.lines]
    return list(_not_empty([*rows, _row("host", bill, "vat-out", -bill.vat)]))


def of_payer(bill: Billed, accounts: Accounts) -> list[Posted]:
    """The payer's voucher: what was bought and its VAT, against a debt to the host."""
    net = sum(ore for _text, _project, ore in bill.lines)
    rows = [_row("payer", bill, "cost", ore, text, project, accounts.payer) for text, project, ore in bill.lines]
    rows.append(_row("payer", bill, "vat-in", bill.vat))
    return list(_not_empty([*rows, _row("payer", bill, "payable", -net - bill.vat)]))


def _row(
    side: Side, bill: Billed, kind: Kind, ore: int, text: str = "", project: str = "", account: Account | None = None
) -> Posted:
    """øre: debit; negative for credit."""
    return Posted(side, bill.party, bill.document, bill.day, kind, text, account, project, max(ore, 0), max(-ore, 0))


def _not_empty(rows: Sequence[Posted]) -> Iterator[Posted]:
    return (row for row in rows if row.debit or row.credit)
