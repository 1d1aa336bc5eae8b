"""The business register, open to everybody. data.brreg.no/enhetsregisteret/api/dokumentasjon."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TypeVar

import httpx

from allmenning.connections.http import Http, Unreachable, now, segment, unreachable_as
from allmenning.municipal.people.ports import (
    Address,
    Organisation,
    OrganisationNotFound,
    OrganisationRole,
    RegisterUnavailable,
)

T = TypeVar("T")


class Enhetsregisteret:
    """Implements BusinessRegister. Config: `base_url`, `timeout`."""

    name = "enhetsregisteret"

    def __init__(self, config: Mapping[str, Any], *, transport: httpx.BaseTransport | None = None) -> None:
        self._http = Http(config["base_url"], transport=transport, timeout=config.get("timeout"))

    def organisation(self, number: str) -> Organisation:
        for kind in ("enheter", "underenheter"):
            body = self._ask(f"/api/{kind}/{segment(number)}")
            if body is not None:
                return self._read(body, _organisation)
        raise OrganisationNotFound

    def roles(self, number: str) -> list[OrganisationRole]:
        unit, body = self.organisation(number), self._ask(f"/api/enheter/{segment(number)}/roller")
        return self._read(body or {}, lambda answer: _roles(answer, unit))

    def search(self, name: str, *, limit: int = 20) -> list[Organisation]:
        body = self._ask("/api/enheter", {"navn": name, "size": str(min(limit, 100))}) or {}
        return self._read(
            body, lambda answer: [_organisation(one) for one in answer.get("_embedded", {}).get("enheter", [])]
        )

    def _ask(self, path: str, query: dict[str, str] | None = None) -> Any | None:
        """The answer; None for 404 (not known), 410 (removed) and 400 (not a number at all)."""
        with unreachable_as(self._unavailable):
            answer = self._http.get(path, params=query)
            if answer.status in (400, 404, 410):
                return None
            if answer.status != 200:
                raise Unreachable(f"status {answer.status}")
            return answer.json()

    def _read(self, body: Any, reader: Callable[[Any], T]) -> T:
        try:
            return reader(body)
        except (KeyError, TypeError, ValueError, AttributeError) as failure:
            raise RegisterUnavailable(f"another shape: {failure!r}", register=self.name) from failure

    def _unavailable(self, failure: Unreachable) -> RegisterUnavailable:
        return RegisterUnavailable(str(failure), register=self.name, retry_after=failure.retry_after)


def _organisation(body: Mapping[str, Any]) -> Organisation:
    form = body.get("organisasjonsform", {})
    address = body.get("forretningsadresse") or body.get("beliggenhetsadresse") or body.get("postadresse")
    winding_up = body.get("underAvvikling") or body.get("underTvangsavviklingEllerTvangsopplosning")
    return Organisation(
        number=body["organisasjonsnummer"],
        name=body["navn"],
        form=form.get("kode", ""),
        form_name=form.get("beskrivelse", ""),
        fetched_at=now(),
        address=_address(address) if address else None,
        employees=body.get("antallAnsatte"),
        deleted_on=_date(body.get("slettedato")),
        is_bankrupt=bool(body.get("konkurs")),
        is_winding_up=bool(winding_up),
        parent=body.get("overordnetEnhet"),
    )


def _address(body: Mapping[str, Any]) -> Address:
    return Address(
        street=", ".join(line for line in body.get("adresse", []) if line),
        postal_code=body.get("postnummer", ""),
        city=body.get("poststed", "").title(),
        municipality_number=body.get("kommunenummer", ""),
        country=body.get("landkode", "NO"),
    )


def _roles(body: Mapping[str, Any], unit: Organisation) -> list[OrganisationRole]:
    held = [role for group in body.get("rollegrupper", []) for role in group["roller"]]
    return [
        _role(role, unit)
        for role in held
        if "person" in role and not (role.get("fratraadt") or role.get("avregistrert"))
    ]


def _role(role: Mapping[str, Any], unit: Organisation) -> OrganisationRole:
    person = role["person"]
    parts = (person.get("navn", {}).get(part) for part in ("fornavn", "mellomnavn", "etternavn"))
    return OrganisationRole(
        organisation_number=unit.number,
        organisation_name=unit.name,
        code=role["type"]["kode"],
        person_name=" ".join(part for part in parts if part),
        birth_date=_date(person.get("fodselsdato")),
    )


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text[:10]) if text else None
