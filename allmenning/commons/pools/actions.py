"""What happens to a pool, each in one transaction with its lines of the account. `by` is a role, never a name; amounts are øre."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from uuid import UUID

from django.db import IntegrityError, router, transaction

from allmenning.basics import dates
from allmenning.basics.typed import whole_text

from . import errors, queries
from .models import Adoption, Application, Entry, GrantDecision, Pool, PoolMember

Kind = Entry.Kind
STATE = "state"
LONGEST_TITLE, LONGEST_TEXT = 120, 5000
DEAREST_ORE = 100_000_00  # for each inhabitant: so that what a county pays is still an amount


def open_pool(id: str, on: date) -> Pool:
    """Begin a pool's account; one that is there is left as it is."""
    return Pool.objects.get_or_create(id=id, defaults={"opened_on": on})[0]


def join(
    pool: str, party: str, on: date, *, ore: int, population: int | None, counted_on: date | None, by: str
) -> PoolMember:
    """A party joins, and owes what the agreement asks of it; the first who does begins the account. Raises IsAMember."""
    with _begun(pool, on) as held:
        if PoolMember.objects.filter(pool=held, party=party).exists():
            raise errors.IsAMember
        facts = {"contribution_ore": ore, "population": population, "counted_on": counted_on}
        row = PoolMember.objects.create(pool=held, party=party, joined=on, **facts, at=dates.now(), by=by)
        if ore:
            _enter(held, Kind.JOINED, f"claim:{party}", "contributions", ore, on, by, party=party)
        return row


def promise_from_state(pool: str, ore: int, on: date, text: str, by: str) -> Entry:
    """The state promises to match what the parties pay, and may begin the account by it. Raises MustBePositive, IsMissing, TooLong."""
    _positive(ore)
    said = whole_text(text, 200, "text")
    with _begun(pool, on) as held:
        return _enter(held, Kind.STATE_PROMISED, f"claim:{STATE}", "state", ore, on, by, text=said, party=STATE)


def pay_in(pool: str, party: str, ore: int, on: date, by: str, text: str = "") -> Entry:
    """A party or the state pays what it owes, or some of it. Raises NoSuchPool, MustBePositive, MoreThanOwed."""
    _positive(ore)
    said = whole_text(text, 200, "text", optional=True)
    with _locked(pool) as held:
        owed = queries.balance(pool, f"claim:{party}")
        if ore > owed:
            raise errors.MoreThanOwed(owed_ore=owed)
        return _enter(held, Kind.PAID_IN, "bank", f"claim:{party}", ore, on, by, text=said, party=party)


def apply(pool: str, party: str, *, title: str, about: str, asked_ore: int, own_ore: int, by: str) -> Application:
    """A member applies. Raises NoSuchPool, NotAMember, IsMissing, TooLong, MustBePositive."""
    _positive(asked_ore)
    if own_ore < 0:
        raise errors.MustBePositive
    texts = {"title": whole_text(title, LONGEST_TITLE, "title"), "about": whole_text(about, LONGEST_TEXT, "about")}
    with _locked(pool) as held:
        _must_be_member(held, party)
        return Application.objects.create(
            pool=held, party=party, **texts, asked_ore=asked_ore, own_ore=own_ore, at=dates.now(), by=by
        )


def decide(
    application: UUID, *, granted_ore: int, fixed_ore: int, inhabitant_ore: int, reason: str, on: date, by: str
) -> GrantDecision:
    """Grant an application, or (0) refuse it, with a reason; and what adopters will pay. What is granted is set aside at once.

    Raises NoSuchApplication, AlreadyDecided, MoreThanAsked, PoolTooSmall, IsMissing, TooLong, MustBePositive, PriceTooHigh.
    """
    if min(granted_ore, fixed_ore, inhabitant_ore) < 0:
        raise errors.MustBePositive
    if inhabitant_ore > DEAREST_ORE:
        raise errors.PriceTooHigh("inhabitant", most_ore=DEAREST_ORE)
    said = whole_text(reason, LONGEST_TEXT, "reason")
    with _locked_of(application) as (pool, row):
        if GrantDecision.objects.filter(application=row).exists():
            raise errors.AlreadyDecided
        if granted_ore > row.asked_ore:
            raise errors.MoreThanAsked
        free = queries.free(pool.id)
        if granted_ore > free:
            raise errors.PoolTooSmall(free_ore=free)
        prices = {"fixed_ore": fixed_ore, "inhabitant_ore": inhabitant_ore}
        facts = {"granted_ore": granted_ore, **prices, "reason": said, "day": on, "at": dates.now(), "by": by}
        decision = GrantDecision.objects.create(application=row, **facts)
        if granted_ore:
            _enter(
                pool, Kind.GRANTED, "grants", f"owed:{row.id}", granted_ore, on, by, party=row.party, application=row
            )
        return decision


def pay_out(application: UUID, ore: int, on: date, by: str) -> Entry:
    """Pay some of a grant. Raises NoSuchApplication, NotGranted, BeforeItWasGranted, MustBePositive, MoreThanOwed."""
    return _out(application, Kind.PAID_OUT, "bank", ore, on, by)


def give_up(application: UUID, ore: int, on: date, by: str) -> Entry:
    """What of a grant was not needed is free again. Raises what `pay_out` raises."""
    return _out(application, Kind.GIVEN_UP, "grants", ore, on, by)


def adopt(application: UUID, party: str, population: int | None, on: date, by: str) -> Adoption:
    """A member takes into use what the pool paid for, and owes the pool the price that was set.

    Raises NoSuchApplication, NotGranted, NotAMember, AdoptsOwn, AdoptedAlready, PopulationNotKnown.
    """
    with _locked_of(application) as (pool, row):
        decision = _granted(row)
        _must_be_member(pool, party)
        if party == row.party:
            raise errors.AdoptsOwn
        if decision.inhabitant_ore and population is None:
            raise errors.PopulationNotKnown
        ore = decision.fixed_ore + decision.inhabitant_ore * (population or 0)
        try:
            with transaction.atomic(using=router.db_for_write(Adoption)):
                facts = {"ore": ore, "population": population, "day": on, "at": dates.now(), "by": by}
                adoption = Adoption.objects.create(application=row, party=party, **facts)
        except IntegrityError:
            raise errors.AdoptedAlready from None
        if ore:
            _enter(pool, Kind.ADOPTED, f"claim:{party}", "adopters", ore, on, by, party=party, application=row)
        return adoption


def _out(application: UUID, kind: Entry.Kind, to: str, ore: int, on: date, by: str) -> Entry:
    _positive(ore)
    with _locked_of(application) as (pool, row):
        granted = _granted(row)
        if on < granted.day:
            raise errors.BeforeItWasGranted(day=granted.day)
        owed = -queries.balance(pool.id, f"owed:{row.id}")
        if ore > owed:
            raise errors.MoreThanOwed(owed_ore=owed)
        return _enter(pool, kind, f"owed:{row.id}", to, ore, on, by, party=row.party, application=row)


@contextmanager
def _begun(pool: str, on: date) -> Iterator[Pool]:
    """A pool's account, begun where nothing was entered before: with what is entered now, or not at all."""
    with transaction.atomic(using=router.db_for_write(Pool)):
        open_pool(pool, on)
        with _locked(pool) as held:
            yield held


@contextmanager
def _locked(pool: str) -> Iterator[Pool]:
    with transaction.atomic(using=router.db_for_write(Pool)):
        held = Pool.objects.select_for_update().filter(id=pool).first()
        if held is None:
            raise errors.NoSuchPool(pool=pool)
        yield held


@contextmanager
def _locked_of(application: UUID) -> Iterator[tuple[Pool, Application]]:
    row = Application.objects.filter(id=application).first()
    if row is None:
        raise errors.NoSuchApplication
    with _locked(row.pool_id) as pool:
        yield pool, row


def _enter(pool: Pool, kind: Entry.Kind, debit: str, credit: str, ore: int, on: date, by: str, **more: object) -> Entry:
    facts = {"kind": kind, "debit": debit, "credit": credit, "ore": ore, "day": on, "at": dates.now(), "by": by}
    return Entry.objects.create(pool=pool, **facts, **more)


def _granted(row: Application) -> GrantDecision:
    decision = GrantDecision.objects.filter(application=row, granted_ore__gt=0).first()
    if decision is None:
        raise errors.NotGranted
    return decision


def _must_be_member(pool: Pool, party: str) -> None:
    if not PoolMember.objects.filter(pool=pool, party=party).exists():
        raise errors.NotAMember


def _positive(ore: int) -> None:
    if ore <= 0:
        raise errors.MustBePositive
