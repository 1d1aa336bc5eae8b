"""When the log can't be written, nothing of anybody's case is shown: on no page, in no file, by no call, to nobody.

The database itself refuses the row: the logins have no right to add one. What is asked for is whatever links lead to.
"""

import logging
from contextlib import contextmanager
from dataclasses import replace

import pytest
from django.db.utils import ProgrammingError

from allmenning.doors.api.testing import system
from allmenning.doors.api.tests.test_applications import application, attachment, send
from allmenning.doors.desk.testing import at_desk, hire
from allmenning.doors.portal.testing import answered, sent_image, sent_inquiry
from allmenning.journeys import casework, deciding, decision_letters, outbox, proving, sealing
from allmenning.journeys.breaking_glass import break_glass
from allmenning.journeys.testing import ALICE, BOB, NAMES, RITA, let_events_settle, number, rita
from allmenning.municipal.access.models import LogEntry
from allmenning.municipal.access.purposes import PURPOSES
from allmenning.municipal.cases.models import Case
from allmenning.municipal.documents.models import Document
from allmenning.municipal.documents.tests.files import image
from allmenning.municipal.post.models import Delivery
from allmenning.tenancy import placement, server, use, walls
from attack.visitors import pages_from

OF_THE_CASE = ("Hull i veien", "dypt hull", "hull.png", "Hvilken skole?")
TO_STAFF = (*OF_THE_CASE, NAMES[RITA])
DORA = number(110)


@contextmanager
def log_that_takes_no_row(municipality):
    """Nobody may add a row to the log."""
    groups = ", ".join((walls.AREA, walls.RESIDENT))
    with server.connected(*placement.placement_of(municipality)) as operator:
        operator.execute(f"revoke insert on access_logentry from {groups}".encode())
        try:
            yield
        finally:
            operator.execute(f"grant insert on access_logentry to {groups}".encode())


def shown(answer, words):
    """What an answer shows of a case: words, or a file as such."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    kind = answer.get("Content-Type", "")
    if answer.status_code == 200 and not kind.startswith(("text/", "application/json", "application/javascript")):
        return {kind}
    return {word for word in words if word in content.decode(errors="replace")}


def addresses_that_show(visitor, words, *more):
    """Every address that links lead to and that shows something of a case."""
    pages = pages_from(visitor, *visitor.starts, *more)
    return {address for address, answer in pages.values() if shown(answer, words)}


def is_static(address):
    return address.startswith(("/static/", "/media/"))


@pytest.fixture
def quiet():
    """Refusals are told to the log with their traceback, hundreds of them."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize(
    ("who", "words", "least"),
    [("resident", OF_THE_CASE, 4), ("caseworker", TO_STAFF, 4)],
    ids=["resident", "caseworker"],
)
def test_no_page_or_file_shows_anything(request, averoy, quiet, record_property, who, words, least):
    visitor = request.getfixturevalue(who)
    showing = {each for each in addresses_that_show(visitor, words) if not is_static(each)}
    assert len(showing) >= least, showing
    visitor.raise_request_exception = False
    with log_that_takes_no_row(averoy.id):
        still = {address: found for address in showing if (found := shown(visitor.get(address), words))}
    # An image is told of by the row of the page that it stands on, minutes ago.
    assert {address: found for address, found in still.items() if found != {"image/jpeg"}} == {}
    record_property(
        "told", f"the log: {len(showing)} addresses that show a {who} something, none of them without its row"
    )


EMERGENCY = "Legen ringte, og det hastet."


@pytest.fixture
def leader(averoy, facts, registers):
    """Bob, who leads the unit: a letter waits to be printed, one is drafted, and a case was opened in an emergency."""
    hire(averoy, DORA, "caseworker", unit="Byggesak")
    registers.contacts[RITA] = replace(registers.contacts[RITA], is_reserved=True)
    decided, drafted = (sent_inquiry(averoy, rita()).case_id for _ in range(2))
    answered(averoy, decided, ALICE)
    outbox.drain(averoy.id, "ordinary")
    with use(averoy.id, "ordinary"):
        bob, key = averoy.working("bob"), casework.staff_resident_key(averoy.id, BOB)
        draft = decision_letters.Drafted("answered", [], {"answer": "Vi fyller hullet i dag."})
        deciding.save_draft(drafted, draft, bob, revision=Case.objects.get(id=drafted).revision, staff_key=key)
        letter = Document.objects.get(case_id=decided, origin="letter").id
        waiting = Delivery.objects.get(case_id=decided).id
        breaking = averoy.working("dora")
        break_glass(decided, EMERGENCY, 60, breaking, staff_key=casework.staff_resident_key(averoy.id, DORA))
    client = at_desk(averoy, BOB)
    for case_id in (decided, drafted):
        client.post(f"/desk/cases/{case_id}/purpose/", {"purpose": "case-handling"})
    client.shows = {
        "/desk/print/": client.get,
        f"/desk/print/{waiting}/": client.post,
        "/desk/reviews/": client.get,
        f"/desk/cases/{decided}/documents/{letter}/": client.get,
        f"/desk/cases/{drafted}/decide/letter.pdf": client.get,
    }
    return client


def test_no_letter_and_no_finding_is_shown(leader, averoy, quiet, record_property):
    """The print queue, a letter with its address, what a leader looks into, a decision's PDF and the draft of one."""
    words = (NAMES[RITA], EMERGENCY)
    assert [address for address, ask in leader.shows.items() if not shown(ask(address), words)] == []
    leader.raise_request_exception = False
    with log_that_takes_no_row(averoy.id):
        still = {address: found for address, ask in leader.shows.items() if (found := shown(ask(address), words))}
    assert still == {}
    record_property(
        "told", f"the log: {len(leader.shows)} addresses that show a leader something, none without its row"
    )


def test_no_image_is_shown_the_first_time(averoy, facts, quiet):
    """Where no row tells of it yet."""
    case_id = sent_inquiry(averoy, rita()).case_id
    sent_image(averoy, case_id, rita(), image("PNG"), "hull.png")
    client = at_desk(averoy, ALICE)
    client.raise_request_exception = False
    with use(averoy.id, "ordinary"):
        document = Document.objects.filter(case_id=case_id, origin="uploaded").first()
    with log_that_takes_no_row(averoy.id):
        for size in ("small", "large"):
            answer = client.get(f"/desk/cases/{case_id}/previews/{document.id}/{size}.jpg")
            assert answer.status_code != 200


def test_no_export_of_ones_own_data_and_no_copy_for_a_party(averoy, facts, quiet):
    from allmenning.doors.portal.testing import browser_of

    case_id = sent_inquiry(averoy, rita()).case_id
    resident, caseworker = browser_of(rita()), at_desk(averoy, ALICE)
    caseworker.post(f"/desk/cases/{case_id}/purpose/", {"purpose": "case-handling"})
    asked = ((resident, "/my/data/download/"), (caseworker, f"/desk/cases/{case_id}/access/copy.pdf"))
    for client, _ in asked:
        client.raise_request_exception = False
    with log_that_takes_no_row(averoy.id):
        for client, address in asked:
            for method in (client.get, client.post):
                answer = method(address)
                content = b"".join(answer.streaming_content) if answer.streaming else answer.content
                assert b"dypt hull" not in content
                assert not content.startswith((b"%PDF", b"PK")) or b"dypt" not in _unzipped(content)


def _unzipped(content):
    import io
    import zipfile

    if not content.startswith(b"PK"):
        return b"dypt"  # a PDF is too much whatever it says
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return b"".join(archive.read(name) for name in archive.namelist())


def test_no_other_system_is_told(averoy, quiet):
    ours = system(averoy.id, name="Sakssystemet")
    case = send(ours, application(attachments=[attachment()])).json()
    path = case["status"].removeprefix("/api/v1")
    told = ours.get(path).json()
    assert told["number"] == case["case_number"]
    documents = ours.get(f"{path}/documents").json()["documents"]
    changes = ("/changes", "/changes?limit=1")
    let_events_settle(averoy.id)
    for address in changes:
        assert case["case_number"] in {change["case_number"] for change in ours.get(address).json()["changes"]}
    ours.http.raise_request_exception = False
    with log_that_takes_no_row(averoy.id):
        for address in (path, f"{path}/documents", f"{path}/documents/{documents[0]['id']}", *changes):
            answer = ours.http.get(f"/api/v1{address}", headers=ours._headers({}))
            assert answer.status_code >= 400, address
            assert case["case_number"].encode() not in answer.content


def test_no_operator_exports_a_log_without_a_row_of_it(averoy, tmp_path):
    sealing.seal(averoy.id)
    with log_that_takes_no_row(averoy.id), pytest.raises(ProgrammingError, match="permission denied"):
        proving.export(averoy.id, tmp_path / "log")
    assert not (tmp_path / "log").exists()


def test_a_row_says_who_in_which_role_by_which_relation_why_what_and_by_which_law(caseworker, resident, averoy):
    """Of everything that is done when all that links lead to is visited; and no value of anybody's in the clear."""
    for visitor in (caseworker, resident):
        pages_from(visitor, *visitor.starts)
    with use(averoy.id, "sealer"):
        rows = list(LogEntry.objects.all())
    assert len(rows) > 10
    for row in rows:
        assert row.actor_kind in ("staff", "resident", "system", "client"), row.action
        assert row.purpose in PURPOSES, row.purpose
        assert row.legal_basis, (row.purpose, row.action)
        assert row.action, row.id
        assert row.object_kind, row.action
        assert row.object_id or row.shown_ids, (row.action, row.object_kind)
        if row.actor_kind == "staff":
            assert all((row.staff_id, row.staff_name, row.role, row.unit_name)), row.action
            assert row.relation or row.action in ("list", "look-up"), row.action  # of no one case
        if row.action in ("read", "list"):
            assert row.field_kinds, (row.action, row.object_kind, row.purpose)
        for value in (RITA, NAMES[RITA], "dypt hull"):
            assert value not in str({**row.__dict__, "staff_name": ""})


def test_a_list_that_shows_names_is_one_row_with_its_ids(averoy, facts):
    cases = {sent_inquiry(averoy, rita()).case_id for _ in range(3)}
    client = at_desk(averoy, ALICE)
    with use(averoy.id, "sealer"):
        before = set(LogEntry.objects.values_list("id", flat=True))
    assert client.get("/desk/?view=unit").status_code == 200
    with use(averoy.id, "sealer"):
        (row,) = LogEntry.objects.exclude(id__in=before).filter(action="list")
    assert (row.action, set(row.shown_ids), row.field_kinds) == ("list", cases, ["applicant-name", "title"])
