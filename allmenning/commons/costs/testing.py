"""For tests and the demo: what bills need to know of every party, with synthetic organisation numbers and accounts."""

from __future__ import annotations

from collections.abc import Iterable

from stdnum.no import kontonr, orgnr

from . import billing
from .billing import Details
from .models import BillingDetails


def organisation(serial: int) -> str:
    """A synthetic organisation number: it begins with 3, as those of the test registers do."""
    tries = (f"3{serial:06}{rest:02}" for rest in range(100))
    return next(each for each in tries if orgnr.is_valid(each))


def account(serial: int) -> str:
    """A bank account that nobody has."""
    tries = (f"9999{serial:05}{rest:02}" for rest in range(100))
    return next(each for each in tries if kontonr.is_valid(each))


def known(scope: str, parties: Iterable[tuple[str, str]], *, by: str = "test") -> dict[str, BillingDetails]:
    """Write what a bill needs of each party: id and name. Every second one writes nynorsk."""
    return {
        id: billing.enter(
            scope,
            id,
            Details(
                organisation=organisation(serial),
                name=f"{name} kommune",
                street=f"Kommunevegen {serial}",
                postcode=f"{6500 + serial}",
                city=name,
                is_registered=True,
                account=account(serial),
                buyer_reference=f"IKT-{serial}",
                language="nn" if serial % 2 else "nb",
            ),
            by=by,
        )
        for serial, (id, name) in enumerate(parties, start=1)
    }


# Shared by the number of cases, with a price for each user; Aure joins within a year.
BY_USE = """
id: by-use
title: {nb: Felles saksbehandling, nn: Felles saksbehandling, en: Joint casework}
cooperation: ikt-orkide
host: kristiansund
form: host-municipality
period: year
source:
  text: {nb: Et eksempel for prøver., nn: Eit døme for prøver., en: An example for tests.}
  confirmed: false
parties:
  - {municipality: averoy, from: 2020-01-01}
  - {municipality: kristiansund, from: 2020-01-01}
  - {municipality: smola, from: 2020-01-01}
  - {municipality: aure, from: 2025-07-01}
rules:
  - from: 2020-01-01
    prices:
      - {per: use, every: period, measure: users, kroner: 100}
    parts:
      - {part: 60 %, by: use, measure: cases}
      - {part: rest, by: equal}
"""
