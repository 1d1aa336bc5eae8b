"""What each has borne by year is what was issued, corrections at the year that was wrong, the host's own share too."""

from datetime import date

import pytest

from allmenning.commons.costs import drafting, entering, yearly

from .test_drafting import BY, HOST, cost, draft, issue

NEXT = date(2014, 5, 1)


@pytest.fixture
def year_2013(orkide):
    entering.enter_cost(orkide, cost(100_000_000), by=BY)
    found = draft()
    issue(found)
    return found


def test_each_ones_share_of_an_issued_year_and_the_hosts_own(year_2013):
    borne = yearly.borne(["ikt-orkide"])
    assert borne == {2013: year_2013.by_party}
    assert borne[2013]["kristiansund"] == 25106893  # the host, which gets no bill


def test_a_draft_is_borne_by_nobody(orkide):
    entering.enter_cost(orkide, cost(100_000_000), by=BY)
    found = draft()
    assert yearly.borne(["ikt-orkide"]) == {}
    drafting.approve(found.row.id, by=HOST)
    assert yearly.borne(["ikt-orkide"]) == {}


def test_a_correction_is_at_the_year_that_was_wrong(year_2013, orkide):
    drafting.enter_correction("ikt-orkide", year_2013.row.id, project="", ore=1_000_000, reason="Glemt", by=BY)
    entering.enter_cost(orkide, cost(50_000_000, "2", day=NEXT), by=BY)
    issue(draft(NEXT))
    borne = yearly.borne(["ikt-orkide"])
    assert (sum(borne[2013].values()), sum(borne[2014].values())) == (101_000_000, 50_000_000)


def test_nothing_is_borne_by_an_agreement_that_is_not_asked_of(year_2013):
    assert yearly.borne(["digifin"]) == {}
    assert yearly.borne([]) == {}
