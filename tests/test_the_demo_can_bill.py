"""The demo can settle and bill the year 2013 of IKT Orkidé: whom bills go to is known, and the file of costs can be read."""

from pathlib import Path

from allmenning.basics.memory import forget_everything
from allmenning.commons.costs import billing
from allmenning.commons.costs.cost_files import read_costs
from allmenning.commons.municipalities import actions as municipalities
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


def test_the_file_has_a_year_of_exactly_a_million():
    costs = read_costs(COSTS.read_bytes(), COSTS.name)
    assert {each.day.year for each in costs} == {2013}
    assert sum(each.ore for each in costs) == 100_000_000
