"""Words for costs, settlements and bills, in the language of the page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from allmenning.basics.sharing.dividing import Share
from allmenning.commons.costs import saying
from allmenning.commons.costs.agreement import Agreement
from allmenning.commons.costs.bills import Standing
from allmenning.commons.costs.documents import Vat
from allmenning.commons.costs.frozen import UseSource
from allmenning.commons.costs.models import BillLine, MeasuredUse
from allmenning.commons.municipalities import queries as municipalities
from allmenning.journeys.bill_papers import treatment
from allmenning.journeys.measured_use import Proposal, Row
from allmenning.journeys.settling_periods import Opened, projects_of
from allmenning.web import offices as office_words

from . import words

KINDS = {"draft": "info", "approved": "success", "issued": "accent", "withdrawn": "neutral"}


def projects(agreement: Agreement) -> dict[str, str]:
    """Titles by project, the joint operation first."""
    return dict(projects_of(agreement, get_language() or "nb"))


def project(agreement: Agreement, id: str) -> str:
    return projects(agreement).get(id, id)


def status(code: str) -> str:
    return {
        "draft": _("Draft"),
        "approved": _("Approved"),
        "issued": _("Issued"),
        "withdrawn": _("Replaced by a newer draft"),
    }[code]


def kind(code: str) -> str:
    """Of a tag."""
    return KINDS[code]


def used(share: Share, opened: Opened) -> str:
    """What it used, and where that is from, where the share is reckoned by use."""
    return "; ".join(saying.used(share, opened.known.content.uses, opened.known.row.start))


def people(share: Share) -> str:
    """Inhabitants and their day, where there is a figure."""
    party = share.party
    if party.population is None or party.counted_on is None:
        return ""
    day = words.day(party.counted_on)
    return _("{number} inhabitants on {day}").format(number=f"{party.population:,}".replace(",", "\u00a0"), day=day)


def day_of(at: datetime) -> str:
    """The day of a moment, here."""
    return words.day(timezone.localdate(at))


def present(share: Share) -> str:
    """How much of the period it was a party, where it was not all of it."""
    value = share.party.present
    return "" if value == 1 else _("a party for {part} of the period").format(part=saying.fraction(value))


def measured(row: Row, proposed: Proposal) -> str:
    """What the platform measured of a party, and when."""
    if row.told is None or row.told.amount is None:
        return ""
    when = saying.measured(row.measure, proposed.start, row.told.until)
    return f"{saying.amount(row.measure, row.told.amount)}, {when}"


def use_source(row: MeasuredUse) -> str:
    """Where a figure of use is from."""
    return saying.source_of_use(UseSource(row.source, row.measured_until), row.measure, row.start)


def names(rows: Sequence[Row]) -> str:
    """Each party once."""
    return ", ".join(dict.fromkeys(row.name for row in rows))


def day_before(day: date) -> str:
    """As it stands in an address."""
    return (day - timedelta(days=1)).isoformat()


def bill_kind(code: str) -> str:
    return {"invoice": _("Invoice"), "credit-note": _("Credit note")}[code]


def paid(standing: Standing, today: date) -> str:
    """Where a bill stands."""
    if standing.left_ore == 0:
        return _("Paid back") if standing.bill.kind == "credit-note" else _("Paid")
    if standing.bill.kind == "credit-note":
        return _("To be paid back")
    return _("Overdue") if standing.is_overdue(today) else _("Waits for payment")


def paid_kind(standing: Standing, today: date) -> str:
    if standing.left_ore == 0:
        return "success"
    return "danger" if standing.is_overdue(today) else "neutral"


def vat(line: BillLine) -> str:
    return treatment(Vat(line.vat_category, line.vat_percent))  # type: ignore[arg-type]


def treatments() -> list[tuple[str, str]]:
    """What the treasurer may choose."""
    return [
        ("S", treatment(Vat("S", 25))),
        ("Z", treatment(Vat("Z"))),
        ("E", treatment(Vat("E"))),
        ("O", treatment(Vat("O"))),
    ]


def field(name: str) -> str:
    """A field of what bills need to know of a party."""
    return {
        "organisation": _("organisation number"),
        "name": _("name"),
        "street": _("address"),
        "postcode": _("postcode"),
        "city": _("place"),
        "account": _("bank account"),
        "buyer_reference": _("buyer reference"),
    }[name]


def fields(names: tuple[str, ...]) -> str:
    return ", ".join(field(each) for each in names)


def party(id: str) -> str:
    """A party's name, as it is called today; or a cooperation's."""
    register = municipalities.register()
    found = register.municipalities.get(id) or register.cooperations.get(id)
    return found.name if found else id


def who(said: str) -> str:
    """«treasurer, halsa», as people say it."""
    role, _comma, whose = said.partition(", ")
    try:
        return f"{office_words.role(role)}, {party(whose)}"
    except KeyError:
        return said


def posted(code: str) -> str:
    """What a line of a voucher is entered as."""
    return {
        "income": _("Refund from the members"),
        "cost": _("Purchase from the host"),
        "receivable": _("Claim on the payer"),
        "payable": _("Debt to the host"),
        "vat-out": _("VAT owed"),
        "vat-in": _("VAT paid"),
    }[code]


def side(code: str) -> str:
    return {"host": _("Host"), "payer": _("Payer")}[code]


def sentence(reasons: Sequence[str]) -> str:
    """Reasons as one sentence, with the full stop that somebody may have written already."""
    return saying.why(reasons) + "."
