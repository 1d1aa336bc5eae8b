"""Thousands of people who do not exist, as many as are asked for: synthetic identity numbers, with the demo's names."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date, timedelta

from allmenning.basics.identifiers import InvalidIdentifier, NationalIdentityNumber
from demo.people import FIRST_NAMES, LAST_NAMES

FIRST_DAY, DAYS = date(1945, 1, 1), 21_000
SERIALS = range(0, 500)  # of those born in the twentieth century


def people() -> Iterator[tuple[str, str]]:
    """(identity number, name), millions of them, always the same ones in the same order."""
    names = itertools.cycle(f"{first} {last}" for last in LAST_NAMES for first in FIRST_NAMES)
    for serial in SERIALS:
        for day in range(DAYS):
            try:
                number = NationalIdentityNumber.synthetic(FIRST_DAY + timedelta(days=day), serial)
            except InvalidIdentifier:
                continue
            yield number.value, next(names)
