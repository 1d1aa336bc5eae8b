"""What an operator does so that others can send to a municipality: a receiving key for each area, published at KS Fiks.

In the demo KS Fiks is the sandbox. Done at each start: a sandbox that has forgotten is told again, and the keys stay.
"""

from __future__ import annotations

import httpx

from allmenning.journeys.offered import offered
from allmenning.journeys.receiving_keys import make_key, published
from allmenning.municipal.forms.errors import ServiceNotOffered
from allmenning.tenancy import use
from sandbox.configuration import SERVICES
from sandbox.fiks import account


def publish_keys(sandbox: httpx.Client, municipality: str) -> int:
    """Publish the key of each contract whose service the municipality offers. Returns how many."""
    done = 0
    for contract, service in SERVICES.items():
        certificate = _certificate(municipality, service)
        if certificate:
            path = f"/fiks/fiks-io/katalog/api/v1/kontoer/{account(municipality, contract)}/offentligNokkel"
            sandbox.put(path, content=certificate).raise_for_status()
            done += 1
    return done


def _certificate(municipality: str, service: str) -> str:
    """The certificate (PEM) of the area of a service, made now if it has none; empty where it is not offered."""
    try:
        with use(municipality, "ordinary"):
            area = offered(service).package.area
    except ServiceNotOffered:
        return ""
    with use(municipality, area):
        return published(area) or make_key(area)
