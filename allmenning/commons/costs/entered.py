"""Reading what was entered of an agreement: costs, grants, use and budget; what was taken out again does not count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, F, Func, Max, OuterRef, Q, QuerySet, Sum, Value
from django.db.models.functions import TruncMonth

from . import checks
from .agreement import Agreement
from .errors import NoSuchCost
from .models import (
    Budget,
    Correction,
    CorrectionSettled,
    CostAttachment,
    CostLine,
    Grant,
    MeasuredUse,
    PublishedAgreement,
    Settlement,
    SettlementIssue,
    TakenOut,
)
from .settling import Cost, Received


@dataclass(frozen=True)
class Spent:
    """What a project cost in a year beside its budget, in øre. budget: None where nobody has set one."""

    project: str
    budget_ore: int | None
    net_ore: int
    grants_ore: int

    @property
    def left_ore(self) -> int | None:
        """Øre that are left of the budget; negative for more than it."""
        return None if self.budget_ore is None else self.budget_ore - self.net_ore + self.grants_ore


def costs(agreement: str, start: date, end: date) -> QuerySet[CostLine]:
    """The lines of a period that count, as they came. Those of a period that was settled before count as corrections too."""
    return CostLine.objects.filter(agreement=agreement, day__gte=start, day__lt=end, taken_out=None).order_by("id")


def grants(agreement: str, start: date, end: date) -> QuerySet[Grant]:
    """The grants of a period that count, as they came. Those of a period that was settled before count as corrections too."""
    rows = Grant.objects.filter(agreement=agreement, day__gte=start, day__lt=end, taken_out=None)
    return rows.select_related("correction__settled").order_by("id")


def settled_grants(agreement: str, start: date, end: date) -> list[Grant]:
    """The grants of some days that have reduced what is shared: of issued settlements, and late ones once that is settled too."""
    of_day = {"start__lte": OuterRef("day"), "end__gt": OuterRef("day")}
    issued = Settlement.objects.filter(agreement=agreement, issue__isnull=False, **of_day)
    counts = Q(correction__isnull=True) | Q(correction__settled__isnull=False)
    return list(grants(agreement, start, end).filter(Exists(issued), counts))


def sums(agreement: str, start: date, end: date) -> list[Cost]:
    """What a period cost, one sum for each project: what is shared is the sum, however many lines it is of."""
    found = costs(agreement, start, end).order_by().values("project").annotate(net=Sum("net_ore"), vat=Sum("vat_ore"))
    return [Cost(start, "", "", "", int(each["net"]), int(each["vat"]), each["project"]) for each in found]


def received(agreement: str, start: date, end: date) -> list[Received]:
    """The grants of a period."""
    return [Received(each.giver, each.ore, each.project) for each in grants(agreement, start, end)]


def use(agreement: str, start: date) -> dict[str, dict[str, int]]:
    """What each party used in a period, by measure: the newest row of each."""
    found: dict[str, dict[str, int]] = {}
    for each in used(agreement, start):
        found.setdefault(each.party, {})[each.measure] = each.amount
    return found


def used(agreement: str, start: date) -> list[MeasuredUse]:
    """The newest row of each party and measure of a period."""
    rows = MeasuredUse.objects.filter(agreement=agreement, start=start)
    return list(rows.order_by("party", "measure", "-id").distinct("party", "measure"))


def used_in_year(agreement: str, start: date, end: date) -> list[MeasuredUse]:
    """The newest row of each party and measure, of the periods that begin in a year."""
    rows = MeasuredUse.objects.filter(agreement=agreement, start__gte=start, start__lt=end)
    return list(rows.order_by("start", "party", "measure", "-id").distinct("start", "party", "measure"))


def net_by_period(agreements: Iterable[Agreement]) -> dict[tuple[str, date], int]:
    """Øre that were entered, by agreement and the first day of the period: one row of the database for each month."""
    of = {each.id: each for each in agreements}
    rows = CostLine.objects.filter(agreement__in=of, taken_out=None).annotate(month=TruncMonth("day")).order_by()
    found: Counter[tuple[str, date]] = Counter()
    for each in rows.values("agreement", "month").annotate(net=Sum("net_ore")):
        start, _ = of[each["agreement"]].period_of(each["month"])
        found[each["agreement"], start] += int(each["net"])
    return dict(found)


def attachment(id: int, agreement: str) -> CostAttachment:
    """One of them. Raises NoSuchCost."""
    found = CostAttachment.objects.filter(id=id, cost__agreement=agreement).first()
    if found is None:
        raise NoSuchCost()
    return found


def cost(id: int, agreement: str) -> CostLine:
    """One line. Raises NoSuchCost."""
    row = CostLine.objects.select_related("batch", "correction__settled").filter(id=id, agreement=agreement).first()
    if row is None:
        raise NoSuchCost()
    return row


def last_day(agreement: str) -> date | None:
    """Of the newest cost that counts."""
    return CostLine.objects.filter(agreement=agreement, taken_out=None).aggregate(day=Max("day"))["day"]


def budgets(agreement: str, year: int) -> dict[str, int]:
    """Øre by project, of a year."""
    rows = Budget.objects.filter(agreement=agreement, year=year).order_by("project", "-id").distinct("project")
    return {each.project: each.ore for each in rows}


def spent(agreement: str, year: int, given_by: Sequence[Grant] | None = None) -> list[Spent]:
    """Each project's costs of a year beside its budget; the joint operation first. given_by: the grants, if they are at hand."""
    start, end = date(year, 1, 1), date(year + 1, 1, 1)
    planned = budgets(agreement, year)
    cost = {each.project: each.ore for each in sums(agreement, start, end)}
    given: dict[str, int] = {}
    for each in grants(agreement, start, end) if given_by is None else given_by:
        given[each.project] = given.get(each.project, 0) + each.ore
    projects = sorted({*planned, *cost, *given})
    return [Spent(each, planned.get(each), cost.get(each, 0), given.get(each, 0)) for each in projects]


def invoices_there(agreement: str) -> set[tuple[str, str]]:
    """Supplier and invoice of what was entered and counts, as `checks.of_invoice` tells them."""
    rows = CostLine.objects.filter(agreement=agreement, taken_out=None).order_by()
    return {checks.of_invoice(*each) for each in rows.values_list("supplier", "invoice").distinct()}


def lines_of(agreement: str, supplier: str, invoice: str) -> list[CostLine]:
    """The lines of an invoice that count, however its supplier and number are written.

    The database is asked for invoices with the same digits: what case and space are, it and Python answer differently.
    """
    digits = Func(F("invoice"), Value("[^0-9]"), Value(""), Value("g"), function="regexp_replace")
    rows = CostLine.objects.filter(agreement=agreement, taken_out=None).annotate(digits=digits)
    asked = checks.of_invoice(supplier, invoice)
    found = rows.filter(digits="".join(each for each in invoice if each in "0123456789"))
    return [each for each in found if checks.of_invoice(each.supplier, each.invoice) == asked]


def attachments(cost_ids: Sequence[int]) -> dict[int, list[CostAttachment]]:
    """By cost, without their content."""
    found: dict[int, list[CostAttachment]] = {}
    for each in CostAttachment.objects.filter(cost__in=cost_ids).defer("content").order_by("id"):
        found.setdefault(each.cost_id, []).append(each)
    return found


def issued_starts(agreement: str) -> set[date]:
    """The first days of the periods that are settled."""
    return set(SettlementIssue.objects.filter(agreement=agreement).values_list("start", flat=True))


def newest_of_each(agreement: str, start: date, end: date) -> dict[str, int]:
    """Up to which row of each kind a period's settlement counts. Ids follow time: who writes them holds the agreement's lock."""
    of_correction = Q(cost__correction__isnull=False) | Q(grant__correction__isnull=False) | Q(correction__isnull=False)
    of_period: dict[str, QuerySet[Any]] = {
        "costs": CostLine.objects.filter(agreement=agreement, day__gte=start, day__lt=end),
        "grants": Grant.objects.filter(agreement=agreement, day__gte=start, day__lt=end),
        "use": MeasuredUse.objects.filter(agreement=agreement, start=start),
        "costs_taken_out": TakenOut.objects.filter(agreement=agreement, cost__day__gte=start, cost__day__lt=end),
        "grants_taken_out": TakenOut.objects.filter(agreement=agreement, grant__day__gte=start, grant__day__lt=end),
        "corrections": Correction.objects.filter(agreement=agreement),
        "corrections_settled": CorrectionSettled.objects.filter(correction__agreement=agreement),
        "corrections_taken_out": TakenOut.objects.filter(of_correction, agreement=agreement),
        "agreement": PublishedAgreement.objects.filter(agreement=agreement),
    }
    asked = [
        rows.order_by().values(kind=Value(name)).annotate(newest=Max("pk")).values_list("kind", "newest")
        for name, rows in of_period.items()
    ]
    return {name: newest or 0 for name, newest in asked[0].union(*asked[1:], all=True)}
