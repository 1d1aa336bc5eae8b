"""An invoice or a credit note, whatever format it is sent in: who, to whom, its lines, and how VAT is treated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import Literal

VatCategory = Literal["S", "Z", "E", "O"]


@dataclass(frozen=True)
class Vat:
    """How a line is treated: standard rate, zero, exempt or outside the tax. percent: whole. reason: of E and O, in words."""

    category: VatCategory
    percent: int = 0
    reason: str = ""


@dataclass(frozen=True)
class Trader:
    """Who sends or gets an invoice. organisation: nine digits. is_registered: in the VAT register."""

    organisation: str
    name: str
    street: str
    postcode: str
    city: str
    is_registered: bool = False
    contact: str = ""


@dataclass(frozen=True)
class Line:
    """A line: whole øre without VAT. Negative for what is given back of an earlier period beside what is paid of this one; a
    document that is negative in all is a credit note instead."""

    text: str
    note: str
    ore: int
    vat: Vat


@dataclass(frozen=True)
class Document:
    """An invoice or a credit note. credits: the number of the invoice that a credit note corrects, if there is one."""

    number: str
    issued: date
    due: date
    seller: Trader
    buyer: Trader
    buyer_reference: str
    order_reference: str
    kid: str
    account: str
    period: tuple[date, date]
    lines: Sequence[Line]
    note: str = ""
    credits: str = ""
    credits_issued: date | None = None
    gives_back: bool = False

    @property
    def is_credit_note(self) -> bool:
        """Whether it gives money back: of an invoice, or where there was none."""
        return self.gives_back or bool(self.credits)

    @property
    def net(self) -> int:
        """Øre without VAT."""
        return sum(line.ore for line in self.lines)

    @property
    def vat(self) -> int:
        """Øre of VAT, rounded for each category and rate by itself (EN 16931 BR-CO-17)."""
        return sum(tax for _vat, _net, tax in self.taxes())

    def taxes(self) -> list[tuple[Vat, int, int]]:
        """Each category and rate with its net and its VAT, in øre; with all the reasons that were given (BR-E-01: one each)."""

        def treatment(line: Line) -> tuple[str, int]:
            return line.vat.category, line.vat.percent

        found = []
        for _, lines in groupby(sorted(self.lines, key=treatment), key=treatment):
            of_it = list(lines)
            reasons = "; ".join(dict.fromkeys(line.vat.reason for line in of_it if line.vat.reason))
            net = sum(line.ore for line in of_it)
            found.append((replace(of_it[0].vat, reason=reasons), net, _percent_of(net, of_it[0].vat.percent)))
        return found


def _percent_of(ore: int, percent: int) -> int:
    """Whole øre, half an øre away from zero: what is given back is what was paid."""
    whole = (abs(ore) * percent * 2 + 100) // 200
    return whole if ore >= 0 else -whole
