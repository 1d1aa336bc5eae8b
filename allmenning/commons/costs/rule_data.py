"""A rule from its data: fractions as people write them (`7/10`, `70 %`), amounts in kroner, steps by size."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from allmenning.basics.errors import AllmenningError
from allmenning.basics.plain_yaml import Path as Way
from allmenning.basics.sharing.rule import Limit, Part, Price, Rule, Step

from . import errors

Wrong = Callable[[Way, AllmenningError], None]


def rule_of(raw: Mapping[str, Any], wrong: Wrong) -> Rule:
    """A rule from data whose form the schema has looked at. wrong: told of what is wrong, and where."""
    rounding = raw.get("rounding", "whole")
    if rounding == "parts" and ("minimum" in raw or "maximum" in raw):
        wrong(("rounding",), errors.LimitsNeedOneSum())
    if "parts" not in raw:
        for name in ("minimum", "maximum", "phase_in"):
            if name in raw:
                wrong((name,), errors.NothingToHoldFor(name=name))
    return Rule(
        parts=tuple(_part(each, place, wrong) for place, each in enumerate(raw.get("parts", []))),
        prices=tuple(_price(each, place, wrong) for place, each in enumerate(raw.get("prices", []))),
        rounding=rounding,
        ties=raw.get("ties", "by-name"),
        minimum=_limit(raw.get("minimum")),
        maximum=_limit(raw.get("maximum")),
        phase_in=tuple(fraction(each) for each in raw.get("phase_in", [])),
    )


def fraction(text: str | int) -> Fraction:
    """`7/10`, `70 %` or `1`, exactly."""
    said = str(text).replace(" ", "").replace(",", ".")
    return Fraction(said.removesuffix("%")) / 100 if said.endswith("%") else Fraction(said)


def ore(kroner: str | float) -> Fraction:
    """Kroner as they are written, in øre; may be a part of an øre, as 0.125 kr for each inhabitant is."""
    return Fraction(str(kroner).replace(",", ".")) * 100


def _part(raw: Mapping[str, Any], place: int, wrong: Wrong) -> Part:
    way: Way = ("parts", place)
    fixed = {id: fraction(each) for id, each in raw.get("shares", {}).items()}
    if raw["by"] == "fixed" and not fixed:
        wrong(way, errors.SharesMissing())
    elif raw["by"] == "fixed" and sum(fixed.values()) != 1:
        wrong((*way, "shares"), errors.SharesNotWhole(sum=str(sum(fixed.values()))))
    if raw["by"] == "use" and not raw.get("measure"):
        wrong(way, errors.MeasureMissing())
    _only_for(raw, way, "measure", "by", "use", wrong)
    _only_for(raw, way, "shares", "by", "fixed", wrong)
    of = None if raw["part"] == "rest" else fraction(raw["part"])
    return Part(of, raw["by"], raw.get("measure", ""), fixed, raw.get("level", ""))


def _price(raw: Mapping[str, Any], place: int, wrong: Wrong) -> Price:
    way: Way = ("prices", place)
    steps = raw.get("steps") or [{"kroner": raw["kroner"]}]
    limits = [each.get("below") for each in steps]
    known = [each for each in limits[:-1] if each is not None]
    if len(known) < len(limits) - 1 or [*known, *filter(None, limits[-1:])] != sorted(
        {*known, *filter(None, limits[-1:])}
    ):
        wrong((*way, "steps"), errors.StepsOutOfOrder())
    elif limits[-1] is not None:
        wrong((*way, "steps", len(steps) - 1), errors.StepsNotOpen())
    if raw["per"] == "use" and not raw.get("measure"):
        wrong(way, errors.MeasureMissing())
    _only_for(raw, way, "measure", "per", "use", wrong)
    return Price(
        raw["per"],
        raw["every"],
        tuple(Step(each.get("below"), ore(each["kroner"])) for each in steps),
        raw.get("measure", ""),
        raw.get("level", ""),
    )


def _only_for(raw: Mapping[str, Any], way: Way, name: str, kind: str, value: str, wrong: Wrong) -> None:
    """Something that is read for one kind alone would be written and never calculated with for another."""
    if name in raw and raw[kind] != value:
        wrong((*way, name), errors.MeansNothingHere(name=name, belongs=f"{kind}: {value}"))


def _limit(raw: Mapping[str, Any] | None) -> Limit | None:
    if raw is None:
        return None
    return Limit(fraction(raw["part"]), is_fraction=True) if "part" in raw else Limit(ore(raw["kroner"]))
