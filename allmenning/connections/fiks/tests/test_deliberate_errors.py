"""Control: what is wrong on purpose is found, by its place and never by what stands there; and every refusal has its words."""

import json
import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from uuid import UUID

import pytest
import yaml

from allmenning.basics import dates
from allmenning.connections.fiks import application, concern, container, contracts, messages, status
from allmenning.journeys.testing import SERVICES
from allmenning.municipal.post.ports import Happening

from .standards import schemas

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
GONE = object()


@cache
def forms(service):
    """The forms of every example that our own form takes."""
    read = [
        yaml.safe_load(file.read_text("utf-8")) for file in sorted((SERVICES / service / "examples").glob("*.yaml"))
    ]
    return [each["form"] for each in read if "errors" not in each["expect"]]


def reports(kind):
    envelope = concern.Envelope("1554", "Averøy", AT.astimezone(dates.OSLO), "Allmenning")
    written = [concern.to_message(form, envelope) for form in forms("child-welfare-concern")]
    return next(each for each in written if kind in each)


def applied():
    about = application.Envelope("02813299952", "Kari Prøve", AT, "1554")
    return application.to_message(forms("financial-assistance")[0], about)


def told():
    file, at = UUID(int=1), AT
    return status.to_document([
        Happening("received", at), Happening("decision", at, "case", "Sak", "granted", file), Happening("done", at)
    ], "1554")  # fmt: skip


def changed(document, path, value):
    """A copy with another value at a place; GONE takes it away."""
    document = json.loads(json.dumps(document))
    *way, last = [int(step) if step.isdigit() else step for step in path.split("/")]
    there = document
    for step in way:
        there = there[step]
    if value is GONE:
        del there[last]
    else:
        there[last] = value
    return document


WRONG = [
    (contracts.PRIVATE_CONCERN, lambda: reports("privatMelder"), [
        ("melding", GONE), ("melding", 7), ("privatMelder", GONE), ("privatMelder/personnavn", GONE), ("privatBarn", GONE),
        ("privatMelder/telefonnummer", "ring meg"), ("privatBarn/0/personnavn", {}), ("kommunenummer", GONE),
        ("sendingstidspunkt", GONE),
    ]),
    (contracts.PUBLIC_CONCERN, lambda: reports("offentligMelder"), [
        ("offentligMelder/telefonnummer", GONE), ("offentligMelder/virksomhet", GONE), ("offentligBarn/0/fnr", GONE),
        ("melding", "bare tekst"), ("offentligMelder/epost", "ingen adresse"), ("offentligBarn", GONE),
    ]),
    (contracts.APPLICATION, applied, [
        ("data/soknadstype", "noe"), ("data/personalia", GONE), ("data/personalia/personIdentifikator/verdi", 123),
        ("data/begrunnelse", GONE), ("data/okonomi", GONE), ("version", GONE), ("data/familie/sivilstatus/status", "kanskje"),
        ("data/personalia/personIdentifikator", GONE), ("data/personalia/navn/fornavn", GONE), ("kompatibilitet", "1.0"),
    ]),
    (contracts.STATUS, told, [
        ("version", "noe"), ("avsender", GONE), ("hendelser", GONE), ("hendelser/0/status", "FERDIG"),
        ("hendelser/0/hendelsestidspunkt", GONE), ("hendelser/0/type", "noeAnnet"), ("hendelser/3/saksreferanse", GONE),
        ("hendelser/3/utfall", "KANSKJE"), ("hendelser/3/vedtaksfil", GONE), ("hendelser/1/navKontor", GONE),
    ]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("schema", "document", "path", "value"),
    [
        pytest.param(schema, made, *each, id=f"{Path(schema).stem} {each[0]}")
        for schema, made, all in WRONG
        for each in all
    ],
)
def test_what_is_wrong_on_purpose_is_found(schema, document, path, value):
    held, whole = schemas(), document()
    held.check(schema, whole)
    with pytest.raises(contracts.NotAsPublished) as found:
        held.check(schema, changed(whole, path, value))
    assert "Prøve" not in str(found.value)


def test_every_example_of_the_folders_was_held_against_the_schemas():
    assert (len(forms("child-welfare-concern")), len(forms("financial-assistance"))) >= (25, 56)


def test_every_refusal_has_its_words():
    """Each reason that is raised anywhere has a sentence, and a place in the table for operators."""
    root = Path(messages.__file__).parents[3]
    files = [Path(each.__file__) for each in (messages, container)]
    files.append(root / "allmenning" / "journeys" / "receiving_from_systems.py")
    raised = {
        each for file in files for each in re.findall(r'(?:reason=|Unreadable\()"([a-z-]+)"', file.read_text("utf-8"))
    }
    assert len(raised) >= 12
    assert raised - set(messages.SENTENCES) == set()
    table = (root / "docs" / "operations.md").read_text("utf-8")
    assert {each for each in raised if f"`{each}`" not in table} == set()
