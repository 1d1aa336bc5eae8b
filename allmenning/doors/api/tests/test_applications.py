"""Another system sends an application: once whatever is sent twice, and told exactly what is wrong."""

import base64
import json
from pathlib import Path

import pytest
from django.db import IntegrityError

from allmenning.doors.api.testing import system
from allmenning.journeys import administering, jobs, registering
from allmenning.journeys.testing import NAMES, RITA
from allmenning.journeys.tests.counting import statements
from allmenning.journeys.tests.test_main_job import INQUIRY
from allmenning.municipal.access.models import LogEntry
from allmenning.municipal.cases.models import Case, Event
from allmenning.municipal.documents.models import Document
from allmenning.municipal.documents.tests import files
from allmenning.municipal.forms.models import Submission
from allmenning.tenancy import use

ANSWERS = {**INQUIRY, "name": NAMES[RITA], "email": "rita@example.test"}
KEY = "6f1c2b1e-0d7e-4c6c-a8a3-2d6a9d1f3c55"


def application(**changes):
    """A whole application of Rita's; a change that is None leaves the field out."""
    whole = {
        "service": "inquiry",
        "language": "nn",
        "applicant": {"kind": "person", "number": RITA, "name": NAMES[RITA]},
        "answers": dict(ANSWERS),
    }
    return {name: value for name, value in {**whole, **changes}.items() if value is not None}


def attachment(**changes):
    content = base64.b64encode(files.pdf()).decode()
    return {"field": "attachments", "name": "kart.pdf", "media_type": "application/pdf", "content": content} | changes


@pytest.fixture
def ours(averoy):
    return system(averoy.id)


def send(system, body, key=KEY):
    return system.post("/applications", body, Idempotency_Key=key)


def test_an_application_is_a_case_with_its_documents(averoy, ours):
    answer = send(ours, application(attachments=[attachment()]))

    assert answer.status_code == 201, answer.content
    receipt = answer.json()
    assert answer["Location"] == receipt["status"] == f"/api/v1/cases/{receipt['case_id']}"
    with use(averoy.id, "ordinary"):
        case = Case.objects.get(id=receipt["case_id"])
        assert (case.number, case.channel, case.language) == (receipt["case_number"], "api", "nn")
        assert Document.objects.filter(case_id=case.id, origin="uploaded").count() == 1
        assert Event.objects.get(case=case).actor == "client"


def test_sent_again_with_the_same_key_it_is_the_same_case(averoy, ours):
    first, again = send(ours, application()), send(ours, application())

    assert again.status_code == 201
    assert (first.json(), again["Idempotent-Replayed"]) == (again.json(), "true")
    assert "Idempotent-Replayed" not in first
    with use(averoy.id, "ordinary"):
        assert Case.objects.count() == Submission.objects.count() == 1
        rows = LogEntry.objects.filter(actor_kind="client").order_by("at")
        assert [(row.action, row.object_kind) for row in rows] == [("submit", "case"), ("read", "receipt")]


def test_sent_again_when_the_service_is_gone_what_was_received_stands(averoy, ours):
    first = send(ours, application())
    with use(averoy.id, "administration"):
        administering.stop_offering(administering.OPERATOR, "inquiry")
    assert send(ours, application()).json() == first.json()
    assert send(ours, application(), key="another-key").status_code == 404


def test_an_application_is_sent_in_few_statements(averoy, ours, monkeypatch):
    monkeypatch.setattr(
        jobs, "WAKES_AFTER_MS", 60_000
    )  # one wake is for all that comes meanwhile, however slow the machine
    send(ours, application(), key="warms-up-1")
    with statements() as sent:
        assert send(ours, application(), key="is-counted").status_code == 201
    assert len(sent) <= 1, sent


def test_a_file_that_is_sent_again_is_kept_once(averoy, ours, settings):
    before = set(Path(settings.FILES_DIR, averoy.id).glob("??/*"))
    for _ in range(2):
        assert send(ours, application(attachments=[attachment()])).status_code == 201
    assert len(set(Path(settings.FILES_DIR, averoy.id).glob("??/*")) - before) == 1


def test_another_broken_rule_is_no_reuse_of_a_key(averoy, ours, monkeypatch):
    def broken(parts):
        raise IntegrityError("another rule")

    monkeypatch.setattr(registering, "insert_together", broken)
    with pytest.raises(IntegrityError):
        send(ours, application())


def test_another_application_with_the_same_key_is_refused(averoy, ours):
    send(ours, application())
    answer = send(ours, application(language="en"))

    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:allmenning:problem:idempotency-key-reused"


def test_each_wrong_field_is_pointed_at(ours):
    answers = {**ANSWERS, "subject": 7, "colour": "red", "attachments": ["x"]}
    wrong = application(answers=answers, attachments=[attachment(field="photo")], version="0.0.1")
    del wrong["answers"]["message"]
    answer = send(ours, wrong)

    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert {each["pointer"] for each in answer.json()["errors"]} == {
        "/answers/subject",
        "/answers/message",
        "/answers/colour",
        "/answers/attachments",
        "/attachments/0/field",
        "/version",
    }


def test_a_file_is_looked_at(ours):
    program = base64.b64encode(b"MZ" + b"\0" * 300).decode()
    [error] = send(ours, application(attachments=[attachment(content=program, name="a.exe")])).json()["errors"]

    assert error["pointer"] == "/attachments/0/content"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("{", 400),
        ('{"service": NaN}', 400),
        ('{"service": 1, "service": 2}', 400),
        ('{"answers": {"a": 9007199254740993, "b": 1e999, "c": ' + "9" * 5000 + "}}", 422),
        ("[" * 5000 + "]" * 5000, 400),
        (b"\xff", 400),
        ("[]", 422),
        (json.dumps({"service": "inquiry\u0000"}), 422),
        (json.dumps({"service": "\ud800"}), 422),
    ],
)
def test_what_is_no_application_is_refused_in_words(ours, body, status):
    answer = send(ours, body)

    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")


def test_everything_that_cannot_be_stored_is_pointed_at(ours):
    body = '{"answers": {"a/b": "x\\u0000", "c": [1e999, "\\ud800", 9007199254740993], "\\u202e": 1}}'
    errors = send(ours, body).json()["errors"]

    assert [(error["pointer"], error["code"]) for error in errors] == [
        ("/answers/a~1b", "unsafe"),
        ("/answers/c/0", "number"),
        ("/answers/c/1", "unsafe"),
        ("/answers/c/2", "number"),
        ("/answers", "unsafe"),
    ]


def test_a_service_of_another_area_or_of_none_looks_the_same(averoy):
    theirs = system(averoy.id, areas=["care"])
    there, nowhere = send(theirs, application()), send(theirs, application(service="nothing"))

    assert there.status_code == nowhere.status_code == 404
    assert there.content == nowhere.content


def test_nothing_is_sent_without_the_scope(averoy):
    answer = send(system(averoy.id, scopes=["cases"]), application())

    assert answer.status_code == 403
    assert 'scope="submit"' in answer["WWW-Authenticate"]
