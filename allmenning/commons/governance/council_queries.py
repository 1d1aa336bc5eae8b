"""Reading matters for the councils: what is decided where, what waits for whom, and the whole basis for one municipality."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from allmenning.basics import dates

from . import queries
from .checks import called
from .errors import NoSuchMatter, NoSuchProposal, NotPutBefore
from .models import (
    AgendaAnswer,
    AgendaProposal,
    Baseline,
    CouncilDecision,
    Estimate,
    Hearing,
    Matter,
    MatterText,
    Plan,
    Statement,
    Submission,
)
from .queries import Node, Planned

POSTPONED = CouncilDecision.Outcome.POSTPONED
WAITS = "waits"


class Which(NamedTuple):
    """A matter by where it stands. year: the first of its plan. number: within that plan."""

    scope: str
    year: int
    number: int


@dataclass(frozen=True)
class KnownMatter:
    """A matter with all that happened to it. decisions: of each party, the newest first."""

    matter: Matter
    text: MatterText
    hearing: Hearing | None
    statements: tuple[Statement, ...]
    submission: Submission | None
    decisions: dict[str, tuple[CouncilDecision, ...]]

    @property
    def number(self) -> int:
        return self.matter.number

    @property
    def which(self) -> Which:
        return Which(self.matter.plan.scope, self.matter.plan.first_year, self.number)

    @property
    def state(self) -> str:
        """draft, hearing, heard, before-councils or answered."""
        if self.submission:
            return "before-councils" if any(self.waits_for(each) for each in self.submission.parties) else "answered"
        if self.hearing is None:
            return "draft"
        return "hearing" if self.hearing.deadline >= dates.today() else "heard"

    def decision(self, party: str) -> CouncilDecision | None:
        """The newest of a council."""
        return self.decisions[party][0] if party in self.decisions else None

    def waits_for(self, party: str) -> bool:
        """Whether a council was asked and has not decided; what it postponed waits still."""
        decision = self.decision(party)
        return self.is_before(party) and (decision is None or decision.outcome == POSTPONED)

    @property
    def answered(self) -> int:
        """How many councils have decided; what one postponed waits still."""
        return sum(not self.waits_for(each) for each in self.submission.parties) if self.submission else 0

    def is_before(self, party: str) -> bool:
        return self.submission is not None and party in self.submission.parties

    def stands(self, party: str) -> str:
        """Where it stands in a municipality: the outcome of the newest decision, `waits`, or nothing where nobody asked."""
        decision = self.decision(party)
        return decision.outcome if decision else WAITS if self.is_before(party) else ""

    def is_late(self, party: str, on: date) -> bool:
        return self.submission is not None and self.waits_for(party) and self.submission.decide_by < on


@dataclass(frozen=True)
class DecisionBasis:
    """All that a council has before it, as it was when the matter was put before it (now, while it is a draft).

    estimates and baselines are the party's own; what the plan holds of others is in `planned`. decided: what the councils have
    decided until now.
    """

    known: KnownMatter
    planned: Planned
    node: Node
    party: str
    estimates: tuple[tuple[Node, Estimate], ...]
    baselines: tuple[tuple[Node, Baseline], ...]
    as_of: datetime


@dataclass(frozen=True)
class Asked:
    """What an elected member put on the agenda, and what came of it."""

    proposal: AgendaProposal
    answer: AgendaAnswer | None


def matters(*plans: Plan) -> list[KnownMatter]:
    """Every matter of some plans, newest first. Six statements, however many there are."""
    named = {each.pk: each for each in plans}
    rows = list(Matter.objects.filter(plan__in=named).select_related("item").order_by("-plan__first_year", "-number"))
    for row in rows:
        row.plan = row.item.plan = named[row.plan_id]
    texts = _by_matter(MatterText.objects.filter(matter__plan__in=named).order_by("version"))
    hearings = _by_matter(Hearing.objects.filter(matter__plan__in=named).order_by("id"))
    statements = _by_matter(Statement.objects.filter(matter__plan__in=named).order_by("id"))
    submissions = _by_matter(Submission.objects.filter(matter__plan__in=named))
    decisions = _by_matter(CouncilDecision.objects.filter(matter__plan__in=named).order_by("-decided_on", "-id"))
    return [
        KnownMatter(
            row,
            texts[row.pk][-1],
            hearings[row.pk][-1] if hearings[row.pk] else None,
            tuple(statements[row.pk]),
            submissions[row.pk][0] if submissions[row.pk] else None,
            _by_party(decisions[row.pk]),
        )
        for row in rows
    ]


def matter(plan: Plan, number: int) -> KnownMatter:
    """Raises NoSuchMatter."""
    for each in matters(plan):
        if each.number == number:
            return each
    raise NoSuchMatter(number=number)


def decision_basis(plan: Plan, number: int, party: str) -> DecisionBasis:
    """A matter's whole basis for one municipality. Raises NoSuchMatter, NotPutBefore where it is put before others alone."""
    known = matter(plan, number)
    if known.submission and not known.is_before(party):
        raise NotPutBefore(party=called(party))
    as_of = known.submission.at if known.submission else dates.now()
    planned = queries.planned(plan, as_of)
    node = planned.node_of(known.matter.item_id)
    under = list(node.with_all_under)
    estimates = tuple((each, each.estimates[party]) for each in under if party in each.estimates)
    baselines = tuple((each, row) for each in under for (_, who), row in each.baselines.items() if who == party)
    return DecisionBasis(known, planned, node, party, estimates, baselines, as_of)


def agenda(scopes: Iterable[str], party: str = "") -> list[Asked]:
    """What elected members put on the agenda of cooperations, newest first; of one party, or of all."""
    rows = AgendaProposal.objects.filter(scope__in=list(scopes), **({"party": party} if party else {})).order_by("-id")
    answers = {row.proposal_id: row for row in AgendaAnswer.objects.filter(proposal__in=rows).select_related("matter")}
    return [Asked(row, answers.get(row.pk)) for row in rows]


def asked(id: int, scope: str) -> AgendaProposal:
    """Raises NoSuchProposal."""
    found = AgendaProposal.objects.filter(pk=id, scope=scope).first()
    if found is None:
        raise NoSuchProposal
    return found


def _by_matter(rows: Iterable[Any]) -> defaultdict[int, list[Any]]:
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.matter_id].append(row)
    return found


def _by_party(rows: Iterable[CouncilDecision]) -> dict[str, tuple[CouncilDecision, ...]]:
    found: defaultdict[str, list[CouncilDecision]] = defaultdict(list)
    for row in rows:
        found[row.party].append(row)
    return {party: tuple(of) for party, of in found.items()}
