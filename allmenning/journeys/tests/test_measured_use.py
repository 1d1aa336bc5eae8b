"""What the platform measured becomes the use that a period is shared by: all of it or nothing, and each line says where it is from."""

from __future__ import annotations

from datetime import date

import pytest

from allmenning.basics import dates
from allmenning.commons.costs import actions, entered, errors, saying, settlements
from allmenning.commons.costs.models import MeasuredUse
from allmenning.commons.costs.testing import BY_USE
from allmenning.commons.figures import actions as figures
from allmenning.commons.municipalities.testing import loaded_register, register
from allmenning.journeys import entering_costs, measured_use, offices, settling_periods
from allmenning.journeys.offices import NotInYourRole
from allmenning.journeys.testing import number

__all__ = ["loaded_register", "register"]
TODAY, LAST = date(2027, 2, 10), date(2026, 12, 31)
DAY = date(2026, 5, 1)
CASES = {"averoy": 312, "kristiansund": 1000, "smola": 40, "aure": 100}


@pytest.fixture
def treasurer(register, monkeypatch):
    monkeypatch.setattr(dates, "today", lambda: TODAY)
    actions.publish(BY_USE, file="by-use.yaml", by="tests")
    return acting(number(302), role="treasurer", scope="ikt-orkide")


def acting(who, **asked):
    row = offices.let_in(who, **asked, start=date(2010, 1, 1))
    return offices.offices.roles_of(bytes(row.person_key), TODAY)[-1]


def told(party, measure="cases", value=None, until=LAST, year=2026):
    value = CASES[party] if value is None else value
    return figures.publish_use(municipality=party, year=year, measure=measure, value=value, count=value, until=until)


def all_told():
    for party in CASES:
        told(party)
        told(party, "users", 20)


def by_hand(treasurer, party, measure="cases", amount="3", day="2026-05-01"):
    typed = {"day": day, "party": party, "measure": measure, "amount": amount, "source": "Brev fra kommunen"}
    return entering_costs.enter_use(treasurer, "by-use", typed)


def proposed(treasurer, day=DAY):
    return measured_use.proposal(treasurer, "by-use", day)


def take(treasurer, day=DAY, seen=None):
    seen = proposed(treasurer, day).seen if seen is None else seen
    return measured_use.take_over(treasurer, "by-use", day, seen)


def why(treasurer, day=DAY):
    return {(row.party, row.measure): type(row.why) for row in proposed(treasurer, day).rows if row.why}


def settled(treasurer):
    ledger = "Dato;Leverandør;Faktura;Tekst;Netto\n15.02.2026;Leverandør AS;1001;Drift;600 000,00\n"
    entering_costs.enter_file(treasurer, "by-use", ledger.encode(), "2026.csv")
    known = settling_periods.draft(treasurer, "by-use", DAY)
    return settlements.settlement(known.row.id)


def test_what_all_have_told_is_proposed_and_taken_over(treasurer):
    all_told()
    found = proposed(treasurer)
    assert (found.until, found.goes_on, found.may_be_taken, found.missing) == (LAST, False, True, [])
    assert [row.name for row in found.rows[::2]] == ["Aure", "Averøy", "Kristiansund", "Smøla"]
    assert len(take(treasurer)) == 8
    assert entered.use("by-use", date(2026, 1, 1))["averoy"] == {"cases": 310, "users": 20}


def test_each_share_says_what_was_measured_and_when(treasurer):
    all_told()
    take(treasurer)
    known = settled(treasurer)
    share = next(share for share in known.content.pots[0].shares if share.party.id == "averoy")
    assert [piece.weight for piece in share.pieces][:2] == [20, 310]
    said = saying.used(share, known.content.uses, known.row.start)
    assert said == [
        "20 brukere, målt av plattformen fra 1. januar 2026 til 31. desember 2026",
        "310 saker, målt av plattformen fra 1. januar 2026 til 31. desember 2026",
    ]
    assert sum(known.content.by_party.values()) == 60_000_000


def test_what_was_entered_by_hand_says_so(treasurer):
    all_told()
    take(treasurer)
    by_hand(treasurer, "averoy", amount="311")
    known = settled(treasurer)
    share = next(share for share in known.content.pots[0].shares if share.party.id == "averoy")
    assert saying.used(share, known.content.uses, known.row.start)[1] == "311 saker, ført for hånd: Brev fra kommunen"


def test_who_is_missing_is_named_and_nothing_is_taken(treasurer):
    for party in ("kristiansund", "aure"):
        told(party)
        told(party, "users", 20)
    told("smola", value=4)
    told("smola", "users", 5)
    assert why(treasurer) == {
        ("averoy", "cases"): errors.NothingTold,
        ("averoy", "users"): errors.NothingTold,
        ("smola", "cases"): errors.TooFewToTell,
    }
    with pytest.raises(errors.UseMissing, match="Averøy, Smøla"):
        take(treasurer)
    assert not MeasuredUse.objects.exists()


def test_what_the_platform_cant_measure_is_entered_by_hand_first_and_stays(treasurer):
    all_told()
    told("smola", value=1)  # it is told no more
    by_hand(treasurer, "smola")
    assert len(take(treasurer)) == 7
    assert entered.use("by-use", date(2026, 1, 1))["smola"] == {"cases": 3, "users": 20}


def test_a_party_for_a_part_of_the_year_is_entered_by_hand(treasurer):
    for party in CASES:
        for measure in ("cases", "users"):
            told(party, measure, 20, until=date(2025, 12, 31), year=2025)
    assert why(treasurer, date(2025, 3, 1)) == {
        ("aure", "cases"): errors.PartyForPartOfIt,
        ("aure", "users"): errors.PartyForPartOfIt,
    }


def test_all_are_counted_until_the_same_day(treasurer):
    all_told()
    told("aure", until=date(2027, 1, 1))
    assert set(why(treasurer).values()) == {errors.CountedUntil}
    assert ("aure", "cases") not in why(treasurer)


def test_a_year_that_goes_on_is_taken_over_until_its_day_and_again_when_it_is_over(treasurer):
    for party in CASES:
        for measure in ("cases", "users"):
            told(party, measure, 50, until=date(2026, 11, 22))
    assert proposed(treasurer).goes_on
    take(treasurer)
    before = proposed(treasurer).seen
    all_told()
    with pytest.raises(errors.CountedAnew):
        take(treasurer, seen=before)
    take(treasurer)
    rows = entered.used("by-use", date(2026, 1, 1))
    assert {row.measured_until for row in rows} == {LAST}


def test_only_the_figures_that_the_treasurer_saw_are_taken_over(treasurer):
    all_told()
    before = proposed(treasurer).seen
    assert proposed(treasurer).seen == before
    told("averoy", value=400)  # counted until the same day
    with pytest.raises(errors.CountedAnew):
        take(treasurer, seen=before)
    assert not MeasuredUse.objects.exists()
    with pytest.raises(errors.CountedAnew):
        take(treasurer, seen="")


def test_an_agreement_that_is_settled_more_often_than_each_year_is_entered_by_hand(treasurer):
    actions.publish(BY_USE.replace("period: year", "period: half"), file="by-use.yaml", by="tests")
    all_told()
    assert set(why(treasurer).values()) == {errors.MeasuredByYear}
    with pytest.raises(errors.UseMissing):
        take(treasurer)


def test_counties_and_the_state_are_entered_by_hand(treasurer):
    more = BY_USE.replace("parties:\n", "parties:\n  - {state: statsforvaltaren, from: 2020-01-01}\n")
    actions.publish(more, file="by-use.yaml", by="tests")
    all_told()
    assert set(why(treasurer).values()) == {errors.NotMeasuredHere}


def test_where_nothing_is_shared_by_use_there_is_nothing_to_take_over(treasurer):
    equal = (
        BY_USE.partition("rules:")[0] + "rules:\n  - from: 2020-01-01\n    parts:\n      - {part: rest, by: equal}\n"
    )
    actions.publish(equal, file="by-use.yaml", by="tests")
    all_told()
    assert proposed(treasurer).rows == ()
    with pytest.raises(errors.NothingToTakeOver):
        take(treasurer)


def test_a_period_that_is_settled_takes_over_nothing_more(treasurer, monkeypatch):
    all_told()
    monkeypatch.setattr(entered, "issued_starts", lambda agreement: {date(2026, 1, 1)})
    assert not proposed(treasurer).may_be_taken
    with pytest.raises(errors.PeriodSettled):
        take(treasurer)


def test_it_is_the_treasurers_alone(treasurer):
    member = acting(number(307), role="member-treasurer", party="averoy")
    with pytest.raises(NotInYourRole):
        proposed(member)
    with pytest.raises(NotInYourRole):
        take(member, seen="")
