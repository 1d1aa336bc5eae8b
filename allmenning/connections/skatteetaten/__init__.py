"""Income from the Tax Administration, by the package of rights for kindergarten fees.

skatteetaten.github.io/datasamarbeid-api-dokumentasjon/reference_summertskattegrunnlag. Which amounts are capital income
is our reading of the posts that KS names for the package (1.6, 1.7, 2.1, 2.2, 2.4, 2.8, 3.1); the rest is personal
income.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import httpx

from allmenning.connections.http import Http, Tokens, Unreachable, bearer, now, segment, unreachable_as
from allmenning.municipal.people.ports import (
    Income,
    IncomeNotFound,
    PersonNotFound,
    RegisterRefused,
    RegisterUnavailable,
)

SCOPE = "skatteetaten:summertskattegrunnlag"
PACKAGE = "kommuneforeldrebetaling"
STAGES = ("oppgjoer", "utkast")  # the settlement if there is one, else the draft of the tax return
UNKNOWN_PERSON = "SSG-007"
CAPITAL = {
    "opptjenteRenter",
    "andreInntekter",
    "skattepliktigUtbytteFraAksjer",
    "gevinstVedRealisasjonAvAksje",
    "nettoinntektVedUtleieAvFastEiendom",
    "annenSkattepliktigKapitalinntekt",
}


class Skatteetaten:
    """Implements IncomeRegister. Config: `base_url`, `timeout`."""

    name = "skatteetaten"

    def __init__(
        self, config: Mapping[str, Any], tokens: Tokens, *, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._http = Http(config["base_url"], transport=transport, timeout=config.get("timeout"))
        self._tokens = tokens

    def income(self, identity_number: str, year: int, *, municipality: str) -> Income:
        for stage in STAGES:
            path = f"/api/formueinntekt/summertskattegrunnlag/{stage}/{PACKAGE}/{year}/{segment(identity_number)}"
            with unreachable_as(self._unavailable):
                headers = bearer(self._tokens.token(SCOPE, municipality=municipality))
                answer = self._http.get(path, headers=headers)
                body = answer.json()
                if answer.status == 200:
                    return _read(body, identity_number, year)
            if answer.status != 404:
                raise RegisterRefused(register=self.name, reason=str(body.get("kode", answer.status)))
            if body.get("kode") == UNKNOWN_PERSON:
                raise PersonNotFound
        raise IncomeNotFound

    def _unavailable(self, failure: Unreachable) -> RegisterUnavailable:
        return RegisterUnavailable(str(failure), register=self.name, retry_after=failure.retry_after)


def _read(body: Mapping[str, Any], identity_number: str, year: int) -> Income:
    try:
        rows = [row for row in body["grunnlag"] if "inntekt" in row.get("kategori", ["inntekt"])]
        capital = sum(int(row["beloep"]) for row in rows if row["tekniskNavn"] in CAPITAL)
        settled = body.get("skatteoppgjoersdato")
        return Income(
            identity_number=identity_number,
            year=year,
            personal_ore=100 * (sum(int(row["beloep"]) for row in rows) - capital),
            capital_ore=100 * capital,
            fetched_at=now(),
            is_settled=settled is not None,
            settled_on=date.fromisoformat(settled) if settled else None,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as failure:
        # The failure's text may hold amounts.
        raise Unreachable(f"another shape: {type(failure).__name__}") from None
