"""The demo can settle and bill the year 2013 of IKT Orkidé: whom bills go to is known, and the file of costs can be read."""

from datetime import date
from pathlib import Path

from allmenning.basics import dates
from allmenning.basics.memory import forget_everything
from allmenning.commons.costs import billing, settlements
from allmenning.commons.costs.cost_files import read_costs
from allmenning.commons.costs.models import IssuedBill
from allmenning.commons.municipalities import actions as municipalities
from allmenning.journeys import comparing
from demo import bills

COSTS = Path(bills.__file__).with_name("costs-2013.csv")


def test_every_party_of_any_year_can_be_billed(commons_db):
    forget_everything()
    municipalities.load_register()
    bills.seed()
    bills.seed()
    known = billing.details(bills.SCOPE)
    assert {"halsa", "heim", "kristiansund"} < set(known)
    assert {party: billing.missing(each, is_host=party == bills.HOST) for party, each in known.items()} == {
        party: [] for party in known
    }
    assert len({each.organisation for each in known.values()}) == len(known)


def test_this_year_is_billed_so_that_its_cost_stands_beside_what_is_measured(commons_db):
    forget_everything()
    municipalities.load_register()
    for _ in range(2):
        bills.seed()
    forget_everything()
    (settled,) = settlements.of_agreement(bills.PLATFORM)
    assert (settled.status, settled.row.start.year, settled.row.ore) == (
        settlements.ISSUED,
        dates.today().year,
        32_040_000,
    )
    parties = settlements.settlement(settled.row.id).content.parties
    assert {party.counted_on for party in parties} == {date(2021, 1, 1)}
    assert all(party.population for party in parties)
    assert IssuedBill.objects.count() == len(parties) - 1  # the host bears its own share
    assert set(comparing.costs("ikt-orkide")[dates.today().year]) == {party.id for party in parties}


def test_the_file_has_a_year_of_exactly_a_million():
    costs = read_costs(COSTS.read_bytes(), COSTS.name)
    assert {each.day.year for each in costs} == {2013}
    assert sum(each.ore for each in costs) == 100_000_000
