"""Norway sends over Fiks, and a municipality answers: containers, schemas, cases, letters and status, with nothing between pretended.

What is stolen meanwhile (the database, files, logs) tells nothing of what was sent.
"""

import base64
import json
import logging
from dataclasses import replace
from datetime import date
from uuid import UUID, uuid4

import pytest
from cryptography import x509
from django.conf import settings as configured

from allmenning.backup import databases
from allmenning.basics import dates
from allmenning.connections.fiks import FiksMessages, FiksStatus, cms, concern, container, contracts
from allmenning.connections.fiks.messages import SENTENCES
from allmenning.connections.fiks.tests.standards import schemas
from allmenning.journeys import administering, casework, deciding, decision_letters, outbox, recording, telling_outside
from allmenning.journeys.outside import connect, outside
from allmenning.journeys.receiving_from_systems import receive_waiting
from allmenning.journeys.receiving_keys import published
from allmenning.journeys.recording import Draft
from allmenning.journeys.testing import ALICE, START, offers
from allmenning.municipal.access.queries import working_as
from allmenning.municipal.archive.models import RegistryEntry
from allmenning.municipal.cases.models import Case
from allmenning.municipal.documents.models import Document
from allmenning.municipal.people.ports import ContactDetails
from allmenning.municipal.post.models import SystemMessage
from allmenning.municipal.post.queries import messages_of
from allmenning.tenancy import use
from allmenning.tenancy.placement import placement_of
from attack import stolen
from demo.people import PLACES
from demo.receiving import publish_keys
from sandbox import fiks
from sandbox.app import Sandbox
from sandbox.fiks_examples import EXAMPLES, resident
from sandbox.testing import BASE, Norway

UNITS = {"child-welfare": "child-welfare-concern", "social-services": "financial-assistance"}
CONTRACTS = {"child-welfare": "bekymringsmelding-v2", "social-services": "sosialhjelp"}
CONCERNS = CONTRACTS["child-welfare"]


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
    assert publish_keys(held.client, averoy.id) == len(CONTRACTS)  # as the demo does
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


def test_keys_are_made_once_and_published_again_at_each_start(averoy, norway):
    before = dict(norway.sandbox.state.fiks["keys"])
    norway.sandbox.state.fiks["keys"] = {}
    assert publish_keys(norway.client, averoy.id) == 2
    assert norway.sandbox.state.fiks["keys"] == before


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


PAYMENT = {"for": "rent", "amount_ore": 750050, "due_on": "2026-12-01", "receiver": "Utleier AS", "account": "12345678903",
           "period_from": "2026-12-01", "period_to": "2026-12-31"}  # fmt: skip
CONDITION = {"what": "Søk bostøtte", "kind": "other-rights", "why": "Du kan ha rett.", "consequence": "Vi ser på det igjen.",
             "starts": "2026-12-01", "ends": "2027-02-28"}  # fmt: skip
GRANTED = {"need_ore": 2, "means_ore": 1, "support_ore": 1, "calculation": ["Sum"], "period": "Desember", "period_to": "31.12.2026", "payment": "1.",
           "conditions": "Se under."}  # fmt: skip


class Keeping:
    """Records in the application's case, by Alice."""

    def __init__(self, averoy):
        self.place, self.key = averoy, casework.staff_resident_key(averoy.id, ALICE)

    def __call__(self, do, *about, **more):
        with use(self.place.id, "social-services"):
            working = working_as(self.place.staff["alice"].id, "social-services")
            return do(Case.objects.get().id, *about, working, staff_key=self.key, **more)


def told_of(norway, kind):
    """Events of a kind, in order, held against the schema."""
    shown(norway)
    [followed] = norway.sandbox.state.fiks["cases"].values()
    return [each for each in followed["history"]["hendelser"] if each["type"] == kind]


def test_payments_and_conditions_are_told_once_decided_and_keep_their_references(averoy, norway):
    send(norway, "application")
    keep = Keeping(averoy)
    planned = keep(recording.begin, "payment", Draft(PAYMENT))
    keep(recording.begin, "condition", Draft(CONDITION))
    work()
    assert told_of(norway, "utbetaling") == told_of(norway, "vilkar") == []  # nothing before there is a decision
    decide(averoy, "granted", GRANTED)
    work()
    [decided] = told_of(norway, "vedtakFattet")
    [payment], [condition] = told_of(norway, "utbetaling"), told_of(norway, "vilkar")
    assert payment.items() >= {
        "utbetalingsreferanse": str(planned.series), "saksreferanse": decided["saksreferanse"], "belop": 7500.5,
        "status": "PLANLAGT_UTBETALING", "beskrivelse": "Husleie", "forfallsdato": "2026-12-01", "fom": "2026-12-01",
        "tom": "2026-12-31", "annenMottaker": True, "mottaker": "Utleier AS",
    }.items()  # fmt: skip
    assert "kontonummer" not in payment  # somebody else's
    assert shown(norway)[-1] == ("soknadsStatus", "FERDIGBEHANDLET")
    assert (condition["tittel"], condition["status"]) == ("Søk bostøtte", "RELEVANT")
    assert condition["beskrivelse"] == (
        "Fra 1. desember 2026 til 28. februar 2027.\nHvis det ikke blir gjort: Vi ser på det igjen."
    )


def test_a_new_version_takes_the_place_of_the_one_before(averoy, norway):
    send(norway, "application")
    decide(averoy, "granted", GRANTED)
    keep, name = Keeping(averoy), resident(PLACES["averoy"]).name
    first = keep(recording.begin, "payment", Draft(PAYMENT | {"receiver": name}))
    work()
    again = Draft(PAYMENT | {"receiver": name, "amount_ore": 800000}, "planned", "Ny pris.")
    keep(recording.revise, "payment", first.series, again, version=1)
    work()
    paid = {"status": "paid", "day": date(2026, 12, 2), "why": "Regnskapet har betalt.", "version": 2}
    keep(recording.end, "payment", first.series, **paid)
    work()
    told = told_of(norway, "utbetaling")
    assert [(each["status"], each["belop"]) for each in told] == [
        ("PLANLAGT_UTBETALING", 7500.5), ("PLANLAGT_UTBETALING", 8000), ("UTBETALT", 8000)
    ]  # fmt: skip
    assert [each.get("utbetalingsdato") for each in told] == [None, None, "2026-12-02"]
    assert {each["utbetalingsreferanse"] for each in told} == {str(first.series)}
    assert len({each["saksreferanse"] for each in told}) == 1
    assert {(each["annenMottaker"], each["kontonummer"]) for each in told} == {(False, "12345678903")}


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


def queued(norway, contract, kind, content):
    """Something that Fiks delivers and that no honest sender made."""
    konto, message = fiks.account("averoy", contract), str(uuid4())
    properties = {"meldingId": message, "klientMeldingId": str(uuid4()), "meldingType": kind, "avsenderKontoId": fiks.SENDER,
                  "mottakerKontoId": konto, "svarPaMelding": None, "headere": {}}  # fmt: skip
    norway.sandbox.state.fiks["messages"].append(
        {"account": konto, "title": "A teacher reports", "waits": True, "properties": properties, "answers": [],
         "content": base64.b64encode(content).decode(), "states": []}
    )  # fmt: skip
    return message


def packed(norway, area, files):
    """Files in a container that is as it should be: what is wrong is in them."""
    key, certificate = fiks.party(norway.sandbox.state.folder, "sender")
    with use("averoy", area):
        receiver = x509.load_pem_x509_certificate(published(area).encode())
    return container.made(files, certificate, key, receiver)


def hostile(norway):
    """Messages that are not what they should be, with why each is refused."""
    report, paper = example_files("public", PLACES["averoy"])
    other = json.dumps(json.loads(report) | {"kommunenummer": "1573"}).encode()
    several = {
        "envelope": [b"", b"noise", b"\x30\x80" * 50_000],
        "container": [cms_sealed(norway, b"PK\x03\x04 no zip"), cms_sealed(norway, b"")],
        "schema": [
            packed(norway, "child-welfare", {"bekymringsmelding.json": content, "bekymringsmelding.pdf": paper})
            for content in (b"[" * 100_000, b'{"a": ' * 100_000, b"\xff\xfe", b"null", b"1" * 6_000_000, report[:-2])
        ],
        "contents": [packed(norway, "child-welfare", {"noe.pdf": paper})],
        "place": [packed(norway, "child-welfare", {"bekymringsmelding.json": other, "bekymringsmelding.pdf": paper})],
    }
    return [(reason, content) for reason, each in several.items() for content in each]


def cms_sealed(norway, content):
    with use("averoy", "child-welfare"):
        return cms.sealed(content, x509.load_pem_x509_certificate(published("child-welfare").encode()))


def example_files(name, place):
    files = EXAMPLES[name].files(place, "", "")
    return files["bekymringsmelding.json"], files["bekymringsmelding.pdf"]


def test_what_is_hostile_is_refused_in_the_senders_words_and_writes_nothing(averoy, norway):
    sent = [(reason, queued(norway, CONCERNS, concern.PUBLIC, content)) for reason, content in hostile(norway)]
    sent.append(("kind", queued(norway, CONCERNS, "no.ks.fiks.noe.annet.v9", b"")))
    files = lambda: sorted(configured.FILES_DIR.rglob("*"))  # noqa: E731
    before = files()
    assert receive_waiting("averoy") == len(sent)
    work()
    with use("averoy", "child-welfare"):
        found = {str(each.message_id): each for each in SystemMessage.objects.all()}
        assert [(reason, found[id].reason) for reason, id in sent] == [(reason, reason) for reason, _ in sent]
        assert not Case.objects.exists()
        assert not Document.objects.exists()
    assert files() == before
    told = {each["properties"]["meldingId"]: each["answers"] for each in norway.sandbox.state.fiks["messages"]}
    for reason, id in sent[:-1]:
        assert [each["why"] for each in told[id]] == [SENTENCES[reason]]
    assert told[sent[-1][1]] == []  # a type that the contract does not have has no answer in it


def test_one_that_is_too_large_is_refused_without_being_read(averoy, norway, monkeypatch):
    monkeypatch.setattr("allmenning.connections.fiks.messages.MOST_BYTES", 10_000)
    systems = FiksMessages(norway.config("fiks-io"), norway.tokens, transport=norway.transport)
    connect(replace(outside(), systems=systems))
    queued(norway, CONCERNS, concern.PUBLIC, b"0" * 100_000)
    assert receive_waiting("averoy") == 1
    with use("averoy", "child-welfare"):
        refused = SystemMessage.objects.get()
        assert (refused.reason, refused.content) == ("size", None)
        assert not Case.objects.exists()


# What no letter's sender, subject, file name, notification or envelope may say.
TELLING = ("sosial", "økonomisk", "barnevern", "bekymring", "nav ", "social", "financial", "welfare")


def test_nothing_that_goes_out_names_the_service_outside_of_the_letter(averoy, norway, registers):
    number = resident(PLACES["averoy"]).number
    registers.contacts[number] = ContactDetails(number, dates.now(), email="a@example.test", can_be_notified=True)
    send(norway, "application")
    send(norway, "public")
    decide(averoy, "emergency-help", {"emergency_ore": 200000, "emergency_lines": ["Mat"], "payment": "I dag."})
    work()
    [followed] = norway.sandbox.state.fiks["cases"].values()
    seen = [file["name"] for file in followed["files"]]
    seen += [text for each in registers.sent for text in (each["subject"], each["text"])]
    with use("averoy", "social-services"):
        letters = RegistryEntry.objects.filter(kind=RegistryEntry.Kind.OUTGOING)
        seen += list(letters.values_list("public_title", flat=True))
    assert len(seen) >= 4
    assert "brev.pdf" in seen
    assert [text for text in seen if any(word in text.casefold() for word in TELLING)] == []


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
