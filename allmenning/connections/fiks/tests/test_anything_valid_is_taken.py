"""Whatever another system sends that its schema takes becomes answers that can be shown, and that the service's tables bear."""

import json
import random
from datetime import UTC, date, datetime
from functools import cache

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from allmenning.basics import dates
from allmenning.commons.catalogue import package as packages
from allmenning.connections.fiks import application, concern, contracts
from allmenning.journeys.testing import SERVICES
from allmenning.rules.forms import Form
from allmenning.rules.forms.pointers import pointer
from allmenning.rules.forms.summary import _answers

from .standards import schemas

STRANGE = ["", " ", "2026-99-99", "0000-00-00", "1", "-", "ø" * 5000, "a\u202eb", "\x00", "<script>", "{{ value.x }}",
           "12345678903", "+4712345678", "99999999999", "2026-11-23T99:99:99.9Z", "jobb", "utdatert", "Anonym", "\n\n\n"]  # fmt: skip
AT = datetime(2026, 11, 23, 9, tzinfo=UTC)


@cache
def service(id):
    package = packages.load(SERVICES / id)
    return package, Form(package.form_schema, package.form_ui)


@cache
def sent(id):
    """A message of each example of a service, with the schema that it is valid by."""
    forms = [yaml.safe_load(file.read_text("utf-8")) for file in sorted((SERVICES / id / "examples").glob("*.yaml"))]
    forms = [each["form"] for each in forms if "errors" not in each["expect"]]
    if id == "child-welfare-concern":
        envelope = concern.Envelope("1554", "Averøy", AT.astimezone(dates.OSLO), "Allmenning")
        return [(concern.SCHEMAS[concern.message_type(f)], concern.to_message(f, envelope)) for f in forms]
    about = application.Envelope("02813299952", "Kari Prøve", AT, "1554")
    return [(contracts.APPLICATION, application.to_message(f, about)) for f in forms]


def places(value, at=()):
    """Every place in a document."""
    yield at
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in parts:
        yield from places(part, (*at, name))


def changed(document, chance):
    """The document with one thing in it taken away, said twice, or said strangely."""
    place = chance.choice([each for each in places(document) if each])
    there = document
    for step in place[:-1]:
        there = there[step]
    value, last = there[place[-1]], place[-1]
    if chance.random() < 0.3:
        del there[last]
    elif isinstance(value, bool):
        there[last] = not value
    elif isinstance(value, int):
        there[last] = chance.choice([0, -1, 10**12, 99])
    elif isinstance(value, str):
        there[last] = chance.choice(STRANGE)
    elif isinstance(value, list):
        there[last] = chance.choice([[], value * 2])
    return document


@pytest.mark.parametrize("id", ["child-welfare-concern", "financial-assistance"])
@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_whatever_the_schema_takes_is_shown_and_decided_on(id, seed):
    chance, held = random.Random(seed), schemas()
    schema, document = chance.choice(sent(id))
    document = json.loads(json.dumps(document))
    for _ in range(chance.randint(1, 6)):
        before = json.dumps(document)
        try:
            held.check(schema, changed(document, chance))
        except contracts.NotAsPublished:
            document = json.loads(before)
    from_message = concern.from_message if id == "child-welfare-concern" else application.from_message
    data = from_message(document)
    package, form = service(id)
    unasked = concern.UNASKED if id == "child-welfare-concern" else application.UNASKED
    shown = [row for section in form.summary(data, "nb", not_asked=unasked) for row in section.rows]
    assert {pointer(path) for path, _ in _answers(data)} - {row.pointer for row in shown} == set()
    form.examined(data, "nb")
    packages.decide(package, data, on=date(2026, 11, 23))
    (concern if id == "child-welfare-concern" else application).sent_at(document)
