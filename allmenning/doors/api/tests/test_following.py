"""Another system follows cases: what is its own, what is new, and that the resident sees who looked."""

import pytest
from django.db import connections, transaction

from allmenning.doors.api.testing import system
from allmenning.doors.api.tests.test_applications import application, attachment, send
from allmenning.journeys import my_page
from allmenning.journeys.testing import RITA, let_events_settle
from allmenning.journeys.tests.counting import statements
from allmenning.municipal.access.actor import SYSTEM
from allmenning.municipal.access.models import LogEntry
from allmenning.municipal.cases import actions as cases
from allmenning.municipal.cases.models import Case
from allmenning.municipal.documents.tests import files
from allmenning.tenancy import use
from allmenning.vault import resident_key


@pytest.fixture
def ours(averoy):
    return system(averoy.id, name="Sakssystemet")


@pytest.fixture
def case(ours):
    """Where a case of Rita's is."""
    return send(ours, application(attachments=[attachment()])).json()


def news(place, system, query=""):
    """What is new, with all that has happened by now."""
    let_events_settle(place.id)
    return system.get(f"/changes{query}").json()


def path(receipt, rest=""):
    return receipt["status"].removeprefix("/api/v1") + rest


def test_a_case_is_told_as_its_resident_sees_it(averoy, ours, case):
    told = ours.get(path(case)).json()

    assert (told["number"], told["state"], told["open"]) == (case["case_number"], "received", True)
    assert [(event["kind"], event["actor"]) for event in told["timeline"]] == [("received", "client")]
    assert told["unit"] == "Servicetorget"
    assert RITA not in str(told)
    with use(averoy.id, "resident", keys=(resident_key(averoy.id, "person", RITA),)):
        assert [str(e.id) for e in my_page.open_mine(case["case_id"]).timeline] == [e["id"] for e in told["timeline"]]


def test_what_residents_do_not_see_is_not_told(averoy, ours, case):
    with use(averoy.id, "ordinary"):
        cases.happened(Case.objects.get(id=case["case_id"]), "task-done", SYSTEM, visible=False)

    assert len(ours.get(path(case)).json()["timeline"]) == 1
    assert len(news(averoy, ours)["changes"]) == 1


def test_the_resident_sees_which_system_looked(averoy, ours, case):
    ours.get(path(case))
    with use(averoy.id, "resident", keys=(resident_key(averoy.id, "person", RITA),)):
        sent, read = LogEntry.objects.defer("shown_ids").filter(actor_kind="client").order_by("at")

    assert (sent.action, read.action, read.purpose) == ("submit", "read", "integration")
    assert read.staff_name == "Sakssystemet"


def test_a_document_comes_with_its_content(ours, case):
    listed = ours.get(path(case, "/documents")).json()["documents"]
    uploaded = next(each for each in listed if each["origin"] == "uploaded")
    answer = ours.get(uploaded["content"].removeprefix("/api/v1"))

    assert (answer["Content-Type"], answer.content) == ("application/pdf", files.pdf())
    assert answer["Content-Disposition"] == "attachment; filename*=UTF-8''kart.pdf"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_a_document_that_is_not_made_yet_is_made(ours, case):
    listed = ours.get(path(case, "/documents")).json()["documents"]
    sent_in = next(each for each in listed if each["origin"] == "submission")

    assert sent_in["size"] is None
    assert ours.get(sent_in["content"].removeprefix("/api/v1")).content.startswith(b"%PDF")


@pytest.mark.parametrize("rest", ["", "/documents", "/documents/{document}"])
def test_what_is_anothers_looks_like_nothing(averoy, smola, ours, case, rest):
    document = ours.get(path(case, "/documents")).json()["documents"][0]["id"]
    rest = rest.format(document=document)
    others = [system(smola.id), system(averoy.id, areas=["care"]), system(averoy.id, services=["housing-allowance"])]
    nothing = ours.get(f"/cases/00000000-0000-0000-0000-000000000000{rest}")

    assert nothing.status_code == 404
    for other in others:
        answer = other.get(path(case, rest))
        assert (answer.status_code, answer.content) == (404, nothing.content)
    with use(averoy.id, "ordinary"):
        assert LogEntry.objects.filter(action="read").count() == 1


def test_a_document_of_another_case_is_not_there(ours, case):
    other = send(ours, application(answers={**application()["answers"], "subject": "Noko anna"}), key="another-key")
    document = ours.get(path(case, "/documents")).json()["documents"][0]["id"]

    assert ours.get(path(other.json(), f"/documents/{document}")).status_code == 404


def test_which_changes_were_told_is_logged_by_case_and_nothing_new_is_no_row(averoy, ours):
    told = [send(ours, application(), key=f"key-number-{number}").json()["case_id"] for number in range(2)]
    answer = news(averoy, ours)
    news(averoy, ours, f"?after={answer['next']}")
    with use(averoy.id, "ordinary"):
        row = LogEntry.objects.get(action="list")

    assert [str(each) for each in row.shown_ids] == told == [change["case_id"] for change in answer["changes"]]
    assert (row.staff_name, row.purpose, row.area) == ("Sakssystemet", "integration", "ordinary")
    assert row.field_kinds == ["case-number", "state", "timeline"]


def test_changes_come_once_each_and_in_order(averoy, ours):
    for number in range(5):
        send(ours, application(), key=f"key-number-{number}")
    seen, cursor, more = [], "", True
    while more:
        answer = news(averoy, ours, f"?limit=2{cursor}")
        seen += [change["case_number"] for change in answer["changes"]]
        cursor, more = f"&after={answer['next']}", answer["more"]

    assert seen == [f"2026/{number}" for number in range(1, 6)]
    assert ours.get(f"/changes?{cursor[1:]}").json()["changes"] == []


def test_what_commits_late_is_not_passed_by(averoy, ours, case):
    """An event that was written first and committed last: whoever asked in between must get it the next time."""
    news(averoy, ours)  # what was before is settled, whatever else goes on in the same server
    with use(averoy.id, "ordinary"), transaction.atomic():
        late = cases.happened(Case.objects.get(id=case["case_id"]), "moved", SYSTEM)
        as_another_process(lambda: send(ours, application(), key="meanwhile"))
        between = as_another_process(lambda: ours.get("/changes").json())
    after = news(averoy, ours, f"?after={between['next']}")

    assert str(late.id) not in {change["id"] for change in between["changes"]}
    assert [change["kind"] for change in after["changes"]] == ["moved", "received"]


def as_another_process(act):
    from concurrent.futures import ThreadPoolExecutor

    def run():
        try:
            return act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as threads:
        return threads.submit(run).result()


def test_changes_are_of_ones_own_areas_and_services(averoy, smola, ours, case):
    for other in (
        system(smola.id),
        system(averoy.id, areas=["care"]),
        system(averoy.id, services=["housing-allowance"]),
    ):
        assert other.get("/changes").json()["changes"] == []
    assert len(news(averoy, system(averoy.id, areas=["care", "ordinary"]))["changes"]) == 1


@pytest.mark.parametrize("cursor", ["x", "AAAA", "A" * 250])
def test_a_wrong_cursor_is_told_of(ours, cursor):
    answer = ours.get(f"/changes?after={cursor}")

    assert answer.status_code == 422
    assert [(error["parameter"], error["code"]) for error in answer.json()["errors"]] == [("after", "cursor")]


def test_a_cursor_of_another_municipality_is_a_wrong_one(smola, ours):
    theirs = system(smola.id).get("/changes").json()["next"]

    assert ours.get(f"/changes?after={theirs}").status_code == 422


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "limit=x", "limit=1&limit=2", "limt=5", "limit=%C2%B2"])
def test_a_wrong_parameter_is_told_of(ours, query):
    answer = ours.get(f"/changes?{query}")

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"] in ("limit", "limt")


def test_each_call_asks_the_database_little(averoy, ours, case):
    """A token is read without asking, and nothing is asked for each event, service or document."""
    document = next(d for d in ours.get(path(case, "/documents")).json()["documents"] if d["origin"] == "uploaded")
    most = {
        path(case): 5,
        path(case, "/documents"): 4,
        document["content"].removeprefix("/api/v1"): 4,
        "/changes": 3,  # the third writes which cases it told of
        "/services": 1,
        "/services/inquiry": 1,
        "/figures": 3,
        "/openapi.json": 0,
    }
    let_events_settle(averoy.id)
    for address, at_most in most.items():
        ours.get(address)
        with statements() as sent:
            assert ours.get(address).status_code == 200
        assert len(sent) <= at_most, (address, sent)


def test_a_municipality_that_was_restored_goes_on_in_another_run_of_the_server(averoy, ours, case):
    """Its rows have another server's numbers, which may be larger than those of today."""
    cursor = news(averoy, ours)["next"]
    as_owner(averoy, "update tenancy.run set started = started - interval '1 year'", "update cases_event set place = 1")
    before = ours.get(f"/changes?after={cursor}")
    as_owner(averoy, "update tenancy.run set number = number + 5")
    send(ours, application(), key="a-later-case")

    assert before.status_code == 422
    assert [change["case_number"] for change in news(averoy, ours)["changes"]] == ["2026/1", "2026/2"]
    assert len(ours.get(f"/changes?limit=1&after={ours.get('/changes?limit=1').json()['next']}").json()["changes"]) == 1


def as_owner(place, *statements):
    with use(place.id, "owner") as acting, connections[acting.alias].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
