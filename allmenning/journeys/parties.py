"""What a party of an agreement or a plan is called, and of which level it is: a municipality, a county, or the state."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import override

from allmenning.basics import dates
from allmenning.commons.costs.agreement import Level
from allmenning.commons.costs.errors import NoSuchCounty
from allmenning.commons.costs.registry import county
from allmenning.commons.municipalities import queries as municipalities
from allmenning.commons.municipalities.errors import UnknownMunicipality

STATE = "state"  # the state as such; agreements name a body of it
LEVELS: tuple[Level, ...] = ("municipality", "county", "state")


@dataclass(frozen=True)
class Party:
    """Who may take part or gain: an id and a name."""

    id: str
    name: str


def level_of(id: str) -> Level:
    """A municipality by its id, a county by its two digits; anybody else is of the state."""
    if id in municipalities.register().municipalities:
        return "municipality"
    return "county" if len(id) == 2 and id.isascii() and id.isdigit() else "state"


def level_of_giver(name: str) -> Level:
    """Of who gives a grant, by the name that was entered: the words `kommune` and `fylkeskommune` say it; else the state or another."""
    said = name.casefold().replace(",", " ").split()
    if any(word.startswith("fylkeskommune") for word in said):
        return "county"
    return "municipality" if {"kommune", "kommunen"} & {*said} else "state"


def name_of(id: str, language: str = "nb") -> str:
    """A municipality's name, a county's, or the state's; what is none of them is called as it is written."""
    if id == STATE:
        with override(language):
            return _("The state")
    try:
        return county(id, dates.today()).name if level_of(id) == "county" else municipalities.name_of(id, language)
    except (NoSuchCounty, UnknownMunicipality):
        return id


def label_of(id: str) -> str:
    """The same, with the county where two municipalities share a name."""
    known = municipalities.register().municipalities.get(id)
    return known.label if known else name_of(id)


def above(scope: str) -> list[str]:
    """The counties of a cooperation's members today, and the state: those above them who may pay or gain. Raises UnknownCooperation."""
    numbers = (each.number() for each in municipalities.members(scope))
    return [*sorted({number[:2] for number in numbers if number}), STATE]
