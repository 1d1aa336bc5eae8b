"""Reports of concern: every example of the service's folder is valid as the publisher's JSON, and comes back as it was."""

from datetime import datetime

import pytest
import yaml

from allmenning.basics import dates
from allmenning.connections.fiks import concern
from allmenning.journeys.testing import SERVICES

from .standards import schemas

ENVELOPE = concern.Envelope("1554", "Averøy", datetime(2026, 11, 23, 10, tzinfo=dates.OSLO), "Allmenning")
# What the contract has no place for, in any words.
NOT_THERE = {"reporter_sector", "attachments", "safe_contact", "birth_date"}


def examples():
    for file in sorted((SERVICES / "child-welfare-concern" / "examples").glob("*.yaml")):
        example = yaml.safe_load(file.read_text("utf-8"))
        if "errors" not in example["expect"]:
            yield pytest.param(example["form"], id=file.stem)


@pytest.mark.parametrize("form", list(examples()))
def test_an_example_goes_out_and_comes_back(form):
    message = concern.to_message(form, ENVELOPE)
    schemas().check(concern.SCHEMAS[concern.message_type(form)], message)
    again = concern.from_message(message)
    if "safe_contact" in form:
        assert again["concern"].endswith(form["safe_contact"])
        again["concern"] = form["concern"]
    told = {name: value for name, value in form.items() if name not in NOT_THERE}
    if not told.get("reporter_address", {"line1": ""}).get("line1", ""):
        told.pop("reporter_address", None)
    told["children"] = [
        {name: value for name, value in child.items() if name not in NOT_THERE} for child in told["children"]
    ]
    assert again == told


def private(**changes):
    message = {
        "kommunenummer": "1554",
        "kommunenavn": "Averøy",
        "bydelsnummer": "00",
        "bydelsnavn": "",
        "privatMelder": {"personnavn": "Kari Prøve"},
        "privatBarn": [{"personnavn": "Anna", "adresse": {"adresselinje1": "Prøveveien 1", "adresselinje2": ""}}],
        "melding": "Anna er mye alene.",
        "sendingstidspunkt": "2026-11-23T10:00:00",
        "leveringskanal": "Portalen",
    } | changes
    schemas().check(concern.SCHEMAS[concern.PRIVATE], message)
    return concern.from_message(message)


def test_what_was_not_asked_is_not_answered():
    assert private() == {
        "reporter_kind": "private",
        "reporter_name": "Kari Prøve",
        "children": [{"name": "Anna", "address_line1": "Prøveveien 1"}],
        "concern": "Anna er mye alene.",
    }


@pytest.mark.parametrize("name", ["", " ", "Anonym", "ukjent"])
def test_one_without_a_name_is_anonymous(name):
    assert private(privatMelder={"personnavn": name})["reporter_kind"] == "anonymous"


def test_a_report_about_nobody_is_taken():
    assert private(privatBarn=[])["children"] == []


def test_text_that_hides_other_text_is_taken_without_it():
    assert private(melding="Barnet\u202e er\x00 alene")["concern"] == "Barnet er alene"


def test_a_sentence_of_the_senders_own_stays_where_it_is():
    assert private(melding="Noen er i fare.\n\nKom.")["concern"] == "Noen er i fare.\n\nKom."


@pytest.mark.parametrize(
    ("told", "hour"), [("2026-11-23T10:00:00", 9), ("2026-07-23T10:00:00", 8), ("2026-11-23T10:00:00Z", 10)]
)
def test_a_time_without_a_zone_is_norwegian(told, hour):
    assert concern.sent_at({"sendingstidspunkt": told}).astimezone(dates.UTC).hour == hour


def test_a_time_that_is_none_is_none():
    assert concern.sent_at({"sendingstidspunkt": "i går"}) is None
