"""What the tables propose where a person must choose the outcome."""

from datetime import date
from pathlib import Path
from types import SimpleNamespace

from allmenning.commons.catalogue import package as catalogue
from allmenning.journeys import proposing

PACKAGE = catalogue.load(Path(__file__).parents[3] / "services" / "care-services")


def proposed(monkeypatch, form, on=date(2026, 11, 21)):
    decision = catalogue.decide(PACKAGE, form, on=on)
    assert decision.outcome is None
    monkeypatch.setattr(proposing, "apply_tables", lambda case, content, offered: decision)
    return proposing.propose(SimpleNamespace(language="nb"), None, SimpleNamespace(package=PACKAGE))


def test_the_lists_of_a_letter_are_proposed_without_an_outcome(monkeypatch):
    found = proposed(
        monkeypatch, {"filled_by": "self", "services": ["home-nursing"], "urgency": "later", "has_help": False}
    )
    assert found.values == {"own_payment": ["Hjemmesykepleie koster ingenting."]}


def test_no_lists_are_proposed_where_nothing_could_be_worked_out(monkeypatch):
    found = proposed(monkeypatch, {"filled_by": "self"})
    assert (found.values, len(found.uncertain)) == ({}, 1)
