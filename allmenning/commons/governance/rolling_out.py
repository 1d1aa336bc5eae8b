"""The roll-out plan: who takes which service into use when, what must be done first, and who is late."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from allmenning.basics import dates

from . import errors
from .checks import called, checked, one_of, plain, within_plan
from .models import Plan, Preparation, RollOut, RollOutDate
from .words import Words
from .writing import next_version, one_at_a_time, written


@dataclass(frozen=True)
class First:
    """Something that must be done before a service is taken into use."""

    kind: str
    title: Words
    due: date


@dataclass(frozen=True)
class KnownRollOut:
    """A service that a party is to take into use, or has. moved: earlier dates, the oldest first."""

    row: RollOut
    now: RollOutDate
    moved: tuple[RollOutDate, ...]
    preparations: tuple[Preparation, ...]

    @property
    def remains(self) -> list[Preparation]:
        return [each for each in self.preparations if each.done is None]

    def is_late(self, on: date) -> bool:
        """Whether it should have been in use by now."""
        return self.now.in_use is None and self.now.due < on

    def late_first(self, on: date) -> list[Preparation]:
        """What should have been done by now before it."""
        return [each for each in self.remains if self.now.in_use is None and each.due < on]


def add(*, plan: Plan, party: str, service: str, due: date, first: Sequence[First] = (), by: str) -> RollOut:
    """Plan that a party takes a service into use on a day, and what must be done first.

    Raises AlreadyRolledOut, YearTooFar, NotSaid.
    """
    rows = [(one_of(each.kind, Preparation.Kind.values), checked(each.title, most=200), each.due) for each in first]
    within_plan(plan, due)
    for kind, _title, day in rows:
        within_plan(plan, day, f"{kind}_due")
    now = dates.now()
    with written():
        one_at_a_time(plan.scope)
        if RollOut.objects.filter(plan=plan, party=party, service=service).exists():
            raise errors.AlreadyRolledOut(party=called(party))
        roll_out = RollOut.objects.create(plan=plan, party=party, service=service, at=now, by=by)
        RollOutDate.objects.create(roll_out=roll_out, due=due, at=now, by=by)
        for number, (kind, title, day) in enumerate(rows, start=1):
            Preparation.objects.create(
                roll_out=roll_out, number=number, version=1, kind=kind, title=title, due=day, at=now, by=by
            )
        return roll_out


def move(*, roll_out: RollOut, due: date, why: str, by: str) -> RollOutDate:
    """Move the day, with a reason. Raises AlreadyInUse, YearTooFar, NotSaid."""
    within_plan(roll_out.plan, due)
    why = plain(why, most=500, name="why")
    with written():
        one_at_a_time(roll_out.plan.scope)
        _not_in_use(roll_out)
        return RollOutDate.objects.create(roll_out=roll_out, due=due, why=why, at=dates.now(), by=by)


def take_into_use(*, roll_out: RollOut, on: date, by: str) -> RollOutDate:
    """Say that the service is in use. Raises AlreadyInUse, NotYetThere, NotPrepared."""
    if on > dates.today():
        raise errors.NotYetThere
    with written():
        one_at_a_time(roll_out.plan.scope)
        newest = _not_in_use(roll_out)
        remains = [each for each in _newest(roll_out) if each.done is None]
        if remains:
            raise errors.NotPrepared(what=", ".join(each.title.nb for each in remains))
        return RollOutDate.objects.create(roll_out=roll_out, due=newest.due, in_use=on, at=dates.now(), by=by)


def prepare(
    *,
    roll_out: RollOut,
    kind: str,
    title: Words,
    due: date,
    done: date | None = None,
    number: int | None = None,
    made_from: int = 0,
    by: str,
) -> Preparation:
    """Add what must be done first, move it, or say that it is done (`number`).

    Raises YearTooFar, NotYetThere, ChangedMeanwhile, NotSaid.
    """
    kind, title = one_of(kind, Preparation.Kind.values), checked(title, most=200, name="title")
    if done is None:
        within_plan(roll_out.plan, due)
    elif done > dates.today():
        raise errors.NotYetThere
    with written():
        one_at_a_time(roll_out.plan.scope)
        place = next_version(Preparation.objects.filter(roll_out=roll_out), number, made_from)
        return Preparation.objects.create(
            roll_out=roll_out, **place, kind=kind, title=title, due=due, done=done, at=dates.now(), by=by
        )


def roll_outs(plan: Plan) -> list[KnownRollOut]:
    """The whole roll-out plan, by when each is due. Three statements."""
    moves: defaultdict[int, list[RollOutDate]] = defaultdict(list)
    for day in RollOutDate.objects.filter(roll_out__plan=plan).order_by("id"):
        moves[day.roll_out_id].append(day)
    first: dict[int, dict[int, Preparation]] = defaultdict(dict)
    for each in Preparation.objects.filter(roll_out__plan=plan).order_by("number", "version"):
        first[each.roll_out_id][each.number] = each
    rows = list(RollOut.objects.filter(plan=plan))
    for row in rows:
        row.plan = plan
    found = [
        KnownRollOut(row, moves[row.pk][-1], tuple(moves[row.pk][:-1]), tuple(first[row.pk].values())) for row in rows
    ]
    return sorted(found, key=lambda each: (each.now.due, each.row.service, each.row.party))


def roll_out(plan: Plan, party: str, service: str) -> KnownRollOut:
    """Raises NoSuchRollOut."""
    for each in roll_outs(plan):
        if (each.row.party, each.row.service) == (party, service):
            return each
    raise errors.NoSuchRollOut


def _not_in_use(roll_out: RollOut) -> RollOutDate:
    newest = RollOutDate.objects.filter(roll_out=roll_out).order_by("id").last()
    assert newest is not None  # written with the roll-out
    if newest.in_use:
        raise errors.AlreadyInUse(day=newest.in_use)
    return newest


def _newest(roll_out: RollOut) -> list[Preparation]:
    rows = Preparation.objects.filter(roll_out=roll_out).order_by("number", "version")
    return list({each.number: each for each in rows}.values())
