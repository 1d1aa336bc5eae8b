"""The administrator's pages: who gets in, what they may do there, and that no input breaks them."""

import pytest

from allmenning.doors.desk.testing import at_desk
from allmenning.journeys import administering
from allmenning.journeys.testing import ALICE, NAMES, OMAR

PAGES = [
    "",
    "changes/",
    "units/",
    "units/new/",
    "units/{unit}/",
    "staff/",
    "staff/?q=a&ended=1",
    "staff/new/",
    "staff/{alice}/",
    "staff/{alice}/roles/new/",
    "mandates/",
    "mandates/new/",
    "absence/",
    "absence/new/",
    "delegations/",
    "delegations/inquiry/new/",
    "letterhead/",
    "services/",
    "services/inquiry/",
    "services/reduced-kindergarten-fee/",
    "services/inquiry/stop/",
    "services/inquiry/routing/",
]


def address(place, path: str, language: str = "") -> str:
    return f"{language}/desk/administration/" + path.format(
        unit=place.unit.id, alice=next(iter(place.staff.values())).id
    )


@pytest.fixture
def omar(averoy):
    """Omar administers Averøy, and has no position in any unit."""
    administering.add_first_administrator("averoy", OMAR, NAMES[OMAR])
    return at_desk(averoy, OMAR, "administration")


@pytest.mark.parametrize("language", ["", "/nn", "/en"])
def test_the_administrator_sees_every_page(averoy, omar, language):
    for path in PAGES:
        response = omar.get(address(averoy, path, language))
        assert response.status_code == 200, path


def test_a_caseworker_gets_nowhere(averoy):
    alice = at_desk(averoy, ALICE)
    for path in PAGES:
        assert alice.get(address(averoy, path)).status_code == 403, path
