"""Issuing a settlement: a bill for each payer, numbered without a gap, with the files that make it; all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import override

from allmenning.basics.dates import now
from allmenning.basics.norwegian import sort_key
from allmenning.basics.sharing.dividing import Party, Share
from allmenning.tenancy.turns import hold

from . import agreement as agreements
from . import billing, drafting, errors, saying, settlements
from .agreement import Account, Accounts, Agreement
from .documents import Document, Line, Vat
from .frozen import Content, Corrected
from .kid import kid
from .locks import bills_of, costs_of, writing
from .models import (
    BillFile,
    BillingDetails,
    BillLine,
    CorrectionSettled,
    IssuedBill,
    PublishedAgreement,
    Settlement,
    SettlementIssue,
)
from .settlements import Known

FIRST_NUMBER = 100_001
STANDARD_RATE = 25  # per cent (Stortinget's decision on VAT, § 2)
Render = Callable[[Document, str], tuple[bytes, bytes]]


@dataclass(frozen=True)
class Choices:
    """What the treasurer chooses when a settlement is issued.

    treatments: VAT by project; that of the joint operation ("") holds for a project that is not named. corrections: of what is
    corrected; None: as it was treated then.
    """

    issued: date
    due: date
    treatments: Mapping[str, Vat]
    accounts: Accounts
    corrections: Vat | None = None


@dataclass(frozen=True)
class Lacking:
    """A party that a bill can't be made for, and which fields are missing."""

    party: str
    name: str
    fields: tuple[str, ...]


class BillingIncomplete(errors.AllmenningError):
    """Bills need to know more about some of the parties."""

    def __init__(self, lacking: Sequence[Lacking]) -> None:
        said = ", ".join(f"{each.name} ({', '.join(each.fields)})" for each in lacking)
        super().__init__(said)
        self.lacking = tuple(lacking)


@dataclass(frozen=True)
class Planned:
    """A bill before it has its number."""

    party: Party
    details: BillingDetails
    lines: tuple[PlannedLine, ...]
    credits: IssuedBill | None
    is_outside: bool


@dataclass(frozen=True)
class PlannedLine:
    project: str
    line: Line
    corrects: int | None = field(default=None)


def issue(settlement_id: int, choices: Choices, render: Render, *, by: str) -> list[IssuedBill]:
    """Issue an approved settlement, once and for all.

    render: makes the XML and the PDF of a document, in a language. Raises NoSuchSettlement, NoLongerADraft, NotApproved,
    SomethingHasCome, BillingIncomplete, and what `check` raises.
    """
    found = settlements.settlement(settlement_id)
    agreement = found.row.agreement
    with writing(costs_of(agreement)):
        found = settlements.settlement(settlement_id)
        if not found.stands:
            raise errors.NoLongerADraft()
        if found.status != settlements.APPROVED:
            raise errors.NotApproved()
        drafting.require_unchanged(found)
        agreed = agreement_of(found.row)
        known = _details(agreed, found.content)
        check(choices, known[agreed.host])
        planned = _planned(agreed, found, choices, known)
        hold(bills_of(agreed.host))
        _keep_issue(found, choices, by)
        return _keep(agreed, found.row, planned, choices, known[agreed.host], render)


def agreement_of(row: Settlement) -> Agreement:
    """The agreement as it was when the settlement was made."""
    text = PublishedAgreement.objects.get(agreement=row.agreement, version=row.version).text
    return agreements.read(text, row.agreement)


def check(choices: Choices, seller: BillingDetails) -> None:
    """What no bill may say. Raises DueTooEarly, TreatmentMissing, VatReasonMissing, WrongRate, SellerNotRegistered."""
    if choices.due < choices.issued:
        raise errors.DueTooEarly()
    if "" not in choices.treatments:
        raise errors.TreatmentMissing()
    chosen = [*choices.treatments.values(), *([choices.corrections] if choices.corrections else [])]
    for vat in chosen:
        _check_vat(vat, seller)


def _check_vat(vat: Vat, seller: BillingDetails) -> None:
    if vat.category not in ("S", "Z", "E", "O"):
        raise errors.TreatmentMissing()
    if not vat.reason.strip():
        raise errors.VatReasonMissing()
    if vat.percent != (STANDARD_RATE if vat.category == "S" else 0):
        raise errors.WrongRate(rate=STANDARD_RATE)
    if vat.category != "O" and not seller.is_registered:
        raise errors.SellerNotRegistered(seller=seller.name)


def lacking(agreed: Agreement, content: Content) -> list[Lacking]:
    """Who lacks what before bills can be issued, all of them at once; the host first."""
    payers = _payers(agreed, content)
    known = billing.details(agreed.scope, [agreed.host, *(party.id for party in payers)])
    names = {agreed.host: agreed.host, **{party.id: party.name for party in content.parties}}
    found = []
    for id in [agreed.host, *(party.id for party in payers)]:
        wanted = billing.missing(known.get(id), is_host=id == agreed.host)
        if wanted:
            found.append(Lacking(id, names[id], tuple(wanted)))
    return found


def _details(agreed: Agreement, content: Content) -> dict[str, BillingDetails]:
    """Raises BillingIncomplete."""
    wanted = lacking(agreed, content)
    if wanted:
        raise BillingIncomplete(wanted)
    return billing.details(agreed.scope)


def _payers(agreed: Agreement, content: Content) -> list[Party]:
    """Who gets a bill: everybody with a share but the host, who bears its own; by name."""
    owing = {id for id, lines in _shares(content).items() if any(share.ore for _at, share in lines)}
    found = [party for party in content.parties if party.id != agreed.host and party.id in owing]
    return sorted(found, key=lambda party: sort_key(party.name))


_At = tuple[str, Corrected | None]  # project, and what is corrected, if it is a correction


def _shares(content: Content) -> dict[str, list[tuple[_At, Share]]]:
    """Each party's shares: of the period's pots, then of corrections."""
    found: dict[str, list[tuple[_At, Share]]] = {}
    for pot in content.pots:
        for share in pot.shares:
            found.setdefault(share.party.id, []).append(((pot.project, None), share))
    for each in content.corrected:
        for share in each.pot.shares:
            found.setdefault(share.party.id, []).append(((each.pot.project, each), share))
    return found


def _planned(
    agreed: Agreement, found: Known, choices: Choices, known: Mapping[str, BillingDetails]
) -> Iterator[Planned]:
    shares = _shares(found.content)
    then = _treatments_then(found.content)
    earlier = _earlier_bills(found.content)
    for party in _payers(agreed, found.content):
        details = known[party.id]
        with override(details.language):
            lines = [
                _planned_line(agreed, found, at, share, choices, then) for at, share in shares[party.id] if share.ore
            ]
        for each in lines:
            _check_vat(each.line.vat, known[agreed.host])
        for is_outside, together in _apart(lines):
            credited = _credited(party, together, is_outside, earlier)
            yield Planned(party, details, together, credited, is_outside)


def _apart(lines: Sequence[PlannedLine]) -> Iterator[tuple[bool, tuple[PlannedLine, ...]]]:
    """What is outside VAT, and what is not: no invoice has both (EN 16931 BR-O-11, BR-O-12)."""
    for is_outside in (False, True):
        together = tuple(each for each in lines if (each.line.vat.category == "O") is is_outside)
        if together:
            yield is_outside, together


def _planned_line(
    agreed: Agreement,
    found: Known,
    at: _At,
    share: Share,
    choices: Choices,
    then: Mapping[tuple[int, str], Vat],
) -> PlannedLine:
    project, corrected = at
    title = _title(agreed, project, saying.language())
    if corrected is None:
        text = f"{title} {saying.period(found.row.start, found.row.end)}"
        vat = choices.treatments.get(project, choices.treatments[""])
        return PlannedLine(project, Line(text[:300], _note(share, found), share.ore, vat))
    start, end = agreed.period_of(corrected.start)
    text = _("Correction of {period}: {title}").format(period=saying.period(start, end), title=title)
    vat = choices.corrections or then.get((corrected.settlement, project)) or choices.treatments[""]
    note = _joined([saying.why(corrected.reasons)], saying.pieces(share, corrects=True))
    return PlannedLine(project, Line(text[:300], note, share.ore, vat), corrected.settlement)


def _note(share: Share, found: Known) -> str:
    used = saying.used(share, found.content.uses, found.row.start)
    return _joined([], saying.pieces(share), used)


def _joined(why: Iterable[str], pieces: Iterable[tuple[str, str]], used: Iterable[str] = ()) -> str:
    return "; ".join([*why, *(f"{what}: {how}" for what, how in pieces), *used])[:1000]


def _title(agreed: Agreement, project: str, language: str) -> str:
    of = next((each.title for each in agreed.projects if each.id == project), agreed.title)
    return of[language]


def _treatments_then(content: Content) -> dict[tuple[int, str], Vat]:
    """How VAT was treated in what is corrected, by settlement and project."""
    found: dict[tuple[int, str], Vat] = {}
    rows = SettlementIssue.objects.filter(settlement__in=[each.settlement for each in content.corrected])
    by_settlement = {row.settlement_id: row.treatments for row in rows}
    for each in content.corrected:
        said = by_settlement[each.settlement]
        found[each.settlement, each.pot.project] = Vat(**said.get(each.pot.project, said[""]))
    return found


def _earlier_bills(content: Content) -> list[IssuedBill]:
    """The invoices of what is corrected, the earliest first."""
    wrong = [each.settlement for each in content.corrected]
    rows = IssuedBill.objects.filter(settlement__in=wrong, kind=IssuedBill.Kind.INVOICE)
    return list(rows.order_by("issued", "serial"))


def _credited(
    party: Party, lines: Sequence[PlannedLine], is_outside: bool, earlier: Iterable[IssuedBill]
) -> IssuedBill | None:
    """The party's earliest invoice of what these lines correct; rather one that treats VAT alike."""
    wrong = {each.corrects for each in lines}
    found = [row for row in earlier if row.party == party.id and row.settlement_id in wrong]
    return next((row for row in found if row.is_outside is is_outside), found[0] if found else None)


def _keep_issue(found: Known, choices: Choices, by: str) -> None:
    SettlementIssue.objects.create(
        settlement=found.row,
        agreement=found.row.agreement,
        start=found.row.start,
        due=choices.due,
        accounts={"host": vars(choices.accounts.host), "payer": vars(choices.accounts.payer)},
        treatments={project: vars(vat) for project, vat in choices.treatments.items()},
        at=now(),
        by=by,
    )
    CorrectionSettled.objects.bulk_create(
        CorrectionSettled(correction_id=id, settlement=found.row)
        for each in found.content.corrected
        for id in each.corrections
    )


def _keep(
    agreed: Agreement,
    row: Settlement,
    planned: Iterable[Planned],
    choices: Choices,
    seller: BillingDetails,
    render: Render,
) -> list[IssuedBill]:
    """Number the bills, make their files, and write them all."""
    last = IssuedBill.objects.filter(host=agreed.host).order_by("-serial").values_list("serial", flat=True).first() or 0
    made: list[tuple[Planned, IssuedBill, bytes, bytes]] = []
    for serial, plan in enumerate(planned, start=last + 1):
        number = str(FIRST_NUMBER - 1 + serial)
        document = _document(number, row, plan, choices, seller)
        xml, pdf = render(document, plan.details.language)
        made.append((plan, _bill(document, row, agreed.host, serial, plan), xml, pdf))
    bills = IssuedBill.objects.bulk_create(bill for _plan, bill, _xml, _pdf in made)
    BillLine.objects.bulk_create(line for plan, bill, _xml, _pdf in made for line in _lines(plan, bill))
    BillFile.objects.bulk_create((BillFile(bill=bill, xml=xml, pdf=pdf) for _plan, bill, xml, pdf in made), 50)
    return bills


def _document(number: str, row: Settlement, plan: Planned, choices: Choices, seller: BillingDetails) -> Document:
    document = Document(
        number=number,
        issued=choices.issued,
        due=choices.due,
        seller=billing.trader(seller),
        buyer=billing.trader(plan.details),
        buyer_reference=plan.details.buyer_reference,
        order_reference="",
        kid=kid(number),
        account=seller.account,
        period=(row.start, saying.last_day(row.end)),
        lines=[each.line for each in plan.lines],
    )
    return as_credit_note(document, plan.credits) if document.net + document.vat < 0 else document


def as_credit_note(document: Document, of: IssuedBill | None) -> Document:
    """The same, given back: of an invoice, or of none where there was none."""
    lines = [Line(each.text, each.note, -each.ore, each.vat) for each in document.lines]
    return Document(
        **{
            **vars(document),
            "lines": lines,
            "gives_back": True,
            "credits": of.number if of else "",
            "credits_issued": of.issued if of else None,
        }
    )


def _bill(document: Document, row: Settlement, host: str, serial: int, plan: Planned) -> IssuedBill:
    sign = -1 if document.is_credit_note else 1
    return IssuedBill(
        settlement=row,
        agreement=row.agreement,
        host=host,
        serial=serial,
        number=document.number,
        kind=IssuedBill.Kind.CREDIT_NOTE if document.is_credit_note else IssuedBill.Kind.INVOICE,
        party=plan.party.id,
        is_outside=plan.is_outside,
        name=document.buyer.name,
        net_ore=sign * document.net,
        vat_ore=sign * document.vat,
        kid=document.kid,
        buyer_reference=document.buyer_reference,
        issued=document.issued,
        due=document.due,
        credits=plan.credits if document.is_credit_note else None,
    )


def _lines(plan: Planned, bill: IssuedBill) -> Iterator[BillLine]:
    for place, each in enumerate(plan.lines, start=1):
        vat = each.line.vat
        yield BillLine(
            bill=bill,
            place=place,
            project=each.project,
            corrects_id=each.corrects,
            text=each.line.text,
            note=each.line.note,
            ore=each.line.ore,
            vat_category=vat.category,
            vat_percent=vat.percent,
            vat_reason=vat.reason[:300],
        )


def proposed_accounts(agreed: Agreement) -> Accounts:
    """What the agreement proposes; without a proposal, the treasurer fills in."""
    return agreed.accounts or Accounts(Account("", ""), Account("", ""))
