"""What is corrected is shared as it was then, and what can't be shared so is refused when it is entered, not when it is billed."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from django.utils.translation import override

from allmenning.basics.money import format_ore
from allmenning.basics.sharing.errors import NothingToDivideBy, PricesExceed
from allmenning.commons.costs import actions, drafting, entered, entering, errors, queries, saying, settlements
from allmenning.commons.costs.errors import FileWrong
from allmenning.commons.costs.models import Correction, CostLine
from allmenning.commons.costs.settling import Cost, settle
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


# --- of one party alone, and of grants ---

LIST = TEXT.replace("parts: [{part: rest, by: equal}]", "prices: [{per: party, every: period, kroner: 100}]")


def corrected(found, **more):
    wrong = {"project": "", "ore": -2_500, "reason": "Feil pris", "by": BY, **more}
    return drafting.enter_correction("a-test", found.row.id, **wrong)


def test_a_price_list_is_corrected_for_one_party(register):
    agreed = published(LIST)
    issue(found := draft())
    with pytest.raises(errors.PartyMissing):
        corrected(found)
    with pytest.raises(errors.NotInThisSettlement):
        corrected(found, party="halsa")
    corrected(found, party="averoy")
    corrected(found, party="averoy", ore=500, reason="Likevel ikke")
    after = drafting.draft(agreed.id, NEXT, register_queries, by=BY)
    (one,) = after.content.corrected
    assert (one.party, one.reasons) == ("averoy", ("Feil pris", "Likevel ikke"))
    assert [(each.party.id, each.ore, each.pieces) for each in one.pot.shares] == [("averoy", -2_000, ())]
    assert after.by_party["averoy"] == 10_000 - 2_000
    issue(after)
    assert settlements.waiting_corrections("a-test") == []


def test_what_is_one_partys_alone_changes_nothing_of_what_all_share(register):
    found = issued(published())
    corrected(found, party="aure", ore=700)
    corrected(found, ore=-1_000)
    shared = next(each for each in draft(NEXT).content.corrected if not each.party)
    issue(draft(NEXT))
    corrected(found, ore=1_000)
    (back,) = draft(date(2015, 1, 1)).content.corrected
    paid = {share.party.id: share.ore for share in shared.pot.shares}
    assert {share.party.id: -share.ore for share in back.pot.shares} == paid


def grant(agreed, ore, **more):
    said = {"day": DAY, "giver": "Fylkesmannen", "text": "Skjønn", "project": "", **more}
    return entering.enter_grant(agreed, ore=ore, **said, by=BY)


def test_a_late_grant_is_a_correction_that_leaves_each_what_they_would_have_paid(register):
    agreed = published(TEXT.replace(EQUAL, "[{part: 30 %, by: equal}, {part: rest, by: population}]"))
    found = issued(agreed)
    row = grant(agreed, 40_000)
    assert (row.correction.ore, row.correction.reason) == (-40_000, "Fylkesmannen, Skjønn")
    right = settle(agreed, DAY, [cost(60_000)], register_queries).by_party
    back = of_next()
    assert {id: ore + back[id] for id, ore in found.by_party.items()} == right
    assert sum(back.values()) == -40_000


def test_a_grant_in_time_is_no_correction(register):
    agreed = published()
    entering.enter_cost(agreed, cost(100_000), by=BY)
    assert not hasattr(grant(agreed, 40_000), "correction")
    assert draft().row.ore == 60_000


def test_a_late_grant_is_no_more_than_there_was_to_share_with_all_that_came_later(register):
    agreed = published()
    issued(agreed)
    enter(agreed, 5_000)
    grant(agreed, 100_000)
    with pytest.raises(errors.GrantsExceed):
        grant(agreed, 5_001)
    with pytest.raises(errors.GrantsExceed):
        grant(agreed, 1, project="portal")
    grant(agreed, 5_000)


def test_a_late_grant_may_be_taken_out_until_it_is_settled_and_a_draft_with_it_is_outdated_then(register):
    agreed = published()
    issued(agreed)
    first = grant(agreed, 40_000)
    outdated = draft(NEXT)
    entering.take_out_grant(first.id, "Feil", agreement="a-test", by=BY)
    with pytest.raises(errors.SomethingHasCome):
        drafting.approve(outdated.row.id, by="approver, a-test")
    assert settlements.waiting_corrections("a-test") == []
    second = grant(agreed, 10_000)
    issue(draft(NEXT))
    with pytest.raises(errors.CorrectionIsSettled):
        entering.take_out_grant(second.id, "Feil", agreement="a-test", by=BY)


@pytest.mark.parametrize("is_late", [False, True])
def test_a_grant_to_a_price_list_has_nothing_to_reduce(register, is_late):
    agreed = published(LIST)
    if is_late:
        issue(draft())
    with pytest.raises(errors.NothingToReduce):
        grant(agreed, 1)


def test_nothing_that_comes_after_a_late_grant_leaves_less_than_it(register):
    agreed = published()
    found = issued(agreed)
    late = enter(agreed, 50_000)
    row = grant(agreed, 150_000)
    for less in (
        lambda: entering.take_out_cost(late.id, "Feil", agreement="a-test", by=BY),
        lambda: corrected(found, ore=-1),
        lambda: enter(agreed, -1, "credit"),
    ):
        with pytest.raises(errors.GrantsExceed):
            less()
    assert sum(each.ore for each in settlements.waiting_corrections("a-test")) == -100_000
    entering.take_out_grant(row.id, "Feil", agreement="a-test", by=BY)
    corrected(found, ore=-150_000)  # all that is left


def test_a_late_grant_that_is_settled_holds_what_it_reduces_too(register):
    agreed = published()
    found = issued(agreed)
    grant(agreed, 100_000)
    issue(draft(NEXT))
    with pytest.raises(errors.GrantsExceed):
        corrected(found, ore=-1)
    corrected(found, ore=1)


def test_a_late_grant_reduces_what_is_divided_and_not_what_the_prices_came_to(register):
    agreed = published(TEXT.replace("{from: 2013-01-01, parts:", PRICES))
    found = issued(agreed)  # 20 000 of it are prices: of one for the whole year, and of two who share it
    with pytest.raises(errors.GrantsExceed):
        grant(agreed, 80_001)
    grant(agreed, 80_000)
    entering.enter_cost(agreed, cost(50_000, "next", NEXT), by=BY)
    assert sum(found.by_party.values()) + sum(of_next().values()) == 20_000


def test_a_draft_from_before_more_was_looked_at_may_be_issued_unless_what_it_corrects_is(register, monkeypatch):
    agreed = published()
    found = issued(agreed)
    corrected(found, ore=-200)
    newest = entered.newest_of_each
    with monkeypatch.context() as before:
        before.setattr(
            entered, "newest_of_each", lambda *of: {k: v for k, v in newest(*of).items() if k != "corrections_settled"}
        )
        first, second = draft(NEXT), draft(date(2015, 1, 1))
    assert not drafting.has_come(first)
    issue(first)
    assert drafting.has_come(second)
    with pytest.raises(errors.SomethingHasCome):
        drafting.approve(second.row.id, by="approver, a-test")


def told(day):
    """A party's share of what is corrected in the period's draft, and how it says that it was reckoned; the draft is issued."""
    found = draft(day)
    (share, *_) = found.content.corrected[0].pot.shares
    issue(found)
    with override("en"):
        return share, dict(saying.pieces(share, corrects=True))


def test_how_a_correction_was_reckoned_says_what_was_settled_before_it(register):
    found = issued(published())
    corrected(found, ore=-40_000)
    first, how = told(NEXT)
    assert how.keys() <= {"In equal shares", "Rounding"}
    corrected(found, ore=10_000)
    _, how = told(date(2015, 1, 1))
    assert how["What was settled before"] == "+" + format_ore(-round(first.exact), "en", always_ore=True)
    assert how.get("Rounding", "0.01").endswith("0.01")
