"""The report to a register of the state: codes, totals and what is missing, in cases that one leads, each logged first."""

import csv
import io
import re
import zipfile
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest

from allmenning import VERSION
from allmenning.basics import dates, periods
from allmenning.basics.xml import parse_xml
from allmenning.commons.catalogue import package as packages
from allmenning.commons.catalogue import state_reports
from allmenning.connections.barnevernsregister import Barnevernsregister
from allmenning.connections.barnevernsregister.tests.test_file import held
from allmenning.doors.desk.testing import at_desk, hire, send
from allmenning.journeys import (
    administering,
    casework,
    deciding,
    decision_letters,
    outside,
    proposing,
    readings,
    recording,
    reporting,
)
from allmenning.journeys.errors import NothingToReport, OrganisationNumberMissing
from allmenning.journeys.offered import of_case
from allmenning.journeys.ports import DatedCode
from allmenning.journeys.reported import KeptThen, Missing, Told, report_on, totals
from allmenning.journeys.testing import ALICE, SERVICES, number
from allmenning.municipal.access.models import LogEntry
from allmenning.municipal.access.queries import working_as
from allmenning.municipal.cases.models import Case, Participant, Result, Task
from allmenning.municipal.forms.actions import open_submission
from allmenning.municipal.forms.models import Submission
from allmenning.tenancy import use

PACKAGE = packages.load(SERVICES / "child-welfare-concern")
REPORT = state_reports.of(PACKAGE)
SPRING = periods.read("2026-h1")
AREA = "child-welfare"
FRIDA = number(106)
PIA, OLA = number(500, date(2016, 3, 2)), number(500, date(2018, 7, 9))
DAY = date(2026, 3, 2)


def noon(day):
    return dates.start_of(day) + timedelta(hours=12)


def child(who=PIA, **more):
    return {"name": "Pia", "national_identity_number": who, "address_line1": "Skolen", "unborn": False, **more}


def told(*decided, kind="public", sector="school", children=(), received=DAY, **more):
    """A case as the report sees it. decided: (day, what)."""
    form = {"reporter_kind": kind, "children": list(children) or [child()]}
    form |= {"reporter_sector": sector} if kind == "public" else {}
    return Told(uuid4(), "2026/1", noon(received), form, [(noon(day), what) for day, what in decided], **more)


def reported(*cases, period=SPRING):
    return report_on(REPORT, cases, period)


def lines(*cases, period=SPRING):
    found = totals(REPORT, reported(*cases, period=period), period)
    return {
        (each.total.id, each.label.en if each.label else "untold" if each.is_untold else ""): each.number
        for each in found
    }


def entries(*cases):
    (person,) = reported(*cases).people
    return {each.kind: each for each in person.entries}


def test_a_report_of_concern_that_is_investigated():
    found = entries(told((DAY + timedelta(4), "investigation")))
    contact, investigation = found["contact"], found["investigation"]
    assert contact.facts == {"kind": ("2",), "reporter": ("11",), "conclusion": ("2",)}
    assert (contact.begun_on, contact.concluded_on) == (DAY, DAY + timedelta(4))
    assert (investigation.begun_on, investigation.concluded_on) == (contact.concluded_on, None)
    assert investigation.follows == contact.id


@pytest.mark.parametrize(
    ("kind", "sector", "code"),
    [("child", "", "1"), ("anonymous", "", "23"), ("public", "police", "8"), ("public", "doctor-or-hospital", "15")],
)
def test_who_reported_becomes_the_registers_code(kind, sector, code):
    assert entries(told(kind=kind, sector=sector))["contact"].facts["reporter"] == (code,)


@pytest.mark.parametrize(("kind", "sector"), [("private", ""), ("public", "mental-health")])
def test_what_no_code_follows_from_is_missing_and_not_guessed(kind, sector):
    case = told((DAY, "dismissed"), kind=kind, sector=sector)
    assert "reporter" not in entries(case)["contact"].facts
    assert Missing(case.id, "contact", "reporter") in reported(case).missing


def test_what_is_asked_only_of_what_is_concluded():
    case = told(kind="private")
    assert reported(case).missing == set()
    dismissed = told((DAY, "investigation"), (date(2026, 4, 1), "investigation-dismissed"))
    assert {each.fact for each in reported(dismissed).missing} >= {"conclusion"}
    assert entries(dismissed)["investigation"].concluded_on == date(2026, 4, 1)


def test_what_is_decided_in_a_childs_own_case_is_of_that_child():
    ended = replace(told((date(2026, 4, 1), "measures")), id=uuid4())
    siblings = replace(told((DAY, "investigation"), children=[child(PIA), child(OLA)]), own={1: ended})
    by_number = {each.number: {entry.kind: entry for entry in each.entries} for each in reported(siblings).people}
    assert by_number[PIA]["investigation"].concluded_on is None
    assert by_number[OLA]["investigation"].facts["conclusion"] == ("1",)


def test_an_unknown_child_is_missed_and_one_not_yet_born_is_not():
    unknown, unborn = told(children=[child("")]), told(children=[child("", unborn=True)])
    assert {each.fact for each in reported(unknown).missing} == {"number"}
    assert reported(unborn).missing == set()
    assert reported(unborn).people[0].is_unborn


def test_each_child_has_a_file_and_one_child_has_one():
    siblings = told((DAY, "dismissed"), children=[child(PIA), child(OLA)])
    again = told(children=[child(PIA)], received=date(2026, 5, 4))
    found = reported(siblings, again)
    assert [len(person.entries) for person in found.people] == [2, 1]
    assert {person.number for person in found.people} == {PIA, OLA}
    assert len({person.id for person in found.people}) == 2
    assert lines(siblings, again)[("received", "")] == 3


def test_only_what_was_known_when_the_half_year_ended():
    late = told((date(2026, 7, 1), "investigation"), received=date(2026, 6, 29))
    assert entries(late)["contact"].concluded_on is None
    assert reported(told(received=date(2026, 7, 1))).people[0].entries == ()


def test_totals_of_a_half_year():
    cases = [
        told((DAY + timedelta(7), "dismissed")),
        told((DAY + timedelta(8), "investigation"), children=[child(OLA)]),
        told((date(2026, 1, 5), "dismissed"), received=date(2025, 12, 30), children=[child("")]),
    ]
    found = lines(*cases)
    assert found[("received", "")] == 2
    assert found[("by-reporter", "School")] == 2
    assert (found[("assessed-in-time", "")], found[("assessed-late", "")]) == (2, 1)
    assert (found[("conclusions", "Dismissed")], found[("conclusions", "Not dismissed")]) == (2, 1)
    assert (found[("opened", "")], found[("under-way", "")]) == (1, 1)


@pytest.mark.parametrize(
    ("ended", "line"),
    [
        (date(2026, 6, 6), "within-three-months"),
        (date(2026, 6, 7), "within-six-months"),
        (date(2026, 9, 6), "within-six-months"),
        (date(2026, 9, 7), "later"),
    ],
)
def test_an_investigation_takes_months_by_the_calendar(ended, line):
    case = told((date(2026, 3, 6), "investigation"), (ended, "measures"))
    period = periods.half(ended)
    found = lines(case, period=period)
    assert {name for (name, _), count in found.items() if count and name.startswith(("within-", "later"))} == {line}


def test_an_extended_deadline_is_told_where_the_folder_names_one(monkeypatch):
    spec = [
        replace(each, extended_by="investigation") if each.kind == "investigation" else each for each in REPORT.entries
    ]
    report = replace(REPORT, entries=tuple(spec))
    case = told((DAY, "investigation"), extended={"investigation": date(2026, 5, 20)})
    found = report_on(report, [case], SPRING)
    assert [each.dated["extended"][0].on for each in found.people[0].entries if each.dated] == [date(2026, 5, 20)]
    assert {each.number for each in totals(report, found, SPRING) if each.total.id == "extended"} == {1}


def test_whatever_is_reported_is_as_the_registers_contract_says():
    cases = [
        told((DAY, "investigation"), kind="anonymous"),
        told((DAY, "dismissed"), children=[child("", unborn=True)]),
        told((DAY, "urgent-measures"), (date(2026, 4, 1), "investigation-dismissed"), children=[child(OLA)]),
    ]
    municipality = reporting.ReportingMunicipality("962378064", "1554", "Averøy")
    for person in reported(*cases).people:
        held(Barnevernsregister(VERSION).file(person, municipality, noon(DAY)))


def kept(of, on, state="", ended=None, **answers):
    return KeptThen(uuid4(), of, state, answers, on, ended)


def test_records_tell_of_the_plan_and_that_the_child_was_heard():
    case = told(
        (DAY, "investigation"),
        records=[
            kept("plan", DAY + timedelta(2), "in-use"),
            kept("step", date(2026, 4, 1), "done", kind="speak-with-child"),
            kept("step", date(2026, 4, 2), "planned", kind="speak-with-child"),
            kept("step", date(2026, 4, 3), "done", kind="home-visit"),
            kept("step", date(2026, 7, 3), "done", kind="speak-with-child"),  # after the half-year
        ],
    )
    dated = entries(case)["investigation"].dated
    assert dated == {
        "plan": (DatedCode(DAY + timedelta(2), "7"),),
        "participation": (DatedCode(date(2026, 4, 1), "1.1"),),
    }
    municipality = reporting.ReportingMunicipality("962378064", "1554", "Averøy")
    root = held(Barnevernsregister(VERSION).file(reported(case).people[0], municipality, noon(DAY)))
    assert root.findtext("Sak/Undersokelse/BarnetsMedvirkning/Kode") == "1.1"
    assert root.findtext("Sak/Undersokelse/Plan/Kode") == "7"
    assert lines(case)[("plans", "")] == 1


def test_what_is_kept_in_a_case_of_their_own_is_told_of_them():
    own = told(records=[kept("plan", DAY + timedelta(2), "in-use")])
    case = told((DAY, "investigation"), own={0: own})
    assert entries(case)["investigation"].dated["plan"] == (DatedCode(DAY + timedelta(2), "7"),)
    assert lines(case)[("plans", "")] == 1


MEASURE = {"kind": "12.6", "section": "3-1 2 a"}


def test_a_measure_is_in_the_file_with_its_kind_section_and_why_it_ended():
    over = kept("measure", date(2026, 5, 2), "ended", date(2026, 6, 1), **MEASURE, ended_because="no-grounds")
    changed = kept("measure", date(2026, 5, 3), "running", **MEASURE, ended_because="consent")  # not ended yet
    case = told((DAY, "investigation"), records=[over, changed])
    made = [each for each in reported(case).entries if each.kind == "measure"]
    assert [each.facts.get("conclusion") for each in made] == [("8",), None]
    assert not [each for each in reported(case).missing if each.kind == "measure"]
    municipality = reporting.ReportingMunicipality("962378064", "1554", "Averøy")
    root = held(Barnevernsregister(VERSION).file(reported(case).people[0], municipality, noon(DAY)))
    assert [each.text for each in root.findall("Sak/Tiltak/Kode")] == ["12.6", "12.6"]
    law = root.find("Sak/Tiltak/Lovhjemmel")
    assert [each.text for each in law] == ["BVL2021", "3", "1", "2", "a"]
    assert root.findtext("Sak/Tiltak/Konklusjon/AvslutningAvTiltak") == "8"


@pytest.mark.parametrize(("arrived_at", "code"), [("no-grounds", "3"), ("not-wanted", "4"), ("moved-abroad", "7")])
def test_why_an_investigation_was_dismissed_is_what_the_conclusion_says(arrived_at, code):
    conclusion = kept("conclusion", date(2026, 3, 30), "", conclusion=arrived_at)
    case = told((DAY, "investigation"), (date(2026, 4, 1), "investigation-dismissed"), records=[conclusion])
    assert entries(case)["investigation"].facts["conclusion"] == (code,)
    under_way = told((DAY, "investigation"), records=[conclusion])
    assert "conclusion" not in entries(under_way)["investigation"].facts


def test_an_investigation_that_is_moved_is_told_as_that():
    case = told((DAY, "investigation"), (date(2026, 4, 1), "case-moved"))
    assert entries(case)["investigation"].facts["conclusion"] == ("9",)


def test_a_measure_is_counted_and_left_out_of_the_file_where_its_kind_and_section_are_not_told():
    case = told(
        (DAY, "investigation"),
        records=[
            kept("measure", date(2026, 5, 1), "running", kind="guidance"),
            kept("measure", date(2026, 5, 2), "ended", date(2026, 6, 1), kind="activity"),
            kept("measure", date(2026, 5, 3), "proposed", kind="money"),
            kept("evaluation", date(2026, 6, 15)),
        ],
    )
    assert "measure" not in entries(case)
    assert {each.fact for each in reported(case).missing if each.kind == "measure"} == {"law", "kind", "conclusion"}
    found = lines(case)
    assert [found[(name, "")] for name in ("measures", "measures-under-way", "evaluations")] == [2, 1, 1]


GRANTED, CHANGED, OVER = date(2026, 5, 4), date(2026, 5, 20), date(2026, 6, 10)


def measures(*sections):
    return [kept("measure", date(2026, 5, 6), "running", kind="12.6", section=each) for each in sections]


def test_a_decision_on_measures_is_told_with_their_section_and_what_led_to_it():
    case = told((DAY, "investigation"), (GRANTED, "measures"), (OVER, "measures-ended"), records=measures("3-1", "3-1"))
    found = entries(case)
    made = found["decision"]
    assert made.facts == {"law": ("3-1",), "status": ("1",), "conclusion": ("4",)}
    assert (made.begun_on, made.concluded_on, made.follows) == (GRANTED, OVER, found["investigation"].id)
    assert lines(case)[("decisions", "")] == 1
    municipality = reporting.ReportingMunicipality("962378064", "1554", "Averøy")
    root = held(Barnevernsregister(VERSION).file(reported(case).people[0], municipality, noon(DAY)))
    assert [each.text for each in root.iterfind("Sak/Vedtak/Status/Kode")] == ["1", "4"]
    assert [each.findtext("TilKode") for each in root.iterfind("Sak/Relasjon")] == ["Undersokelse", "Vedtak"]


def test_a_decision_that_changes_the_measures_is_one_of_its_own():
    case = told((DAY, "investigation"), (GRANTED, "measures"), (CHANGED, "measures"), records=measures("3-1"))
    made = [each for each in reported(case).people[0].entries if each.kind == "decision"]
    assert [each.begun_on for each in made] == [GRANTED, CHANGED]
    assert len({each.id for each in made}) == 2
    assert made[1].follows is None
    assert [each.id for each in made] == [each.id for each in reported(case).entries if each.kind == "decision"]


@pytest.mark.parametrize("sections", [(), ("3-1", "3-4 1 a")])
def test_which_section_a_decision_is_under_is_asked_where_its_measures_do_not_tell(sections):
    case = told((DAY, "investigation"), (GRANTED, "measures"), records=measures(*sections))
    assert "decision" not in entries(case)
    assert Missing(case.id, "decision", "law") in reported(case).missing
    assert lines(case)[("decisions", "")] == 1


def test_a_request_to_the_board_is_told_by_the_day_it_was_sent_and_its_section():
    sent = {"conclusion": "board", "board_on": "2026-05-08", "board_section": "5-1 1 a"}
    case = told((DAY, "investigation"), records=[kept("conclusion", GRANTED, **sent)])
    made = entries(case)["board"]
    assert (made.begun_on, made.facts) == (date(2026, 5, 8), {"law": ("5-1 1 a",)})
    assert lines(case)[("board", "")] == 1
    assert "board" not in entries(
        told((DAY, "investigation"), records=[kept("conclusion", GRANTED, conclusion="measures")])
    )


# --- in a municipality ---


@pytest.fixture
def welfare(averoy, registers):
    """Averøy with a child welfare service: Frida leads it, and Alice handles cases."""
    unit = hire(averoy, FRIDA, "leader", unit="Barnevernstjenesten", area=AREA, name="Frida Furu")
    by = administering.OPERATOR
    with use(averoy.id, "administration"):
        administering.add_position(by, averoy.staff["alice"].id, unit.id, "caseworker", start=date(2026, 1, 1))
        administering.adopt(by, PACKAGE.id, PACKAGE.version, {})
        administering.route(by, PACKAGE.id, "", unit.id)
        administering.set_letterhead(by, name="Averøy kommune", address_line="", organisation_number="962378064")
    connected = outside.outside()
    outside.connect(replace(connected, state_registers={"barnevernsregister": Barnevernsregister(VERSION)}))
    return SimpleNamespace(id=averoy.id, unit=unit, staff=averoy.staff, place=averoy)


CONCERN = {
    "immediate_danger": False,
    "urgency": "this-week",
    "reporter_kind": "private",
    "reporter_name": "Rita Rogn",
    "family_may_know": True,
    "concern": "Hun kommer sulten på skolen hver dag.",
}


PLAN = {
    "questions": "Hvordan har hun det hjemme?",
    "sources": "Skolen",
    "conversations": "På skolen",
    "finish_by": "2026-06-01",
    "expert": False,
}
CONCLUSION = {
    "concluded_on": "2026-08-02",
    "findings": "Hun er mye alene.",
    "child_view": "Jeg vil ha noen hjemme.",
    "assessment": "Hun trenger noen hjemme.",
    "conclusion": "measures",
    "why": "Hjelp hjemme er nok.",
}


def concern(welfare, day=DAY, **answers):
    with dates.clock.frozen(noon(day)):
        return send(welfare, PACKAGE.id, {**CONCERN, "children": [child()], **answers}).case_id


@contextmanager
def at_work(welfare, name="frida", who=FRIDA):
    with use(welfare.id, AREA):
        yield replace(working_as(welfare.staff[name].id, AREA), own_key=casework.staff_resident_key(welfare.id, who))


def decide(welfare, case_id, outcome, day):
    with dates.clock.frozen(noon(day)), at_work(welfare) as working:
        case, key = Case.objects.get(id=case_id), casework.staff_resident_key(welfare.id, FRIDA)
        content = open_submission(Submission.objects.get(case_id=case_id), case.key)
        proposed = proposing.propose(case, content, of_case(case.service, case.version))
        result = PACKAGE.result(outcome)
        answer = result.answers[str(proposed.told_as)] if result else outcome
        values = {**proposed.values, "measures": "Veiledning"}
        why = "Vi har lest og vurdert."
        drafted = decision_letters.Drafted(answer, [why], values, result=outcome if result else "", result_reasons=why)
        deciding.save_draft(case_id, drafted, working, revision=case.revision, staff_key=key)
        deciding.issue(case_id, working, revision=case.revision + 1, staff_key=key)


def prepared(welfare, code="2026-h1", **who):
    with at_work(welfare, **who) as working:
        (of,) = reporting.reportable(working)
        return reporting.prepare(working, of, periods.read(code))


def logged(welfare, case_id):
    with use(welfare.id, AREA):
        return list(LogEntry.objects.filter(case_id=case_id, action="report"))


def test_a_leader_sees_totals_and_what_is_missing(welfare):
    first = concern(welfare)
    concern(welfare, children=[child(OLA)])
    decide(welfare, first, "dismissed", DAY + timedelta(3))
    found = prepared(welfare)
    numbers = {each.total.id: each.number for each in found.lines if each.total.by is None}
    assert (numbers["received"], numbers["assessed-in-time"], found.cases) == (2, 1, 2)
    (of_first, lacks), (_, others) = found.to_complete
    assert of_first.id == first
    # A private person is not asked for the child's number.
    assert {each.fact for each in lacks} == {"number", "reporter", "grounds"}
    assert {each.fact for each in others} == {"number"}
    assert found.due_on == date(2026, 7, 15)


def test_each_case_is_logged_before_with_a_purpose_of_its_own(welfare):
    case_id = concern(welfare)
    prepared(welfare)
    (entry,) = logged(welfare, case_id)
    assert (entry.purpose, entry.legal_basis, entry.role) == ("state-report", "kommuneloven kapittel 16", "leader")
    assert entry.staff_name == "Frida Furu"


def test_the_log_tells_what_was_shown(welfare):
    case_id = concern(welfare)
    prepared(welfare)
    (entry,) = logged(welfare, case_id)
    with use(welfare.id, AREA):
        assert readings.is_as_shown(entry, Case.objects.get(id=case_id))


def test_a_caseworker_reports_nothing_and_reads_nothing_for_it(welfare):
    case_id = concern(welfare)
    with at_work(welfare, "alice", ALICE) as working:
        assert reporting.reportable(working) == []
    with at_work(welfare) as leader:
        (of,) = reporting.reportable(leader)
    with at_work(welfare, "alice", ALICE) as working, pytest.raises(reporting.NotYours):
        reporting.prepare(working, of, SPRING)
    assert logged(welfare, case_id) == []


def test_a_case_that_the_leader_is_disqualified_in_is_not_in_it(welfare):
    case_id = concern(welfare)
    with at_work(welfare) as working:
        (of,) = reporting.reportable(working)
        found = reporting.prepare(replace(working, partial_in=frozenset({case_id})), of, SPRING)
    assert found.cases == 0
    assert logged(welfare, case_id) == []


def test_what_is_kept_in_the_case_is_read_and_logged(welfare):
    case_id = concern(welfare)
    decide(welfare, case_id, "investigation", DAY + timedelta(3))
    answers = {
        "questions": "Alt.",
        "sources": "Skolen.",
        "conversations": "Alene.",
        "finish_by": "2026-05-20",
        "expert": False,
    }
    with dates.clock.frozen(noon(DAY + timedelta(5))), at_work(welfare) as working:
        key, own = casework.staff_resident_key(welfare.id, FRIDA), Case.objects.get(opened_from=case_id).id
        row = recording.begin(own, "plan", recording.Draft(answers, "in-use"), working, staff_key=key)
    (person,) = prepared(welfare).reported.people
    assert {each.kind: each for each in person.entries}["investigation"].dated["plan"][0].on == DAY + timedelta(5)
    (entry,) = logged(welfare, own)
    assert row.id in entry.shown_ids
    assert "records" in entry.field_kinds


def test_cases_of_another_half_year_are_not_opened(welfare):
    case_id = concern(welfare, date(2026, 7, 1))
    assert prepared(welfare).cases == 0
    assert logged(welfare, case_id) == []
    assert prepared(welfare, "2026-h2").cases == 1


def test_the_files(welfare):
    case_id = concern(welfare, children=[child(PIA, address_line1="Hemmelig vei 7"), child(OLA)])
    decide(welfare, case_id, "investigation", DAY + timedelta(3))
    found = prepared(welfare)
    table = [["Tabell", "Hva", "første halvår 2026"], ["", "Mottatt", 2]]
    with use(welfare.id, AREA):
        content = reporting.files(found, table)
    packed = zipfile.ZipFile(io.BytesIO(content))
    names = packed.namelist()
    assert len(names) == 3
    assert names[-1] == "totals.csv"
    assert list(csv.reader(io.StringIO(packed.read("totals.csv").decode("utf-8-sig")), delimiter=";"))[1] == [
        "",
        "Mottatt",
        "2",
    ]
    for name in names[:-1]:
        root = held(packed.read(name))
        assert root.findtext("Sak/Henvendelse/Konklusjon/Kode") == "2"
        assert root.findtext("Avgiver/Kommunenummer") == "1554"
        assert root.findtext("Avgiver/Organisasjonsnummer") == "962378064"
        assert parse_xml(packed.read(name)) is not None
    everything = content + b"".join(packed.read(name) for name in names)
    for secret in ("Hemmelig", "sulten", "Rita", "Pia", "Frida", "barnevern", PACKAGE.id):
        assert not any(secret.lower() in name.lower() for name in names)
        assert secret == "barnevern" or secret.encode() not in everything


def test_nothing_to_report_and_no_organisation_number_are_said(welfare):
    with use(welfare.id, AREA), pytest.raises(NothingToReport):
        reporting.files(prepared(welfare), [])
    concern(welfare)
    found = prepared(welfare)
    with use(welfare.id, "administration"):
        administering.set_letterhead(administering.OPERATOR, name="Averøy kommune", organisation_number="")
    with use(welfare.id, AREA), pytest.raises(OrganisationNumberMissing):
        reporting.files(found, [])


def test_what_was_closed_before_is_not_opened(welfare):
    case_id = concern(welfare)
    decide(welfare, case_id, "dismissed", DAY)
    assert prepared(welfare).cases == 1
    assert prepared(welfare, "2026-h2").cases == 0


def test_a_leader_chooses_which_children_are_investigated_and_the_others_are_not_reported(welfare):
    case_id = concern(welfare, children=[child(name="Pia"), child(OLA, name="Ola")])
    leader, field = at_desk(welfare, FRIDA, AREA), "concerns-result-investigation-assessed"
    leader.post(f"/desk/cases/{case_id}/purpose/", {"purpose": "case-handling"})
    page = leader.get(f"/desk/cases/{case_id}/decide/").text
    assert re.findall(rf'name="{field}" [^>]* value="(\d)" (checked)?', page) == [("0", "checked"), ("1", "checked")]
    assert "concerns-result-dismissed" not in page  # nothing is opened by it
    chosen = {"outcome": "result-investigation-assessed", "result_reasons": "Ola har det ikke trygt.", "revision": 1}
    chosen |= {f"value-{chosen['outcome']}-{each}": "Vi har lest den." for each in ("told_assessed", "received")}
    with use(welfare.id, AREA):
        chosen["revision"] = Case.objects.get().revision
    nobody = leader.post(f"/desk/cases/{case_id}/decide/", chosen)
    assert nobody.status_code == 422
    assert f'id="{field}-error"' in nobody.text
    with use(welfare.id, AREA):
        chosen["revision"] = Case.objects.get().revision
    leader.post(f"/desk/cases/{case_id}/decide/", {**chosen, field: ["1", "7"]})
    looked = leader.get(f"/desk/cases/{case_id}/decide/?look=1").text
    assert "En egen sak: Ola." in looked
    with use(welfare.id, AREA):
        revision = Case.objects.get().revision
    assert leader.post(f"/desk/cases/{case_id}/decide/issue/", {"revision": revision}).status_code == 302
    with use(welfare.id, AREA):
        assert [each.opened_for for each in Case.objects.filter(opened_from=case_id)] == [1]
        assert Result.objects.get().concerns == [1]
    with dates.clock.frozen(noon(date(2027, 1, 20))):
        found = prepared(welfare, "2026-h2")
    kinds = [[entry.kind for entry in each.entries] for each in found.reported.people]
    assert kinds == [["contact"], ["contact", "investigation"]]


def test_where_there_is_one_child_there_is_nothing_to_choose(welfare):
    leader, case_id = at_desk(welfare, FRIDA, AREA), concern(welfare)
    leader.post(f"/desk/cases/{case_id}/purpose/", {"purpose": "case-handling"})
    page = leader.get(f"/desk/cases/{case_id}/decide/").text
    assert "result-investigation-assessed" in page
    assert "concerns-" not in page


def test_an_investigation_goes_on_in_the_childs_own_case_when_the_report_is_answered(welfare):
    case_id = concern(welfare)
    decide(welfare, case_id, "investigation", DAY + timedelta(3))
    with use(welfare.id, AREA):
        assert not Case.objects.get(id=case_id).is_open
        own = Case.objects.get(opened_from=case_id)
        Task.objects.filter(case=own).update(done_at=noon(date(2026, 7, 1)))
        Participant.objects.filter(case=own, role="child").update(is_party=True)
    with dates.clock.frozen(noon(DAY + timedelta(9))), at_work(welfare) as working:
        key = casework.staff_resident_key(welfare.id, FRIDA)
        recording.begin(own.id, "plan", recording.Draft(PLAN, "in-use"), working, staff_key=key)
        recording.begin(own.id, "conclusion", recording.Draft(CONCLUSION), working, staff_key=key)
    decide(welfare, own.id, "measures", date(2026, 8, 3))
    later = prepared(welfare, "2026-h2")
    assert later.cases == 1
    (investigation,) = [each for each in later.reported.entries if each.kind == "investigation"]
    assert (investigation.concluded_on, investigation.facts["conclusion"]) == (date(2026, 8, 3), ("1",))
    assert logged(welfare, own.id)
