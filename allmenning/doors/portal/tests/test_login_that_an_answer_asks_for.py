"""An answer may ask for a login, or for none: what was filled in is kept, and nobody is named who does not want to be."""

import pytest
import yaml
from django.test import Client

from allmenning.doors.portal.testing import browser_of
from allmenning.journeys import registering
from allmenning.journeys.errors import LoginNeededForAnswer, LoginUnwanted
from allmenning.journeys.testing import SERVICES, offers, rita
from allmenning.municipal.access.actor import RESIDENT
from allmenning.municipal.cases.models import Case
from allmenning.municipal.forms import actions as forms
from allmenning.municipal.forms.models import Draft, Submission
from allmenning.tenancy import use

FOLDER = SERVICES / "child-welfare-concern"


@pytest.fixture
def concerned(averoy):
    """Averøy, where concerns for children are reported."""
    offers(averoy, FOLDER.name)
    return averoy


def example(name, **changed):
    return {**yaml.safe_load((FOLDER / f"examples/{name}.yaml").read_text(encoding="utf-8"))["form"], **changed}


def begun(browser, answers):
    """The draft's address, with these answers in it."""
    address = browser.post("/averoy/services/child-welfare-concern/start/").url
    with use("averoy", "owner"):
        draft = Draft.objects.latest("created_at")
        content = forms.open_content(draft)
        forms.save_draft(draft, content.with_answers({**content.data, **answers}, {}), page=0, revision=0)
    return address


def draft():
    with use("averoy", "owner"):
        held = Draft.objects.get()
        return held, forms.open_content(held)


def test_the_login_is_asked_for_as_soon_as_the_answer_is_given(concerned):
    browser = Client()
    address = begun(browser, {})
    told = {"/reporter_kind": "public", "/reporter_name": "Kari Prøve", "_revision": "1"}
    assert browser.post(address + "page/you/", told).url == address + "login/"
    assert draft()[1].data["reporter_name"] == "Kari Prøve"  # the rest of the page waits, and nothing is lost
    assert browser.post(address + "page/you/", {**told, "_revision": "2", "_back": "1"}).url == address + "page/danger/"


def test_whoever_reports_in_their_job_logs_in_and_goes_on(concerned):
    browser = Client()
    address = begun(browser, example("a-teacher-reports-with-login"))
    refused = browser.post(address + "review/", {"_revision": "1"})
    assert refused.url == address + "login/"
    assert "Logg inn for å gå videre" in browser.get(refused.url).text

    logged_in = browser_of(rita(), receipt_codes=browser.session["receipt_codes"])
    page = logged_in.get(address + "login/").text
    assert "Du er logget inn som" in page
    assert logged_in.post(address + "login/", {"_revision": "1"}).url == address
    held, content = draft()
    assert bytes(held.owner_key) == rita().keys("averoy")[0]
    assert content.data["concern"] == example("a-teacher-reports-with-login")["concern"]
    assert browser.get(address).status_code == 404  # the code of before opens it no more
    receipt = logged_in.post(address + "review/", {"_revision": "2"}, follow=True)
    assert receipt.status_code == 200
    with use("averoy", "child-welfare"):
        assert Case.objects.get().applicant_id is not None


def test_whoever_is_logged_in_and_wants_to_be_anonymous_leaves_nothing_of_the_login(concerned):
    browser = browser_of(rita())
    address = begun(browser, example("an-anonymous-neighbour"))
    with_name = draft()[1]
    assert with_name.sources  # registers told their name
    assert browser.post(address + "review/", {"_revision": "1"}).url == address + "login/"
    assert "Gå videre uten å si hvem du er" in browser.get(address + "login/").text
    browser.post(address + "login/", {"_revision": "1"})
    held, content = draft()
    assert bytes(held.owner_key) != rita().keys("averoy")[0]
    assert (content.sources, content.facts) == ({}, {})
    assert rita().name not in content.to_json()
    receipt = browser.post(address + "review/", {"_revision": "2"}, follow=True)
    assert "Kode" in receipt.text
    with use("averoy", "child-welfare"):
        case, sent = Case.objects.get(), Submission.objects.get()
        assert case.applicant_id is None
        assert rita().name not in forms.open_submission(sent, case.key).to_json() + case.opened_applicant_name


def test_neither_is_sent_by_whoever_skips_the_page(concerned):
    begun(Client(), example("a-teacher-reports-with-login"))
    held, _ = draft()
    nobody = registering.Applicant("receipt", "", "Uten navn")
    with use("averoy", "resident", keys=(bytes(held.owner_key),)), pytest.raises(LoginNeededForAnswer):
        registering.submit(held, nobody, RESIDENT, submitted_by="", code=registering.new_code())
    with use("averoy", "owner"):
        forms.save_draft(held, draft()[1].with_answers(example("an-anonymous-neighbour"), {}), page=0, revision=1)
    as_rita = registering.Applicant("person", rita().number, rita().name)
    with use("averoy", "resident", keys=(bytes(held.owner_key),)), pytest.raises(LoginUnwanted):
        registering.submit(draft()[0], as_rita, RESIDENT, submitted_by=rita().name)


def test_two_windows_do_not_both_take_the_draft(concerned):
    browser = browser_of(rita())
    address = begun(browser, example("an-anonymous-neighbour"))
    assert browser.post(address + "login/", {"_revision": "0"}).status_code == 409
    assert bytes(draft()[0].owner_key) == rita().keys("averoy")[0]


@pytest.mark.parametrize(("kind", "named"), [("child", "Lita Prøve"), ("anonymous", "Uten navn")])
def test_who_is_not_logged_in_is_called_what_they_answer_unless_they_are_anonymous(concerned, kind, named):
    told = example("an-anonymous-neighbour") | {"reporter_kind": kind, "reporter_name": "Lita Prøve"}
    browser = Client()
    browser.post(begun(browser, told) + "review/", {"_revision": "1"})
    with use("averoy", "child-welfare"):
        assert Case.objects.get().opened_applicant_name == named


def test_a_child_who_must_be_reached_safely_is_promised_no_message(concerned):
    browser = Client()
    address = begun(browser, example("an-anonymous-neighbour") | {"reporter_kind": "child"})
    receipt = browser.post(address + "review/", {"_revision": "1"}, follow=True)
    assert "før vi har sett hvordan vi trygt kan nå deg" in receipt.text
    assert 'href="tel:112"' in receipt.text  # whoever is in danger meanwhile
