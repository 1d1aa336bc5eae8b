"""KS Fiks as a sender and a follower: reports of concern and applications from nav.no, their answers, and what nav.no would show.

Follows developers.fiks.ks.no/tjenester/fiksprotokoll/fiksio, …/bekymringsmelding and …/digisos. Fiks IO delivers by AMQP; here the
same messages, with the same properties, wait to be fetched by HTTP: that part is ours. The states of a report of concern
(AKSEPTERT, SENDT_FAGSYSTEM, AVVIST_FAGSYSTEM, SENDT_PRINT, LEVERT) are those of its status service.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4, uuid5

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import path

from allmenning.connections.fiks import cms, container
from allmenning.connections.fiks.messages import ANSWERS, CONTRACTS
from demo.people import PLACES, Staff, world

from .app import Refusal, Request
from .fiks_examples import EXAMPLES, Example, resident
from .folkeregister import PASSWORD, integration_id
from .pages import language_of, page
from .standards import schemas
from .state import write_private
from .tokens import bearer

_NAMES = UUID("0e0ad5a4-5f0e-5b9b-8b0e-4d6f1c3a7e21")
PARTIES = ("issuer", "sender", "municipality", "document-store")
AREAS = ("child-welfare", "social-services")  # whose staff meet what is sent here
MOST_KEPT = 200
MOST_WORDS = 5_000


def account(place: str, contract: str) -> str:
    """The Fiks IO account of a municipality for a contract."""
    return str(uuid5(_NAMES, f"{place}/{contract}"))


def organisation(place: str) -> str:
    """The id of a municipality's Fiks organisation."""
    return str(uuid5(_NAMES, place))


SENDER = str(uuid5(_NAMES, "sender"))
ACCOUNTS = {account(place, contract): (place, contract) for place in PLACES for contract in CONTRACTS}


@cache
def party(folder: Path, name: str) -> tuple[rsa.RSAPrivateKey, x509.Certificate]:
    """A key and its certificate, made once in the sandbox's folder: `issuer` issues the others'."""
    file = folder / "fiks" / f"{name}.pem"
    if file.exists():
        text = file.read_bytes()
        key = serialization.load_pem_private_key(text, None)
        assert isinstance(key, rsa.RSAPrivateKey)
        return key, x509.load_pem_x509_certificate(text)
    issued_by = None if name == "issuer" else party(folder, "issuer")
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Sandbox {name}")])
    issuer_key, issuer = (issued_by[0], issued_by[1].subject) if issued_by else (key, subject)
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=name == "issuer", path_length=None), critical=True)
        .sign(issuer_key, hashes.SHA256())
    )
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_private(file, key_pem(key) + certificate_pem(certificate))
    return key, certificate


def key_pem(key: rsa.RSAPrivateKey) -> str:
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, *form).decode()


def certificate_pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


# --- what the platform calls ---


def waiting(request: Request, konto: str) -> HttpResponse:
    """The properties of what waits for an account."""
    _authenticate(request)
    return JsonResponse([each["properties"] for each in _queue(request, konto)], safe=False)


def message(request: Request, konto: str, id: str) -> HttpResponse:
    """GET the content of a message; DELETE takes it off the queue (ack)."""
    _authenticate(request)
    found = next((each for each in _queue(request, konto) if each["properties"]["meldingId"] == id), None)
    if found is None:
        raise Http404
    if request.method == "DELETE":
        with request.state.lock:
            found["waits"] = False
            request.state.save()
        return HttpResponse(status=204)
    return HttpResponse(base64.b64decode(found["content"]), content_type="application/octet-stream")


def send(request: Request) -> HttpResponse:
    """Take an answer from the platform. The same `klientMeldingId` again is the same answer."""
    _authenticate(request)
    metadata = _part(request, "metadata")
    kept = request.state.fiks["messages"]
    asked = next((each for each in kept if each["properties"]["meldingId"] == metadata.get("svarPaMelding")), None)
    if asked is None or metadata.get("mottakerKontoId") != SENDER:
        return JsonResponse({"message": "unknown account or message"}, status=400)
    with request.state.lock:
        if all(each["id"] != metadata["klientMeldingId"] for each in asked["answers"]):
            sealed = request.FILES.get("data")
            why = _opened_failure(request, sealed.read()) if sealed else ""
            asked["answers"].append({"id": metadata["klientMeldingId"], "type": metadata["meldingType"], "why": why})
            rejected = metadata["meldingType"] != ANSWERS[asked["properties"]["meldingType"]][0]
            now = _now()
            asked["states"] += [[state, now] for state in (_REJECTED if rejected else ("LEVERT",))]
            request.state.save()
    if request.state.fault("fiks", "lost_answer"):
        return HttpResponse(status=504)
    return JsonResponse(metadata | {"meldingId": str(uuid4())})


_REJECTED = ("AVVIST_FAGSYSTEM", "SENDT_PRINT", "LEVERT")


def public_key(request: Request, konto: str) -> HttpResponse:
    """The catalogue: GET an account's certificate; PUT is what an operator does in Fiks Konfigurasjon."""
    if request.method == "PUT":
        _publish(request, konto, request.body.decode())
        return HttpResponse(status=204)
    _authenticate(request)
    if konto == SENDER:
        return JsonResponse({"nokkel": certificate_pem(party(request.state.folder, "sender")[1])})
    pem = request.state.fiks["keys"].get(konto)
    return JsonResponse({"nokkel": pem}) if pem else JsonResponse({"message": "no key"}, status=404)


def document_store_key(request: Request) -> HttpResponse:
    _authenticate(request)
    certificate = party(request.state.folder, "document-store")[1]
    return HttpResponse(certificate.public_bytes(serialization.Encoding.DER), content_type="application/octet-stream")


def files(request: Request, org: str, case: str) -> HttpResponse:
    """Keep the files of a case: each comes as metadata and content, encrypted to the document store's key."""
    _authenticate(request)
    key, answer = party(request.state.folder, "document-store")[0], []
    followed = _followed(request, case)
    for about, file in zip(request.POST.getlist("metadata"), request.FILES.getlist("files"), strict=True):
        told = json.loads(about)
        content = cms.opened(file.read(), [key])
        id = str(uuid4())
        followed["files"].append({"id": id, "name": told["filnavn"], "size": len(content)})
        answer.append({"filnavn": told["filnavn"], "dokumentlagerDokumentId": id, "storrelse": told["storrelse"]})
    request.state.save()
    return JsonResponse(answer, safe=False)


def update(request: Request, org: str, case: str) -> HttpResponse:
    """Replace the whole history. Refused when it names a file that was not handed over, or lacks MOTTATT."""
    _authenticate(request)
    document = json.loads(request.body)["sak"]["soker"]
    followed = _followed(request, case)
    known = {each["id"] for each in followed["files"]}
    named = set(_ids_in(document))
    states = [each.get("status") for each in document["hendelser"]]
    if not named <= known or "MOTTATT" not in states:
        return JsonResponse({"message": "a file is unknown, or MOTTATT is missing"}, status=400)
    with request.state.lock:
        followed["history"], followed["updates"] = document, followed["updates"] + 1
        request.state.save()
    return HttpResponse(status=202)


def status(request: Request, org: str, id: str) -> HttpResponse:
    """The states that a report of concern has had."""
    _authenticate(request)
    for each in request.state.fiks["messages"]:
        if each["properties"]["headere"].get("bekymringsmelding-id") == id:
            return JsonResponse([{"tilstand": state, "tidspunkt": at} for state, at in each["states"]], safe=False)
    raise Http404


# --- what a person at the sandbox does ---


# What the national portal says of a report's way, in words.
STATES = {
    "AKSEPTERT": "Accepted by Fiks",
    "SENDT_FAGSYSTEM": "Sent to the municipality’s system",
    "AVVIST_FAGSYSTEM": "Refused by the municipality’s system",
    "SENDT_PRINT": "Sent on paper instead",
    "LEVERT": "Delivered",
}
# What nav.no would show an applicant, by an event and what it says.
SHOWN = {
    ("soknadsStatus", "MOTTATT"): "The application is received",
    ("soknadsStatus", "UNDER_BEHANDLING"): "The application is being handled",
    ("soknadsStatus", "FERDIGBEHANDLET"): "The application is finished",
    ("soknadsStatus", "BEHANDLES_IKKE"): "The application is not handled here",
    ("tildeltNavKontor", ""): "Given to an office",
    ("saksStatus", "UNDER_BEHANDLING"): "A matter is being handled",
    ("vedtakFattet", "INNVILGET"): "Decided: granted",
    ("vedtakFattet", "DELVIS_INNVILGET"): "Decided: partly granted",
    ("vedtakFattet", "AVSLATT"): "Decided: refused",
    ("vedtakFattet", ""): "Decided: see the letter",
    ("dokumentasjonEtterspurt", ""): "The office asks for documents",
    ("vilkar", "RELEVANT"): "Conditions: what is to be done",
    ("vilkar", "ANNULLERT"): "A condition no longer holds",
    ("utbetaling", "PLANLAGT_UTBETALING"): "A payment is planned",
    ("utbetaling", "UTBETALT"): "A payment is made",
    ("utbetaling", "STOPPET"): "A payment is stopped",
    ("utbetaling", "ANNULLERT"): "A payment is cancelled",
    ("forelopigSvar", ""): "The office has written that it takes longer",
}


def overview(request: Request) -> HttpResponse:
    """Send an example to a municipality, and see what it answered and what it tells the applicant."""
    held = request.state.fiks
    ready = {ACCOUNTS[konto][0] for konto in held["keys"]}
    return page(
        request,
        "fiks.html",
        examples=EXAMPLES,
        places=[(place, PLACES[place].name) for place in sorted(PLACES, key=lambda place: place not in ready)],
        workers=[_at_work(each) for each in world().staff if each.municipality in ready and each.unit in AREAS],
        applicants=[(PLACES[place].name, resident(PLACES[place])) for place in PLACES if place in ready],
        contracts=list(CONTRACTS),
        messages=[_told(each) for each in reversed(held["messages"])],
        followed=[(id, each, _shown(each["history"])) for id, each in reversed(held["cases"].items())],
        states=STATES,
        is_checked=schemas() is not None,
        problem=request.GET.get("problem", ""),
        sent=request.GET.get("sent", ""),
    )


def _at_work(staff: Staff) -> dict[str, str]:
    place = PLACES[staff.municipality].name
    return {"name": staff.person.name, "number": staff.person.number, "title": staff.title, "municipality": place}


def _told(message: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "municipality": PLACES[ACCOUNTS[message["account"]][0]].name,
        "kind": message["properties"]["meldingType"],
        "title": message["title"],
        "states": message["states"],
        "answers": message["answers"],
    }


def _shown(history: Mapping[str, Any] | None) -> list[dict[str, str]]:
    """The events of a history as the applicant would read them; one that nobody here has words for stays a code."""
    told = []
    for event in (history or {}).get("hendelser", ()):
        says = str(event.get("status") or event.get("utfall") or "")
        kind = event["type"]
        told.append(
            {"kind": kind, "says": says, "words": SHOWN.get((kind, says), ""), "at": event["hendelsestidspunkt"]}
        )
    return told


def send_example(request: Request) -> HttpResponse:
    """Send one of the examples, in the sender's own words where they wrote any."""
    place, name = request.POST.get("place", ""), request.POST.get("example", "")
    if place not in PLACES or name not in EXAMPLES:
        raise Http404
    said = request.POST.get("words", "").strip()[:MOST_WORDS]
    is_sent = deliver(request, place, EXAMPLES[name], said)
    return _back(request, sent=name) if is_sent else _back(request, problem="no-key")


def publish_key(request: Request) -> HttpResponse:
    """Publish a certificate for an account, by the form."""
    konto = account(request.POST.get("place", ""), request.POST.get("contract", ""))
    try:
        _publish(request, konto, request.POST.get("certificate", ""))
    except Refusal:
        return _back(request, problem="not-a-key")
    return _back(request)


def _back(request: Request, **told: str) -> HttpResponse:
    return HttpResponseRedirect("/fiks?" + urlencode({"lang": language_of(request), **told}))


def deliver(request: Request, place: str, example: Example, said: str = "") -> str:
    """Put an example in a municipality's queue, encrypted to its key. Gives the message's id; empty: it has no key.

    said: what the sender says in words of their own; empty: the example's.
    """
    state, konto = request.state, account(place, example.contract)
    pem = state.fiks["keys"].get(konto)
    if pem is None:
        return ""
    key, certificate = party(state.folder, "sender")
    id, followed = str(uuid4()), list(state.fiks["cases"])
    case = followed[-1] if example.follows and followed else str(uuid4())
    content = container.made(
        example.files(PLACES[place], case, said), certificate, key, x509.load_pem_x509_certificate(pem.encode())
    )
    now = _now()
    properties = {
        "meldingId": id,
        "klientMeldingId": str(uuid4()),
        "meldingType": example.kind,
        "avsenderKontoId": SENDER,
        "mottakerKontoId": konto,
        "svarPaMelding": None,
        "headere": {"bekymringsmelding-id": str(uuid4())} if "bekymringsmelding" in example.kind else {},
    }
    with state.lock:
        state.fiks["messages"].append(
            {
                "account": konto,
                "title": example.title,
                "waits": True,
                "properties": properties,
                "content": base64.b64encode(content).decode(),
                "answers": [],
                "states": [["AKSEPTERT", now], ["SENDT_FAGSYSTEM", now]],
            }
        )
        state.fiks["messages"] = state.fiks["messages"][-MOST_KEPT:]
        state.save()
    return id


def _publish(request: Request, konto: str, pem: str) -> None:
    try:
        x509.load_pem_x509_certificate(pem.encode())
    except ValueError:
        raise Refusal(JsonResponse({"message": "not a certificate (PEM)"}, status=400)) from None
    if konto not in ACCOUNTS:
        raise Refusal(JsonResponse({"message": "unknown account"}, status=404))
    with request.state.lock:
        request.state.fiks["keys"][konto] = pem
        request.state.save()


def _authenticate(request: Request) -> None:
    bearer(request, "ks:fiks")
    known = {integration_id(place) for place in PLACES}
    given = request.headers.get("IntegrasjonId", ""), request.headers.get("IntegrasjonPassord", "")
    if given[0] not in known or given[1] != PASSWORD:
        raise Refusal(JsonResponse({"status": 401, "error": "Unauthorized"}, status=401))


def _queue(request: Request, konto: str) -> list[dict[str, Any]]:
    place, _ = ACCOUNTS.get(konto, ("", ""))
    if request.headers.get("IntegrasjonId") != integration_id(place):
        raise Refusal(JsonResponse({"status": 403, "error": "Forbidden"}, status=403))
    return [each for each in request.state.fiks["messages"] if each["account"] == konto and each["waits"]]


def _followed(request: Request, case: str) -> dict[str, Any]:
    empty: dict[str, Any] = {"files": [], "history": None, "updates": 0}
    with request.state.lock:
        found: dict[str, Any] = request.state.fiks["cases"].setdefault(case, empty)
    return found


def _part(request: Request, name: str) -> dict[str, Any]:
    """A part of JSON, that clients send with or without a file name."""
    file = request.FILES.get(name)
    told: dict[str, Any] = json.loads(file.read() if file else request.POST[name])
    return told


def _opened_failure(request: Request, sealed: bytes) -> str:
    key, issuer = party(request.state.folder, "sender")[0], party(request.state.folder, "issuer")[1]
    opened = container.opened(sealed, [key], [issuer])
    return str(json.loads(opened.files["feilmelding.json"])["melding"])


def _ids_in(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["id"]] if value.get("type") == "dokumentlager" else []
        return own + [each for part in value.values() for each in _ids_in(part)]
    return [each for part in value for each in _ids_in(part)] if isinstance(value, list) else []


def _now() -> str:
    return datetime.now(UTC).isoformat()


_QUEUE = "fiks-io/api/v1/kontoer/<str:konto>/meldinger"
urlpatterns = [
    path(_QUEUE, waiting),
    path(f"{_QUEUE}/<str:id>", message),
    path("fiks-io/api/v1/send", send),
    path("fiks-io/katalog/api/v1/kontoer/<str:konto>/offentligNokkel", public_key),
    path("digisos/api/v1/dokumentlager-public-key", document_store_key),
    path("digisos/api/v1/<str:org>/<str:case>/filer", files),
    path("digisos/api/v1/<str:org>/<str:case>", update),
    path("bekymringsmelding/api/v2/mottak/fagsystem/<str:org>/bekymringsmelding/<str:id>/status", status),
]
