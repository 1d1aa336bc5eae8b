"""Words for pools, in the language of the page."""

from __future__ import annotations

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from allmenning.commons.pools.models import GrantDecision
from allmenning.commons.pools.queries import Applied
from allmenning.journeys import parties

from . import words


def party(id: str) -> str:
    return parties.name_of(id, get_language() or "nb")


def kind(code: str) -> str:
    """What a line of the account is."""
    return {
        "joined": _("Joined"),
        "state-promised": _("The state's matching sum"),
        "paid-in": _("Paid in"),
        "granted": _("Granted"),
        "paid-out": _("Paid out"),
        "given-up": _("Not needed"),
        "adopted": _("Taken into use"),
    }[code]


def account(name: str) -> str:
    """An account, in words."""
    kind, _colon, whose = name.partition(":")
    if kind == "claim":
        return _("Claim on %(party)s") % {"party": party(whose)}
    return {
        "bank": _("Bank"),
        "owed": _("Promised grants"),
        "contributions": _("Contributions"),
        "state": _("The state's matching sum"),
        "adopters": _("Payments for taking into use"),
        "grants": _("Granted"),
    }[kind]


def status(one: Applied) -> tuple[str, str]:
    """How an application stands, and the colour of its tag."""
    if one.decision is None:
        return _("To be decided on"), "info"
    if not one.is_granted:
        return _("Refused"), "neutral"
    return (_("Granted"), "success") if one.rest_ore else (_("Granted and paid"), "success")


def price(decision: GrantDecision) -> str:
    """What who takes it into use pays."""
    fixed, each = words.money(decision.fixed_ore), words.money(decision.inhabitant_ore)
    if decision.fixed_ore and decision.inhabitant_ore:
        return _("%(fixed)s, and %(each)s for each inhabitant") % {"fixed": fixed, "each": each}
    if decision.inhabitant_ore:
        return _("%(each)s for each inhabitant") % {"each": each}
    return fixed if decision.fixed_ore else _("Nothing")
