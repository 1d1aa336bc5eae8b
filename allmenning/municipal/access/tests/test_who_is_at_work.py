"""Who is at work here on a day: positions, mandates, absences and units have dates, both inclusive."""

from datetime import date, timedelta

import pytest

from allmenning.municipal.access.errors import NotStaffHere
from allmenning.municipal.access.models import Absence, Mandate, Position, StaffMember, Unit
from allmenning.municipal.access.queries import working_as
from allmenning.tenancy import use

TODAY, DAY = date(2026, 11, 22), timedelta(days=1)
LONG_AGO = date(2020, 1, 1)


@pytest.fixture
def charlie(municipality_a):
    """Charlie has a position in Torvet; what lends her is each test's."""
    with use(municipality_a, "administration"):
        unit = Unit.objects.create(name="Torvet", area="ordinary")
        staff = StaffMember.objects.create(subject_index=b"c" * 32, name="Charlie", start=LONG_AGO)
        Position.objects.create(staff=staff, unit=unit, role="caseworker", start=LONG_AGO)
    return staff


def is_at_work(municipality, staff, on=TODAY) -> bool:
    with use(municipality, "ordinary"):
        try:
            return bool(working_as(staff.id, "ordinary", on).roles)
        except NotStaffHere:
            return False


@pytest.mark.parametrize(
    ("start", "end", "is_lent"),
    [
        (TODAY + DAY, None, False),
        (TODAY, TODAY, True),
        (LONG_AGO, TODAY - DAY, False),
        (LONG_AGO, None, True),
    ],
)
def test_a_mandate_holds_from_its_first_day_to_its_last(municipality_a, charlie, start, end, is_lent):
    with use(municipality_a, "administration"):
        Mandate.objects.create(staff=charlie, home_municipality="smola", source="Avtale", start=start, end=end)
    assert is_at_work(municipality_a, charlie) is is_lent
    if is_lent:
        with use(municipality_a, "ordinary"):
            assert working_as(charlie.id, "ordinary", TODAY).home_municipality == "smola"


def test_one_mandate_that_has_ended_does_not_end_another(municipality_a, charlie):
    with use(municipality_a, "administration"):
        for municipality, start, end in (("smola", LONG_AGO, TODAY - DAY), ("aure", TODAY, None)):
            Mandate.objects.create(staff=charlie, home_municipality=municipality, source="Avtale", start=start, end=end)
    with use(municipality_a, "ordinary"):
        assert working_as(charlie.id, "ordinary", TODAY).home_municipality == "aure"


@pytest.mark.parametrize("ended", ["position", "employment", "unit"])
def test_who_has_left_or_whose_unit_is_closed_is_not_at_work(municipality_a, charlie, ended):
    assert is_at_work(municipality_a, charlie)
    with use(municipality_a, "administration"):
        if ended == "position":
            Position.objects.update(end=TODAY - DAY)
        elif ended == "employment":
            StaffMember.objects.update(end=TODAY - DAY)
        else:
            Unit.objects.update(active=False)
    assert not is_at_work(municipality_a, charlie)


@pytest.mark.parametrize(
    ("start", "end", "stands_in"),
    [(TODAY + DAY, TODAY + DAY, False), (TODAY, TODAY, True), (TODAY - 9 * DAY, TODAY - DAY, False)],
)
def test_one_substitutes_for_the_days_of_the_absence_alone(municipality_a, charlie, start, end, stands_in):
    with use(municipality_a, "administration"):
        bob = StaffMember.objects.create(subject_index=b"b" * 32, name="Bob", start=LONG_AGO)
        Absence.objects.create(staff=bob, substitute=charlie, start=start, end=end)
    with use(municipality_a, "ordinary"):
        assert (bob.id in working_as(charlie.id, "ordinary", TODAY).substitutes_for) is stands_in
