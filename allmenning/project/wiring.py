"""Which connection answers for which port, from one file of configuration (settings.CONNECTIONS_FILE, JSON, mode 0600).

Made at first use, so that commands that need nothing outside run without it.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from allmenning import VERSION
from allmenning.connections.altinn import Altinn
from allmenning.connections.barnevernsregister import Barnevernsregister
from allmenning.connections.clamav import Clamd
from allmenning.connections.email import Email
from allmenning.connections.enhetsregisteret import Enhetsregisteret
from allmenning.connections.fiks import FiksMessages, FiksStatus
from allmenning.connections.folkeregister import Folkeregister
from allmenning.connections.husbanken import Husbanken
from allmenning.connections.idporten import Client
from allmenning.connections.kontaktregister import Kontaktregister
from allmenning.connections.maskinporten import Maskinporten
from allmenning.connections.skatteetaten import Skatteetaten
from allmenning.connections.sms import Sms
from allmenning.journeys.outside import Outside

PORTAL, DESK = "idporten", "ansattporten"


@cache
def configuration() -> dict[str, Any]:
    """What each connection is told. Raises ImproperlyConfigured when the file is not there."""
    path = Path(settings.CONNECTIONS_FILE)
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ImproperlyConfigured(f"{path} tells how outside systems are reached; it is not there") from None


def outside_systems() -> Outside:
    """One of each outside system, as settings.OUTSIDE_SYSTEMS asks for."""
    told = configuration()
    tokens = Maskinporten(told["maskinporten"])
    return Outside(
        population=Folkeregister(told["folkeregister"], tokens),
        business=Enhetsregisteret(told["enhetsregisteret"]),
        representation=Altinn(told["altinn"], tokens),
        contact=Kontaktregister(told["kontaktregister"], tokens),
        income=Skatteetaten(told["skatteetaten"], tokens),
        email=Email(told["email"]),
        sms=Sms(told["sms"], tokens),
        housing_allowance=Husbanken(told["husbanken"], tokens),
        state_registers={"barnevernsregister": Barnevernsregister(VERSION)},
        scanner=Clamd(told["clamav"]["address"]) if "clamav" in told else None,
        systems=FiksMessages(told["fiks-io"], tokens) if "fiks-io" in told else None,
        status=FiksStatus(told["fiks-digisos"], tokens) if "fiks-digisos" in told else None,
    )


@cache
def login_client(portal: str) -> Client:
    """The client of ID-porten (residents) or Ansattporten (staff), as settings.LOGIN_CLIENT asks for."""
    told = configuration()[portal]
    if told["issuer"] not in settings.ALLOWED_ISSUERS:
        raise ImproperlyConfigured(f"{told['issuer']} is not among ALLOWED_ISSUERS")
    return Client({**told, "allow_synthetic": settings.ALLOW_SYNTHETIC_NUMBERS})
