"""Whom bills go to and come from: each party's organisation number, address and account, looked at before they are kept."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields

from allmenning.basics.dates import now
from allmenning.basics.errors import AllmenningError
from allmenning.basics.identifiers import AccountNumber, InvalidIdentifier, OrganisationNumber
from allmenning.basics.typed import FieldsWrong, whole_text

from . import errors
from .documents import Trader
from .models import BillingDetails

_LONGEST = {"name": 120, "street": 120, "city": 60, "buyer_reference": 60}


@dataclass(frozen=True)
class Details:
    """What a bill needs to know of a party, as it was typed."""

    organisation: str = ""
    name: str = ""
    street: str = ""
    postcode: str = ""
    city: str = ""
    is_registered: bool = False
    account: str = ""
    buyer_reference: str = ""
    language: str = "nb"


def enter(scope: str, party: str, typed: Details, *, by: str) -> BillingDetails:
    """Keep what a bill needs to know of a party, from now on. What may be missing so far is told before bills are issued.

    Raises FieldsWrong.
    """
    wrong: dict[str, AllmenningError] = {}
    values = {field.name: getattr(typed, field.name) for field in fields(typed)}
    for name, read in (("organisation", _organisation), ("account", _account), ("postcode", _postcode)):
        try:
            values[name] = read(values[name])
        except AllmenningError as error:
            wrong[name] = error
    for name, most in _LONGEST.items():
        try:
            values[name] = whole_text(values[name], most, optional=True)
        except AllmenningError as error:
            wrong[name] = error
    if typed.language not in ("nb", "nn"):
        wrong["language"] = errors.NotOneOf(options="nb, nn")
    if wrong:
        raise FieldsWrong(wrong)
    return BillingDetails.objects.create(scope=scope, party=party, **values, entered_at=now(), entered_by=by)


def _organisation(text: str) -> str:
    return OrganisationNumber.parse(text).value if text.strip() else ""


def _account(text: str) -> str:
    return AccountNumber.parse(text).value if text.strip() else ""


def _postcode(text: str) -> str:
    said = text.strip()
    if said and not re.fullmatch(r"[0-9]{4}", said):
        raise InvalidIdentifier
    return said


def details(scope: str, parties: Iterable[str] | None = None) -> dict[str, BillingDetails]:
    """What is known of each party, by its id: the newest row."""
    rows = BillingDetails.objects.filter(scope=scope)
    if parties is not None:
        rows = rows.filter(party__in=list(parties))
    return {each.party: each for each in rows.order_by("party", "-id").distinct("party")}


def missing(known: BillingDetails | None, *, is_host: bool) -> list[str]:
    """Names of the fields that a bill needs and nobody has filled in."""
    needed = ["organisation", "name", "street", "postcode", "city", "account" if is_host else "buyer_reference"]
    return [name for name in needed if not getattr(known, name, "")]


def trader(known: BillingDetails) -> Trader:
    """As it stands on a bill."""
    return Trader(known.organisation, known.name, known.street, known.postcode, known.city, known.is_registered)
