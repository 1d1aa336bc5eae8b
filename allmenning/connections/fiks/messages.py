"""Messages over Fiks IO: fetched from an account, opened, and answered as their protocol says.

developers.fiks.ks.no/tjenester/fiksprotokoll/fiksio, …/bekymringsmelding, …/digisos.

Confirmed by KS's text: sending (`POST /fiks-io/api/v1/send`), the properties of a message, that every message is taken off its
queue also when it fails, and after it is kept; that the same `klientMeldingId` is the same message sent again; the types and
files of the two protocols, and that social services' applications have no answer for failure (Fiks then sends them by SvarUt).

Assumed: the addresses for fetching. Fiks IO delivers by AMQP 0-9-1, and this project has no client for that: the same messages with
the same properties are fetched by HTTP here, from the sandbox, or from a bridge that an operator runs. Also assumed: the
catalogue's address for a public key, the name of the file with metadata over Fiks IO (it is SvarUt's here), and the type of
an appeal.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from allmenning.connections.http import Http, Tokens, TooLarge, Unreachable, bearer, segment, unreachable_as
from allmenning.municipal.post.ports import (
    Box,
    MessageUnreadable,
    Read,
    SentFile,
    SystemRefused,
    SystemsUnavailable,
    Waiting,
)

from . import application, concern, container, contracts

SCOPE = "ks:fiks"
NOTICES = ("no.ks.fiks.kvittering.tidsavbrudd", "no.ks.fiks.kvittering.serverfeil.v1")
APPLICATION, MORE = "no.nav.digisos.soknad.v1", "no.nav.digisos.ettersendelse.v1"
APPEAL = "no.nav.digisos.klage.v1"
APPLICATION_JSON, ATTACHMENTS_JSON, APPEAL_JSON = "soknad.json", "vedlegg.json", "klage.json"
METADATA_JSON, FAILURE_JSON = "forsendelseMetadata.json", "feilmelding.json"
# Which answers a message gets: when it is taken, and when it is not (none: the sender finds another way by itself).
ANSWERS = {
    concern.PRIVATE: (concern.RECEIVED, concern.FAILED),
    concern.PUBLIC: (concern.RECEIVED, concern.FAILED),
    APPLICATION: ("no.nav.digisos.soknad.mottatt.v1", ""),
    MORE: ("no.nav.digisos.ettersendelse.mottatt.v1", ""),
    APPEAL: ("no.nav.digisos.klage.mottatt.v1", ""),
}
CONTRACTS = {
    "bekymringsmelding-v2": (concern.PRIVATE, concern.PUBLIC),
    "sosialhjelp": (APPLICATION, MORE, APPEAL),
}
# What the sender is told of a message that can't be taken; nothing of what it holds.
SENTENCES = {
    "envelope": "Meldingen kunne ikke dekrypteres med noen av kontoens nøkler.",
    "container": "Innholdet er ikke en gyldig ASiC-E-pakke.",
    "signature": "Signaturen i pakken er ikke gyldig, eller er ikke fra en kjent utsteder.",
    "size": "Meldingen er for stor.",
    "contents": "Pakken mangler filen som skal være med.",
    "schema": "JSON-filen er ikke gyldig etter skjemaet.",
    "kind": "Kontoen tar ikke imot denne meldingstypen.",
    "place": "Meldingen gjelder en annen kommune.",
    "applicant": "Personidentifikatoren er ikke gyldig.",
    "not-followed": "Meldingen gjelder en søknad som ikke er mottatt her.",
    "not-offered": "Kommunen tar ikke imot dette gjennom denne kontoen.",
    "another-area": "Meldingen er sendt til en annen konto før.",
    "closed": "Saken er avsluttet og tar ikke imot mer.",
}
OTHERWISE = "Meldingen kunne ikke tas imot."
MOST_BYTES = 80_000_000  # of one answer; a container has limits of its own
MOST_JSON = 5_000_000
AT_A_TIME = 50  # messages of one account
PDF = "application/pdf"


@dataclass(frozen=True)
class _Account:
    contract: str
    service: str


class FiksMessages:
    """Implements SystemMessages.

    Config: `base_url`, `integrations` (municipality id -> {"id", "password"}), `boxes` (municipality id -> list of {"account",
    "contract", "service"}), `schemas` (folder with the publishers' files), `issuers` (certificates, PEM, of those whose signatures
    are trusted), `signing` ({"certificate", "private_key"}, PEM, for answers), `timeout`.
    """

    name = "fiks-io"

    def __init__(
        self, config: Mapping[str, Any], tokens: Tokens, *, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._http = Http(config["base_url"], transport=transport, timeout=config.get("timeout"), most_bytes=MOST_BYTES)
        self._tokens, self._integrations = tokens, config["integrations"]
        self._boxes = config["boxes"]
        self._contracts = {each["account"]: each["contract"] for boxes in self._boxes.values() for each in boxes}
        self._schemas = contracts.Schemas(Path(config["schemas"]))
        self._issuers = [x509.load_pem_x509_certificate(each.encode()) for each in config["issuers"]]
        self._signing = config["signing"]

    def boxes(self, municipality: str) -> Sequence[Box]:
        return [Box(each["account"], each["service"]) for each in self._boxes.get(municipality, [])]

    def waiting(self, municipality: str, box: Box) -> Sequence[Waiting]:
        with unreachable_as(self._unavailable):
            answer = self._http.get(_queue(box.key), headers=self._headers(municipality))
            self._require(answer.status)
            return [_told(each) for each in _listed(answer.json())[:AT_A_TIME]]

    def content(self, municipality: str, box: Box, waiting: Waiting) -> bytes:
        with unreachable_as(self._unavailable):
            try:
                answer = self._http.get(f"{_queue(box.key)}/{waiting.id}", headers=self._headers(municipality))
            except TooLarge:
                raise MessageUnreadable(reason="size") from None
            self._require(answer.status)
            return answer.content

    def is_notice(self, kind: str) -> bool:
        return kind in NOTICES

    def read(self, box: Box, waiting: Waiting, content: bytes, keys: Sequence[bytes]) -> Read:
        contract = self._contracts[box.key]
        if waiting.kind not in CONTRACTS[contract]:
            raise MessageUnreadable(reason="kind")
        try:
            files = container.opened(content, [_private(key) for key in keys], self._issuers).files
        except container.Unreadable as error:
            raise MessageUnreadable(reason=error.reason) from None
        return READERS[waiting.kind](files, waiting.kind, self._schemas)

    def answer(
        self, municipality: str, box: str, message: UUID, kind: str, sender: UUID | None, *, reason: str = ""
    ) -> None:
        received, failed = ANSWERS.get(kind, ("", ""))
        said = failed if reason else received
        if not said or sender is None:
            return
        metadata = {
            "klientMeldingId": str(uuid5(message, said)),
            "meldingType": said,
            "avsenderKontoId": box,
            "mottakerKontoId": str(sender),
            "svarPaMelding": str(message),
            "headere": {},
        }
        with unreachable_as(self._unavailable):
            headers = self._headers(municipality)
            parts: dict[str, Any] = {"metadata": ("", json.dumps(metadata, sort_keys=True), "application/json")}
            if reason:
                failure = {"melding": SENTENCES.get(reason, OTHERWISE)}
                self._schemas.check(contracts.FAILURE, failure)
                body = self._packed({FAILURE_JSON: json.dumps(failure, ensure_ascii=False).encode()}, sender, headers)
                parts["data"] = ("asice.zip", body, "application/octet-stream")
            self._require(self._http.post("/fiks-io/api/v1/send", files=parts, headers=headers).status)

    def take_away(self, municipality: str, box: Box, waiting: Waiting) -> None:
        with unreachable_as(self._unavailable):
            path = f"{_queue(box.key)}/{waiting.id}"
            status = self._http.request("DELETE", path, headers=self._headers(municipality)).status
            if status != 404:  # somebody else was first
                self._require(status)

    def _packed(self, files: Mapping[str, bytes], to: UUID, headers: Mapping[str, str]) -> bytes:
        answer = self._http.get(f"/fiks-io/katalog/api/v1/kontoer/{to}/offentligNokkel", headers=headers)
        self._require(answer.status)
        try:
            receiver = x509.load_pem_x509_certificate(answer.json()["nokkel"].encode())
        except (KeyError, TypeError, ValueError, AttributeError) as failure:
            raise Unreachable(f"another shape: {type(failure).__name__}") from None
        signer = x509.load_pem_x509_certificate(self._signing["certificate"].encode())
        return container.made(files, signer, _private(self._signing["private_key"].encode()), receiver)

    def _headers(self, municipality: str) -> dict[str, str]:
        held = self._integrations[municipality]
        secret = {"IntegrasjonId": held["id"], "IntegrasjonPassord": held["password"]}
        return {**bearer(self._tokens.token(SCOPE, municipality=municipality)), **secret}

    def _require(self, status: int) -> None:
        if status not in (200, 202, 204):
            raise SystemRefused(system=self.name, reason=str(status))

    def _unavailable(self, failure: Unreachable) -> SystemsUnavailable:
        return SystemsUnavailable(str(failure), system=self.name, retry_after=failure.retry_after)


def _queue(account: str) -> str:
    return f"/fiks-io/api/v1/kontoer/{segment(account)}/meldinger"


def _told(properties: Mapping[str, Any]) -> Waiting:
    """A message by its properties. A report of concern has an id of its own, that is the same however it is sent."""
    try:
        own = properties.get("headere") or {}
        sent_as = str(own.get("bekymringsmelding-id") or properties.get("klientMeldingId") or "")
        kind, sender = str(properties["meldingType"])[:120], UUID(properties["avsenderKontoId"])
        return Waiting(UUID(properties["meldingId"]), kind, sender, sent_as)
    except (KeyError, TypeError, ValueError, AttributeError) as failure:
        raise Unreachable(f"another shape: {type(failure).__name__}") from None


def _listed(body: Any) -> list[Mapping[str, Any]]:
    if not isinstance(body, list):
        raise Unreachable("another shape")
    return body


def _private(pem: bytes) -> RSAPrivateKey:
    key = serialization.load_pem_private_key(pem, password=None)
    assert isinstance(key, RSAPrivateKey)
    return key


Files = Mapping[str, bytes]


def _read_concern(files: Files, kind: str, schemas: contracts.Schemas) -> Read:
    message = _json(files, concern.JSON_FILE, concern.SCHEMAS[kind], schemas)
    sent = concern.sender(message)
    return Read(
        "submission",
        place=message["kommunenummer"],
        data=concern.from_message(message),
        name=sent.name,
        sent_at=sent.at,
        files=[_original(files, concern.JSON_FILE), *_others(files, {concern.JSON_FILE})],
        unasked=concern.UNASKED,
    )


def _read_application(files: Files, kind: str, schemas: contracts.Schemas) -> Read:
    message = _json(files, APPLICATION_JSON, contracts.APPLICATION, schemas)
    listed = _json(files, ATTACHMENTS_JSON, contracts.ATTACHMENTS, schemas)
    data = application.from_message(message)
    if application.was_sent_before(listed):
        data["documents_sent_before"] = True
    number, name = application.applicant(message)
    follows, reference = _metadata(files)
    return Read(
        "submission",
        place=str(message["mottaker"].get("kommunenummer", "")),
        data=data,
        number=number,
        name=name,
        sent_at=application.sent_at(message),
        files=[
            _original(files, APPLICATION_JSON),
            _original(files, ATTACHMENTS_JSON),
            *_attached(files, listed, {APPLICATION_JSON, ATTACHMENTS_JSON, METADATA_JSON}),
        ],
        unasked=application.UNASKED,
        unavailable=application.unavailable(message),
        remarks=tuple(application.remarks(message)),
        follows=follows,
        reference=reference,
    )


def _read_more(files: Files, kind: str, schemas: contracts.Schemas) -> Read:
    listed = _json(files, ATTACHMENTS_JSON, contracts.ATTACHMENTS, schemas)
    follows, reference = _metadata(files)
    return Read(
        "more",
        files=[
            _original(files, ATTACHMENTS_JSON),
            *_attached(files, listed, {ATTACHMENTS_JSON, METADATA_JSON}),
        ],
        text="\n".join(sorted({each.about for each in application.attachments(listed) if each.about})),
        follows=follows,
        reference=reference,
    )


def _read_appeal(files: Files, kind: str, schemas: contracts.Schemas) -> Read:
    message = _json(files, APPEAL_JSON, contracts.APPEAL, schemas)
    told = application.appeal(message)
    number, name = application.applicant(message)
    try:
        follows = UUID(told.application)
    except ValueError:
        raise MessageUnreadable(reason="not-followed") from None
    return Read(
        "appeal",
        place=str(message["mottaker"].get("kommunenummer", "")),
        number=number,
        name=name,
        sent_at=application.sent_at(message),
        files=[_original(files, APPEAL_JSON), *_others(files, {APPEAL_JSON, METADATA_JSON})],
        text=told.text,
        follows=follows,
        reference=told.id,
    )


READERS: dict[str, Callable[[Files, str, contracts.Schemas], Read]] = {
    concern.PRIVATE: _read_concern,
    concern.PUBLIC: _read_concern,
    APPLICATION: _read_application,
    MORE: _read_more,
    APPEAL: _read_appeal,
}


def _json(files: Files, name: str, schema: str, schemas: contracts.Schemas) -> dict[str, Any]:
    document = _object(files, name)
    try:
        schemas.check(schema, document)
    except contracts.NotAsPublished:
        raise MessageUnreadable(reason="schema") from None
    return document


def _object(files: Files, name: str) -> dict[str, Any]:
    content = files.get(name)
    if content is None:
        raise MessageUnreadable(reason="contents")
    try:
        document = json.loads(content.decode("utf-8-sig")) if len(content) <= MOST_JSON else None
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise MessageUnreadable(reason="schema")
    return document


def _metadata(files: Files) -> tuple[UUID, str]:
    """The application's id in Fiks Digisos, and Nav's reference."""
    told = _object(files, METADATA_JSON)
    try:
        return UUID(str(told["digisosId"])), str(told.get("eksternRef", ""))[:60]
    except (KeyError, ValueError):
        raise MessageUnreadable(reason="schema") from None


def _original(files: Files, name: str) -> SentFile:
    return SentFile(name, "application/json", files[name], is_original=True)


def _others(files: Files, but_not: set[str], fields: Mapping[str, str] | None = None) -> list[SentFile]:
    return [
        SentFile(
            name, PDF if name.endswith(".pdf") else "application/octet-stream", content, (fields or {}).get(name, "")
        )
        for name, content in files.items()
        if name not in but_not
    ]


def _attached(files: Files, listed: Mapping[str, Any], but_not: set[str]) -> list[SentFile]:
    """The files beside the data, each by the question that `vedlegg.json` says it answers."""
    fields = {each.name: each.field for each in application.attachments(listed)}
    return _others(files, but_not, fields)
