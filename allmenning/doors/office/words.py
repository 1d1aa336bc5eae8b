"""Words and shapes for the cooperations' pages, in the language of the page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from urllib.parse import urlencode

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from allmenning.basics import dates
from allmenning.basics.money import format_ore
from allmenning.basics.sharing.dividing import Share
from allmenning.commons.catalogue import queries as catalogue
from allmenning.commons.costs import saying
from allmenning.commons.costs.agreement import Agreement, DatedRule, Named
from allmenning.commons.costs.sharing import Shared
from allmenning.commons.figures.models import FEWEST
from allmenning.commons.figures.queries import Cell, Table, Total
from allmenning.commons.municipalities import queries as municipalities
from allmenning.journeys.checking_bills import Checked, Compared
from allmenning.journeys.cooperating import Cooperating, Member, Period
from allmenning.web.jinja import format_number

MEDIAN = "median-days"


def form(code: str) -> str:
    """A form of cooperation, by its name in the Local Government Act."""
    return {
        "host-municipality": _("Host municipality"),
        "joint-body": _("Joint municipal body"),
        "political-council": _("Intermunicipal political council"),
        "company": _("Intermunicipal company"),
        "agreement": _("Agreement"),
    }.get(code, code)


def measure(code: str) -> str:
    return {
        "cases": _("Cases received"),
        "decided": _("Cases decided"),
        MEDIAN: _("Median handling time in days"),
    }[code]


def service(id: str) -> str:
    return catalogue.title_of(id, get_language() or "nb")


def name(municipality: str) -> str:
    return municipalities.name_of(municipality, get_language() or "nb")


def too_few() -> str:
    return _("fewer than %(fewest)s") % {"fewest": FEWEST}


def figure(cell: Cell, measure: str) -> str:
    """A figure in words; one about too few people as just that."""
    if cell.value is None:
        return too_few()
    return _days(cell.value) if measure == MEDIAN else format_number(float(cell.value))


def _days(value: Decimal) -> str:
    whole = value == value.to_integral_value()
    shown = format_number(float(value), 0 if whole else 1)
    return ngettext("%(shown)s day", "%(shown)s days", 1 if value == 1 else 2) % {"shown": shown}


def plain(value: Decimal | None) -> str:
    """A figure as a spreadsheet reads it."""
    if value is None:
        return ""
    text = f"{value.normalize():f}"
    return text if get_language() == "en" else text.replace(".", ",")


def total(of: Total) -> str:
    """A sum of what is shown; empty when nothing is, or where sums mean nothing."""
    if of.value is None:
        return ""
    shown = format_number(float(of.value))
    return shown if of.is_complete else _("at least %(number)s") % {"number": shown}


def bars(table: Table, service: str) -> list[tuple[str, float | None, str]]:
    """The rows of a service's chart: municipality, number or None, and the number in words."""
    return [
        (name(each), None if cell.value is None else float(cell.value), figure(cell, table.measure))
        for each, cell in zip(table.municipalities, table.row(service), strict=True)
    ]


def period(of: Period) -> str:
    language = get_language() or "nb"
    start = dates.format_date(of.start, language)
    if of.last_day is None:
        return _("since %(start)s") % {"start": start}
    return _("%(start)s to %(end)s") % {"start": start, "end": dates.format_date(of.last_day, language)}


def periods(member: Member) -> str:
    return ", ".join(period(each) for each in member.periods)


def years(member: Member) -> str:
    """The same in short, for a chart: 2013–2018."""
    return ", ".join(f"{each.start.year}–{each.last_day.year if each.last_day else ''}" for each in member.periods)


@dataclass(frozen=True)
class Axis:
    """The years of a chart over time, and where a period lies on it, in per cent."""

    first: int
    last: int  # the year after the last one shown

    @classmethod
    def of(cls, cooperating: Cooperating) -> Axis:
        starts = [each.start.year for member in cooperating.everyone for each in member.periods]
        return cls(min(starts, default=dates.today().year), dates.today().year + 1)

    @property
    def middle(self) -> int:
        return (self.first + self.last) // 2

    def spans(self, member: Member) -> Iterator[tuple[str, str]]:
        for each in member.periods:
            begin, end = self._at(each.start), self._at(each.end or dates.today())
            yield f"{begin:.2f}", f"{max(end - begin, 0.5):.2f}"

    def _at(self, day: date) -> float:
        passed = day.year - self.first + (day.timetuple().tm_yday - 1) / 366
        return max(0.0, min(100.0, 100 * passed / (self.last - self.first)))


# --- agreements ---


def title(agreement: Agreement) -> str:
    return agreement.title[get_language() or "nb"]


def about(agreement: Agreement) -> str:
    return agreement.about[get_language() or "nb"] if agreement.about else ""


def source(agreement: Agreement) -> str:
    return agreement.source[get_language() or "nb"]


def host(agreement: Agreement) -> str:
    return name(agreement.host)


def rule(dated: DatedRule, agreement: Agreement) -> list[str]:
    """The rule as sentences."""
    return saying.sentences(dated, {each.id: named(each) for each in agreement.parties})


def named(party: Named) -> str:
    return name(party.id) if party.level == "municipality" else party.id


def settled(agreement: Agreement) -> str:
    """How often it is settled."""
    return {"year": _("Each year"), "half": _("Each half-year"), "month": _("Each month")}[agreement.period]


def day(date: date) -> str:
    return dates.format_date(date, get_language() or "nb")


def money(ore: int) -> str:
    return format_ore(ore, get_language() or "nb", always_ore=True)


def about_money(ore: int) -> str:
    """An amount to be seen at a glance: whole kroner."""
    return format_ore(round(ore, -2), get_language() or "nb")


def kroner(ore: int) -> str:
    """An amount as a spreadsheet reads it."""
    sign, (whole, rest) = "-" if ore < 0 else "", divmod(abs(ore), 100)
    return f"{sign}{whole}{'.' if get_language() == 'en' else ','}{rest:02}"


def exact(share: Share) -> str:
    """A fraction of øre, for a file that is reckoned with."""
    return f"{share.exact.numerator}/{share.exact.denominator}"


def pieces(share: Share) -> list[tuple[str, str]]:
    """How a share was reckoned, as a person would on paper: what, and how much."""
    return saying.pieces(share)


def day_before(date: date) -> date:
    """The last day of what ends on a day that is outside it."""
    return date - timedelta(days=1)


def share_bars(shared: Shared) -> list[tuple[str, float | None, str]]:
    """The rows of the chart of who pays what, or of who gets it back."""
    return [(share.party.name, abs(share.ore) / 100, money(share.ore)) for share in shared.shares]


def limited(share: Share) -> str:
    return {"minimum": _("Held at the least that each pays"), "maximum": _("Held at the most that each pays")}[
        share.limited
    ]


def asked(checked: Checked) -> str:
    """What was asked, as it stands in an address."""
    return urlencode({"amount": checked.amount, "day": checked.day.isoformat()})


def counted(shared: Shared) -> str:
    """The day of the populations, where the rule uses them."""
    days = {share.party.counted_on for share in shared.shares if share.party.population is not None}
    return ", ".join(day(each) for each in sorted(filter(None, days)))


def difference(ore: int) -> str:
    """More or less, with its sign."""
    return f"+{money(ore)}" if ore > 0 else money(ore)


def change_bars(found: Compared) -> list[tuple[str, float | None, str]]:
    """The rows of the chart of what each would pay."""
    return [(row.party.name, abs(row.then or 0) / 100, difference(row.difference)) for row in found.rows]


def asked_if(found: Compared) -> str:
    """What was asked, as it stands in an address."""
    return f"{asked(found.checked)}&{urlencode({name: value for name, value in vars(found.asked).items() if value})}"
