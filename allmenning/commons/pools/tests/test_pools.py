"""A pool's account balances whatever happens, and no krone is promised twice."""

from contextlib import suppress
from datetime import date
from threading import Thread
from uuid import uuid4

import pytest
from django.db import connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allmenning.basics.errors import AllmenningError
from allmenning.basics.typed import IsMissing
from allmenning.commons.pools import actions, errors, queries
from allmenning.commons.pools.models import Entry, Pool

DAY = date(2026, 3, 2)
BY = "treasurer, digifin"
POOL = "digifin"

pytestmark = pytest.mark.usefixtures("commons_db")


@pytest.fixture
def pool(commons_db):
    return actions.open_pool(POOL, DAY)


def join(party: str, ore: int = 10_000):
    return actions.join(POOL, party, DAY, ore=ore, population=ore // 2000, counted_on=date(2026, 1, 1), by=BY)


def applied(party: str = "averoy", asked: int = 8_000):
    return actions.apply(POOL, party, title="Felles skjema", about="For alle", asked_ore=asked, own_ore=0, by=BY).id


def granted(party: str = "averoy", ore: int = 8_000, **prices):
    id = applied(party, ore)
    decide(id, ore, **prices)
    return id


def decide(id, ore: int, *, fixed: int = 0, each: int = 0, reason: str = "Mange får bruk for det"):
    actions.decide(id, granted_ore=ore, fixed_ore=fixed, inhabitant_ore=each, reason=reason, on=DAY, by=BY)


def test_who_joins_owes_what_the_agreement_asks_and_is_in_once(pool):
    join("averoy")
    account = queries.account(POOL)
    assert account.claims == {"averoy": 10_000}
    assert account.free == 0
    with pytest.raises(errors.IsAMember):
        join("averoy")


def test_only_what_has_come_in_can_be_granted(pool):
    join("averoy")
    id = applied()
    with pytest.raises(errors.PoolTooSmall):
        decide(id, 8_000)
    actions.pay_in(POOL, "averoy", 10_000, DAY, BY)
    decide(id, 8_000)
    assert queries.account(POOL).free == 2_000
    with pytest.raises(errors.PoolTooSmall) as refused:
        decide(applied(asked=2_001), 2_001)
    assert "20" in str(refused.value)


def test_adopters_pay_and_the_money_is_there_for_the_next(pool):
    for party in ("averoy", "smola"):
        join(party)
        actions.pay_in(POOL, party, 10_000, DAY, BY)
    id = granted(ore=20_000, fixed=500, each=2)
    actions.pay_out(id, 20_000, DAY, BY)
    assert queries.account(POOL).free == 0
    adoption = actions.adopt(id, "smola", 2_000, DAY, BY)
    assert adoption.ore == 4_500
    actions.pay_in(POOL, "smola", 4_500, DAY, BY)
    assert queries.account(POOL).free == 4_500
    with pytest.raises(errors.AdoptedAlready):
        actions.adopt(id, "smola", 2_000, DAY, BY)
    with pytest.raises(errors.AdoptsOwn):
        actions.adopt(id, "averoy", 2_000, DAY, BY)


def test_who_is_no_member_neither_applies_nor_adopts(pool):
    join("averoy")
    actions.pay_in(POOL, "averoy", 10_000, DAY, BY)
    id = granted()
    with pytest.raises(errors.NotAMember):
        applied("smola")
    with pytest.raises(errors.NotAMember):
        actions.adopt(id, "smola", 2_000, DAY, BY)


def test_the_state_matches_what_the_parties_pay(pool):
    actions.promise_from_state(POOL, 50_000, DAY, "Statsbudsjettet", BY)
    assert queries.account(POOL).claims == {"state": 50_000}
    actions.pay_in(POOL, "state", 50_000, DAY, BY)
    assert (queries.account(POOL).free, queries.account(POOL).state) == (50_000, 50_000)


def test_a_refusal_has_a_reason_and_moves_nothing(pool):
    join("averoy")
    id = applied()
    with pytest.raises(IsMissing):
        decide(id, 0, reason="  ")
    decide(id, 0, reason="Finnes fra før")
    found = queries.application(id)
    assert (found.is_granted, found.rest_ore) == (False, 0)
    with pytest.raises(errors.AlreadyDecided):
        decide(id, 0)
    for move in (actions.pay_out, actions.give_up):
        with pytest.raises(errors.NotGranted):
            move(id, 1, DAY, BY)


def test_what_a_grant_did_not_need_is_free_again(pool):
    join("averoy")
    actions.pay_in(POOL, "averoy", 10_000, DAY, BY)
    id = granted()
    actions.pay_out(id, 5_000, DAY, BY)
    actions.give_up(id, 3_000, DAY, BY)
    account = queries.account(POOL)
    assert (account.free, account.granted, account.promised) == (5_000, 5_000, 0)
    with pytest.raises(errors.MoreThanOwed):
        actions.pay_out(id, 1, DAY, BY)


@pytest.mark.parametrize("ore", [0, -1])
def test_no_amount_is_nothing_or_less(pool, ore):
    join("averoy")
    with pytest.raises(errors.MustBePositive):
        actions.pay_in(POOL, "averoy", ore, DAY, BY)
    with pytest.raises(errors.MustBePositive):
        applied(asked=ore)


def test_what_is_not_there_is_said(pool):
    with pytest.raises(errors.NoSuchPool):
        actions.pay_in("nobody", "averoy", 1, DAY, BY)
    with pytest.raises(errors.NoSuchApplication):
        decide(uuid4(), 0)
    with pytest.raises(errors.MoreThanOwed):
        actions.pay_in(POOL, "averoy", 1, DAY, BY)


MOVES = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 2), st.integers(1, 9_000)), max_size=14)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=MOVES)
def test_the_account_balances_whatever_is_done(pool, moves):
    Entry.objects.all().delete()
    ids = []
    for what, who, ore in moves:
        party = ("averoy", "smola", "state")[who]
        with suppress(AllmenningError):
            _do(what, party, ore, ids)
        account = queries.account(POOL)
        assert account.has == account.whose
        assert account.bank >= 0
        assert account.free >= 0
        assert all(claim > 0 for claim in account.claims.values())


def _do(what: int, party: str, ore: int, ids: list) -> None:
    if what == 0:
        join(party, ore)
    elif what == 1:
        actions.pay_in(POOL, party, ore, DAY, BY)
    elif what == 2:
        ids.append(applied(party, ore))
        decide(ids[-1], ore, fixed=ore // 7)
    elif what == 3 and ids:
        actions.pay_out(ids[-1], ore, DAY, BY)
    elif what == 4 and ids:
        actions.give_up(ids[-1], ore, DAY, BY)
    elif what == 5 and ids:
        actions.adopt(ids[-1], party, ore, DAY, BY)
    elif what == 6:
        actions.promise_from_state(POOL, ore, DAY, "x", BY)


def test_two_at_once_are_not_promised_the_same_money(pool):
    join("averoy")
    actions.pay_in(POOL, "averoy", 10_000, DAY, BY)
    waiting = [applied(asked=6_000), applied(asked=6_000)]
    said = []

    def try_it(id):
        try:
            decide(id, 6_000)
            said.append("granted")
        except errors.PoolTooSmall:
            said.append("too small")
        finally:
            connections.close_all()

    threads = [Thread(target=try_it, args=(id,)) for id in waiting]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(said) == ["granted", "too small"]
    assert Pool.objects.count() == 1
