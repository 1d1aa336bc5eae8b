"""Writing settlements: a draft, what is said of it, its approval; and corrections of those that were issued.

Each is a row about what happened, in one transaction, one at a time for an agreement. Issuing, which makes bills, is in `issuing.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from uuid import UUID

from allmenning.basics.dates import now
from allmenning.basics.sharing.dividing import Party

from . import agreement as agreements
from . import checks, correcting, entered, errors, frozen, settlements
from .agreement import Agreement
from .errors import UnknownAgreement
from .frozen import Content, UseSource
from .locks import costs_of, writing
from .models import (
    Answer,
    Comment,
    Correction,
    MeasuredUse,
    PublishedAgreement,
    Settlement,
    SettlementApproval,
    SettlementWithdrawal,
)
from .populations import summed
from .registry import Registry
from .settlements import Known
from .settling import Pot, settle


def draft(agreement: str, day: date, registry: Registry, *, by: str, role: UUID | None = None) -> Known:
    """Settle the period that a day is in, as a draft; one of before is withdrawn.

    by: who, as a role; role: the row of the role. Raises UnknownAgreement, AlreadySettled, NothingToSettle, and what `settle` and
    `correct` raise.
    """
    with writing(costs_of(agreement)):
        published = _newest_version(agreement)
        agreed = agreements.read(published.text, agreement)
        start, end = agreed.period_of(day)
        before = settlements.newest(agreement, start)
        if before and before.status == settlements.ISSUED:
            raise errors.AlreadySettled(start=start)
        content = _settled(agreed, day, registry)
        if before and before.stands:
            _withdraw(before.row, by)
        row = Settlement.objects.create(
            agreement=agreement,
            version=published.version,
            start=start,
            end=end,
            number=before.row.number + 1 if before else 1,
            ore=content.ore,
            inputs=entered.newest_of_each(agreement, start, end),
            content=frozen.as_data(content),
            drafted_at=now(),
            drafted_by=by,
            drafted_role=role,
        )
        return settlements.settlement(row.id)


def comment(settlement_id: int, *, party: str, text: str, by: str) -> Comment:
    """A party says something of a draft that is not approved yet: nothing is issued over what nobody has read.

    Raises NoSuchSettlement, NoLongerADraft, AlreadyApproved, NotInThisSettlement, IsMissing, TooLong.
    """
    found = settlements.settlement(settlement_id)
    with writing(costs_of(found.row.agreement)):
        found = _draft(settlement_id)
        if party not in found.by_party:
            raise errors.NotInThisSettlement(party=party)
        return Comment.objects.create(
            settlement=found.row, party=party, text=checks.said(text, 2000, "text"), at=now(), by=by
        )


def answer(comment_id: int, *, agreement: str, text: str, by: str) -> Answer:
    """The treasurer answers. Raises NoSuchComment, IsMissing, TooLong."""
    found = Comment.objects.filter(id=comment_id, settlement__agreement=agreement).first()
    if found is None:
        raise errors.NoSuchComment()
    return Answer.objects.create(comment=found, text=checks.said(text, 2000, "text"), at=now(), by=by)


def approve(settlement_id: int, *, by: str, reason: str = "") -> SettlementApproval:
    """The host approves a draft. That it is another person than whoever made it, the caller has seen to.

    reason: why comments may stay unanswered. Raises NoSuchSettlement, NoLongerADraft, AlreadyApproved, SomethingHasCome,
    CommentsUnanswered, TooLong.
    """
    found = settlements.settlement(settlement_id)
    with writing(costs_of(found.row.agreement)):
        found = _draft(settlement_id)
        require_unchanged(found)
        waiting = settlements.unanswered(settlements.comments(found.row.agreement, found.row.start))
        if waiting and not reason.strip():
            raise errors.CommentsUnanswered(count=len(waiting))
        said = checks.said(reason, 300, "reason", optional=True)
        return SettlementApproval.objects.create(settlement=found.row, reason=said, at=now(), by=by)


def enter_correction(
    agreement: str, settlement_id: int, *, project: str, ore: int, reason: str, by: str, party: str = ""
) -> Correction:
    """Something was wrong in an issued settlement: it becomes lines of the next one.

    party: whom alone it is of, as it must be where only prices are paid; else all share it. Raises NoSuchSettlement, NotSettledYet,
    NoSuchProject, NotMoreThanNothing, MoreThanWasSettled, IsMissing, TooLong, PartyMissing, NotInThisSettlement, GrantsExceed, and what
    `correct` raises.
    """
    if not ore:
        raise errors.NotMoreThanNothing()
    said = checks.said(reason, 300, "reason")
    with writing(costs_of(agreement)):
        found = settlements.settlement(settlement_id, agreement=agreement)
        if found.status != settlements.ISSUED:
            raise errors.NotSettledYet(start=found.row.start)
        pot = correcting.pot_of(found.content, project)
        if pot is None:
            raise errors.NoSuchProject(project=project)
        if not pot.rule.rule.parts and not party:
            raise errors.PartyMissing()
        left = correcting.left_ore(found, pot, party)
        row = Correction.objects.create(
            agreement=agreement,
            settlement=found.row,
            project=project,
            party=party,
            ore=ore,
            reason=said,
            entered_at=now(),
            entered_by=by,
        )
        for wrong in correcting.refused([row]).values():
            raise wrong
        if ore < 0 and left + ore < 0:
            raise errors.MoreThanWasSettled("ore", left_ore=left)
        return row


def require_unchanged(found: Known) -> None:
    """That what was settled is all that was entered. Raises SomethingHasCome. The caller holds the agreement's lock."""
    if has_come(found):
        raise errors.SomethingHasCome()


def has_come(found: Known) -> bool:
    """Whether something was entered, taken out or settled since, of what a draft was made of.

    A draft from before one more kind was looked at is held to those it has; that what it corrects waits still, is always asked.
    """
    row = found.row
    newest = entered.newest_of_each(row.agreement, row.start, row.end)
    if {kind: newest.get(kind) for kind in row.inputs} != row.inputs:
        return True
    corrects = {id for each in found.content.corrected for id in each.corrections}
    return bool(corrects) and not corrects <= {each.id for each in settlements.waiting_corrections(row.agreement)}


def _draft(settlement_id: int) -> Known:
    found = settlements.settlement(settlement_id)
    if found.status == settlements.APPROVED:
        raise errors.AlreadyApproved()
    if found.status != settlements.DRAFT:
        raise errors.NoLongerADraft()
    return found


def _withdraw(row: Settlement, by: str) -> None:
    SettlementWithdrawal.objects.create(settlement=row, at=now(), by=by)


def _newest_version(agreement: str) -> PublishedAgreement:
    row = PublishedAgreement.objects.filter(agreement=agreement).order_by("-version").first()
    if row is None:
        raise UnknownAgreement(asked=agreement)
    return row


# --- what is settled ---


def _settled(agreed: Agreement, day: date, registry: Registry) -> Content:
    start, end = agreed.period_of(day)
    costs, grants = entered.sums(agreed.id, start, end), entered.received(agreed.id, start, end)
    corrected = tuple(correcting.waiting(agreed.id, registry))
    pots: tuple[Pot, ...] = ()
    if costs or grants or _has_prices(agreed, day):
        pots = settle(agreed, day, costs, registry, grants=grants, use=entered.use(agreed.id, start)).pots
    elif not corrected:
        raise errors.NothingToSettle(start=start)
    content = Content(pots, corrected, uses=_uses(entered.used(agreed.id, start)))
    return replace(content, sources=_sources(content.parties, registry))


def _uses(rows: Iterable[MeasuredUse]) -> dict[str, dict[str, UseSource]]:
    """Where each figure of use comes from, by party and measure."""
    found: dict[str, dict[str, UseSource]] = {}
    for row in rows:
        found.setdefault(row.party, {})[row.measure] = UseSource(row.source, row.measured_until)
    return found


def _has_prices(agreed: Agreement, day: date) -> bool:
    """Whether something is paid in a period whatever it costs. After the agreement has ended, corrections are all there is."""
    try:
        return bool(agreed.rule_of_period(day).rule.prices)
    except errors.Ended:
        return False


def _sources(parties: Iterable[Party], registry: Registry) -> dict[str, str]:
    """Where the figure of population of each comes from."""
    found: dict[str, str] = {}
    by_day: dict[date, list[Party]] = {}
    for party in parties:
        if party.level == "municipality" and party.counted_on and party.population is not None:
            by_day.setdefault(party.counted_on, []).append(party)
        elif party.level == "county" and party.population is not None:
            found[party.id] = "the sum of its municipalities"
    for day, among in by_day.items():
        figures = registry.populations([id for party in among for id in _counted_as(party)], day)
        for party in among:
            sources = dict.fromkeys(figures[id].source for id in _counted_as(party) if id in figures)
            found[party.id] = ": ".join(filter(None, [", ".join(sources), summed(party)]))
    return found


def _counted_as(party: Party) -> list[str]:
    """Whose figures its population is."""
    return [each.id for each in party.summed] or [party.id]
