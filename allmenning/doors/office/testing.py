"""For tests of the office: somebody in a role there, by the same login and choice as in life."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.http import HttpRequest
from django.test import Client

from allmenning import vault
from allmenning.basics import dates
from allmenning.commons.costs import actions as costs
from allmenning.commons.identity import offices as roles
from allmenning.commons.identity import sessions
from allmenning.commons.municipalities import actions as municipalities
from allmenning.journeys import offices
from allmenning.journeys.testing import NAMES, number

PEOPLE = {
    "treasurer": number(302),
    "approver": number(304),
    "board": number(305),
    "planner": number(306),
    "member-treasurer": number(307),
    "secretary": number(308),
    "elected": number(309),
    "employees": number(310),
}


ROOT = Path(__file__).resolve().parents[3]


def with_all_agreements() -> None:
    """Publish the register and every agreement of the project's own folder."""
    municipalities.load_register()
    for file in sorted((ROOT / "agreements").glob("*.yaml")):
        costs.publish(file.read_text("utf-8"), file=file.name, by="test")


def logged_in(number: str) -> Client:
    """Somebody who has logged in as staff and chosen nothing yet."""
    request = HttpRequest()
    request.session = sessions.SessionStore()
    sessions.log_in_staff(request, sessions.Staff(number, NAMES.get(number, "Dora Dill")))
    request.session.save()
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = str(request.session.session_key)
    return client


def at_office(role: str, *, scope: str = "", party: str = "", who: str = "") -> Client:
    """Somebody who has a role, or is given it, logs in and acts in it. who: their identity number, else one for each role."""
    number = who or PEOPLE[role]
    held = roles.roles_of(vault.person_key(f"person:{number}"), dates.today())
    same = [each.id for each in held if (each.role, each.scope, each.party) == (role, scope, party)]
    chosen = same[0] if same else offices.let_in(number, role=role, scope=scope, party=party).id
    client = logged_in(number)
    client.post("/desk/choose/", {"office": str(chosen)})
    return client
