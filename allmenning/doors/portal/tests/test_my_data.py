"""My data in one file: all of mine, in every municipality, and nothing of anybody else's."""

import json
from dataclasses import replace
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.db import DatabaseError

from allmenning.basics.identifiers import uuid7
from allmenning.commons.identity.sessions import Represented
from allmenning.doors.portal.testing import answered, browser_of, sent_image, sent_inquiry
from allmenning.journeys import my_data
from allmenning.journeys.errors import OnlyOwnData
from allmenning.journeys.testing import ALICE, OMAR, RITA, omar, rita
from allmenning.municipal.access.models import LogEntry
from allmenning.municipal.cases import queries as cases
from allmenning.municipal.cases.models import Case
from allmenning.municipal.documents.tests.files import image
from allmenning.tenancy import current, use


def export(resident) -> ZipFile:
    answer = browser_of(resident).post("/my/data/download/")
    assert answer["Content-Type"] == "application/zip"
    assert "attachment" in answer["Content-Disposition"]
    return ZipFile(BytesIO(answer.content))


def test_everything_of_mine_is_in_it_to_read_and_for_machines(averoy, smola):
    case_id = sent_inquiry(averoy, rita(), subject="Hull i veien").case_id
    sent_image(averoy, case_id, rita(), image("PNG"), "hull.png")
    answered(averoy, case_id, ALICE)
    sent_inquiry(smola, rita(), subject="Lys i gata")
    made = export(rita())
    told = json.loads(made.read("data.json"))
    assert told["person"]["number"] == RITA
    here, there = told["municipalities"]
    assert (here["id"], there["id"]) == ("averoy", "smola")
    [case] = here["cases"]
    assert case["answers"]["subject"] == "Hull i veien"
    assert any("Vi fyller hullet" in str(each) for each in (case["messages"], case["decisions"]))
    assert {line["action"] for line in here["log"]} >= {"issue-decision"}
    for document in case["documents"]:
        assert made.read(document["path"])
    page = made.read("index.html").decode()
    assert "Hull i veien" in page
    assert "Lys i gata" in page


def test_nothing_of_anothers_is_in_it(averoy):
    sent_inquiry(averoy, rita())
    sent_inquiry(averoy, omar(), subject="Omars egen sak")
    made = export(rita())
    for name in made.namelist():
        assert b"Omar" not in made.read(name)
        assert OMAR.encode() not in made.read(name)


def test_of_a_municipality_that_fails_half_way_no_file_is_in_it(averoy, smola, monkeypatch):
    """It is named as one that could not be asked: a file of it that nothing names would be nobody's to explain."""
    for place in (averoy, smola):
        sent_inquiry(place, rita())
    whole = my_data.whole

    def fails_at_smola(keys):
        if current().municipality == smola.id:
            raise DatabaseError
        return whole(keys)

    monkeypatch.setattr(my_data, "whole", fails_at_smola)
    made = export(rita())
    told = json.loads(made.read("data.json"))
    assert ([each["id"] for each in told["municipalities"]], told["unreachable"]) == ([averoy.id], [smola.id])
    named = {
        document["path"] for each in told["municipalities"] for case in each["cases"] for document in case["documents"]
    }
    assert named == set(made.namelist()) - {"data.json", "index.html"}
    assert named


def test_of_somebody_with_many_cases_none_is_left_out(averoy):
    """Of the export, My log and My page: they all ask this."""
    sent_inquiry(averoy, rita())
    with use(averoy.id, "owner"):
        [case] = Case.objects.all()
        Case.objects.bulk_create(
            Case(**{**values_of(case), "id": uuid7(), "sequence": 1000 + n, "wrapped_key": b""}) for n in range(250)
        )
    with use(averoy.id, "resident", keys=rita().keys(averoy.id)):
        assert len(cases.cases_of_owner(rita().keys(averoy.id))) == 251


def values_of(case):
    return {field.attname: getattr(case, field.attname) for field in Case._meta.concrete_fields}


def test_it_is_logged_in_each_case_before_it_is_made(averoy):
    case_id = sent_inquiry(averoy, rita()).case_id
    export(rita())
    with use(averoy.id, "owner"):
        assert LogEntry.objects.filter(case_id=case_id, action="export", actor_kind="resident").count() == 1


def test_who_acts_for_another_has_no_export_of_them(averoy):
    for_rita = Represented(RITA, "Rita Rogn", "guardian")
    with pytest.raises(OnlyOwnData):
        my_data.at_once(replace(omar(), represented=for_rita), lambda told: "")
