"""Whom a person may act for, from Altinn.

docs.altinn.studio/authorization/guides/resource-owner/integrating-link-service
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from allmenning.connections.http import Http, Tokens, Unreachable, bearer, unreachable_as
from allmenning.municipal.people.ports import OrganisationRole, RegisterRefused, RegisterUnavailable

SCOPE = "altinn:accessmanagement/authorizedparties.resourceowner"
PERSON = "urn:altinn:person:identifier-no"


class Altinn:
    """Implements Representation. Config: `base_url`, `subscription_key` (of the API product), `timeout`."""

    name = "altinn"

    def __init__(
        self, config: Mapping[str, Any], tokens: Tokens, *, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._http = Http(config["base_url"], transport=transport, timeout=config.get("timeout"))
        self._tokens, self._subscription = tokens, config.get("subscription_key", "")

    def roles_of(self, identity_number: str) -> list[OrganisationRole]:
        with unreachable_as(self._unavailable):
            answer = self._http.post(
                "/accessmanagement/api/v1/resourceowner/authorizedparties",
                json={"type": PERSON, "value": identity_number},
                headers=bearer(self._altinn_token()) | {"Ocp-Apim-Subscription-Key": self._subscription},
            )
            if answer.status == 400:  # Altinn's answer for a person whom it does not know
                return []
            self._refuse_unless(answer.status)
            try:
                return [role for party in answer.json() for role in _roles(party)]
            except (KeyError, TypeError, AttributeError) as failure:
                raise Unreachable(f"another shape: {type(failure).__name__}") from None

    def _altinn_token(self) -> str:
        """Altinn takes its own token alone, exchanged for Maskinporten's."""
        answer = self._http.get(
            "/authentication/api/v1/exchange/maskinporten", headers=bearer(self._tokens.token(SCOPE))
        )
        self._refuse_unless(answer.status)
        return answer.content.decode().strip().strip('"')

    def _refuse_unless(self, status: int) -> None:
        if status != 200:
            raise RegisterRefused(register=self.name, reason=str(status))

    def _unavailable(self, failure: Unreachable) -> RegisterUnavailable:
        return RegisterUnavailable(str(failure), register=self.name, retry_after=failure.retry_after)


def _roles(party: Mapping[str, Any]) -> list[OrganisationRole]:
    """The roles in a party and below it. A party that is there only to show the hierarchy gives none of its own."""
    below = [role for one in party.get("subunits") or [] for role in _roles(one)]
    number = party.get("organizationNumber")
    if not number or party.get("isDeleted") or party.get("onlyHierarchyElementWithNoAccess"):
        return below
    codes = party.get("authorizedRoles") or []
    return [OrganisationRole(number, party.get("name", ""), code) for code in codes] + below
