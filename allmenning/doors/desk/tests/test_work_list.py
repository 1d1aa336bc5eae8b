"""The work list: views, search, pages by key, and what a page of it costs."""

import pytest

from allmenning.basics import dates
from allmenning.doors.desk.testing import at_desk, hire, send_inquiry
from allmenning.journeys import administering
from allmenning.journeys.testing import ALICE, BOB, NAMES, OMAR, RITA, number
from allmenning.journeys.tests.counting import statements
from allmenning.municipal.access.models import LogEntry
from allmenning.municipal.cases import queries
from allmenning.municipal.cases.models import Case
from allmenning.municipal.people import queries as people
from allmenning.tenancy import use

DORA = number(110)


def give(place, receipt, name):
    with use(place.id, "ordinary"):
        Case.objects.filter(id=receipt.case_id).update(
            assigned_to=place.staff[name].id, assigned_name=place.staff[name].name
        )


def found(client, text):
    return client.post("/desk/find/", {"text": text}, follow=True).text


def test_each_view_shows_its_own(averoy):
    mine, other = send_inquiry(averoy, subject="Min sak"), send_inquiry(averoy, subject="Ingens sak")
    give(averoy, mine, "alice")
    client = at_desk(averoy, ALICE)
    assert "Min sak" in client.get("/desk/").text
    assert "Ingens sak" not in client.get("/desk/").text
    assert "Ingens sak" in client.get("/desk/?view=unassigned").text
    assert other


def test_the_names_that_were_shown_are_logged_with_their_ids(averoy):
    receipt = send_inquiry(averoy)
    at_desk(averoy, ALICE).get("/desk/?view=unit")
    with use(averoy.id, "ordinary"):
        assert LogEntry.objects.get(action="list").shown_ids == [receipt.case_id]


def test_a_substitute_sees_the_cases_of_the_one_who_is_away(averoy):
    hire(averoy, DORA, "caseworker")
    give(averoy, send_inquiry(averoy, subject="Alices sak"), "alice")
    day = dates.today()
    with use(averoy.id, "administration"):
        administering.add_absence(administering.OPERATOR, averoy.staff["alice"].id, averoy.staff["dora"].id, day, day)
    page = at_desk(averoy, DORA).get("/desk/").text
    assert "Alices sak" in page
    assert "for Alice Alm, fravær" in page


@pytest.mark.parametrize("text", ["2026/1", RITA, "rita rogn", "Rogn", "hull veien"])
def test_a_case_is_found_by_number_person_and_words(averoy, text):
    send_inquiry(averoy)
    text = text.replace("2026", str(dates.today().year))
    assert "Hull i veien" in found(at_desk(averoy, ALICE), text)


def test_of_a_common_name_it_is_said_that_there_are_more(averoy, monkeypatch):
    monkeypatch.setitem(NAMES, OMAR, NAMES[RITA])
    desk, first = at_desk(averoy, ALICE), send_inquiry(averoy, RITA)
    send_inquiry(averoy, OMAR)
    more = "personer har dette navnet"
    assert more not in desk.post("/desk/find/", {"text": NAMES[RITA]}, follow=True).text
    monkeypatch.setattr(people, "MOST_OF_A_NAME", 1)
    page = desk.post("/desk/find/", {"text": NAMES[RITA]}, follow=True).text
    assert f"Flere enn 1 {more}" in page
    assert page.count(str(first.case_id)) >= 1, "who was known first"


def test_what_is_sought_never_stands_in_the_address(averoy):
    response = at_desk(averoy, ALICE).post("/desk/find/", {"text": RITA})
    assert RITA not in response["Location"]


def test_a_case_that_was_found_by_search_asks_for_the_purpose(averoy):
    receipt = send_inquiry(averoy)
    assert f"/desk/cases/{receipt.case_id}/purpose/" in found(at_desk(averoy, ALICE), "hull")


@pytest.mark.parametrize(
    "address",
    [
        "?view=nothing",
        "?sort=';drop table",
        "?after=x",
        "?after=2026-99-99~x",
        "?before=~",
        "?find=%%%",
        "?service=a\u202eb&state=x",
        "?after=2026-01-01~01a20000-0000-7000-8000-000000000000&sort=received",
    ],
)
def test_an_address_that_means_nothing_shows_a_list_all_the_same(averoy, address):
    assert at_desk(averoy, ALICE).get("/desk/" + address).status_code == 200


@pytest.mark.parametrize("text", ["a\0b", "\u202e", "%' or 1=1 --", "<script>", "/" * 120, "9" * 120])
def test_hostile_searches_find_nothing_and_break_nothing(averoy, text):
    send_inquiry(averoy)
    page = at_desk(averoy, ALICE).post("/desk/find/", {"text": text}, follow=True)
    assert page.status_code == 200
    assert "<script>" not in page.text


@pytest.mark.parametrize("sort", list(queries.SORTS))
def test_pages_by_key_go_forward_and_back_over_the_same_rows(averoy, monkeypatch, sort):
    monkeypatch.setattr(queries, "PAGE", 2)
    receipts = [send_inquiry(averoy, subject=f"Sak {n}") for n in range(5)]
    with use(averoy.id, "ordinary"):
        Case.objects.filter(id__in=[receipts[0].case_id, receipts[3].case_id]).update(due_on=None)
        working = averoy.working("alice")

        def page(**keys):
            return queries.work_list(working, queries.Filters(view="unit", sort=sort, **keys))

        first = page()
        second = page(after=first.next_after)
        third = page(after=second.next_after)
        assert third.next_after is None
        assert first.previous_before is None
        assert [c.id for c in page(before=third.previous_before).cases] == [c.id for c in second.cases]
        assert [c.id for c in page(before=second.previous_before).cases] == [c.id for c in first.cases]
        shown = [c.id for each in (first, second, third) for c in each.cases]
    assert sorted(shown) == sorted(receipt.case_id for receipt in receipts)


def test_a_page_of_the_list_costs_the_same_however_many_rows(averoy):
    client = at_desk(averoy, BOB)
    send_inquiry(averoy)
    client.get("/desk/?view=unit")
    with statements() as one:
        client.get("/desk/?view=unit")
    for _ in range(4):
        send_inquiry(averoy)
    with statements() as five:
        client.get("/desk/?view=unit")
    assert len(one) == len(five) <= 10
