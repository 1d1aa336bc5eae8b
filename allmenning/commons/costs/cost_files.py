"""Costs as a file: the host's ledger as CSV. Everything that is wrong is told by its line, and then nothing is taken."""

from __future__ import annotations

import re
from collections.abc import Collection

from allmenning.basics.dates import read_date
from allmenning.basics.errors import AllmenningError
from allmenning.basics.money import InvalidAmount, parse_kroner
from allmenning.basics.text import clean_text

from . import errors
from .errors import FileWrong, Problem
from .settling import Cost
from .table_files import Row, read_table

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
OPTIONAL = ("vat", "gross", "project", "art", "function")
_CODE = re.compile(r"[0-9]{3}")
MOST_LINES = 200_000


def read_costs(raw: bytes, file: str, *, there: Collection[tuple[str, str]] = ()) -> list[Cost]:
    """The costs in a file. Amounts in kroner as people write them; dates as 31.12.2013 or 2013-12-31.

    there: supplier and invoice of what was entered before. One invoice may have several lines in a file, which differ. Raises
    FileWrong.
    """
    problems: list[Problem] = []
    costs: dict[Cost, int] = {}
    for row in read_table(raw, COLUMNS, file=file, optional=OPTIONAL):
        if isinstance(row, Problem):
            problems.append(row)
            continue
        try:
            cost = _cost(row)
            if (cost.supplier, cost.invoice) in there:
                raise errors.InvoiceEntered(invoice=cost.invoice, supplier=cost.supplier)
            if cost in costs:
                raise errors.InvoiceTwice(invoice=cost.invoice, supplier=cost.supplier, first=costs[cost])
        except AllmenningError as error:
            problems.append(Problem(row.line, error))
            continue
        costs[cost] = cost.line
        if len(costs) > MOST_LINES:
            raise FileWrong([Problem(row.line, errors.TooManyLines(most=MOST_LINES))], file)
    if problems:
        raise FileWrong(sorted(problems, key=lambda each: each.line), file)
    return list(costs)


def _cost(row: Row) -> Cost:
    for name in ("supplier", "invoice", "text"):
        if not row[name]:
            raise errors.Missing(name=name)
    day = read_date(row["date"])
    if day is None:
        raise errors.NotADay(value=row["date"])
    net, vat = _ore(row["net"]), _ore(row["vat"] or "0")
    if row["gross"] and _ore(row["gross"]) != net + vat:
        raise errors.DoesNotBalance(net_ore=net, vat_ore=vat, gross_ore=_ore(row["gross"]))
    for name in ("art", "function"):
        if row[name] and not _CODE.fullmatch(row[name]):
            raise errors.NotACode(value=row[name])
    return Cost(
        day,
        clean_text(row["supplier"])[:120],
        clean_text(row["invoice"])[:60],
        clean_text(row["text"])[:300],
        net,
        vat,
        row["project"],
        row["art"],
        row["function"],
        row.line,
    )


def _ore(text: str) -> int:
    try:
        return parse_kroner(text)
    except InvalidAmount:
        raise errors.NotAnAmount(value=text[:60]) from None
