"""What administrators change: kept with before and after, refused where it would lock somebody out or mean nothing."""

from datetime import date, timedelta

import pytest

from allmenning.basics import dates
from allmenning.commons.catalogue import queries as catalogue
from allmenning.journeys import administering, offering
from allmenning.journeys.testing import CHARLIE, OMAR, START, number
from allmenning.municipal.access import queries as access
from allmenning.municipal.access.errors import (
    AlreadyHolds,
    AlreadyStaff,
    LastAdministrator,
    NotOwnMunicipality,
    NotStaffHere,
    NotValid,
    OwnSubstitute,
    SourceMissing,
    UnitInUse,
    UnitMissing,
)
from allmenning.municipal.access.models import AdministrationChange, Delegation, Position, StaffMember
from allmenning.municipal.access.queries import placed_in
from allmenning.tenancy import use

BY = administering.OPERATOR
TODAY = dates.today()


@pytest.fixture
def administration(averoy):
    with use("averoy", "administration"):
        yield averoy


def last_change() -> AdministrationChange:
    return AdministrationChange.objects.order_by("-at", "-id")[0]


def test_a_change_is_kept_with_before_and_after(administration):
    administering.change_unit(BY, administration.unit.id, name="Innbyggertorget", phone="71 00 00 00")
    change = last_change()
    assert change.before == {"name": "Servicetorget", "phone": ""}
    assert change.after == {"name": "Innbyggertorget", "phone": "71 00 00 00"}


def test_what_changes_nothing_is_no_change(administration):
    before = AdministrationChange.objects.count()
    administering.change_unit(BY, administration.unit.id, name="Servicetorget")
    assert AdministrationChange.objects.count() == before


def test_the_first_administrator_can_be_made_twice(municipality_a, services):
    for _ in range(2):
        staff = administering.add_first_administrator("averoy", OMAR, "Omar Osp")
    with use("averoy", "administration"):
        assert access.is_administrator(staff.id)
        assert StaffMember.objects.count() == Position.objects.count() == 1


def test_an_administrator_whose_employment_is_over_administers_no_more(administration):
    omar = administering.add_staff(BY, number=OMAR, name="Omar Osp", title="", email="", start=START)
    other = administering.add_first_administrator("averoy", number(300), "Eva Einer")
    administering.add_position(BY, omar.id, None, "administrator", start=START)
    administering.change_staff(BY, omar.id, end=TODAY - timedelta(days=1))
    assert not access.is_administrator(omar.id)
    assert access.is_administrator(other.id)


def test_the_last_administrator_can_not_be_ended(administration):
    omar = administering.add_first_administrator("averoy", OMAR, "Omar Osp")
    position = Position.objects.get(staff=omar)
    with pytest.raises(LastAdministrator):
        administering.end_position(BY, position.id, TODAY)
    with pytest.raises(LastAdministrator):
        administering.change_staff(BY, omar.id, end=TODAY + timedelta(days=30))
    position.refresh_from_db()
    assert position.end is None


def test_nobody_is_staff_twice(administration):
    with pytest.raises(AlreadyStaff):
        administering.add_staff(BY, number=administration_number(), name="Alice", title="", email="", start=START)


def administration_number() -> str:
    from allmenning.journeys.testing import ALICE

    return ALICE


def test_a_role_needs_a_unit_and_is_held_once_at_a_time(administration):
    alice = administration.staff["alice"].id
    with pytest.raises(UnitMissing):
        administering.add_position(BY, alice, None, "leader", start=TODAY)
    with pytest.raises(AlreadyHolds):
        administering.add_position(BY, alice, administration.unit.id, "caseworker", start=TODAY)


def test_a_unit_that_cases_go_to_is_not_closed(administration):
    with pytest.raises(UnitInUse):
        administering.change_unit(BY, administration.unit.id, active=False)


def test_what_a_field_can_not_hold_is_named(administration):
    with pytest.raises(NotValid) as refused:
        administering.change_unit(BY, administration.unit.id, email="not an address", name="x" * 200)
    assert set(refused.value.params["fields"]) == {"email", "name"}


def test_somebody_lent_acts_for_as_long_as_the_mandate_holds(administration, smola):
    with use("averoy", "administration"):
        mandate = lend_charlie(administration.unit.id, end=TODAY)
        assert placed_in(mandate.staff_id, "ordinary").home_municipality == "smola"
        administering.change_staff(BY, mandate.staff_id, end=None)
        Position.objects.filter(staff=mandate.staff_id).update(end=None)
        with pytest.raises(NotStaffHere):
            placed_in(mandate.staff_id, "ordinary", TODAY + timedelta(days=1))


def test_who_has_been_here_before_is_lent_again_and_has_no_role_of_before(administration, smola):
    before, soon = TODAY - timedelta(days=9), TODAY + timedelta(days=9)
    with use("averoy", "administration"):
        staff_id = lend_charlie(administration.unit.id, end=before).staff_id
        administering.add_position(BY, staff_id, administration.unit.id, "leader", start=START)  # and no end
        lend_charlie(administration.unit.id, start=TODAY, end=soon)
        working = placed_in(staff_id, "ordinary")
        assert (working.home_municipality, working.all_roles) == ("smola", {"caseworker"})
        assert StaffMember.objects.get(id=staff_id).end == soon
        with pytest.raises(NotStaffHere):
            placed_in(staff_id, "ordinary", soon + timedelta(days=1))


def test_who_was_lent_once_can_be_employed(administration, smola):
    tomorrow = TODAY + timedelta(days=1)
    with use("averoy", "administration"):
        staff_id = lend_charlie(administration.unit.id, end=TODAY).staff_id
        administering.change_staff(BY, staff_id, start=tomorrow, end=None)
        administering.add_position(BY, staff_id, administration.unit.id, "leader", start=tomorrow)
        working = placed_in(staff_id, "ordinary", tomorrow)
        assert (working.home_municipality, working.all_roles) == ("", {"leader"})


def test_a_mandate_names_its_source_and_another_municipality(administration):
    with pytest.raises(SourceMissing):
        lend_charlie(administration.unit.id, source=" ")
    with pytest.raises(NotOwnMunicipality):
        lend_charlie(administration.unit.id, home_municipality="averoy")
    assert not StaffMember.objects.filter(name="Charlie Cedertre").exists()


def lend_charlie(unit_id, **facts):
    asked = {
        "number": CHARLIE,
        "name": "Charlie Cedertre",
        "title": "",
        "email": "",
        "home_municipality": "smola",
        "source": "Avtale 12/2026",
        "unit_id": unit_id,
        "role": "caseworker",
        "start": START,
        "end": None,
    }
    return administering.lend(BY, **{**asked, **facts})


def test_nobody_substitutes_for_themselves(administration):
    alice = administration.staff["alice"].id
    with pytest.raises(OwnSubstitute):
        administering.add_absence(BY, alice, alice, TODAY, TODAY)


def test_a_delegation_names_its_source_and_is_given_once(administration):
    asked = {"service": "inquiry", "outcome": "", "role": "leader", "second_person": False, "start": TODAY}
    with pytest.raises(SourceMissing):
        administering.delegate(BY, **asked, source="")
    administering.delegate(BY, **asked, source="Delegeringsreglement § 4")
    with pytest.raises(AlreadyHolds):
        administering.delegate(BY, **asked, source="Delegeringsreglement § 4")
    assert Delegation.objects.count() == 1


def test_the_commons_know_what_is_offered_and_the_hourly_job_repairs_it(averoy, smola):
    assert set(catalogue.offered_by(["averoy"])["averoy"]) == {
        "housing-allowance",
        "inquiry",
        "reduced-kindergarten-fee",
    }
    with use("averoy", "administration"):
        administering.stop_offering(BY, "inquiry")
    assert "inquiry" not in catalogue.offered_by(["averoy"])["averoy"]
    assert "inquiry" in catalogue.offered_by(["smola"])["smola"]
    catalogue.OfferedService.objects.all().delete()
    assert offering.publish_offered("averoy") is True
    assert offering.publish_offered("averoy") is False
    assert "housing-allowance" in catalogue.offered_by(["averoy"])["averoy"]


def test_dates_in_disorder_are_refused(administration):
    with pytest.raises(administering.OverlappingDates):
        administering.add_absence(BY, administration.staff["alice"].id, None, date(2026, 2, 2), date(2026, 2, 1))
