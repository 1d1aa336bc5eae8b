"""What stands out by numbers is found and told against what is usual, and ordinary work is not."""

from datetime import date, timedelta

import pytest

from allmenning.basics import dates
from allmenning.basics.identifiers import uuid7
from allmenning.doors.desk import findings
from allmenning.doors.desk.testing import at_desk, hire, send_inquiry
from allmenning.journeys import jobs, review_limits, standing_out, unusual_reading
from allmenning.journeys.testing import BOB, number
from allmenning.journeys.tests.counting import statements
from allmenning.municipal.access.log_actions import CHANGES, LOOKS, READINGS
from allmenning.municipal.access.models import Review, StaffMember
from allmenning.municipal.cases.models import Case
from allmenning.tenancy import use

from .test_emergencies import held
from .test_reviewing import kinds, log_rows

# The Monday of the last week of which every reading has waited for what follows it.
WAITED = dates.today() - timedelta(days=dates.today().weekday() + 21)
MONDAY = (dates.today() - WAITED).days  # so many days ago
COLLEAGUES = {
    f"{name} Berg": number(number_)
    for name, number_ in zip(("Hanna", "Ine", "Jon", "Kari", "Lars"), range(110, 120, 2), strict=True)
}


def colleagues(place):
    for name, number_ in COLLEAGUES.items():
        hire(place, number_, "caseworker", name=name)
    return [name.split()[0].lower() for name in COLLEAGUES]


def shown(place, name, days_ago, cases, **about):
    """A page of the work list, or what a search found, with so many cases."""
    return log_rows(
        place, name, days_ago, 1, action="list", case_id=None, shown_ids=[uuid7() for _ in range(cases)], **about
    )


def left(place, name, days_ago):
    with use(place.id, "administration"):
        StaffMember.objects.filter(id=place.staff[name].id).update(
            start=date(2020, 1, 1), end=dates.today() - timedelta(days=days_ago)
        )


def test_one_curious_reading_is_found_and_told_with_its_case(averoy):
    receipt = send_inquiry(averoy)
    log_rows(averoy, "alice", MONDAY, 1, case_id=receipt.case_id)
    assert kinds(averoy) == kinds(averoy) == ["no-action"]
    [case] = held(averoy, Case)
    page = at_desk(averoy, BOB).get("/desk/reviews/").text
    assert case.number in page
    assert "Antall saker: 1. Vanlig for alice i en uke: ikke kjent." in page


def test_a_week_of_such_readings_is_one_finding(averoy):
    for day in range(4):
        log_rows(averoy, "alice", MONDAY - day, 5)
    log_rows(averoy, "alice", MONDAY + 7, 2)
    assert kinds(averoy) == ["no-action", "no-action"]
    latest = max(held(averoy, Review), key=lambda review: review.facts["day"])
    assert (latest.facts["count"], len(latest.facts["cases"]), latest.facts["usual"]) == (20, 20, 2)


@pytest.mark.parametrize("relation", ["unit", "archive", "substitute", "leader"])
def test_it_is_found_whatever_one_has_to_do_with_the_case(averoy, relation):
    log_rows(averoy, "bob", MONDAY, 1, relation=relation, role="leader")
    assert kinds(averoy) == ["no-action"]
    assert held(averoy, Review)[0].by_leader


@pytest.mark.parametrize("action", sorted(READINGS))
def test_looking_again_is_no_action(averoy, action):
    [row] = log_rows(averoy, "alice", MONDAY, 1)
    log_rows(averoy, "alice", MONDAY - 1, 1, case_id=row.case_id, action=action)
    assert kinds(averoy) == ["no-action"]


@pytest.mark.parametrize("action", ["note", "assign", "issue-decision", "ask", "mark-printed"])
def test_ordinary_work_gives_no_finding(averoy, action):
    for row in log_rows(averoy, "alice", MONDAY, 9):
        log_rows(averoy, "alice", MONDAY - 9, 1, case_id=row.case_id, action=action)
    log_rows(averoy, "alice", MONDAY, 9, relation="assigned")
    log_rows(averoy, "alice", 10, 9)  # what follows may be to come
    for day in range(1, 21):
        log_rows(averoy, "alice", day, 20, relation="assigned")
        shown(averoy, "alice", day, 50)
    assert kinds(averoy) == []


def test_what_another_did_or_what_was_done_too_late_explains_no_reading(averoy):
    [mine, late] = log_rows(averoy, "alice", MONDAY, 2)
    log_rows(averoy, "bob", MONDAY - 1, 1, case_id=mine.case_id, action="note")
    log_rows(averoy, "alice", MONDAY - 15, 1, case_id=late.case_id, action="note")
    assert kinds(averoy) == ["no-action"]
    assert held(averoy, Review)[0].facts["count"] == 2


def test_many_more_than_usual_stands_out(averoy):
    for day in range(2, 12):
        log_rows(averoy, "alice", day, 12, relation="assigned")
        log_rows(averoy, "bob", day, 25, relation="assigned")
    opened = log_rows(averoy, "alice", 1, 40, relation="assigned")
    log_rows(averoy, "bob", 1, 40, relation="assigned")
    found = standing_out.find(averoy.id)
    [review] = held(averoy, Review)
    assert (found, review.kind, review.staff_id, review.facts["count"]) == (1, "volume", averoy.staff["alice"].id, 40)
    assert review.unit_id == averoy.unit.id
    assert set(review.facts["cases"]) == {str(row.case_id) for row in opened}
    told = findings.told(review).what
    assert "12" in told
    assert "40" in told


def test_paging_through_lists_and_searching_names_is_seen(averoy):
    for day in range(2, 12):
        shown(averoy, "alice", day, 50)
    for purpose in ("work-list", "register-on-behalf", "work-list", "case-handling"):
        shown(averoy, "alice", 1, 50, purpose=purpose)
    shown(averoy, "bob", 1, 900, purpose="review")  # a leader's own queue
    assert kinds(averoy) == ["volume"]
    [review] = held(averoy, Review)
    assert (review.facts["seen"], review.facts["usual_seen"], review.facts["count"]) == (200, 50, 0)


def test_the_same_list_again_shows_nothing_more(averoy):
    [row] = shown(averoy, "alice", 1, 140)
    for _ in range(5):
        log_rows(averoy, "alice", 1, 1, action="list", case_id=None, shown_ids=row.shown_ids)
    assert kinds(averoy) == []


def test_what_is_always_many_stands_out_against_others_in_the_same_role_once_a_week(averoy):
    names = colleagues(averoy)
    last_monday = dates.today().weekday() + 7
    for day in range(last_monday - 4, last_monday + 15):
        log_rows(averoy, "alice", day, 40, relation="assigned", role="caseworker")
        log_rows(averoy, "bob", day, 1, relation="assigned", role="leader")
        for name in names:
            log_rows(averoy, name, day, 8, relation="assigned", role="caseworker")
    standing_out.find(averoy.id)
    of_weeks = [review for review in held(averoy, Review, kind="volume") if review.facts["per"] == "week"]
    assert {review.staff_id for review in held(averoy, Review)} == {averoy.staff["alice"].id}
    assert len(of_weeks) == len({review.facts["day"] for review in of_weeks}) == 2
    assert (of_weeks[0].facts["count"], of_weeks[0].facts["colleagues"]) == (40, 8)


@pytest.mark.parametrize("days_ago", [2, 30, 400])
def test_the_last_weeks_are_looked_into_however_late_it_is_set_that_somebody_left(averoy, days_ago):
    log_rows(averoy, "alice", days_ago + 30, 1, relation="assigned")
    log_rows(averoy, "alice", days_ago + 3, 2, relation="assigned")
    log_rows(averoy, "alice", days_ago - 1, 1, relation="assigned")
    assert kinds(averoy) == []
    left(averoy, "alice", days_ago)
    assert kinds(averoy) == kinds(averoy) == ["last-weeks"]
    facts = held(averoy, Review)[0].facts
    assert (facts["count"], facts["after"], facts["usual"], len(facts["cases"])) == (3, 1, 1, 3)


def test_another_last_day_is_looked_into_again_and_one_that_is_looked_through_asks_nothing(averoy):
    log_rows(averoy, "alice", 5, 2, relation="assigned")
    left(averoy, "alice", 2)
    assert kinds(averoy) == ["last-weeks"]
    with use(averoy.id, "administration"):
        assert unusual_reading.who_left(dates.today()) == {}
    left(averoy, "alice", 4)
    assert kinds(averoy) == ["last-weeks", "last-weeks"]


def test_what_fails_before_every_area_is_looked_through_is_looked_through_the_next_night(averoy, monkeypatch):
    log_rows(averoy, "alice", 5, 2, relation="assigned")
    left(averoy, "alice", 2)
    with monkeypatch.context() as away:
        away.setattr(standing_out, "_find_in", lambda *about: 1 / 0)
        with pytest.raises(ExceptionGroup):
            standing_out.find(averoy.id)
    assert kinds(averoy) == ["last-weeks"]


def test_the_number_of_statements_does_not_grow_with_what_was_read(averoy):
    def asked():
        with statements() as each, use(averoy.id, "ordinary"):
            unusual_reading.stands_out("ordinary", {averoy.staff["alice"].id: dates.today() - timedelta(days=2)})
        return len(each)

    log_rows(averoy, "alice", 1, 31)
    few = asked()
    for name in ("alice", "bob"):
        for day in range(1, 40):
            log_rows(averoy, name, day, 35)
    log_rows(averoy, "alice", 1, 110)
    assert asked() == few == 4


def test_one_municipality_that_fails_stops_no_other(averoy, smola, monkeypatch):
    looked_at = []

    def find(municipality):
        looked_at.append(municipality)
        raise ValueError("what nobody thought of")

    monkeypatch.setattr(standing_out, "find", find)
    monkeypatch.setattr(jobs.municipalities, "live_municipalities", lambda: [averoy, smola])
    jobs.tidy(0)
    assert looked_at == [averoy.id, smola.id]


def test_what_is_written_in_the_log_either_looks_or_changes():
    assert not LOOKS & CHANGES
    assert LOOKS - {"list", "refused", "not-given"} == READINGS


def test_the_limits_are_dated(monkeypatch):
    day = date(2027, 1, 1)
    lines = (
        review_limits.Limit("cases-opened", 30, "as it was", end=day),
        review_limits.Limit("cases-opened", 20, "fewer stand out", start=day),
    )
    monkeypatch.setattr(review_limits, "_limits", lambda: lines)
    assert review_limits.limits_on(day - timedelta(days=1)) == {"cases-opened": 30}
    assert review_limits.limits_on(day) == {"cases-opened": 20}
