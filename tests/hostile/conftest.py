"""Who tries: a resident, a stranger, a caseworker, an administrator, each role of a cooperation; with something to look at."""

import pytest

from allmenning.basics import dates
from allmenning.commons.catalogue import actions as catalogue
from allmenning.commons.identity import offices
from allmenning.commons.municipalities import actions as municipalities
from allmenning.doors.desk.testing import at_desk
from allmenning.doors.office.testing import at_office, with_all_agreements
from allmenning.doors.office.tests import test_pools as pooling
from allmenning.doors.office.tests import test_settlement_pages as settling
from allmenning.doors.portal.testing import answered, asked, browser_of, sent_image, sent_inquiry
from allmenning.journeys import administering
from allmenning.journeys.testing import ALICE, BOB, rita
from allmenning.municipal.documents.tests.files import image
from allmenning.tenancy import use
from demo import plan


@pytest.fixture
def facts(services, once):
    once("facts", load_facts)


def load_facts():
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
def cooperation(averoy, facts, once):
    """IKT Orkidé with a year that is billed, one that is approved and one that waits, the demo's plan, and a pool with
    an application. Returns where those years are."""
    once("agreements", with_all_agreements)
    once("plan", plan.seed)
    return once("cooperation", cooperate)


def cooperate():
    treasurer, member = at_office("treasurer", scope="ikt-orkide"), at_office("member-treasurer", party="averoy")
    billed = f"{settling.SETTLEMENTS}{settling.issued(treasurer)}/"
    approved, waiting = drafted(treasurer, "2014"), drafted(treasurer, "2015")
    assert at_office("approver", scope="ikt-orkide").post(approved, {"approve": "1"}).status_code == 302
    assert member.post(waiting, {"text": "Hvorfor så mye?"}).status_code == 302
    pooling.joined(at_office("treasurer", scope="digifin"), "averoy", "smola")
    pooling.applied(member)
    return (billed, f"{approved}issue/", waiting)


def drafted(treasurer, year):
    """A year with the same costs. Returns where its draft is."""
    costs = settling.LEDGER.replace("2013;", f"{year};{year}-")
    treasurer.post(f"{settling.COSTS}file/", settling.csv(costs))
    return treasurer.post(settling.SETTLEMENTS, {"day": f"{year}-01-01"})["Location"]


EVERYBODYS = ("resident", "stranger", "caseworker", "administrator")
AT_THE_OFFICE = {
    **{role: {"scope": "ikt-orkide"} for role in offices.OF_A_COOPERATION},
    **{role: {"party": "averoy"} for role in offices.OF_A_PARTY},
    "treasurer of a pool": {"scope": "digifin"},
}


@pytest.fixture(params=[*EVERYBODYS, *AT_THE_OFFICE])
def visitor(request):
    if request.param in EVERYBODYS:
        return request.getfixturevalue(request.param)
    years = request.getfixturevalue("cooperation")
    client = at_office(request.param.split()[0], **AT_THE_OFFICE[request.param])
    client.starts = ("/cooperation/office/", *(years if request.param in ("treasurer", "approver") else ()))
    return client
