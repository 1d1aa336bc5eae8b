"""Who tries: a resident, a stranger, a caseworker, an administrator, the treasurers, each with something to look at."""

import pytest

from allmenning.basics import dates
from allmenning.commons.catalogue import actions as catalogue
from allmenning.commons.municipalities import actions as municipalities
from allmenning.doors.desk.testing import at_desk
from allmenning.doors.office.testing import at_office, with_all_agreements
from allmenning.doors.portal.testing import answered, asked, browser_of, sent_image, sent_inquiry
from allmenning.journeys import administering
from allmenning.journeys.testing import ALICE, BOB, rita
from allmenning.municipal.documents.tests.files import image
from allmenning.tenancy import use


@pytest.fixture
def facts(services):
    municipalities.load_register()
    catalogue.load_los()
    catalogue.load_state_services()


@pytest.fixture
def resident(averoy, facts):
    """Rita, with a draft, a question that waits, an answer that came, and a municipality chosen."""
    case_id = sent_inquiry(averoy, rita()).case_id
    sent_image(averoy, case_id, rita(), image("PNG"), "hull.png")
    asked(averoy, case_id, "Hvilken skole?", dates.today())
    answered(averoy, sent_inquiry(averoy, rita()).case_id, ALICE)
    client = browser_of(rita())
    client.cookies["municipality"] = averoy.id
    client.post(f"/{averoy.id}/services/inquiry/start/")
    client.starts = ("/", "/my/")
    return client


@pytest.fixture
def stranger(averoy, facts, client):
    """Somebody who is not logged in and has begun an inquiry."""
    client.cookies["municipality"] = averoy.id
    client.starts = ("/", client.post(f"/{averoy.id}/services/inquiry/start/")["Location"], "/receipt-code/")
    return client


@pytest.fixture
def caseworker(averoy, facts):
    case_id = sent_inquiry(averoy, rita()).case_id
    sent_image(averoy, case_id, rita(), image("PNG"), "hull.png")
    client = at_desk(averoy, ALICE)
    client.post(f"/desk/cases/{case_id}/purpose/", {"purpose": "case-handling"})
    client.starts = ("/desk/", f"/desk/cases/{case_id}/")
    return client


@pytest.fixture
def administrator(averoy, facts):
    with use(averoy.id, "administration"):
        administering.add_position(
            administering.OPERATOR, averoy.staff["bob"].id, None, "administrator", start=dates.today()
        )
    client = at_desk(averoy, BOB)
    client.starts = ("/desk/administration/",)
    return client


@pytest.fixture
def treasurer(averoy, facts):
    """Who settles and bills for IKT Orkidé."""
    return from_the_office("treasurer", scope="ikt-orkide")


@pytest.fixture
def member(averoy, facts):
    """The treasurer of one of its members."""
    return from_the_office("member-treasurer", party="averoy")


def from_the_office(role: str, **whose: str):
    with_all_agreements()
    client = at_office(role, **whose)
    client.starts = ("/cooperation/office/",)
    return client


@pytest.fixture(params=["resident", "stranger", "caseworker", "administrator", "treasurer", "member"])
def visitor(request):
    return request.getfixturevalue(request.param)
