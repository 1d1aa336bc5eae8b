"""Finding people without being able to read them all."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Count, QuerySet

from allmenning import vault
from allmenning.basics.errors import AllmenningError
from allmenning.basics.identifiers import InvalidIdentifier, NationalIdentityNumber, OrganisationNumber
from allmenning.basics.memory import SETTINGS_SECONDS, remembered
from allmenning.tenancy import current

from .actions import name_part_indexes, person_id
from .models import NamePart, Protection
from .protection import Level, standing


def person_ids_by_number(area: str, text: str) -> list[UUID]:
    """The person or organisation with exactly this number, if `text` is one."""
    found = _number_in(text)
    return [person_id(vault.blind_index(current().municipality, area, *found))] if found else []


def owner_key_by_number(text: str) -> bytes:
    """The key of the person or organisation with exactly this number; empty when `text` is none."""
    found = _number_in(text)
    return vault.resident_key(current().municipality, *found) if found else b""


def _number_in(text: str) -> tuple[str, str] | None:
    """The kind and the number, if a text is one."""
    for kind, parse in (("person", NationalIdentityNumber.parse), ("organisation", OrganisationNumber.parse)):
        try:
            return kind, parse(text).value
        except (InvalidIdentifier, AllmenningError):
            continue
    return None


MOST_OF_A_NAME = 200


def person_ids_by_name(area: str, text: str) -> tuple[list[UUID], bool]:
    """People whose names hold all the words of `text`, each word whole: who were known here first, at most MOST_OF_A_NAME;
    and whether there are more.
    """
    parts = name_part_indexes(area, text)
    if not parts:
        return [], False
    found = NamePart.objects.filter(area=area, part_index__in=parts).values("person_id")
    ids = list(
        found.annotate(hits=Count("part_index", distinct=True))
        .filter(hits=len(parts))
        .order_by("person__created_at", "person_id")
        .values_list("person_id", flat=True)[: MOST_OF_A_NAME + 1]
    )
    return ids[:MOST_OF_A_NAME], len(ids) > MOST_OF_A_NAME


def strictly_protected() -> QuerySet[Protection]:
    """Rows of everybody in the municipality whose address is strictly confidential, for a condition in SQL.

    Every list asks. What is remembered are the rows' ids, which tell nobody whose they are; another process learns of a
    change some seconds late. One case asks exactly (`Case.is_strictly_protected`).
    """
    return Protection.objects.filter(id__in=_strict_rows(current().municipality))


@remembered(SETTINGS_SECONDS)
def _strict_rows(municipality: str) -> frozenset[UUID]:
    """A row of each who is strictly protected, by its id. Of rows that were seen before nothing is opened again."""
    said: dict[bytes, list[Protection]] = {}
    for row in Protection.objects.order_by("at", "id"):
        said.setdefault(bytes(row.owner_key), []).append(row)
    return frozenset(rows[-1].id for rows in said.values() if standing(rows) is Level.STRICT)


def forget_protected() -> None:
    """Ask again who is strictly protected: after a change."""
    _strict_rows.forget()
