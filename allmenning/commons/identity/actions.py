"""Marks of presence in the commons. All can be repeated without harm: the sweep does."""

from .models import Presence, StaffPresence


def mark_presence(person_key: bytes, municipality: str) -> None:
    """Note that this person has something in the municipality."""
    Presence.objects.bulk_create([Presence(person_key=person_key, municipality=municipality)], ignore_conflicts=True)


def forget_presence(person_key: bytes, municipality: str) -> None:
    """Nothing of this person is left in the municipality."""
    Presence.objects.filter(person_key=person_key, municipality=municipality).delete()


def mark_staff_presence(person_key: bytes, municipality: str) -> None:
    """Note that this person is staff in the municipality."""
    StaffPresence.objects.bulk_create(
        [StaffPresence(person_key=person_key, municipality=municipality)], ignore_conflicts=True
    )
