"""Pools: members join by their agreement, apply, are granted, and adopt; the pool's treasurer keeps its account.

A pool belongs to an agreement whose prices are paid once (`Price.every == "once"`): what one owes to join is worked out by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from allmenning.basics import dates
from allmenning.basics.errors import AllmenningError
from allmenning.basics.sharing.dividing import Share
from allmenning.basics.sharing.errors import NoParties
from allmenning.commons.costs import queries as costs
from allmenning.commons.costs.agreement import Agreement
from allmenning.commons.costs.errors import DidNotExist
from allmenning.commons.costs.queries import Published
from allmenning.commons.costs.sharing import joining_on
from allmenning.commons.identity.offices import OfficeActing
from allmenning.commons.municipalities import queries as municipalities
from allmenning.commons.pools import actions, queries
from allmenning.commons.pools.errors import NoSuchApplication, NoSuchPool
from allmenning.commons.pools.models import Entry, PoolMember
from allmenning.commons.pools.queries import Account, Applied

from .checking_bills import last_day_with_figures
from .offices import NotInYourRole, agreements_of, scope_of


@dataclass(frozen=True)
class Pooled:
    """A pool as its page shows it. today: who could be a member, with what they would pay; outside: those who are not."""

    published: Published
    account: Account
    members: Sequence[PoolMember]
    applications: Sequence[Applied]
    entries: Sequence[Entry]
    today: Sequence[Share]

    @property
    def agreement(self) -> Agreement:
        return self.published.agreement

    @property
    def outside(self) -> list[Share]:
        there = {row.party for row in self.members}
        return [share for share in self.today if share.party.id not in there]


def is_pool(agreement: Agreement) -> bool:
    """Whether everybody pays once, and no cost is divided."""
    return agreement.is_paid_once


def pool(id: str) -> Pooled:
    """A pool, for anybody. Raises NoSuchPool."""
    published = _published(id)
    rows = queries.entries(id)
    return Pooled(
        published, queries.account_of(rows), queries.members(id), queries.applications(id), rows, _today(published)
    )


def pools_of(by: OfficeActing) -> list[tuple[Published, Account]]:
    """The pools that a role keeps, or those that its party may join, each with how it stands."""
    return [(each, queries.account(each.agreement.id)) for each in agreements_of(by) if is_pool(each.agreement)]


def has_pools(by: OfficeActing) -> bool:
    """Whether there is any pool to see for a role; asks no database."""
    return any(is_pool(each.agreement) for each in agreements_of(by))


def application(id: str, application: UUID) -> Applied:
    """One of a pool's applications, for anybody. Raises NoSuchPool, NoSuchApplication."""
    _published(id)
    found = queries.application(application)
    if found is None or found.application.pool_id != id:
        raise NoSuchApplication
    return found


def let_join(by: OfficeActing, id: str, party: str, on: date) -> PoolMember:
    """A party joins on a day: what it owes is worked out by the agreement. Raises NoSuchPool, NotInYourRole, DidNotExist,
    IsAMember, and what `joining_on` raises."""
    published = _keeps(by, id)
    try:
        share = joining_on(published.agreement, on, municipalities, only=party).shares[0]
    except NoParties:
        raise DidNotExist(party=party, day=on) from None
    figures = {"ore": share.ore, "population": share.party.population, "counted_on": share.party.counted_on}
    return actions.join(id, party, on, **figures, by=by.said)  # type: ignore[arg-type]


def promise_from_state(by: OfficeActing, id: str, ore: int, on: date, text: str) -> None:
    """Raises NoSuchPool, NotInYourRole, MustBePositive, IsMissing, TooLong."""
    _keeps(by, id)
    actions.promise_from_state(id, ore, on, text, by.said)


def pay_in(by: OfficeActing, id: str, party: str, ore: int, on: date, text: str = "") -> None:
    """party: an id, or `state`. Raises NoSuchPool, NotInYourRole, MustBePositive, MoreThanOwed."""
    _keeps(by, id)
    actions.pay_in(id, party, ore, on, by.said, text)


def decide(
    by: OfficeActing, id: str, which: UUID, *, granted_ore: int, fixed_ore: int, inhabitant_ore: int, reason: str
) -> None:
    """Grant or refuse. Raises what `actions.decide` raises, NoSuchPool, NotInYourRole."""
    _keeps(by, id)
    application(id, which)
    prices = {"granted_ore": granted_ore, "fixed_ore": fixed_ore, "inhabitant_ore": inhabitant_ore}
    actions.decide(which, **prices, reason=reason, on=dates.today(), by=by.said)


def pay_out(by: OfficeActing, id: str, which: UUID, ore: int, on: date) -> None:
    """Raises what `actions.pay_out` raises, NoSuchPool, NotInYourRole."""
    _keeps(by, id)
    application(id, which)
    actions.pay_out(which, ore, on, by.said)


def give_up(by: OfficeActing, id: str, which: UUID, ore: int, on: date) -> None:
    """Raises what `actions.give_up` raises, NoSuchPool, NotInYourRole."""
    _keeps(by, id)
    application(id, which)
    actions.give_up(which, ore, on, by.said)


def apply(by: OfficeActing, id: str, *, title: str, about: str, asked_ore: int, own_ore: int) -> UUID:
    """A member's treasurer applies. Raises what `actions.apply` raises, NoSuchPool, NotInYourRole."""
    _stands_for_a_party(by)
    _published(id)
    said = {"title": title, "about": about}
    return actions.apply(id, by.party, **said, asked_ore=asked_ore, own_ore=own_ore, by=by.said).id


def adopt(by: OfficeActing, id: str, which: UUID) -> None:
    """A member takes into use what the pool paid for. Raises what `actions.adopt` raises, NoSuchPool, NotInYourRole."""
    _stands_for_a_party(by)
    application(id, which)
    population = next((share.party.population for share in _today(_published(id)) if share.party.id == by.party), None)
    actions.adopt(which, by.party, population, dates.today(), by.said)


def counted_last(pool: Pooled) -> date:
    """The newest day that a party can join on: the last one whose populations are known."""
    return last_day_with_figures(pool.agreement)


def may_keep(by: OfficeActing, published: Published) -> bool:
    """Whether a role keeps a pool's account."""
    return by.role == "treasurer" and by.scope == scope_of(published.agreement)


def may_apply(by: OfficeActing, pool: Pooled) -> bool:
    """Whether a role stands for a member of the pool."""
    return by.role == "member-treasurer" and any(row.party == by.party for row in pool.members)


def may_adopt(by: OfficeActing, pool: Pooled, one: Applied) -> bool:
    """Whether a role stands for a member that could take into use what was granted to another."""
    has_it = {one.application.party, *(each.party for each in one.adoptions)}
    return may_apply(by, pool) and one.is_granted and by.party not in has_it


def _keeps(by: OfficeActing, id: str) -> Published:
    published = _published(id)
    if not may_keep(by, published):
        raise NotInYourRole
    return published


def _stands_for_a_party(by: OfficeActing) -> None:
    if by.role != "member-treasurer":
        raise NotInYourRole


def _published(id: str) -> Published:
    found = next((each for each in costs.all_agreements() if each.agreement.id == id), None)
    if found is None or not is_pool(found.agreement):
        raise NoSuchPool(pool=id)
    return found


def _today(published: Published) -> Sequence[Share]:
    """What each would pay who joined on the last day that figures are known for; none where somebody's figure is missing."""
    try:
        return joining_on(published.agreement, last_day_with_figures(published.agreement), municipalities).shares
    except AllmenningError:
        return ()
