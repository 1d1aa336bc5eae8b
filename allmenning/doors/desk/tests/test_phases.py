"""Where a case is, on its page: what is behind it, what comes next, and cases that were opened from it."""

from datetime import timedelta

import pytest

from allmenning.basics import dates
from allmenning.doors.desk.testing import at_desk, send_inquiry
from allmenning.journeys.offered import of_case
from allmenning.journeys.testing import ALICE, BOB, OMAR
from allmenning.journeys.tests import test_reporting as welfare_cases
from allmenning.journeys.tests.test_deciding_by_itself import registers as registers
from allmenning.journeys.tests.test_phases_of_a_case import DAY, decide, own, report, send, story, tick
from allmenning.journeys.tests.test_reporting import AREA, FRIDA
from allmenning.journeys.tests.test_reporting import welfare as welfare
from allmenning.journeys.tests.test_transferring import both as both
from allmenning.journeys.tests.test_transferring import own_case
from allmenning.municipal.cases.models import Case, Task
from allmenning.municipal.forms.actions import open_submission
from allmenning.municipal.forms.models import Submission
from allmenning.tenancy import use

BY_A_TEACHER = {
    "reporter_kind": "public",
    "family_may_know": None,
    "reporter_phone": "90000000",
    "reporter_email": "rita@example.org",
    "reporter_position": "Lærer",
    "reporter_sector": "school",
    "workplace_name": "Bruhagen barneskole",
    "workplace_address": {"line1": "Bruhagen 1"},
    "children": [welfare_cases.child(birth_date="2016-03-02", informed=True)],
    "guardians": [{"name": "Ukjent", "informed": True}],
    "history": "Vi har snakket med foreldrene.",
}


@pytest.fixture
def case_id(averoy):
    found = send(averoy)
    decide(averoy, "opened", found)
    return found


def give(averoy, case_id, name):
    """Whoever has a case opens it without stating a purpose."""
    with use(averoy.id, "ordinary"):
        Case.objects.filter(id=case_id).update(assigned_to=averoy.staff[name].id, assigned_name=averoy.staff[name].name)


def page(averoy, who, case_id, language=""):
    return at_desk(averoy, who).get(f"{language}/desk/cases/{case_id}/").text


def test_the_page_says_where_the_case_is_and_what_comes_next(averoy, case_id):
    shown = page(averoy, ALICE, case_id)
    assert "Hvor saken er" in shown
    assert 'aria-current="step"' in shown
    assert "Før den kan avsluttes" in shown
    assert "Avslutt uten vedtak" not in shown  # a leader does
    give(averoy, case_id, "bob")
    assert "Avslutt uten vedtak" in page(averoy, BOB, case_id)


def test_a_service_without_phases_says_nothing_of_them(averoy):
    assert "Hvor saken er" not in page(averoy, ALICE, send_inquiry(averoy).case_id)


def test_a_leader_concludes_a_phase_and_is_told_what_is_left(averoy, case_id):
    give(averoy, case_id, "bob")
    client, address = at_desk(averoy, BOB), f"/desk/cases/{case_id}/phases/help/conclude/"
    left = client.post(address, {"concluded": "Hun har flyttet."})
    assert left.status_code == 422
    assert "Gjør og kryss av dette først: talk." in left.text
    assert "Hun har flyttet." in left.text
    tick(averoy, case_id, "talk")
    assert client.post(address, {"concluded": ""}).status_code == 422
    assert client.post(address, {"concluded": "Hun har flyttet."}).status_code == 302
    assert ("help", 1, "concluded", "by-hand", "Bob Bjørk") in story(averoy, case_id)
    assert "Hun har flyttet." in page(averoy, BOB, case_id)
    assert client.post(address, {"concluded": "x"}).status_code == 422


def test_only_what_is_decided_where_the_case_is_can_be_chosen(averoy, case_id):
    shown = at_desk(averoy, ALICE).get(f"/desk/cases/{case_id}/decide/").text
    assert 'value="ended"' in shown
    assert 'value="changed"' in shown
    assert 'value="answered"' not in shown


def test_what_must_be_done_first_is_said_where_it_is_decided(averoy, case_id):
    with use(averoy.id, "ordinary"):
        revision = Case.objects.get().revision
    sent = {"outcome": "ended", "value-ended-answer": "Takk.", "revision": revision}
    refused = at_desk(averoy, ALICE).post(f"/desk/cases/{case_id}/decide/", sent)
    assert refused.status_code == 422
    assert "Gjør og kryss av dette først: talk." in refused.text


def test_a_report_names_the_cases_that_were_opened_from_it_and_they_lead_back(averoy):
    with dates.clock.frozen(DAY + timedelta(1)):
        case_id = report(averoy)
        anna, bo = own(averoy, case_id)
        shown = page(averoy, ALICE, case_id)
        assert f"/desk/cases/{anna.id}/" in shown
        assert f"{bo.number} Bo Eksempel" in shown
        childs = page(averoy, ALICE, anna.id)
        assert f"/desk/cases/{case_id}/" in childs
        assert "Saken til en</h1>" in childs
        assert "Bo Eksempel" not in childs
        assert "Det som er sagt om den det gjelder" in childs
        assert "Hva trenger du?" not in childs
        assert "Ikke besvart" not in childs
        assert "Fødselsnummeret er ikke kjent" in page(averoy, ALICE, bo.id)


def test_the_steps_to_a_decision_are_over_once_it_is_decided(welfare):
    found = welfare_cases.concern(welfare, **BY_A_TEACHER)
    welfare_cases.decide(welfare, found, "investigation", DAY)
    with use(welfare.id, AREA):
        assert Case.objects.get(id=found).is_open
        assert not Task.objects.filter(case=found, done_at__isnull=True).exists()
        assert Task.objects.filter(case__opened_from=found, done_at__isnull=True).exists()  # the child's own
        own = Case.objects.get(opened_from=found)
    frida = at_desk(welfare, FRIDA, AREA)
    frida.post(f"/desk/cases/{own.id}/purpose/", {"purpose": "case-handling"})
    assert "2. mars 2016" in frida.get(f"/desk/cases/{own.id}/").text  # asked for because a teacher reports
    decide = frida.get(f"/desk/cases/{own.id}/decide/").text
    assert 'name="result_reasons"' not in decide
    assert 'id="outcome-case-moved" value="case-moved" data-unexplained' in decide


@pytest.mark.parametrize(("language", "word"), [("", "Innsender"), ("/nn", "Innsendar"), ("/en", "Sender")])
def test_who_reports_a_concern_applies_for_nothing(welfare, language, word):
    found = welfare_cases.concern(welfare)
    frida = at_desk(welfare, FRIDA, AREA)
    frida.post(f"/desk/cases/{found}/purpose/", {"purpose": "case-handling"})
    text = frida.get(f"{language}/desk/cases/{found}/").text
    assert f"<dt>{word}</dt>" in text
    assert f"/desk/cases/{found}/access/" not in text
    decide = frida.get(f"{language}/desk/cases/{found}/decide/").text
    assert welfare_cases.PACKAGE.title[language[1:] or "nb"] in decide


def test_a_childs_own_case_shows_what_was_sent_of_the_child_with_the_child(both):
    averoy, _ = both
    case_id = own_case(averoy)
    client = at_desk(averoy, ALICE, "child-welfare")
    client.post(f"/desk/cases/{case_id}/purpose/", {"purpose": "case-handling"})
    page = client.get(f"/desk/cases/{case_id}/").text
    assert "Mer som ble sendt" not in page
    with use(averoy.id, "child-welfare"):
        case = Case.objects.get(id=case_id)
        offered, content = (
            of_case(case.service, case.version),
            open_submission(Submission.objects.get(case_id=case_id), case.key),
        )
        sections = offered.form.summary(content.data, "nb", is_part=True)
    [child] = [each.rows for each in sections if any(row.text == "Anna Eksempel" for row in each.rows)]
    assert {"Fødselsnummer", "Er barnet ufødt?"} <= {row.label for row in child}
    assert OMAR in {row.text.replace(" ", "") for row in child}
