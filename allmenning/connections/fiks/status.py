"""What the applicant sees at nav.no: `digisos-soker.json` 1.3.0, the whole history each time.

developers.fiks.ks.no/tjenester/digisos. Confirmed by the schemas: events, states and required fields, and by Nav's text that MOTTATT is
always among them; by KS's text: that every update replaces the whole, that files are handed over first, encrypted to the key of the
document store, and where. Confirmed by Nav's own published client, not by a description: the address of an update and the object
around it. Assumed: that an answered request for documents is told as one with none left, and that what is forwarded or withdrawn
is BEHANDLES_IKKE.

Conditions are `vilkar` and payments `utbetaling`, each by its series, so that a new version takes the place of the one before. When
the money was paid is the day that a caseworker gave with that state. `rammevedtak` is not used: a decision here is by payment, and no
amount is granted as a frame.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from cryptography import x509

from allmenning.basics import dates
from allmenning.connections.http import Http, Tokens, Unreachable, bearer, unreachable_as
from allmenning.municipal.post.ports import HandedFile, Happening, SystemRefused, SystemsUnavailable

from . import cms, contracts
from .application import moment

SCOPE = "ks:fiks"
VERSION = "1.3.0"
SENDER = {"systemnavn": "Allmenning", "systemversjon": "1"}
# By the outcome's id; an outcome that is not here is told without saying how it went.
RESULTS = {
    "granted": "INNVILGET",
    "partly": "DELVIS_INNVILGET",
    "refused": "AVSLATT",
    "emergency-help": "INNVILGET",
    "emergency-refused": "AVSLATT",
}
STATES = {
    "received": "MOTTATT",
    "handling": "UNDER_BEHANDLING",
    "done": "FERDIGBEHANDLET",
    "not-handled": "BEHANDLES_IKKE",
}
WANTED = "Opplysninger"
CONDITION, PAYMENTS = "condition", "payments"  # the kind that is a condition, and how a kind of payments is shown
# By the state of a record. The format has outdated words for whether a condition was met, which it reads as RELEVANT.
CONDITIONS = {"dropped": "ANNULLERT"}
PAYMENT_STATES = {
    "planned": "PLANLAGT_UTBETALING",
    "paid": "UTBETALT",
    "stopped": "STOPPET",
    "cancelled": "ANNULLERT",
}


class FiksStatus:
    """Implements OutsideStatus.

    Config: `base_url`, `schemas`, `integrations` (municipality id -> {"id", "password", "organisation", "office"}: the id of the Fiks
    organisation, and the Nav office's number), `timeout`.
    """

    name = "fiks-digisos"

    def __init__(
        self, config: Mapping[str, Any], tokens: Tokens, *, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._http = Http(config["base_url"], transport=transport, timeout=config.get("timeout"))
        self._tokens, self._integrations = tokens, config["integrations"]
        self._schemas = contracts.Schemas(Path(config["schemas"]))

    def tells(self, kind: str, shows: str) -> bool:
        return kind == CONDITION or shows == PAYMENTS

    def hand_over(self, municipality: str, case: UUID, file: HandedFile) -> UUID:
        with unreachable_as(self._unavailable):
            headers = self._headers(municipality)
            sealed = cms.sealed(file.content, self._public_key(headers))
            about = {"filnavn": file.name, "mimetype": file.media_type, "storrelse": len(sealed)}
            parts = [
                ("metadata", ("", json.dumps(about, ensure_ascii=False), "application/json")),
                ("files", (file.name, sealed, "application/octet-stream")),
            ]
            answer = self._http.post(f"{self._case(municipality, case)}/filer", files=parts, headers=headers)
            self._require(answer.status)
            try:
                return UUID(answer.json()[0]["dokumentlagerDokumentId"])
            except (KeyError, IndexError, TypeError, ValueError) as failure:
                raise Unreachable(f"another shape: {type(failure).__name__}") from None

    def replace(self, municipality: str, case: UUID, history: Sequence[Happening]) -> None:
        document = to_document(history, self._integrations[municipality].get("office", ""))
        self._schemas.check(contracts.STATUS, document)
        with unreachable_as(self._unavailable):
            body = {"sak": {"soker": document}, "type": ""}
            answer = self._http.post(self._case(municipality, case), json=body, headers=self._headers(municipality))
            self._require(answer.status)

    def _public_key(self, headers: Mapping[str, str]) -> x509.Certificate:
        answer = self._http.get("/digisos/api/v1/dokumentlager-public-key", headers=headers)
        self._require(answer.status)
        try:
            return x509.load_der_x509_certificate(answer.content)
        except ValueError as failure:
            raise Unreachable("another shape: no certificate") from failure

    def _case(self, municipality: str, case: UUID) -> str:
        return f"/digisos/api/v1/{self._integrations[municipality]['organisation']}/{case}"

    def _headers(self, municipality: str) -> dict[str, str]:
        held = self._integrations[municipality]
        secret = {"IntegrasjonId": held["id"], "IntegrasjonPassord": held["password"]}
        return {**bearer(self._tokens.token(SCOPE, municipality=municipality)), **secret}

    def _require(self, status: int) -> None:
        if status not in (200, 202):
            raise SystemRefused(system=self.name, reason=str(status))

    def _unavailable(self, failure: Unreachable) -> SystemsUnavailable:
        return SystemsUnavailable(str(failure), system=self.name, retry_after=failure.retry_after)


def to_document(history: Sequence[Happening], office: str = "") -> dict[str, Any]:
    """The whole history as the format wants it. `office`: the number of the Nav office, four digits."""
    events: list[dict[str, Any]] = []
    for each in history:
        at = {"hendelsestidspunkt": moment(each.at)}
        events += [event | at for event in _events(each, office)]
    return {"version": VERSION, "avsender": SENDER, "hendelser": events}


def _events(happening: Happening, office: str) -> Iterator[dict[str, Any]]:
    if happening.kind in STATES:
        yield {"type": "soknadsStatus", "status": STATES[happening.kind]}
    if happening.kind == "received" and office:
        yield {"type": "tildeltNavKontor", "navKontor": office}
    if happening.kind in ("handling", "decision"):
        case = {"referanse": happening.subject, "tittel": happening.title, "status": "UNDER_BEHANDLING"}
        yield {"type": "saksStatus", **case}
    if happening.kind == "decision" and happening.file:
        result = RESULTS.get(happening.outcome)
        yield {
            "type": "vedtakFattet",
            "saksreferanse": happening.subject,
            **({"utfall": result} if result else {}),
            "vedtaksfil": {"referanse": _file(happening.file)},
            "vedlegg": [],
        }
    if happening.kind == "asked" and happening.due:
        letter = {"forvaltningsbrev": {"referanse": _file(happening.file)}} if happening.file else {}
        last_moment = datetime.combine(happening.due, time(23, 59, 59), dates.OSLO)
        wanted = {
            "dokumenttype": WANTED,
            "innsendelsesfrist": moment(last_moment),
            "dokumentreferanse": happening.subject,
        }
        yield {"type": "dokumentasjonEtterspurt", **letter, "vedlegg": [], "dokumenter": [wanted]}
    if happening.kind == "answered":
        yield {"type": "dokumentasjonEtterspurt", "vedlegg": [], "dokumenter": []}
    if happening.kind == "kept" and happening.kept:
        yield _payment(happening) if happening.kept.shows == PAYMENTS else _condition(happening)
    if happening.kind == "preliminary-reply" and happening.file:
        yield {"type": "forelopigSvar", "forvaltningsbrev": {"referanse": _file(happening.file)}, "vedlegg": []}


def _condition(happening: Happening) -> dict[str, Any]:
    kept = happening.kept
    assert kept is not None
    period = [
        f"{word} {dates.format_date(day, 'nb')}" for word, day in (("Fra", kept.starts), ("til", kept.ends)) if day
    ]
    consequence = kept.words.get("consequence")
    told = [f"{' '.join(period)}." if period else "", f"Hvis det ikke blir gjort: {consequence}" if consequence else ""]
    return {
        "type": "vilkar",
        "vilkarreferanse": kept.reference,
        "saksreferanse": happening.subject,
        "tittel": kept.words.get("what", ""),
        "beskrivelse": "\n".join(filter(None, told)),
        "status": CONDITIONS.get(kept.status, "RELEVANT"),
    }


def _payment(happening: Happening) -> dict[str, Any]:
    """To somebody else than the applicant: their name, and never their account."""
    kept = happening.kept
    assert kept is not None
    answers, receiver = kept.answers, str(kept.answers.get("receiver", ""))
    is_other = " ".join(receiver.split()).casefold() != " ".join(kept.applicant.split()).casefold()
    ore = answers.get("amount_ore")
    told = {
        "status": PAYMENT_STATES.get(kept.status),
        "belop": None if ore is None else ore // 100 if ore % 100 == 0 else ore / 100,
        "beskrivelse": kept.words.get("for"),
        "forfallsdato": kept.due_on.isoformat() if kept.due_on else None,
        "utbetalingsdato": kept.ends.isoformat() if kept.status == "paid" and kept.ends else None,
        "fom": answers.get("period_from"),
        "tom": answers.get("period_to"),
        "annenMottaker": is_other,
        "mottaker": receiver,
        "kontonummer": None if is_other else answers.get("account"),
    }
    return {
        "type": "utbetaling",
        "utbetalingsreferanse": kept.reference,
        "saksreferanse": happening.subject,
        **{name: value for name, value in told.items() if value not in (None, "")},
    }


def _file(id: UUID) -> dict[str, str]:
    return {"type": "dokumentlager", "id": str(id)}
