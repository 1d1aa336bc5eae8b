"""What the log says that a reading showed: its kinds by what the page shows, and a commitment that can be held against the case."""

import pytest

from allmenning import vault
from allmenning.basics import dates
from allmenning.doors.api.testing import system
from allmenning.doors.api.tests.test_applications import application, attachment, send
from allmenning.doors.portal.testing import answered
from allmenning.journeys import casework, dialogue, hiding, my_page, noting, protecting, readings
from allmenning.journeys.testing import ALICE, RITA, rita
from allmenning.journeys.tests.test_main_job import as_resident, desk, send_inquiry
from allmenning.journeys.tests.test_protecting import is_said_of, sends
from allmenning.municipal.access.models import LogEntry
from allmenning.municipal.archive.models import RegistryEntry
from allmenning.municipal.cases.models import Case, Decision, Note
from allmenning.municipal.documents.models import Document
from allmenning.municipal.forms.models import Submission
from allmenning.municipal.post.models import Message
from allmenning.tenancy import use

HIDDEN = ["case-number", "applicant-name", "identity-number", "state", "timeline"]
WHOLE = [
    *HIDDEN,
    *(
        "submission",
        "participants",
        "register-checks",
        "documents",
        "previews",
        "messages",
        "phases",
        "deadlines",
        "notes",
        "decisions",
        "journal",
    ),
]


@pytest.fixture
def case_id(averoy):
    """A case with something of each kind."""
    case_id = send_inquiry(averoy, rita()).case_id
    with desk(averoy):
        noting.write_note(case_id, "Ringte henne.", averoy.working("alice"), staff_key=key_of(averoy))
    with as_resident(averoy, rita()):
        dialogue.send_more(case_id, "Det ble større", [])
    answered(averoy, case_id, ALICE)
    return case_id


def key_of(place):
    return casework.staff_resident_key(place.id, ALICE)


def opened(place, case_id, who="alice", purpose="case-handling"):
    """The row of the log that an opening left."""
    with desk(place):
        casework.open_case(case_id, place.working(who), purpose, staff_key=key_of(place))
        return LogEntry.objects.filter(action="read", actor_kind="staff").latest("id")


def holds(place, entry):
    with use(place.id, "owner"):
        return readings.is_as_shown(entry, Case.objects.get(id=entry.case_id))


def test_a_caseworker_is_shown_all_but_the_log_and_a_leader_that_too(averoy, case_id):
    assert opened(averoy, case_id).field_kinds == WHOLE
    assert opened(averoy, case_id, "bob", "supervision").field_kinds == [*WHOLE, "log"]


def test_what_is_hidden_is_not_said_to_be_shown_until_a_need_is_stated(averoy, registers):
    is_said_of(registers)
    case_id = sends(averoy)
    hidden = opened(averoy, case_id)
    with desk(averoy):
        protecting.state_need(case_id, "visit", averoy.working("alice"), staff_key=key_of(averoy))
    shown = opened(averoy, case_id)

    assert (hidden.field_kinds, hidden.shown_ids) == (HIDDEN, [case_id])
    assert shown.field_kinds == [*WHOLE, hiding.ADDRESS]
    assert holds(averoy, hidden)
    assert holds(averoy, shown)


def test_the_log_names_each_row_that_was_opened(averoy, case_id):
    entry = opened(averoy, case_id)
    with use(averoy.id, "owner"):
        about = [Submission, Document, Message, Note, RegistryEntry, Decision]
        ids = {row.id for model in about for row in model.objects.filter(case_id=case_id)}
    assert set(entry.shown_ids) == {case_id, *ids}


def test_what_comes_later_changes_nothing_of_what_was_shown(averoy, case_id):
    entry = opened(averoy, case_id)
    with desk(averoy):
        Note.objects.create(
            area="ordinary",
            case_id=case_id,
            at=dates.now(),
            staff_id=averoy.working("alice").staff_id,
            staff_name="Alice Alm",
            text=b"later",
        )
    assert holds(averoy, entry)


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        (Case, ["applicant_name"]),
        (Submission, ["content", "submitted_by"]),
        (Document, ["title", "file_name"]),
        (Message, ["title", "body"]),
        (Note, ["text"]),
        (Decision, ["outcome", "reasons", "values", "trace"]),
        (RegistryEntry, ["title", "correspondent"]),
    ],
)
def test_other_content_is_not_what_was_shown(averoy, case_id, model, fields):
    entry = opened(averoy, case_id)
    for field in fields:
        with use(averoy.id, "owner"):
            row = model.objects.filter(**({"id": case_id} if model is Case else {"case_id": case_id})).first()
            before = getattr(row, field)
            other = "refused" if field == "outcome" else b"something else"
            model.objects.filter(id=row.id).update(**{field: other})
        assert not holds(averoy, entry)
        with use(averoy.id, "owner"):
            model.objects.filter(id=row.id).update(**{field: before})
        assert holds(averoy, entry)


def test_a_row_that_is_gone_and_a_row_of_the_log_that_was_changed_are_noticed(averoy, case_id):
    entry = opened(averoy, case_id)
    shown, entry.shown_ids = entry.shown_ids, entry.shown_ids[1:]
    assert not holds(averoy, entry)
    entry.shown_ids = shown
    with use(averoy.id, "owner"):
        Note.objects.filter(case_id=case_id).delete()
    assert not holds(averoy, entry)


def test_a_document_is_committed_to_with_its_content_whoever_reads_it(averoy):
    ours = system(averoy.id)
    sent = send(ours, application(attachments=[attachment()])).json()
    address = sent["documents"].removeprefix("/api/v1")
    for each in ours.get(address).json()["documents"]:  # one of them is made when it is first asked for
        assert ours.get(f"{address}/{each['id']}").status_code == 200
    with desk(averoy):
        uploaded = Document.objects.get(case_id=sent["case_id"], origin="uploaded")
        casework.download(uploaded.case_id, uploaded.id, averoy.working("alice"), "case-handling", staff_key=b"")
    with use(averoy.id, "resident", keys=(vault.resident_key(averoy.id, "person", RITA),)):
        my_page.download(uploaded.case_id, uploaded.id)
    with desk(averoy):
        rows = list(LogEntry.objects.filter(action="read", object_kind="document"))

    assert [row.actor_kind for row in rows].count("client") == 2
    assert {row.actor_kind for row in rows} == {"client", "staff", "resident"}
    assert all(holds(averoy, row) for row in rows)
    with use(averoy.id, "owner"):
        Document.objects.filter(id=uploaded.id).update(sha256=b"another file's")
    assert [row.object_id for row in rows if not holds(averoy, row)] == [uploaded.id] * 3


def test_what_another_system_was_told_of_a_case_is_committed_to(averoy):
    ours = system(averoy.id)
    sent = send(ours, application(attachments=[attachment()])).json()
    for address in (sent["status"], sent["documents"]):
        ours.get(address.removeprefix("/api/v1"))
    with use(averoy.id, "ordinary"):
        told, listed = LogEntry.objects.filter(action="read").order_by("at")

    assert (told.field_kinds, len(told.shown_ids)) == (["case-number", "state", "timeline", "unit"], 1)
    assert (listed.field_kinds, len(listed.shown_ids)) == (["documents"], 2)
    assert holds(averoy, told)
    assert holds(averoy, listed)


def test_nobody_can_tell_once_the_case_is_erased(averoy, case_id):
    entry = opened(averoy, case_id)
    with use(averoy.id, "owner"):
        Case.objects.filter(id=case_id).update(wrapped_key=b"")
    with pytest.raises(vault.CannotOpen):
        holds(averoy, entry)
