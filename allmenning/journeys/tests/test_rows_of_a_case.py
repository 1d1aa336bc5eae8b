"""Whoever writes in the database can't let one sealed row of a case take another's place."""

import pytest

from allmenning import vault
from allmenning.basics.identifiers import uuid7
from allmenning.doors.portal.testing import answered
from allmenning.journeys import casework, dialogue, noting, outbox
from allmenning.journeys.testing import ALICE, rita
from allmenning.journeys.tests.test_main_job import as_resident, desk, send_inquiry
from allmenning.municipal.archive.models import CaseFile, RegistryEntry
from allmenning.municipal.cases.models import Case, Note
from allmenning.municipal.documents.models import Document
from allmenning.municipal.forms.models import Submission
from allmenning.municipal.post.models import Message
from allmenning.tenancy import use


def exchange(model, field):
    """Give each of two rows the other's sealed value."""
    one, other = model.objects.order_by("id")[:2]
    first, second = getattr(one, field), getattr(other, field)
    model.objects.filter(id=one.id).update(**{field: second})
    model.objects.filter(id=other.id).update(**{field: first})


@pytest.mark.parametrize(
    ("model", "field"),
    [
        (Note, "text"),
        (Message, "title"),
        (Message, "body"),
        (RegistryEntry, "title"),
        (RegistryEntry, "correspondent"),
        (Document, "title"),
        (Document, "file_name"),
    ],
)
def test_exchanged_values_open_for_nobody(averoy, model, field):
    case_id = send_inquiry(averoy, rita()).case_id
    with desk(averoy):
        for text in ("Ja", "Nei"):
            key = casework.staff_resident_key(averoy.id, ALICE)
            noting.write_note(case_id, text, averoy.working("alice"), staff_key=key)
    with as_resident(averoy, rita()):
        dialogue.send_more(case_id, "Det ble større", [])
    answered(averoy, case_id, ALICE)
    with use(averoy.id, "owner"):
        case, label = Case.objects.get(), f"{model._meta.label}.{field}"
        row = model.objects.order_by("id")[0]
        assert case.key.open_text(label, bytes(getattr(row, field)), row.id) is not None
        exchange(model, field)
        with pytest.raises(vault.CannotOpen):
            case.key.open_text(label, bytes(getattr(model.objects.order_by("id")[0], field)), row.id)


@pytest.mark.parametrize(
    ("model", "field"),
    [(Submission, "content"), (Submission, "submitted_by"), (CaseFile, "title"), (Document, "sha256")],
)
def test_a_value_opens_for_its_own_row_alone(averoy, model, field):
    send_inquiry(averoy, rita())
    outbox.drain(averoy.id, "ordinary")  # makes the documents
    with use(averoy.id, "owner"):
        case, row, label = Case.objects.get(), model.objects.order_by("id")[0], f"{model._meta.label}.{field}"
        sealed = bytes(getattr(row, field))
        assert case.key.open_text(label, sealed, row.id)
        for another in (None, uuid7()):
            with pytest.raises(vault.CannotOpen):
                case.key.open_text(label, sealed, another)
