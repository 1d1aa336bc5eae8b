"""From what was stated to an outcome with its reasons: the decision tables applied to one application."""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from allmenning.basics.dates import add_months, format_date
from allmenning.basics.errors import AllmenningError
from allmenning.basics.money import format_ore
from allmenning.commons.catalogue.content import Adjustable, Dated, DatedRow, OutcomeKind, ServicePackage, Step, Text
from allmenning.rules import expressions
from allmenning.rules.tables import CannotDecide, TraceRow

logger = logging.getLogger(__name__)

FIELD = re.compile(r"\{\{\s*([a-z]+)\.([a-z][a-z0-9_]*)\s*\}\}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_MONTH = re.compile(r"\d{4}-\d{2}")
_YES_NO = {"nb": ("Ja", "Nei"), "nn": ("Ja", "Nei"), "en": ("Yes", "No")}

# What the platform itself may be uncertain of, in any service.
VALUE_OUTDATED = "value-outdated"
COULD_NOT_CALCULATE = "could-not-calculate"
OWN_UNCERTAIN = {
    VALUE_OUTDATED: Text(
        nb="Satsene for denne perioden er ikke lagt inn ennå.",
        nn="Satsane for denne perioden er ikkje lagde inn enno.",
        en="The rates for this period have not been entered yet.",
    ),
    COULD_NOT_CALCULATE: Text(
        nb="Opplysningene lot seg ikke beregne automatisk.",
        nn="Opplysningane lét seg ikkje rekne ut automatisk.",
        en="The information could not be calculated automatically.",
    ),
}


class InvalidAdjustment(AllmenningError):
    """The value {value} can't be set for {name}: it must be {rule}."""


@dataclass(frozen=True)
class Decision:
    """What the tables propose, or decide when `automatic`.

    `outcome` is None when the tables have nothing to say (an inquiry). `uncertain` and `missing` are ids with texts;
    `unconfirmed` the dated values used that nobody has confirmed; `reasons` (id, row of the list or None), in order.
    """

    package: ServicePackage = field(repr=False)
    form: Mapping[str, Any] = field(repr=False)
    outcome: str | None
    automatic: bool
    unit: str | None = None
    uncertain: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    unconfirmed: tuple[str, ...] = ()
    reasons: tuple[tuple[str, int | None], ...] = ()
    result: Mapping[str, Any] = field(default_factory=dict, repr=False)
    trace: tuple[TraceRow, ...] = field(default=(), repr=False)

    def reason_texts(self, language: str) -> list[str]:
        """The reasons in words, ready to become `decision.reasons` in the letter."""
        return [self._reason(*reason, language) for reason in self.reasons]

    def uncertain_texts(self, language: str) -> list[str]:
        """What a person must look at, in words."""
        texts = {**OWN_UNCERTAIN, **self.package.uncertain}
        return [texts[each][language] for each in self.uncertain]

    def missing_texts(self, language: str) -> list[str]:
        """What is missing, in words for the applicant."""
        return [self.package.missing[each][language] for each in self.missing]

    def values(self, language: str) -> dict[str, str | list[str]]:
        """The letter's values that come from the tables: `{"monthly_fee_ore": "2 181,81 kr", "entries": [...]}`."""
        shown: dict[str, str | list[str]] = {}
        for value in self.package.values:
            if value.source == "decision":
                shown[value.id] = written(value.id, self._letter().get(value.id), language)
        return {**shown, **self.lists(language)}

    def lists(self, language: str) -> dict[str, list[str]]:
        """The letter's lists. They follow from the answers, whichever outcome a person chooses; none where the tables
        could not be used.
        """
        lists = [value.id for value in self.package.values if value.source == "list"] if self.result else []
        return {name: list(self._list(name, language)) for name in lists}

    def tells_sender(self, outcome: OutcomeKind) -> bool:
        """Whether the sender is told of an outcome. Not where the folder's condition can't be worked out."""
        if outcome.told_when is None:
            return True
        try:
            return self._holds(outcome.told_when)
        except expressions.ExpressionFailed:
            return False

    def asks_for(self, step: Step) -> bool:
        """Whether a step of the routine is there in this case; also where that can't be worked out."""
        try:
            return step.when is None or self._holds(step.when)
        except expressions.ExpressionFailed:
            return True

    def means_sender(self) -> bool:
        """Whether what the service says of senders is said of this one; also where that can't be worked out."""
        when = self.package.sender.when
        try:
            return when is None or self._holds(when)
        except expressions.ExpressionFailed:
            return True

    def promises_sender(self) -> bool:
        """Whether the sender is promised an answer by a day. Not where the folder's condition can't be worked out."""
        promise = self.package.sender.promise
        try:
            return promise is not None and bool(self.result) and self._holds(promise.when)
        except expressions.ExpressionFailed:
            return False

    def holds_notices(self) -> bool:
        """Whether nothing may leave for the sender before somebody has cleared it; also where that can't be worked out."""
        contact = self.package.contact
        if contact is None or contact.when is None:
            return contact is not None
        try:
            return not self.result or self._holds(contact.when)
        except expressions.ExpressionFailed:
            return True

    def _holds(self, condition: str) -> bool:
        """Whether a condition on the answers and what the tables made is true. Raises ExpressionFailed."""
        return expressions.evaluate(condition, {"form": self.form, **self.result}) is True

    def _letter(self) -> Mapping[str, Any]:
        return self.result.get("letter") or {}

    def _reason(self, reason: str, row: int | None, language: str) -> str:
        declared = self.package.reasons[reason]
        item = self._rows(declared.each)[row] if declared.each and row is not None else {}
        return self._fill(declared.text[language], language, item)

    def _rows(self, name: str | None) -> list[Mapping[str, Any]]:
        rows = self.result.get(name or "")
        return list(rows) if isinstance(rows, list) else []

    def _list(self, name: str, language: str) -> Iterator[str]:
        for line in self.package.lists[name]:
            for item in self._rows(line.each) if line.each else [{}]:
                context = {**self.result, "item": item}
                if line.when is None or expressions.evaluate(line.when, context) is True:
                    yield self._fill(line.text[language], language, item)

    def _fill(self, text: str, language: str, item: Mapping[str, Any]) -> str:
        def one(match: re.Match[str]) -> str:
            kind, name = match[1], match[2]
            if kind == "value":
                return written(name, self._letter().get(name), language)
            if kind == "item":
                return self._labelled(name, item.get(name), language)
            return self._labelled(name, self.form.get(name), language)

        return FIELD.sub(one, text)

    def _labelled(self, name: str, value: Any, language: str) -> str:
        """A value as the applicant read it: a choice by its label, in the form or in the rows of a repeating group."""
        key = str(value).lower() if isinstance(value, bool) else str(value)
        for properties in _properties(self.package.form_schema):
            labels = properties.get(name, {}).get("x-enum-labels", {})
            if key in labels:
                return str(labels[key][language])
        return written(name, value, language)


def _properties(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The fields of the form, and those of the rows of its repeating groups."""
    yield (fields := schema.get("properties", {}))
    for each in fields.values():
        if isinstance(each.get("items"), Mapping):
            yield each["items"].get("properties", {})


def written(name: str, value: Any, language: str) -> str:
    """A value as a reader expects it; the name tells what it is (`_ore`: money, always with øre)."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return _YES_NO[language][not value]
    if name.endswith("_ore"):
        return format_ore(int(value), language, always_ore=True)
    if isinstance(value, str) and _DATE.fullmatch(value):
        return format_date(date.fromisoformat(value), language)
    if isinstance(value, str) and _MONTH.fullmatch(value):
        return format_date(date.fromisoformat(f"{value}-01"), language).lstrip("1").removeprefix(".").strip()
    if isinstance(value, float):
        return str(value) if language == "en" else str(value).replace(".", ",")
    if isinstance(value, list):
        return ", ".join(written(name, each, language) for each in value)
    return str(value)


def decide(
    package: ServicePackage,
    form: Mapping[str, Any],
    *,
    on: date,
    confirmed: Collection[str] = (),
    contradicted: Collection[str] = (),
    adjusted: Mapping[str, Any] | None = None,
    decided: Collection[str] = (),
) -> Decision:
    """Apply the package's decision tables to an application.

    `form` holds the visible answers; `on` is the day the application was received; `confirmed` and `contradicted` name
    the top fields whose answer a register confirmed or contradicted; `adjusted` is what the municipality has set; `decided`
    the outcomes that were issued in the case before.
    Never raises for what somebody answered: what can't be calculated goes to a person.
    """
    day = _value_day(package, form, on)
    values, unconfirmed, outdated = values_on(package, day, adjusted or {})
    if outdated:
        return Decision(package, form, None, False, uncertain=(VALUE_OUTDATED,), unconfirmed=unconfirmed)
    fields = package.form_schema.get("properties", {})
    context = {
        "form": _numbered(form),
        "confirmed": {name: name in confirmed for name in fields},
        "contradicted": {name: name in contradicted for name in fields},
        "values": values,
        "on": on.isoformat(),
        "decided": list(decided),
    }
    try:
        outcome = package.table.evaluate(context)
    except CannotDecide as error:
        logger.warning("The tables of %s %s could not be applied: %s", package.id, package.version, error.detail)
        return Decision(package, form, None, False, uncertain=(COULD_NOT_CALCULATE,), unconfirmed=unconfirmed)
    result = outcome.result
    uncertain = _ids(result.get("uncertain"), "uncertain")
    return Decision(
        package=package,
        form=form,
        outcome=result.get("outcome"),
        automatic=bool(package.decides_by_itself and result.get("outcome") and not uncertain),
        unit=result.get("unit"),
        uncertain=uncertain,
        missing=_ids(result.get("missing"), "missing"),
        unconfirmed=unconfirmed,
        reasons=tuple(outcome.reasons),
        result=result,
        trace=outcome.trace,
    )


def values_on(
    package: ServicePackage, day: date, adjusted: Mapping[str, Any]
) -> tuple[dict[str, Any], tuple[str, ...], tuple[str, ...]]:
    """Every value on a day: (values by name, names of unconfirmed ones, names of those that have run out)."""
    values: dict[str, Any] = {}
    unconfirmed, outdated = [], []
    for each in package.dated:
        row = each.on(day)
        if row is None:
            outdated.append(each.id)
            continue
        values[each.id] = row.value
        if not row.confirmed:
            unconfirmed.append(each.id)
    if not outdated:
        for setting in package.adjustable:
            values[setting.id] = _within(setting, adjusted.get(setting.id), values)
    return values, tuple(unconfirmed), tuple(outdated)


def standing_value(package: ServicePackage, name: str, day: date, adjusted: Mapping[str, Any]) -> Any:
    """A dated or adjustable value on a day; one that has run out stands on, where nothing is decided by it.

    A deadline is counted so: none at all would be worse than an old one.
    """
    values = {each.id: _last_row(each, day).value for each in package.dated}
    setting = next((each for each in package.adjustable if each.id == name), None)
    return values[name] if setting is None else _within(setting, adjusted.get(name), values)


def _last_row(dated: Dated, day: date) -> DatedRow:
    rows = sorted(dated.rows, key=lambda row: row.starts)
    return next((row for row in reversed(rows) if row.starts <= day), rows[0])


def check_adjustment(package: ServicePackage, name: str, value: Any, *, on: date) -> None:
    """Raise `InvalidAdjustment` unless a municipality may set this value from that day."""
    setting = next((each for each in package.adjustable if each.id == name), None)
    if setting is None:
        raise InvalidAdjustment(name=name, value=value, rule="one of the service's adjustable values")
    kind = {"ore": int, "integer": int, "boolean": bool, "choice": str}[setting.type]
    if not isinstance(value, kind) or isinstance(value, bool) is not (kind is bool):
        raise InvalidAdjustment(name=name, value=value, rule=f"of the type {setting.type}")
    values, _, outdated = values_on(package, on, {})
    if outdated:
        raise InvalidAdjustment(name=name, value=value, rule="set for a period whose national values are known")
    if setting.type == "choice" and value not in setting.choices:
        raise InvalidAdjustment(name=name, value=value, rule="one of " + ", ".join(setting.choices))
    if _within(setting, value, values) != value:
        least, most = _known(setting.least, values), _known(setting.most, values)
        raise InvalidAdjustment(name=name, value=value, rule=f"from {least} to {most}")


def _within(setting: Adjustable, value: Any, values: Mapping[str, Any]) -> Any:
    """What the municipality set, kept within bounds: the national bound may have moved since it was set."""
    if value is None:
        value = _known(setting.default, values)
    least, most = _known(setting.least, values), _known(setting.most, values)
    if least is not None:
        value = max(value, least)
    return value if most is None else min(value, most)


def _known(bound: Any, values: Mapping[str, Any]) -> Any:
    return values[bound.removeprefix("dated:")] if isinstance(bound, str) and bound.startswith("dated:") else bound


def _value_day(package: ServicePackage, form: Mapping[str, Any], on: date) -> date:
    """The day whose values apply: where the service names an answer for it, that one; else the day of receipt."""
    if package.dated_on is None:
        return on
    try:
        return date.fromisoformat(str(expressions.evaluate(package.dated_on, {"form": form})))
    except (expressions.ExpressionFailed, ValueError):
        return on


def _numbered(form: Mapping[str, Any]) -> dict[str, Any]:
    """The form with each row of a repeating group numbered from 0 (`row`), which the expressions can't do."""
    return {name: _rows(value) if isinstance(value, list) else value for name, value in form.items()}


def _rows(values: list[Any]) -> list[Any]:
    return [{**each, "row": row} if isinstance(each, Mapping) else each for row, each in enumerate(values)]


def _ids(rows: Any, column: str) -> tuple[str, ...]:
    """The ids in a collected table's column, each once, in order."""
    if not isinstance(rows, list):
        return ()
    found = [each.get(column) if isinstance(each, Mapping) else each for each in rows]
    return tuple(dict.fromkeys(each for each in found if each))


def duration_after(duration: str, day: date, *, times: int = 1) -> date:
    """The day an ISO 8601 duration (`P1M`, `P3W`, `P14D`, `P1Y`), so many times over, after `day`, by the calendar."""
    match = re.fullmatch(r"P(\d{1,3})([YMWD])", duration)
    if match is None:
        raise ValueError(f"not a duration: {duration}")
    number, unit = int(match[1]) * times, match[2]
    if unit in "YM":
        return add_months(day, number * (12 if unit == "Y" else 1))
    return date.fromordinal(day.toordinal() + number * (7 if unit == "W" else 1))
