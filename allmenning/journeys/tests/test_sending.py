"""Sending a form: once, whole, and in order, whoever else is at it; also for those who have no login."""

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import IntegrityError, connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from allmenning.journeys import administering, applying, my_page, outbox, registering
from allmenning.journeys.rendering import content_of
from allmenning.journeys.testing import ALICE, NAMES, OMAR, RITA, omar, rita
from allmenning.journeys.tests.counting import statements
from allmenning.journeys.tests.test_main_job import INQUIRY, as_resident, desk, send_inquiry
from allmenning.municipal.access.actor import RESIDENT
from allmenning.municipal.access.models import Unit
from allmenning.municipal.archive.models import CaseFile, RegistryEntry
from allmenning.municipal.cases.models import Case
from allmenning.municipal.documents.models import Document
from allmenning.municipal.forms.errors import DraftChanged, DraftGone
from allmenning.municipal.forms.models import Attachment, Channel, Draft, Submission
from allmenning.municipal.post import actions as post
from allmenning.municipal.post.models import Outbox
from allmenning.tenancy import use
from allmenning.vault import resident_key

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n"
BY_RITA = registering.Applicant("person", RITA, NAMES[RITA])


def filled(place, resident=None, **answers):
    """A draft that is ready to be sent, opened."""
    resident = resident or rita()
    draft = applying.begin(resident, "inquiry", "nb", owner_key=resident.keys(place.id)[0])
    filling = applying.open_draft(draft.id)
    applying.save_page(filling, {**filling.content.data, **INQUIRY, **answers}, {}, page=1, revision=0)
    return applying.open_draft(draft.id)


def send(draft):
    return registering.submit(draft, BY_RITA, RESIDENT, submitted_by=NAMES[RITA])


def at_once(*tasks):
    """Run tasks in threads that begin together, each with its own connections; their results or errors, in order."""
    together = Barrier(len(tasks))

    def run(task):
        try:
            together.wait(10)
            return task()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(tasks)) as threads:
        return list(threads.map(run, tasks))


def test_a_form_is_sent_in_few_statements(averoy):
    send_inquiry(averoy, rita())
    with as_resident(averoy, rita()):
        draft = filled(averoy).draft
        with statements() as sent:
            send(draft)
    assert len(sent) <= 9, sent


def test_the_pdf_of_what_was_sent_names_its_files(averoy):
    with as_resident(averoy, rita()):
        filling = filled(averoy)
        file = applying.attach_file(filling, "/attachments", "kart.txt", "text/plain", b"Her er det.\n")
        data = filling.offered.form.attach(filling.content.data, "/attachments", str(file.id))
        applying.save_page(filling, data, {}, page=1, revision=filling.draft.revision)
        case = Case.objects.get(id=send(applying.open_draft(filling.draft.id).draft).case_id)
        pdf = content_of(Document.objects.get(case_id=case.id, origin="submission"), case)
    assert "kart.txt" in PdfReader(BytesIO(pdf)).pages[0].extract_text()


def test_sent_twice_at_once_it_is_one_case_with_one_receipt(averoy):
    with as_resident(averoy, rita()):
        draft = filled(averoy).draft

    def again():
        with as_resident(averoy, rita()):
            return send(draft)

    receipts = at_once(*[again] * 4)
    assert len({receipt.case_id for receipt in receipts}) == 1, receipts
    with desk(averoy):
        assert Case.objects.count() == Submission.objects.count() == 1


def test_numbers_have_no_gaps_and_no_twins_when_many_send_at_once(averoy):
    def one():
        return [send_inquiry(averoy, rita()).case_number for _ in range(5)]

    numbers = [n for some in at_once(*[one] * 4) for n in some]
    assert sorted(int(number.split("/")[1]) for number in numbers) == list(range(1, 21))
    with desk(averoy):
        assert sorted(RegistryEntry.objects.values_list("sequence", flat=True)) == list(range(1, 21))
        assert sorted(CaseFile.objects.values_list("sequence", flat=True)) == list(range(1, 21))


def test_a_failure_leaves_no_gap_and_keeps_the_draft(averoy, monkeypatch):
    with as_resident(averoy, rita()):
        draft = filled(averoy).draft
        with monkeypatch.context() as broken:
            broken.setattr(registering.archive, "described", lambda *a, **k: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                send(draft)
        assert Draft.objects.filter(id=draft.id).exists()
        assert send(draft).case_number.endswith("/1")


def test_only_what_was_sent_before_counts_as_sent(averoy, monkeypatch):
    """Another broken rule of the database is an error, not "you have sent this already"."""
    with as_resident(averoy, rita()):
        draft = filled(averoy).draft

        def broken(*args, **kwargs):
            raise IntegrityError("another rule")

        monkeypatch.setattr(registering.cases, "planned_tasks", broken)
        with pytest.raises(IntegrityError):
            send(draft)


def test_a_draft_that_was_changed_in_another_window_is_not_sent_as_it_was(averoy):
    with as_resident(averoy, rita()):
        first = filled(averoy)
        elsewhere = applying.open_draft(first.draft.id)
        applying.save_page(elsewhere, {**elsewhere.content.data, "message": "Et annet hull."}, {}, page=1, revision=1)
        with pytest.raises(DraftChanged):
            send(first.draft)


def test_a_file_goes_with_the_form_or_is_refused_but_is_never_lost(averoy):
    with as_resident(averoy, rita()):
        filling = filled(averoy)

    def attach():
        with as_resident(averoy, rita()):
            return applying.forms.attach(
                filling.draft, pointer="/x", name="a.pdf", media_type="application/pdf", content=PDF
            )

    def submit():
        with as_resident(averoy, rita()):
            return send(filling.draft)

    file, receipt = at_once(attach, submit)
    with desk(averoy):
        assert Document.objects.filter(case_id=receipt.case_id, origin="uploaded").count() == (
            1 if isinstance(file, Attachment) else 0
        )
    assert isinstance(file, Attachment | DraftGone)


def test_what_staff_register_for_somebody_is_theirs(averoy):
    alice = use(averoy.id, "ordinary", keys=(resident_key(averoy.id, "staff", ALICE),))
    with alice:
        draft = applying.begin_on_behalf(
            registering.Applicant("person", OMAR, NAMES[OMAR]),
            "inquiry",
            "nb",
            Channel.PAPER,
            owner_key=resident_key(averoy.id, "staff", ALICE),
        )
        filling = applying.open_draft(draft.id)
        assert filling.content.applicant["name"] == "Omar Osp"
        applying.save_page(filling, {**filling.content.data, **INQUIRY}, {}, page=1, revision=0)
        filling = applying.open_draft(draft.id)
        applying.forms.attach(
            filling.draft, pointer="/x", name="skannet.pdf", media_type="application/pdf", content=PDF
        )
        actor = averoy.working("alice").as_actor()
        applicant = registering.Applicant(**filling.content.applicant)
        receipt = registering.submit(filling.draft, applicant, actor, submitted_by="Alice Alm")
        assert Document.objects.get(title__isnull=False, origin="scanned").case_id == receipt.case_id
    outbox.drain(averoy.id, "ordinary")
    assert [case.id for case in my_page.my_page(omar()).cases] == [receipt.case_id]


def test_two_without_a_number_share_no_key(averoy):
    nobody = registering.Applicant("person", "", "Ukjent")
    with desk(averoy):
        assert registering.owner_key(nobody) != registering.owner_key(nobody)


def test_a_receipt_code_opens_what_was_sent_without_login_and_nothing_else(averoy):
    code = registering.new_code()
    key = registering.code_key(averoy.id, code)
    with use(averoy.id, "resident", keys=(key,)):
        draft = applying.begin(None, "inquiry", "nb", owner_key=key)
        filling = applying.open_draft(draft.id)
        answers = {**INQUIRY, "sender": "anonymous", "email": "nobody@example.test"}
        applying.save_page(filling, answers, {}, page=1, revision=0)
        draft = applying.open_draft(draft.id).draft
        receipt = registering.submit(
            draft, registering.Applicant("receipt", "", "Uten navn"), RESIDENT, submitted_by="Uten navn", code=code
        )
        assert my_page.open_mine(receipt.case_id).case.applicant is None
        assert registering.receipt_for(draft.id, code).case_number == receipt.case_number
    send_inquiry(averoy, rita())
    with use(averoy.id, "resident", keys=(registering.code_key(averoy.id, code.lower().replace("-", " ")),)):
        assert [case.id for case in Case.objects.all()] == [receipt.case_id]


def test_the_municipality_routes_before_the_service_does(averoy):
    by = administering.OPERATOR
    with use(averoy.id, "administration"):
        culture = administering.add_unit(by, name="Kultur", area="ordinary", kind="culture")
        roads = administering.add_unit(by, name="Veg og vann", area="ordinary", kind="roads-and-water")
        administering.route(by, "inquiry", "culture", roads.id)
    send_inquiry(averoy, rita())
    with desk(averoy):
        assert Case.objects.get().unit_id == roads.id
    with use(averoy.id, "administration"):
        administering.stop_routing(by, "inquiry", "culture")
        administering.stop_routing(by, "inquiry", "")
    send_inquiry(averoy, rita())
    with desk(averoy):
        assert Case.objects.get(sequence=2).unit_id == culture.id


def test_no_case_comes_to_nobody(averoy):
    with use(averoy.id, "administration"):
        administering.stop_routing(administering.OPERATOR, "inquiry", "")
        Unit.objects.exclude(id=averoy.unit.id).delete()
    send_inquiry(averoy, rita())
    with desk(averoy):
        assert Case.objects.get().unit_id == averoy.unit.id


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(workers=st.integers(2, 4), rows=st.integers(1, 6))
def test_no_row_of_the_outbox_runs_twice(averoy, workers, rows):
    ran = []
    outbox._handlers["counted"] = lambda row: ran.append(row.object_id)
    try:
        planned = [uuid4() for _ in range(rows)]
        with desk(averoy):
            post.put_in_outbox("ordinary", None, *(("counted", each) for each in planned))
        at_once(*[lambda: outbox.drain(averoy.id, "ordinary")] * workers)
        outbox.drain(averoy.id, "ordinary")
    finally:
        del outbox._handlers["counted"]
    assert sorted(ran) == sorted(planned)


def test_a_worker_does_not_spin_on_a_row_that_another_holds(averoy):
    with desk(averoy):
        [row] = post.put_in_outbox("ordinary", None, ("presence", uuid4()))
        with transaction.atomic():
            Outbox.objects.select_for_update().get(id=row.id)
            [done] = at_once(lambda: outbox.drain(averoy.id, "ordinary"))
    assert done == 0
