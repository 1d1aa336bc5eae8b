"""Payments: by hand, or from the bank as CSV; matched to bills by KID. What is wrong is said by its line, and nothing is half taken."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from allmenning.basics import dates
from allmenning.basics.dates import now, read_date
from allmenning.basics.errors import AllmenningError
from allmenning.basics.money import InvalidAmount, UnclearAmount, parse_kroner
from allmenning.basics.text import clean_text
from allmenning.basics.typed import NotADay

from . import bills, errors
from .errors import FileWrong, Problem
from .kid import read_kid
from .locks import bills_of, writing
from .models import IssuedBill, Payment
from .table_files import Row, called, read_table

LONGEST_REFERENCE = 60  # characters
COLUMNS = {
    "kid": ["kidnr", "kid-nummer", "betalingsidentifikasjon"],
    "date": ["dato", "betalingsdato", "bokført", "bokføringsdato"],
    "amount": ["beløp", "sum"],
    "reference": ["referanse", "arkivref", "arkivreferanse"],
}


@dataclass(frozen=True)
class Paid:
    """A payment as it came, in øre. line: in the file; 0 by hand."""

    kid: str
    day: date
    ore: int
    reference: str = ""
    line: int = field(default=0, compare=False)


def enter_file(host: str, agreements: Collection[str], raw: bytes, *, file: str, by: str) -> list[Payment]:
    """Take the payments of a file: all of them or none. Raises FileWrong, with every line's reason."""
    problems: list[Problem] = []
    read: list[Paid] = []
    for row in read_table(raw, COLUMNS, file=file, optional=["reference"]):
        if isinstance(row, Problem):
            problems.append(row)
            continue
        try:
            read.append(_paid(row))
        except AllmenningError as error:
            problems.append(Problem(row.line, error))
    with writing(bills_of(host)):
        found = _matched(read, host, agreements)
        problems += found.problems or ([] if read or problems else [Problem(0, errors.NothingInFile())])
        if problems:
            raise FileWrong(sorted(problems, key=lambda each: each.line), file)
        return _keep(found.payments, file, by)


def enter(host: str, agreements: Collection[str], paid: Paid, *, by: str) -> Payment:
    """Take one payment by hand. Raises UnknownKid, PaidTwice, PaidTooMuch, PaidBeforeIssued, PaidAhead, NotMoreThanNothing."""
    with writing(bills_of(host)):
        found = _matched([paid], host, agreements)
        for problem in found.problems:
            raise problem.error
        return _keep(found.payments, "", by)[0]


def _paid(row: Row) -> Paid:
    day = read_date(row["date"])
    if day is None:
        raise NotADay(value=row["date"])
    try:
        ore = parse_kroner(row["amount"])
    except UnclearAmount:
        raise
    except InvalidAmount:
        raise errors.NotAnAmount(value=row["amount"][:60]) from None
    reference = clean_text(row["reference"])
    if len(reference) > LONGEST_REFERENCE:
        raise errors.CellTooLong(name=called("reference", COLUMNS), most=LONGEST_REFERENCE)
    return Paid(row["kid"], day, ore, reference, row.line)


@dataclass
class _Matched:
    payments: list[tuple[IssuedBill, Paid]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def _matched(read: Sequence[Paid], host: str, agreements: Collection[str]) -> _Matched:
    """Each payment with its bill; what does not fit is told by its line."""
    kids = {kid for each in read if (kid := read_kid(each.kid))}
    rows = IssuedBill.objects.filter(host=host, agreement__in=list(agreements), kid__in=kids)
    by_kid = {row.kid: row for row in rows}
    there = set(Payment.objects.filter(bill__in=rows, taken_out=None).values_list("bill", "day", "ore", "reference"))
    sums = bills.paid([row.id for row in by_kid.values()])
    found = _Matched()
    for paid in read:
        bill = by_kid.get(read_kid(paid.kid) or "")
        wrong = next(_wrong(paid, bill, there, sums), None)
        if wrong is not None or bill is None:
            found.problems.append(Problem(paid.line, wrong or errors.UnknownKid(kid=paid.kid[:30])))
            continue
        there.add((bill.id, paid.day, paid.ore, paid.reference))
        sums[bill.id] = sums.get(bill.id, 0) + paid.ore
        found.payments.append((bill, paid))
    return found


def _wrong(
    paid: Paid, bill: IssuedBill | None, there: Collection[tuple[int, date, int, str]], sums: dict[int, int]
) -> Iterator[AllmenningError]:
    if bill is None:
        yield errors.UnknownKid(kid=paid.kid[:30])
        return
    if paid.ore <= 0:
        yield errors.NotMoreThanNothing()
    if paid.day < bill.issued:
        yield errors.PaidBeforeIssued("day", number=bill.number, issued=bill.issued, day=paid.day)
    if paid.day > dates.today():
        yield errors.PaidAhead("day", day=paid.day)
    if (bill.id, paid.day, paid.ore, paid.reference) in there:
        yield errors.PaidTwice(number=bill.number)
    if sums.get(bill.id, 0) + paid.ore > abs(bill.gross_ore):
        yield errors.PaidTooMuch(number=bill.number)


def _keep(payments: Sequence[tuple[IssuedBill, Paid]], file: str, by: str) -> list[Payment]:
    at = now()
    return Payment.objects.bulk_create(
        Payment(
            bill=bill,
            day=paid.day,
            ore=paid.ore,
            reference=paid.reference,
            file=file[:120],
            line=paid.line,
            entered_at=at,
            entered_by=by,
        )
        for bill, paid in payments
    )
