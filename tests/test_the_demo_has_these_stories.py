"""The demo has somebody who acts for another in each way that there is, and an emergency to look into, by the journeys."""

import pytest

from allmenning.commons.identity.sessions import Resident
from allmenning.journeys import my_log, outside, representing
from allmenning.journeys.workplaces import workplaces_of
from allmenning.municipal.access.models import Review
from allmenning.tenancy import use
from demo import registers
from demo.people import PLACES, world
from demo.seed import SENSITIVE, Town


@pytest.fixture
def averoy(municipality_a, services):
    before = outside._connected
    outside.connect(registers.outside())
    representing.forget()
    town = Town(PLACES["averoy"])
    town.set_up()
    yield town
    outside._connected = before
    representing.forget()


def resident(key):
    person = world().characters[key]
    return Resident(person.number, person.name, "idporten-loa-high")


def test_a_son_has_written_for_his_mother_and_she_sees_it(averoy):
    averoy._who_act_for_others()
    log = my_log.my_log(resident("giver")).lines
    assert ("submit", "Rask Brosme") in [(line.entry.action, line.by_name) for line in log]
    [held] = representing.candidates(resident("holder"), "averoy").held
    assert held.represented.name == "Lun Brosme"


def test_a_mother_acts_for_her_children_and_a_guardian_for_his_ward(averoy):
    averoy._who_act_for_others()
    parent = representing.candidates(resident("parent"), "averoy")
    assert [each.kind for each in parent.children] == ["parent"] * 3
    averoy._guardian_for_ward()
    log = my_log.my_log(resident("ward")).lines
    assert ("submit", world().characters["guardian"].name) in [(line.entry.action, line.by_name) for line in log]
    ward = world().characters["ward"]
    assert representing.choose_ward(resident("guardian"), ward.number, "averoy").name == ward.name


def test_an_emergency_waits_for_the_leader_of_the_case_that_was_opened(averoy):
    averoy._who_act_for_others()  # whose cases are not all decided at once
    for number in range(12):
        averoy._case(number)
    averoy._emergency()
    with use("averoy", "ordinary"):
        [found] = Review.objects.filter(kind=Review.Kind.BREAK_GLASS)
        assert found.unit_id == averoy.units["service"].id
        assert found.staff_id == averoy.workers["education"][0].id


def test_averoys_staff_work_for_smola_by_mandates_in_each_area_that_is_kept_apart(averoy, municipality_b):
    """Smøla has the units, and nobody of its own in them."""
    smola = Town(PLACES["smola"])
    smola.set_up()
    for area in SENSITIVE:
        for role in ("caseworker", "leader"):
            found = {each.municipality: each for each in workplaces_of(resident(f"{area}-{role}").number).places}
            assert (found["averoy"].home_municipality, found["smola"].home_municipality) == ("", "averoy")
            assert list(found["smola"].units) == [area]
