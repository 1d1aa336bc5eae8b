"""A party's access to the case, from the desk: each part is judged, and what is left out is nowhere in what is sent."""

import io
import json
import re

import pikepdf
import pytest
from pypdf import PdfReader

from allmenning.doors.desk.testing import at_desk, send_inquiry
from allmenning.doors.portal.testing import browser_of, sent_inquiry
from allmenning.journeys import readings
from allmenning.journeys.giving_access import CaseForParty
from allmenning.journeys.rendering import for_paper
from allmenning.journeys.testing import ALICE, CHARLIE, omar, rita
from allmenning.municipal.access.models import LogEntry
from allmenning.municipal.archive.models import DocumentDescription, RegistryEntry
from allmenning.municipal.cases import actions as cases
from allmenning.municipal.cases.models import Case, Disclosure, Event
from allmenning.municipal.documents import actions as documents
from allmenning.municipal.documents.models import Document, Origin
from allmenning.municipal.documents.tests.files import photo
from allmenning.municipal.people import protection
from allmenning.municipal.post.models import Message, Outbox
from allmenning.tenancy import use

CANARY = "KANARIFUGL"


@pytest.fixture
def receipt(averoy):
    return send_inquiry(averoy, message=f"Naboen min er syk, {CANARY}-svar.")


def address(receipt, *rest):
    return "/".join(["/desk/cases", str(receipt.case_id), "access", *rest])


def case_of(place, receipt):
    return Case.objects.get(id=receipt.case_id)


def form_of(page):
    """The fields of the page as they stand: each part's proposal, and the revision."""
    fields = dict(re.findall(r'<select [^>]*name="([^"]+)".*?value="([^"]*)" selected', page, re.S))
    return {**fields, "revision": re.search(r'name="revision" value="(\d+)"', page)[1]}


def unpacked(stream):
    try:
        return stream.read_bytes()
    except pikepdf.PdfError:  # a JPEG: pixels
        return stream.read_raw_bytes()


def inside(content):
    """Everything that a PDF holds: its text, its metadata, and each object unpacked, whether a page leads to it or not."""
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    with pikepdf.open(io.BytesIO(content)) as pdf:
        objects = [unpacked(thing) for thing in pdf.objects if isinstance(thing, pikepdf.Stream)]
        objects += [thing.unparse(resolved=True) for thing in pdf.objects]
        told = json.dumps({k: str(v) for k, v in pdf.docinfo.items()}) + " ".join(pdf.attachments)
    return re.sub(r"\s+", "", text + told) + b"".join([content, *objects]).decode("latin-1")


def given(place, receipt):
    """What the party got: the contents of the documents that the access is recorded with."""
    with use(place.id, "ordinary"):
        case, row = case_of(place, receipt), Disclosure.objects.get()
        kept = Document.objects.in_bulk(row.document_ids)
        return [documents.read_content(kept[each], case.key) for each in map(type(case.id), row.document_ids)]


def test_a_part_that_is_left_out_is_nowhere_in_the_copy_and_the_ground_stands_in_its_place(averoy, receipt):
    client = at_desk(averoy, ALICE)
    form = form_of(client.get(address(receipt, "")).text)
    sent = client.post(address(receipt, ""), {**form, "part-answer:/message": "others-health"}, follow=True)
    assert "på vei til søkeren" in sent.text
    [copy] = given(averoy, receipt)
    assert CANARY not in inside(copy)
    text = re.sub(r"\s+", " ", "".join(page.extract_text() for page in PdfReader(io.BytesIO(copy)).pages))
    assert "Gjelder en annen persons helseforhold (forvaltningsloven § 19 annet ledd bokstav a)" in text
    assert "Hull i veien ved skolen" in text


def test_it_is_registered_recorded_told_of_and_on_its_way(averoy, receipt):
    client = at_desk(averoy, ALICE)
    form = form_of(client.get(address(receipt, "")).text)
    client.post(address(receipt, ""), {**form, "part-answer:/message": "others-health", "words": "Ring gjerne."})
    with use(averoy.id, "ordinary"):
        case, row = case_of(averoy, receipt), Disclosure.objects.get()
        left_out = json.loads(case.key.open_text("cases.Disclosure.left_out", bytes(row.left_out), row.id))
        assert left_out == {"answer:/message": "others-health"}
        message = Message.objects.get(id=row.message_id)
        body = case.key.open_text("post.Message.body", bytes(message.body), message.id)
        assert "Ring gjerne." in body
        assert "klage" in body
        assert "statsforvalteren" in body
        assert Event.objects.get(kind="access-given").facts == {"left_out": 1}
        assert Outbox.objects.filter(kind="deliver", object_id=message.id).exists()
        entry = RegistryEntry.objects.get(kind=RegistryEntry.Kind.OUTGOING)
        registered = DocumentDescription.objects.filter(entry=entry).order_by("number")
        assert [str(each.document_id) for each in registered] == [str(message.document_id), *row.document_ids]


def test_notes_are_left_out_unless_somebody_opens_them(averoy, receipt):
    client = at_desk(averoy, ALICE)
    client.post(f"/desk/cases/{receipt.case_id}/note/", {"note": f"{CANARY}-notat"})
    form = form_of(client.get(address(receipt, "")).text)
    [note] = [name for name in form if name.startswith("part-note:")]
    assert form[note] == "internal"
    client.post(address(receipt, ""), form)
    assert f"{CANARY}-notat" not in inside(given(averoy, receipt)[0])


def test_the_copy_tells_nothing_of_what_is_kept_from_the_party(averoy, receipt):
    client = at_desk(averoy, ALICE)
    with use(averoy.id, "ordinary"):
        alice, case = averoy.working("alice"), case_of(averoy, receipt)
        for kind in (
            "keep-from-log",
            "show-in-log",
            "protection-set",
            "glass-broken",
            "access-given-to-another",
            "new",
        ):
            cases.happened(case, kind, alice.as_actor(case), visible=False)
        cases.happened(case, "task-done", alice.as_actor(case), visible=False)
        told = {each.kind: f"part-event:{each.id}" for each in Event.objects.all()}
    form = form_of(client.get(address(receipt, "")).text)
    events = {name: proposed for name, proposed in form.items() if name.startswith("part-event:")}
    assert events == {told["received"]: "give", told["task-done"]: "internal"}
    client.post(address(receipt, ""), {**form, told["task-done"]: "give"})
    text = inside(given(averoy, receipt)[0])
    assert "Etstegergjort" in text
    assert not any(each in text for each in ("holdesunna", "vistigjen", "nødssituasjon", "annenpart", "adressen"))


def test_a_note_that_is_opened_is_given(averoy, receipt):
    client = at_desk(averoy, ALICE)
    client.post(f"/desk/cases/{receipt.case_id}/note/", {"note": "Ringte veivesenet"})
    form = form_of(client.get(address(receipt, "")).text)
    [note] = [name for name in form if name.startswith("part-note:")]
    client.post(address(receipt, ""), {**form, note: "give"})
    assert "Ringteveivesenet" in inside(given(averoy, receipt)[0])


def test_what_nobody_has_judged_is_not_given(averoy, receipt):
    client = at_desk(averoy, ALICE)
    form = form_of(client.get(address(receipt, "")).text)
    del form["part-answer:/message"]
    refused = client.post(address(receipt, ""), form)
    assert refused.status_code == 409
    with use(averoy.id, "ordinary"):
        assert not Disclosure.objects.exists()


@pytest.mark.parametrize("chosen", ["because", "give ", "GIVE"])
def test_a_ground_that_the_law_does_not_have_is_refused(averoy, receipt, chosen):
    client = at_desk(averoy, ALICE)
    form = form_of(client.get(address(receipt, "")).text)
    assert client.post(address(receipt, ""), {**form, "part-answer:/message": chosen}).status_code == 422


def test_something_that_came_meanwhile_is_not_given_unseen(averoy, receipt):
    client = at_desk(averoy, ALICE)
    form = form_of(client.get(address(receipt, "")).text)
    with use(averoy.id, "ordinary"):
        Case.objects.filter(id=receipt.case_id).update(revision=int(form["revision"]) + 1)
    assert client.post(address(receipt, ""), form).status_code == 409


def test_the_copy_is_looked_at_before_it_is_sent_and_nothing_is_kept(averoy, receipt):
    client = at_desk(averoy, ALICE)
    form = form_of(client.get(address(receipt, "")).text)
    shown = client.post(address(receipt, "copy.pdf"), {**form, "part-answer:/message": "others-private"})
    assert shown.content.startswith(b"%PDF")
    assert CANARY not in inside(shown.content)
    with use(averoy.id, "ordinary"):
        assert not Disclosure.objects.exists()


def test_charlie_of_smola_gives_no_access_to_averoys_cases(averoy, smola, receipt):
    assert at_desk(smola, CHARLIE).get(address(receipt, "")).status_code == 404


def three_pages():
    """A PDF of three pages that share all their resources, with links from one to another, notes, and an older version."""
    pdf = pikepdf.new()
    font = pdf.make_indirect(
        pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    )
    shared = pdf.make_indirect(pikepdf.Dictionary(Font=pikepdf.Dictionary(A=font), XObject=pikepdf.Dictionary()))
    for number in (1, 2, 3):
        image = pdf.make_stream(f"{CANARY}-pixels-{number}".encode().ljust(75, b"."))
        image.update({"/Type": pikepdf.Name.XObject, "/Subtype": pikepdf.Name.Image, "/Width": 5, "/Height": 5})
        image.update({"/BitsPerComponent": 8, "/ColorSpace": pikepdf.Name.DeviceRGB})
        shared.XObject[f"/I{number}"] = image
        page = pdf.add_blank_page(page_size=(300, 300))
        page.Contents = pdf.make_stream(f"BT /A 12 Tf 9 99 Td ({CANARY}-side-{number}) Tj ET /I{number} Do".encode())
        page.Resources = shared
        page.PieceInfo = pikepdf.Dictionary(Old=pikepdf.String(f"{CANARY}-old-{number}"))
    link = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9])
    link.Dest = pikepdf.Array([pdf.pages[1].obj, pikepdf.Name.Fit])
    pdf.pages[0].Annots = pikepdf.Array([pdf.make_indirect(link)])
    pdf.docinfo["/Title"] = f"{CANARY}-tittel"
    with pdf.open_outline() as outline:
        outline.root.append(pikepdf.OutlineItem(f"{CANARY}-bokmerke", 1))
    written = io.BytesIO()
    pdf.save(written)
    return written.getvalue()


def attach(place, receipt, name, media_type, content):
    with use(place.id, "ordinary"):
        case = case_of(place, receipt)
        return documents.keep_file(
            area=case.area,
            case_id=case.id,
            key=case.key,
            origin=Origin.SCANNED,
            name=name,
            media_type=media_type,
            content=content,
        )


def test_a_page_that_is_left_out_leaves_nothing_behind(averoy, receipt):
    document = attach(averoy, receipt, f"{CANARY}-navn.pdf", documents.PDF, three_pages())
    client = at_desk(averoy, ALICE)
    form = form_of(client.get(address(receipt, "")).text)
    client.post(address(receipt, ""), {**form, f"part-document:{document.id}:2": "others-health"})
    copy, pages = given(averoy, receipt)
    held = inside(pages)
    assert f"{CANARY}-side-1" in held
    assert f"{CANARY}-side-3" in held
    assert f"{CANARY}-pixels-3" in held
    for lost in ("side-2", "pixels-2", "old-", "tittel", "bokmerke"):
        assert f"{CANARY}-{lost}" not in held
    assert pages.count(b"%%EOF") == 1  # one version of the file, and no older one behind it
    assert f"{CANARY}-navn" not in inside(copy) + held


def test_one_page_is_looked_at_as_it_would_be_given(averoy, receipt):
    document = attach(averoy, receipt, "legeerklæring.pdf", documents.PDF, three_pages())
    client = at_desk(averoy, ALICE)
    page = client.get(address(receipt, str(document.id), "2-2.pdf"))
    assert f"{CANARY}-side-2" in inside(page.content)
    assert f"{CANARY}-side-1" not in inside(page.content)
    assert client.get(address(receipt, str(document.id), "4-4.pdf")).status_code == 404
    with use(averoy.id, "ordinary"):
        row = LogEntry.objects.get(object_kind="document", object_id=document.id)
        assert (row.action, row.purpose, row.field_kinds) == ("read", "party-inquiry", ["documents"])
        assert readings.is_as_shown(row, case_of(averoy, receipt))


def test_a_copy_that_is_looked_at_logs_the_images_that_are_drawn_in_it(averoy, receipt):
    drawn, left_out = (attach(averoy, receipt, f"{n}.jpg", "image/jpeg", photo()) for n in range(2))
    client = at_desk(averoy, ALICE)
    form = form_of(client.get(address(receipt, "")).text)
    assert client.post(address(receipt, "copy.pdf"), {**form, f"part-document:{left_out.id}": "others-health"}).content
    with use(averoy.id, "ordinary"):
        row = LogEntry.objects.get(object_kind="document", action="read")
        assert (row.object_id, row.purpose, row.field_kinds) == (drawn.id, "party-inquiry", ["documents"])
        assert readings.is_as_shown(row, case_of(averoy, receipt))


def test_on_paper_the_copy_and_the_given_pages_are_in_the_envelope(averoy, receipt):
    document = attach(averoy, receipt, "legeerklæring.pdf", documents.PDF, three_pages())
    client = at_desk(averoy, ALICE)
    form = form_of(client.get(address(receipt, "")).text)
    client.post(address(receipt, ""), {**form, f"part-document:{document.id}:2": "others-health"})
    with use(averoy.id, "ordinary"):
        message = Message.objects.get(id=Disclosure.objects.get().message_id)
        printed = for_paper(message, case_of(averoy, receipt), ["Fjordvegen 1", "6530 Averøy"])
    held = inside(printed)
    assert "Fjordvegen1" in held
    assert "Hulliveienvedskolen" in held
    assert f"{CANARY}-side-3" in held
    assert f"{CANARY}-side-2" not in held


def test_an_attached_image_is_drawn_anew_into_the_copy(averoy, receipt):
    attach(averoy, receipt, f"{CANARY}.jpg", "image/jpeg", photo())
    client = at_desk(averoy, ALICE)
    client.post(address(receipt, ""), form_of(client.get(address(receipt, "")).text))
    [copy] = given(averoy, receipt)
    with pikepdf.open(io.BytesIO(copy)) as pdf:
        assert any(thing.get("/Subtype") == "/Image" for thing in pdf.objects if isinstance(thing, pikepdf.Stream))
    assert f"{CANARY}.jpg" not in inside(copy)


@pytest.fixture
def anothers(averoy):
    """Omar, who is a party too, has written and asked."""
    return sent_inquiry(averoy, omar(), subject="Innsyn i naboens sak")


def asks_for_another(averoy, receipt, anothers):
    with use(averoy.id, "ordinary"):
        number = Case.objects.get(id=anothers.case_id).number
    client = at_desk(averoy, ALICE)
    page = client.get(f"{address(receipt, '')}?to={number}").text
    fields = dict.fromkeys(re.findall(r'<select [^>]*name="([^"]+)"', page), "give")
    revision = re.search(r'name="revision" value="(\d+)"', page)[1]
    return client, page, {**fields, "revision": revision, "to": number}


def test_another_party_gets_what_somebody_has_judged_in_their_own_case(averoy, receipt, anothers):
    client, page, form = asks_for_another(averoy, receipt, anothers)
    assert " selected" not in page.partition('class="access-form"')[2], "nothing is chosen beforehand"
    client.post(address(receipt, ""), {**form, "part-answer:/message": "others-health"})
    with use(averoy.id, "ordinary"):
        row = Disclosure.objects.get()
        assert row.to_case_id == anothers.case_id
        theirs = Case.objects.get(id=anothers.case_id)
        kept = Document.objects.filter(id__in=row.document_ids)
        assert {each.case_id for each in kept} == {anothers.case_id}
        copy = documents.read_content(kept[0], theirs.key)
        assert Message.objects.get(id=row.message_id).case_id == anothers.case_id
    assert CANARY not in inside(copy)
    assert "Hulliveienvedskolen" in inside(copy)
    mine, other = browser_of(rita()), browser_of(omar())
    assert "Innsyn i sak 2026/1" in other.get("/my/mailbox/").text
    assert "Innsyn i sak" not in mine.get("/my/mailbox/").text
    assert "Ga en annen part innsyn i saken" in mine.get("/my/log/").text
    assert "Omar" not in mine.get("/my/log/").text


def test_on_paper_another_party_gets_the_copy_in_the_envelope(averoy, receipt, anothers):
    client, _page, form = asks_for_another(averoy, receipt, anothers)
    client.post(address(receipt, ""), form)
    with use(averoy.id, "ordinary"):
        message = Message.objects.get(id=Disclosure.objects.get().message_id)
        printed = for_paper(message, Case.objects.get(id=anothers.case_id), ["Storgata 1", "6530 Averøy"])
    assert "Hulliveienvedskolen" in inside(printed)


def test_what_nobody_has_judged_is_given_to_no_other_party(averoy, receipt, anothers):
    client, _page, form = asks_for_another(averoy, receipt, anothers)
    assert client.post(address(receipt, ""), {**form, "part-answer:/message": ""}).status_code == 409
    with use(averoy.id, "ordinary"):
        assert not Disclosure.objects.exists()


@pytest.mark.parametrize("number", ["2026/999", "x", "2026/1"])
def test_a_case_that_is_not_there_or_the_same_is_no_other_partys(averoy, receipt, number):
    answer = at_desk(averoy, ALICE).get(f"{address(receipt, '')}?to={number}")
    assert answer.status_code == 422


def test_who_is_protected_while_the_copy_is_made_is_told_of_to_no_other_party(averoy, receipt, anothers, monkeypatch):
    client, _page, form = asks_for_another(averoy, receipt, anothers)
    made = CaseForParty.copy

    def copy(party, *args, **more):
        protection.set_by_hand(bytes(party.case.owner_key), protection.Level.CONFIDENTIAL, protection.Detail("threat"))
        return made(party, *args, **more)

    monkeypatch.setattr(CaseForParty, "copy", copy)
    answer = client.post(address(receipt, ""), form)
    assert answer.status_code == 422
    assert "Adressen til søkeren er beskyttet" in answer.text
    with use(averoy.id, "ordinary"):
        assert not Disclosure.objects.exists()


def test_of_a_protected_applicant_no_other_party_gets_anything(averoy, receipt, anothers):
    with use(averoy.id, "ordinary"):
        key = bytes(Case.objects.get(id=receipt.case_id).owner_key)
        protection.set_by_hand(key, protection.Level.CONFIDENTIAL, protection.Detail("threat"))
        number = Case.objects.get(id=anothers.case_id).number
    client = at_desk(averoy, ALICE)
    client.post(f"/desk/cases/{receipt.case_id}/protected/", {"need": "visit"})
    answer = client.get(f"{address(receipt, '')}?to={number}")
    assert answer.status_code == 422
    assert "Adressen til søkeren er beskyttet" in answer.text
