"""The demo has somebody who acts for another in each way that there is, and an emergency to look into, by the journeys."""

import io
import zipfile
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from allmenning import VERSION
from allmenning.basics import dates, periods
from allmenning.commons.identity.sessions import Resident
from allmenning.connections.barnevernsregister import Barnevernsregister
from allmenning.journeys import figures, leading, my_log, outside, reporting, representing
from allmenning.journeys.workplaces import workplaces_of
from allmenning.municipal.access.models import Review
from allmenning.municipal.access.queries import working_as
from allmenning.municipal.cases.models import Case, CaseDeadline, Decision, Record
from allmenning.tenancy import use
from demo import registers, sensitive, welfare
from demo.people import PLACES, world
from demo.seed import SENSITIVE, Town


@pytest.fixture
def averoy(municipality_a, services):
    before = outside._connected
    outside.connect(registers.outside())
    representing.forget()
    town = Town(PLACES["averoy"])
    town.set_up()
    yield town
    outside._connected = before
    representing.forget()


def resident(key):
    person = world().characters[key]
    return Resident(person.number, person.name, "idporten-loa-high")


def test_a_son_has_written_for_his_mother_and_she_sees_it(averoy):
    averoy._who_act_for_others()
    log = my_log.my_log(resident("giver")).lines
    assert ("submit", "Rask Brosme") in [(line.entry.action, line.by_name) for line in log]
    [held] = representing.candidates(resident("holder"), "averoy").held
    assert held.represented.name == "Lun Brosme"


def test_a_mother_acts_for_her_children_and_a_guardian_for_his_ward(averoy):
    averoy._who_act_for_others()
    parent = representing.candidates(resident("parent"), "averoy")
    assert [each.kind for each in parent.children] == ["parent"] * 3
    averoy._guardian_for_ward()
    log = my_log.my_log(resident("ward")).lines
    assert ("submit", world().characters["guardian"].name) in [(line.entry.action, line.by_name) for line in log]
    ward = world().characters["ward"]
    assert representing.choose_ward(resident("guardian"), ward.number, "averoy").name == ward.name


def test_an_emergency_waits_for_the_leader_of_the_case_that_was_opened(averoy):
    averoy._who_act_for_others()  # whose cases are not all decided at once
    for number in range(12):
        averoy._case(number)
    averoy._emergency()
    with use("averoy", "ordinary"):
        [found] = Review.objects.filter(kind=Review.Kind.BREAK_GLASS)
        assert found.unit_id == averoy.units["service"].id
        assert found.staff_id == averoy.workers["education"][0].id


def test_averoys_staff_work_for_smola_by_mandates_in_each_area_that_is_kept_apart(averoy, municipality_b):
    """Smøla has the units, and nobody of its own in them."""
    smola = Town(PLACES["smola"])
    smola.set_up()
    for area in SENSITIVE:
        for role in ("caseworker", "leader"):
            found = {each.municipality: each for each in workplaces_of(resident(f"{area}-{role}").number).places}
            assert (found["averoy"].home_municipality, found["smola"].home_municipality) == ("", "averoy")
            assert list(found["smola"].units) == [area]


KEPT = {
    "social-services": {"assessed", "condition", "payment"},
    "care": {"functioning", "service", "weekly-plan", "visit", "nursing-home"},
    "educational-psychology": {"assessment", "recommendation", "evaluation"},
}


@pytest.mark.parametrize("area", KEPT)
def test_each_area_that_is_kept_apart_has_cases_in_every_state(averoy, area):
    for told in sensitive.stories()["averoy"]:
        story = sensitive.Story(averoy, told)
        if story.package.area == area:
            story.happen()
    with use("averoy", area):
        cases = list(Case.objects.all())
        assert {each.state for each in cases} >= {"received", "in-progress"}
        assert min(each.received_at for each in cases) < dates.now() - timedelta(days=60)
        assert max(each.received_at for each in cases).date() >= dates.today() - timedelta(days=1)
        assert Decision.objects.filter(status=Decision.Status.ISSUED).exists()
        assert set(Record.objects.values_list("kind", flat=True)) == KEPT[area]
        late = CaseDeadline.objects.filter(met_at=None, due_on__lt=dates.today(), case__closed_at=None)
        assert late.exists() or area == "social-services"  # whose late one was explained


def test_averoys_staff_have_cases_of_smola_in_each_area_that_is_kept_apart(averoy, municipality_b):
    smola = Town(PLACES["smola"])
    smola.set_up()
    sensitive.seed(smola)
    for area in SENSITIVE:
        with use("smola", area):
            assert Case.objects.exclude(owner_key=b"").exists(), area


def test_child_welfare_has_figures_that_are_told_and_some_that_are_not(averoy):
    writer = {"barnevernsregister": Barnevernsregister(VERSION)}
    outside.connect(replace(outside.outside(), state_registers=writer))
    welfare.seed(averoy)
    today = dates.today()
    with use("averoy", welfare.AREA):
        leader = working_as(welfare._staff(averoy, "leader")[0], welfare.AREA)
        last = leading.figures_for(leader, periods.half(today).before.code)
        (of,) = reporting.reportable(leader)
        report = reporting.prepare(leader, of, periods.half(today).before)
        packed = reporting.files(report, [])
    (received,) = last.received
    assert received[1].now >= 5
    assessment = next(each for each in last.deadlines if each.title.nb == "Vurdere meldingen")
    in_time = {line.in_time.now for line in assessment.lines}
    assert any(in_time)
    assert any(line.late.now is None for line in assessment.lines)
    assert len(zipfile.ZipFile(io.BytesIO(packed)).namelist()) > 5
    assert report.to_complete
    assert {"opened", "within-three-months", "within-six-months", "measures"} <= {
        line.total.id for line in report.lines if line.number
    }


def test_no_report_of_concern_lies_for_long(averoy):
    welfare.seed(averoy)
    today = dates.today()
    with use("averoy", welfare.AREA):
        late = Case.objects.filter(closed_at__isnull=True, due_on__lt=today)
        assert [case.assigned_to for case in late if not case.assigned_to] == [None]  # one, with nobody yet
        assert all((today - case.due_on).days < 30 for case in late)


def test_enough_has_happened_in_averoy_for_each_measured_benefit_to_be_told(averoy):
    averoy.measured()
    told = Counter()
    with use("averoy", "ordinary"):
        for year in (
            dates.today().year - 1,
            dates.today().year,
        ):  # in the first months of a year some are in the last one
            for each in figures.measured(year):
                told[each.service, each.measure] += each.people
    fee = "reduced-kindergarten-fee"
    for service, measure in ((fee, "digital"), (fee, "automatic"), (fee, "letters-digital"), ("inquiry", "incomplete")):
        assert told[service, measure] >= 5, (service, measure)
    assert told["inquiry", "forms"] >= told["inquiry", "digital"]
