"""Words for what was measured, estimated and reckoned: never more exact than it is known, and always said as what it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from fractions import Fraction

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from allmenning.basics.money import format_ore
from allmenning.basics.sharing.rounding import half_up
from allmenning.commons.figures.benefits import (
    PER_CENT,
    Baseline,
    Change,
    Estimated,
    Gain,
    Measured,
    Money,
    Rate,
    Said,
)
from allmenning.commons.figures.models import PublishedFigure
from allmenning.commons.governance.queries import Node
from allmenning.journeys import measuring
from allmenning.journeys.benefits import Benefits, Hours, minutes_of
from allmenning.journeys.comparing import Balance, Compared, OverTime
from allmenning.journeys.levels import ByLevel, OfLevel
from allmenning.journeys.measuring import Beside, MeasuredMeasure
from allmenning.journeys.parties import name_of
from allmenning.journeys.planned import ShownPlan
from allmenning.web.jinja import format_number

from . import plan_words
from .words import kroner, money, name, plain, service, too_few

Bar = tuple[str, float | None, str]


def measure(code: str) -> str:
    """What a published figure counts, as the head of a column."""
    return {
        "cases": _("Cases received"),
        "decided": _("Cases decided"),
        "median-days": _("Median handling time in days"),
        "forms": _("Forms received"),
        "digital": _("Forms that nobody keyed in"),
        "letters": _("Letters sent"),
        "letters-digital": _("Letters never printed"),
        "automatic": _("Decided by rules alone"),
        "incomplete": _("More had to be asked for"),
    }[code]


def at_least(number: Fraction | None, is_complete: bool = True) -> str:
    """A number that is told in fives: at least so many, or that it is about too few."""
    return too_few() if number is None else _("at least %(number)s") % {"number": format_number(int(number))}


def number(of: Measured) -> str:
    return at_least(of.number)


def share(of: Measured) -> str:
    """A share as «about 80 %»; a dash where too little is told."""
    return "–" if of.number is None else _("about %(percent)s %%") % {"percent": format_number(int(of.number))}


def in_hours(of: Hours) -> str:
    if of.number is None:
        return "–"
    whole = int(of.number)
    return ngettext("at least %(hours)s hour", "at least %(hours)s hours", whole) % {"hours": format_number(whole)}


def in_money(of: Money | None) -> str:
    return "–" if of is None else _("at least %(amount)s") % {"amount": format_ore(of.ore, get_language() or "nb")}


def source(of: Said) -> str:
    return of[get_language() or "nb"]


def per_unit(rate: Rate) -> str:
    return money(int(rate.ore))


def minutes(of: Estimated) -> str:
    number = int(of.number)
    return ngettext("%(minutes)s minute", "%(minutes)s minutes", number) % {"minutes": number}


def is_hidden(benefits: Benefits, gain: Gain) -> bool:
    """Whether nothing of a gain is told of anybody."""
    return benefits.number(gain).number is None


def told(benefits: Benefits) -> list[str]:
    """The municipalities of which anything is told."""
    return [each for each in benefits.municipalities if benefits.has_any(each)]


def untold(benefits: Benefits) -> str:
    """The others, by name."""
    return ", ".join(name(each) for each in benefits.municipalities if not benefits.has_any(each))


def bars(benefits: Benefits, gain: Gain) -> list[Bar]:
    """The rows of a gain's chart: municipality, number or None, and the number in words."""
    found = [(each, benefits.number(gain, each)) for each in told(benefits)]
    return [(name(each), None if of.number is None else float(of.number), number(of)) for each, of in found]


def rows(benefits: Benefits) -> Iterable[list[object]]:
    """The CSV: every figure by municipality and service. What is about fewer than five people is empty."""
    measures = PublishedFigure.Measure.values
    measured, estimated, times = _("measured"), _("estimated"), _("measured times estimated")
    minutes, hours, postage, priced = (
        _("Minutes for each form"),
        _("Hours"),
        _("Postage in kroner"),
        _("measured, at a rate"),
    )
    yield [
        _("Municipality"),
        _("Service"),
        _("Year"),
        *(f"{measure(each)} ({measured})" for each in measures),
        _("Version"),
        f"{minutes} ({estimated})",
        f"{hours} ({times})",
        f"{postage} ({priced})",
        _("Note"),
    ]
    for municipality in benefits.municipalities:
        for each in benefits.services:
            yield _row(benefits, municipality, each)


def _row(benefits: Benefits, municipality: str, of: str) -> list[object]:
    alone = replace(benefits, services=(of,))
    cells = {measure: table.cell(of, municipality) for measure, table in benefits.tables.items()}
    version = cells["digital"].version if cells["digital"].is_shown else ""
    estimate, hours, priced = minutes_of(of, version), alone.hours(municipality).number, alone.money(municipality)
    return [
        name(municipality),
        service(of),
        benefits.year,
        *(plain(cells[each].value) for each in PublishedFigure.Measure.values),
        version,
        int(estimate.number) if estimate else "",
        "" if hours is None else int(hours),
        kroner(priced.ore) if priced else "",
        "" if all(cell.is_shown for cell in cells.values()) else too_few(),
    ]


# --- who pays and who reaps ---


def party(id: str) -> str:
    return name_of(id, get_language() or "nb")


def net_bars(balance: Balance) -> list[Bar]:
    """The rows of the chart of what each gained."""
    return [(party(each.party), each.gain / 100, amount(each.gain)) for each in balance.rows]


def amount(ore: int) -> str:
    """An amount, in whole kroner where it is."""
    return format_ore(ore, get_language() or "nb")


def difference(ore: int) -> str:
    return f"+{amount(ore)}" if ore > 0 else amount(ore)


def moved(ore: int) -> str:
    """What an adjustment moves for one: pays more, gets back, or nothing."""
    if not ore:
        return "–"
    said = _("pays %(amount)s") if ore > 0 else _("gets %(amount)s")
    return said % {"amount": amount(abs(ore))}


def balance_rows(balance: Balance, year: str, settled: int) -> Iterable[list[object]]:
    """The CSV of cost and gain, and of the adjustments."""
    yield [
        _("Party"),
        _("Year of what was gained"),
        _("Year of the cost"),
        _("Cost in kroner, settled"),
        _("Postage in kroner, measured, at a rate"),
        _("Hours, measured times estimated"),
        _("Hours in kroner, at the rate that you wrote"),
        _("Difference in kroner"),
        _("Moved if all had the same cost for each krone gained"),
        _("Moved if nobody was to lose"),
    ]
    alike = balance.alike.moves if balance.alike else [None] * len(balance.rows)
    for each, same, spared in zip(balance.rows, alike, balance.nobody_loses.moves, strict=True):
        hours = each.hours.number
        yield [
            party(each.party),
            year,
            settled,
            kroner(each.cost),
            kroner(each.postage),
            "" if hours is None else int(hours),
            "" if each.worked is None else kroner(each.worked),
            kroner(each.net),
            "" if same is None else kroner(same),
            kroner(spared),
        ]


# --- by level ---


def level(code: str) -> str:
    return {
        "municipality": _("The municipalities"),
        "county": _("The counties"),
        "state": _("The state, and others who give"),
    }[code]


def or_dash(ore: int | None) -> str:
    return "–" if ore is None else amount(ore)


def net(ore: int | None) -> str:
    return "–" if ore is None else difference(ore)


def expected(number: int | None) -> str:
    return "–" if number is None else plan_words.hours(number)


def level_hours(of: OfLevel) -> str:
    return "–" if of.hours is None else in_hours(of.hours)


def level_bars(found: ByLevel) -> list[Bar]:
    """The rows of the chart: what each level pays, and reaps, as far as it is known."""
    told = [
        (each.level, kind, ore)
        for each in found.rows
        for kind, ore in (
            (_("pays"), each.paid),
            (_("gains, measured"), each.measured),
            (_("expects each year, estimated"), each.expected),
        )
    ]
    return [(f"{level(of)}: {kind}", ore / 100, amount(ore)) for of, kind, ore in told if ore is not None]


def level_rows(found: ByLevel, year: str) -> Iterable[list[object]]:
    """The CSV of what each level pays and reaps."""
    yield [
        _("Level of government"),
        _("Year of the cost"),
        _("Shares in kroner, settled"),
        _("Grants in kroner"),
        _("Year of what was gained"),
        _("Gained in kroner, measured"),
        _("Hours, measured times estimated"),
        _("Kroner a year, estimated"),
        _("Hours a year, estimated"),
        _("Difference in kroner, by what was measured"),
        _("Difference in kroner, by what is estimated"),
    ]
    for each in found.rows:
        hours = each.hours.number if each.hours else None
        paid = [_kroner_or_empty(ore) for ore in (each.shares, each.grants)]
        nets = [_kroner_or_empty(ore) for ore in (each.net_measured, each.net_expected)]
        measured = [_kroner_or_empty(each.measured), "" if hours is None else int(hours)]
        estimated = [_kroner_or_empty(each.expected), "" if each.expected_hours is None else each.expected_hours]
        yield [level(each.level), found.settled or "", *paid, year, *measured, *estimated, *nets]


def _kroner_or_empty(ore: int | None) -> str:
    return "" if ore is None else kroner(ore)


# --- side by side ---


def per(ore: Fraction | None) -> str:
    """Kroner and øre for each of something."""
    return "–" if ore is None else money(half_up(ore))


def at_most(ore: Fraction | None) -> str:
    """The same, for each of what is told in fives: there may be more of them, so it is in whole kroner."""
    return "–" if ore is None else _("at most %(amount)s") % {"amount": amount(half_up(ore / 100) * 100)}


def inhabitant_bars(rows: Sequence[Compared]) -> list[Bar]:
    found = [(each.municipality, each.per_inhabitant) for each in rows]
    return [(name(id), float(ore) / 100, per(ore)) for id, ore in found if ore is not None]


def year_bars(time: OverTime) -> list[Bar]:
    return [(str(year), float(time.together[year]) / 100, per(time.together[year])) for year in sorted(time.together)]


def comparison_rows(rows: Sequence[Compared], year: str) -> Iterable[list[object]]:
    """The CSV of the members side by side."""
    yield [
        _("Municipality"),
        _("Year"),
        _("Cost in kroner, settled"),
        _("Inhabitants"),
        _("Inhabitants on"),
        _("Kroner for each inhabitant"),
        _("Cases received, at least"),
        _("Kroner for each case, at most"),
        _("Services offered"),
        _("Kroner for each service"),
    ]
    for each in rows:
        yield [
            name(each.municipality),
            year,
            "" if each.cost is None else kroner(each.cost),
            each.inhabitants.number if each.inhabitants else "",
            each.inhabitants.date.isoformat() if each.inhabitants else "",
            _plain_kroner(each.per_inhabitant),
            "" if each.cases.number is None else int(each.cases.number),
            _plain_kroner(each.per_case),
            "" if each.services is None else each.services,
            _plain_kroner(each.per_service),
        ]


def time_rows(time: OverTime) -> Iterable[list[object]]:
    """The CSV of kroner for each inhabitant by year."""
    yield [_("Municipality"), *time.years]
    for each in time.municipalities:
        yield [name(each), *(_plain_kroner(time.each.get((each, year))) for year in time.years)]
    yield [_("Together"), *(_plain_kroner(time.together.get(year)) for year in time.years)]


def _plain_kroner(ore: Fraction | None) -> str:
    return "" if ore is None else kroner(half_up(ore))


# --- a measure of the joint plan ---


def gain(of: Baseline) -> str:
    """What is held against how it was."""
    share = of.unit == PER_CENT
    return {
        Gain.FORMS: _("Share of forms that nobody keys in") if share else _("Forms that nobody keyed in"),
        Gain.LETTERS: _("Share of letters that are not printed") if share else _("Letters never printed"),
        Gain.AUTOMATIC: _("Share of cases decided by rules alone") if share else _("Decided by rules alone"),
        Gain.INCOMPLETE: _("Share of cases in which more is asked for") if share else _("More had to be asked for"),
        Gain.DAYS: _("Median handling time in days"),
    }[of.gain]


def before(of: Change) -> str:
    """How it was, as somebody has stated it, with its years."""
    start, end = of.before.start.year, of.before.end.year
    years = str(start) if start == end else f"{start}–{end}"
    return f"{_in_unit(Fraction(of.before.number), of.before.unit)} ({years})"


def now(of: Change) -> str:
    """How it is, no more exact than it is told."""
    found = of.now.number
    if found is None:
        return too_few()
    if of.now.unit in (PER_CENT, Gain.DAYS.unit):
        return _("about %(number)s") % {"number": _in_unit(found, of.now.unit)}
    return at_least(found)


def by(of: Change) -> str:
    """The difference, which is about so much."""
    if of.difference is None:
        return "–"
    sign = "+" if of.difference > 0 else "\u2212" if of.difference < 0 else ""
    return _("about %(number)s") % {"number": sign + _in_unit(abs(of.difference), of.now.unit)}


def _in_unit(number: Fraction, unit: str) -> str:
    shown = format_number(float(number), 0 if number.denominator == 1 else 1)
    if unit == PER_CENT:
        return f"{shown}\u00a0%"
    return ngettext("%(days)s day", "%(days)s days", int(number)) % {"days": shown} if unit == "days" else shown


def measured_lines(found: MeasuredMeasure) -> list[list[str]]:
    """What was measured, for a paper: what, how it was, how it is, and the difference; and hours and postage, which had none."""
    rows = [[gain(each.change.before), before(each.change), now(each.change), by(each.change)] for each in found.held]
    hours, money = found.benefits.hours(), found.benefits.money()
    if hours.number is not None:
        rows.append([_("Hours, measured times estimated"), "–", in_hours(hours), "–"])
    if money is not None:
        rows.append([_("Postage, measured, at a rate"), "–", in_money(money), "–"])
    return rows


def expected_hours(of: Beside) -> str:
    """The hours that a party expects in the year, and from which years it expects others."""
    return _expected([(each.year, each.hours) for each in (of.expected, *of.later)], plan_words.hours)


def expected_money(of: Beside) -> str:
    return _expected([(each.year, each.ore) for each in (of.expected, *of.later)], amount)


def _expected(told: Sequence[tuple[int, int | None]], say: Callable[[int], str]) -> str:
    found: list[str] = []
    for at, (year, number) in enumerate(told):
        if number is not None and (not at or number != told[at - 1][1]):
            found.append(_("%(number)s from %(year)s") % {"number": say(number), "year": year} if at else say(number))
    return "; ".join(found) or "–"


def measured_table(shown: ShownPlan, node: Node) -> list[list[object]]:
    """The CSV: what each party expects and what was measured, and before and now."""
    found = measuring.measured(shown.parties, node)
    rows: list[list[object]] = [
        [_("Municipality"), _("What is measured"), _("Estimated or stated before"), _("Measured"), _("Year"), _("Kind")]
    ]
    if found is None:
        return rows
    for each in found.beside:
        hours = "" if each.hours.number is None else int(each.hours.number)
        priced = kroner(each.postage.ore) if each.postage else ""
        told = [(each.expected, hours, priced), *((of, "", "") for of in each.later)]
        for of, worked, postage in told:
            estimate = "" if of.hours is None else of.hours
            rows.append([each.party.name, _("Hours a year"), estimate, worked, of.year, _("measured times estimated")])
            expected = "" if of.ore is None else kroner(of.ore)
            rows.append([each.party.name, _("Kroner a year"), expected, postage, of.year, _("measured, at a rate")])
    for held in found.held:
        number = "" if held.change.now.number is None else int(held.change.now.number)
        was = plain(held.change.before.number)
        rows.append([held.party.name, gain(held.change.before), was, number, found.year, _("measured")])
    return rows
