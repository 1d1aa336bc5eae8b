"""The database is stopped, killed or frozen: everybody is told in words, nothing typed is lost, and all goes on by itself."""

import contextlib

import pytest
from django.db import OperationalError, connections

from allmenning.doors.desk.testing import at_desk
from allmenning.doors.portal.testing import browser_of, sent_inquiry
from allmenning.journeys import applying, health, outbox
from allmenning.journeys.testing import ALICE, rita
from allmenning.municipal.archive.models import RegistryEntry
from allmenning.municipal.cases.models import Case
from allmenning.municipal.documents.models import Document
from allmenning.municipal.forms.models import Draft, Submission
from allmenning.municipal.post.models import Outbox
from tests.hostile.test_nothing_is_lost_and_nothing_happens_twice import as_rita, begun, desk, fill_in

IN_WORDS = {
    "": "Tjenesten er ikke tilgjengelig akkurat nå",
    "/nn": "Tenesta er ikkje tilgjengeleg akkurat no",
    "/en": "The service is not available just now",
}
TYPED = {"/topic": "culture", "/is_follow_up": "false", "/subject": "Dette skrev jeg lenge på.", "/message": "Æ & <b>"}


@pytest.fixture
def browser(averoy):
    client = browser_of(rita())
    client.raise_request_exception = False
    return client


@pytest.fixture
def caseworker(averoy):
    client = at_desk(averoy, ALICE)
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize("language", ["", "/nn", "/en"])
def test_every_page_says_so_in_the_readers_language_and_when_to_try_again(averoy, browser, caseworker, line, language):
    address = begun(averoy, browser)
    line.cut()
    for client, page in [
        (browser, f"{language}{address}"),
        (browser, f"{language}/my/"),
        (caseworker, f"{language}/desk/"),
    ]:
        answer = client.get(page)
        assert (answer.status_code, answer["Retry-After"]) == (503, "30")
        assert IN_WORDS[language] in answer.text
    line.mend()
    assert browser.get(f"{language}/my/").status_code == caseworker.get(f"{language}/desk/").status_code == 200


def test_what_was_typed_is_held_on_the_page_and_sent_again_by_hand(averoy, browser, line):
    address = begun(averoy, browser)
    at = browser.get(address)["Location"]
    line.cut()
    answer = browser.post(at, TYPED, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 503
    assert 'name="/subject" value="Dette skrev jeg lenge på."' in answer.text
    assert 'value="Æ &amp; &lt;b&gt;"' in answer.text
    elsewhere = browser.post(at, TYPED, headers={"Sec-Fetch-Site": "cross-site"})
    assert TYPED["/subject"] not in elsewhere.text
    line.mend()
    assert browser.post(at, TYPED).status_code == 302
    with as_rita(averoy):
        assert applying.open_draft(Draft.objects.get().id).content.data["topic"] == "culture"


@pytest.mark.parametrize("fault", ["cut", "fall_silent"])
def test_what_could_not_be_sent_is_no_half_of_a_case_and_is_sent_afterwards(averoy, browser, line, fault):
    address = begun(averoy, browser)
    fill_in(browser, address)
    getattr(line, fault)()
    assert browser.post(address + "review/").status_code == 503
    line.mend()
    assert browser.post(address + "review/")["Location"] == address + "receipt/"
    with desk(averoy):
        assert Case.objects.count() == Submission.objects.count() == RegistryEntry.objects.count() == 1


def test_what_was_registered_though_the_answer_was_lost_is_one_case_with_the_same_number(averoy, browser, line):
    address = begun(averoy, browser)
    fill_in(browser, address)
    line.lose_the_answer_to(b"COMMIT")
    assert browser.post(address + "review/").status_code == 503
    assert line.lost == 1
    with desk(averoy):
        number = Case.objects.get().number
    assert browser.post(address + "review/")["Location"] == address + "receipt/"
    assert number in browser.get(address + "receipt/").text
    with desk(averoy):
        assert Case.objects.count() == Submission.objects.count() == RegistryEntry.objects.count() == 1


def test_a_frozen_database_keeps_nobody_waiting_and_needs_no_restart(averoy, browser, line):
    assert browser.get("/my/").status_code == 200
    line.fall_silent()
    assert browser.get("/my/").status_code == 503  # and the test ends: a silent line would be waited for without limits
    line.mend()
    assert browser.get("/my/").status_code == 200


def test_an_operator_finds_one_line_for_each_refusal_and_no_traceback(averoy, browser, line, caplog):
    line.cut()
    for _ in range(3):
        browser.get("/my/")
    told = [record for record in caplog.records if record.levelname == "ERROR"]
    assert [(record.name, record.exc_info) for record in told] == [("allmenning.web.errors", None)] * 3
    assert "not available: connection" in told[0].getMessage()


def test_machines_are_told_too(client, line):
    with health.nothing_remembered():
        line.cut()
        assert client.get("/readyz").status_code == 503
        assert client.get("/healthz").status_code == 200
        line.mend()
        connections.close_all()
        assert client.get("/readyz").status_code == 200


def test_the_workers_rows_wait_and_are_done_afterwards(averoy, line):
    sent_inquiry(averoy, rita())
    line.cut()
    with pytest.raises(OperationalError):
        outbox.drain(averoy.id, "ordinary")
    connections.close_all()
    line.mend()
    assert outbox.drain(averoy.id, "ordinary") == 2
    with desk(averoy):
        assert Document.objects.get().is_rendered
        assert not Outbox.objects.filter(done_at__isnull=True).exists()


def test_a_worker_whose_commons_are_away_keeps_its_rows(averoy, line, monkeypatch):
    """Presence is noted in the commons, in another database than the row."""
    from allmenning.commons.identity import actions as identity

    def away(*_):
        raise OperationalError("the commons are away")

    sent_inquiry(averoy, rita())
    with monkeypatch.context() as patched:
        patched.setattr(identity, "mark_presence", away)
        assert outbox.drain(averoy.id, "ordinary") == 1
    with desk(averoy):
        row = Outbox.objects.get(done_at__isnull=True)
        assert (row.kind, row.last_error) == ("presence", "OperationalError")
        Outbox.objects.update(not_before=row.created_at)
    assert outbox.drain(averoy.id, "ordinary") == 1


def test_connections_that_were_cut_are_not_counted_as_taken(averoy, browser, line):
    for _ in range(5):
        line.cut()
        with contextlib.suppress(Exception):
            browser.get("/my/")
        line.mend()
        assert browser.get("/my/").status_code == 200
