"""The contract is valid, whole, and what is answered is what it says."""

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from allmenning.commons.figures.actions import publish_figure
from allmenning.doors.api import contract, operations  # noqa: F401  (its functions register themselves)
from allmenning.doors.api.answering import functions
from allmenning.doors.api.testing import system
from allmenning.doors.api.tests.test_applications import ANSWERS, application
from allmenning.municipal.access.clients import SCOPES
from allmenning.municipal.cases.models import Case, State
from allmenning.municipal.documents.models import Origin
from allmenning.municipal.forms.models import Channel
from allmenning.tenancy import AREAS, use


@pytest.fixture
def ours(averoy):
    return system(averoy.id)


def test_the_document_is_valid():
    OpenAPIV31SpecValidator(contract.document()).validate()


def test_every_operation_is_done_by_a_function_and_the_other_way():
    assert {operation.id for operation in contract.operations()} == set(functions())


def test_every_scope_is_asked_for_and_no_other():
    asked = {operation.scope for operation in contract.operations()}
    assert asked == {"", *SCOPES}


def test_every_operation_tells_of_every_failure():
    for path in contract.document()["paths"].values():
        for method in path.values():
            assert "default" in method["responses"], method["operationId"]


def test_closed_lists_are_the_same_as_in_the_house():
    schemas = contract.document()["components"]["schemas"]
    assert schemas["Area"]["enum"] == list(AREAS)
    assert schemas["State"]["enum"] == list(State.values)
    assert schemas["Document"]["properties"]["origin"]["enum"] == list(Origin.values)
    assert schemas["Case"]["properties"]["channel"]["enum"] == list(Channel.values)


def test_the_document_is_for_everybody(client):
    answer = client.get("/api/v1/openapi.json")

    assert answer.json()["openapi"].startswith("3.1")
    assert answer["Cache-Control"] == "public, max-age=300"


def test_a_service_tells_what_to_answer(ours):
    listed = {each["id"]: each for each in ours.get("/services").json()["services"]}
    inquiry = ours.get("/services/inquiry").json()

    assert listed["inquiry"]["offered"]
    assert set(inquiry["title"]) == {"nb", "nn", "en"}
    assert "attachments" not in inquiry["answers"]["properties"]
    assert list(inquiry["files"]) == ["/attachments"]
    assert contract.validator_of(inquiry["answers"]).is_valid(ANSWERS)


def test_services_are_those_of_the_client(averoy):
    one = system(averoy.id, services=["inquiry"])

    assert [each["id"] for each in one.get("/services").json()["services"]] == ["inquiry"]
    assert one.get("/services/housing-allowance").status_code == one.get("/services/nothing").status_code == 404


def test_asking_first_keeps_nothing(averoy, ours):
    body = {"applicant": application()["applicant"], "answers": {**ANSWERS, "invoice_number": "17"}}
    answer = ours.post("/services/inquiry/validate", body).json()

    assert answer == {"valid": True, "errors": [], "not_asked": ["/answers/invoice_number"]}
    with use(averoy.id, "ordinary"):
        assert Case.objects.count() == 0


def test_asking_first_tells_the_same_as_sending(ours):
    body = {name: value for name, value in application(answers={"topic": 1}).items() if name != "service"}
    asked = ours.post("/services/inquiry/validate", body).json()
    sent = ours.post("/applications", application(answers={"topic": 1}), Idempotency_Key="a-key-of-ours").json()

    assert not asked["valid"]
    assert asked["errors"] == sent["errors"]


def test_figures_are_the_municipalitys_own_and_never_about_few(averoy, smola, ours):
    publish = {"service": "inquiry", "period": "2026", "measure": "cases"}
    publish_figure(municipality=averoy.id, value=12, count=9, **publish)
    publish_figure(municipality=averoy.id, value=7, count=4, **publish | {"measure": "decided"})
    publish_figure(municipality=smola.id, value=99, count=99, **publish)
    told = ours.get("/figures?year=2026").json()
    inquiry = next(each for each in told["services"] if each["service"] == "inquiry")

    assert told["municipality"] == averoy.id
    assert (inquiry["cases"]["value"], inquiry["cases"]["people"]) == (10, 5)
    assert inquiry["decided"] is inquiry["median_days"] is None


@pytest.mark.parametrize(
    ("asked", "language"), [("nn", "nn"), ("en-GB, nb", "en"), ("no", "nb"), ("fr;q=1, x", "nb"), ("", "nb")]
)
def test_what_is_wrong_is_said_in_the_language_asked_for(ours, asked, language):
    answer = ours.get("/nothing", Accept_Language=asked)

    assert answer["Content-Language"] == language
    assert answer.json()["title"] == {"nb": "Finnes ikke", "nn": "Finst ikkje", "en": "Not found"}[language]


@pytest.mark.parametrize(
    ("method", "path", "sent", "status"),
    [
        ("delete", "/applications", {}, 405),
        ("post", "/services", {}, 405),
        ("get", "/nothing", {}, 404),
        ("get", "/cases/1", {}, 404),
        ("get", "/../x%00y", {}, 400),
        ("get", "/services?x=%ff", {}, 400),
        ("post", "/applications", {"data": "<a/>", "content_type": "text/xml"}, 415),
        ("post", "/applications", {"data": {"a": "b"}}, 415),
        ("post", "/token", {"data": b"%ff=1", "content_type": "application/x-www-form-urlencoded"}, 400),
        ("post", "/token", {"data": "a=1&a=2", "content_type": "application/x-www-form-urlencoded"}, 400),
        ("post", "/token", {"data": "x" * 20_001, "content_type": "application/x-www-form-urlencoded"}, 413),
        ("post", "/token", {"data": "{}", "content_type": "application/json"}, 415),
        ("put", "/token", {}, 405),
    ],
)
def test_every_failure_is_problem_details(ours, method, path, sent, status):
    headers = {"Authorization": f"Bearer {ours.token}", "Idempotency-Key": "a-key-of-ours"}
    answer = getattr(ours.http, method)(f"/api/v1{path}", headers=headers, **sent)

    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert answer.json()["status"] == status
    assert {"type", "title", "detail"} <= set(answer.json())


def test_a_failure_of_ours_is_problem_details(ours, monkeypatch):
    def fails(*_):
        raise ZeroDivisionError("a secret detail")

    monkeypatch.setitem(functions(), "listServices", fails)
    ours.http.raise_request_exception = False
    answer = ours.get("/services")

    assert (answer.status_code, answer["Content-Type"]) == (500, "application/problem+json")
    assert "secret" not in answer.content.decode()


def test_parameters_without_end_are_refused(client):
    assert client.get("/api/v1/openapi.json?" + "q=x&" * 150).status_code == 400
