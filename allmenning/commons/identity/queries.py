"""Which municipalities to ask about a person."""

from .models import Presence, StaffPresence


def municipalities_of(person_key: bytes) -> list[str]:
    """Ids of the municipalities where this person (or organisation) has a draft or a case."""
    return list(
        Presence.objects.filter(person_key=person_key).order_by("municipality").values_list("municipality", flat=True)
    )


def staff_municipalities_of(person_key: bytes) -> list[str]:
    """Ids of the municipalities where this person is staff or has a mandate."""
    held = StaffPresence.objects.filter(person_key=person_key)
    return list(held.order_by("municipality").values_list("municipality", flat=True))
