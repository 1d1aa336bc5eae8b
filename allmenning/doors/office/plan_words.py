"""Words and shapes for the joint plan's pages, in the language of the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from markupsafe import Markup

from allmenning.basics import dates
from allmenning.basics.money import format_ore
from allmenning.basics.norwegian import sort_key
from allmenning.commons.governance.models import CouncilDecision, Estimate, Milestone, Preparation
from allmenning.commons.governance.queries import Node, Span
from allmenning.commons.governance.rolling_out import KnownRollOut
from allmenning.commons.governance.words import Words
from allmenning.journeys.planned import ShownPlan
from allmenning.web import offices
from allmenning.web.jinja import format_number, paragraphs


def plain(words: Words) -> str:
    """A text in the page's language, or in bokmål where nobody has written it there."""
    return words.within(get_language() or "nb")[0]


def tx(words: Words) -> str | Markup:
    """The same for a page: marked with its language where that is another than the page's."""
    text, language = words.within(get_language() or "nb")
    if language == (get_language() or "nb"):
        return text
    return Markup('<span lang="{}">{}</span>').format(language, text)


def prose(words: Words) -> Markup:
    """A longer text, in paragraphs."""
    text, language = words.within(get_language() or "nb")
    return Markup('<div class="reading prose" lang="{}">{}</div>').format(language, paragraphs(text))


def state(code: str) -> str:
    """How something goes."""
    return {
        "on-track": _("On track"),
        "delayed": _("Delayed"),
        "at-risk": _("At risk"),
        "stopped": _("Stopped"),
        "done": _("Done"),
        "": _("Not begun"),
    }[code]


def state_kind(code: str) -> str:
    """The colour of the tag that says it."""
    return {"on-track": "success", "delayed": "warning", "at-risk": "danger", "done": "info"}.get(code, "neutral")


def stands(code: str) -> str:
    """Where a matter stands in a municipality."""
    return {
        "adopted": _("Adopted"),
        "changed": _("Adopted with changes"),
        "rejected": _("Not adopted"),
        "postponed": _("Postponed"),
        "waits": _("Waits for the council"),
        "": _("Not put before the council"),
    }[code]


def stands_kind(code: str) -> str:
    return {"adopted": "success", "changed": "success", "rejected": "danger", "waits": "warning"}.get(code, "neutral")


def votes(decision: CouncilDecision) -> str:
    return _("%(votes_for)s for, %(against)s against") % {
        "votes_for": decision.votes_for,
        "against": decision.votes_against,
    }


def language(code: str) -> str:
    return {"nb": "Bokmål", "nn": "Nynorsk", "en": "English"}[code]


def scope(id: str) -> str:
    return offices.cooperation(id)


def answered(code: str) -> str:
    """What came of what an elected member asked for."""
    return {
        "matter": _("Taken up as a matter"),
        "worked-on": _("Worked on in the plan"),
        "declined": _("Not taken up"),
    }[code]


def matter_state(code: str) -> str:
    return {
        "draft": _("Draft"),
        "hearing": _("In hearing"),
        "heard": _("The hearing is over"),
        "before-councils": _("Before the councils"),
        "answered": _("All have answered"),
    }[code]


def preparation(code: str) -> str:
    """What kind of thing must be done before a service is taken into use."""
    return {
        "agreement": _("Agreement"),
        "training": _("Training"),
        "cases": _("Moving old cases"),
        "other": _("Other"),
    }[code]


def in_use(shown: ShownPlan, each: KnownRollOut) -> str:
    """Where the roll-out of a service stands in a municipality."""
    if each.now.in_use:
        return _("In use since %(day)s") % {"day": day(each.now.in_use)}
    return _("Over the date") if each.is_late(shown.day) else _("Planned")


def preparation_state(shown: ShownPlan, each: Preparation) -> str:
    if each.done:
        return _("done on %(day)s") % {"day": day(each.done)}
    said = _("due on %(day)s") % {"day": day(each.due)}
    return said + ", " + _("late") if each.due < shown.day else said


def kind(code: str) -> str:
    return {"goal": _("Goal"), "measure": _("Measure"), "project": _("Project")}[code]


def cost_kind(code: str) -> str:
    return {"investment": _("Investment"), "operation": _("Operation")}[code]


def gain(code: str) -> str:
    """A kind of benefit that is measured from what the platform sees happen."""
    return {
        "forms-not-keyed-in": _("Forms that nobody keys in"),
        "letters-not-posted": _("Letters that are not printed and posted"),
        "automatic-decisions": _("Decisions made automatically"),
        "incomplete-applications": _("Fewer incomplete applications"),
        "handling-time": _("Shorter handling time"),
    }.get(code, code)


def gains(codes: Sequence[str]) -> str:
    return "; ".join(map(gain, codes))


def weight_kind(weight: int) -> str:
    """The colour of a risk's tag: likelihood times consequence."""
    return "danger" if weight >= 15 else "warning" if weight >= 8 else "neutral"


def unit(code: str) -> str:
    return {
        "forms": _("forms a year"),
        "letters": _("letters a year"),
        "cases": _("cases a year"),
        "days": _("days"),
        "per-cent": _("per cent"),
    }.get(code, code)


def money(ore: int) -> str:
    """An amount in whole kroner where it is."""
    return format_ore(ore, get_language() or "nb")


def kroner(ore: int) -> str:
    """An amount as a spreadsheet reads it."""
    whole, rest = divmod(ore, 100)
    return f"{whole}{'.' if get_language() == 'en' else ','}{rest:02}"


def day(date: date) -> str:
    return dates.format_date(date, get_language() or "nb")


def span(of: Span) -> str:
    if of.last is None:
        return _("from %(start)s") % {"start": day(of.start)}
    return _("%(start)s to %(end)s") % {"start": day(of.start), "end": day(of.last)}


def spans(of: tuple[Span, ...]) -> str:
    return ", ".join(map(span, of))


def milestone_state(shown: ShownPlan, milestone: Milestone) -> str:
    if milestone.reached:
        return _("Reached on %(day)s") % {"day": day(milestone.reached)}
    return _("Late") if shown.is_late(milestone) else _("To come")


def years(shown: ShownPlan) -> str:
    plan = shown.plan
    return str(plan.first_year) if plan.first_year == plan.last_year else f"{plan.first_year}–{plan.last_year}"


def how_many_join(shown: ShownPlan, node: Node) -> str:
    """How many of the members take part today."""
    number = len(shown.parties_in(node))
    return ngettext("%(num)s municipality takes part", "%(num)s municipalities take part", number) % {"num": number}


def joined_cell(shown: ShownPlan, node: Node, party: str) -> str:
    """Whether a party takes part in a measure: since when, or in how many of its projects. Empty when not."""
    if node.children and not node.joined.get(party):
        number = sum(child.is_in(party, shown.day) for child in node.children)
        if not number:
            return ""
        return _("%(number)s of %(all)s projects") % {"number": number, "all": len(node.children)}
    return spans(node.joined.get(party, ()))


def cost_bars(shown: ShownPlan, node: Node | None = None) -> list[tuple[str, float | None, str]]:
    """The rows of the chart of what it costs by year."""
    of = node or shown.planned
    return [(str(year), of.cost_ore(year) / 100, money(of.cost_ore(year))) for year in shown.plan.years]


def hours(number: int) -> str:
    return ngettext("%(shown)s hour", "%(shown)s hours", number) % {"shown": format_number(number)}


@dataclass(frozen=True)
class Expected:
    """What several parties expect of an item, where it builds on the same."""

    node: Node
    from_year: int
    quality: Words
    builds_on: Words
    rows: list[tuple[str, Estimate]]  # the party's name: municipalities in Norwegian order, then who is above them


def expected(shown: ShownPlan, node: Node) -> list[Expected]:
    """What each expects, those together that build on the same."""
    groups: dict[tuple[object, ...], Expected] = {}
    for of in node.with_all_under:
        for party in shown.expecting:
            if party.id in of.estimates:
                each = of.estimates[party.id]
                key = (of.id, each.from_year, each.quality, each.builds_on)
                group = groups.setdefault(key, Expected(of, each.from_year, each.quality, each.builds_on, []))
                group.rows.append((party.name, each))
    return list(groups.values())


def money_bars(shown: ShownPlan, node: Node) -> list[tuple[str, float | None, str]]:
    """The rows of the chart of what each expects in money each year. Empty when nobody does."""
    sums = {party.name: [each.amount_ore for each in node.expected(party.id)] for party in shown.expecting}
    found = {name: sum(ore for ore in all_of if ore is not None) for name, all_of in sums.items() if any(all_of)}
    return [(name, ore / 100, money(ore)) for name, ore in found.items()]


def hour_bars(shown: ShownPlan, node: Node) -> list[tuple[str, float | None, str]]:
    """The rows of the chart of the hours of work that each expects to be free for other things each year."""
    sums = {party.name: sum(each.hours or 0 for each in node.expected(party.id)) for party in shown.expecting}
    return [(name, float(number), hours(number)) for name, number in sums.items() if number]


def baseline_rows(shown: ShownPlan, node: Node) -> list[dict[str, object]]:
    """How it was before, as the page's table has it."""
    named = {party.id: party.name for party in shown.parties}
    found = [each for of in node.with_all_under for each in of.baselines.values() if each.party in named]
    return [
        {
            "name": named[each.party],
            "gain": gain(each.gain),
            "figure": f"{figure(each.figure)} {unit(each.unit)}",
            "period": _("%(start)s to %(end)s") % {"start": day(each.start), "end": day(each.end)},
            "source": tx(each.source),
        }
        for each in sorted(found, key=lambda each: (sort_key(named[each.party]), each.gain))
    ]


def figure(number: Decimal) -> str:
    """A number with as many decimals as it has."""
    decimals = max(0, -int(number.normalize().as_tuple().exponent))
    return format_number(float(number), decimals)
