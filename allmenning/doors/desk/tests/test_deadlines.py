"""Deadlines at the desk: beside the case, extended and explained there, and all that is due on one page."""

from datetime import date, timedelta

import pytest

from allmenning.basics import dates
from allmenning.doors.desk.testing import at_desk, hire, send_inquiry
from allmenning.journeys import administering, readings
from allmenning.journeys.testing import ALICE, BOB, CHARLIE, number
from allmenning.journeys.tests.counting import statements
from allmenning.journeys.tests.test_deadlines_of_a_case import LONG, VIEW, offer
from allmenning.journeys.tests.test_protecting import is_said_of, sends
from allmenning.municipal.access.models import LogEntry
from allmenning.municipal.cases.models import Case, CaseDeadline, DeadlineReason
from allmenning.tenancy import use

DORA = number(110)
MONDAY = date(2026, 5, 4)
GOAL = {**VIEW, "id": "goal", "duration": "P1W"}


def send(averoy, on=MONDAY):
    with dates.clock.frozen(on):
        return send_inquiry(averoy).case_id


def page(place, path, on, who=ALICE):
    with dates.clock.frozen(on):
        return at_desk(place, who).get(path).text


def row(averoy, deadline):
    with use(averoy.id, "ordinary"):
        return CaseDeadline.objects.get(deadline=deadline)


def post(averoy, case_id, deadline, what, who=ALICE, on=MONDAY, **typed):
    with dates.clock.frozen(on):
        address = f"/desk/cases/{case_id}/deadlines/{row(averoy, deadline).id}/{what}/"
        return at_desk(averoy, who).post(address, typed)


def test_the_case_tells_what_runs_and_what_is_met(averoy):
    case_id = send(averoy)
    text = page(averoy, f"/desk/cases/{case_id}/", MONDAY)
    assert "Frister" in text
    text = text[text.index('id="deadlines"') :]
    shown = ("Kommunens eget mål for å svare", "<strong>18. mai 2026</strong>", "Foreløpig svar", "4. juni 2026")
    assert sorted(shown, key=text.index) == list(shown)


def test_what_is_due_first_is_told_at_the_top_by_its_name(averoy):
    text = page(averoy, f"/desk/cases/{send(averoy)}/", MONDAY)
    top = text[text.index('class="stand"') : text.index("data-parts")]
    assert "18. mai 2026" in top
    assert "Kommunens eget mål for å svare" in top
    assert "Foreløpig svar" not in top


def test_why_it_was_missed_is_asked_and_kept(averoy):
    case_id = send(averoy)
    late = date(2026, 5, 19)
    assert "En frist ble brutt" in page(averoy, f"/desk/cases/{case_id}/", late)
    wrong = post(averoy, case_id, "answer", "missed", on=late, because="", reason="To var syke.")
    assert wrong.status_code == 422
    assert "To var syke." in wrong.text
    told = post(averoy, case_id, "answer", "missed", on=late, because="too-few-people", reason="To var syke.")
    assert told.status_code == 302
    text = page(averoy, f"/desk/cases/{case_id}/", late)
    assert "En frist ble brutt" not in text
    assert "Vi var for få (Alice Alm): To var syke." in text


def test_a_leader_is_offered_to_extend_and_a_caseworker_is_not(averoy):
    offer(averoy, VIEW, LONG)
    case_id = send(averoy)
    with use(averoy.id, "ordinary"):
        Case.objects.update(assigned_to=averoy.staff["bob"].id)
    assert "Forleng til 6. november 2026" not in page(averoy, f"/desk/cases/{case_id}/", MONDAY)
    assert "Forleng til 6. november 2026" in page(averoy, f"/desk/cases/{case_id}/", MONDAY, BOB)
    assert post(averoy, case_id, "long", "extend", ALICE, reasons="Mer tid.").status_code == 403
    assert post(averoy, case_id, "long", "extend", BOB, reasons=" ").status_code == 422
    assert post(averoy, case_id, "long", "extend", BOB, reasons="Mer tid.").status_code == 302
    text = page(averoy, f"/desk/cases/{case_id}/", MONDAY)
    assert "6. november 2026" in text
    assert "Forlenget av Bob Bjørk" in text


def test_reasons_are_hidden_where_the_address_is_protected(averoy, registers):
    is_said_of(registers)
    offer(averoy, VIEW, LONG)
    with dates.clock.frozen(MONDAY):
        case_id = sends(averoy)
    with use(averoy.id, "ordinary"):
        Case.objects.update(assigned_to=averoy.staff["bob"].id)
    post(averoy, case_id, "long", "extend", BOB, reasons="Hun flytter til Kystgata.")
    text = page(averoy, f"/desk/cases/{case_id}/", MONDAY)
    assert "Kystgata" not in text
    assert "Forlenget av Bob Bjørk" in text


# --- the page of the week ---


@pytest.mark.parametrize(
    ("today", "span"),
    [
        (date(2026, 5, 12), "Over fristen"),  # due Monday 11 May
        (date(2026, 5, 11), "I dag"),
        (date(2026, 5, 10), "Senere"),  # Sunday: the week ends today
        (date(2026, 5, 4), "Senere"),
    ],
)
def test_what_is_due_stands_under_its_part_of_the_list(averoy, today, span):
    offer(averoy, GOAL)
    send(averoy)
    text = page(averoy, "/desk/due/", today)
    assert f">{span} <span" in text
    assert text.count('class="due"') == 1


def test_a_deadline_later_this_week(averoy):
    offer(averoy, VIEW)
    send(averoy)
    assert ">Denne uka <span" in page(averoy, "/desk/due/", MONDAY)


def test_what_is_met_or_far_off_is_not_there(averoy):
    offer(averoy, GOAL, {**LONG, "after": "goal"})
    send(averoy)
    assert page(averoy, "/desk/due/", MONDAY).count("data-row") == 1
    with use(averoy.id, "ordinary"):
        CaseDeadline.objects.filter(deadline="goal").update(met_at=dates.now())
    assert "Ingen av dine frister" in page(averoy, "/desk/due/", MONDAY)
    assert "Ingen frister" in page(averoy, "/desk/due/?whose=unit", MONDAY)


def test_it_is_of_the_units_that_one_works_in(averoy, smola):
    send(averoy)
    hire(averoy, DORA, "caseworker", unit="Drift")
    assert "Rita Rogn" in page(averoy, "/desk/due/", MONDAY)
    assert "Rita Rogn" not in page(averoy, "/desk/due/", MONDAY, DORA)
    assert "Rita Rogn" not in page(smola, "/desk/due/", MONDAY, CHARLIE)


def test_one_unit_of_several(averoy):
    unit = hire(averoy, DORA, "caseworker", unit="Drift")
    with use(averoy.id, "administration"):
        by, start = administering.OPERATOR, date(2026, 1, 1)
        administering.add_position(by, averoy.staff["alice"].id, unit.id, "caseworker", start=start)
    send(averoy)
    assert "Alle enhetene mine" in page(averoy, "/desk/due/", MONDAY)
    assert "Rita Rogn" in page(averoy, f"/desk/due/?unit={averoy.unit.id}", MONDAY)
    assert "Rita Rogn" not in page(averoy, f"/desk/due/?unit={unit.id}", MONDAY)
    assert "Rita Rogn" in page(averoy, "/desk/due/?unit=nothing", MONDAY)


def test_that_names_were_shown_is_one_row_of_the_log(averoy):
    case_id = send(averoy)
    page(averoy, "/desk/due/", MONDAY)
    with use(averoy.id, "ordinary"):
        entry = LogEntry.objects.get(action="list")
        assert (entry.shown_ids, entry.purpose) == ([case_id], "work-list")


def test_it_costs_the_same_however_many_there_are(averoy):
    for _ in range(3):
        send(averoy)
    client = at_desk(averoy, ALICE)
    with dates.clock.frozen(MONDAY):
        client.get("/desk/due/")
        with statements() as asked:
            client.get("/desk/due/")
    assert sum("cases_" in each for each in asked) == 1


def test_nothing_of_why_is_clear_in_the_database(averoy):
    case_id = send(averoy)
    post(averoy, case_id, "answer", "missed", on=date(2026, 5, 19), because="other", reason="To var syke.")
    with use(averoy.id, "owner"):
        assert b"syke" not in bytes(DeadlineReason.objects.get().text)


def given_to(averoy, case_id, who):
    with use(averoy.id, "ordinary"):
        Case.objects.filter(id=case_id).update(assigned_to=averoy.staff[who].id, assigned_name=who.title())


def test_a_caseworker_sees_what_they_have_and_nobody_has_and_the_unit_when_they_ask(averoy):
    offer(averoy, GOAL)
    own, bobs, nobodys = (send(averoy) for _ in range(3))
    given_to(averoy, own, "alice")
    given_to(averoy, bobs, "bob")
    shown = {case_id: f"/desk/cases/{case_id}/" for case_id in (own, bobs, nobodys)}
    text, whole = page(averoy, "/desk/due/", MONDAY), page(averoy, "/desk/due/?whose=unit", MONDAY)
    assert {case_id for case_id, address in shown.items() if address in text} == {own, nobodys}
    assert all(address in whole for address in shown.values())
    assert all(address in page(averoy, "/desk/due/", MONDAY, BOB) for address in shown.values())
    assert shown[own] not in page(averoy, "/desk/due/?whose=mine", MONDAY, BOB)


def test_what_is_overdue_says_why_or_that_nobody_has_told(averoy):
    case_id, late = send(averoy), date(2026, 5, 19)
    assert "Ingen har sagt hvorfor" in page(averoy, "/desk/due/", late)
    post(averoy, case_id, "answer", "missed", on=late, because="too-few-people", reason="To var syke.")
    text = page(averoy, "/desk/due/", late, BOB)
    assert "Vi var for få" in text
    assert "Ingen har sagt hvorfor" not in text
    assert "To var syke." not in text  # that is on the case's page, with its purpose


def test_a_leader_sees_what_was_met_too_late_for_some_weeks_and_a_caseworker_does_not(averoy):
    offer(averoy, GOAL)
    send(averoy)
    late = date(2026, 5, 13)  # it was due on the 11th
    with use(averoy.id, "ordinary"):
        CaseDeadline.objects.filter(deadline="goal").update(met_at=dates.start_of(late), met_by="decided")
    text = page(averoy, "/desk/due/", late, BOB)
    assert "Holdt for sent" in text
    assert "Holdt 13. mai 2026" in text
    assert "Ingen har sagt hvorfor" in text
    assert "Holdt for sent" not in page(averoy, "/desk/due/", late)
    assert "Holdt for sent" not in page(averoy, "/desk/due/?whose=unit", late)
    assert "Holdt for sent" not in page(averoy, "/desk/due/", late + timedelta(weeks=9), BOB)
    with use(averoy.id, "ordinary"):
        listed = LogEntry.objects.filter(action="list", staff_name="Bob Bjørk").earliest("at")
        assert listed.shown_ids == [Case.objects.get().id]


def test_the_row_of_the_log_holds_why_it_was_missed_and_goes_on_to(averoy):
    case_id = send(averoy)
    late = date(2026, 5, 19)
    post(averoy, case_id, "answer", "missed", on=late, because="other", reason="To var syke.")
    page(averoy, f"/desk/cases/{case_id}/", late)
    with use(averoy.id, "owner"):
        entry = LogEntry.objects.filter(action="read").latest("at")
        assert DeadlineReason.objects.get().id in entry.shown_ids
        assert readings.is_as_shown(entry, Case.objects.get())


def test_why_it_was_missed_is_a_part_that_a_party_may_be_given(averoy):
    case_id = send(averoy)
    late = date(2026, 5, 19)
    post(averoy, case_id, "answer", "missed", on=late, because="other", reason="To var syke.")
    text = page(averoy, f"/desk/cases/{case_id}/access/", late)
    assert "To var syke." in text
    judged = text[text.index("To var syke.") :]
    assert 'value="internal" selected' in judged[: judged.index("</select>")]
