"""My page, my cases, and cases opened by a receipt code: one's own, and nobody else's."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError
from django.test import Client

from allmenning.basics import dates
from allmenning.doors.portal.testing import BAKERY, answered, asked, browser_of, rejected_fee, sent_inquiry
from allmenning.journeys import my_page
from allmenning.journeys.testing import ALICE, omar, rita
from allmenning.journeys.tests.counting import statements
from allmenning.municipal.cases.models import Appeal, Case
from allmenning.municipal.documents.models import Document
from allmenning.municipal.post.models import Message
from allmenning.tenancy import use
from allmenning.web import limits

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc000000301010018dd8d"
    "b00000000049454e44ae426082"
)


def at(place, receipt, page=""):
    return f"/my/{place.id}/cases/{receipt.case_id}/{page}"


def state_of(place, receipt):
    with use(place.id, "ordinary"):
        return Case.objects.get(id=receipt.case_id).state


def ids_of(place, receipt):
    """A document and a letter of the case."""
    with use(place.id, "ordinary"):
        document = Document.objects.filter(case_id=receipt.case_id).first().id
        letter = Message.objects.filter(case_id=receipt.case_id, direction="out").first()
    return document, letter.id if letter else None


def test_my_page_shows_my_cases_in_all_municipalities(averoy, smola):
    sent_inquiry(averoy, rita(), subject="Hull i veien")
    sent_inquiry(smola, rita(), subject="Mørkt gatelys")
    sent_inquiry(averoy, omar(), subject="Omars sak")
    page = browser_of(rita()).get("/my/").text
    for said in ("Hull i veien", "Mørkt gatelys", "Averøy", "Smøla", "Servicetorget svarer innen"):
        assert said in page
    assert "Omars sak" not in page


def test_what_waits_for_me_comes_first(averoy):
    quiet = sent_inquiry(averoy, rita(), subject="Den stille")
    waiting = sent_inquiry(averoy, rita(), subject="Den som venter")
    asked(averoy, waiting.case_id, "Hvilken skole?", dates.today() + timedelta(14))
    page = browser_of(rita()).get("/my/").text
    assert page.index(str(waiting.case_id)) < page.index(str(quiet.case_id))
    assert "Svar oss innen" in page


def test_a_municipality_that_cannot_be_reached_is_named(averoy, smola, monkeypatch):
    sent_inquiry(averoy, rita())
    sent_inquiry(smola, rita())
    collect = my_page._collect

    def down_in_smola(page, municipality, keys):
        if municipality == "smola":
            raise DatabaseError("down")
        collect(page, municipality, keys)

    monkeypatch.setattr(my_page, "_collect", down_in_smola)
    page = browser_of(rita()).get("/my/").text
    assert "Vi fikk ikke spurt alle kommunene" in page
    assert "<li>Smøla</li>" in page
    assert "Hull i veien" in page


def test_a_draft_is_resumed_from_my_page(averoy):
    client = browser_of(rita())
    draft = client.post("/averoy/services/inquiry/start/")["Location"]
    assert draft in client.get("/my/").text
    assert draft in client.get("/averoy/services/inquiry/").text


def test_another_resident_gets_404_for_everything_of_a_case(averoy):
    receipt = sent_inquiry(averoy, rita())
    asked(averoy, receipt.case_id, "Hvilken skole?", dates.today())
    document, letter = ids_of(averoy, receipt)
    stranger = browser_of(omar())
    pages = ["", "sent/", "answer/", "send-more/", "withdraw/", "appeal/", "ask-for-a-person/", "who-has-looked/"]
    pages += [f"documents/{document}/", f"letters/{letter}/"]
    for page in pages:
        assert stranger.get(at(averoy, receipt, page)).status_code == 404, page
    for page in ("answer/", "send-more/", "withdraw/", "appeal/", "ask-for-a-person/"):
        assert stranger.post(at(averoy, receipt, page), {"text": "x"}).status_code == 404, page
    assert state_of(averoy, receipt) == "waiting-for-resident"


def test_a_document_of_one_case_is_not_fetched_through_another(averoy):
    mine, theirs = sent_inquiry(averoy, rita()), sent_inquiry(averoy, omar())
    document, _ = ids_of(averoy, theirs)
    assert browser_of(rita()).get(at(averoy, mine, f"documents/{document}/")).status_code == 404


def test_another_municipality_has_no_such_case(averoy, smola):
    receipt = sent_inquiry(averoy, rita())
    assert browser_of(rita()).get(f"/my/smola/cases/{receipt.case_id}/").status_code == 404


def test_without_a_login_one_is_sent_to_it(averoy):
    receipt = sent_inquiry(averoy, rita())
    for page in ("/my/", "/my/mailbox/", at(averoy, receipt)):
        assert Client().get(page)["Location"].startswith("/login/?next=")


def test_acting_for_an_organisation_shows_only_its_cases(averoy):
    own = sent_inquiry(averoy, rita(), subject="Min egen")
    baker = replace(rita(), organisation=BAKERY)
    about = {"sender": "organisation", "organisation_number": BAKERY.number, "organisation_name": BAKERY.name}
    theirs = sent_inquiry(averoy, baker, subject="Bakeriets", name="Rita Rogn", wants_notice=False, **about)
    client = browser_of(baker)
    page = client.get("/my/").text
    assert "Bakeriets" in page
    assert "Min egen" not in page
    assert client.get(at(averoy, own)).status_code == 404
    assert browser_of(rita()).get(at(averoy, theirs)).status_code == 404


def test_the_case_page_tells_what_happened_what_comes_and_who_looked(averoy):
    receipt = sent_inquiry(averoy, rita())
    answered(averoy, receipt.case_id, ALICE)
    page = browser_of(rita()).get(at(averoy, receipt)).text
    for said in ("Mottatt", "Besvart", "Saksbehandler, Servicetorget", "Brev til deg", "ikke et enkeltvedtak"):
        assert said in page
    assert "Alice" not in page


def test_a_letter_is_read_once_and_downloaded_never_shown_inline(averoy):
    receipt = sent_inquiry(averoy, rita())
    answered(averoy, receipt.case_id, ALICE)
    client = browser_of(rita())
    assert "Ulest" in client.get("/my/mailbox/").text
    _, letter = ids_of(averoy, receipt)
    assert client.get(at(averoy, receipt, f"letters/{letter}/")).status_code == 200
    assert "Ulest" not in client.get("/my/mailbox/").text
    with use(averoy.id, "ordinary"):
        document = Message.objects.get(id=letter).document_id
    pdf = client.get(at(averoy, receipt, f"documents/{document}/"))
    assert pdf.content.startswith(b"%PDF")
    assert pdf["Content-Disposition"].startswith("attachment")
    assert "sandbox" in pdf["Content-Security-Policy"]
    assert pdf["Cache-Control"] == "no-store"


def test_what_i_sent_is_shown_as_it_was(averoy):
    receipt = sent_inquiry(averoy, rita())
    assert "Det er et dypt hull i veien" in browser_of(rita()).get(at(averoy, receipt, "sent/")).text


def test_a_question_is_answered_with_a_file(averoy):
    receipt = sent_inquiry(averoy, rita())
    asked(averoy, receipt.case_id, "Har du et bilde?", dates.today())
    client = browser_of(rita())
    file = SimpleUploadedFile("hull.png", PNG, "image/png")
    answer = client.post(at(averoy, receipt, "answer/"), {"text": "Se bildet", "files": file})
    assert answer["Location"] == at(averoy, receipt)
    page = client.get(at(averoy, receipt)).text
    assert "hull.png" in page
    assert "Se bildet" in page
    assert state_of(averoy, receipt) == "in-progress"


def test_what_was_typed_stays_when_something_is_wrong(averoy):
    receipt = sent_inquiry(averoy, rita())
    client = browser_of(rita())
    file = SimpleUploadedFile("hull.pdf", b"no pdf at all", "application/pdf")
    page = client.post(at(averoy, receipt, "send-more/"), {"text": "Et langt brev", "files": file})
    assert page.status_code == 422
    assert "Et langt brev" in page.text
    assert 'href="#files"' in page.text


@pytest.mark.parametrize("text", ["", "  \n ", "nul \x00 byte", "rev\u202eersed", "x" * 20_001])
def test_text_that_cannot_be_taken_is_said_beside_the_field(averoy, text):
    receipt = sent_inquiry(averoy, rita())
    page = browser_of(rita()).post(at(averoy, receipt, "send-more/"), {"text": text})
    assert page.status_code == 422
    assert 'id="text-error"' in page.text


def test_markup_and_template_syntax_are_only_text(averoy):
    receipt = sent_inquiry(averoy, rita(), subject="<script>alert(1)</script> {{ 7*7 }}")
    client = browser_of(rita())
    client.post(at(averoy, receipt, "send-more/"), {"text": "<img src=x onerror=alert(1)> {% raw %}"})
    for page in ("/my/", at(averoy, receipt), at(averoy, receipt, "sent/")):
        text = client.get(page).text
        assert "<script>alert" not in text
        assert "<img src=x" not in text


def test_a_case_is_withdrawn_after_asking(averoy):
    receipt = sent_inquiry(averoy, rita())
    client = browser_of(rita())
    assert "Vil du trekke saken?" in client.get(at(averoy, receipt, "withdraw/")).text
    assert state_of(averoy, receipt) == "received"
    client.post(at(averoy, receipt, "withdraw/"))
    assert state_of(averoy, receipt) == "withdrawn"
    assert client.post(at(averoy, receipt, "withdraw/")).status_code == 422
    assert client.get(at(averoy, receipt, "send-more/")).status_code == 302
    assert client.post(at(averoy, receipt, "send-more/"), {"text": "mer"}).status_code == 422


@pytest.mark.parametrize(("days", "late"), [(3, False), (60, True)])
def test_an_appeal_is_received_in_time_or_late_and_marked_so(averoy, registers, days, late):
    receipt = rejected_fee(averoy, registers, rita())
    client = browser_of(rita())
    with dates.clock.frozen(dates.today() + timedelta(days)):
        page = client.get(at(averoy, receipt)).text
        assert "statsforvalteren" in page
        assert ("Klagefristen var" in page) == late
        assert client.post(at(averoy, receipt, "appeal/"), {"text": "Jeg er uenig"})["Location"] == at(averoy, receipt)
        with use(averoy.id, "ordinary"):
            assert Appeal.objects.get().late == late
        assert ("etter fristen" in client.get(at(averoy, receipt)).text) == late


def test_a_person_is_asked_to_look_again_at_an_automatic_decision(averoy, registers):
    receipt = rejected_fee(averoy, registers, rita())
    client = browser_of(rita())
    assert "Avgjort automatisk" in client.get(at(averoy, receipt)).text
    assert client.get(at(averoy, receipt, "ask-for-a-person/")).status_code == 200
    client.post(at(averoy, receipt, "ask-for-a-person/"))
    assert state_of(averoy, receipt) == "appealed"


def test_nothing_more_is_sent_to_a_decided_case_that_is_not_followed_up(averoy, registers):
    receipt = rejected_fee(averoy, registers, rita())
    assert browser_of(rita()).post(at(averoy, receipt, "send-more/"), {"text": "mer"}).status_code == 422
    assert state_of(averoy, receipt) == "decided"


def test_an_answer_that_is_no_decision_is_not_appealed(averoy):
    receipt = sent_inquiry(averoy, rita())
    answered(averoy, receipt.case_id, ALICE)
    client = browser_of(rita())
    assert client.get(at(averoy, receipt, "appeal/")).status_code == 302
    assert client.post(at(averoy, receipt, "appeal/"), {"text": "Jeg er uenig"}).status_code == 422


# --- by receipt code ---


def opened(place, code):
    client = Client()
    return client, client.post("/receipt-code/", {"municipality": place.id, "code": code})


def test_a_receipt_code_opens_the_case_it_belongs_to(averoy):
    receipt = sent_inquiry(averoy, None)
    answered(averoy, receipt.case_id, ALICE)
    client, answer = opened(averoy, receipt.code.lower().replace("-", " "))
    assert answer["Location"] == f"/receipt-code/averoy/cases/{receipt.case_id}/"
    page = client.get(answer["Location"]).text
    assert "Besvart" in page
    assert "who-has-looked" not in page
    assert receipt.code not in page
    assert client.get(answer["Location"] + "who-has-looked/").status_code == 404
    _, letter = ids_of(averoy, receipt)
    assert client.get(f"{answer['Location']}letters/{letter}/").status_code == 200


def test_a_code_says_nothing_where_it_does_not_fit(averoy, smola):
    receipt = sent_inquiry(averoy, None)
    near = receipt.code[:-1] + ("2" if receipt.code[-1] != "2" else "3")
    answers = [opened(averoy, near), opened(smola, receipt.code), opened(averoy, "nonsense"), opened(averoy, "\x00")]
    bodies = {answer.status_code for _, answer in answers}
    assert bodies == {422}
    assert all("Vi finner ingenting med denne koden" in answer.text for _, answer in answers)


def test_a_code_of_one_case_opens_no_other(averoy):
    mine, theirs = sent_inquiry(averoy, None), sent_inquiry(averoy, None)
    client, _ = opened(averoy, mine.code)
    assert client.get(f"/receipt-code/averoy/cases/{theirs.case_id}/")["Location"] == "/receipt-code/"
    document, _ = ids_of(averoy, theirs)
    assert client.get(f"/receipt-code/averoy/cases/{mine.case_id}/documents/{document}/").status_code == 404
    assert Client().get(f"/receipt-code/averoy/cases/{mine.case_id}/")["Location"] == "/receipt-code/"


@pytest.fixture
def rates(settings):
    """So often, and nothing has been done yet."""
    limits._cells.cache_clear()
    settings.RATE_LIMITS = {"receipt code": {"address": (3, 600)}, "submission": {"person": (1, 600)}}
    return settings.RATE_LIMITS


def test_wrong_codes_are_counted(averoy, rates):
    receipt = sent_inquiry(averoy, None)
    for _ in range(3):
        opened(averoy, "AAAA-AAAA-AAAA-AAAA")
    _, answer = opened(averoy, receipt.code)
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0


def test_what_is_sent_too_often_is_held_to_be_sent_again(averoy, rates):
    receipt, client = sent_inquiry(averoy, rita()), browser_of(rita())
    address = at(averoy, receipt, "send-more/")
    assert client.post(address, {"text": "Det er to hull"}).status_code == 302
    answer = client.post(address, {"text": "Nei, tre hull"}, HTTP_SEC_FETCH_SITE="same-origin")
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 600
    assert "Prøv igjen om" in answer.text
    assert "Nei, tre hull" in answer.text


# --- cost ---


@pytest.mark.parametrize("page", ["/", "/my/", "case"])
def test_pages_cost_the_same_however_much_there_is(averoy, page):
    receipt = sent_inquiry(averoy, rita())
    client = browser_of(rita())
    client.cookies["municipality"] = "averoy"
    address = at(averoy, receipt) if page == "case" else page
    client.get(address)  # what is remembered in the process is remembered now
    with statements() as few:
        assert client.get(address).status_code == 200
    for _ in range(3):
        sent_inquiry(averoy, rita())
        client.post(at(averoy, receipt, "send-more/"), {"text": "mer"})
    with statements() as many:
        assert client.get(address).status_code == 200
    assert len(many) == len(few)
    assert len(few) <= {"/": 8, "/my/": 14, "case": 20}[page]


def test_one_who_acts_for_an_organisation_is_told_that_a_service_is_for_residents(averoy):
    client = browser_of(replace(rita(), organisation=BAKERY))
    address = f"/{averoy.id}/services/reduced-kindergarten-fee/"
    page = client.get(address).content.decode()
    assert "Denne tjenesten er for innbyggere" in page
    assert f"{address}start/" not in page
    assert client.post(f"{address}start/")["Location"] == address
    assert f"/{averoy.id}/services/inquiry/start/" in client.get(f"/{averoy.id}/services/inquiry/").content.decode()
