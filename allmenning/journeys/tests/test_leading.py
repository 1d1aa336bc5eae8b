"""Figures for leaders: nothing about fewer than five people, compared with the period before, and what each has to do."""

import secrets
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest

from allmenning.basics import dates
from allmenning.commons.catalogue.models import ServiceVersion
from allmenning.journeys import administering, leading
from allmenning.journeys.leading import Told
from allmenning.municipal.access.errors import NotYours
from allmenning.municipal.cases.models import Case, CaseDeadline, DeadlineReason, Decision
from allmenning.tenancy import use

TODAY = date(2026, 11, 22)
SPRING, AUTUMN = date(2026, 3, 10), date(2026, 10, 5)


def noon(day):
    return dates.start_of(day) + timedelta(hours=12)


def case(averoy, day=AUTUMN, *, owner=None, named=(), closed=None, **more):
    """A case as figures see it: nothing in it is ever opened."""
    with use(averoy.id, "ordinary"):
        return Case.objects.create(
            area="ordinary",
            owner_key=owner or secrets.token_bytes(32),
            named_keys=list(named),
            year=day.year,
            service="inquiry",
            version=version(),
            title="Noe",
            channel="portal",
            unit_id=more.pop("unit_id", averoy.unit.id),
            applicant_name=b"sealed",
            wrapped_key=b"wrapped",
            received_at=more.pop("at", None) or noon(day),
            closed_at=noon(closed) if closed else None,
            **more,
        )


def version():
    return ServiceVersion.objects.filter(service_id="inquiry").values_list("version", flat=True).first()


def several(averoy, number, day=AUTUMN, **more):
    return [case(averoy, day, **more) for _ in range(number)]


def deadline(of, due, met=None, **more):
    with use("averoy", "ordinary"):
        return CaseDeadline.objects.create(
            area="ordinary",
            case=of,
            deadline="answer",
            began_on=of.received_at.date(),
            due_on=due,
            met_at=noon(met) if met else None,
            **{"met_by": "decided" if met else "", **more},
        )


def decided(of, day, outcome="answered"):
    with use("averoy", "ordinary"):
        return Decision.objects.create(
            area="ordinary",
            case=of,
            status="issued",
            outcome=outcome,
            reasons=b"",
            values=b"",
            legal_basis="",
            drafted_at=noon(day),
            issued_at=noon(day),
        )


def found(averoy, code="2026-10", unit=None, name="bob"):
    with use(averoy.id, "ordinary"), dates.clock.frozen(TODAY):
        return leading.figures_for(averoy.working(name), code, unit)


def received(averoy, code="2026-10"):
    return [told for _, told in found(averoy, code).received]


def test_only_who_leads_a_unit(averoy):
    with use(averoy.id, "ordinary"):
        assert leading.leads(averoy.working("bob"))
        assert not leading.leads(averoy.working("alice"))
        with pytest.raises(NotYours):
            leading.figures_for(averoy.working("alice"))
        with pytest.raises(NotYours):
            leading.load(averoy.working("alice"))


def test_received_in_whole_fives_and_none_of_fewer(averoy):
    several(averoy, 4)
    assert received(averoy) == [Told(None, None)]
    several(averoy, 5)
    assert received(averoy) == [Told(5, None)]
    several(averoy, 7, date(2026, 9, 1))
    assert received(averoy) == [Told(5, 5)]


def test_many_cases_of_few_people_are_not_told(averoy):
    rita = secrets.token_bytes(32)
    several(averoy, 12, owner=rita)
    assert received(averoy) == [Told(None, None)]


def test_many_who_write_about_one_are_about_one(averoy):
    child = secrets.token_bytes(32)
    several(averoy, 9, named=[child])
    assert received(averoy) == [Told(None, None)]


def test_a_period_ends_at_midnight_in_norway(averoy):
    several(averoy, 5, at=dates.start_of(date(2026, 11, 1)))
    assert received(averoy) == []
    a_second_to = datetime.fromisoformat("2026-10-31T22:59:59+00:00")  # on winter time
    several(averoy, 5, at=a_second_to)
    assert received(averoy) == [Told(5, None)]


def test_a_year_is_the_sum_of_what_is_told_of_its_halves(averoy):
    several(averoy, 12, SPRING)
    several(averoy, 3)
    assert received(averoy, "2026-h1") == [Told(10, None)]
    assert received(averoy, "2026-10") == [Told(None, None)]
    assert received(averoy, "2026") == [Told(10, None)]  # told for itself it would be 15, and October one to four


def test_the_half_that_goes_on_is_the_sum_of_its_months(averoy):
    several(averoy, 9, date(2026, 9, 3))
    several(averoy, 2)
    several(averoy, 5, date(2026, 11, 2))  # this month
    assert received(averoy, "2026-h2") == [Told(5, None)]
    assert found(averoy, "2026-h2").until == date(2026, 11, 1)


def test_units_are_told_one_by_one_and_their_sum_is_of_what_is_told(averoy):
    by = administering.OPERATOR
    with use(averoy.id, "administration"):
        other = administering.add_unit(by, name="Havna", area="ordinary")
        administering.add_position(by, averoy.staff["bob"].id, other.id, "leader", start=date(2026, 1, 1))
    several(averoy, 11)
    several(averoy, 4, unit_id=other.id)
    assert received(averoy) == [Told(10, None)]
    assert [told for _, told in found(averoy, unit=other.id).received] == [Told(None, None)]
    assert [told for _, told in found(averoy, unit=averoy.unit.id).received] == [Told(10, None)]


def test_of_a_unit_that_one_does_not_lead_nothing_is_told(averoy):
    several(averoy, 10)
    several(averoy, 10, unit_id=uuid4())
    assert received(averoy) == [Told(10, None)]


def test_deadlines_by_what_was_decided_and_whether_in_time(averoy):
    for met in [date(2026, 10, 12)] * 6:
        each = case(averoy)
        decided(each, met)
        deadline(each, date(2026, 10, 19), met)
    for each in several(averoy, 5):
        decided(each, date(2026, 10, 25), "forwarded")
        deadline(each, date(2026, 10, 19), date(2026, 10, 25))
    for each in several(averoy, 5):
        deadline(each, date(2026, 10, 19))
    (of,) = found(averoy).deadlines
    told = {line.title.en if line.title else None: (line.in_time.now, line.late.now) for line in of.lines}
    assert set(told.values()) == {(5, None), (None, 5)}
    assert told[None] == (None, 5)
    assert (of.in_time.now, of.late.now) == (5, 10)


def test_what_was_met_late_counts_when_its_day_went_and_stays_there(averoy):
    for each in several(averoy, 5, date(2026, 9, 1)):
        deadline(each, date(2026, 9, 15), date(2026, 10, 5))
    assert found(averoy, "2026-09").deadlines[0].late == Told(5, None)
    assert found(averoy, "2026-10").deadlines[0].late == Told(None, 5)


def test_what_was_withdrawn_was_not_missed(averoy):
    for each in several(averoy, 6):
        deadline(each, date(2026, 10, 6), date(2026, 10, 20), met_by="withdrawn")
    assert found(averoy).deadlines == []


def test_open_by_age_when_the_period_ended(averoy):
    several(averoy, 5, date(2026, 10, 28))
    several(averoy, 5, date(2026, 4, 2))
    several(averoy, 5, date(2026, 10, 1), closed=date(2026, 11, 3))  # open when October ended
    several(averoy, 9, date(2026, 10, 1), closed=date(2026, 10, 20))
    told = dict(found(averoy).still_open)
    assert {age: each.now for age, each in told.items()} == {
        "week": 5,
        "month": 5,
        "quarter": None,
        "half-year": None,
        "older": 5,
    }
    assert told["older"].before is None
    assert told["half-year"].before == 5  # the same, a month earlier
    assert found(averoy).open_in_all == Told(15, 5)


def test_missed_and_why(averoy):
    for each in several(averoy, 6):
        row = deadline(each, date(2026, 10, 6))
        with use(averoy.id, "ordinary"):
            DeadlineReason.objects.create(
                area="ordinary",
                case=each,
                deadline=row,
                kind="missed",
                because="too-few-people",
                at=noon(date(2026, 10, 9)),
                staff_id=averoy.staff["alice"].id,
                staff_name="Alice Alm",
                text=b"",
            )
    told = dict(found(averoy).missed)
    assert told["too-few-people"] == Told(5, None)
    assert {told[each] for each in told if each != "too-few-people"} == {Told(None, None)}


def test_how_much_each_has_to_do_is_counted_one_by_one(averoy):
    alice = {"assigned_to": averoy.staff["alice"].id, "assigned_name": "Alice Alm"}
    case(averoy, due_on=date(2026, 11, 20), **alice)
    case(averoy, due_on=TODAY, **alice)
    case(averoy, due_on=date(2026, 11, 23), **alice)  # on Monday
    case(averoy)
    case(averoy, closed=date(2026, 10, 20), **alice)
    with use(averoy.id, "ordinary"), dates.clock.frozen(TODAY):
        rows = leading.load(averoy.working("bob"))
    assert [(each.name, each.open, each.overdue, each.this_week) for each in rows] == [
        ("Alice Alm", 3, 1, 1),
        ("", 1, 0, 0),
    ]


def test_a_case_that_one_is_disqualified_in_is_in_no_number(averoy):
    whom = secrets.token_bytes(32)
    several(averoy, 4)
    case(averoy, owner=whom)
    assert received(averoy) == [Told(5, None)]
    with use(averoy.id, "ordinary"), dates.clock.frozen(TODAY):
        bob = replace(averoy.working("bob"), own_key=whom)
        assert [told for _, told in leading.figures_for(bob, "2026-10").received] == [Told(None, None)]
