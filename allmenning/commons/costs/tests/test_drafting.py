"""A period is drafted, commented on, approved and issued once; what comes to light afterwards is a correction in the next."""

from __future__ import annotations

import json
from datetime import date
from functools import partial

import pytest
from django.db import DatabaseError, IntegrityError, connections, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from allmenning.basics.typed import IsMissing
from allmenning.commons.costs import actions, drafting, entering, errors, frozen, queries, settlements
from allmenning.commons.costs.frozen import Content
from allmenning.commons.costs.models import CorrectionSettled, Settlement, SettlementIssue
from allmenning.commons.costs.settling import Cost, correct, settle
from allmenning.commons.municipalities import queries as register_queries

from .test_settling import FACTS, ORKIDE, ROOT, TEXT, agreement

BY, HOST = "treasurer, ikt-orkide", "approver, ikt-orkide"
DAY = date(2013, 7, 1)


def cost(ore, invoice="1", day=DAY, **more):
    return Cost(day, "Leverandør AS", invoice, "Drift", ore, 0, **more)


def draft(day=DAY):
    return drafting.draft("ikt-orkide", day, register_queries, by=BY)


@pytest.fixture
def drafted(orkide):
    entering.enter_cost(orkide, cost(100_000_000), by=BY)
    return draft()


def issue(found):
    """As issuing does, without bills."""
    drafting.approve(found.row.id, by=HOST)
    SettlementIssue.objects.create(settlement=found.row, **issued(found.row))
    for each in found.content.corrected:
        for id in each.corrections:
            CorrectionSettled.objects.create(correction_id=id, settlement=found.row)


def issued(row):
    return {
        **{"agreement": row.agreement, "start": row.start, "due": DAY, "at": row.drafted_at, "by": BY},
        **{"accounts": {}, "treatments": {}},
    }


def another(row):
    same = ("agreement", "version", "start", "end", "ore", "inputs", "content", "drafted_at", "drafted_by")
    return Settlement.objects.create(number=2, **{name: getattr(row, name) for name in same})


def test_the_year_2013_of_ikt_orkide_opens_down_to_the_figure_and_its_source(drafted):
    assert (drafted.status, drafted.row.number, drafted.row.version) == ("draft", 1, 1)
    assert drafted.by_party["kristiansund"] == 25106893
    assert sum(drafted.by_party.values()) == drafted.row.ore == 100_000_000
    share = next(each for each in drafted.content.pots[0].shares if each.party.id == "kristiansund")
    assert (share.party.population, share.party.counted_on) == (24131, date(2013, 1, 1))
    assert "Statistics Norway" in drafted.content.sources["kristiansund"]


def test_whose_figures_a_population_is_the_sum_of_stands_in_its_source_and_is_kept(register):
    text = (ROOT / "agreements/by-population.yaml").read_text("utf-8")
    day = date(2020, 3, 1)
    actions.publish(text, file="by-population.yaml", by="tests")
    entering.enter_cost(queries.agreement("by-population").agreement, cost(1_000_000, day=day), by=BY)
    content = drafting.draft("by-population", day, register_queries, by=BY).content
    party = next(each for each in frozen.from_data(frozen.as_data(content)).parties if each.id == "kristiansand")
    assert (party.population, [each.name for each in party.summed]) == (110_391, ["Kristiansand", "Søgne", "Songdalen"])
    assert content.sources["kristiansand"].endswith(
        "07459: Kristiansand 92\u00a0282 + Søgne 11\u00a0403 + Songdalen 6\u00a0706"
    )


def test_there_is_nothing_to_settle_where_nothing_was_entered(orkide):
    with pytest.raises(errors.NothingToSettle):
        draft()


def test_a_new_draft_withdraws_the_one_before_and_keeps_what_was_said_of_it(drafted, orkide):
    comment = drafting.comment(drafted.row.id, party="aure", text="Hvorfor så mye?", by="member-treasurer, aure")
    entering.enter_cost(orkide, cost(1, "2"), by=BY)
    second = draft()
    assert settlements.settlement(drafted.row.id).status == "withdrawn"
    assert (second.status, second.row.number) == ("draft", 2)
    assert [each.settlement.number for each in settlements.comments("ikt-orkide", date(2013, 1, 1))] == [1]
    with pytest.raises(errors.CommentsUnanswered):
        drafting.approve(second.row.id, by=HOST)
    drafting.answer(comment.id, agreement="ikt-orkide", text="Folketallet økte.", by=BY)
    drafting.approve(second.row.id, by=HOST)
    assert settlements.settlement(second.row.id).status == "approved"
    with pytest.raises(errors.NoLongerADraft):
        drafting.comment(drafted.row.id, party="aure", text="Én ting til", by="member-treasurer, aure")


def test_comments_may_stay_unanswered_where_it_is_said_why(drafted):
    drafting.comment(drafted.row.id, party="aure", text="Nei!", by="member-treasurer, aure")
    assert drafting.approve(drafted.row.id, by=HOST, reason="Saken er drøftet i styret.").reason


@pytest.mark.parametrize(
    ("party", "text", "error"), [("ås", "Hei", errors.NotInThisSettlement), ("aure", " \n", IsMissing)]
)
def test_only_a_party_comments_and_says_something(drafted, party, text, error):
    with pytest.raises(error):
        drafting.comment(drafted.row.id, party=party, text=text, by="member-treasurer, aure")


def test_nothing_more_is_said_of_what_is_approved_so_that_nothing_is_issued_unread(drafted):
    drafting.approve(drafted.row.id, by=HOST)
    with pytest.raises(errors.AlreadyApproved):
        drafting.comment(drafted.row.id, party="aure", text="Vent!", by="member-treasurer, aure")
    with pytest.raises(errors.AlreadyApproved):
        drafting.approve(drafted.row.id, by=HOST)
    again = draft()
    assert settlements.settlement(drafted.row.id).status == "withdrawn"
    drafting.comment(again.row.id, party="aure", text="Vent!", by="member-treasurer, aure")


@pytest.mark.parametrize("what", ["cost", "taken out", "grant"])
def test_a_draft_is_not_approved_when_something_has_come_since(orkide, what):
    first = entering.enter_cost(orkide, cost(100_000_000), by=BY)
    found = draft()
    if what == "cost":
        entering.enter_cost(orkide, cost(1, "2"), by=BY)
    elif what == "grant":
        entering.enter_grant(orkide, day=DAY, giver="Staten", text="", ore=1, project="", by=BY)
    else:
        entering.take_out_cost(first.id, "Feil", agreement="ikt-orkide", by=BY)
    with pytest.raises(errors.SomethingHasCome):
        drafting.approve(found.row.id, by=HOST)


def test_a_cost_of_another_year_changes_nothing(drafted, orkide):
    entering.enter_cost(orkide, cost(1, "2", date(2014, 1, 1)), by=BY)
    drafting.approve(drafted.row.id, by=HOST)


def test_a_period_is_issued_once_whatever_the_code_does(drafted):
    issue(drafted)
    with pytest.raises(errors.AlreadySettled):
        draft()
    with pytest.raises(IntegrityError, match="period_issued_once"), transaction.atomic(using="commons"):
        SettlementIssue.objects.create(settlement=another(drafted.row), **issued(drafted.row))
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic(using="commons"):
        connections["commons"].cursor().execute("update costs_settlement set ore = 1")


# --- corrections ---


def test_a_cost_that_comes_too_late_is_asked_about_and_becomes_lines_of_the_next_settlement(drafted, orkide):
    issue(drafted)
    late = cost(1_300_000, "late")
    with pytest.raises(errors.PeriodSettled):
        entering.enter_cost(orkide, late, by=BY)
    entering.enter_cost(orkide, late, by=BY, late=True)
    entering.enter_cost(orkide, cost(2_000_000, "2014", date(2014, 2, 1)), by=BY)
    after = draft(date(2014, 7, 1))
    (corrected,) = after.content.corrected
    assert (corrected.start, corrected.pot.ore, corrected.reasons) == (date(2013, 1, 1), 1_300_000, ("Drift",))
    assert after.row.ore == 3_300_000
    whole = settle(ORKIDE, DAY, [cost(101_300_000)], FACTS).by_party
    parts = {id: drafted.by_party[id] for id in whole}
    for share in corrected.pot.shares:
        assert abs(parts[share.party.id] + share.ore - whole[share.party.id]) <= 1


def test_who_has_left_gets_their_part_of_a_correction(drafted, orkide):
    issue(drafted)
    drafting.enter_correction("ikt-orkide", drafted.row.id, project="", ore=-130_000, reason="Kreditert", by=BY)
    entering.enter_cost(orkide, cost(1_000, "2019", date(2019, 2, 1)), by=BY)
    after = draft(date(2019, 7, 1))
    now = {share.party.id for share in after.content.pots[0].shares}
    gone = {share.party.id for share in after.content.corrected[0].pot.shares} - now
    assert gone
    assert all(after.by_party[id] < 0 for id in gone)


def test_corrections_of_one_year_in_two_later_ones_come_to_what_each_should_have_paid(drafted, orkide):
    issue(drafted)
    paid = dict(drafted.by_party)
    for year, ore in ((2014, 7), (2015, -3), (2016, 6)):
        drafting.enter_correction("ikt-orkide", drafted.row.id, project="", ore=ore, reason="Retting", by=BY)
        found = draft(date(year, 1, 1))
        assert (found.content.pots, found.row.ore) == ((), ore)
        for id, more in found.by_party.items():
            paid[id] += more
        issue(found)
    assert paid == settle(ORKIDE, DAY, [cost(drafted.row.ore + 10)], FACTS).by_party


def test_a_late_cost_may_be_taken_out_until_it_is_settled(drafted, orkide):
    issue(drafted)
    late = entering.enter_cost(orkide, cost(5, "late"), by=BY, late=True)
    entering.take_out_cost(late.id, "Ikke vår", agreement="ikt-orkide", by=BY)
    assert settlements.waiting_corrections("ikt-orkide") == []
    again = entering.enter_cost(orkide, cost(5, "late"), by=BY, late=True)
    issue(draft(date(2014, 1, 1)))
    with pytest.raises(errors.CorrectionIsSettled):
        entering.take_out_cost(again.id, "Ikke vår", agreement="ikt-orkide", by=BY)


@pytest.mark.parametrize(
    ("more", "error"),
    [({"ore": 0}, errors.NotMoreThanNothing), ({"reason": ""}, IsMissing), ({"project": "x"}, errors.NoSuchProject)],
)  # fmt: skip
def test_a_correction_says_what_and_why(drafted, more, error):
    issue(drafted)
    with pytest.raises(error):
        drafting.enter_correction(
            "ikt-orkide", drafted.row.id, **{"project": "", "ore": 1, "reason": "Retting", **more}, by=BY
        )


def test_no_more_is_taken_back_than_was_settled(drafted):
    issue(drafted)
    correct = lambda ore, party="": drafting.enter_correction(  # noqa: E731
        "ikt-orkide", drafted.row.id, project="", ore=ore, reason="Retting", by=BY, party=party
    )
    with pytest.raises(errors.MoreThanWasSettled):
        correct(-drafted.row.ore - 1)
    correct(-drafted.row.ore + 5)
    with pytest.raises(errors.MoreThanWasSettled) as told:
        correct(-6)
    assert told.value.params["left_ore"] == 5
    with pytest.raises(errors.MoreThanWasSettled):
        correct(-drafted.by_party["halsa"] - 1, "halsa")


def test_a_correction_by_hand_may_be_taken_out_until_it_is_settled_and_a_draft_with_it_is_outdated_then(
    drafted, orkide
):
    issue(drafted)
    correct = lambda ore: drafting.enter_correction(  # noqa: E731
        "ikt-orkide", drafted.row.id, project="", ore=ore, reason="Retting", by=BY
    )
    take_out = partial(entering.take_out_correction, reason="Feil", agreement="ikt-orkide", by=BY)
    wrong, right = correct(-52_000), correct(-5_200)
    outdated = draft(date(2014, 1, 1))
    take_out(wrong.id)
    with pytest.raises(errors.SomethingHasCome):
        drafting.approve(outdated.row.id, by="approver, ikt-orkide")
    found = draft(date(2014, 1, 1))
    assert (found.row.ore, [each.ore for each in settlements.waiting_corrections("ikt-orkide")]) == (-5_200, [-5_200])
    with pytest.raises(errors.AlreadyTakenOut):
        take_out(wrong.id)
    issue(found)
    with pytest.raises(errors.CorrectionIsSettled):
        take_out(right.id)
    late = entering.enter_cost(orkide, cost(5, "late"), by=BY, late=True)
    with pytest.raises(errors.NoSuchCost):  # it is taken out as the cost that it is
        take_out(late.correction.id)


def test_what_another_correction_takes_back_is_not_taken_out_before_it(drafted):
    issue(drafted)
    more, less = (
        drafting.enter_correction("ikt-orkide", drafted.row.id, project="", ore=ore, reason="Retting", by=BY)
        for ore in (100, -drafted.row.ore - 100)
    )
    take_out = partial(entering.take_out_correction, reason="Feil", agreement="ikt-orkide", by=BY)
    with pytest.raises(errors.TakenBackByAnother):
        take_out(more.id)
    take_out(less.id)
    take_out(more.id)
    assert settlements.waiting_corrections("ikt-orkide") == []


def test_what_is_not_settled_is_not_corrected(drafted):
    with pytest.raises(errors.NotSettledYet):
        drafting.enter_correction("ikt-orkide", drafted.row.id, project="", ore=1, reason="Retting", by=BY)


# --- as data that stays as it is ---

PRICES = "{per: inhabitant, every: month, kroner: '0.125', level: municipality}"
STEPS = "{per: party, every: once, steps: [{below: 5000, kroner: 1}, {kroner: 2}]}"
FIXED = "{part: 1/3, by: fixed, shares: {averoy: 1/7, smola: 2/7, aure: 4/7}}"
RULES = [
    "rounding: parts, parts: [{part: 70 %, by: population}, {part: rest, by: equal}]",
    f"phase_in: [1/3, 2/3], parts: [{FIXED}, {{part: rest, by: equal}}]",
    "presence: months, minimum: {kroner: 30}, maximum: {part: 90 %}, parts: [{part: rest, by: population}]",
    f"prices: [{PRICES}, {STEPS}], parts: [{{part: rest, by: equal}}]",
    "population: 2012-01-01, parts: [{part: rest, by: use, measure: cases}]",
]


@settings(deadline=None)  # the first reads the register's files
@given(st.sampled_from(RULES), st.integers(3_000_000, 10**10), st.integers(0, 90))
def test_what_is_kept_comes_out_as_it_went_in(rule, ore, cases):
    agreed = agreement.read(TEXT.replace("parts: [{part: rest, by: equal}]", rule))
    use = {"averoy": {"cases": cases}, "smola": {"cases": 7}}
    pots = settle(agreed, DAY, [cost(ore)], FACTS, use=use).pots
    corrected = frozen.Corrected(7, DAY, (1, 2), ("fordi",), correct(pots[0], 5))
    content = Content(pots, (corrected,), {"aure": "SSB"})
    back = frozen.from_data(json.loads(json.dumps(frozen.as_data(content))))
    assert back.by_party == content.by_party
    assert [without_lines(pot) for pot in back.pots] == [without_lines(pot) for pot in pots]


def without_lines(pot):
    """But for where the rule stood in its file, which tells nothing of what is paid."""
    rule = pot.rule
    return pot.project, pot.costs_ore, pot.grants_ore, rule.start, rule.end, rule.rule, rule.population, pot.shares
