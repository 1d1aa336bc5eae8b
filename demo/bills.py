"""What bills between the members of IKT Orkidé need to know of each: numbers, addresses and accounts that are nobody's.

Organisation numbers begin with 3, a range for test data; the account number begins with 9999, which no bank has.
`costs-2013.csv` has a year's costs, made up, to be read in at the office: exactly 1 000 000 kroner without VAT.
"""

from __future__ import annotations

from allmenning.basics.norwegian import sort_key
from allmenning.commons.costs import billing
from allmenning.commons.costs.billing import Details
from allmenning.commons.municipalities import queries as municipalities

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


def seed() -> None:
    """Enter the details of each party; what is there is left as it is."""
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
