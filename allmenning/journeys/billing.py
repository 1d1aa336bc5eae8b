"""Bills after they are issued: who sees which, their files and vouchers, what is paid and what is overdue; and whom they go to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from allmenning.basics import dates
from allmenning.basics.norwegian import sort_key
from allmenning.basics.typed import FieldsWrong, Typed
from allmenning.commons.costs import billing, bills, entering, paying, settlements
from allmenning.commons.costs.agreement import Agreement
from allmenning.commons.costs.billing import Details
from allmenning.commons.costs.bills import Standing
from allmenning.commons.costs.errors import FileWrong, HostMissing, NoSuchBill, Problem
from allmenning.commons.costs.models import BillFile, BillingDetails, BillLine, IssuedBill, Payment, TakenOut
from allmenning.commons.costs.paying import Paid
from allmenning.commons.costs.sharing import named_in
from allmenning.commons.costs.vouchers import Posted
from allmenning.commons.identity.offices import OfficeActing
from allmenning.commons.municipalities import queries as municipalities

from .entering_costs import beside, of_treasurer
from .offices import NotInYourRole, agreement_for, agreements_of

OF_ITS_OFFICE = ("treasurer", "approver")
KEEPS_DETAILS = ("treasurer", "member-treasurer")


@dataclass(frozen=True)
class Bill:
    """A bill with its lines and payments, as far as somebody may see it."""

    agreement: Agreement
    standing: Standing
    lines: tuple[BillLine, ...]
    payments: tuple[Payment, ...]


@dataclass(frozen=True)
class Party:
    """Somebody that bills go to or come from, what is known of them, and what is missing. is_host: who sends them."""

    id: str
    name: str
    is_host: bool
    details: BillingDetails | None
    missing: tuple[str, ...]


def bills_of(by: OfficeActing) -> list[tuple[Agreement, list[Standing]]]:
    """The bills that a role sees, by agreement: the cooperation's treasurer all, a member its own, or all where the agreement says so."""
    agreements = [each.agreement for each in agreements_of(by)]
    rows = bills.of_agreements([agreed.id for agreed in agreements])
    return [
        (agreed, [each for each in rows if each.bill.agreement == agreed.id and _sees(by, agreed, each.bill)])
        for agreed in agreements
    ]


def overdue(found: list[tuple[Agreement, list[Standing]]], on: date | None = None) -> list[Standing]:
    """Invoices whose day has passed, and that are not paid in full."""
    day = on or dates.today()
    return [each for _agreed, rows in found for each in rows if each.is_overdue(day)]


def bill(by: OfficeActing, id: int) -> Bill:
    """Raises NoSuchBill, also for one that is another's."""
    agreements = {each.agreement.id: each.agreement for each in agreements_of(by)}
    found = bills.bill(id, agreements)
    agreed = agreements[found.bill.agreement]
    if not _sees(by, agreed, found.bill):
        raise NoSuchBill()
    return Bill(agreed, found, tuple(bills.lines(found.bill)), tuple(bills.payments(found.bill)))


def files(by: OfficeActing, id: int) -> tuple[IssuedBill, BillFile]:
    """A bill's files, as they were issued. Raises NoSuchBill."""
    found = bill(by, id).standing.bill
    return found, bills.files(found)


def _sees(by: OfficeActing, agreed: Agreement, bill: IssuedBill) -> bool:
    return bool(by.scope) or bill.party == by.party or agreed.shows_bills


def vouchers(by: OfficeActing, agreement: str, settlement_id: int) -> list[Posted]:
    """A settlement's vouchers: the host's and each payer's; for a member its own. Raises UnknownAgreement, NoSuchSettlement."""
    agreement_for(by, agreement)
    settlements.settlement(settlement_id, agreement=agreement)
    found = bills.vouchers_of(settlement_id)
    return [row for row in found if by.scope or (row.side == "payer" and row.party == by.party)]


# --- whom bills go to ---


def parties(by: OfficeActing, agreement: str) -> list[Party]:
    """Everybody that bills of an agreement may go to, those who have left too, and the host first.

    Raises NotInYourRole, UnknownAgreement.
    """
    agreed = agreement_for(by, agreement).agreement
    if by.role not in OF_ITS_OFFICE:
        raise NotInYourRole()
    names = _names(agreed)
    known = billing.details(agreed.scope)
    ids = [agreed.host, *(id for id in names if id != agreed.host)]
    return [_party(id, names.get(id) or municipalities.name_of(id), agreed, known.get(id)) for id in ids]


def details(by: OfficeActing, agreement: str, party: str) -> Party:
    """What is known of a party: for the cooperation's treasurer, and for its own. Raises NotInYourRole, UnknownAgreement."""
    agreed = agreement_for(by, agreement).agreement
    if by.role not in (*OF_ITS_OFFICE, "member-treasurer") or (by.party and by.party != party):
        raise NotInYourRole()
    names = _names(agreed)
    if party not in names and party != agreed.host:
        raise NotInYourRole()
    known = billing.details(agreed.scope, [party]).get(party)
    return _party(party, names.get(party) or municipalities.name_of(party), agreed, known)


def keep_details(by: OfficeActing, agreement: str, party: str, typed: Details) -> BillingDetails:
    """Raises NotInYourRole, UnknownAgreement, FieldsWrong."""
    found = details(by, agreement, party)
    if by.role not in KEEPS_DETAILS:
        raise NotInYourRole()
    scope = agreement_for(by, agreement).agreement.scope
    return billing.enter(scope, found.id, typed, by=by.said)


def _party(id: str, name: str, agreed: Agreement, known: BillingDetails | None) -> Party:
    is_host = id == agreed.host
    return Party(id, name, is_host, known, tuple(billing.missing(known, is_host=is_host)))


def _names(agreed: Agreement) -> dict[str, str]:
    """Everybody who is or was a party, by name."""
    named = named_in(agreed, agreed.rules[0].start, date.max, municipalities)
    names = {each.id: municipalities.name_of(each.id) if each.level == "municipality" else each.id for each in named}
    return dict(sorted(names.items(), key=lambda each: sort_key(each[1])))


# --- payments ---


def enter_payments(by: OfficeActing, raw: bytes, file: str, *, host: str = "") -> list[Payment]:
    """Take the payments of a file, matched by KID: all of them or none.

    host: whose account they came to; needed where the role has several, since each numbers its own bills. Raises NotInYourRole,
    FieldsWrong, FileWrong.
    """
    known = _hosts(by)
    if not known:
        raise FileWrong([Problem(0, NoSuchBill())], file)
    if not host and len(known) == 1:
        (host,) = known
    if host not in known:
        raise FieldsWrong({"host": HostMissing()})
    return paying.enter_file(host, known[host], raw, file=file, by=by.said)


def hosts(by: OfficeActing) -> dict[str, str]:
    """The names of who sends the bills of a treasurer's agreements, by id. Raises NotInYourRole."""
    names = {id: municipalities.name_of(id) for id in _hosts(by)}
    return dict(sorted(names.items(), key=lambda each: sort_key(each[1])))


def enter_payment(by: OfficeActing, id: int, typed: Mapping[str, str]) -> Payment:
    """Take one payment of a bill. Raises NotInYourRole, NoSuchBill, FieldsWrong."""
    found = bill(by, id)
    of_treasurer(by, found.agreement.id)
    read = Typed(typed)
    day, ore = read.day("day"), read.ore("ore")
    reference = read.text("reference", longest=paying.LONGEST_REFERENCE, optional=True)
    read.done()
    row = found.standing.bill
    paid = Paid(row.kid, day, ore, reference)
    with beside():
        return paying.enter(row.host, [row.agreement], paid, by=by.said)


def take_out_payment(by: OfficeActing, id: int, payment_id: int, reason: str) -> TakenOut:
    """A payment was entered by mistake. Raises NotInYourRole, NoSuchBill, IsMissing, TooLong, AlreadyTakenOut."""
    found = bill(by, id)
    of_treasurer(by, found.agreement.id)
    payment = next((each for each in found.payments if each.id == payment_id), None)
    if payment is None:
        raise NoSuchBill()
    return entering.take_out_payment(payment, reason, by=by.said)


def _hosts(by: OfficeActing) -> dict[str, list[str]]:
    """Who sends the bills of a treasurer's agreements, and which agreements. Raises NotInYourRole."""
    if by.role != "treasurer":
        raise NotInYourRole()
    found: dict[str, list[str]] = {}
    for each in agreements_of(by):
        found.setdefault(each.agreement.host, []).append(each.agreement.id)
    return found
