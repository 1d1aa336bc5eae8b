"""Matters before the councils, by role: the planner drafts and puts them before the councils, employees' representatives state
their view, secretaries register what is decided, and elected members see what is decided where and ask for more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from allmenning.basics import dates
from allmenning.commons.governance import council_actions, council_queries
from allmenning.commons.governance import queries as governance
from allmenning.commons.governance.checks import called
from allmenning.commons.governance.council_actions import Basis, Decided
from allmenning.commons.governance.council_queries import Asked, KnownMatter, Which
from allmenning.commons.governance.errors import NoSuchMatter, NotAMember, NotPutBefore
from allmenning.commons.governance.models import Matter, Plan
from allmenning.commons.governance.words import Words
from allmenning.commons.identity.offices import OfficeActing

from .council_papers import Figures, figures_of
from .offices import NotInYourRole, scopes_of
from .planning import Where, is_member

ROLES = ("planner", "board", "secretary", "elected", "employees")
OF_A_COOPERATION = ("planner", "board")


@dataclass(frozen=True)
class Before:
    """A matter as a role sees it, and whose it is."""

    known: KnownMatter
    party: str = ""  # for whom one looks; empty for a cooperation's role

    @property
    def plan(self) -> Plan:
        return self.known.matter.plan

    @property
    def scope(self) -> str:
        return self.plan.scope

    @property
    def which(self) -> Which:
        return self.known.which

    @property
    def waits(self) -> bool:
        """Whether it waits for the council of who looks; of a cooperation's role, for any."""
        return self.known.waits_for(self.party) if self.party else self.known.state == "before-councils"

    @property
    def is_adopted(self) -> bool:
        """Whether the council of who looks has adopted it."""
        return self.known.stands(self.party) in council_actions.ADOPTS

    @property
    def may_state(self) -> bool:
        """Whether employees may say what they mean now."""
        return self.known.state == "hearing"


def matters_for(by: OfficeActing) -> list[Before]:
    """What a role sees, of every plan, the newest plan's first: the planner and the board everything, employees from the hearing
    on, councils what is put before them. Seven statements. Raises NotInYourRole.
    """
    if by.role not in ROLES:
        raise NotInYourRole
    found = council_queries.matters(*governance.plans(*scopes_of(by)))
    return [Before(each, by.party) for each in found if _sees(by, each)]


def matter_for(by: OfficeActing, which: Which) -> Before:
    """One of them. Raises NotInYourRole, NoSuchMatter, also for what a role does not see."""
    for each in matters_for(by):
        if each.which == which:
            return each
    raise NoSuchMatter(number=which.number)


def figures_for(before: Before) -> Figures | None:
    """The whole basis of a matter for who looks, with their municipality's own figures, as the council's paper has them.

    None for a cooperation's role, and for a matter that is put before others alone.
    """
    if not before.party:
        return None
    try:
        return figures_of(council_queries.decision_basis(before.plan, before.known.number, before.party))
    except NotPutBefore:
        return None


# --- the planner ---


def items_for(by: OfficeActing) -> list[tuple[Where, Words]]:
    """What a matter can be about: the measures and projects of plans that are not over. Raises NotInYourRole."""
    plans = [each for each in governance.plans(_planners(by)) if each.last_year >= dates.today().year]
    return [(Where(item.plan.first_year, item.code), title) for item, title in governance.titles(plans)]


def draft(by: OfficeActing, where: Where, basis: Basis) -> Which:
    """Begin a matter about a measure or project. Raises NotInYourRole, NoPlan, NoSuchItem, WrongPlace, NotSaid."""
    plan = governance.beginning(_planners(by), where.year)
    matter = council_actions.draft(item=governance.item(plan, where.code), basis=basis, by=by.said)
    return Which(plan.scope, plan.first_year, matter.number)


def rewrite(by: OfficeActing, which: Which, *, made_from: int, basis: Basis) -> None:
    """Raises NotInYourRole, NoSuchMatter, AlreadySubmitted, ChangedMeanwhile, NotSaid."""
    matter = _planners_matter(by, which)
    council_actions.rewrite(matter=matter, made_from=made_from, basis=basis, by=by.said)


def open_hearing(by: OfficeActing, which: Which, deadline: date) -> None:
    """Raises NotInYourRole, NoSuchMatter, DeadlineNotAhead, AlreadySubmitted, NotSaidInBoth."""
    matter = _planners_matter(by, which)
    council_actions.open_hearing(matter=matter, deadline=deadline, by=by.said)


def submit(by: OfficeActing, which: Which, *, parties: Sequence[str], decide_by: date) -> None:
    """Raises NotInYourRole, NoSuchMatter, NotAMember, NobodyAsked, NotHeard, HearingRuns, NotSaidInBoth, AlreadySubmitted."""
    matter = _planners_matter(by, which)
    for party in parties:
        if not is_member(which.scope, party):
            raise NotAMember("parties", party=called(party))
    council_actions.submit(matter=matter, parties=parties, decide_by=decide_by, by=by.said)


def answer(
    by: OfficeActing, proposal: int, *, outcome: str, text: str, language: str, matter: int | None = None
) -> None:
    """Answer what an elected member asked for. matter: the id of the one that came of it.

    Raises NotInYourRole, NoSuchProposal, NoSuchMatter, AlreadyAnswered, NotSaid.
    """
    asked = council_queries.asked(proposal, _planners(by))
    became = _one_of_theirs(by, matter) if matter is not None else None
    council_actions.answer(proposal=asked, outcome=outcome, text=text, language=language, matter=became, by=by.said)


# --- who stands for a party ---


def give_statement(by: OfficeActing, which: Which, *, body: str, text: str, language: str) -> None:
    """Raises NotInYourRole, NoSuchMatter, NoHearing, HearingOver, AlreadyStated, NotSaid."""
    _must_be(by, "employees")
    matter = matter_for(by, which).known.matter
    said = {"body": body, "text": text, "language": language}
    council_actions.give_statement(matter=matter, party=by.party, **said, by=by.said)


def register_decision(by: OfficeActing, which: Which, decided: Decided, joins_on: date | None = None) -> None:
    """Raises NotInYourRole, NoSuchMatter, and what `council_actions.register_decision` raises."""
    _must_be(by, "secretary")
    matter = matter_for(by, which).known.matter
    council_actions.register_decision(matter=matter, party=by.party, decided=decided, joins_on=joins_on, by=by.said)


def say_joining_day(by: OfficeActing, which: Which, joins_on: date) -> None:
    """Raises NotInYourRole, NoSuchMatter, and what `council_actions.say_joining_day` raises."""
    _must_be(by, "secretary")
    matter = matter_for(by, which).known.matter
    council_actions.say_joining_day(matter=matter, party=by.party, joins_on=joins_on, by=by.said)


def put_on_agenda(by: OfficeActing, scope: str, *, title: str, text: str, language: str) -> None:
    """Raises NotInYourRole for a cooperation that one's municipality is not in, NotSaid, NamesAPerson."""
    _must_be(by, "elected")
    if scope not in scopes_of(by):
        raise NotInYourRole
    council_actions.put_on_agenda(scope=scope, party=by.party, title=title, text=text, language=language, by=by.said)


def agenda(by: OfficeActing) -> list[Asked]:
    """What is asked for: in a cooperation, or by one's own municipality. Raises NotInYourRole."""
    if by.role not in ROLES:
        raise NotInYourRole
    return council_queries.agenda(scopes_of(by), by.party)


def _sees(by: OfficeActing, known: KnownMatter) -> bool:
    if by.role in OF_A_COOPERATION:
        return True
    if by.role == "employees":
        return known.hearing is not None
    return known.is_before(by.party) if by.role == "secretary" else known.submission is not None


def _planners(by: OfficeActing) -> str:
    _must_be(by, "planner")
    return by.scope


def _planners_matter(by: OfficeActing, which: Which) -> Matter:
    _must_be(by, "planner")
    return matter_for(by, which).known.matter


def _one_of_theirs(by: OfficeActing, id: int) -> Matter:
    found = next((each.known.matter for each in matters_for(by) if each.known.matter.pk == id), None)
    if found is None:
        raise NoSuchMatter("matter", number=id)
    return found


def _must_be(by: OfficeActing, role: str) -> None:
    if by.role != role or not (by.scope or by.party):
        raise NotInYourRole
