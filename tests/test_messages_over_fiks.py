"""Norway sends over Fiks, and a municipality answers: containers, schemas, cases, letters and status, with nothing between pretended.

What is stolen meanwhile (the database, files, logs) tells nothing of what was sent.
"""

import logging
from dataclasses import replace
from uuid import UUID

import pytest
from django.conf import settings as configured

from allmenning.backup import databases
from allmenning.connections.fiks import FiksMessages, FiksStatus, contracts
from allmenning.connections.fiks.tests.standards import schemas
from allmenning.journeys import administering, casework, deciding, decision_letters, outbox, telling_outside
from allmenning.journeys.outside import connect, outside
from allmenning.journeys.receiving_from_systems import receive_waiting
from allmenning.journeys.receiving_keys import make_key
from allmenning.journeys.testing import ALICE, START, offers
from allmenning.municipal.access.queries import working_as
from allmenning.municipal.cases.models import Case
from allmenning.municipal.documents.models import Document
from allmenning.municipal.post.models import SystemMessage
from allmenning.municipal.post.queries import messages_of
from allmenning.tenancy import use
from allmenning.tenancy.placement import placement_of
from attack import stolen
from demo.people import PLACES
from sandbox.app import Sandbox
from sandbox.fiks_examples import resident
from sandbox.testing import BASE, Norway

UNITS = {"child-welfare": "child-welfare-concern", "social-services": "financial-assistance"}
CONTRACTS = {"child-welfare": "bekymringsmelding-v2", "social-services": "sosialhjelp"}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    return Sandbox(tmp_path_factory.mktemp("sandbox"), BASE)


@pytest.fixture
def norway(averoy, sandbox):
    """A sandbox that sends to Averøy, whose units and keys are there, and which asks it for what waits."""
    schemas()
    sandbox.state.fiks |= {"keys": {}, "messages": [], "cases": {}}
    held = Norway(sandbox)
    for service in UNITS.values():
        unit = offers(averoy, service, service)
        with use(averoy.id, "administration"):
            for role in ("caseworker", "leader"):
                administering.add_position(administering.OPERATOR, averoy.staff["alice"].id, unit.id, role, start=START)
    for area, contract in CONTRACTS.items():
        with use(averoy.id, area):
            pem = make_key(area)
        place = {"place": averoy.id, "contract": contract, "certificate": pem}
        assert held.client.post("/fiks/key", data=place).status_code == 302
    systems = FiksMessages(held.config("fiks-io"), held.tokens, transport=held.transport)
    status = FiksStatus(held.config("fiks-digisos"), held.tokens, transport=held.transport)
    connect(replace(outside(), systems=systems, status=status))
    return held


def send(norway, example):
    norway.client.post("/fiks/send", data={"place": "averoy", "example": example})
    receive_waiting("averoy")
    work()


def work():
    telling_outside.note_changed("averoy")
    for area in CONTRACTS:
        outbox.drain("averoy", area)


def states(norway):
    return [[state for state, _ in each["states"]] for each in norway.sandbox.state.fiks["messages"]]


def the_case(area):
    with use("averoy", area):
        return Case.objects.get()


def test_reports_come_whole_and_what_is_not_as_agreed_is_refused(norway):
    for example in ("private", "public", "broken"):
        send(norway, example)
    assert [each[-1] for each in states(norway)] == ["LEVERT", "LEVERT", "LEVERT"]
    assert [("AVVIST_FAGSYSTEM" in each) for each in states(norway)] == [False, False, True]
    with use("averoy", "child-welfare"):
        assert Case.objects.count() == 2
        assert SystemMessage.objects.get(state="refused").reason == "schema"
        types = sorted(Document.objects.values_list("media_type", flat=True))
    assert types == ["application/json"] * 2 + ["application/pdf"] * 4


def decide(averoy, outcome, values):
    key = casework.staff_resident_key(averoy.id, ALICE)
    with use(averoy.id, "social-services"):
        working = working_as(averoy.staff["alice"].id, "social-services")
        case = Case.objects.get()
        drafted = decision_letters.Drafted(outcome, ["Vi har vurdert hva du trenger."], values)
        deciding.save_draft(case.id, drafted, working, revision=case.revision, staff_key=key)
        case.refresh_from_db()
        deciding.issue(case.id, working, revision=case.revision, staff_key=key)


def shown(norway):
    """What nav.no shows: each event by type and state, held against the schema."""
    [followed] = norway.sandbox.state.fiks["cases"].values()
    schemas().check(contracts.STATUS, followed["history"])
    return [(each["type"], each.get("status") or each.get("utfall")) for each in followed["history"]["hendelser"]]


def test_an_application_is_followed_from_nav_no_to_its_end(averoy, norway):
    send(norway, "application")
    assert shown(norway) == [("soknadsStatus", "MOTTATT"), ("tildeltNavKontor", None)]
    case = the_case("social-services")
    with use("averoy", "social-services"):
        assert case.applicant.opened_number("averoy") == resident(PLACES["averoy"]).number
    decide(averoy, "emergency-help", {"emergency_ore": 200000, "emergency_lines": ["Mat"], "payment": "I dag."})
    work()
    assert shown(norway)[2:] == [
        ("soknadsStatus", "UNDER_BEHANDLING"),
        ("saksStatus", "UNDER_BEHANDLING"),
        ("saksStatus", "UNDER_BEHANDLING"),
        ("vedtakFattet", "INNVILGET"),
    ]
    decide(averoy, "refused", {"need_ore": 1, "means_ore": 2, "support_ore": 0, "calculation": ["Sum"]})
    work()
    assert shown(norway)[-3:] == [
        ("saksStatus", "UNDER_BEHANDLING"),
        ("vedtakFattet", "AVSLATT"),
        ("soknadsStatus", "FERDIGBEHANDLET"),
    ]
    [followed] = norway.sandbox.state.fiks["cases"].values()
    assert followed["updates"] == 3
    assert len({each["id"] for each in followed["files"]}) == 2
    assert UUID(followed["files"][0]["id"])
    send(norway, "appeal")
    send(norway, "more")
    with use("averoy", "social-services"):
        case = Case.objects.get()
        assert case.state == "appealed"
        said = messages_of(case.id, case.key)
    assert [each.body for each in said if each.kind == "appeal"] == ["Husleia er høyere enn dere har regnet med."]
    assert ("soknadsStatus", "UNDER_BEHANDLING") in shown(norway)[-2:]
    assert states(norway) == [["AKSEPTERT", "SENDT_FAGSYSTEM", "LEVERT"]] * 3


def test_what_is_appealed_while_the_case_goes_on_is_the_matter_that_was_decided(averoy, norway):
    send(norway, "application")
    decide(averoy, "emergency-refused", {"emergency_ore": 0, "emergency_lines": ["Mat"]})
    work()
    send(norway, "appeal")
    assert shown(norway)[-2:] == [("soknadsStatus", "UNDER_BEHANDLING"), ("saksStatus", "UNDER_BEHANDLING")]
    [followed] = norway.sandbox.state.fiks["cases"].values()
    references = {each["saksreferanse"] for each in followed["history"]["hendelser"] if each["type"] == "vedtakFattet"}
    assert followed["history"]["hendelser"][-1]["referanse"] in references
    assert ("soknadsStatus", "FERDIGBEHANDLET") not in shown(norway)


def test_a_system_that_is_away_is_told_when_it_is_back(averoy, norway):
    norway.client.post("/fiks/send", data={"place": "averoy", "example": "application"})
    norway.misbehave("fiks", "down")
    assert receive_waiting("averoy") == 0
    norway.misbehave("fiks", "well")
    again = FiksMessages(norway.config("fiks-io"), norway.tokens, transport=norway.transport)
    connect(replace(outside(), systems=again))
    assert receive_waiting("averoy") == 1
    assert the_case("social-services").state == "received"


def test_nothing_stolen_tells_what_was_sent(averoy, norway, caplog):
    caplog.set_level(logging.INFO)
    for example in ("private", "public", "broken", "application"):
        send(norway, example)
    planted = {"child": "Emil Eksempel", "reporter": "Nina Nabo", "teacher": "Tor Lærer", "concern": "ute alene sent",
               "applicant": resident(PLACES["averoy"]).number, "reason": "Mistet jobben", "account": "12345678903"}  # fmt: skip
    with databases._running(
        "pg_dump", "--format=plain", database=placement_of("averoy"), stdout=databases.subprocess.PIPE
    ) as process:
        dump = process.stdout.read()
    assert b"post_systemmessage" in dump
    assert stolen.hits(dump, planted) == []
    assert stolen.hits(caplog.text.encode(), planted) == []
    files = [path.read_bytes() for path in configured.FILES_DIR.rglob("*") if path.is_file()] or [b""]
    assert [hit for content in files for hit in stolen.hits(content, planted)] == []
    assert b"PRIVATE KEY" not in dump
