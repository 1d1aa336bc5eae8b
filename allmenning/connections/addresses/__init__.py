"""Kartverket's official addresses, open to everybody. ws.geonorge.no/adresser/v1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from allmenning.connections.http import Http, Unreachable, unreachable_as
from allmenning.municipal.people.ports import Address, FoundAddress, RegisterUnavailable

MOST = 100


class Addresses:
    """Implements AddressRegister. Config: `base_url`, `timeout`."""

    name = "addresses"

    def __init__(self, config: Mapping[str, Any], *, transport: httpx.BaseTransport | None = None) -> None:
        self._http = Http(config["base_url"], transport=transport, timeout=config.get("timeout"))

    def search(self, text: str, *, municipality_number: str | None = None, limit: int = 10) -> list[FoundAddress]:
        if not text.strip():
            return []
        query = {"sok": text, "treffPerSide": str(min(limit, MOST)), "asciiKompatibel": "false"}
        query |= {"kommunenummer": municipality_number} if municipality_number else {}
        return self._ask("/v1/sok", query)

    def near(self, latitude: float, longitude: float, *, radius_metres: int, limit: int = 10) -> list[FoundAddress]:
        query = {"lat": str(latitude), "lon": str(longitude), "radius": str(radius_metres)}
        return self._ask("/v1/punktsok", {**query, "treffPerSide": str(min(limit, MOST)), "asciiKompatibel": "false"})

    def _ask(self, path: str, query: dict[str, str]) -> list[FoundAddress]:
        with unreachable_as(self._unavailable):
            answer = self._http.get(path, params=query)
            if answer.status == 400:  # a search that it can't make sense of finds nothing
                return []
            if answer.status != 200:
                raise Unreachable(f"status {answer.status}")
            try:
                return [_found(row) for row in answer.json()["adresser"]]
            except (KeyError, TypeError, AttributeError) as failure:
                raise Unreachable(f"another shape: {type(failure).__name__}") from None

    def _unavailable(self, failure: Unreachable) -> RegisterUnavailable:
        return RegisterUnavailable(str(failure), register=self.name, retry_after=failure.retry_after)


def _found(row: Mapping[str, Any]) -> FoundAddress:
    point = row.get("representasjonspunkt") or {}
    address = Address(
        street=row["adressetekst"],
        postal_code=row.get("postnummer", ""),
        city=row.get("poststed", "").title(),
        municipality_number=row.get("kommunenummer", ""),
    )
    return FoundAddress(
        address=address,
        latitude=point.get("lat"),
        longitude=point.get("lon"),
        cadastral=f"{row.get('gardsnummer', '')}/{row.get('bruksnummer', '')}".strip("/"),
        metres_away=row.get("meterDistanseTilPunkt"),
    )
