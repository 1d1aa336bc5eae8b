"""Words for what the municipal rooms keep as codes, in the language of the page."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from allmenning.basics import dates
from allmenning.municipal.cases.models import Case


def area(code: str | None) -> str:
    """A service area's name."""
    return {
        "ordinary": _("Ordinary services"),
        "child-welfare": _("Child welfare"),
        "social-services": _("Social services"),
        "care": _("Health and care"),
        "educational-psychology": _("Educational psychology service"),
    }.get(code or "", _("Administration"))


def state(code: str) -> str:
    return {
        "received": _("Received"),
        "in-progress": _("In progress"),
        "waiting-for-resident": _("Waiting for the resident"),
        "for-approval": _("For approval"),
        "decided": _("Decided"),
        "appealed": _("Appealed"),
        "withdrawn": _("Withdrawn"),
    }.get(code, code)


def state_colour(code: str) -> str:
    return {
        "received": "fjord",
        "in-progress": "info",
        "waiting-for-resident": "warning",
        "for-approval": "accent",
        "decided": "success",
        "appealed": "danger",
    }.get(code, "neutral")


def channel(code: str) -> str:
    return {
        "portal": _("Digital"),
        "phone": _("Telephone"),
        "email": _("E-mail"),
        "paper": _("Letter on paper"),
        "counter": _("At the counter"),
        "api": _("From another system"),
    }.get(code, code)


def role(code: str) -> str:
    return {
        "caseworker": _("Caseworker"),
        "leader": _("Leader"),
        "approver": _("Approver"),
        "archivist": _("Archivist"),
        "administrator": _("Administrator"),
        "resident": _("The applicant"),
        "auto": _("The platform"),
    }.get(code, code)


def view(code: str) -> str:
    """A view of the work list."""
    return {
        "mine": _("Mine"),
        "unit": _("My units"),
        "unassigned": _("Not assigned"),
        "overdue": _("Overdue"),
        "waiting": _("Waiting for the resident"),
        "approval": _("For approval"),
        "closed": _("Closed"),
    }[code]


def left(day: date | None) -> str:
    """How far off a deadline is: only said when it is near or gone."""
    if day is None:
        return ""
    days = (day - dates.today()).days
    if days < 0:
        return ngettext("%(num)d day overdue", "%(num)d days overdue", -days) % {"num": -days}
    if days == 0:
        return _("Today")
    if days <= 7:
        return ngettext("In %(num)d day", "In %(num)d days", days) % {"num": days}
    return ""


def is_late(case: Case) -> bool:
    return bool(case.due_on and case.is_open and case.due_on < dates.today() and case.state != "waiting-for-resident")
