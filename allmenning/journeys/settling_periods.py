"""Settling a period: the treasurer drafts, the members comment, the host's approver approves, the treasurer issues.

A draft is made by one person and approved by another. What a member sees is its own; the whole of it is the cooperation's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from allmenning.basics import dates
from allmenning.basics.sharing.dividing import Share
from allmenning.basics.typed import Typed
from allmenning.commons.costs import bills, drafting, entered, entering, errors, issuing, settlements
from allmenning.commons.costs.agreement import Account, Accounts, Agreement
from allmenning.commons.costs.documents import Document, Vat
from allmenning.commons.costs.frozen import Corrected
from allmenning.commons.costs.issuing import Choices, Lacking
from allmenning.commons.costs.models import Answer, Comment, Correction, IssuedBill, SettlementApproval, TakenOut
from allmenning.commons.costs.settlements import Known
from allmenning.commons.costs.settling import Pot
from allmenning.commons.identity import offices as roles
from allmenning.commons.identity.offices import OfficeActing
from allmenning.commons.municipalities import queries as municipalities

from . import bill_papers
from .entering_costs import beside, code, of_treasurer
from .offices import NotInYourRole, agreement_for

DAYS_TO_PAY = timedelta(30)


@dataclass(frozen=True)
class Period:
    """A period that may be settled, and the newest draft of it, if there is one."""

    start: date
    end: date
    settlement: Known | None
    net_ore: int


@dataclass(frozen=True)
class Overview:
    """An agreement's settlements and corrections, the newest first. periods: those with costs that are not settled."""

    agreement: Agreement
    settlements: tuple[Known, ...]
    open: tuple[Period, ...]
    waiting: tuple[Correction, ...]


@dataclass(frozen=True)
class Opened:
    """A settlement as somebody sees it. party: whose share alone is shown; empty for the cooperation's own.

    comments: what was said of every draft of the period; of a party, its own.
    """

    agreement: Agreement
    known: Known
    party: str
    comments: tuple[Comment, ...]
    lacking: tuple[Lacking, ...] = ()
    bills: tuple[bills.Standing, ...] = ()
    has_come: bool = False

    @property
    def unanswered(self) -> list[Comment]:
        return settlements.unanswered(self.comments)

    @property
    def pots(self) -> list[Pot]:
        return [self._of(pot) for pot in self.known.content.pots if self._of(pot).shares]

    @property
    def corrected(self) -> list[tuple[Corrected, Pot]]:
        """What is corrected, and who pays or gets back what of it."""
        found = [(each, self._of(each.pot)) for each in self.known.content.corrected]
        return [(each, pot) for each, pot in found if pot.shares]

    @property
    def by_party(self) -> dict[str, int]:
        found = self.known.by_party
        return {id: ore for id, ore in found.items() if self.party in ("", id)}

    @property
    def names(self) -> dict[str, str]:
        return {party.id: party.name for party in self.known.content.parties}

    @property
    def is_shared(self) -> bool:
        """Whether something is divided, and not prices alone paid."""
        return any(pot.rule.rule.parts for pot in self.known.content.pots)

    def source(self, share: Share) -> str:
        """Where a party's figure of population comes from."""
        return (self.known.content.sources or {}).get(share.party.id, "")

    def _of(self, pot: Pot) -> Pot:
        if not self.party:
            return pot
        shares = tuple(share for share in pot.shares if share.party.id == self.party)
        return Pot(pot.project, pot.costs_ore, pot.grants_ore, pot.rule, shares)


def overview(by: OfficeActing, agreement: str) -> Overview:
    """What a role sees of an agreement's settlements: a member those that it has a share in. Raises UnknownAgreement."""
    agreed = agreement_for(by, agreement).agreement
    if by.party:
        shown = [each for each in settlements.standing_of(agreement) if by.party in each.by_party]
        return Overview(agreed, tuple(shown), (), ())
    known = settlements.of_agreement(agreement)
    waiting = tuple(settlements.waiting_corrections(agreement))
    return Overview(agreed, tuple(known), tuple(_open(agreed, known)), waiting)


def _open(agreed: Agreement, known: list[Known]) -> list[Period]:
    """Periods with something entered that are not settled, and the newest one that is over; the newest first."""
    issued = {each.row.start for each in known if each.status == settlements.ISSUED}
    newest: dict[date, Known] = {}
    for each in known:
        newest.setdefault(each.row.start, each)
    sums = {start: net for (_, start), net in entered.net_by_period([agreed]).items()}
    found = {*sums, *newest} - issued
    return [
        Period(start, agreed.period_of(start)[1], newest.get(start), sums.get(start, 0))
        for start in sorted(found, reverse=True)
    ]


def opened(by: OfficeActing, agreement: str, settlement_id: int) -> Opened:
    """A settlement, as far as it is a role's. Raises UnknownAgreement, NoSuchSettlement."""
    agreed = agreement_for(by, agreement).agreement
    known = settlements.settlement(settlement_id, agreement=agreement)
    if by.party and (by.party not in known.by_party or known.status == settlements.WITHDRAWN):
        raise errors.NoSuchSettlement()
    said = settlements.comments(agreement, known.row.start)
    mine = tuple(each for each in said if by.party in ("", each.party))
    if by.party:
        return Opened(agreed, known, by.party, mine, bills=tuple(_bills(agreed, known, by)))
    wanted = issuing.lacking(agreed, known.content) if known.stands else []
    return Opened(
        agreed, known, "", mine, tuple(wanted), tuple(_bills(agreed, known, by)),
        has_come=known.stands and drafting.has_come(known),
    )  # fmt: skip


def _bills(agreed: Agreement, known: Known, by: OfficeActing) -> list[bills.Standing]:
    found = bills.of_settlement(known.row.id) if known.status == settlements.ISSUED else []
    return [each for each in found if by.party in ("", each.bill.party)]


def draft(by: OfficeActing, agreement: str, day: date) -> Known:
    """Settle the period that a day is in, as a draft.

    Raises NotInYourRole, UnknownAgreement, AlreadySettled, NothingToSettle, and what is wrong with what is to be shared.
    """
    of_treasurer(by, agreement)
    return drafting.draft(agreement, day, municipalities, by=by.said, role=by.id)


def comment(by: OfficeActing, agreement: str, settlement_id: int, text: str) -> Comment:
    """A member's treasurer says something of a draft.

    Raises NotInYourRole, UnknownAgreement, NoSuchSettlement, NoLongerADraft, AlreadyApproved, IsMissing, TooLong.
    """
    if by.role != "member-treasurer":
        raise NotInYourRole()
    opened(by, agreement, settlement_id)
    return drafting.comment(settlement_id, party=by.party, text=text, by=by.said)


def answer(by: OfficeActing, agreement: str, comment_id: int, text: str) -> Answer:
    """Raises NotInYourRole, UnknownAgreement, NoSuchComment, IsMissing, TooLong."""
    of_treasurer(by, agreement)
    return drafting.answer(comment_id, agreement=agreement, text=text, by=by.said)


def approve(by: OfficeActing, agreement: str, settlement_id: int, reason: str = "") -> SettlementApproval:
    """The host's approver approves a draft that another person made.

    Raises NotInYourRole, SamePerson, UnknownAgreement, NoSuchSettlement, NoLongerADraft, AlreadyApproved,
    SomethingHasCome, CommentsUnanswered, TooLong.
    """
    if by.role != "approver":
        raise NotInYourRole()
    agreement_for(by, agreement)
    known = settlements.settlement(settlement_id, agreement=agreement)
    if known.row.drafted_role and roles.same_person(known.row.drafted_role, by.id):
        raise errors.SamePerson()
    return drafting.approve(settlement_id, by=by.said, reason=reason)


def correct(by: OfficeActing, agreement: str, settlement_id: int, typed: Mapping[str, str]) -> Correction:
    """Something was wrong in an issued settlement. Raises NotInYourRole, FieldsWrong, and what `drafting.enter_correction` raises."""
    of_treasurer(by, agreement)
    read = Typed(typed)
    ore, reason, project, party = read.ore("ore"), read.text("reason", longest=300), read["project"], read["party"]
    read.done()
    with beside():
        return drafting.enter_correction(
            agreement, settlement_id, project=project, party=party, ore=ore, reason=reason, by=by.said
        )


def take_out_correction(by: OfficeActing, agreement: str, correction_id: int, reason: str) -> TakenOut:
    """A correction by hand was a mistake. Raises NotInYourRole, UnknownAgreement, and what `entering.take_out_correction` raises."""
    of_treasurer(by, agreement)
    with beside():
        return entering.take_out_correction(correction_id, reason, agreement=agreement, by=by.said)


@dataclass(frozen=True)
class Asked:
    """What the treasurer is asked when a settlement is issued, with what is proposed."""

    opened: Opened
    issued: date
    due: date
    accounts: Accounts
    projects: tuple[str, ...] = field(default=("",))


def asked(by: OfficeActing, agreement: str, settlement_id: int) -> Asked:
    """Raises NotInYourRole, UnknownAgreement, NoSuchSettlement."""
    of_treasurer(by, agreement)
    found = opened(by, agreement, settlement_id)
    today = dates.today()
    due = dates.next_working_day(today + DAYS_TO_PAY)
    projects = tuple(sorted({"", *(pot.project for pot in found.known.content.pots)}))
    return Asked(found, today, due, issuing.proposed_accounts(found.agreement), projects)


def issue(by: OfficeActing, agreement: str, settlement_id: int, typed: Mapping[str, str]) -> list[IssuedBill]:
    """Issue an approved settlement: a bill for each payer, with its files.

    typed: `vat` (S, Z, E or O) and `reason` of the joint operation, `vat-<project>` and `reason-<project>` of a project that is
    treated otherwise, `corrected_vat` and `corrected_reason` where corrections are treated otherwise than what they correct was,
    `due`, and art and function of host and payer. Raises NotInYourRole, UnknownAgreement, FieldsWrong, and what
    `issuing.issue` raises.
    """
    wanted = asked(by, agreement, settlement_id)
    return issuing.issue(settlement_id, _choices(wanted, Typed(typed)), _files, by=by.said)


def _choices(wanted: Asked, read: Typed) -> Choices:
    due = read.day("due")
    treatments = {}
    for project in wanted.projects:
        end = f"-{project}" if project else ""
        vat = _vat(read, f"vat{end}", f"reason{end}", optional=bool(project))
        if vat:
            treatments[project] = vat
    corrections = _vat(read, "corrected_vat", "corrected_reason", optional=True)
    names = [f"{side}_{what}" for side in ("host", "payer") for what in ("art", "function")]
    codes = [code(read, name) for name in names]
    for name, each in zip(names, codes, strict=True):
        if not each:
            read.errors.setdefault(name, errors.AccountsMissing())
    read.done()
    accounts = Accounts(Account(*codes[:2]), Account(*codes[2:]))
    return Choices(dates.today(), due, treatments, accounts, corrections)


def _vat(read: Typed, name: str, why: str, *, optional: bool) -> Vat | None:
    """What is chosen in two fields; nothing where nothing needs to be."""
    category: Any = read[name]
    if optional and not category:
        return None
    if category not in ("S", "Z", "E", "O"):
        read.errors[name] = errors.TreatmentMissing()
    reason = read.text(why, longest=300, optional=True)
    if not reason:
        read.errors.setdefault(why, errors.VatReasonMissing())
    return Vat(category, issuing.STANDARD_RATE if category == "S" else 0, reason)


def _files(document: Document, language: str) -> tuple[bytes, bytes]:
    """The bill as it is sent, and as it is read."""
    as_sent = import_string(settings.INVOICE_FORMAT)
    return as_sent(document), bill_papers.paper(document, language)


def projects_of(agreed: Agreement, language: str) -> Mapping[str, str]:
    """Titles by project; the joint operation has the agreement's own."""
    return {"": agreed.title[language], **{each.id: each.title[language] for each in agreed.projects}}
