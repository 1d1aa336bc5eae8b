"""What came by telephone or on paper is registered as the applicant's own, with how it came and by whom."""

from dataclasses import replace
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from allmenning import vault
from allmenning.doors.desk.testing import HOUSING, INQUIRY, at_desk, hire
from allmenning.journeys import applying, my_page
from allmenning.journeys.testing import ALICE, BOB, CHARLIE, OMAR, RITA, number, rita
from allmenning.journeys.tests.test_protecting import FEE
from allmenning.municipal.access.actions import in_lookups
from allmenning.municipal.access.models import LogEntry
from allmenning.municipal.cases.models import Case, Event
from allmenning.municipal.documents.models import Document
from allmenning.municipal.documents.tests.files import pdf
from allmenning.municipal.forms.models import Draft, Submission
from allmenning.municipal.people import ports
from allmenning.tenancy import use

START = {"service": "inquiry", "channel": "phone", "kind": "person", "number": RITA, "language": "nb"}


def begin(client, **answers):
    asked = {**START, **answers}
    confirmed = client.post("/desk/register/", asked).text.split('name="confirmed" value="')[1].split('"')[0]
    return client.post("/desk/register/", {**asked, "confirmed": confirmed})["Location"]


def fill_in(client, draft, **answers):
    """Post every page until the review."""
    url = client.get(draft)["Location"]
    while "/page/" in url:
        posted = {f"/{name}": _typed(value) for name, value in {**INQUIRY, **answers}.items()}
        response = client.post(url, posted)
        assert response.status_code == 302, response.text
        url = response["Location"]
    return url


def save(place, draft, answers):
    """Answer every page of what Alice has begun at once."""
    with use(place.id, "ordinary", keys=(vault.resident_key(place.id, "staff", ALICE),)):
        filling = applying.open_draft(UUID(draft.split("/")[-2]))
        applying.save_page(filling, {**filling.content.data, **answers}, {}, page=1, revision=filling.draft.revision)


def _typed(value):
    return {True: "true", False: "false"}.get(value, value) if isinstance(value, bool) else value


def test_the_register_says_the_name_before_anything_is_begun_and_the_asking_is_logged(averoy):
    page = at_desk(averoy, ALICE).post("/desk/register/", START).text
    assert "Rita Rogn" in page
    with use(averoy.id, "ordinary"):
        assert LogEntry.objects.get(purpose="register-on-behalf").staff_name == "Alice Alm"
        assert not Draft.objects.exists()


@pytest.mark.parametrize("by_name", [{}, {"by_name": "yes", "name": "Hvem Som Helst"}], ids=["looked up", "by name"])
def test_what_registers_are_asked_to_fill_in_is_logged_before_they_are(averoy, by_name):
    """However the applicant's name came there: else whoever typed one would be told of anybody, and leave no trace."""
    asked = {**START, "service": "housing-allowance", **by_name}
    draft = begin(at_desk(averoy, ALICE), **asked)
    with use(averoy.id, "ordinary"):
        row = LogEntry.objects.filter(purpose="register-on-behalf").order_by("at").last()
        assert {"folkeregister:navn", "folkeregister:adresse"} <= set(row.field_kinds)
        [person] = row.shown_ids
        assert person == in_lookups(vault.resident_key(averoy.id, "person", RITA))
    assert draft


def test_a_receipt_is_for_who_registered_it_and_who_may_read_the_case(averoy):
    other = hire(averoy, number(302), "caseworker", "Plan og bygg")
    client, theirs = at_desk(averoy, ALICE), at_desk(averoy, number(302))
    address = client.post(fill_in(client, begin(client)))["Location"]
    with use(averoy.id, "ordinary"):
        case_number = Case.objects.get().number
    refused = theirs.get(address)
    assert (refused.status_code, case_number in refused.text) == (403, False)
    with use(averoy.id, "owner"):
        Case.objects.update(unit_id=other.id)
    assert case_number in theirs.get(address).text
    assert case_number in client.get(address).text  # who registered it, though another unit has it now
    with use(averoy.id, "owner"):
        Event.objects.update(staff_id=None)
    assert client.get(address).status_code == 403


def test_a_receipt_of_a_protected_one_names_no_unit(averoy, registers):
    protected = ports.AddressProtection.STRICTLY_CONFIDENTIAL
    registers.people[RITA] = replace(registers.people[RITA], protection=protected)
    client = at_desk(averoy, ALICE)
    receipt = client.get(client.post(fill_in(client, begin(client), email="x@example.test"))["Location"])
    assert receipt.status_code == 200
    assert "Servicetorget" not in receipt.text.split("<main")[1]


def test_a_telephone_call_becomes_ritas_case(averoy):
    client = at_desk(averoy, ALICE)
    review = fill_in(client, begin(client))
    receipt = client.post(review, follow=True)
    with use(averoy.id, "ordinary"):
        case, submission = Case.objects.get(), Submission.objects.get()
        assert case.channel == "phone"
        sender = case.key.open_text("forms.Submission.submitted_by", bytes(submission.submitted_by), submission.id)
        assert sender == "Alice Alm"
    assert case.number in receipt.text
    with use(averoy.id, "resident", keys=rita().keys(averoy.id)):
        assert my_page.open_mine(case.id).case.id == case.id


def test_sending_it_twice_is_one_case(averoy):
    client = at_desk(averoy, ALICE)
    review = fill_in(client, begin(client))
    client.post(review)
    assert client.post(review)["Location"].endswith("/receipt/")
    with use(averoy.id, "ordinary"):
        assert Case.objects.count() == 1


@pytest.mark.parametrize(
    ("near", "service", "answers"),
    [
        ("spouse", "reduced-kindergarten-fee", {**FEE, "partner_number": OMAR}),
        ("address", "housing-allowance", HOUSING),
    ],
)
def test_nobody_registers_a_case_that_names_somebody_near(averoy, registers, near, service, answers):
    """Nor one of somebody who lives where they live: the register tells it when the form is filled in."""
    about = {"spouse": OMAR, "address": registers.people[RITA].address}[near]
    registers.people[ALICE] = replace(registers.people[ALICE], **{near: about})
    client = at_desk(averoy, ALICE)
    draft = begin(client, service=service)
    save(averoy, draft, answers)
    page = client.post(f"{draft}review/")
    assert (page.status_code, "inhabil" in page.text) == (422, True)
    with use(averoy.id, "ordinary"):
        assert not Case.objects.exists()


def test_one_without_a_number_gets_a_code(averoy):
    client = at_desk(averoy, ALICE)
    draft = begin(client, kind="receipt", number="", name="Kari ved skranken", channel="counter")
    review = fill_in(client, draft, name="Kari ved skranken", email="kari@example.test")
    page = client.post(review, follow=True).text
    assert "Gi denne koden til søkeren" in page
    with use(averoy.id, "ordinary"):
        assert Case.objects.get().applicant is None


def test_a_scan_is_attached_as_it_came(averoy):
    client = at_desk(averoy, ALICE)
    review = fill_in(client, begin(client, channel="paper"))
    scan = SimpleUploadedFile("brev.pdf", pdf(), "application/pdf")
    assert client.post(review, {"_attach": "1", "scan": scan}).status_code == 302
    client.post(review)
    with use(averoy.id, "ordinary"):
        assert Document.objects.filter(origin="scanned").count() == 1


def test_a_file_that_is_not_what_it_says_is_refused_beside_the_field(averoy):
    client = at_desk(averoy, ALICE)
    review = fill_in(client, begin(client, channel="paper"))
    scan = SimpleUploadedFile("brev.pdf", b"MZ not a pdf at all", "application/pdf")
    response = client.post(review, {"_attach": "1", "scan": scan})
    assert response.status_code == 422
    assert 'id="scan-error"' in response.text


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({"number": "12345"}, "number"),
        ({"number": "a\0b"}, "number"),
        ({"number": ALICE}, "number"),
        ({"service": "no-such"}, "service"),
        ({"channel": "pigeon"}, "channel"),
        ({"kind": "receipt", "number": "", "name": " "}, "name"),
        ({"kind": "receipt", "number": "", "name": "a \u202e b"}, "name"),
        ({"kind": "receipt", "number": "", "name": "Kari", "service": "reduced-kindergarten-fee"}, "kind"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(averoy, answers, field):
    client = at_desk(averoy, ALICE)
    asked = {**START, **answers}
    first = client.post("/desk/register/", asked)
    if 'name="confirmed"' in first.text:
        mark = first.text.split('name="confirmed" value="')[1].split('"')[0]
        first = client.post("/desk/register/", {**asked, "confirmed": mark})
    assert first.status_code == 422
    assert f'id="{field}-error"' in first.text


def test_a_register_that_is_down_stops_nobody(averoy, registers):
    registers.down.add("folkeregister")
    client = at_desk(averoy, ALICE)
    response = client.post("/desk/register/", START)
    assert response.status_code == 503
    assert 'name="by_name"' in response.text
    begun = begin(client, by_name="yes", name="Rita Rogn")
    assert "/desk/register/" in begun


def test_nobody_else_opens_what_alice_has_begun(averoy, smola):
    draft = begin(at_desk(averoy, ALICE))
    assert at_desk(smola, CHARLIE).get(draft)["Location"] == "/desk/register/"


def test_what_alice_has_begun_is_found_again_by_her_alone(averoy):
    client = at_desk(averoy, ALICE)
    draft = begin(client)
    assert draft in client.get("/desk/register/").text
    assert draft not in at_desk(averoy, BOB).get("/desk/register/").text
