"""Who becomes protected in the register while a case is open is noticed the next night, and nobody is lowered by it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from allmenning import vault
from allmenning.basics import dates
from allmenning.doors.desk.testing import send_inquiry
from allmenning.journeys import asking_anew, jobs, outbox
from allmenning.journeys.testing import OMAR, RITA
from allmenning.municipal.access.models import LogEntry
from allmenning.municipal.cases.models import Case, State
from allmenning.municipal.people import protection
from allmenning.municipal.people.ports import AddressProtection, RegisterUnavailable
from allmenning.municipal.people.protection import Detail, Level
from allmenning.municipal.post.models import Outbox
from allmenning.tenancy import use


def level_of(place, who=RITA):
    key = vault.resident_key(place.id, "person", who)
    with use(place.id, "ordinary"):
        return protection.levels_of_owners([key]).get(key, Level.NONE)


@pytest.fixture
def case_id(averoy, registers):
    """Rita's, sent before the register said anything."""
    found = send_inquiry(averoy).case_id
    registers.people[RITA] = replace(registers.people[RITA], protection=AddressProtection.STRICTLY_CONFIDENTIAL)
    return found


def test_who_became_protected_is_noticed_and_the_case_follows(averoy, case_id):
    send_inquiry(averoy, OMAR)
    assert asking_anew.ask_anew(averoy.id) == 1
    assert (level_of(averoy), level_of(averoy, OMAR)) == (Level.STRICT, Level.NONE)
    with use(averoy.id, "ordinary"):
        assert [row.object_id for row in Outbox.objects.filter(kind="protect", done_at=None)] == [case_id]
    outbox.drain(averoy.id, "ordinary")
    assert asking_anew.ask_anew(averoy.id) == 0


def test_whom_the_register_is_asked_about_is_logged_as_the_platforms_before_it_is(averoy, case_id, registers):
    """One row for all who are asked about together; and the worker's look at who lives with whom is another."""
    others = send_inquiry(averoy, OMAR).case_id
    registers.down.add("folkeregister")
    with pytest.raises(RegisterUnavailable):
        asking_anew.ask_anew(averoy.id)
    assert [set(row.shown_ids) for row in asked_by_the_platform(averoy)] == [{case_id, others}]
    registers.down.clear()
    asking_anew.ask_anew(averoy.id)
    outbox.drain(averoy.id, "ordinary")
    *_, last = asked_by_the_platform(averoy)
    assert (last.shown_ids, last.field_kinds) == ([case_id], ["submission", "protection", "household"])


def asked_by_the_platform(place):
    with use(place.id, "ordinary"):
        return list(LogEntry.objects.filter(actor_kind="system", purpose="see-protection").order_by("at"))


def test_the_night_asks(averoy, case_id, monkeypatch):
    monkeypatch.setattr(jobs.municipalities, "live_municipalities", lambda: [averoy])
    jobs.tidy(0)
    assert level_of(averoy) is Level.STRICT


def test_nobody_is_lowered(averoy, case_id, registers):
    asking_anew.ask_anew(averoy.id)
    for said in (AddressProtection.CONFIDENTIAL, AddressProtection.NONE):
        registers.people[RITA] = replace(registers.people[RITA], protection=said)
        assert asking_anew.ask_anew(averoy.id) == 0
        assert level_of(averoy) is Level.STRICT


def test_of_who_has_no_open_case_nothing_is_asked(averoy, case_id):
    with use(averoy.id, "owner"):
        Case.objects.update(state=State.DECIDED)
    assert asking_anew.ask_anew(averoy.id) == 0


def test_a_register_that_is_away_stops_nothing_and_is_asked_again(averoy, case_id, registers):
    registers.down.add("folkeregister")
    with pytest.raises(RegisterUnavailable):
        asking_anew.ask_anew(averoy.id)
    registers.down.clear()
    assert asking_anew.ask_anew(averoy.id) == 1


def test_a_night_asks_so_many_questions_and_the_next_goes_on(averoy, case_id, registers, monkeypatch):
    send_inquiry(averoy, OMAR)
    registers.people[OMAR] = replace(registers.people[OMAR], protection=AddressProtection.CONFIDENTIAL)
    monkeypatch.setattr(asking_anew, "AT_ONCE", 1)
    monkeypatch.setattr(asking_anew, "QUESTIONS", 1)
    raised = []
    for night in range(2):
        with dates.clock.frozen(dates.now() + timedelta(days=night)):
            raised.append(asking_anew.ask_anew(averoy.id))
    assert raised == [1, 1]


def test_a_hand_that_set_it_higher_stands(averoy, case_id, registers):
    registers.people[RITA] = replace(registers.people[RITA], protection=AddressProtection.CONFIDENTIAL)
    with use(averoy.id, "ordinary"):
        protection.set_by_hand(vault.resident_key(averoy.id, "person", RITA), Level.STRICT, Detail("threat"))
    assert asking_anew.ask_anew(averoy.id) == 0
    assert level_of(averoy) is Level.STRICT
