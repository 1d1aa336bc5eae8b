"""How far somebody acts for another is dated: the day decides, by the line of the law that holds on it."""

from datetime import date, timedelta

import pytest

from allmenning.municipal.people import authority
from allmenning.municipal.people.authority import Line

CHANGES = date(2027, 7, 1)
DAY_BEFORE = CHANGES - timedelta(days=1)


def care(below, **dates):
    return Line("care", "pasient- og brukerrettighetsloven § 4-3", confirmed=True, below=below, **dates)


def power(at_least, **dates):
    return Line("ordinary", "forvaltningsloven § 12", confirmed=True, at_least=at_least, **dates)


def law_is(monkeypatch, **lines):
    monkeypatch.setattr(authority, "_read", lambda: lines)


def test_data_that_let_somebody_act_in_child_welfare_is_refused_when_it_is_read(monkeypatch):
    line = {"area": "child-welfare", "law": "x", "confirmed": True, "at_least": 18}
    monkeypatch.setattr(authority, "facts_in", lambda name: {"powers_of_attorney": [line]})
    authority._read.cache_clear()
    with pytest.raises(ValueError, match="powers_of_attorney names child-welfare"):
        authority.to_be_given(date(2026, 11, 22))
    monkeypatch.undo()
    authority._read.cache_clear()


def test_an_age_limit_that_changes_holds_from_its_day(monkeypatch):
    law_is(monkeypatch, parents=(care(16, end=CHANGES), care(14, start=CHANGES)))
    fifteen = date(2012, 1, 1)
    assert authority.of_parent(fifteen, DAY_BEFORE) == ("care",)
    assert authority.of_parent(fifteen, CHANGES) == ()
    assert authority.of_parent(date(2014, 1, 1), CHANGES) == ("care",)


def test_the_age_to_give_a_power_of_attorney_is_that_of_the_day(monkeypatch):
    law_is(monkeypatch, powers_of_attorney=(power(18, end=CHANGES), power(16, start=CHANGES)))
    assert (authority.age_to_give(DAY_BEFORE), authority.age_to_give(CHANGES)) == (18, 16)


def test_before_the_law_was_in_force_its_line_gives_nothing():
    """vergemålsloven: 1 July 2013; forvaltningsloven: 1 January 1970."""
    both = "personligeOgOekonomiskeInteresser"
    assert authority.of_guardian(both, date(2013, 6, 30)) == ()
    assert "ordinary" in authority.of_guardian(both, date(2013, 7, 1))
    assert authority.to_be_given(date(1969, 12, 31)) == ()
    assert authority.staff_are_barred(date(1970, 1, 1))
    assert not authority.staff_are_barred(date(1969, 12, 31))
