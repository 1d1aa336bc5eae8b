"""The population register through KS Fiks. developers.fiks.ks.no/tjenester/register/folkeregister."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

import httpx

from allmenning.connections.http import Http, Tokens, Unreachable, bearer, now, segment, unreachable_as
from allmenning.municipal.people.ports import (
    BASIC_PARTS,
    Address,
    AddressProtection,
    Guardianship,
    MaritalStatus,
    Name,
    ParentalResponsibility,
    Part,
    Person,
    PersonNotFound,
    RegisterRefused,
    RegisterUnavailable,
)

SCOPE = "ks:fiks"
_STRENGTH = list(AddressProtection)
_PARENTS = {"mor", "far", "medmor"}


class Folkeregister:
    """Implements PopulationRegister.

    Config: `base_url`, `role` (the role that KS Fiks gave for the purpose), `integrations` (municipality id -> {"id",
    "password"}), `timeout`.
    """

    name = "folkeregister"

    def __init__(
        self, config: Mapping[str, Any], tokens: Tokens, *, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._http = Http(config["base_url"], transport=transport, timeout=config.get("timeout"))
        self._tokens, self._role, self._integrations = tokens, config["role"], config["integrations"]

    def person(self, identity_number: str, *, municipality: str, parts: Collection[Part] = BASIC_PARTS) -> Person:
        with unreachable_as(self._unavailable):
            answer = self._http.get(
                f"{self._people}/{segment(identity_number)}",
                params={"part": _wanted(parts)},
                headers=self._headers(municipality),
            )
            if answer.status == 404:
                raise PersonNotFound
            if answer.status != 200:
                raise RegisterRefused(register=self.name, reason=str(answer.status))
            return _read(answer.json(), identity_number)

    def persons(
        self, identity_numbers: Collection[str], *, municipality: str, parts: Collection[Part] = BASIC_PARTS
    ) -> dict[str, Person]:
        if not identity_numbers:
            return {}
        with unreachable_as(self._unavailable):
            answer = self._http.post(
                f"{self._people}/bulkoppslag",
                params={"part": _wanted(parts)},
                json={"foedselsEllerDNummer": sorted(identity_numbers)},
                headers=self._headers(municipality),
            )
            if answer.status != 200:
                raise RegisterRefused(register=self.name, reason=str(answer.status))
            return _read_several(answer.json())

    @property
    def _people(self) -> str:
        return f"/api/v1/{segment(self._role)}/v1/personer"

    def _headers(self, municipality: str) -> dict[str, str]:
        if municipality not in self._integrations:
            raise RegisterRefused(register=self.name, reason=f"no integration for {municipality}")
        held = self._integrations[municipality]
        secret = {"IntegrasjonId": held["id"], "IntegrasjonPassord": held["password"]}
        return {**bearer(self._tokens.token(SCOPE, municipality=municipality)), **secret}

    def _unavailable(self, failure: Unreachable) -> RegisterUnavailable:
        return RegisterUnavailable(str(failure), register=self.name, retry_after=failure.retry_after)


def _wanted(parts: Collection[Part]) -> list[Part]:
    """Never an address without knowing whether it is protected."""
    return sorted({*parts, Part.PROTECTION} if Part.ADDRESS in parts else set(parts))


def _read_several(body: Any) -> dict[str, Person]:
    try:
        found = [(one["foedselsEllerDNummer"], one.get("folkeregisterperson")) for one in body["oppslag"]]
    except (KeyError, TypeError, AttributeError) as failure:
        raise Unreachable(f"the answer has another shape ({type(failure).__name__})") from None
    return {number: _read(person, number) for number, person in found if person}


def _read(body: Any, identity_number: str) -> Person:
    try:
        return _person(body, identity_number)
    except (KeyError, TypeError, ValueError, AttributeError) as failure:
        # The failure's text may hold what the register knows of the person.
        raise Unreachable(f"the answer has another shape ({type(failure).__name__})") from None


def _person(body: Mapping[str, Any], identity_number: str) -> Person:
    current = {part: _current(body.get(part)) for part in Part}
    family, status = current[Part.FAMILY], _first(current[Part.MARITAL_STATUS])
    address = _first(current[Part.ADDRESS])
    return Person(
        identity_number=_number(current[Part.IDENTITY]) or identity_number,
        fetched_at=now(),
        name=_name(_first(current[Part.NAME])),
        birth_date=_date(_first(current[Part.BIRTH]).get("foedselsdato")),
        address=_address(address.get("vegadresse")),
        protection=_protection(current[Part.PROTECTION], address),
        marital_status=MaritalStatus(status["sivilstand"]) if status else None,
        spouse=status.get("relatertVedSivilstand"),
        children=tuple(one["relatertPerson"] for one in family if one["relatertPersonsRolle"] == "barn"),
        parents=tuple(one["relatertPerson"] for one in family if one["relatertPersonsRolle"] in _PARENTS),
        parental_responsibility=tuple(
            _responsibility(identity_number, one) for one in current[Part.PARENTAL_RESPONSIBILITY]
        ),
        guardians=tuple(_guardian(one) for one in current[Part.GUARDIANSHIP]),
        status=_first(current[Part.STATUS]).get("status", ""),
        updated={part: changed for part, rows in current.items() if (changed := _changed(rows))},
    )


def _current(rows: Any) -> list[dict[str, Any]]:
    """The versions that hold now; the register sends former ones too."""
    return [row for row in rows or [] if row["erGjeldende"]]


def _first(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return rows[0] if rows else {}


def _number(rows: list[dict[str, Any]]) -> str | None:
    return next((row["foedselsEllerDNummer"] for row in rows if row.get("status") == "iBruk"), None)


def _name(row: dict[str, Any]) -> Name | None:
    return Name(row["fornavn"], row["etternavn"], row.get("mellomnavn") or "") if row else None


def _address(street: dict[str, Any] | None) -> Address | None:
    if not street:
        return None
    house = street.get("adressenummer", {})
    number = f"{house.get('husnummer', '')}{house.get('husbokstav') or ''}"
    return Address(
        street=f"{street['adressenavn']} {number}".strip(),
        postal_code=street["poststed"]["postnummer"],
        city=street["poststed"]["poststedsnavn"].title(),
        municipality_number=street["kommunenummer"],
        dwelling=street.get("bruksenhetsnummer") or "",
        care_of=street.get("coAdressenavn") or "",
    )


def _protection(rows: list[dict[str, Any]], address: dict[str, Any]) -> AddressProtection:
    """The strictest that is said anywhere; a value that we do not know is taken for the strictest there is."""
    said = [row["graderingsnivaa"] for row in rows] + [address.get("adressegradering") or AddressProtection.NONE]
    known = [AddressProtection(one) if one in _STRENGTH else _STRENGTH[-1] for one in said]
    return max(known, key=_STRENGTH.index)


def _responsibility(identity_number: str, row: dict[str, Any]) -> ParentalResponsibility:
    """On a child's record `ansvarlig` says who; on a parent's, `ansvarssubjekt` says for whom."""
    if "ansvarssubjekt" in row:
        return ParentalResponsibility(row["ansvarssubjekt"], identity_number, row["ansvar"])
    return ParentalResponsibility(identity_number, row.get("ansvarlig") or "", row["ansvar"])


def _guardian(row: dict[str, Any]) -> Guardianship:
    guardian = row.get("verge", {})
    return Guardianship(guardian.get("foedselsEllerDNummer") or "", row["type"], guardian.get("omfang") or "")


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _changed(rows: list[dict[str, Any]]) -> datetime | None:
    return max((datetime.fromisoformat(row["ajourholdstidspunkt"]) for row in rows), default=None)
