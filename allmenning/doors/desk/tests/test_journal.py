"""The journal of a case: notes of a kind, corrected by new versions that stand beside the old, others' matters kept apart."""

import re
from datetime import timedelta

import pytest
from django.db import ProgrammingError, transaction

from allmenning.basics import dates
from allmenning.doors.desk.testing import at_desk, send_inquiry
from allmenning.doors.desk.tests.test_giving_access import form_of, given, inside
from allmenning.journeys import readings
from allmenning.journeys.testing import ALICE, BOB
from allmenning.journeys.tests.test_protecting import is_said_of, sends
from allmenning.municipal.access.models import LogEntry
from allmenning.municipal.cases.models import Case, Note
from allmenning.tenancy import use

NEIGHBOUR = {"whom": "Naboen Nils", "about_them": "Han hørte rop om natta."}


@pytest.fixture
def case_id(averoy):
    return send_inquiry(averoy).case_id


def write(place, case_id, text="Snakket med henne.", who=ALICE, **typed):
    response = at_desk(place, who).post(f"/desk/cases/{case_id}/note/", {"note": text, "kind": "phone", **typed})
    assert response.status_code == 302, response.text
    with use(place.id, "ordinary"):
        return Note.objects.latest("at", "id")


def correct(place, note, text, who=ALICE, **typed):
    address = f"/desk/cases/{note.case_id}/notes/{note.id}/correct/"
    return at_desk(place, who).post(address, {"note": text, "kind": "phone", **typed})


def page(place, case_id, query="", who=ALICE):
    text = at_desk(place, who).get(f"/desk/cases/{case_id}/{query}").text
    start = text.index('id="journal"')
    return text[start : text.index("case-part", start)]


def test_a_note_tells_its_kind_when_it_happened_and_who_wrote_it(averoy, case_id):
    write(averoy, case_id, "Møtte dem på helsestasjonen.", kind="meeting", happened="2026-03-02T10:30")
    text = page(averoy, case_id)
    for shown in ("Møte", "2. mars 2026 kl. 10.30", "Møtte dem på helsestasjonen.", "Alice"):
        assert shown in text


def test_the_newest_is_first_and_one_kind_can_be_shown_alone(averoy, case_id):
    write(averoy, case_id, "Det som var først.", happened="2026-03-01T08:00")
    write(averoy, case_id, "Det som var sist.", kind="visit", happened="2026-03-03T08:00")
    write(averoy, case_id, "Det som var imellom.", happened="2026-03-02T08:00")
    told = ("Det som var sist.", "Det som var imellom.", "Det som var først.")
    assert sorted(told, key=page(averoy, case_id).index) == list(told)
    calls = page(averoy, case_id, "?notes=phone")
    assert "Det som var sist." not in calls
    assert "Det som var imellom." in calls


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"kind": "dance"}, "kind"),
        ({"happened": "i går"}, "happened"),
        ({"happened": (dates.now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")}, "happened"),
        ({"about_them": "Han hørte rop."}, "whom"),
        ({"whom": "Naboen"}, "note"),
    ],
)
def test_what_can_not_be_kept_is_said_beside_its_field_and_nothing_is_lost(averoy, case_id, typed, field):
    response = at_desk(averoy, ALICE).post(
        f"/desk/cases/{case_id}/note/", {"note": "Snakket.", "kind": "phone", **typed}
    )
    assert response.status_code == 422
    assert f'id="{field}-error"' in response.text
    assert "Snakket.</textarea>" in response.text
    with use(averoy.id, "ordinary"):
        assert not Note.objects.exists()


def test_a_correction_stands_first_and_what_was_said_before_can_be_read(averoy, case_id):
    note = write(averoy, case_id, "Hun var trist.", happened="2026-03-01T08:00")
    assert correct(averoy, note, "Hun var trøtt.", who=BOB, happened="").status_code == 302
    text = page(averoy, case_id)
    assert "Rettet av Bob" in text
    assert text.index("Hun var trøtt.") < text.index("Det sto før") < text.index("Hun var trist.")
    with use(averoy.id, "ordinary"):
        before, after = Note.objects.order_by("at", "id")
        assert (after.corrects_id, after.happened_at, before.id) == (note.id, note.happened_at, note.id)
        assert LogEntry.objects.filter(action="correct-note", object_id=note.id).count() == 1


def test_a_note_is_corrected_once_and_whoever_comes_later_is_told(averoy, case_id):
    note = write(averoy, case_id, "Hun var trist.")
    correct(averoy, note, "Hun var trøtt.")
    late = correct(averoy, note, "Hun var glad.")
    assert late.status_code == 409
    assert "Hun var glad." not in page(averoy, case_id)


def test_a_note_of_another_case_is_not_corrected_through_this_one(averoy, case_id):
    note = write(averoy, send_inquiry(averoy).case_id)
    response = at_desk(averoy, ALICE).post(
        f"/desk/cases/{case_id}/notes/{note.id}/correct/", {"note": "Nei", "kind": "phone"}
    )
    assert response.status_code == 404


def test_the_form_of_a_correction_holds_what_the_note_says(averoy, case_id):
    note = write(averoy, case_id, "Hun var trist.", **NEIGHBOUR)
    text = page(averoy, case_id, f"?correct={note.id}")
    assert "Hun var trist.</textarea>" in text
    assert 'value="Naboen Nils"' in text
    assert "Lagre rettingen" in text
    assert "Lagre notatet" not in text  # one form at a time


def test_no_login_changes_or_removes_a_note(averoy, case_id):
    note = write(averoy, case_id)
    for act in (lambda rows: rows.update(kind="visit"), lambda rows: rows.delete()):
        with use(averoy.id, "ordinary"), pytest.raises(ProgrammingError), transaction.atomic():
            act(Note.objects.filter(id=note.id))


def test_what_is_about_others_is_proposed_as_left_out_and_is_nowhere_in_the_copy(averoy):
    receipt = send_inquiry(averoy)
    note = write(averoy, receipt.case_id, "Vi avtalte et møte.", **NEIGHBOUR)
    correct(averoy, note, "Vi avtalte et nytt møte.", **NEIGHBOUR)
    client = at_desk(averoy, ALICE)
    form = form_of(client.get(f"/desk/cases/{receipt.case_id}/access/").text)
    apart = {name: chosen for name, chosen in form.items() if name.endswith(":third-party")}
    plain = [name for name in form if name.startswith("part-note:") and name not in apart]
    assert set(apart.values()) == {"others-private"}
    assert len(apart) == len(plain) == 2  # the version before too
    client.post(f"/desk/cases/{receipt.case_id}/access/", {**form, **dict.fromkeys(plain, "give")})
    told = re.sub(r"\s+", "", inside(given(averoy, receipt)[0]))
    assert "Viavtalteetmøte." in told
    assert "Viavtalteetnyttmøte." in told
    assert "rettetsenere" in told
    assert "Nils" not in told
    assert "roppomnatta" not in told
    assert "særligegrunner" in told  # the ground, in its place


def test_the_journal_is_hidden_while_the_address_is_protected(averoy, registers):
    is_said_of(registers)
    case_id = sends(averoy)
    write(averoy, case_id, "Hun bor i Fjordvegen nå.", **NEIGHBOUR)
    text = page(averoy, case_id)
    assert "Fjordvegen" not in text
    assert "Nils" not in text


def test_what_was_logged_as_shown_holds_with_what_is_about_others(averoy, case_id):
    write(averoy, case_id, **NEIGHBOUR)
    page(averoy, case_id)
    with use(averoy.id, "owner"):
        entry = LogEntry.objects.filter(action="read", actor_kind="staff").latest("id")
        case = Case.objects.get(id=case_id)
        assert readings.is_as_shown(entry, case)
        Note.objects.update(third_party=b"something else")
        assert not readings.is_as_shown(entry, case)
