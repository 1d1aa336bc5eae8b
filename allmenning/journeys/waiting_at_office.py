"""What waits for somebody at a cooperation's office: the first thing that each role sees."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from allmenning.basics import dates
from allmenning.commons.costs import entered, settlements
from allmenning.commons.costs.agreement import Agreement
from allmenning.commons.costs.bills import Standing
from allmenning.commons.costs.models import IssuedBill
from allmenning.commons.costs.settlements import APPROVED, Known
from allmenning.commons.governance.council_queries import Asked
from allmenning.commons.identity.offices import OfficeActing
from allmenning.commons.pools import queries as pools
from allmenning.commons.pools.models import Application

from . import billing, councils, pooling
from .councils import Before
from .offices import agreements_of

TO_DRAFT, TO_ANSWER, TO_APPROVE, TO_ISSUE, TO_COMMENT = "draft", "answer", "approve", "issue", "comment"
TO_PAY, OVERDUE, TO_PAY_BACK = "pay", "overdue", "pay-back"
TO_GRANT, TO_PAY_IN = "grant", "pay-in"
TO_DECIDE, TO_STATE, TO_ANSWER_MEMBER = "decide", "state", "answer-member"
WITH_SETTLEMENTS = ("treasurer", "approver", "member-treasurer")


@dataclass(frozen=True)
class Waiting:
    """A thing to do: about a settlement of an agreement's period, a bill, a pool, a matter for the councils, or what somebody asked.

    settlement, bill: their ids. ore: what is to be paid. due: by when. number: how many comments, or the bill's.
    """

    what: str
    agreement: Agreement | None = None
    matter: Before | None = None
    asked: Asked | None = None
    application: Application | None = None
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
    """What waits for a role, what is late first. Six statements about settlements and bills for any number of agreements;
    about matters as many as reading them takes."""
    costs = (
        [*_of_settlements(by), *_of_costs(by), *_of_bills(by), *_of_pools(by)] if by.role in WITH_SETTLEMENTS else []
    )
    found = costs or _of_councils(by)
    return sorted(found, key=lambda each: not each.is_late)


def _of_settlements(by: OfficeActing) -> Iterator[Waiting]:
    agreed = {each.agreement.id: each.agreement for each in agreements_of(by)}
    standing = settlements.waiting_in(list(agreed))
    unanswered = settlements.unanswered_in(standing)
    for each in standing:
        what = _to_do(by, each, bool(unanswered.get(each.row.id)))
        if what:
            row = each.row
            number = str(unanswered[row.id]) if what == TO_ANSWER else ""
            yield Waiting(what, agreed[row.agreement], start=row.start, end=row.end, settlement=row.id, number=number)


def _to_do(by: OfficeActing, known: Known, is_asked: bool) -> str:
    if by.role == "member-treasurer":
        return TO_COMMENT if known.status != APPROVED and by.party in known.by_party else ""
    if by.role == "approver":
        return TO_APPROVE if known.status != APPROVED else ""
    if known.status == APPROVED:
        return TO_ISSUE
    return TO_ANSWER if is_asked else ""


def _of_costs(by: OfficeActing) -> Iterator[Waiting]:
    """Periods that are over, with costs that nobody has drafted a settlement of; the oldest first."""
    if by.role != "treasurer":
        return
    agreed = {each.agreement.id: each.agreement for each in agreements_of(by)}
    nets, drafted = entered.net_by_period(agreed.values()), settlements.periods_in(list(agreed))
    for id, start in sorted(nets.keys() - drafted, key=lambda each: each[1]):
        _, end = agreed[id].period_of(start)
        if end <= dates.today():
            yield Waiting(TO_DRAFT, agreed[id], start=start, end=end, ore=nets[id, start])


def _of_bills(by: OfficeActing) -> Iterator[Waiting]:
    if by.role == "approver":
        return
    for agreed, rows in billing.bills_of(by):
        for each in rows:
            bill = each.bill
            if what := _to_pay(by, each):
                number = bill.number if what == TO_PAY else f"{bill.number}, {bill.name}"
                yield Waiting(what, agreed, bill=bill.pk, number=number, ore=each.left_ore, due=bill.due)


def _to_pay(by: OfficeActing, each: Standing) -> str:
    """What is to be done about a bill: a member pays its invoices, the treasurer asks for those that are late, and pays back."""
    if each.left_ore <= 0:
        return ""
    if each.bill.kind == IssuedBill.Kind.CREDIT_NOTE:
        return TO_PAY_BACK if by.role == "treasurer" else ""
    if each.bill.party == by.party:
        return TO_PAY
    return OVERDUE if each.is_overdue(dates.today()) and not by.party else ""


def _of_pools(by: OfficeActing) -> Iterator[Waiting]:
    """Applications to decide on, for who keeps a pool; what a member owes it, for the member. One statement for each pool."""
    for agreed in (each.agreement for each in agreements_of(by) if pooling.is_pool(each.agreement)):
        if by.role == "treasurer":
            for each in pools.undecided(agreed.id):
                yield Waiting(TO_GRANT, agreed, application=each)
        elif by.party and (owed := pools.account(agreed.id).claims.get(by.party)):
            yield Waiting(TO_PAY_IN, agreed, ore=owed)


def _of_councils(by: OfficeActing) -> Iterator[Waiting]:
    if by.role == "planner":
        yield from (Waiting(TO_ANSWER_MEMBER, asked=each) for each in councils.agenda(by) if each.answer is None)
        return
    if by.role not in councils.ROLES or not by.party:
        return
    for each in councils.matters_for(by):
        known = each.known
        if by.role == "employees":
            if each.may_state and known.hearing and by.party not in {said.party for said in known.statements}:
                yield Waiting(TO_STATE, matter=each, due=known.hearing.deadline)
        elif each.waits and known.submission:
            yield Waiting(TO_DECIDE, matter=each, due=known.submission.decide_by)
