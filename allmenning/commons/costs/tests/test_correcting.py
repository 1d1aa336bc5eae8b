"""What is corrected is shared as it was then, and what can't be shared so is refused when it is entered, not when it is billed."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from allmenning.basics.sharing.errors import NothingToDivideBy, PricesExceed
from allmenning.commons.costs import actions, drafting, entering, errors, queries, settlements
from allmenning.commons.costs.errors import FileWrong
from allmenning.commons.costs.models import Correction, CostLine
from allmenning.commons.costs.settling import Cost
from allmenning.commons.municipalities import queries as register_queries

from .test_drafting import BY, DAY, issue
from .test_settling import TEXT

YEAR, NEXT = date(2013, 1, 1), date(2014, 1, 1)
BY_USE = "[{part: 50 %, by: equal}, {part: rest, by: use, measure: cases}]"
EQUAL = "[{part: rest, by: equal}]"
PRICES = "{from: 2013-01-01, prices: [{per: party, every: period, kroner: 100}], parts:"


def published(text=TEXT):
    actions.publish(text, file="a-test.yaml", by="tests")
    return queries.agreement("a-test").agreement


def cost(ore, invoice="1", day=DAY, **more):
    return Cost(day, "Leverandør AS", invoice, "Drift", ore, 0, **more)


def enter(agreed, ore, invoice="late", **more):
    return entering.enter_cost(agreed, cost(ore, invoice, **more), by=BY, late=True)


def draft(day=DAY):
    return drafting.draft("a-test", day, register_queries, by=BY)


def issued(agreed, ore=100_000, **more):
    entering.enter_cost(agreed, cost(ore, **more), by=BY)
    issue(found := draft())
    return found


def of_next():
    """What each pays of what is corrected, in the next period's draft."""
    (corrected,) = draft(NEXT).content.corrected
    return {share.party.id: share.ore for share in corrected.pot.shares}


def test_a_correction_is_billed_after_the_agreement_has_ended(register):
    agreed = published(TEXT.replace("{from: 2013-01-01, parts", "{from: 2013-01-01, to: 2014-01-01, parts"))
    found = issued(agreed)
    with pytest.raises(errors.NothingToSettle):
        draft(NEXT)
    drafting.enter_correction("a-test", found.row.id, project="", ore=-200, reason="Kreditert", by=BY)
    after = draft(NEXT)
    assert (after.content.pots, after.row.ore) == ((), -200)
    with pytest.raises(errors.NotInForce):
        draft(date(2012, 1, 1))


@pytest.mark.parametrize("parts", [EQUAL, BY_USE])
def test_a_late_cost_of_a_project_that_had_none_is_shared_by_the_use_of_then(register, parts):
    agreed = published(TEXT.replace(EQUAL, parts))
    for party, cases in (("averoy", 3), ("aure", 1)):
        entering.enter_use(agreed, YEAR, party=party, measure="cases", amount=cases, source="Saker", by=BY)
    issued(agreed)
    enter(agreed, 1_000, project="portal")
    aure = (Fraction(1_000 * 183, 365 + 183) / 2 + 1_000 // 4 // 2) if parts == BY_USE else Fraction(1_000 * 183, 548)
    assert of_next() == {"averoy": 1_000 - round(aure), "aure": round(aure)}


def test_prices_beside_parts_are_not_charged_again_with_a_late_cost(register):
    agreed = published(TEXT.replace("{from: 2013-01-01, parts:", PRICES))
    issued(agreed)
    enter(agreed, 1_000, project="portal")
    entering.enter_cost(agreed, cost(50_000, "next", NEXT), by=BY)
    assert sum(of_next().values()) == 1_000


def test_an_agreement_that_begins_within_a_period_takes_a_late_cost_of_it(register):
    agreed = published(TEXT.replace("- {from: 2013-01-01, parts", "- {from: 2013-04-01, parts"))
    issued(agreed)
    enter(agreed, 1_000, project="portal")
    assert sum(of_next().values()) == 1_000


def test_such_a_first_period_is_drafted_from_its_first_day(register):
    agreed = published(TEXT.replace("- {from: 2013-01-01, parts", "- {from: 2013-04-01, parts"))
    entering.enter_cost(agreed, cost(1_000), by=BY)
    assert draft(YEAR).row.ore == 1_000
    with pytest.raises(errors.NotInForce):
        draft(date(2012, 1, 1))


JOINED = "      - {party: averoy, from: 2013-01-01}\n      - {party: aure, from: 2013-01-01}\n"
REFUSED = [
    (TEXT.replace(JOINED, "      - {party: aure, from: 2014-01-01}\n"), errors.NobodyHasJoined),
    (TEXT.replace(EQUAL, "[{part: rest, by: use, measure: cases}]"), NothingToDivideBy),
]


@pytest.mark.parametrize(("text", "error"), REFUSED)
def test_what_could_not_be_shared_then_is_refused_when_it_is_entered(register, text, error):
    agreed = published(text)
    entering.enter_use(agreed, YEAR, party="smola", measure="cases", amount=1, source="Saker", by=BY)
    issued(agreed)
    with pytest.raises(error):
        enter(agreed, 1_000, project="portal")
    rows = "Dato;Leverandør;Faktura;Tekst;Netto;Mva;Prosjekt\n01.02.2013;A;1;Drift;100;0;\n01.02.2013;A;2;Drift;1;0;portal\n"
    with pytest.raises(FileWrong) as told:
        entering.enter_file(agreed, rows.encode(), file="f.csv", by=BY, late=True)
    assert [(each.line, type(each.error)) for each in told.value.problems] == [(3, error)]
    assert not Correction.objects.exists()
    assert CostLine.objects.count() == 1


def test_a_project_that_came_with_a_later_version_had_no_part_in_what_was_settled(register):
    issued(published(TEXT[: TEXT.index("projects:")]))
    with pytest.raises(errors.NoSuchProjectThen):
        enter(published(), 1_000, project="portal")


def test_less_than_the_prices_is_refused_where_the_least_is_held(register):
    limits = "{from: 2013-01-01, minimum: {kroner: 1}, prices: [{per: party, every: period, kroner: 100}], parts:"
    found = issued(published(TEXT.replace("{from: 2013-01-01, parts:", limits)))
    wrong = {"project": "", "ore": -45_000, "reason": "Kreditert", "by": BY}
    drafting.enter_correction("a-test", found.row.id, **wrong)
    with pytest.raises(PricesExceed):
        drafting.enter_correction("a-test", found.row.id, **wrong)
    assert sum(row.ore for row in settlements.waiting_corrections("a-test")) == -45_000


def test_what_others_need_to_be_shared_is_not_taken_out(register):
    limits = "{from: 2013-01-01, minimum: {kroner: 1}, prices: [{per: party, every: period, kroner: 100}], parts:"
    agreed = published(TEXT.replace("{from: 2013-01-01, parts:", limits))
    found = issued(agreed)
    late = enter(agreed, 50_000)
    drafting.enter_correction("a-test", found.row.id, project="", ore=-90_000, reason="Kreditert", by=BY)
    with pytest.raises(PricesExceed):
        entering.take_out_cost(late.id, "Feil", agreement="a-test", by=BY)
    assert len(settlements.waiting_corrections("a-test")) == 2


def test_a_correction_in_two_drafts_is_billed_once_and_the_other_draft_is_outdated(register):
    agreed = published()
    found = issued(agreed)
    drafting.enter_correction("a-test", found.row.id, project="", ore=-200, reason="Kreditert", by=BY)
    first, second = draft(NEXT), draft(date(2015, 1, 1))
    issue(first)
    with pytest.raises(errors.SomethingHasCome):
        drafting.approve(second.row.id, by="approver, a-test")
    with pytest.raises(errors.NothingToSettle):
        draft(date(2015, 1, 1))


@pytest.mark.parametrize("day", [date(9999, 1, 1), date(9999, 12, 31)])
def test_the_last_year_of_the_calendar_is_too_far_ahead(register, day):
    agreed = published()
    with pytest.raises(errors.TooFarAhead):
        draft(day)
    with pytest.raises(errors.TooFarAhead):
        entering.enter_use(agreed, day, party="aure", measure="cases", amount=1, source="Saker", by=BY)
