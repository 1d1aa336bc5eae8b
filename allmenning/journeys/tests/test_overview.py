"""All that one person has in an area on one page: what each may see of it, and that it is logged once, before it is shown."""

from datetime import timedelta

import pytest

from allmenning.doors.desk.testing import INQUIRY
from allmenning.doors.desk.testing import send as send_to
from allmenning.journeys import disqualifying, my_log, participants, recording
from allmenning.journeys import overview as journey
from allmenning.journeys.testing import ALICE, NAMES, OMAR, omar, rita
from allmenning.journeys.tests import keeping
from allmenning.journeys.tests.counting import statements
from allmenning.journeys.tests.test_main_job import as_resident, desk, send_inquiry, staff_key
from allmenning.journeys.tests.test_participants import with_parties
from allmenning.journeys.tests.test_phases_of_a_case import DAY, decide, own, report, send
from allmenning.journeys.tests.test_results import offer
from allmenning.municipal.access.actions import in_lookups
from allmenning.municipal.access.errors import NotYours
from allmenning.municipal.access.models import LogEntry
from allmenning.municipal.cases.actions import Named
from allmenning.municipal.cases.models import Case, Participant, Record
from allmenning.municipal.people import protection
from allmenning.municipal.people.protection import Level


def overview(place, case_id, by="alice", who=ALICE):
    with desk(place):
        return journey.overview(case_id, place.working(by), "case-handling", staff_key=staff_key(place, who))


def test_it_tells_each_case_what_was_decided_and_what_comes_next(averoy):
    case_id = send(averoy)
    decide(averoy, "opened", case_id, day=DAY + timedelta(1))
    other = send_inquiry(averoy, rita()).case_id
    send_inquiry(averoy, omar())
    found = overview(averoy, case_id)
    assert found.name == "Rita Rogn"
    assert [each.case.id for each in found.cases] == [other, case_id]
    helped = found.cases[1]
    assert ([each["nb"] for each in helped.phases], helped.next_step["nb"]) == (["Help"], "talk")
    assert helped.unit_name == "Servicetorget"
    assert "plan" in [each.row.deadline for each in found.due]
    assert [each.title["nb"] for each in found.decided] == ["opened"]


def test_a_childs_cases_are_theirs_and_not_the_reporters(averoy):
    case_id = report(averoy)
    anna, _ = own(averoy, case_id)
    assert [each.case.id for each in overview(averoy, anna.id).cases] == [anna.id]
    assert [each.case.id for each in overview(averoy, case_id).cases] == [case_id]


def test_what_one_may_not_see_is_not_there(averoy):
    first, second = (send_inquiry(averoy, rita()).case_id for _ in range(2))
    with desk(averoy):
        disqualifying.declare_in_case(second, averoy.working("alice"), staff_key=staff_key(averoy, ALICE))
    assert [each.case.id for each in overview(averoy, first).cases] == [first]
    with pytest.raises(NotYours):
        overview(averoy, second)
    with desk(averoy):
        assert list(LogEntry.objects.filter(action="overview").values_list("shown_ids", flat=True)) == [
            [in_lookups(bytes(Case.objects.get(id=first).owner_key)), first]
        ]


def test_it_is_logged_once_and_the_resident_reads_it(averoy):
    first, second = (send_inquiry(averoy, rita()).case_id for _ in range(2))
    overview(averoy, first)
    with desk(averoy):
        row = LogEntry.objects.get(action="overview")
        assert (row.case_id, row.object_kind, row.purpose) == (None, "person", "case-handling")
        assert {first, second} < set(row.shown_ids)
    with as_resident(averoy, rita()):
        assert "overview" in {line.entry.action for line in my_log.whole(rita().keys(averoy.id))}
    with as_resident(averoy, omar()):
        assert not LogEntry.objects.filter(action="overview").exists()


def test_where_the_address_is_protected_no_unit_is_told(averoy):
    case_id = send_inquiry(averoy, rita()).case_id
    with desk(averoy):
        protection.raise_by_register(bytes(Case.objects.get().owner_key), Level.CONFIDENTIAL, because="household")
    found = overview(averoy, case_id)
    assert found.is_hidden
    assert {each.unit_name for each in found.cases} == {""}


def named_in(place, case_id, name, role, who):
    with desk(place):
        key = staff_key(place, ALICE)
        participants.add(case_id, Named(role=role, name=name, number=who), place.working("alice"), staff_key=key)


def test_it_tells_who_else_has_to_do_with_the_cases_and_in_what_role(averoy):
    offer(averoy, with_parties())
    first, second = (send_inquiry(averoy, rita()).case_id for _ in range(2))
    for case_id in (first, second):
        named_in(averoy, case_id, NAMES[OMAR], "guardian", OMAR)
    named_in(averoy, second, "Lille Lykke", "child", "")
    others = {
        each.name: [(one.case.id, one.role["nb"]) for one in each.roles] for each in overview(averoy, first).others
    }
    guards = "Den som har foreldreansvaret"
    assert others == {NAMES[OMAR]: [(second, guards), (first, guards)], "Lille Lykke": [(second, "Barnet")]}
    with desk(averoy):
        assert "participants" in LogEntry.objects.get(action="overview").field_kinds


def test_others_are_not_told_of_where_one_of_them_has_a_protected_address(averoy):
    offer(averoy, with_parties())
    case_id = send_inquiry(averoy, rita()).case_id
    named_in(averoy, case_id, NAMES[OMAR], "guardian", OMAR)
    with desk(averoy):
        protection.raise_by_register(
            bytes(Participant.objects.get().owner_key), Level.CONFIDENTIAL, because="household"
        )
    found = overview(averoy, case_id)
    assert (found.is_hidden, found.others) == (True, [])


def test_many_cases_cost_what_one_does(averoy):
    case_id = send_inquiry(averoy, rita()).case_id
    with desk(averoy):
        working, key = averoy.working("alice"), staff_key(averoy, ALICE)
        journey.overview(case_id, working, "case-handling", staff_key=key)  # what is remembered is read
    counted = []
    for _ in range(2):
        with desk(averoy):
            working = averoy.working("alice")
            with statements() as sent:
                journey.overview(case_id, working, "case-handling", staff_key=key)
        counted.append(len(sent))
        for _more in range(3):
            send_inquiry(averoy, rita())
    assert counted[0] == counted[1] <= 4


def test_it_tells_what_stands_of_what_is_kept(averoy):
    keeping.offer(averoy)
    draft = recording.Draft({"what": "Veiledning", "aim": "Ro", "starts": "2026-06-01"}, "running")
    case_id = send_to(averoy, keeping.SERVICE, INQUIRY).case_id
    with desk(averoy):
        working, key = averoy.working("alice"), staff_key(averoy, ALICE)
        for _ in range(2):
            recording.begin(case_id, "measure", draft, working, staff_key=key)
        first = Record.objects.order_by("at").first()
        ended = {"status": "ended", "day": first.starts, "why": "Målet er nådd.", "version": 1}
        recording.end(case_id, "measure", first.series, working, staff_key=key, **ended)
    assert [(title["en"], number) for title, number in overview(averoy, case_id).cases[0].kept] == [("Measure", 1)]
