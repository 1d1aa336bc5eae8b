"""What a municipality's own database says of a year, and what of it the commons are told."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from django.db import connections

from allmenning.basics import dates
from allmenning.basics.identifiers import InvalidIdentifier
from allmenning.commons.catalogue import queries as catalogue
from allmenning.commons.figures import queries
from allmenning.commons.figures.models import PublishedFigure
from allmenning.commons.identity.sessions import Resident
from allmenning.journeys import casework, deciding, decision_letters, dialogue, figures, offering, outbox
from allmenning.journeys.testing import ALICE, NAMES, RITA, number
from allmenning.journeys.tests.test_main_job import send_inquiry
from allmenning.municipal.cases.models import Case
from allmenning.municipal.people.ports import ContactDetails
from allmenning.municipal.post.models import Delivery
from allmenning.tenancy import use

YEAR = 2026
NOW = datetime(YEAR, 11, 2, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def in_november():
    with dates.clock.frozen(NOW):
        yield


def valid_numbers():
    for serial in range(200, 300):
        with suppress(InvalidIdentifier):  # some have no valid check digits
            yield number(serial)


def residents(count, registers):
    """Different people who can be reached by e-mail."""
    for serial, person in enumerate(islice(valid_numbers(), count)):
        registers.people[person] = replace(registers.people[RITA], identity_number=person)
        registers.contacts[person] = ContactDetails(person, NOW, email=f"r{serial}@example.test", can_be_notified=True)
        yield Resident(person, NAMES[RITA], "idporten-loa-high")


def answer(place, case_id):
    with use(place.id, "ordinary"):
        case, working = Case.objects.get(id=case_id), place.working("alice")
        key = casework.staff_resident_key(place.id, ALICE)
        drafted = decision_letters.Drafted("answered", [], {"answer": "Det er ordnet."})
        deciding.save_draft(case.id, drafted, working, revision=case.revision, staff_key=key)
        deciding.issue(case.id, working, revision=case.revision + 1, staff_key=key)


def ask(place, case_id):
    with use(place.id, "ordinary"):
        case = Case.objects.get(id=case_id)
        actor = place.working("alice").as_actor(case)
        dialogue.ask(case.id, "Hvilken vei?", dates.today() + timedelta(days=14), actor, revision=case.revision)


def as_owner(municipality, statement, *values):
    """What no login of a request may do to a row."""
    with use(municipality, "owner") as acting, connections[acting.alias].cursor() as cursor:
        cursor.execute(statement, values)


def exactly(place):
    with use(place.id, "ordinary"):
        return {each.measure: (each.value, each.people) for each in figures.measured(YEAR) if each.service == "inquiry"}


def told(municipality="averoy", year=YEAR):
    rows = PublishedFigure.objects.filter(municipality=municipality, service="inquiry", period=str(year))
    return {each.measure: each.value and int(each.value) for each in rows}


def test_each_measure_counts_what_happened(averoy, registers):
    """Six send a form; one wants paper; two are asked for more; five are answered."""
    people = list(residents(6, registers))
    registers.contacts[people[0].number] = replace(registers.contacts[people[0].number], is_reserved=True)
    cases = [send_inquiry(averoy, each).case_id for each in people]
    for case in cases[:2]:
        ask(averoy, case)
    for case in cases[:5]:
        answer(averoy, case)
    outbox.drain("averoy", "ordinary")
    found = exactly(averoy)
    assert found["cases"] == found["forms"] == found["digital"] == (6, 6)
    assert found["decided"] == (5, 5)
    assert found["incomplete"] == (2, 2)
    assert found["letters"] == (7, 5)  # five answers and two questions
    assert found["letters-digital"] == (5, 4)  # the one on paper had an answer and a question
    assert "automatic" not in found


def test_what_staff_key_in_is_a_form_and_not_digital(averoy, registers):
    cases = [send_inquiry(averoy, each).case_id for each in residents(6, registers)]
    for case, channel in zip(cases, ("paper", "api"), strict=False):
        as_owner("averoy", "update forms_submission set channel = %s where case_id = %s", channel, case)
    found = exactly(averoy)
    assert (found["forms"], found["digital"]) == ((6, 6), (5, 5))


def test_a_letter_that_is_printed_after_all_was_not_saved(averoy, registers):
    [resident] = residents(1, registers)
    answer(averoy, send_inquiry(averoy, resident).case_id)
    outbox.drain("averoy", "ordinary")
    assert exactly(averoy)["letters-digital"] == (1, 1)
    with use("averoy", "ordinary"):
        portal = Delivery.objects.get(channel="portal")
        Delivery.objects.create(area="ordinary", case_id=portal.case_id, message=portal.message, channel="print")
    assert "letters-digital" not in exactly(averoy)


def test_who_sends_five_times_is_one(averoy, registers):
    [resident] = residents(1, registers)
    for _ in range(5):
        send_inquiry(averoy, resident)
    assert exactly(averoy)["digital"] == (5, 1)
    figures.publish_figures("averoy")
    assert set(told().values()) == {None}


def test_five_reports_of_one_child_are_about_one(averoy, registers):
    cases = [send_inquiry(averoy, each).case_id for each in residents(5, registers)]
    as_owner("averoy", "update cases_case set named_keys = array[%s::bytea] where id = any(%s)", b"c" * 32, cases)
    assert exactly(averoy)["cases"] == (5, 1)


def test_the_commons_are_told_in_fives_with_the_version_whose_minutes_hold(averoy, registers):
    for each in residents(7, registers):
        answer(averoy, send_inquiry(averoy, each).case_id)
    outbox.drain("averoy", "ordinary")
    offering.publish_offered("averoy")
    figures.publish_figures("averoy")
    assert told() == {
        "cases": 5,
        "forms": 5,
        "digital": 5,
        "decided": 5,
        "letters": 5,
        "letters-digital": 5,
        "median-days": 0,
    }
    assert PublishedFigure.objects.get(measure="digital").version == catalogue.published("inquiry").version


def test_telling_it_again_changes_nothing(averoy, registers):
    for each in residents(5, registers):
        send_inquiry(averoy, each)
    figures.publish_figures("averoy")
    before = list(PublishedFigure.objects.order_by("id").values())
    figures.publish_figures("averoy")
    assert list(PublishedFigure.objects.order_by("id").values()) == before


def test_what_is_no_longer_so_is_no_longer_shown(averoy, registers):
    cases = [send_inquiry(averoy, each).case_id for each in residents(5, registers)]
    for case in cases:
        answer(averoy, case)
    figures.publish_figures("averoy")
    as_owner("averoy", "update cases_case set decided_at = null")
    figures.publish_figures("averoy")
    assert (told()["decided"], told()["median-days"]) == (None, None)
    assert queries.shown("averoy", str(YEAR)) == {("inquiry", each) for each in ("cases", "forms", "digital")}


def test_in_january_the_last_hour_of_the_year_is_told(averoy, registers):
    with dates.clock.frozen(datetime(YEAR, 12, 31, 22, 50, tzinfo=UTC)):  # ten to midnight in Norway
        for each in residents(5, registers):
            send_inquiry(averoy, each)
    with dates.clock.frozen(datetime(YEAR + 1, 1, 1, 0, 7, tzinfo=UTC)):
        assert figures.publish_figures("averoy") == 0
    assert told()["cases"] == 5
    assert told(year=YEAR + 1) == {}


def test_one_municipality_measures_nothing_of_another(averoy, smola, registers):
    for each in residents(5, registers):
        send_inquiry(averoy, each)
    figures.publish_figures("smola")
    assert told("smola") == {}
