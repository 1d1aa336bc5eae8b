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
from allmenning.basics.sharing.errors import NothingIsShared
from allmenning.basics.text import clean_text

from . import agreement as agreements
from . import entered, errors, frozen, settlements
from .agreement import Agreement
from .errors import UnknownAgreement
from .frozen import Content, Corrected
from .locks import costs_of, writing
from .models import (
    Answer,
    Comment,
    Correction,
    PublishedAgreement,
    Settlement,
    SettlementApproval,
    SettlementWithdrawal,
)
from .registry import Registry
from .settlements import Known
from .settling import Cost, Pot, correct, settle


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

    Raises NoSuchSettlement, NoLongerADraft, AlreadyApproved, NotInThisSettlement, TextMissing.
    """
    found = settlements.settlement(settlement_id)
    with writing(costs_of(found.row.agreement)):
        found = _draft(settlement_id)
        if party not in found.by_party:
            raise errors.NotInThisSettlement(party=party)
        return Comment.objects.create(settlement=found.row, party=party, text=_said(text), at=now(), by=by)


def answer(comment_id: int, *, agreement: str, text: str, by: str) -> Answer:
    """The treasurer answers. Raises NoSuchComment, TextMissing."""
    found = Comment.objects.filter(id=comment_id, settlement__agreement=agreement).first()
    if found is None:
        raise errors.NoSuchComment()
    return Answer.objects.create(comment=found, text=_said(text), at=now(), by=by)


def approve(settlement_id: int, *, by: str, reason: str = "") -> SettlementApproval:
    """The host approves a draft. That it is another person than whoever made it, the caller has seen to.

    reason: why comments may stay unanswered. Raises NoSuchSettlement, NoLongerADraft, AlreadyApproved, SomethingHasCome,
    CommentsUnanswered.
    """
    found = settlements.settlement(settlement_id)
    with writing(costs_of(found.row.agreement)):
        found = _draft(settlement_id)
        require_unchanged(found)
        waiting = settlements.unanswered(settlements.comments(found.row.agreement, found.row.start))
        if waiting and not reason.strip():
            raise errors.CommentsUnanswered(count=len(waiting))
        return SettlementApproval.objects.create(
            settlement=found.row, reason=clean_text(reason.strip())[:300], at=now(), by=by
        )


def enter_correction(agreement: str, settlement_id: int, *, project: str, ore: int, reason: str, by: str) -> Correction:
    """Something was wrong in an issued settlement: it becomes lines of the next one.

    Raises NoSuchSettlement, NotSettledYet, NoSuchProject, NotMoreThanNothing, ReasonMissing, NothingIsShared.
    """
    if not ore:
        raise errors.NotMoreThanNothing()
    if not reason.strip():
        raise errors.ReasonMissing()
    with writing(costs_of(agreement)):
        found = settlements.settlement(settlement_id, agreement=agreement)
        if found.status != settlements.ISSUED:
            raise errors.NotSettledYet(start=found.row.start)
        pot = _pot_of(found.content, project)
        if pot is None:
            raise errors.NoSuchProject(project=project)
        if not pot.rule.rule.parts:
            raise NothingIsShared()
        return Correction.objects.create(
            agreement=agreement,
            settlement=found.row,
            project=project,
            ore=ore,
            reason=clean_text(reason.strip())[:300],
            entered_at=now(),
            entered_by=by,
        )


def require_unchanged(found: Known) -> None:
    """That what was settled is all that was entered. Raises SomethingHasCome. The caller holds the agreement's lock."""
    row = found.row
    if entered.newest_of_each(row.agreement, row.start, row.end) != row.inputs:
        raise errors.SomethingHasCome()


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


def _said(text: str) -> str:
    said = clean_text(text.strip())[:2000]
    if not said:
        raise errors.TextMissing()
    return said


# --- what is settled ---


def _settled(agreed: Agreement, day: date, registry: Registry) -> Content:
    start, end = agreed.period_of(day)
    costs, grants = entered.sums(agreed.id, start, end), entered.received(agreed.id, start, end)
    corrected = tuple(_corrected(agreed.id, registry))
    rule = agreed.rule_on(max(start, agreed.rules[0].start))
    if costs or grants or rule.rule.prices:
        pots = settle(agreed, day, costs, registry, grants=grants, use=entered.use(agreed.id, start)).pots
    elif corrected:
        pots = ()
    else:
        raise errors.NothingToSettle(start=start)
    content = Content(pots, corrected)
    return replace(content, sources=_sources(content.parties, registry))


def _corrected(agreement: str, registry: Registry) -> Iterable[Corrected]:
    """What waits to be corrected, together for each pot that was wrong."""
    together: dict[tuple[int, str], list[Correction]] = {}
    for each in settlements.waiting_corrections(agreement):
        together.setdefault((each.settlement_id, each.project), []).append(each)
    before = settlements.settled_before([id for id, _project in together])
    for (id, project), rows in together.items():
        then = settlements.settlement(id)
        pot = _more(then, project, before.get((id, project), 0), sum(row.ore for row in rows), registry)
        reasons = tuple(dict.fromkeys(row.reason for row in rows))
        yield Corrected(id, then.row.start, tuple(row.id for row in rows), reasons, pot)


def _more(then: Known, project: str, before: int, ore: int, registry: Registry) -> Pot:
    """What each pays more, where a pot was wrong by `ore` besides what earlier corrections of it were.

    All corrections are shared together, less what was shared before: so each pays what they would have, had it been known.
    """
    right = _shared_again(then, project, before + ore, registry)
    if not before:
        return right
    paid = {share.party.id: share for share in _shared_again(then, project, before, registry).shares}
    shares = tuple(
        replace(share, exact=share.exact - paid[share.party.id].exact, ore=share.ore - paid[share.party.id].ore)
        for share in right.shares
    )
    return replace(right, costs_ore=ore, shares=shares)


def _shared_again(then: Known, project: str, ore: int, registry: Registry) -> Pot:
    """A correction as it would have been shared then; of a project that had no costs then, by the agreement of then."""
    pot = _pot_of(then.content, project)
    if pot is not None:
        return correct(pot, ore)
    text = PublishedAgreement.objects.get(agreement=then.row.agreement, version=then.row.version).text
    agreed = agreements.read(text, then.row.agreement)
    pots = settle(agreed, then.row.start, [Cost(then.row.start, "", "", "", ore, 0, project)], registry).pots
    return next(each for each in pots if each.project == project)


def _pot_of(content: Content, project: str) -> Pot | None:
    return next((pot for pot in content.pots if pot.project == project), None)


def _sources(parties: Iterable[Party], registry: Registry) -> dict[str, str]:
    """Where the figure of population of each comes from."""
    found: dict[str, str] = {}
    by_day: dict[date, list[str]] = {}
    for party in parties:
        if party.level == "municipality" and party.counted_on and party.population is not None:
            by_day.setdefault(party.counted_on, []).append(party.id)
        elif party.level == "county" and party.population is not None:
            found[party.id] = "the sum of its municipalities"
    for day, ids in by_day.items():
        found |= {id: each.source for id, each in registry.populations(ids, day).items()}
    return found
