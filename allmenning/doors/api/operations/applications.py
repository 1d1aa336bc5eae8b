"""Sending an application, and asking first whether anything is wrong with it."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson
from django.utils.translation import gettext as _

from allmenning import vault
from allmenning.basics.errors import AllmenningError
from allmenning.commons.catalogue import queries as catalogue
from allmenning.commons.identity.client_tokens import Client
from allmenning.journeys.applying_at_once import Application, AtOnce, Incoming, apply_at_once, examine
from allmenning.journeys.errors import KeyReused, NotAccepted, Wrong
from allmenning.journeys.following import actor_of, may
from allmenning.journeys.registering import Applicant
from allmenning.municipal.access.relations import NewCase
from allmenning.tenancy import use
from allmenning.web.said import said

from ..answering import Answer, Call, answers
from ..problems import Problem


@answers("submitApplication")
def submit(call: Call) -> Answer:
    """Register an application as a case."""
    area = area_of(call.by, call.body["service"])
    application = _application(call.by, area, call.body, call.parameters["Idempotency-Key"])
    try:
        with use(call.by.municipality, area):
            sent = apply_at_once(application, actor_of(call.by))
    except NotAccepted as error:
        raise Problem(422, type="not-accepted", detail=said(error), errors=_told(error.wrong)) from None
    except KeyReused as error:
        raise Problem(422, type="idempotency-key-reused", title=_("Used before"), detail=said(error)) from None
    return _receipt(sent)


@answers("validateApplication")
def validate(call: Call) -> Answer:
    """Whether an application would be accepted, and everything that is wrong with it. Nothing is kept."""
    service = call.parameters["service"]
    area = area_of(call.by, service)
    application = _application(call.by, area, {**call.body, "service": service}, key="")
    with use(call.by.municipality, area):
        try:
            examined = examine(application)
        except NotAccepted as error:
            return Answer({"valid": False, "errors": _told(error.wrong), "not_asked": []})
    return Answer({"valid": True, "errors": [], "not_asked": not_asked(call.body["answers"], examined.answers)})


def not_asked(given: Mapping[str, Any], kept: Mapping[str, Any]) -> list[str]:
    """Answers to questions that the other answers make the form leave out: they are not kept. By JSON pointer."""
    return [f"/answers/{name}" for name in given if name not in kept]


PURPOSE = "application"


def area_of(client: Client, service: str) -> str:
    """The area of a service that the client has to do with. Raises UnknownService, and Problem 404 when it is not for it."""
    area = catalogue.published(service).area
    if not may(client, "submit", NewCase(area, service), PURPOSE):
        raise Problem(404)
    return area


def _application(client: Client, area: str, sent: Mapping[str, Any], key: str) -> Application:
    applicant = sent["applicant"]
    return Application(
        id=submission_id(client, key),
        service=sent["service"],
        version=sent.get("version"),
        language=sent.get("language", "nb"),
        applicant=Applicant(applicant["kind"], applicant["number"], applicant["name"]),
        submitted_by=sent.get("submitted_by") or client.name,
        answers=sent["answers"],
        files=files_of(sent.get("attachments", [])),
        digest=_digest(client, area, sent),
    )


def submission_id(client: Client, key: str) -> UUID:
    """The id of what a client sends with an idempotency key: an HMAC of both (UUID version 8, RFC 9562)."""
    mac = vault.blind_index(client.municipality, "municipality", "idempotency-key", f"{client.id}:{key}")
    value = int.from_bytes(mac[:16], "big") & ~(0xF << 76) & ~(0x3 << 62)
    return UUID(int=value | (8 << 76) | (2 << 62))


def _digest(client: Client, area: str, sent: Any) -> bytes:
    """What tells another application with the same key, and nothing to who holds only the database."""
    canonical = orjson.dumps(sent, option=orjson.OPT_SORT_KEYS)
    return vault.blind_index(client.municipality, area, "application", hashlib.sha256(canonical).hexdigest())


def files_of(attachments: list[dict[str, str]]) -> list[Incoming]:
    """The files as bytes. Raises Problem 422 for what is not base64."""
    files, errors = [], []
    for number, each in enumerate(attachments):
        try:
            content = base64.b64decode(each["content"], validate=True)
        except (ValueError, binascii.Error):
            detail = _("It is not base64 (RFC 4648, section 4).")
            errors.append({"pointer": f"/attachments/{number}/content", "detail": detail, "code": "base64"})
            continue
        files.append(Incoming(each["field"], each["name"], each["media_type"], content))
    if errors:
        raise Problem(422, errors=errors)
    return files


def _told(wrong: Sequence[Wrong]) -> list[dict[str, str]]:
    return [{"pointer": each.pointer, "detail": _said(each.message), "code": each.code} for each in wrong]


def _said(message: str | AllmenningError) -> str:
    return said(message) if isinstance(message, AllmenningError) else message


def _receipt(sent: AtOnce) -> Answer:
    receipt = sent.receipt
    address = f"/api/v1/cases/{receipt.case_id}"
    return Answer(
        {
            "case_id": str(receipt.case_id),
            "case_number": receipt.case_number,
            "received_at": receipt.submitted_at.isoformat(),
            "status": address,
            "documents": f"{address}/documents",
        },
        status=201,
        headers={"Location": address, **({"Idempotent-Replayed": "true"} if sent.replayed else {})},
    )
