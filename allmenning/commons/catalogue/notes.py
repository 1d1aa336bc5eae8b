"""The kinds of notes that a case's journal has: those that every service has, and a service's own (`notes:` in routine.yaml)."""

from __future__ import annotations

from collections.abc import Mapping

from .content import ServicePackage, Text

COMMON: Mapping[str, Text] = {
    "conversation": Text("Samtale", "Samtale", "Conversation"),
    "phone": Text("Telefon", "Telefon", "Telephone"),
    "visit": Text("Besøk", "Besøk", "Visit"),
    "meeting": Text("Møte", "Møte", "Meeting"),
    "assessment": Text("Vurdering", "Vurdering", "Assessment"),
    "other": Text("Annet", "Anna", "Other"),
}


def kinds_of(package: ServicePackage) -> Mapping[str, Text]:
    """Every kind of note in the service's cases, its own before those that all have; `other` last."""
    return {**{each.id: each.title for each in package.note_kinds}, **COMMON}
