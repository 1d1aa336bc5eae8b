"""The paper for a council, at a press: the same decision basis for every municipality, with its own figures.

What it costs the municipality is worked out by the cooperation's agreement; what it gains is its own estimate, said to be one; what is
measured already is told as that. What the employees' representatives said stands word for word. A matter that is put before the
councils gives the same paper ever after, but for what was measured and what other councils have decided since.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from allmenning.basics.dates import format_date
from allmenning.basics.errors import AllmenningError
from allmenning.basics.money import format_ore
from allmenning.basics.norwegian import sort_key
from allmenning.basics.sharing.dividing import Share
from allmenning.commons.costs import billing, saying
from allmenning.commons.costs.agreement import Agreement
from allmenning.commons.governance import council_queries
from allmenning.commons.governance import queries as governance
from allmenning.commons.governance.checks import called
from allmenning.commons.governance.council_queries import DecisionBasis, Which
from allmenning.commons.governance.errors import NoSuchMatter, NotPutBefore
from allmenning.commons.governance.models import Cost, CouncilDecision, Estimate, Item
from allmenning.commons.governance.queries import Node
from allmenning.commons.governance.words import Words
from allmenning.commons.identity.offices import OF_A_COOPERATION, OfficeActing
from allmenning.commons.municipalities import queries as municipalities
from allmenning.letters import FieldTable, Letterhead, Metadata, render_letter

from .measuring import MeasuredMeasure, measured
from .offices import NotInYourRole, scopes_of
from .own_shares import Dated, OwnShare, dividing
from .parties import Party
from .planning import is_member

YEARS_OF_ECONOMIC_PLAN = 4  # kommuneloven § 14-1: at least the four next budget years
OUTCOMES = CouncilDecision.Outcome


@dataclass(frozen=True)
class Year:
    """What a year costs all of them, and one municipality; what it expects to gain in money. Øre.

    own_ore: None where it can't be worked out. gain_ore: None where nothing is estimated in money.
    """

    year: int
    all_ore: int
    own_ore: int | None
    gain_ore: int | None

    @property
    def net_ore(self) -> int | None:
        """What it gains less what it pays."""
        return None if self.gain_ore is None or self.own_ore is None else self.gain_ore - self.own_ore


@dataclass
class Figures:
    """A municipality's own figures of a matter, by what held on the day that it was put forward; today's, while it is a draft."""

    basis: DecisionBasis
    dated: Dated

    @property
    def agreement(self) -> Agreement | None:
        """By which cost is shared; None where nothing is agreed."""
        return self.dated.agreement

    @property
    def day(self) -> date:
        return self.dated.day

    @cached_property
    def joining(self) -> tuple[str, ...]:
        """Who shares the cost: those who take part, and those whom it is put before."""
        asked = self.basis.known.submission.parties if self.basis.known.submission else []
        there = [id for node in self.basis.node.with_all_under for id in node.joined if node.is_in(id, self.day)]
        return tuple(dict.fromkeys([*asked, *there, self.basis.party]))

    @cached_property
    def share(self) -> OwnShare:
        return OwnShare(self.dated, self.joining, self.basis.party)

    def shared(self, ore: int) -> Share | AllmenningError:
        """The municipality's part of a sum; or why it can't be worked out."""
        return self.share.shared(ore)

    def own(self, ore: int) -> int | None:
        """The municipality's part of a sum, in øre; None where `why_not` says why it can't be worked out."""
        return self.share.own(ore)

    @cached_property
    def why_not(self) -> AllmenningError | None:
        """Why the municipality's part of what is planned can't be worked out, wholly or for some year; None where it can."""
        found = [self.shared(each.all_ore) for each in self.years if each.all_ore]
        return next((each for each in found if isinstance(each, AllmenningError)), None)

    @cached_property
    def years(self) -> list[Year]:
        """Those of the plan in which it costs or gives anything."""
        found = [self._year(year) for year in self.basis.planned.plan.years]
        return [each for each in found if each.all_ore or each.gain_ore]

    def _year(self, year: int) -> Year:
        ore = self.basis.node.cost_ore(year)
        return Year(year, ore, self.own(ore), self._gain(year))

    def _gain(self, year: int) -> int | None:
        """What is expected in money in a year; None where nobody has estimated that at all."""
        told = [
            (each.from_year, each.amount_ore) for _node, each in self.basis.estimates if each.amount_ore is not None
        ]
        return sum(ore for start, ore in told if start <= year) if told else None

    def economic_plan(self) -> list[tuple[int, int | None, int | None, int | None]]:
        """Year, own investment, own operation, gain in money: of the four years after the matter.

        What it costs is None in years that the plan does not reach.
        """
        first = self.day.year + 1
        return [
            (year, self._own(year, Cost.Kind.INVESTMENT), self._own(year, Cost.Kind.OPERATION), self._gain(year))
            for year in range(first, first + YEARS_OF_ECONOMIC_PLAN)
        ]

    def _own(self, year: int, kind: Cost.Kind) -> int | None:
        is_planned = year in self.basis.planned.plan.years
        return self.own(self.basis.node.cost_ore(year, kind)) if is_planned else None


@dataclass(frozen=True)
class Saying:
    """How the paper says what others have words for, in the active language.

    measured: what was measured as rows: what, how it was (stated), how it is (measured), the difference. refused: why something
    could not be.
    """

    measured: Callable[[MeasuredMeasure], Sequence[Sequence[str]]]
    refused: Callable[[AllmenningError], str]


def paper_for(by: OfficeActing, which: Which, party: str, language: str = "", *, saying: Saying) -> tuple[bytes, str]:
    """A council's paper as PDF/A, and its file's name. language: nb or nn; else as the municipality writes.

    A role of the cooperation reads everybody's, one of a party its own. Raises NoPlan, NoSuchMatter, NotPutBefore (also for what is
    no member), NotInYourRole.
    """
    if which.scope not in scopes_of(by) or (by.role not in OF_A_COOPERATION and by.party != party):
        raise NotInYourRole
    if not is_member(which.scope, party):
        raise NotPutBefore(party=called(party))
    plan = governance.beginning(which.scope, which.year)
    basis = council_queries.decision_basis(plan, which.number, party)
    if by.party and not (basis.known.submission or (by.role == "employees" and basis.known.hearing)):
        raise NoSuchMatter(number=which.number)  # a draft is the cooperation's own until somebody is asked
    written = language if language in ("nb", "nn") else language_of(plan.scope, party)
    return paper(basis, written, saying), f"{plan.scope}-{which.year}-{which.number}-{party}-{written}.pdf"


def language_of(scope: str, party: str) -> str:
    """How a municipality writes, as it is kept with what bills need of it; bokmål where nothing is."""
    known = billing.details(scope, [party]).get(party)
    return known.language if known else "nb"


def figures_of(basis: DecisionBasis) -> Figures:
    """A municipality's own figures of a matter, by the cooperation's agreement that divided costs then."""
    return Figures(basis, dividing(basis.planned.plan.scope, basis.as_of))


def paper(basis: DecisionBasis, language: str, saying: Saying) -> bytes:
    """The paper as PDF/A. language: nb or nn. Raises LetterErrors, UnsafeText."""
    name = municipalities.name_of(basis.party, language)
    figures = figures_of(basis)
    with override(language):
        sections = list(_Writer(figures, language, saying).sections())
        metadata = Metadata(
            date=figures.day,
            reference=_("Matter %(number)s of the joint plan") % {"number": basis.known.number},
            recipient=[_("The council of the municipality of %(municipality)s") % {"municipality": name}],
            is_approved=False,
        )
        cooperation = municipalities.cooperation(basis.planned.plan.scope).name
    fields: dict[str, Any] = {}
    markdown = ["# {{ title }}"]
    fields["title"] = basis.known.text.title[language]
    for at, (heading, parts) in enumerate(sections):
        markdown.append(f"## {{{{ heading_{at} }}}}")
        fields[f"heading_{at}"] = heading
        for place, part in enumerate(parts):
            name_of_it = f"part_{at}_{place}"
            markdown.append(f"{'### ' if isinstance(part, Heading) else ''}{{{{ {name_of_it} }}}}")
            fields[name_of_it] = part
    letterhead = Letterhead(municipality=name, unit=cooperation)
    return render_letter("\n\n".join(markdown), fields, letterhead, language, metadata)


def _sum(years: Sequence[Year], of: str) -> int | None:
    """Of several years; None where one of them is not known."""
    found = [getattr(each, of) for each in years]
    return None if None in found else sum(found)


class Heading(str):
    """A heading within a section."""


Part = str | Sequence[str] | FieldTable


class _Writer:
    """Writes the sections: heading, and paragraphs, lists and tables. The language is the one that is active."""

    def __init__(self, figures: Figures, language: str, saying: Saying) -> None:
        self.figures, self.basis, self.language, self.saying = figures, figures.basis, language, saying
        above = self.basis.planned.above(self.basis.node)
        self.measure = above if above and above.kind == Item.Kind.MEASURE else None
        """The measure that a project is a part of: what is expected of it, what threatens it and what was measured is told too."""

    def sections(self) -> Iterator[tuple[str, list[Part]]]:
        text = self.basis.known.text
        yield _("Proposed decision"), self._prose(text.proposal)
        yield _("What it is about"), [*self._prose(self.basis.node.text.description), *self._prose(text.background)]
        yield _("What it costs, and what it gives"), list(self._cost_and_gain())
        yield _("Budget and four-year economic plan"), [*self._prose(text.budget), *self._economic_plan()]
        yield _("What may go wrong"), self._risks()
        yield _("When"), self._milestones()
        yield _("The employees"), [*self._prose(text.employees), *self._statements()]
        yield _("Alternatives"), self._prose(text.alternatives)
        yield _("What the other councils have decided"), self._councils()

    def _prose(self, words: Words) -> list[Part]:
        said = words[self.language]
        return [each.strip() for each in said.split("\n\n") if each.strip()]

    def _money(self, ore: int | None) -> str:
        """Whole kroner, as a council reads them: worked out to the øre, and rounded here alone. A dash where it is not known."""
        return "–" if ore is None else format_ore(round(ore, -2), self.language)

    def _cost_and_gain(self) -> Iterator[Part]:
        if self.figures.years:
            yield from self._by_year(self.figures.years)
        yield from self._how_shared()
        yield from self._estimates()
        yield from self._measured()

    def _by_year(self, years: Sequence[Year]) -> Iterator[Part]:
        head = [_("Year"), _("Costs in all"), _("Our share"), _("We gain (estimate)"), _("Difference")]
        rows = [[str(each.year), *self._amounts(each)] for each in years]
        total = Year(0, sum(each.all_ore for each in years), *(_sum(years, of) for of in ("own_ore", "gain_ore")))
        yield FieldTable(head, [*rows, [_("In all"), *self._amounts(total)]])
        yield _("Amounts are worked out to the øre and shown in whole kroner.")

    def _amounts(self, year: Year) -> list[str]:
        return [self._money(ore) for ore in (year.all_ore, year.own_ore, year.gain_ore, year.net_ore)]

    def _how_shared(self) -> Iterator[Part]:
        ore = max((each.all_ore for each in self.figures.years), default=0)
        if not ore:
            yield _("Nothing is planned to cost anything.")
            return
        if self.figures.why_not:
            yield _("Our share can't be worked out: %(why)s") % {"why": self.saying.refused(self.figures.why_not)}
        share = self.figures.shared(ore)
        if self.figures.agreement is None or isinstance(share, AllmenningError):
            return
        dated = self.figures.agreement.rule_on(self.figures.day)
        yield _("Our share is worked out by the agreement: %(rule)s") % {"rule": saying.sentences(dated)[0]}
        party, day = share.party, format_date(share.party.counted_on, self.language) if share.party.counted_on else ""
        if party.population is not None:
            said = {"people": f"{party.population:,}".replace(",", "\u00a0"), "day": day}
            yield _("We are counted with %(people)s inhabitants on %(day)s (Statistics Norway).") % said
        names = sorted((municipalities.name_of(id, self.language) for id in self.figures.joining), key=sort_key)
        yield _("Reckoned as if all of these join: %(names)s.") % {"names": ", ".join(names)}

    def _estimates(self) -> Iterator[Part]:
        own, whole = self.basis.estimates, self._of_whole_measure()
        if own:
            yield Heading(_("What we expect to gain each year (estimates, not measured)"))
            yield from self._estimated(own)
        if whole:
            yield Heading(
                _("What we expect each year of the whole measure that it is a part of (estimates, not measured)")
            )
            yield from self._estimated(whole)
        if not own and not whole:
            yield _("The municipality has not estimated what it gains.")

    def _of_whole_measure(self) -> list[tuple[Node, Estimate]]:
        """The party's own of the measure above, which are of more than the project costs: never summed with its cost."""
        found = self.measure.estimates.get(self.basis.party) if self.measure else None
        return [(self.measure, found)] if self.measure and found else []

    def _estimated(self, found: Sequence[tuple[Node, Estimate]]) -> Iterator[Part]:
        head = [_("What"), _("Money"), _("Hours"), _("From"), _("Builds on")]
        rows = [self._estimate(node, each) for node, each in found]
        yield FieldTable(head, rows, ["left", "right", "right", "left", "left"])
        better = [
            f"{node.text.title[self.language]}: {each.quality[self.language]}" for node, each in found if each.quality
        ]
        if better:
            yield better
        if any(each.hours for _node, each in found):
            yield _("Hours are not made into money: that would need a rate that somebody has decided.")

    def _measured(self) -> Iterator[Part]:
        party = Party(self.basis.party, municipalities.name_of(self.basis.party, self.language))
        found = measured([party], self.measure or self.basis.node)
        rows = self.saying.measured(found) if found else []
        if found and rows:
            yield Heading(_("What was measured in %(year)s so far") % {"year": found.year})
            head = [_("What"), _("Before, stated"), _("Now, measured"), _("Difference")]
            yield FieldTable(head, rows)
            yield _("Counted in the cases of the services that it is about. It does not say that it alone is why.")

    def _estimate(self, node: Node, each: Estimate) -> list[str]:
        money = "–" if each.amount_ore is None else self._money(each.amount_ore)
        hours = "–" if each.hours is None else f"{each.hours:,}".replace(",", "\u00a0")
        title, why = node.text.title[self.language], each.builds_on[self.language]
        return [title, money, hours, str(each.from_year), why]

    def _economic_plan(self) -> Iterator[Part]:
        head = [_("Year"), _("Our investment"), _("Our operation"), _("We gain (estimate)"), _("Effect on the result")]
        rows = []
        for year, investment, operation, gain in self.figures.economic_plan():
            own = None if investment is None or operation is None else investment + operation
            sums = (investment, operation, gain, None if gain is None or own is None else gain - own)
            rows.append([str(year), *map(self._money, sums)])
        yield FieldTable(head, rows)
        last = self.figures.basis.planned.plan.last_year
        if last < int(rows[-1][0]):
            yield _("The plan ends in %(year)s. What it costs after that is not planned yet.") % {"year": last}

    def _risks(self) -> list[Part]:
        above = [(self.measure, each) for each in self.measure.risks if not each.is_over] if self.measure else []
        risks = [*above, *self.basis.node.open_risks]
        if not risks:
            return [_("No risk is registered.")]
        head = [_("Risk"), _("Likely (1–5)"), _("Serious (1–5)"), _("What is done about it")]
        rows = [
            [each.text[self.language], str(each.likelihood), str(each.consequence), each.response[self.language]]
            for _node, each in risks
        ]
        return [FieldTable(head, rows, ["left", "right", "right", "left"])]

    def _milestones(self) -> list[Part]:
        found = self.basis.node.all_milestones
        if not found:
            return [_("No milestone is set.")]
        head = [_("Milestone"), _("By"), _("Reached")]
        rows = [
            [
                each.title[self.language],
                format_date(each.due, self.language),
                format_date(each.reached, self.language) if each.reached else "–",
            ]
            for _node, each in found
        ]
        return [FieldTable(head, rows, ["left", "left", "left"])]

    def _statements(self) -> Iterator[Part]:
        known = self.basis.known
        if known.hearing:
            day = format_date(known.hearing.deadline, self.language)
            yield _("The employees' representatives were asked for a statement by %(day)s.") % {"day": day}
        if not known.statements:
            yield _("No statement has come.")
        for each in known.statements:
            where = municipalities.name_of(each.party, self.language)
            yield Heading(f"{each.body}, {where}")
            yield from (part for part in each.text.split("\n\n") if part.strip())

    def _councils(self) -> list[Part]:
        known = self.basis.known
        others = [id for id in (known.submission.parties if known.submission else []) if id != self.basis.party]
        if not others:
            return [_("It is put before no other council.")]
        names = {id: municipalities.name_of(id, self.language) for id in sorted(others, key=self._sorted)}
        decided = [[name, *self._decided(decision)] for id, name in names.items() if (decision := known.decision(id))]
        waiting = [name for id, name in names.items() if known.decision(id) is None]
        found: list[Part] = []
        if decided:
            head = [_("Municipality"), _("Decided"), _("Case"), _("Outcome")]
            found.append(FieldTable(head, decided, ["left"] * 4))
        if waiting:
            found.append(_("Not decided yet: %(names)s.") % {"names": ", ".join(waiting)})
        return found

    def _sorted(self, party: str) -> Any:
        return sort_key(municipalities.name_of(party, self.language))

    def _decided(self, decision: CouncilDecision) -> list[str]:
        said = {
            OUTCOMES.ADOPTED: _("Adopted"),
            OUTCOMES.CHANGED: _("Adopted with changes"),
            OUTCOMES.REJECTED: _("Not adopted"),
            OUTCOMES.POSTPONED: _("Postponed"),
        }[OUTCOMES(decision.outcome)]
        return [format_date(decision.decided_on, self.language), decision.case_reference, said]
