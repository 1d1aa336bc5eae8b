"""Costs as a file: the host's ledger as CSV. Everything that is wrong is told by its line, and then nothing is taken."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from functools import lru_cache
from sys import intern

from allmenning.basics.dates import read_date
from allmenning.basics.errors import AllmenningError
from allmenning.basics.money import InvalidAmount, UnclearAmount, parse_kroner
from allmenning.basics.text import clean_text
from allmenning.basics.typed import NotADay

from . import checks, errors
from .errors import FileWrong, Problem
from .settling import Cost
from .table_files import Row, called, read_table

COLUMNS = {
    "date": ["dato", "bilagsdato", "fakturadato"],
    "supplier": ["leverandør"],
    "invoice": ["faktura", "fakturanummer", "fakturanr"],
    "text": ["tekst", "beskrivelse", "skildring"],
    "net": ["netto", "beløp", "beløp uten mva", "beløp utan mva"],
    "vat": ["mva", "merverdiavgift"],
    "gross": ["brutto", "beløp med mva"],
    "project": ["prosjekt"],
    "art": [],
    "function": ["funksjon"],
}
LONGEST = {"supplier": 120, "invoice": 60, "text": 300}  # characters
OPTIONAL = ("vat", "gross", "project", "art", "function")
_day = lru_cache(maxsize=2000)(read_date)
_CODE = re.compile(r"[0-9]{3}")
MOST_LINES = 200_000


def read_costs(raw: bytes, file: str, *, there: Collection[tuple[str, str]] = ()) -> list[Cost]:
    """The costs in a file. Amounts in kroner as people write them; dates as 31.12.2013 or 2013-12-31.

    there: what was entered before, as `checks.of_invoice` tells it. One invoice may have several lines of one date in a file,
    which differ. Raises FileWrong.
    """
    problems: list[Problem] = []
    costs: list[Cost] = []
    firsts: dict[tuple[str, str], Cost] = {}  # of each invoice
    several: dict[tuple[str, str], dict[Cost, Cost]] = {}  # the lines of one that has more
    for row in read_table(raw, COLUMNS, file=file, optional=OPTIONAL):
        if isinstance(row, Problem):
            problems.append(row)
            continue
        try:
            cost = _cost(row)
            invoice = checks.of_invoice(cost.supplier, cost.invoice)
            if invoice in there:
                raise errors.InvoiceEntered(invoice=cost.invoice, supplier=cost.supplier)
            first = firsts.setdefault(invoice, cost)
            if first is not cost:
                _another_line(cost, first, several.setdefault(invoice, {_told_apart(first): first}))
        except AllmenningError as error:
            problems.append(Problem(row.line, error))
            continue
        costs.append(cost)
        if len(costs) > MOST_LINES:
            raise FileWrong([Problem(row.line, errors.TooManyLines(most=MOST_LINES))], file)
    if problems:
        raise FileWrong(sorted(problems, key=lambda each: each.line), file)
    return costs


def _another_line(cost: Cost, first: Cost, there: dict[Cost, Cost]) -> None:
    """Of an invoice with a line before it. Raises InvoiceOnTwoDays, InvoiceTwice."""
    if first.day != cost.day:
        raise errors.InvoiceOnTwoDays(invoice=cost.invoice, supplier=cost.supplier, first=first.line)
    same = there.setdefault(_told_apart(cost), cost)
    if same is not cost:
        raise errors.InvoiceTwice(invoice=cost.invoice, supplier=cost.supplier, first=same.line)


def _told_apart(cost: Cost) -> Cost:
    """What makes it another line than the rest of its invoice, whatever the letters' case and the spacing."""
    return replace(cost, supplier="", invoice="", text=checks.alike(cost.text))


def _cost(row: Row) -> Cost:
    """What many lines say alike is kept once (`intern`, `_day`): a year's ledger is 100,000 of them."""
    said = row.cells
    texts = {name: clean_text(said[name]) for name in LONGEST}
    for name, most in LONGEST.items():
        if not texts[name]:
            raise errors.Missing(name=called(name, COLUMNS))
        if len(texts[name]) > most:
            raise errors.CellTooLong(name=called(name, COLUMNS), most=most)
        if name != "invoice":  # the number of an invoice may look like anything
            checks.about_nobody(texts[name], name)
    day = _day(said["date"])
    if day is None:
        raise NotADay(value=said["date"])
    net, vat = _ore(said["net"]), _ore(said["vat"]) if said["vat"] else 0
    checks.vat(net, vat)
    if said["gross"] and (gross := _ore(said["gross"])) != net + vat:
        raise errors.DoesNotBalance(net_ore=net, vat_ore=vat, gross_ore=gross)
    for code in (said["art"], said["function"]):
        if code and not _CODE.fullmatch(code):
            raise errors.NotACode(value=code)
    return Cost(
        day,
        intern(texts["supplier"]),
        texts["invoice"],
        texts["text"],
        net,
        vat,
        intern(said["project"]),
        intern(said["art"]),
        intern(said["function"]),
        row.line,
    )


def _ore(text: str) -> int:
    try:
        return checks.amount(parse_kroner(text))
    except UnclearAmount:
        raise
    except InvalidAmount:
        raise errors.NotAnAmount(value=text[:60]) from None
