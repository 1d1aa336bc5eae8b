"""What bills between the members of IKT Orkidé need to know of each: numbers, addresses and accounts that are nobody's.

Organisation numbers begin with 3, a range for test data; the account number begins with 9999, which no bank has.
`costs-2013.csv` has a year's costs, made up, to be read in at the office: exactly 1 000 000 kroner without VAT. This year's, of the case
platform itself (`platform.yaml`), are entered, settled and billed already: paid in advance, as such contracts are.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from uuid import UUID

from allmenning.basics import dates
from allmenning.basics.norwegian import sort_key
from allmenning.commons.costs import actions, billing, settlements
from allmenning.commons.costs.billing import Details
from allmenning.commons.identity.offices import OfficeActing
from allmenning.commons.municipalities import queries as municipalities
from allmenning.journeys import entering_costs, settling_periods

from .people import PLACES, organisation_number

SCOPE, HOST = "ikt-orkide", "kristiansund"
BY = "treasurer, ikt-orkide"
ACCOUNT = "99990000103"
STREETS = ("Rådhusgata 1", "Kommunevegen 2", "Torget 3", "Strandgata 4")
# Those that are no more: where their successor's town hall is, and in which language they wrote.
GONE = {
    "eide": ("hustadvika", "nb"),
    "fraena": ("hustadvika", "nn"),
    "halsa": ("heim", "nb"),
    "nesset": ("molde", "nb"),
}


PLATFORM, FILE = "saksplattform", Path(__file__).with_name("platform.yaml")
TREASURER, APPROVER = (OfficeActing(UUID(int=n), role, SCOPE) for n, role in enumerate(("treasurer", "approver")))
# Supplier, invoice, what, kroner without VAT: a year, paid when it begins.
THIS_YEAR = (
    ("Tare Programvare AS", "2201", "Drift og støtte av saksplattformen, hele året", "186 000"),
    ("Nordlys Drift AS", "30455", "Servere og lagring, hele året", "96 000"),
    ("Kveite Nett AS", "91-04", "Opplæring av saksbehandlere", "38 400"),
)
CHOSEN = {
    "vat": "S",
    "reason": "Salg av IKT-tjenester til andre kommuner",
    "host_art": "750", "host_function": "290", "payer_art": "350", "payer_function": "290",
}  # fmt: skip


def seed() -> None:
    """Enter the details of each party, and bill this year's costs of the platform; what is there is left as it is."""
    _parties()
    actions.publish(FILE.read_text("utf-8"), file=FILE.name, by="demo")
    if not settlements.of_agreement(PLATFORM):
        _this_year(dates.today().replace(month=1, day=1))


def _this_year(first: date) -> None:
    """What the platform costs in the year that is now, from costs to bills: the year that its benefits are measured in."""
    for supplier, invoice, text, net in THIS_YEAR:
        said = {"day": first.isoformat(), "supplier": supplier, "invoice": invoice, "text": text, "net": net}
        entering_costs.enter(TREASURER, PLATFORM, said)
    draft = settling_periods.draft(TREASURER, PLATFORM, first).row.id
    settling_periods.approve(APPROVER, PLATFORM, draft)
    due = dates.today() + settling_periods.DAYS_TO_PAY
    settling_periods.issue(TREASURER, PLATFORM, draft, {**CHOSEN, "due": due.isoformat()})


def _parties() -> None:
    parties = sorted({each.municipality for each in municipalities.memberships(SCOPE)}, key=sort_key)
    known = billing.details(SCOPE)
    for at, (party, number) in enumerate(zip(parties, _numbers(len(parties)), strict=True)):
        if party not in known:
            billing.enter(SCOPE, party, _details(party, number, at), by=BY)


def _details(party: str, number: str, at: int) -> Details:
    place = PLACES[GONE[party][0] if party in GONE else party]
    return Details(
        organisation=number,
        name=f"{municipalities.name_of(party)} kommune",
        street=STREETS[at % len(STREETS)],
        postcode=place.postal_code,
        city=place.city,
        is_registered=True,
        account=ACCOUNT if party == HOST else "",
        buyer_reference=f"IKT {at + 1:02}",
        language=GONE[party][1] if party in GONE else place.language,
    )


def _numbers(how_many: int) -> list[str]:
    """From the end of the range, so that no business of the demo has them."""
    found = (organisation_number(serial) for serial in range(9_999_999, 9_990_000, -1))
    return [number for number in found if number][:how_many]
