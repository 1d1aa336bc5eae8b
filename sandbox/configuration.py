"""What each connection of the platform is told in order to reach the sandbox instead of the state.

`python -m sandbox` writes it to `connections.json` in its folder, since the platform may not import the sandbox.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from demo.people import PLACES, world

from . import fiks, standards
from .folkeregister import PASSWORD, integration_id
from .state import write_private

SERVICES = {"bekymringsmelding-v2": "child-welfare-concern", "sosialhjelp": "financial-assistance"}


def configuration(base_url: str, folder: Path, smtp_port: int = 0) -> dict[str, dict[str, Any]]:
    """Each connection's config against a sandbox: for tests and the demo. `folder` is the sandbox's data folder."""
    base = base_url.rstrip("/")

    def key(client: str) -> dict[str, Any]:
        return json.loads((folder / "clients" / f"{client}.json").read_text())

    return fiks_configuration(base, folder) | {
        "idporten": {
            "issuer": f"{base}/idporten",
            "client_id": "allmenning-portal",
            "private_key": key("allmenning-portal"),
            "allow_synthetic": True,
        },
        "ansattporten": {
            "issuer": f"{base}/ansattporten",
            "client_id": "allmenning-desk",
            "private_key": key("allmenning-desk"),
            "authorization_details": "ansattporten:orgno",
            "allow_synthetic": True,
        },
        "maskinporten": {
            "issuer": f"{base}/maskinporten/",
            "client_id": "allmenning-machine",
            "private_key": key("allmenning-machine"),
            "organisations": {place: world().employer(place).number for place in PLACES},
        },
        "folkeregister": {
            "base_url": f"{base}/folkeregister",
            "role": "kommune",
            "integrations": {place: {"id": integration_id(place), "password": PASSWORD} for place in PLACES},
        },
        "enhetsregisteret": {"base_url": f"{base}/enhetsregisteret"},
        "altinn": {"base_url": f"{base}/altinn"},
        "kontaktregister": {"base_url": f"{base}/kontaktregister"},
        "addresses": {"base_url": f"{base}/adresser"},
        "skatteetaten": {"base_url": f"{base}/skatteetaten"},
        "husbanken": {"base_url": f"{base}/husbanken"},
        "sms": {"base_url": f"{base}/sms"},
        "email": {
            "host": urlsplit(base).hostname,
            "port": smtp_port,
            "tls": "none",
            "sender": "ikke-svar@allmenning.example",
            "sender_name": "Allmenning",
        },
    }


def fiks_configuration(base: str, folder: Path) -> dict[str, dict[str, Any]]:
    """The connections to KS Fiks; none where the publishers' schemas are not here, since nothing is taken unchecked."""
    schemas = standards.schemas()
    if schemas is None:
        return {}
    key, certificate = fiks.party(folder, "municipality")
    common = {"base_url": f"{base}/fiks", "schemas": str(schemas)}
    secret = {place: {"id": integration_id(place), "password": PASSWORD} for place in PLACES}
    return {
        "fiks-io": {
            **common,
            "integrations": secret,
            "boxes": {
                place: [
                    {"account": fiks.account(place, contract), "contract": contract, "service": service}
                    for contract, service in SERVICES.items()
                ]
                for place in PLACES
            },
            "issuers": [fiks.certificate_pem(fiks.party(folder, "issuer")[1])],
            "signing": {"certificate": fiks.certificate_pem(certificate), "private_key": fiks.key_pem(key)},
        },
        "fiks-digisos": {
            **common,
            "integrations": {
                place: {**secret[place], "organisation": fiks.organisation(place), "office": PLACES[place].number}
                for place in PLACES
            },
        },
    }


def write_configuration(base_url: str, folder: Path, smtp_port: int) -> None:
    """Write `connections.json`, for its owner alone: the clients' private keys are in it."""
    write_private(folder / "connections.json", json.dumps(configuration(base_url, folder, smtp_port), indent=2))
