"""The cooperations' own offices: who has which role, and which agreements a role reaches."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from allmenning import vault
from allmenning.basics import dates
from allmenning.basics.errors import AllmenningError
from allmenning.basics.identifiers import NationalIdentityNumber
from allmenning.commons.costs import queries as costs
from allmenning.commons.costs.agreement import Agreement
from allmenning.commons.costs.errors import UnknownAgreement
from allmenning.commons.costs.queries import Published
from allmenning.commons.costs.sharing import named_in
from allmenning.commons.identity import offices
from allmenning.commons.identity.models import OfficeRole
from allmenning.commons.identity.offices import OfficeActing
from allmenning.commons.municipalities import queries as municipalities
from allmenning.commons.municipalities.errors import UnknownCooperation

OPERATOR = "operator"


class NotInYourRole(AllmenningError):
    """This is not for your role here. Change whom you act for if you have another one."""


def let_in(number: str, *, role: str, scope: str = "", party: str = "", start: date | None = None) -> OfficeRole:
    """Give somebody a role at an office. number: their identity number, of which only an HMAC is kept.

    Raises InvalidIdentifier, NoSuchRole, RoleAlreadyHeld, UnknownCooperation for a scope that is none, UnknownMunicipality
    for a party that no agreement and no register has.
    """
    if scope and scope not in {scope_of(each.agreement) for each in costs.all_agreements()}:
        municipalities.cooperation(scope)
    if party and party not in _parties():
        municipalities.municipality(party)
    key = vault.person_key(f"person:{NationalIdentityNumber.parse(number).value}")
    return offices.give(person_key=key, role=role, scope=scope, party=party, start=start or dates.today(), by=OPERATOR)


def let_out(role: UUID) -> OfficeRole:
    """End a role today. Raises NoSuchRole, RoleEndsTooEarly."""
    return offices.end(role, dates.today())


def scope_of(agreement: Agreement) -> str:
    """Whose office an agreement is kept at: its cooperation's, or its own."""
    return agreement.cooperation or agreement.id


def agreements_of(acting: OfficeActing) -> list[Published]:
    """The agreements that a role reaches: those of the cooperation, or those that the party is or was in."""
    found = costs.all_agreements()
    if acting.scope:
        return [each for each in found if scope_of(each.agreement) == acting.scope]
    return [each for each in found if is_party(acting.party, each.agreement)]


def scopes_of(by: OfficeActing) -> list[str]:
    """The cooperations that a role reaches: its own, or those that its party is a member of."""
    if by.scope:
        return [by.scope]
    found = [each.id for each in municipalities.cooperations_of(by.party)]
    return list(dict.fromkeys([*found, *(scope_of(each.agreement) for each in agreements_of(by))]))


def agreement_for(acting: OfficeActing, id: str) -> Published:
    """One of them. Raises UnknownAgreement, also for what is another's."""
    for each in agreements_of(acting):
        if each.agreement.id == id:
            return each
    raise UnknownAgreement(asked=id)


def is_party(party: str, agreement: Agreement) -> bool:
    """Whether somebody is or was a party at any time."""
    return party in _parties_of(agreement)


def _parties() -> set[str]:
    return {party for each in costs.all_agreements() for party in _parties_of(each.agreement)}


def _parties_of(agreement: Agreement) -> set[str]:
    first = agreement.rules[0].start
    try:
        return {each.id for each in named_in(agreement, first, date.max, municipalities)}
    except UnknownCooperation:
        return set()
