"""What waits for somebody at a cooperation's office: the first thing that each role sees."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from allmenning.basics import dates
from allmenning.commons.costs import settlements
from allmenning.commons.costs.agreement import Agreement
from allmenning.commons.costs.settlements import APPROVED, Known
from allmenning.commons.identity.offices import OfficeActing

from . import billing
from .offices import agreements_of

TO_ANSWER, TO_APPROVE, TO_ISSUE, TO_COMMENT = "answer", "approve", "issue", "comment"
TO_PAY, OVERDUE = "pay", "overdue"
WITH_SETTLEMENTS = ("treasurer", "approver", "member-treasurer")


@dataclass(frozen=True)
class Waiting:
    """A thing to do. about: the settlement's agreement and period, or the bill's number; settlement, bill: their ids.

    ore: what is to be paid. due: by when, of a bill. number: of comments.
    """

    what: str
    agreement: Agreement
    start: date | None = None
    end: date | None = None
    settlement: int = 0
    bill: int = 0
    number: str = ""
    ore: int = 0
    due: date | None = None

    @property
    def is_late(self) -> bool:
        return self.due is not None and self.due < dates.today()


def waits_for(by: OfficeActing) -> list[Waiting]:
    """What waits for a role about settlements and bills, what is late first. Three statements for any number of agreements."""
    if by.role not in WITH_SETTLEMENTS:
        return []
    found = [*_of_settlements(by), *_of_bills(by)]
    return sorted(found, key=lambda each: not each.is_late)


def _of_settlements(by: OfficeActing) -> Iterator[Waiting]:
    agreed = {each.agreement.id: each.agreement for each in agreements_of(by)}
    standing = settlements.waiting_in(list(agreed))
    unanswered = settlements.unanswered_in([each.row.id for each in standing])
    for each in standing:
        what = _to_do(by, each, bool(unanswered.get(each.row.id)))
        if what:
            row = each.row
            number = str(unanswered[row.id]) if what == TO_ANSWER else ""
            yield Waiting(what, agreed[row.agreement], row.start, row.end, row.id, number=number)


def _to_do(by: OfficeActing, known: Known, is_asked: bool) -> str:
    if by.role == "member-treasurer":
        return TO_COMMENT if known.status != APPROVED and by.party in known.by_party else ""
    if by.role == "approver":
        return TO_APPROVE if known.status != APPROVED else ""
    if known.status == APPROVED:
        return TO_ISSUE
    return TO_ANSWER if is_asked else ""


def _of_bills(by: OfficeActing) -> Iterator[Waiting]:
    if by.role == "approver":
        return
    for agreed, rows in billing.bills_of(by):
        for each in rows:
            bill, is_own = each.bill, each.bill.party == by.party
            late = each.is_overdue(dates.today())
            if each.left_ore > 0 and bill.kind == bill.Kind.INVOICE and (is_own or (late and not by.party)):
                what = TO_PAY if is_own else OVERDUE
                number = f"{bill.number}, {bill.name}" if what == OVERDUE else bill.number
                yield Waiting(what, agreed, bill=bill.pk, number=number, ore=each.left_ore, due=bill.due)
