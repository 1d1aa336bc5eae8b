"""The stand-in for KS Fiks against the publishers' schemas, and the platform's connection against the stand-in."""

import json
import re
from importlib import resources
from uuid import UUID, uuid4

import pytest

from allmenning.basics import dates
from allmenning.connections.fiks import FiksMessages, FiksStatus, contracts
from allmenning.connections.fiks.testing import party
from allmenning.connections.fiks.tests.standards import folder, schemas
from allmenning.municipal.post.ports import HandedFile, Happening, MessageUnreadable, SystemsUnavailable
from demo.people import PLACES
from sandbox import fiks
from sandbox.configuration import fiks_configuration
from sandbox.fiks_examples import EXAMPLES, resident

US = party("Averøy")
CASE = UUID("3fa85f64-5717-4562-b3fc-2c963f66afa6")
SCHEMAS = {
    "bekymringsmelding.json": {"private": contracts.PRIVATE_CONCERN, "public": contracts.PUBLIC_CONCERN},
    "soknad.json": {"application": contracts.APPLICATION},
    "vedlegg.json": {"application": contracts.ATTACHMENTS, "more": contracts.ATTACHMENTS},
    "klage.json": {"appeal": contracts.APPEAL},
}


@pytest.fixture
def messages(norway):
    schemas()
    norway.sandbox.state.fiks |= {"keys": {}, "messages": [], "cases": {}}
    return FiksMessages(norway.config("fiks-io"), norway.tokens, transport=norway.transport)


@pytest.fixture
def status(norway):
    schemas()
    norway.sandbox.state.fiks["cases"] = {}
    return FiksStatus(norway.config("fiks-digisos"), norway.tokens, transport=norway.transport)


def send(norway, messages, name, certificate=US.certificate):
    box = next(each for each in messages.boxes("averoy") if fiks.ACCOUNTS[each.key][1] == EXAMPLES[name].contract)
    pem = fiks.certificate_pem(certificate)
    norway.client.put(f"/fiks/fiks-io/katalog/api/v1/kontoer/{box.key}/offentligNokkel", content=pem).raise_for_status()
    norway.client.post("/fiks/send", data={"place": "averoy", "example": name})
    [waiting] = messages.waiting("averoy", box)
    return box, waiting


def read(messages, box, waiting):
    content = messages.content("averoy", box, waiting)
    return messages.read(box, waiting, content, [fiks.key_pem(US.key).encode()])


@pytest.mark.parametrize("name", [name for name in EXAMPLES if name != "broken"])
def test_every_example_is_as_published(name):
    files = EXAMPLES[name].files(PLACES["averoy"], str(CASE))
    for file, schema in ((each, known[name]) for each, known in SCHEMAS.items() if name in known):
        schemas().check(schema, json.loads(files[file]))


def test_a_report_is_fetched_opened_answered_and_delivered(norway, messages):
    box, waiting = send(norway, messages, "public")
    found = read(messages, box, waiting)
    assert (found.place, found.name, found.data["reporter_kind"]) == ("1554", "Tor Lærer", "public")
    assert [each.name for each in found.files] == ["bekymringsmelding.json", "bekymringsmelding.pdf"]
    for _ in range(2):  # sent again, it is the same answer
        messages.answer("averoy", box.key, waiting.id, waiting.kind, waiting.sender)
    messages.take_away("averoy", box, waiting)
    messages.take_away("averoy", box, waiting)
    assert messages.waiting("averoy", box) == []
    [sent] = norway.sandbox.state.fiks["messages"]
    assert [each["type"] for each in sent["answers"]] == ["no.ks.fiks.bekymringsmelding.mottatt.v1"]
    assert [state for state, _ in sent["states"]] == ["AKSEPTERT", "SENDT_FAGSYSTEM", "LEVERT"]


def test_a_report_that_is_not_as_agreed_is_refused_in_words_that_the_sender_can_open(norway, messages):
    box, waiting = send(norway, messages, "broken")
    with pytest.raises(MessageUnreadable, match="schema"):
        read(messages, box, waiting)
    messages.answer("averoy", box.key, waiting.id, waiting.kind, waiting.sender, reason="schema")
    [sent] = norway.sandbox.state.fiks["messages"]
    assert sent["answers"][0]["why"] == "JSON-filen er ikke gyldig etter skjemaet."
    assert [state for state, _ in sent["states"]][-3:] == ["AVVIST_FAGSYSTEM", "SENDT_PRINT", "LEVERT"]
    id = sent["properties"]["headere"]["bekymringsmelding-id"]
    path = f"/fiks/bekymringsmelding/api/v2/mottak/fagsystem/x/bekymringsmelding/{id}/status"
    told = norway.client.get(path, headers=messages._headers("averoy")).json()
    assert next(each["tilstand"] for each in told) == "AKSEPTERT"


def test_an_application_is_read_whole(norway, messages):
    box, waiting = send(norway, messages, "application")
    found = read(messages, box, waiting)
    assert found.number == resident(PLACES["averoy"]).number
    assert found.data["incomes"] == [{"income_kind": "job", "net_ore": 420000, "whose": "applicant"}]
    assert {each.name: each.field for each in found.files if not each.is_original} == {
        "soknad.pdf": "",
        "husleiekontrakt.pdf": "documents_costs",
    }
    assert found.reference == "110004PCC"


def test_another_contracts_message_is_refused(norway, messages):
    box, waiting = send(norway, messages, "private")
    other = next(each for each in messages.boxes("averoy") if each.key != box.key)
    with pytest.raises(MessageUnreadable, match="kind"):
        messages.read(other, waiting, b"", [])


def test_nobody_fetches_what_is_for_another_municipality(norway, messages):
    box, _ = send(norway, messages, "private")
    answer = norway.client.get(
        f"/fiks/fiks-io/api/v1/kontoer/{box.key}/meldinger", headers=messages._headers("kristiansund")
    )
    assert answer.status_code == 403


@pytest.mark.parametrize("mode", ["down", "garbage", "rate_limited", "redirect"])
def test_a_sender_that_misbehaves_is_waited_for(norway, messages, mode):
    norway.misbehave("fiks", mode)
    with pytest.raises(SystemsUnavailable):
        messages.waiting("averoy", messages.boxes("averoy")[0])


def test_an_answer_that_is_lost_is_sent_again_as_the_same(norway, messages):
    box, waiting = send(norway, messages, "private")
    norway.misbehave("fiks", "lost_answer", times=1)
    with pytest.raises(SystemsUnavailable):
        messages.answer("averoy", box.key, waiting.id, waiting.kind, waiting.sender)
    again = FiksMessages(norway.config("fiks-io"), norway.tokens, transport=norway.transport)
    again.answer("averoy", box.key, waiting.id, waiting.kind, waiting.sender)
    assert len(norway.sandbox.state.fiks["messages"][0]["answers"]) == 1


def happenings(file):
    at = dates.now()
    return [
        Happening("received", at),
        Happening("handling", at, "case", "Sak"),
        Happening("asked", at, "question", file=file, due=dates.today()),
        Happening("asked", at, "question", due=dates.today()),
        Happening("answered", at),
        Happening("preliminary-reply", at, file=file),
        Happening("decision", at, "case", "Sak", "granted", file),
        Happening("decision", at, "case", "Sak", "an-outcome-of-somebody-elses", file),
        Happening("done", at),
        Happening("not-handled", at),
    ]


def test_the_whole_history_replaces_what_was_told_before(norway, status):
    file = status.hand_over("averoy", CASE, HandedFile("vedtak.pdf", "application/pdf", b"%PDF-1.7"))
    for number in range(1, len(happenings(file)) + 1):
        status.replace("averoy", CASE, happenings(file)[:number])
    followed = norway.sandbox.state.fiks["cases"][str(CASE)]
    events = followed["history"]["hendelser"]
    schemas().check(contracts.STATUS, followed["history"])
    assert followed["files"] == [{"id": str(file), "name": "vedtak.pdf", "size": 8}]
    assert followed["updates"] == 10
    assert (events[0]["status"], events[1]["navKontor"]) == ("MOTTATT", "1554")
    assert [each["status"] for each in events if each["type"] == "soknadsStatus"] == [
        "MOTTATT", "UNDER_BEHANDLING", "FERDIGBEHANDLET", "BEHANDLES_IKKE"
    ]  # fmt: skip
    results = [each.get("utfall") for each in events if each["type"] == "vedtakFattet"]
    assert results == ["INNVILGET", None]


def test_a_file_that_was_not_handed_over_is_refused(norway, status):
    from allmenning.municipal.post.ports import SystemRefused

    with pytest.raises(SystemRefused):
        status.replace(
            "averoy", CASE, [*happenings(None)[:1], Happening("preliminary-reply", dates.now(), file=uuid4())]
        )


def test_a_person_at_the_sandbox_sees_what_was_sent_in_three_languages(norway, messages):
    send(norway, messages, "private")
    for language in ("nb", "nn", "en"):
        page = norway.client.get(f"/fiks?lang={language}")
        assert page.status_code == 200
        assert "AKSEPTERT" in page.text
    assert norway.client.post("/fiks/send", data={"place": "smola", "example": "private"}).status_code in (302, 404)
    pasted = {"place": "averoy", "contract": "sosialhjelp", "certificate": "nonsense"}
    assert "not-a-key" in norway.client.post("/fiks/key", data=pasted).headers["Location"]


def test_a_person_at_the_sandbox_writes_in_their_own_words(norway, messages):
    send(norway, messages, "private")
    norway.client.post("/fiks/send", data={"place": "averoy", "example": "private", "words": "Jeg så noe."})
    box = messages.boxes("averoy")[0]
    _, waiting = messages.waiting("averoy", box)
    assert read(messages, box, waiting).data["concern"] == "Jeg så noe."
    page = norway.client.get("/fiks?sent=private&lang=nb").text
    assert "Sendt: En nabo melder." in page
    assert "logger inn på saksbehandlersiden" in page


@pytest.mark.parametrize("language", ["nb", "nn"])
def test_every_word_of_it_is_translated(language):
    known = (resources.files("sandbox") / "locale" / language / "LC_MESSAGES" / "sandbox.po").read_text("utf-8")
    said = [*fiks.STATES.values(), *fiks.SHOWN.values(), *(each.title for each in EXAMPLES.values())]
    template = (resources.files("sandbox") / "templates" / "fiks.html").read_text("utf-8")
    said += re.findall(r'_\("([^"]+)"', template)
    assert [each for each in said if f'msgid "{each}"\n' not in known] == []


def test_without_the_schemas_the_page_says_so(norway, monkeypatch, tmp_path):
    monkeypatch.setenv("ALLMENNING_STANDARDS", str(tmp_path))
    assert "The publishers’ schemas are not on this machine" in norway.client.get("/fiks?lang=en").text
    assert fiks_configuration("http://x", tmp_path) == {}


def test_the_schemas_are_used_only_as_they_were_held_against(tmp_path):
    schemas()
    name = contracts.FAILURE
    (tmp_path / name).parent.mkdir(parents=True)
    (tmp_path / name).write_text((folder() / name).read_text() + " ")
    with pytest.raises(contracts.SchemaChanged):
        contracts.Schemas(tmp_path).check(name, {})
    with pytest.raises(contracts.SchemaChanged):
        contracts.Schemas(tmp_path).check(contracts.STATUS, {})
