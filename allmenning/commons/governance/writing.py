"""How rows are added: in one transaction, one writer at a time, each saying what it was made from."""

from __future__ import annotations

from typing import Any

from django.db import router, transaction

from allmenning.tenancy.turns import hold

from .errors import ChangedMeanwhile
from .models import Plan


def written() -> transaction.Atomic:
    """One transaction in the commons."""
    return transaction.atomic(using=router.db_for_write(Plan))


def one_at_a_time(scope: str) -> None:
    """One at a time writes to a cooperation's plan, until the transaction ends: rows are never changed, so there is none to lock."""
    hold(f"plan of {scope}")


def next_version(rows: Any, number: int | None, made_from: int) -> dict[str, int]:
    """The number and version of a row that is added: a new number, or one more version. Raises ChangedMeanwhile."""
    if number is None:
        last = rows.order_by("-number").values_list("number", flat=True).first() or 0
        return {"number": last + 1, "version": 1}
    newest = rows.filter(number=number).order_by("-version").values_list("version", flat=True).first()
    if newest != made_from:
        raise ChangedMeanwhile
    return {"number": number, "version": made_from + 1}
