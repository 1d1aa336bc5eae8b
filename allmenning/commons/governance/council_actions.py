"""Matters for the councils: drafted, heard by the employees' representatives, put before each council, and decided.

What councils have before them is never changed after it was put before them, and a statement never at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import date

from allmenning.basics import dates

from . import errors
from .actions import participate
from .checks import called, checked, one_of, plain
from .models import (
    AgendaAnswer,
    AgendaProposal,
    CouncilDecision,
    Hearing,
    Item,
    Matter,
    MatterText,
    Participation,
    Statement,
    Submission,
)
from .words import LANGUAGES, Words
from .writing import one_at_a_time, written

MOST_VOTES = 200
ADOPTS = (CouncilDecision.Outcome.ADOPTED, CouncilDecision.Outcome.CHANGED)


@dataclass(frozen=True)
class Basis:
    """A matter in words: the same for every council."""

    title: Words
    proposal: Words
    background: Words = field(default_factory=Words)
    alternatives: Words = field(default_factory=Words)
    budget: Words = field(default_factory=Words)
    employees: Words = field(default_factory=Words)

    def columns(self) -> dict[str, Words]:
        """Raises NotSaid, TooLong, NamesAPerson."""
        needed = ("title", "proposal")
        return {
            each.name: checked(
                getattr(self, each.name),
                required=each.name in needed,
                name=each.name,
                **({"most": 200} if each.name == "title" else {}),
            )
            for each in fields(self)
        }


def draft(*, item: Item, basis: Basis, by: str) -> Matter:
    """Begin a matter about a measure or a project. Raises WrongPlace for a goal, and what a basis may be wrong with."""
    if item.kind == Item.Kind.GOAL:
        raise errors.WrongPlace
    columns, now = basis.columns(), dates.now()
    with written():
        one_at_a_time(item.plan.scope)
        last = Matter.objects.filter(plan=item.plan).order_by("-number").values_list("number", flat=True).first() or 0
        matter = Matter.objects.create(item=item, plan=item.plan, number=last + 1, at=now, by=by)
        MatterText.objects.create(matter=matter, version=1, **columns, at=now, by=by)
        return matter


def rewrite(*, matter: Matter, made_from: int, basis: Basis, by: str) -> MatterText:
    """Write the basis anew; the earlier version is kept. Raises AlreadySubmitted, ChangedMeanwhile, and what a basis may be."""
    columns = basis.columns()
    with written():
        one_at_a_time(matter.plan.scope)
        _not_submitted(matter)
        if _text(matter).version != made_from:
            raise errors.ChangedMeanwhile
        return MatterText.objects.create(matter=matter, version=made_from + 1, **columns, at=dates.now(), by=by)


def open_hearing(*, matter: Matter, deadline: date, by: str) -> Hearing:
    """Ask the employees' representatives, until a day; again to give them more time.

    Raises DeadlineNotAhead, AlreadySubmitted, NotSaidInBoth where the consequences for the employees are not said.
    """
    if deadline <= dates.today():
        raise errors.DeadlineNotAhead
    with written():
        one_at_a_time(matter.plan.scope)
        _not_submitted(matter)
        _said_in_both(_text(matter), ("title", "proposal", "employees"))
        return Hearing.objects.create(matter=matter, deadline=deadline, at=dates.now(), by=by)


def give_statement(*, matter: Matter, party: str, body: str, text: str, language: str, by: str) -> Statement:
    """What an organisation of employees at a party says; it stands as it is. Raises NoHearing, HearingOver, AlreadyStated, NotSaid."""
    body, text = plain(body, most=120, name="body"), plain(text, name="text")
    language = one_of(language, LANGUAGES)
    with written():
        one_at_a_time(matter.plan.scope)
        hearing = _hearing(matter)
        if hearing is None or Submission.objects.filter(matter=matter).exists():
            raise errors.NoHearing
        if hearing.deadline < dates.today():
            raise errors.HearingOver(deadline=hearing.deadline)
        if Statement.objects.filter(matter=matter, party=party, body=body).exists():
            raise errors.AlreadyStated(body=body)
        version = _text(matter).version
        return Statement.objects.create(
            matter=matter, party=party, body=body, text=text, language=language, version=version, at=dates.now(), by=by
        )


def submit(*, matter: Matter, parties: Sequence[str], decide_by: date, by: str) -> Submission:
    """Put a matter before the councils of these parties.

    Raises NobodyAsked, DeadlineNotAhead, AlreadySubmitted, NotSaidInBoth, NotHeard, HearingRuns.
    """
    if not parties:
        raise errors.NobodyAsked
    if decide_by <= dates.today():
        raise errors.DeadlineNotAhead
    with written():
        one_at_a_time(matter.plan.scope)
        _not_submitted(matter)
        _said_in_both(_text(matter), [each.name for each in fields(Basis)])
        hearing = _hearing(matter)
        if hearing is None:
            raise errors.NotHeard
        if hearing.deadline >= dates.today():
            raise errors.HearingRuns(deadline=hearing.deadline)
        return Submission.objects.create(
            matter=matter, parties=sorted(set(parties)), decide_by=decide_by, at=dates.now(), by=by
        )


@dataclass(frozen=True)
class Decided:
    """What a council decided, as its minutes have it."""

    outcome: str
    decided_on: date
    case_reference: str
    votes_for: int
    votes_against: int
    text: str
    language: str = "nb"


def register_decision(
    *, matter: Matter, party: str, decided: Decided, joins_on: date | None = None, by: str
) -> CouncilDecision:
    """Register what a council decided; with `joins_on`, the party takes part from that day by it. Earlier decisions are kept; what the
    party joined by one of them, it is out of by one that does not adopt.

    Raises NotPutBefore, NotYetThere, DecidedBeforeAsked, DecidedLater, CaseAlreadyRegistered, WrongVotes, JoinsWithoutAdopting, JoinsBeforeThePlan,
    AlreadyIn, NotSaid.
    """
    outcome = one_of(decided.outcome, CouncilDecision.Outcome.values)
    reference = plain(decided.case_reference, most=60, name="case_reference")
    text, language = plain(decided.text, name="text"), one_of(decided.language, LANGUAGES)
    _votes(decided)
    if joins_on:
        _may_join(matter, outcome, joins_on)
    with written():
        one_at_a_time(matter.plan.scope)
        _may_be_decided(matter, party, decided.decided_on, reference)
        decision = CouncilDecision.objects.create(
            matter=matter,
            party=party,
            outcome=outcome,
            decided_on=decided.decided_on,
            case_reference=reference,
            votes_for=decided.votes_for,
            votes_against=decided.votes_against,
            text=text,
            language=language,
            at=dates.now(),
            by=by,
        )
        if joins_on:
            participate(item=matter.item, party=party, on=joins_on, is_in=True, decision=decision, by=by)
        elif outcome not in ADOPTS:
            _out_again(decision)
        return decision


def say_joining_day(*, matter: Matter, party: str, joins_on: date, by: str) -> Participation:
    """Say afterwards from which day a party takes part by its council's newest decision, or put right a day that was wrong.

    Raises NotDecided, JoinsWithoutAdopting, JoinsBeforeThePlan, AlreadyIn, TakenOut.
    """
    with written():
        one_at_a_time(matter.plan.scope)
        decision = CouncilDecision.objects.filter(matter=matter, party=party).order_by("id").last()
        if decision is None:
            raise errors.NotDecided(party=called(party))
        _may_join(matter, decision.outcome, joins_on)
        about = Participation.objects.filter(item=matter.item, party=party, replaced_by=None)
        said = about.filter(decision__matter=matter).order_by("id").last()
        joined = said if said and said.is_in else None
        if joined and joined.on == joins_on:
            raise errors.AlreadyIn("joins_on", party=called(party))
        return participate(
            item=matter.item, party=party, on=joins_on, is_in=True, decision=decision, replaces=joined, by=by
        )


def _may_join(matter: Matter, outcome: str, on: date) -> None:
    if outcome not in ADOPTS:
        raise errors.JoinsWithoutAdopting("joins_on")
    if on.year < matter.plan.first_year:
        raise errors.JoinsBeforeThePlan("joins_on", year=matter.plan.first_year)


def _out_again(decision: CouncilDecision) -> None:
    """Who joined by an earlier decision of the same council in the matter is out of it from the day of this one, or never came in."""
    about = Participation.objects.filter(item=decision.matter.item, party=decision.party, replaced_by=None)
    joined = about.filter(decision__matter=decision.matter, is_in=True).order_by("id").last()
    if joined is None:
        return
    on = max(decision.decided_on, joined.on)
    if about.filter(on__lte=on).order_by("on", "id").last() == joined:
        Participation.objects.create(
            item=joined.item,
            party=decision.party,
            on=on,
            is_in=False,
            decision=decision,
            at=decision.at,
            by=decision.by,
        )


def put_on_agenda(*, scope: str, party: str, title: str, text: str, language: str, by: str) -> AgendaProposal:
    """An elected member asks for a matter; who sends the same once more has asked once. Raises NotSaid, TooLong, NamesAPerson."""
    title, text = plain(title, most=200, name="title"), plain(text, name="text")
    language = one_of(language, LANGUAGES)
    asked = {"scope": scope, "party": party, "title": title, "text": text}
    with written():
        one_at_a_time(scope)
        waiting = AgendaProposal.objects.filter(answers=None, **asked).first()
        return waiting or AgendaProposal.objects.create(language=language, at=dates.now(), by=by, **asked)


def answer(
    *, proposal: AgendaProposal, outcome: str, text: str, language: str, matter: Matter | None = None, by: str
) -> AgendaAnswer:
    """Say what came of what an elected member asked for. Raises AlreadyAnswered, NoSuchMatter, NotSaid."""
    outcome, text = one_of(outcome, AgendaAnswer.Outcome.values), plain(text, name="text")
    language = one_of(language, LANGUAGES)
    if (outcome == AgendaAnswer.Outcome.MATTER) != (matter is not None):
        raise errors.NoSuchMatter("matter", number="")
    with written():
        one_at_a_time(proposal.scope)
        if AgendaAnswer.objects.filter(proposal=proposal).exists():
            raise errors.AlreadyAnswered
        return AgendaAnswer.objects.create(
            proposal=proposal, outcome=outcome, text=text, language=language, matter=matter, at=dates.now(), by=by
        )


def _not_submitted(matter: Matter) -> None:
    if Submission.objects.filter(matter=matter).exists():
        raise errors.AlreadySubmitted


def _text(matter: Matter) -> MatterText:
    found = MatterText.objects.filter(matter=matter).order_by("-version").first()
    assert found is not None  # written with the matter
    return found


def _hearing(matter: Matter) -> Hearing | None:
    return Hearing.objects.filter(matter=matter).order_by("-id").first()


def _said_in_both(text: MatterText, names: Sequence[str]) -> None:
    """A council reads bokmål or nynorsk, as its municipality writes. Raises NotSaidInBoth, with the field's name as detail."""
    for name in names:
        words = getattr(text, name)
        if not (words.nb and words.nn):
            raise errors.NotSaidInBoth(name)


def _votes(decided: Decided) -> None:
    votes = (decided.votes_for, decided.votes_against)
    if not all(0 <= each <= MOST_VOTES for each in votes) or not sum(votes):
        raise errors.WrongVotes(most=MOST_VOTES)


def _may_be_decided(matter: Matter, party: str, on: date, reference: str) -> None:
    submission = Submission.objects.filter(matter=matter).first()
    if submission is None or party not in submission.parties:
        raise errors.NotPutBefore(party=called(party))
    if on > dates.today():
        raise errors.NotYetThere
    asked_on = submission.at.astimezone(dates.OSLO).date()
    if on < asked_on:
        raise errors.DecidedBeforeAsked(day=asked_on)
    rows = CouncilDecision.objects.filter(matter=matter, party=party)
    if rows.filter(case_reference=reference).exists():
        raise errors.CaseAlreadyRegistered(reference=reference)
    last = rows.order_by("-decided_on").first()
    if last is not None and last.decided_on > on:
        raise errors.DecidedLater(day=last.decided_on)
