"""Words for the roles at the cooperations' offices, wherever one chooses or sees them."""

from __future__ import annotations

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from allmenning.commons.costs import queries as costs
from allmenning.commons.costs.errors import UnknownAgreement
from allmenning.commons.identity.offices import OfficeActing
from allmenning.commons.municipalities import queries as municipalities
from allmenning.commons.municipalities.errors import UnknownCooperation, UnknownMunicipality


def role(code: str) -> str:
    """A role, in the language of the page."""
    return {
        "treasurer": _("Treasurer of the cooperation"),
        "approver": _("Approver for the host"),
        "board": _("The board"),
        "planner": _("Keeps the joint plan"),
        "member-treasurer": _("Treasurer"),
        "secretary": _("Secretary of the council"),
        "elected": _("Elected member"),
        "employees": _("Representative of the employees"),
    }[code]


def does(code: str) -> str:
    """What somebody does in a role, in a few words."""
    return {
        "treasurer": _("Costs, settlements, bills and payments"),
        "approver": _("Approves settlements before they are billed"),
        "board": _("Follows costs, plan and benefits"),
        "planner": _("Goals, measures, progress and roll-out"),
        "member-treasurer": _("Own share, comments and bills"),
        "secretary": _("Papers for the council, and what it decides"),
        "elected": _("What is decided, what waits, what it cost and gave"),
        "employees": _("Information, hearings and statements"),
    }[code]


def whose(acting: OfficeActing) -> str:
    """The cooperation, or the party that somebody stands for, by name."""
    return cooperation(acting.scope) if acting.scope else party(acting.party)


def cooperation(scope: str) -> str:
    try:
        return municipalities.cooperation(scope).name
    except UnknownCooperation:  # an agreement that belongs to none
        return _agreement(scope)


def _agreement(id: str) -> str:
    try:
        return costs.agreement(id).agreement.title[get_language() or "nb"]
    except UnknownAgreement:
        return id


def party(id: str) -> str:
    """A party's name: a municipality's, or as agreements call it."""
    try:
        return municipalities.name_of(id, get_language() or "nb")
    except UnknownMunicipality:
        return id
