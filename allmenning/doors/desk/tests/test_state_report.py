"""The report to a register of the state at the desk: chosen, looked through, downloaded; by who leads alone."""

import csv
import io
import re
import zipfile

import pytest
from django.urls import reverse

from allmenning.basics import dates
from allmenning.doors.desk.testing import at_desk
from allmenning.doors.portal.testing import browser_of
from allmenning.journeys.testing import ALICE, BOB, rita
from allmenning.journeys.tests.counting import statements
from allmenning.journeys.tests.test_reporting import AREA, DAY, FRIDA, concern, decide, logged
from allmenning.journeys.tests.test_reporting import welfare as welfare
from allmenning.municipal.cases.models import Case
from allmenning.tenancy import use

PAGE = "/desk/state-report/"
TODAY = DAY.replace(month=7)


def get(welfare, path=PAGE, who=FRIDA, area=AREA):
    with dates.clock.frozen(TODAY):
        return at_desk(welfare, who, area).get(path)


def download(welfare, half="2026-h1", who=FRIDA):
    with dates.clock.frozen(TODAY):
        return at_desk(welfare, who, AREA).post(f"{PAGE}files/", {"half": half})


def test_choosing_a_half_year_opens_nothing(welfare):
    case_id = concern(welfare)
    text = get(welfare).text
    assert "første halvår 2026" in text
    assert "selected>første halvår 2026" in text
    assert logged(welfare, case_id) == []


def test_totals_and_what_is_missing_in_words(welfare):
    case_id = concern(welfare)
    decide(welfare, case_id, "dismissed", DAY)
    text = get(welfare, f"{PAGE}?half=2026-h1").text
    for shown in (
        "Mottatte meldinger",
        "Vurdert innen en uke",
        "Henvendelse: Hvem som meldte",
        "Henvendelse: Hva saken gjelder",
        "Fødselsnummeret til den det gjelder",
        "Rapporteres innen 15. juli 2026",
        "Datoen er ikke bekreftet",
        f'href="/desk/cases/{case_id}/"',
    ):
        assert shown in text
    assert len(logged(welfare, case_id)) == 1


def test_the_files_hold_exactly_the_numbers_of_the_page(welfare):
    decide(welfare, concern(welfare), "investigation", DAY)
    text = get(welfare, f"{PAGE}?half=2026-h1").text
    answer = download(welfare)
    assert answer["Content-Disposition"] == 'attachment; filename="report-2026-h1.zip"'
    assert answer["Cache-Control"] == "no-store"
    packed = zipfile.ZipFile(io.BytesIO(answer.content))
    rows = list(csv.reader(io.StringIO(packed.read("totals.csv").decode("utf-8-sig")), delimiter=";"))
    assert rows[0] == ["Tabell", "Hva", "første halvår 2026"]
    shown = [(name.strip(), number.strip()) for name, number in _cells(text)]
    assert shown == [(what, number) for _, what, number in rows[1:]]
    assert ("Mottatte meldinger", "1") in shown


def _cells(text):
    """The rows of the tables of totals on the page."""
    totals = text[text.index('id="totals"') : text.index('id="to-complete"')]
    for row in re.findall(r"<tr role=\"row\">(.*?)</tr>", totals, re.DOTALL):
        cells = [
            re.sub(r"<[^>]+>", "", each) for each in re.findall(r"<(?:th|td)[^>]*>(.*?)</(?:th|td)>", row, re.DOTALL)
        ]
        if "columnheader" not in row:
            yield tuple(cells)


def test_a_half_year_without_anything_is_said(welfare):
    answer = download(welfare)
    assert answer.status_code == 422
    assert "ingenting å rapportere" in answer.text


@pytest.mark.parametrize("half", ["", "2026", "2026-01", "1999-h1", "x"])
def test_what_is_no_half_year_opens_nothing(welfare, half):
    case_id = concern(welfare)
    assert get(welfare, f"{PAGE}?half={half}").status_code == 200
    assert download(welfare, half).status_code == 200
    assert logged(welfare, case_id) == []


def test_who_does_not_lead_is_refused(welfare):
    case_id = concern(welfare)
    assert get(welfare, who=ALICE).status_code == 403
    assert get(welfare, f"{PAGE}?half=2026-h1", who=ALICE).status_code == 403
    assert download(welfare, who=ALICE).status_code == 403
    assert get(welfare, who=BOB, area="ordinary").status_code == 403  # he leads where nothing is reported
    assert logged(welfare, case_id) == []


def test_who_reported_is_not_told_of_it_since_it_tells_of_the_child(welfare):
    case_id = concern(welfare)
    get(welfare, f"{PAGE}?half=2026-h1")
    assert logged(welfare, case_id)
    assert "til en rapport til staten" not in browser_of(rita()).get(f"/my/averoy/cases/{case_id}/who-has-looked/").text


@pytest.mark.parametrize(("language", "word"), [("nn", "Sjå gjennom"), ("en", "Look through it")])
def test_in_each_language(welfare, language, word):
    assert word in get(welfare, f"/{language}{PAGE}").text


def test_figures_lead_to_it_where_there_is_something_to_report(welfare):
    assert 'href="/desk/state-report/"' in get(welfare, "/desk/figures/").text
    assert 'href="/desk/state-report/"' not in get(welfare, "/desk/figures/", BOB, "ordinary").text


def test_it_asks_no_more_of_more_cases(welfare):
    concern(welfare)
    with dates.clock.frozen(TODAY):
        frida = at_desk(welfare, FRIDA, AREA)
        frida.get(f"{PAGE}?half=2026-h1")
        with statements() as few:
            frida.get(f"{PAGE}?half=2026-h1")
    for _ in range(3):
        concern(welfare)
    with dates.clock.frozen(TODAY), statements() as more:
        frida.get(f"{PAGE}?half=2026-h1")
    own = [[each for each in sent if "revokedsession" not in str(each)] for sent in (few, more)]
    assert len(own[0]) == len(own[1]) <= 12


def test_the_plan_and_the_measures_are_kept_in_the_childs_own_case_and_not_in_the_report(welfare):
    report = concern(welfare)
    decide(welfare, report, "investigation", DAY)
    with use(welfare.id, AREA):
        own = Case.objects.get(opened_from=report).id
    with dates.clock.frozen(TODAY):
        client = at_desk(welfare, FRIDA, AREA)
        for case_id, answer in ((own, 200), (report, 404)):
            client.post(reverse("desk:purpose", args=[case_id]), {"purpose": "case-handling"})
            assert client.get(reverse("desk:records", args=[case_id, "plan"])).status_code == answer
            assert ("Plan for undersøkelsen" in client.get(f"/desk/cases/{case_id}/").text) is (answer == 200)
