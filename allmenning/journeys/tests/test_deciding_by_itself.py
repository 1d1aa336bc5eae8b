"""A simple case decides itself once everything is confirmed; anything else comes to a person, who is told why."""

from dataclasses import replace
from datetime import date

import pytest

from allmenning.basics import dates
from allmenning.journeys import applying, deciding, decision_letters, dialogue, my_page, outbox, proposing, registering
from allmenning.journeys.testing import ALICE, NAMES, RITA, number, rita
from allmenning.journeys.tests.test_delivering import now_everything_is_due
from allmenning.journeys.tests.test_main_job import as_resident, desk, staff_key
from allmenning.municipal.access.actor import RESIDENT
from allmenning.municipal.access.errors import MayNotDecide
from allmenning.municipal.access.models import LogEntry
from allmenning.municipal.archive.models import RegistryEntry
from allmenning.municipal.cases.errors import AlreadyDecided, SamePersonTwice, SecondPersonNeeded
from allmenning.municipal.cases.models import Case, Decision, Event
from allmenning.tenancy import use

BORN = date(2024, 5, 6)
CHILD = number(201, BORN)
TODAY = date(2026, 11, 23)
ANSWERS = {
    "household_kind": "single",
    "children": [
        {
            "name": "Bo Rogn",
            "birth_date": BORN.isoformat(),
            "lives": "here",
            "has_place": True,
            "kindergarten": "Solstua barnehage",
            "place": "full",
        }
    ],
    "all_in_municipality": True,
    "income_basis": "tax-return",
    "applicant_income_ore": 18000000,
    "from_month": "2026-12",
    "declaration": True,
}


@pytest.fixture(autouse=True)
def one_day():
    with dates.clock.frozen(TODAY):
        yield


@pytest.fixture
def registers(registers):
    """Rita has one child and a low income."""
    rita_ = registers.people[RITA]
    registers.people[RITA] = replace(rita_, children=(CHILD,))
    registers.people[CHILD] = replace(
        rita_, identity_number=CHILD, name=replace(rita_.name, first="Bo"), birth_date=BORN, parents=(RITA,)
    )
    registers.incomes[RITA] = 18000000
    return registers


def apply(place, **answers):
    with as_resident(place, rita()):
        draft = applying.begin(rita(), "reduced-kindergarten-fee", "nb", owner_key=rita().keys(place.id)[0])
        filling = applying.open_draft(draft.id)
        applying.save_page(filling, {**ANSWERS, **answers}, {}, page=1, revision=0)
        draft = applying.open_draft(draft.id).draft
        return registering.submit(
            draft, registering.Applicant("person", RITA, NAMES[RITA]), RESIDENT, submitted_by=NAMES[RITA]
        )


def the_case(place):
    with desk(place):
        return Case.objects.get()


def why(place):
    with desk(place):
        return Event.objects.get(kind="not-decided-by-itself").facts


def test_what_every_register_confirms_decides_itself(averoy):
    receipt = apply(averoy)
    outbox.drain(averoy.id, "ordinary")
    with desk(averoy):
        decision = Decision.objects.get()
        assert (decision.status, decision.automatic, decision.drafted_by) == ("issued", True, None)
        assert RegistryEntry.objects.filter(kind=RegistryEntry.Kind.OUTGOING).count() == 1
    with as_resident(averoy, rita()):
        view = my_page.open_mine(receipt.case_id)
        [letter] = [m for m in view.messages if m.kind == "letter"]
        assert my_page.download(receipt.case_id, letter.document_id)[1].startswith(b"%PDF")
    assert view.decisions[0].reasons
    assert decision.appeal_due == date(2026, 12, 14)


def test_the_platforms_own_reading_is_logged_before_it_and_stands_also_where_a_register_fails(averoy, registers):
    receipt = apply(averoy)
    registers.down.update({"folkeregister", "skatteetaten"})
    outbox.drain(averoy.id, "ordinary")
    with desk(averoy):
        [row] = LogEntry.objects.filter(actor_kind="system", action="list", purpose="case-handling")
    assert (row.shown_ids, row.field_kinds) == ([receipt.case_id], ["submission", "register-checks"])


def test_it_runs_once(averoy):
    apply(averoy)
    for _ in range(2):
        outbox.drain(averoy.id, "ordinary")
    with desk(averoy):
        assert not deciding.decide_by_itself(the_case(averoy).id)
        assert Decision.objects.count() == 1


def test_a_case_that_a_person_has_taken_is_left_to_them(averoy):
    apply(averoy)
    with desk(averoy):
        Case.objects.update(assigned_to=averoy.staff["alice"].id)
    outbox.drain(averoy.id, "ordinary")
    with desk(averoy):
        assert not Decision.objects.exists()


def test_a_case_to_which_more_has_come_is_left_to_a_person(averoy):
    receipt = apply(averoy)
    with as_resident(averoy, rita()):
        dialogue.send_more(receipt.case_id, "Inntekten er feil.", [])
    outbox.drain(averoy.id, "ordinary")
    assert the_case(averoy).state == "received"


def test_a_register_that_is_away_is_asked_again_and_then_a_person_takes_over(averoy, registers):
    registers.down.add("skatteetaten")
    apply(averoy)
    for _ in range(4):
        assert the_case(averoy).state == "received"
        outbox.drain(averoy.id, "ordinary")
        now_everything_is_due(averoy)
    assert why(averoy) == {"uncertain": ["income-not-confirmed"], "unavailable": ["skatteetaten"]}
    with as_resident(averoy, rita()):
        kinds = [event.kind for event in my_page.open_mine(the_case(averoy).id).timeline]
    assert kinds == ["received", "for-a-person"]


def test_a_register_that_comes_back_in_time_lets_the_case_decide_itself(averoy, registers):
    registers.down.add("skatteetaten")
    apply(averoy)
    outbox.drain(averoy.id, "ordinary")
    registers.down.clear()
    now_everything_is_due(averoy)
    outbox.drain(averoy.id, "ordinary")
    assert the_case(averoy).state == "decided"


def test_what_a_register_contradicts_comes_to_a_person(averoy):
    apply(averoy, applicant_income_ore=100)
    outbox.drain(averoy.id, "ordinary")
    assert "register-contradicts" in why(averoy)["uncertain"]


def test_a_letter_that_cannot_be_made_comes_to_a_person(averoy, monkeypatch):
    def broken(*args, **kwargs):
        raise deciding.ReasonsMissing()

    monkeypatch.setattr(deciding, "_require_whole", broken)
    apply(averoy)
    outbox.drain(averoy.id, "ordinary")
    assert why(averoy)["uncertain"] == ["ReasonsMissing"]
    with desk(averoy):
        assert not Decision.objects.exists()


def test_where_the_municipality_wants_two_people_none_decides_alone(averoy):
    from allmenning.journeys import administering

    with use(averoy.id, "administration"):
        administering.delegate(
            administering.OPERATOR,
            service="reduced-kindergarten-fee",
            outcome="",
            role="caseworker",
            second_person=True,
            source="KS 12/26",
            start=date(2026, 1, 1),
        )
        administering.delegate(
            administering.OPERATOR,
            service="reduced-kindergarten-fee",
            outcome="granted",
            role="leader",
            second_person=True,
            source="KS 13/26",
            start=date(2026, 1, 1),
        )
    apply(averoy)
    outbox.drain(averoy.id, "ordinary")
    case = the_case(averoy)
    assert case.state == "received"
    alice = {"staff_key": staff_key(averoy, ALICE)}
    with desk(averoy):
        working, bob = averoy.working("alice"), averoy.working("bob")
        proposed = proposing.propose(case, applying.forms.open_submission(submission(case), case.key), offer(case))
        drafted = decision_letters.Drafted(proposed.outcome, proposed.reasons, proposed.values, proposed.trace)
        deciding.save_draft(case.id, drafted, working, revision=0, **alice)
        # The rule about `granted` goes before the rule about the service, which lets caseworkers decide.
        with pytest.raises(MayNotDecide):
            deciding.issue(case.id, working, revision=1, **alice)
        with pytest.raises(SecondPersonNeeded):
            deciding.issue(case.id, bob, revision=1, **alice)
        deciding.send_for_approval(case.id, working, revision=1, **alice)
        deciding.return_draft(case.id, bob, "Skriv mer.", revision=2, **alice)
        deciding.save_draft(case.id, drafted, bob, revision=3, **alice)
        deciding.send_for_approval(case.id, bob, revision=4, **alice)
        with pytest.raises(SamePersonTwice):
            deciding.issue(case.id, bob, revision=5, **alice)


def submission(case):
    return registering.Submission.objects.get(case_id=case.id)


def offer(case):
    return deciding.of_case(case.service, case.version)


def test_who_comes_to_a_decided_case_is_told_that_it_is_decided(averoy):
    apply(averoy)
    outbox.drain(averoy.id, "ordinary")
    case = the_case(averoy)
    with desk(averoy), pytest.raises(AlreadyDecided):
        deciding.issue(case.id, averoy.working("alice"), revision=case.revision, staff_key=staff_key(averoy, ALICE))
