"""By when: a service's deadlines counted from what has happened in a case. Pure: the same facts give the same days.

A deadline has rounds (1, and one more each time that what it runs from happens again) and, where it repeats, turns. Days,
weeks, months and years follow the calendar in Norway: a month from 31 January ends on the last of February, a year from
29 February on 28 February, and neither the clocks nor holidays move a day, unless the folder says `on_working_day`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import zip_longest
from typing import Any, NamedTuple

from allmenning.basics.dates import OSLO, next_working_day
from allmenning.commons.catalogue.content import Deadline, ServicePackage
from allmenning.commons.catalogue.deciding import Decision, duration_after, standing_value, values_on
from allmenning.rules import expressions

# What a value that is a duration is in, by how its name ends.
UNITS = {"_days": "D", "_weeks": "W", "_months": "M", "_years": "Y"}
WITHDRAWN, REPLACED = "withdrawn", "replaced"  # how a deadline ends without being met
CHANGED, ENDED = "changed", "ended"  # what a date stood in was given another date, or ended


class Key(NamedTuple):
    """Which of a case's deadlines: by its id, the round that it is in, and the turn where it repeats."""

    deadline: str
    round: int = 1
    turn: int = 1


Wait = tuple[datetime, datetime | None]  # from the question to the answer; None: it still waits


class Dated(NamedTuple):
    """A date that was set, and when. Of one of many things with a date: what happens to it and to no other."""

    at: datetime
    day: date
    own: Mapping[str, Sequence[datetime]] | None = None  # by what `met_by` calls it, CHANGED and ENDED


@dataclass(frozen=True)
class Happened:
    """What has happened in a case, as deadlines see it; each list in the order of time.

    events: by what `met_by` and `starts` call them (result, decided, result:<id>, step:<id>, message:<kind>, opened:<phase>,
    phase:<id> when it was concluded, record:<kind>). phases: those that the case is or has been in. dates: value.<name> and
    record.<kind>.<date>. transferred: when the case came from another municipality. withdrawn: when it was closed without an
    answer. extended: those that were. begun: rounds that have begun, which no condition stops any more.
    """

    received: datetime
    reopened: Sequence[datetime] = ()
    transferred: datetime | None = None
    withdrawn: Sequence[datetime] = ()
    waits: Sequence[Wait] = ()
    events: Mapping[str, Sequence[datetime]] = field(default_factory=dict)
    dates: Mapping[str, Sequence[Dated]] = field(default_factory=dict)
    extended: Collection[Key] = ()
    begun: Collection[tuple[str, int]] = ()
    phases: Collection[str] = ()


@dataclass(frozen=True)
class Counted:
    """A deadline as it stands. `due_on` None: it stands still while the sender is asked."""

    key: Key
    began_on: date
    due_on: date | None
    met_at: datetime | None = None
    met_by: str = ""


class _Start(NamedTuple):
    """What a round runs from. What happens at `since` or later may meet it; only later, where it is itself an event."""

    round: int
    day: date
    since: datetime
    is_event: bool = False
    own: Mapping[str, Sequence[datetime]] | None = None


def count(
    package: ServicePackage, happened: Happened, context: Callable[[], Mapping[str, Any]], adjusted: Mapping[str, Any]
) -> list[Counted]:
    """Every deadline that has begun, in the folder's order.

    Args:
        context: what `when` may read; asked only where there is one.
        adjusted: what the municipality has set.
    """
    return _Counting(package, happened, context, adjusted).all()


class _Counting:
    def __init__(
        self,
        package: ServicePackage,
        happened: Happened,
        context: Callable[[], Mapping[str, Any]],
        adjusted: Mapping[str, Any],
    ) -> None:
        self.package, self.happened, self.context, self.adjusted = package, happened, context, adjusted
        self._counted: dict[str, list[tuple[_Start, Counted]]] = {}

    def all(self) -> list[Counted]:
        of_here = [each for each in self.package.deadlines if each.phase in (None, *self.happened.phases)]
        return [counted for each in of_here for _, counted in self._of(each)]

    def _of(self, deadline: Deadline) -> list[tuple[_Start, Counted]]:
        if deadline.id not in self._counted:
            self._counted[deadline.id] = []  # `checks` refuses a ring; an old folder's would end here
            starts = [each for each in self._starts(deadline) if self._holds(deadline, each)]
            self._counted[deadline.id] = [
                (start, counted)
                for start, later in zip_longest(starts, starts[1:])
                for counted in self._turns(deadline, start, later)
            ]
        return self._counted[deadline.id]

    def _starts(self, deadline: Deadline) -> Iterator[_Start]:
        happened = self.happened
        if deadline.after:
            before = next((each for each in self.package.deadlines if each.id == deadline.after), None)
            for start, counted in self._of(before) if before else ():
                if counted.due_on is not None:
                    yield start._replace(day=counted.due_on)
        elif deadline.starts == "received":
            first = happened.received
            if happened.transferred is not None and deadline.on_transfer == "restarts":
                first = happened.transferred
            yield _Start(1, _day(first), first)
            for number, at in enumerate(happened.reopened if deadline.begins_anew else (), start=2):
                yield _Start(number, _day(at), at, is_event=True)
        elif deadline.starts.startswith(("value.", "record.")):
            for number, dated in enumerate(happened.dates.get(deadline.starts, ()), start=1):
                yield _Start(number, dated.day, dated.at, is_event=True, own=dated.own)
        else:
            for number, at in enumerate(happened.events.get(deadline.starts, ()), start=1):
                yield _Start(number, _day(at), at, is_event=True)

    def _holds(self, deadline: Deadline, start: _Start) -> bool:
        """Whether its condition lets it begin. Where that can't be worked out it does: better one too many than too few."""
        if deadline.when is None or (deadline.id, start.round) in self.happened.begun:
            return True
        try:
            return expressions.evaluate(deadline.when, self.context()) is True
        except (expressions.ExpressionFailed, expressions.RefusedExpression):
            return True

    def _turns(self, deadline: Deadline, start: _Start, later: _Start | None) -> Iterator[Counted]:
        """Turn by turn: the next begins when the one before is met. One that repeats ends where it starts again."""
        turn, began, since, is_event = 1, start.day, start.since, start.is_event
        while True:
            first = self._due(deadline, start)
            due = duration_after(deadline.repeats, first, times=turn - 1) if deadline.repeats else first
            if turn > 1 and self._is_over(deadline, due):
                return
            met = self._met(deadline, start, since, is_event)
            if met is None and deadline.repeats and later is not None and start.own is None:
                met = later.since, REPLACED
            key = Key(deadline.id, start.round, turn)
            yield self._counted_one(deadline, key, start, began, due, met)
            if not deadline.repeats or met is None or met[1] in (REPLACED, WITHDRAWN, CHANGED, ENDED):
                return
            turn, began, since, is_event = turn + 1, due, met[0], True

    def _counted_one(
        self, deadline: Deadline, key: Key, start: _Start, began: date, due: date, met: tuple[datetime, str] | None
    ) -> Counted:
        if key in self.happened.extended and deadline.extend:
            due = duration_after(deadline.extend.to, began)
        days, stands_still = (
            self._paused(began, start.since, met[0] if met else None) if deadline.pauses else (0, False)
        )
        day = date.fromordinal(due.toordinal() + days)
        if deadline.on_working_day:
            day = next_working_day(day)
        return Counted(key, began, None if stands_still else day, *(met or (None, "")))

    def _due(self, deadline: Deadline, start: _Start) -> date:
        duration = deadline.duration or measured(self.package, str(deadline.measured_by), start.day, self.adjusted)
        return duration_after(duration, start.day)

    def _is_over(self, deadline: Deadline, due: date) -> bool:
        known = self.happened.dates.get(deadline.until or "", ())
        return bool(known) and due > known[-1].day

    def _met(self, deadline: Deadline, start: _Start, since: datetime, is_event: bool) -> tuple[datetime, str] | None:
        """When it was first met, and by what; a case that is closed without an answer ends what waits for one.

        What an appeal began again is met by any answer to it, also where the folder names those that meet the first one.
        """
        own, kinds = start.own or {}, deadline.met_by_any
        if deadline.begins_anew and start.round > 1:
            kinds = (*kinds, "decided")
        found = [(at, kind) for kind in kinds for at in own.get(kind, self.happened.events.get(kind, ()))]
        found += [(at, how) for how in (CHANGED, ENDED) for at in own.get(how, ())]
        is_answered = bool(self.happened.events.get("decided"))
        if deadline.waits_for_answer or not is_answered:
            found += [(at, WITHDRAWN) for at in self.happened.withdrawn]
        return min((each for each in found if each[0] > since or (each[0] == since and not is_event)), default=None)

    def _paused(self, began: date, since: datetime, until: datetime | None) -> tuple[int, bool]:
        """How many days the sender was waited for while it ran; and whether they still are."""
        waits = [each for each in self.happened.waits if each[0] >= since and (until is None or each[0] < until)]
        days: set[int] = set()
        for asked, answered in waits:
            ended = min((each for each in (answered, until) if each), default=asked)
            days.update(range(max(_day(asked), began).toordinal(), _day(ended).toordinal()))
        return len(days), until is None and any(answered is None for _, answered in waits)


def dates_named(package: ServicePackage) -> frozenset[str]:
    """The values of a decision that a deadline runs from, or lasts until."""
    words = {word for each in package.deadlines for word in (each.starts, each.until) if word}
    return frozenset(word.removeprefix("value.") for word in words if word.startswith("value."))


def deadline_context(
    decision: Decision | None, on: date, adjusted: Mapping[str, Any], result: str | None, outcome: str | None = None
) -> dict[str, Any]:
    """What `when` may read: what the tables made of the answers, the answers, the values, and what was decided last."""
    made = {**decision.result, "form": decision.form} if decision else {}
    values = values_on(decision.package, on, adjusted)[0] if decision else {}
    return {**made, "on": on.isoformat(), "values": values, "result": result, "outcome": outcome or result}


def measured(package: ServicePackage, name: str, day: date, adjusted: Mapping[str, Any]) -> str:
    """The duration that a dated or adjustable value is on a day: `P6M` where `view_months` is 6."""
    unit = next(letter for ending, letter in UNITS.items() if name.endswith(ending))
    return f"P{standing_value(package, name, day, adjusted)}{unit}"


def _day(at: datetime) -> date:
    return at.astimezone(OSLO).date()


def noon(day: date) -> datetime:
    """The middle of a day in Norway: when something happened of which the day alone is known."""
    return datetime.combine(day, time(12), OSLO)
