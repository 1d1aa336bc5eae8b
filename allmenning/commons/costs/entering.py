"""Entering what an agreement costs: from the host's ledger or by hand; grants, use, budget; and taking out what was a mistake.

Each in one transaction, one at a time for an agreement, so that two treasurers can't enter the same invoice at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connections, router

from allmenning import vault
from allmenning.basics.dates import now

from . import checks, correcting, entered, errors, settlements
from .agreement import Agreement
from .cost_files import read_costs
from .errors import FileWrong, Problem
from .locks import costs_of, writing
from .models import (
    Budget,
    Correction,
    CorrectionSettled,
    CostAttachment,
    CostBatch,
    CostLine,
    Grant,
    MeasuredUse,
    Payment,
    Settlement,
    TakenOut,
)
from .settlements import Known
from .settling import Cost

LARGEST_ATTACHMENT = 5_000_000  # bytes
ATTACHED_TYPES = ("application/pdf", "image/png", "image/jpeg")
MEASURES = ("cases", "users", "storage")


@dataclass(frozen=True)
class Told:
    """What the platform measured of a party, from the first day of a period until the end of a day."""

    party: str
    measure: str
    amount: int
    until: date


def enter_file(agreed: Agreement, raw: bytes, *, file: str, by: str, late: bool = False) -> CostBatch:
    """Enter the costs of a file: all of them or none.

    late: costs of periods that are settled become corrections of these. Raises FileWrong, with every line's reason.
    """
    with writing(costs_of(agreed.id)):
        there = entered.invoices_there(agreed.id)
        costs = read_costs(raw, file, there=there)
        issued = _issued(agreed.id)
        wrong = {each: _wrong(agreed, *each, issued, late) for each in {_when(cost) for cost in costs}}
        problems = [Problem(cost.line, said) for cost in costs if (said := wrong[_when(cost)]) is not None]
        if not costs:
            problems = [Problem(0, errors.NothingInFile())]
        if problems:
            raise FileWrong(problems, file)
        batch = _keep(agreed, costs, issued, file=file, by=by)
        problems = _not_shared(batch)
        if problems:
            raise FileWrong(problems, file)
        return batch


def enter_cost(agreed: Agreement, cost: Cost, *, by: str, another_line: bool = False, late: bool = False) -> CostLine:
    """Enter one cost by hand.

    another_line: it is another line of an invoice that is here already. Raises InvoiceEntered, CostEntered, PeriodSettled,
    NoSuchProject, NotInForce, Ended, TooFarAhead, NamesAPerson, VatCannotBe, TooMuch; for a late one that could not be shared then,
    GrantsExceed and what sharing raises.
    """
    _check(cost)
    with writing(costs_of(agreed.id)):
        there = entered.lines_of(agreed.id, cost.supplier, cost.invoice)
        if there and not another_line:
            raise errors.InvoiceEntered(invoice=cost.invoice, supplier=cost.supplier)
        if any(_is_same(line, cost) for line in there):
            raise errors.CostEntered(invoice=cost.invoice, supplier=cost.supplier)
        issued = _issued(agreed.id)
        wrong = _wrong(agreed, *_when(cost), issued, late)
        if wrong is not None:
            raise wrong
        batch = _keep(agreed, [cost], issued, file="", by=by)
        for problem in _not_shared(batch):
            raise problem.error
        return batch.rows.get()


def take_out_cost(cost_id: int, reason: str, *, agreement: str, by: str) -> TakenOut:
    """A line was a mistake, and does not count.

    Raises NoSuchCost, IsMissing, TooLong, AlreadyTakenOut, PeriodSettled, CorrectionIsSettled; and GrantsExceed, and what sharing
    raises, where other corrections could not be shared without it.
    """
    with writing(costs_of(agreement)):
        cost = CostLine.objects.filter(id=cost_id, agreement=agreement).first()
        if cost is None:
            raise errors.NoSuchCost()
        late = _not_settled(Correction.objects.filter(cost=cost).first())
        _may_take_out(TakenOut.objects.filter(cost=cost).exists(), agreement, None if late else cost.day)
        row = _take_out(agreement, reason, by, cost=cost)
        for error in correcting.refused([late] if late else []).values():
            raise error
        return row


def enter_grant(agreed: Agreement, *, day: date, giver: str, text: str, ore: int, project: str, by: str) -> Grant:
    """A grant, which reduces what is shared. One of a period that is settled is a correction of it, less by so much.

    Raises IsMissing, TooLong, NotMoreThanNothing, NoSuchProject, NotInForce, Ended, NothingToReduce; for a late one GrantsExceed, and what
    sharing raises.
    """
    giver, text = checks.said(giver, 120, "giver"), checks.said(text, 300, "text", optional=True)
    if checks.amount(ore) <= 0:
        raise errors.NotMoreThanNothing()
    with writing(costs_of(agreed.id)):
        issued = _issued(agreed.id)
        wrong = _wrong(agreed, day, project, True, issued, late=True)
        if wrong is not None:
            raise wrong
        start, _end = agreed.period_of(day)
        if start not in issued and not agreed.rule_of_period(day).rule.parts:
            raise errors.NothingToReduce(start=start)
        row = Grant.objects.create(
            agreement=agreed.id,
            day=day,
            giver=giver,
            text=text,
            ore=ore,
            project=project,
            entered_at=now(),
            entered_by=by,
        )
        if start in issued:
            _reduce(row, settlements.settlement(issued[start].id))
        return row


def _reduce(grant: Grant, then: Known) -> None:
    """A grant that came too late is less to share of what was settled."""
    pot = correcting.pot_of(then.content, grant.project)
    if pot and not pot.rule.rule.parts:
        raise errors.NothingToReduce(start=then.row.start)
    row = Correction.objects.create(
        agreement=grant.agreement,
        settlement=then.row,
        project=grant.project,
        ore=-grant.ore,
        reason=", ".join(filter(None, (grant.giver, grant.text)))[:300],
        grant=grant,
        entered_at=grant.entered_at,
        entered_by=grant.entered_by,
    )
    for error in correcting.refused([row]).values():
        raise error


def take_out_grant(grant_id: int, reason: str, *, agreement: str, by: str) -> TakenOut:
    """A grant was a mistake, and does not count. Raises as `take_out_cost`."""
    with writing(costs_of(agreement)):
        grant = Grant.objects.filter(id=grant_id, agreement=agreement).first()
        if grant is None:
            raise errors.NoSuchCost()
        late = _not_settled(Correction.objects.filter(grant=grant).first())
        _may_take_out(TakenOut.objects.filter(grant=grant).exists(), agreement, None if late else grant.day)
        row = _take_out(agreement, reason, by, grant=grant)
        for error in correcting.refused([late] if late else []).values():
            raise error
        return row


def take_out_correction(correction_id: int, reason: str, *, agreement: str, by: str) -> TakenOut:
    """A correction that was entered by hand was a mistake, and does not count. Raises as `take_out_cost`, and TakenBackByAnother."""
    with writing(costs_of(agreement)):
        row = Correction.objects.filter(id=correction_id, agreement=agreement, cost=None, grant=None).first()
        if row is None:
            raise errors.NoSuchCost()
        _not_settled(row)
        _may_take_out(TakenOut.objects.filter(correction=row).exists(), agreement, None)
        taken_out = _take_out(agreement, reason, by, correction=row)
        for error in correcting.refused([row]).values():
            raise error
        correcting.require_left(correcting.of(row))
        return taken_out


def _not_settled(late: Correction | None) -> Correction | None:
    """A correction that may still be taken out. Raises CorrectionIsSettled."""
    if late is not None and CorrectionSettled.objects.filter(correction=late).exists():
        raise errors.CorrectionIsSettled()
    return late


def take_out_payment(payment: Payment, reason: str, *, by: str) -> TakenOut:
    """A payment was entered by mistake. Raises IsMissing, TooLong, AlreadyTakenOut."""
    agreement = payment.bill.agreement
    with writing(costs_of(agreement)):
        if TakenOut.objects.filter(payment=payment).exists():
            raise errors.AlreadyTakenOut()
        return _take_out(agreement, reason, by, payment=payment)


def enter_use(
    agreed: Agreement, day: date, *, party: str, measure: str, amount: int, source: str, by: str
) -> MeasuredUse:
    """What a party used in the period that a day is in. Raises IsMissing, TooLong, NotOneOf, NotMoreThanNothing, PeriodSettled."""
    if measure not in MEASURES:
        raise errors.NotOneOf(options=", ".join(MEASURES))
    party, source = checks.said(party, 120, "party"), checks.said(source, 200, "source")
    if amount < 0:
        raise errors.NotMoreThanNothing()
    start, end = agreed.period_of(day)
    with writing(costs_of(agreed.id)):
        if start in entered.issued_starts(agreed.id):
            raise errors.PeriodSettled(start=start, end=end)
        return MeasuredUse.objects.create(
            agreement=agreed.id,
            start=start,
            party=party,
            measure=measure,
            amount=amount,
            source=source,
            entered_at=now(),
            entered_by=by,
        )


def take_over_use(agreed: Agreement, day: date, told: Sequence[Told], *, by: str) -> list[MeasuredUse]:
    """What the platform measured becomes the use of the period that a day is in. Raises PeriodSettled."""
    start, end = agreed.period_of(day)
    with writing(costs_of(agreed.id)):
        if start in entered.issued_starts(agreed.id):
            raise errors.PeriodSettled(start=start, end=end)
        return MeasuredUse.objects.bulk_create(
            MeasuredUse(
                agreement=agreed.id,
                start=start,
                party=each.party,
                measure=each.measure,
                amount=each.amount,
                measured_until=each.until,
                entered_at=now(),
                entered_by=by,
            )
            for each in told
        )


def set_budget(agreed: Agreement, *, year: int, project: str, ore: int, by: str) -> Budget:
    """What a project, or the joint operation, may cost in a year. Raises NoSuchProject, NotMoreThanNothing, NoYear."""
    if project and project not in {each.id for each in agreed.projects}:
        raise errors.NoSuchProject(project=project)
    if checks.amount(ore) < 0:
        raise errors.NotMoreThanNothing()
    if not 1000 < year < 9999:
        raise errors.NoYear(value=str(year))
    return Budget.objects.create(
        agreement=agreed.id, year=year, project=project, ore=ore, entered_at=now(), entered_by=by
    )


def attach(cost_id: int, *, agreement: str, name: str, media_type: str, content: bytes, by: str) -> CostAttachment:
    """Keep a supplier's invoice beside its cost. The caller has looked at what it really is.

    Raises NoSuchCost, AttachmentTooLarge, AttachmentOfAnotherType.
    """
    check_attachment(media_type, content)
    cost = CostLine.objects.filter(id=cost_id, agreement=agreement).first()
    if cost is None:
        raise errors.NoSuchCost()
    return CostAttachment.objects.create(
        cost=cost,
        name=name[:200],
        media_type=media_type,
        size=len(content),
        content=vault.seal(vault.COMMONS, vault.COMMONS, _sealed_for(cost.id), content),
        attached_at=now(),
        attached_by=by,
    )


def check_attachment(media_type: str, content: bytes) -> None:
    """Raises AttachmentTooLarge, AttachmentOfAnotherType."""
    if len(content) > LARGEST_ATTACHMENT:
        raise errors.AttachmentTooLarge(limit=LARGEST_ATTACHMENT // 1_000_000)
    if media_type not in ATTACHED_TYPES:
        raise errors.AttachmentOfAnotherType()


def attached(attachment: CostAttachment) -> bytes:
    """The file, opened. Raises vault.CannotOpen where it was changed or is another cost's."""
    context = _sealed_for(attachment.cost_id)
    return vault.open(vault.COMMONS, vault.COMMONS, context, bytes(attachment.content))


def _sealed_for(cost_id: int) -> str:
    return f"costs.CostAttachment.content of {cost_id}"


def _when(cost: Cost) -> tuple[date, str, bool]:
    """What decides whether it may be entered: alike for most of a ledger's lines, and looked at once."""
    return cost.day, cost.project, bool(cost.ore)


def _wrong(
    agreed: Agreement, day: date, project: str, is_something: bool, issued: dict[date, Settlement], late: bool
) -> errors.AllmenningError | None:
    """Why a cost of a day can't be entered, if it can't."""
    if project and project not in {each.id for each in agreed.projects}:
        return errors.NoSuchProject(project=project)
    try:
        agreed.rule_on(checks.not_far_ahead(day))
    except errors.AllmenningError as error:
        return error
    start, end = agreed.period_of(day)
    if start in issued and not late:
        return errors.PeriodSettled(start=start, end=end)
    if start in issued and not is_something:
        return errors.NotMoreThanNothing()
    return None


def _keep(agreed: Agreement, costs: Sequence[Cost], issued: dict[date, Settlement], *, file: str, by: str) -> CostBatch:
    """Write lines that were looked at, and a correction for each whose period is settled."""
    at = now()
    batch = CostBatch.objects.create(
        agreement=agreed.id,
        file=file[:120],
        lines=len(costs),
        net_ore=sum(cost.ore for cost in costs),
        entered_at=at,
        entered_by=by,
    )
    _write_lines(batch, costs)
    late = []
    if any(agreed.period_of(day)[0] in issued for day in {cost.day for cost in costs}):
        late = [
            (line, issued[start])
            for line in batch.rows.order_by("id")
            if (start := agreed.period_of(line.day)[0]) in issued and agreed.rule_on(line.day).rule.parts
        ]
    Correction.objects.bulk_create(
        Correction(
            agreement=agreed.id,
            settlement=settlement,
            project=line.project,
            ore=line.net_ore,
            reason=line.text,
            cost=line,
            entered_at=at,
            entered_by=by,
        )
        for line, settlement in late
    )
    return batch


def _not_shared(batch: CostBatch) -> list[Problem]:
    """Lines that came too late for their period, and can't be shared as it was: said now, and not when it is billed."""
    late = list(Correction.objects.filter(cost__batch=batch).select_related("cost").order_by("cost"))
    wrong = correcting.refused(late)
    return [
        Problem(row.cost.line, wrong[correcting.of(row)]) for row in late if row.cost and correcting.of(row) in wrong
    ]


def _write_lines(batch: CostBatch, costs: Sequence[Cost]) -> None:
    """By COPY: a year's ledger of 100,000 lines is written in less than half the time that INSERT takes."""
    columns = "batch_id, agreement, line, day, supplier, invoice, text, net_ore, vat_ore, project, art, function"
    with (
        connections[router.db_for_write(CostLine)].cursor() as cursor,
        cursor.copy(f"copy costs_costline ({columns}) from stdin") as copy,
    ):
        for cost in costs:
            copy.write_row(_row(batch, cost))


def _row(batch: CostBatch, cost: Cost) -> tuple[object, ...]:
    said = cost.supplier, cost.invoice, cost.text
    codes = cost.project, cost.art, cost.function
    return batch.id, batch.agreement, cost.line, cost.day, *said, cost.ore, cost.vat_ore, *codes


def _issued(agreement: str) -> dict[date, Settlement]:
    """The settlements that stand, by the first day of their period."""
    rows = Settlement.objects.filter(agreement=agreement, issue__isnull=False).defer("content")
    return {row.start: row for row in rows}


def _is_same(line: CostLine, cost: Cost) -> bool:
    """Whether a line of the same invoice is this very one."""
    here = line.day, checks.alike(line.text), line.net_ore, line.project
    return here == (cost.day, checks.alike(cost.text), cost.ore, cost.project)


def _check(cost: Cost) -> None:
    """Raises NamesAPerson, VatCannotBe, TooMuch."""
    for name in ("supplier", "text"):
        checks.about_nobody(getattr(cost, name), name)
    checks.amount(cost.ore, "net")
    checks.amount(cost.vat_ore, "vat")
    checks.vat(cost.ore, cost.vat_ore)


def _may_take_out(is_out: bool, agreement: str, day: date | None) -> None:
    """day: in the period that it counts in; None for what came too late for its period, and is a correction not yet settled."""
    if is_out:
        raise errors.AlreadyTakenOut()
    if day is None:
        return
    settled = Settlement.objects.filter(agreement=agreement, issue__isnull=False, start__lte=day, end__gt=day)
    for start, end in settled.values_list("start", "end"):
        raise errors.PeriodSettled(start=start, end=end)


def _take_out(
    agreement: str, reason: str, by: str, *, cost: CostLine | None = None, grant: Grant | None = None,
    correction: Correction | None = None, payment: Payment | None = None,
) -> TakenOut:  # fmt: skip
    return TakenOut.objects.create(
        agreement=agreement,
        cost=cost,
        grant=grant,
        correction=correction,
        payment=payment,
        reason=checks.said(reason, 300, "reason"),
        at=now(),
        by=by,
    )
