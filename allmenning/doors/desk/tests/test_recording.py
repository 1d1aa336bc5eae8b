"""The records of a case at the desk: pages to write, see, change and end; weeks, charts, payments, and who waits."""

import re
from datetime import timedelta

import pytest

from allmenning.basics import dates
from allmenning.commons.catalogue import package as catalogue
from allmenning.doors.desk.testing import INQUIRY, at_desk, hire, send, send_inquiry
from allmenning.journeys import readings, recording
from allmenning.journeys.casework import staff_resident_key
from allmenning.journeys.testing import ALICE, BOB, SERVICES, number, rita
from allmenning.journeys.tests.counting import statements
from allmenning.journeys.tests.keeping import SERVICE, offer
from allmenning.journeys.tests.test_recording import MEASURE, PAYMENT, PLACE, PLAN, WEEK
from allmenning.journeys.tests.test_transferring import CARE, sent
from allmenning.journeys.tests.test_transferring import both as both
from allmenning.municipal.access.models import LogEntry
from allmenning.municipal.access.queries import working_as
from allmenning.municipal.cases.models import Case, Record
from allmenning.municipal.people import protection
from allmenning.municipal.people.protection import Level
from allmenning.tenancy import use

DAYS = ("starts", "ends", "evaluate_on", "due_on", "since", "looked_on", "assessed_on", "day", "evaluated_on")


@pytest.fixture
def keeping(averoy):
    offer(averoy)
    return averoy


@pytest.fixture
def case_id(keeping):
    return send(keeping, SERVICE, INQUIRY).case_id


@pytest.fixture
def alice(keeping):
    return at_desk(keeping, ALICE)


def posted(answers, at=""):
    """Answers as a browser posts them: kroner with a comma, days as people write them, and rows by number."""
    found = {}
    for name, value in answers.items():
        if isinstance(value, list):
            for n, row in enumerate(value):
                found |= posted(row, f"{at}/{name}/{n}")
        elif name == "amount_ore":
            found[f"{at}/{name}"] = f"{value / 100:.2f}".replace(".", ",")
        elif isinstance(value, bool):
            found[f"{at}/{name}"] = str(value).lower()
        elif name in DAYS:
            found[f"{at}/{name}"] = ".".join(reversed(value.split("-")))
        else:
            found[f"{at}/{name}"] = str(value)
    return found


def address(case_id, kind="", *rest, query=""):
    parts = ["/desk/cases", str(case_id), *(["records", kind] if kind else []), *map(str, rest)]
    return "/".join(parts) + "/" + query


def write(client, case_id, kind, answers, **more):
    response = client.post(address(case_id, kind, "new"), {**posted(answers), **more})
    assert response.status_code == 302, response.text[:4000]
    return response


def the_only(place, kind):
    with use(place.id, "ordinary"):
        return Record.objects.get(kind=kind)


def test_the_case_shows_what_is_kept_in_it(keeping, case_id, alice):
    write(alice, case_id, "measure", MEASURE)
    page = alice.get(address(case_id)).text
    assert "Støttekontakt" in page
    assert "Ukeplan" in page


def test_a_service_that_keeps_nothing_has_no_such_section(keeping, alice):
    other = send_inquiry(keeping).case_id
    assert 'id="records"' not in alice.get(address(other)).text
    assert alice.get(address(other, "measure")).status_code == 404


def test_what_is_missing_is_said_beside_it_and_what_was_typed_stays(keeping, case_id, alice):
    response = alice.post(address(case_id, "measure", "new"), posted({**MEASURE, "what": ""}))
    assert response.status_code == 422
    assert "Komme ut" in response.text
    assert 'aria-invalid="true"' in response.text


def test_the_second_of_two_keeps_what_was_typed_and_sees_what_stands(keeping, case_id, alice):
    write(alice, case_id, "measure", MEASURE)
    row = the_only(keeping, "measure")
    change = address(case_id, "measure", row.series, "change")
    alice.post(change, {**posted({**MEASURE, "aim": "Alices mål"}), "version": 1})
    late = at_desk(keeping, BOB)
    late.post(address(case_id, "purpose"), {"purpose": "case-handling"})
    late.post(f"/desk/cases/{case_id}/purpose/", {"purpose": "case-handling"})
    response = late.post(change, {**posted({**MEASURE, "aim": "Bobs mål"}), "version": 1})
    assert response.status_code == 409
    assert "Bobs mål" in response.text
    assert "Alices mål" in response.text
    again = dict(re.findall(r'name="(version)" value="(\d+)"', response.text))
    assert late.post(change, {**posted({**MEASURE, "aim": "Bobs mål"}), **again}).status_code == 302
    page = alice.get(address(case_id, "measure", row.series)).text
    assert page.index("Bobs mål") < page.index("Alices mål") < page.index("Komme ut")


def test_a_row_is_added_and_removed_before_the_plan_is_kept(keeping, case_id, alice):
    new = address(case_id, "weekly-plan", "new")
    more = alice.post(new, {**posted(WEEK), "_add:/visits": "1"}).text
    assert 'name="/visits/3/time"' in more
    fewer = alice.post(new, {**posted(WEEK), "_remove:/visits/0": "1"}).text
    assert 'name="/visits/2/time"' not in fewer
    assert "Handle" in fewer
    with use(keeping.id, "ordinary"):
        assert not Record.objects.exists()


def test_fewer_rows_than_before_are_fewer_in_the_next_version(keeping, case_id, alice):
    write(alice, case_id, "weekly-plan", WEEK)
    row = the_only(keeping, "weekly-plan")
    less = {**WEEK, "visits": WEEK["visits"][1:]}
    alice.post(address(case_id, "weekly-plan", row.series, "change"), {**posted(less), "version": 1})
    page = alice.get(address(case_id, "weekly-plan", query="?week=2026-11-16")).text
    assert "Morgenstell" not in page
    assert "Kveldsstell" in page


def test_a_week_goes_from_the_plan_to_what_was_given(keeping, case_id, alice):
    write(alice, case_id, "weekly-plan", WEEK)
    page = alice.get(address(case_id, "weekly-plan", query="?week=2026-11-16")).text
    link = re.search(r'href="([^"]+/visit/new/\?of=[^"]+time=08\.00)"', page)[1].replace("&amp;", "&")
    assert 'value="16.11.2026"' in alice.get(link).text
    of = re.search(r"of=([0-9a-f-]+)", link)[1]
    told = {"day": "2026-11-16", "time": "08.00", "given": "not-given", "reason": "Ingen åpnet"}
    back = write(alice, case_id, "visit", told, of=of)["Location"]
    assert back.endswith("/weekly-plan/?week=2026-11-16")
    assert "Ingen åpnet" in alice.get(back).text


def test_an_address_asks_for_a_week_that_is_none(keeping, case_id, alice):
    for week in ("", "igår", "9999-99-99"):
        assert alice.get(address(case_id, "weekly-plan", query=f"?week={week}")).status_code == 200


def assessed(day, hygiene, cooking, memory):
    return {"assessed_on": day, "hygiene": hygiene, "cooking": cooking, "memory": memory}


def test_a_chart_is_a_table_with_a_line_for_each_item_and_never_a_sum(keeping, case_id, alice):
    for day, scores in (("2026-01-10", (2, 3, 9)), ("2026-06-10", (3, 3, 2)), ("2026-11-10", (3, 2, 9))):
        write(alice, case_id, "functioning", assessed(day, *scores))
    page = alice.get(address(case_id, "functioning")).text
    table = page[page.index("<table") : page.index("</table>")]
    assert table.count("<svg") == 3
    assert re.findall(r'<span class="score">(.)</span>', table) == list("332" + "233" + "–2–")
    assert "Trenger en person til deler" in table
    hygiene, cooking, memory = (row.count("<circle") for row in table.split("</tr>")[1:4])
    assert (hygiene, cooking, memory) == (3, 3, 1)


def test_payments_are_summed_by_state_and_stopped_with_a_reason(keeping, case_id, alice):
    write(alice, case_id, "payment", PAYMENT)
    row = the_only(keeping, "payment")
    page = alice.get(address(case_id, "payment")).text
    assert "1\u00a0234,50\u00a0kr" in page
    assert "Strøm" in page
    end = address(case_id, "payment", row.series, "end")
    assert alice.post(end, {"status": "stopped", "day": "2026-11-21", "why": "", "version": 1}).status_code == 422
    alice.post(end, {"status": "stopped", "day": "2026-11-21", "why": "Flyttet ut", "version": 1})
    assert "Flyttet ut" in alice.get(address(case_id, "payment")).text


def test_what_must_be_told_at_the_end_is_asked_there(keeping, case_id, alice):
    write(alice, case_id, "measure", {**MEASURE, "stopped_by": "us"})
    row = the_only(keeping, "measure")
    end, ended = address(case_id, "measure", row.series, "end"), {"status": "broken-off", "why": "Nok nå", "version": 1}
    assert '<option value="us" selected>Vi</option>' in alice.get(end).text
    page = alice.post(end, {**ended, "day": "2026-11-21", "asked-broken-off": ""})
    assert (page.status_code, 'href="#asked-broken-off"' in page.text) == (422, True)
    alice.post(end, {**ended, "day": "2026-11-21", "asked-broken-off": "family"})
    assert "Familien" in alice.get(address(case_id, "measure")).text


def test_a_file_for_the_accounts_is_made_once_and_fetched_again(keeping, case_id, alice):
    write(alice, case_id, "payment", {**PAYMENT, "receiver": "=cmd()"})
    due = alice.get("/desk/payments/?until=2026-12-01").text
    assert "=cmd()" in due
    assert "Strøm" in due
    assert "electricity" not in due
    alice.post("/desk/payments/hand-over/", {"until": "2026-12-01"})
    page = alice.get("/desk/payments/").text
    href = re.search(r'href="([^"]+\.csv)"', page)[1]
    for _time in range(2):
        response = alice.get(href)
        assert response["Content-Disposition"].startswith("attachment")
        assert "1234,50;'=cmd()" in response.content.decode()
    assert alice.post("/desk/payments/hand-over/", {"until": "2026-12-01"}).status_code == 409
    with use(keeping.id, "ordinary"):
        assert LogEntry.objects.filter(action="hand-to-accounts").count() == 1
    assert alice.post(address(case_id, "payment", the_only(keeping, "payment").series, "change"), {}).status_code == 422


def test_a_file_of_another_unit_is_not_there(keeping, case_id, alice):
    write(alice, case_id, "payment", PAYMENT)
    alice.post("/desk/payments/hand-over/", {"until": "2026-12-01"})
    href = re.search(r'href="([^"]+\.csv)"', alice.get("/desk/payments/").text)[1]
    hire(keeping, number(113), "caseworker", unit="Byggesak", name="Eva Ek")
    eva = at_desk(keeping, number(113))
    assert eva.get(href).status_code == 404
    assert "Strøm" not in eva.get("/desk/payments/?until=2026-12-01").text
    assert eva.get(address(case_id, "payment")).status_code == 403


def test_leaders_see_who_waits_and_others_do_not(keeping, case_id, alice):
    write(alice, case_id, "nursing-home", PLACE)
    assert alice.get("/desk/waiting/").status_code == 403
    page = at_desk(keeping, BOB).get("/desk/waiting/").text
    assert "Rita Rogn" in page
    assert "Trenger tilsyn" in page


def test_nothing_of_a_protected_ones_records_is_in_any_list(keeping, case_id, alice):
    write(alice, case_id, "nursing-home", PLACE)
    write(alice, case_id, "payment", PAYMENT)
    alice.post(
        address(case_id) + "protected/level/",
        {"level": "fortrolig", "detail": "threat", "because": "threat", "address": ""},
    )
    bob = at_desk(keeping, BOB)
    assert "Trenger tilsyn" not in bob.get("/desk/waiting/").text
    assert "Kraftlaget" not in bob.get("/desk/payments/?until=2026-12-01").text
    assert alice.get(address(case_id, "payment")).status_code == 302
    assert "Trenger tilsyn" not in alice.get(address(case_id)).text


def test_what_must_be_written_first_is_said_where_one_decides(keeping, case_id, alice):
    decided = alice.post(address(case_id) + "decide/", {"outcome": "answered", "answered-answer": "Ja", "revision": 0})
    assert "Plan for undersøkelsen" in decided.text + alice.get(address(case_id) + "decide/").text
    write(alice, case_id, "plan", PLAN)


def test_who_may_not_write_is_not_led_to_it(keeping, case_id):
    hire(keeping, number(110), "archivist")
    dora = at_desk(keeping, number(110))
    page = dora.get(address(case_id, "measure"))
    assert page.status_code == 200
    assert "/new/" not in page.text
    assert dora.get(address(case_id, "measure", "new")).status_code == 403
    assert dora.post(address(case_id, "measure", "new"), posted(MEASURE)).status_code == 403


def test_a_form_that_asks_more_is_drawn_again_for_the_script(keeping, case_id, alice):
    asked = alice.post(address(case_id, "plan", "check"), posted({**PLAN, "expert": True}))
    assert "Hvorfor" in asked.json()["html"]


def test_each_page_has_its_number_of_statements_however_much_there_is(keeping, case_id, alice):
    """Beside the two of each request: who works here, and the case with its purpose, are two of them."""
    bob, measured = at_desk(keeping, BOB), {}
    for round_ in range(2):
        write(alice, case_id, "measure", MEASURE)
        write(alice, case_id, "payment", PAYMENT)
        if round_ == 0:
            write(alice, case_id, "weekly-plan", WEEK)
            write(alice, case_id, "nursing-home", PLACE)
        with use(keeping.id, "ordinary"):
            series = Record.objects.filter(kind="measure").first().series
        of_one = {page: address(case_id, "measure", series, *page.split()) for page in ("", "change", "end")}
        pages = {
            **{f"record {page}": (alice, where) for page, where in of_one.items()},
            **{kind: (alice, address(case_id, kind)) for kind in ("measure", "payment", "weekly-plan")},
            "new": (alice, address(case_id, "measure", "new")),
            "case": (alice, address(case_id)),
            "payments": (alice, "/desk/payments/?until=2026-12-01"),
            "waiting": (bob, "/desk/waiting/"),
        }
        for name, (client, where) in pages.items():
            client.get(where)
            with statements() as asked:
                assert client.get(where).status_code == 200, where
            measured.setdefault(name, []).append(len(asked))
    assert all(then <= first for first, then in measured.values()), measured
    assert max(first for first, _then in measured.values()) <= 8, measured


def test_a_deadline_says_which_record_it_is_about(case_id, alice):
    write(alice, case_id, "measure", {**MEASURE, "evaluate_on": "2026-12-01"})
    write(alice, case_id, "measure", {**MEASURE, "what": "Avlastning", "evaluate_on": "2026-12-08"})
    page = alice.get(f"/desk/cases/{case_id}/").text
    assert re.search(r'Evaluere tiltaket: <a [^>]*href="[^"]*/records/measure/[^>]*>Støttekontakt</a></p>', page)
    assert re.search("Evaluere tiltaket: <a [^>]*>Avlastning</a></p>", page)


def test_what_is_due_says_which_record_it_is_about_and_leads_to_its_place(case_id, alice):
    day = (dates.today() + timedelta(days=3)).isoformat()
    write(alice, case_id, "measure", {**MEASURE, "evaluate_on": day})
    page = alice.get("/desk/due/?whose=unit").text
    deadline = re.search(rf'{case_id}/#(deadline-[^"]*)" data-row>Evaluere tiltaket: Støttekontakt<', page)[1]
    assert f'id="{deadline}"' in alice.get(f"/desk/cases/{case_id}/").text
    with use("averoy", "ordinary"):
        assert readings.RECORDS in LogEntry.objects.filter(action="list").latest("at").field_kinds
        raised = bytes(Case.objects.get(id=case_id).owner_key)
        protection.raise_by_register(raised, Level.CONFIDENTIAL, because="household")
    assert "Støttekontakt" not in alice.get("/desk/due/?whose=unit").text


def test_the_shelf_says_which_date_is_which(both):
    averoy, _ = both
    case_id = sent(averoy, CARE, "alarm-and-practical-help", rita())
    kind = catalogue.load(SERVICES / CARE).record_kind("functioning")
    scored = dict.fromkeys(kind.items, 2)
    assessed = {
        "assessed_on": "2026-11-23",
        "assess_again_on": "2026-12-10",
        "place": "home",
        "own_view": "Greit.",
        **scored,
    }
    waits = {
        "since": "2026-11-20",
        "need": "Tilsyn.",
        "meanwhile": "Besøk.",
        "looked_on": "2026-11-20",
        "reasons": "Ingen plass.",
    }
    with use(averoy.id, "care"):
        alice, key = working_as(averoy.staff["alice"].id, "care"), staff_resident_key(averoy.id, ALICE)
        recording.begin(case_id, "functioning", recording.Draft(assessed), alice, staff_key=key)
        placed = recording.Draft({**waits, "look_again_on": "2026-12-20"})
        recording.begin(case_id, "nursing-home", placed, alice, staff_key=key)
    client = at_desk(averoy, ALICE, "care")
    client.post(f"/desk/cases/{case_id}/purpose/", {"purpose": "case-handling"})
    whole = client.get(f"/desk/cases/{case_id}/").text
    shelves = " ".join(re.sub(r"<[^>]*>", " ", whole.partition('id="records"')[2]).split())
    assert "Vurdert 23. november 2026 · vurderes på nytt 10. desember 2026" in shelves
    assert "Venter · frist 20. desember 2026" in shelves
    assert "vurdert 23. november 2026" in whole.partition('id="records"')[0]  # of the deadline that is about it
    assert "vurdert 23. november 2026" in client.get("/desk/due/?whose=unit").text
