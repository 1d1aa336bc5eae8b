"""The contact and reservation register (KRR). docs.digdir.no/docs/Kontaktregisteret/krr_attributter."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import httpx

from allmenning.connections.http import Http, Tokens, Unreachable, bearer, now, unreachable_as
from allmenning.municipal.people.ports import ContactDetails, RegisterRefused, RegisterUnavailable

SCOPE = "krr:global/kontaktinformasjon.read"
MOST_AT_ONCE = 1_000


class Kontaktregister:
    """Implements ContactRegister. Config: `base_url`, `timeout`."""

    name = "kontaktregister"

    def __init__(
        self, config: Mapping[str, Any], tokens: Tokens, *, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._http = Http(config["base_url"], transport=transport, timeout=config.get("timeout"))
        self._tokens = tokens

    def contact_details(self, identity_numbers: Collection[str]) -> dict[str, ContactDetails]:
        found: dict[str, ContactDetails] = {}
        numbers = list(identity_numbers)
        for start in range(0, len(numbers), MOST_AT_ONCE):
            found |= self._ask(numbers[start : start + MOST_AT_ONCE])
        return found

    def _ask(self, numbers: list[str]) -> dict[str, ContactDetails]:
        with unreachable_as(self._unavailable):
            answer = self._http.post(
                "/rest/v2/personer", json={"personidentifikatorer": numbers}, headers=bearer(self._tokens.token(SCOPE))
            )
            if answer.status != 200:
                raise RegisterRefused(register=self.name, reason=str(answer.status))
            try:
                rows = [row for row in answer.json()["personer"] if row["status"] == "AKTIV"]
                return {row["personidentifikator"]: _details(row) for row in rows}
            except (KeyError, TypeError, AttributeError) as failure:
                raise Unreachable(f"another shape: {type(failure).__name__}") from None

    def _unavailable(self, failure: Unreachable) -> RegisterUnavailable:
        return RegisterUnavailable(str(failure), register=self.name, retry_after=failure.retry_after)


def _details(row: Mapping[str, Any]) -> ContactDetails:
    contact = row.get("kontaktinformasjon") or {}
    return ContactDetails(
        identity_number=row["personidentifikator"],
        fetched_at=now(),
        email=contact.get("epostadresse"),
        mobile=contact.get("mobiltelefonnummer"),
        language=row.get("spraak"),
        is_reserved=row.get("reservasjon") == "JA",
        can_be_notified=row.get("varslingsstatus") == "KAN_VARSLES",
    )
