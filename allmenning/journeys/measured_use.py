"""What the platform measured of each party, for the treasurer to take over as the use that a period is shared by.

All of it or nothing: whoever the platform can't measure is named, with why, and is entered by hand first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256

from allmenning.basics.errors import AllmenningError
from allmenning.basics.norwegian import sort_key
from allmenning.commons.costs import entered, entering, errors
from allmenning.commons.costs.agreement import Agreement, Named
from allmenning.commons.costs.entering import Told
from allmenning.commons.costs.locks import costs_of, writing
from allmenning.commons.costs.models import MeasuredUse
from allmenning.commons.costs.sharing import named_in
from allmenning.commons.figures import queries as figures
from allmenning.commons.figures.queries import Used
from allmenning.commons.identity.offices import OfficeActing
from allmenning.commons.municipalities import queries as municipalities

from .entering_costs import of_treasurer


@dataclass(frozen=True)
class Row:
    """A party and a measure. told: what the platform measured; why: why it can't be taken over. entered: what holds now."""

    party: str
    name: str
    measure: str
    told: Used | None
    why: AllmenningError | None
    entered: MeasuredUse | None

    @property
    def is_by_hand(self) -> bool:
        return self.entered is not None and self.entered.measured_until is None

    @property
    def is_missing(self) -> bool:
        """Whether the platform can't say it, and nobody has entered it."""
        return self.why is not None and not self.is_by_hand


@dataclass(frozen=True)
class Proposal:
    """What there is to take over of a period. until: the last day that is counted; None where nothing is told."""

    agreement: Agreement
    start: date
    end: date
    until: date | None
    rows: tuple[Row, ...]
    is_settled: bool

    @property
    def missing(self) -> list[Row]:
        return [row for row in self.rows if row.is_missing]

    @property
    def to_take(self) -> list[Row]:
        return [row for row in self.rows if row.why is None]

    @property
    def seen(self) -> str:
        """A fingerprint of what there is to take over: each party, measure, amount and day."""
        each = [
            (row.party, row.measure, row.told.amount, row.told.until.isoformat()) for row in self.to_take if row.told
        ]
        return sha256(repr(sorted(each)).encode()).hexdigest()

    @property
    def may_be_taken(self) -> bool:
        return bool(self.to_take) and not self.missing and not self.is_settled

    @property
    def goes_on(self) -> bool:
        """Whether the period is not over in what was counted."""
        return self.until is not None and self.until < self.end - timedelta(days=1)


def proposal(by: OfficeActing, agreement: str, day: date) -> Proposal:
    """Of the period that a day is in. Raises NotInYourRole, UnknownAgreement, NotInForce, Ended, TooFarAhead, FileWrong."""
    agreed = of_treasurer(by, agreement)
    start, end = agreed.period_of(day)
    measures = agreed.rule_of_period(day).rule.measures
    times: dict[str, list[Named]] = {}
    for named in named_in(agreed, start, end, municipalities) if measures else []:
        times.setdefault(named.id, []).append(named)
    told = figures.used(times, start.year)
    until = max((each.until for each in told.values()), default=None)
    there = {(each.party, each.measure): each for each in entered.used(agreement, start)}
    rows = []
    for party, spans in sorted(times.items(), key=lambda each: sort_key(_name(each[1][0]))):
        for measure in measures:
            used = told.get((party, measure))
            why = _why_not(agreed, spans, used, start, end, until)
            rows.append(Row(party, _name(spans[0]), measure, used, why, there.get((party, measure))))
    return Proposal(agreed, start, end, until, tuple(rows), start in entered.issued_starts(agreement))


def _name(named: Named) -> str:
    return municipalities.name_of(named.id) if named.level == "municipality" else named.id


def _why_not(
    agreed: Agreement, spans: list[Named], used: Used | None, start: date, end: date, until: date | None
) -> AllmenningError | None:
    """Why the platform's figure of a party can't be its use of the period; None where it can."""
    if agreed.period != "year":
        return errors.MeasuredByYear()
    if spans[0].level != "municipality":
        return errors.NotMeasuredHere()
    if not any(each.start <= start and (each.end is None or each.end >= end) for each in spans):
        return errors.PartyForPartOfIt()
    if used is None:
        return errors.NothingTold()
    if used.amount is None:
        return errors.TooFewToTell()
    if used.until != until:
        return errors.CountedUntil(day=used.until)
    return None


def take_over(by: OfficeActing, agreement: str, day: date, seen: str) -> list[MeasuredUse]:
    """What is proposed becomes the use of the period that a day is in: each figure that the platform has.

    seen: of the proposal that the treasurer looked at, as it stood in the page. Raises UseMissing, NothingToTakeOver, CountedAnew,
    PeriodSettled, and as `proposal`.
    """
    of_treasurer(by, agreement)
    with writing(costs_of(agreement)):
        found = proposal(by, agreement, day)
        _check(found, seen)
        told = [Told(row.party, row.measure, row.told.amount or 0, row.told.until) for row in found.to_take if row.told]
        return entering.take_over_use(found.agreement, day, told, by=by.said)


def _check(found: Proposal, seen: str) -> None:
    """Whether it may be taken over, and is what the treasurer saw."""
    if found.is_settled:
        raise errors.PeriodSettled(start=found.start, end=found.end)
    if found.missing:
        raise errors.UseMissing(parties=", ".join(dict.fromkeys(row.name for row in found.missing)))
    if not found.to_take:
        raise errors.NothingToTakeOver()
    if seen != found.seen:
        raise errors.CountedAnew()
