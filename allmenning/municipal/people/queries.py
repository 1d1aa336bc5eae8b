"""Finding people without being able to read them all."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Count

from allmenning import vault
from allmenning.basics.errors import AllmenningError
from allmenning.basics.identifiers import InvalidIdentifier, NationalIdentityNumber, OrganisationNumber
from allmenning.tenancy import current

from .actions import name_part_indexes, person_id
from .models import NamePart


def person_ids_by_number(area: str, text: str) -> list[UUID]:
    """The person or organisation with exactly this number, if `text` is one."""
    municipality = current().municipality
    for kind, parse in (("person", NationalIdentityNumber.parse), ("organisation", OrganisationNumber.parse)):
        try:
            value = parse(text).value
        except (InvalidIdentifier, AllmenningError):
            continue
        return [person_id(vault.blind_index(municipality, area, kind, value))]
    return []


def person_ids_by_name(area: str, text: str, limit: int = 200) -> list[UUID]:
    """People whose names hold all the words of `text`, each word whole."""
    parts = name_part_indexes(area, text)
    if not parts:
        return []
    found = NamePart.objects.filter(area=area, part_index__in=parts).values("person_id")
    return list(
        found.annotate(hits=Count("part_index", distinct=True))
        .filter(hits=len(parts))
        .values_list("person_id", flat=True)[:limit]
    )
