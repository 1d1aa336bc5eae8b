"""A rule as sentences, made from its data, in the language that is active: what the parties agree on is what is calculated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from babel.lists import format_list
from babel.numbers import format_decimal
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from allmenning.basics.dates import day_in, format_date, format_month
from allmenning.basics.money import format_ore
from allmenning.basics.sharing.dividing import Piece, Share
from allmenning.basics.sharing.rule import Limit, Part, Price, Rule, Step

from .agreement import DatedRule
from .frozen import UseSource


def sentences(dated: DatedRule, names: dict[str, str] | None = None) -> list[str]:
    """The whole rule, a sentence for each thing that it says. names: of parties with fixed shares, by id."""
    rule = dated.rule
    said = [_price(price) for price in rule.prices]
    if rule.parts:
        said.append(_divided(rule, names or {}))
    if _needs_population(rule):
        said.append(_counted(dated))
    said += _limits(rule)
    if rule.phase_in:
        said.append(_phased(rule.phase_in))
    said += [_presence(dated), _rounding(rule)]
    return said


def measure(code: str) -> str:
    """What use is counted in."""
    return {"cases": _("the number of cases"), "users": _("the number of users"), "storage": _("storage used")}[code]


def _each(code: str) -> str:
    return {
        "": "",
        "cases": _("for each case"),
        "users": _("for each user"),
        "storage": _("for each gigabyte stored"),
    }[code]


def fraction(value: Fraction) -> str:
    """`70 %`, or `3/13` where a percentage would not be exact to two decimals."""
    percent = value * 100
    if (percent * 100).denominator == 1:
        return f"{_number(percent)}\u00a0%"
    return f"{value.numerator}/{value.denominator}"


def language() -> str:
    """The language that is active: nb, nn or en."""
    return get_language() or "nb"


def last_day(end: date) -> date:
    """Of what ends on a day that is outside it."""
    return end - timedelta(days=1)


def period(start: date, end: date) -> str:
    """A period of settlement in short: `2013`, `January 2013`, or its first and last day."""
    months = (end.year - start.year) * 12 + end.month - start.month
    if (start.month, start.day, months) == (1, 1, 12):
        return str(start.year)
    if start.day == 1 and months == 1:
        return format_month(start, language())
    first, last = format_date(start, language()), format_date(last_day(end), language())
    return _("{first} to {last}").format(first=first, last=last)


def pieces(share: Share, *, corrects: bool = False) -> list[tuple[str, str]]:
    """How a share was reckoned, what and how much: each piece, what was moved besides, and what rounding moved.

    corrects: it is a share of a correction, which is less what was settled before.
    """
    told = [(piece_of(piece), reckoned(piece)) for piece in share.pieces if piece.weight]
    if share.limited or not share.pieces:
        return told
    besides = round(share.exact - sum(piece.exact for piece in share.pieces))
    rounded = share.ore - besides - sum(round(piece.exact) for piece in share.pieces)
    why = _("What was settled before") if corrects else _("Others' least and most")
    return told + [(what, _signed(ore)) for what, ore in ((why, besides), (_("Rounding"), rounded)) if ore]


def _signed(ore: int) -> str:
    return ("+" if ore > 0 else "") + format_ore(ore, language(), always_ore=True)


def why(reasons: Iterable[str]) -> str:
    """Reasons in a row, each without the full stop that somebody may have written."""
    return "; ".join(each.strip().rstrip(".") for each in reasons)


def used(share: Share, uses: Mapping[str, Mapping[str, UseSource]], start: date) -> list[str]:
    """What a party used in a period from `start`, of what its share is reckoned by, and where each figure is from.

    uses: by party and measure.
    """
    sources, of = uses.get(share.party.id, {}), share.party.use
    counted = dict.fromkeys(piece.of.measure for piece in share.pieces)
    return [
        _("{amount}, {source}").format(amount=amount(each, of[each]), source=source_of_use(sources[each], each, start))
        for each in counted
        if each in sources and each in of
    ]


def amount(measure: str, number: int) -> str:
    """So many cases, users or gigabytes."""
    said = {
        "cases": ngettext("{number} case", "{number} cases", number),
        "users": ngettext("{number} user", "{number} users", number),
        "storage": ngettext("{number} gigabyte", "{number} gigabytes", number),
    }[measure]
    return said.format(number=_number(Fraction(number)))


def source_of_use(source: UseSource, measure: str, start: date) -> str:
    """Where a figure of use in a period from `start` is from."""
    if source.measured_until is None:
        return _("entered by hand: {source}").format(source=source.source)
    return measured(measure, start, source.measured_until)


def measured(measure: str, start: date, until: date) -> str:
    """That the platform measured something, and when; `until` is the last day."""
    first, last = format_date(start, language()), format_date(until, language())
    if measure == "storage":
        return _("measured by the platform at the end of {last}").format(last=last)
    return _("measured by the platform from {first} to {last}").format(first=first, last=last)


def piece_of(piece: Piece) -> str:
    """What a piece is a share of, in short."""
    if isinstance(piece.of, Part):
        return {
            "population": _("By population"),
            "equal": _("In equal shares"),
            "use": _("By use"),
            "fixed": _("By fixed shares"),
        }[piece.of.by]
    return {"party": _("For each party"), "inhabitant": _("For each inhabitant"), "use": _("For use")}[piece.of.per]


def reckoned(piece: Piece) -> str:
    """How a piece was reckoned, as a person would on paper."""
    result = format_ore(round(piece.exact), language(), always_ore=True)
    weight, weights = _weight(piece.weight), _weight(piece.weights)
    if piece.weights == 1 and not isinstance(piece.of, Part):
        return _("{pot} · {weight} = {result}").format(pot=fine(piece.pot), weight=weight, result=result)
    return _("{pot} · {weight} / {weights} = {result}").format(
        pot=fine(piece.pot), weight=weight, weights=weights, result=result
    )


def fine(ore: Fraction) -> str:
    """Kroner, to a hundredth of an øre where it is not whole øre."""
    if ore.denominator == 1:
        return format_ore(int(ore), language(), always_ore=True)
    kroner = format_decimal(Decimal(round(ore * 100)) / 10_000, "#,##0.0000", locale=language())
    return _("NOK {kroner}").format(kroner=kroner)


def _weight(value: Fraction) -> str:
    return _number(value) if value.denominator == 1 else f"{value.numerator}/{value.denominator}"


def _number(value: Fraction) -> str:
    exact = Decimal(value.numerator) / value.denominator
    return format_decimal(exact, locale=language(), decimal_quantization=False)


def _listed(texts: Iterable[str]) -> str:
    return format_list(list(texts), locale=language())


def _amount(ore: Fraction) -> str:
    """Kroner; with all its decimals where it is not whole øre."""
    if ore.denominator == 1:
        return format_ore(int(ore), language())
    kroner = _number(ore / 100)
    return _("NOK {kroner}").format(kroner=kroner)


def _divided(rule: Rule, names: dict[str, str]) -> str:
    parts = [_part(part, share, names) for part, share in zip(rule.parts, rule.fractions, strict=True)]
    if rule.prices:
        return _("What these sums do not cover is divided {parts}.").format(parts=_listed(parts))
    return _("The sum is divided {parts}.").format(parts=_listed(parts))


def _part(part: Part, share: Fraction, names: dict[str, str]) -> str:
    if part.by == "fixed":
        each = _listed(f"{names.get(id, id)} {fraction(value)}" for id, value in part.fixed.items())
        by = _("by fixed shares ({shares})").format(shares=each)
    elif part.by == "use":
        by = _("by {measure}").format(measure=measure(part.measure))
    else:
        by = _("by population") if part.by == "population" else _("equally")
    among = {
        "": "",
        "municipality": _("among the municipalities"),
        "county": _("among the counties"),
        "state": _("among the bodies of the state"),
    }[part.level]
    return " ".join(word for word in ("" if share == 1 else fraction(share), by, among) if word)


def _price(price: Price) -> str:
    who = {
        "": _("Each party"),
        "municipality": _("Each municipality"),
        "county": _("Each county"),
        "state": _("The state"),
    }[price.level]
    per = {
        "party": "",
        "inhabitant": _("for each inhabitant"),
        "use": _each(price.measure),
    }[price.per]
    every = {"once": _("once, on joining"), "month": _("each month"), "period": _("each period")}[price.every]
    when = " ".join(word for word in (per, every) if word)
    if len(price.steps) == 1:
        return _("{who} pays {amount} {when}.").format(who=who, amount=_amount(price.steps[0].amount), when=when)
    return _("{who} pays {when}: {amounts}.").format(who=who, when=when, amounts=_listed(map(_step, price.steps)))


def _step(step: Step) -> str:
    if step.below is None:
        return _("{amount} with more").format(amount=_amount(step.amount))
    limit = _number(Fraction(step.below))
    return _("{amount} with fewer than {limit} inhabitants").format(amount=_amount(step.amount), limit=limit)


def _needs_population(rule: Rule) -> bool:
    return any(part.by == "population" for part in rule.parts) or any(price.needs_population for price in rule.prices)


def _counted(dated: DatedRule) -> str:
    if dated.population == "start-of-year":
        return _("Population is that of 1 January of the same year.")
    if dated.population == "year-before":
        return _("Population is that of 1 January of the year before.")
    day = day_in(dated.population)
    return _("Population is that of {day}.").format(day=format_date(day, language()) if day else dated.population)


def _limits(rule: Rule) -> list[str]:
    said = []
    if rule.minimum:
        said.append(_("Nobody pays less than {limit}.").format(limit=_limit(rule.minimum)))
    if rule.maximum:
        said.append(_("Nobody pays more than {limit}.").format(limit=_limit(rule.maximum)))
    return said


def _limit(limit: Limit) -> str:
    if limit.is_fraction:
        return _("{part} of the sum").format(part=fraction(limit.amount))
    return _amount(limit.amount)


def _phased(years: Sequence[Fraction]) -> str:
    shares = _listed(fraction(each) for each in years)
    said = _(
        "A new party counts as {shares} of a full one in its first calendar years, that of joining the first, and then fully."
    )
    return said.format(shares=shares)


def _presence(dated: DatedRule) -> str:
    return {
        "days": _("Whoever joins or leaves within a period pays for the days that they are a party."),
        "months": _("Whoever joins or leaves within a period pays for each month that is begun."),
        "whole": _("Whoever joins or leaves within a period pays for all of it."),
    }[dated.presence]


def _rounding(rule: Rule) -> str:
    if not rule.parts:
        return _("Each one's sum is rounded to whole øre.")
    turn = {
        "by-name": _("whose name comes first in the alphabet"),
        "by-number": _("with the lowest municipality number"),
        "largest-first": _("with the most inhabitants"),
        "smallest-first": _("with the fewest inhabitants"),
    }[rule.ties]
    if rule.rounding == "parts":
        said = _(
            "Each part is rounded to whole øre by itself; an øre that several have the same right to goes to the one {turn}."
        )
    else:
        said = _(
            "The whole sum is rounded to whole øre at once; an øre that several have the same right to goes to the one {turn}."
        )
    return said.format(turn=turn)
